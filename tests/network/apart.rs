//! Two who are never up together trade from a wish to the receipt through two relays, of which one is lost for good
//! half-way.

use std::time::Duration;

use serde_json::Value;

use super::{
    cannot,
    nat::Nat,
    node::{PATIENCE, Party, two_relays, until, within},
    trade::{Deal, STEPS, Side, has_receipt},
    world::{Land, World},
};

/// After which step one of the relays is killed and its disk thrown away: the order is accepted and on its way.
const LOST_AFTER: usize = 3;
/// Turns that the receipt may take: issued by one, signed by the other, back, and as many again.
const TURNS: usize = 6;
/// How long one turn of it may take.
const TURN: Duration = Duration::from_secs(30);

/// Two of whom at most one runs.
struct Couple {
    customer: Party,
    vendor: Party,
    up: Option<Side>,
}

impl Couple {
    fn party(&mut self, side: Side) -> &mut Party {
        match side {
            Side::Customer => &mut self.customer,
            Side::Vendor => &mut self.vendor,
        }
    }

    /// Nobody runs.
    fn nobody(&mut self) {
        if let Some(side) = self.up.take() {
            self.party(side).down();
        }
    }

    /// Only this one runs.
    fn only(&mut self, side: Side) -> &mut Party {
        if self.up != Some(side) {
            self.nobody();
            self.party(side).up();
            self.up = Some(side);
        }
        self.party(side)
    }
}

/// Says one more thing, and waits until a relay holds it: then it holds all that was said before too.
fn leaves(deal: &Deal, speaker: &Party, words: &str) {
    speaker.ask(&["say", &deal.thread, words]);
    let gone = |item: &Value| {
        let far = item["delivery"].as_str().is_some_and(|far| ["in_drop", "received", "read"].contains(&far));
        item["text"] == words && far
    };
    let what = format!("what {} said to be in a drop", speaker.name);
    until(&what, PATIENCE, || speaker.list(&["messages", &deal.thread]).iter().any(gone).then_some(()));
}

#[test]
fn two_who_are_never_up_together_trade_while_a_relay_is_lost_half_way() {
    if cannot("a trade of two who are never up together") {
        return;
    }
    let world = World::new();
    let (mut relays, places) = two_relays(&world);
    let mut vendor =
        Party::vendor(&world, "vendor", world.site("vendor", Land::South, Nat::Restricted), &places);
    vendor.down();
    let mut witness = Party::vendor(&world, "witness", world.public("witness", Land::South), &places);
    let customer =
        Party::customer(&world, "customer", world.site("customer", Land::North, Nat::Symmetric), &places);
    customer.meet(2);
    let mut couple = Couple { customer, vendor, up: Some(Side::Customer) };
    let mut deal = Deal::new("a chair for one who sleeps");

    for (number, step) in STEPS.iter().enumerate() {
        println!("{}", step.what);
        let actor = couple.only(step.who);
        step.act(&mut deal, actor);
        if number == 0 {
            // There is nobody to talk to yet; somebody else tells that the market has the wish, and leaves.
            until("the market to hear the wish", PATIENCE, || step.arrived(&deal, &witness).then_some(()));
            witness.down();
        } else {
            deal.find_thread(actor);
            leaves(&deal, actor, &format!("That was {}.", step.what));
        }
        couple.nobody();
        if number == LOST_AFTER {
            relays[0].destroy();
        }
        let other = couple.only(step.who.other());
        until(step.what, PATIENCE, || step.arrived(&deal, other).then_some(()));
    }

    let mut holds = [false; 2];
    for turn in 0..TURNS {
        let side = if turn % 2 == 0 { Side::Vendor } else { Side::Customer };
        let party = couple.only(side);
        holds[turn % 2] = within(TURN, || has_receipt(&deal, party).then_some(())).is_some();
        if holds == [true; 2] {
            return;
        }
        leaves(&deal, party, &format!("Turn {turn}."));
    }
    panic!("after {TURNS} turns the vendor and the customer hold the receipt: {holds:?}");
}
