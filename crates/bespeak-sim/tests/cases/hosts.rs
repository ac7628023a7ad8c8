//! Several hosts for each queue: one may be lost, and one may lie.

use bespeak_agent::{
    Arrival, Input, Outputs,
    command::{Command, CustomerCommand, EitherCommand, VendorCommand},
};
use bespeak_identity::{Purpose, RecordId, Seed};
use bespeak_model::{fulfilment::FulfilmentKind, intention::Intention, reason::RefusalCode};
use bespeak_protocol::{
    drop::{DropReply, DropRequest, Errand, Proof},
    thread::ThreadId,
};
use bespeak_sim::{goods::text, law::everything_arrives, tally::Tally, weather::Place, world::Manners};

use crate::{
    delivery::{ends_well, trade},
    stage::{A_DAY, A_MINUTE, CUSTOMER, OTHER, Stage, VENDOR, announced},
};

impl Stage {
    /// A relay that keeps what is alive tells whoever asks for it.
    fn catch_up(&mut self, intention: RecordId<Intention>) {
        let record = self.twin(CUSTOMER).0.record(&intention.to_string()).unwrap();
        self.world.feed(VENDOR, announced(record)).unwrap();
    }

    /// What was said last has left; then of the two nodes only this one is up, for an hour.
    fn then_only(&mut self, who: usize) {
        self.wait(A_MINUTE);
        self.only(who);
    }

    fn stage_of(&self, who: usize, thread: ThreadId, words: &str) -> Option<String> {
        let all = self.agent(who).messages(thread).unwrap();
        all.into_iter().find(|message| message.text == words).expect("it was said").delivery
    }

    fn texts(&self, who: usize, thread: ThreadId) -> Vec<String> {
        self.agent(who).messages(thread).unwrap().into_iter().map(|message| message.text).collect()
    }
}

/// From the cast to the receipt; a relay burns down while both sides' mail is in it.
#[test]
fn the_two_are_never_up_together_and_one_host_is_lost_half_way() {
    let mut stage = Stage::with_two_relays();
    stage.only(CUSTOMER);
    let intention = stage.want("2");
    stage.only(VENDOR);
    stage.catch_up(intention);
    let offer = stage.offer(VENDOR, intention, 5_000);
    stage.only(CUSTOMER);
    let (order, thread) = stage.accept_now(offer);
    stage.say(CUSTOMER, thread, "Ring twice.");
    stage.wait(A_MINUTE);
    assert_eq!(stage.stage_of(CUSTOMER, thread, "Ring twice.").as_deref(), Some("in_drop"));
    assert!(stage.world.lose_disk(0), "its mail is at the other relay too");
    assert!(stage.world.tally.of("envelope lost with a disk") > 0);
    stage.only(VENDOR);
    assert_eq!(stage.texts(VENDOR, thread), ["Ring twice."]);
    assert_eq!(stage.stage_of(VENDOR, thread, "Ring twice."), None, "only one's own words are on their way");
    stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
    let instructions = vec!["payto://iban/DE75512108001245126199".parse().unwrap()];
    stage.vendor(VENDOR, VendorCommand::RequestPayment { order, instructions }).unwrap();
    stage.then_only(CUSTOMER);
    assert_eq!(stage.stage_of(CUSTOMER, thread, "Ring twice.").as_deref(), Some("received"));
    stage.customer(CustomerCommand::Paid { order, proof: None }).unwrap();
    stage.then_only(VENDOR);
    stage.vendor(VENDOR, VendorCommand::PaymentReceived { order, amount: None }).unwrap();
    stage.fulfil(order, 2, FulfilmentKind::Delivered).unwrap();
    stage.only(CUSTOMER);
    stage.either(CUSTOMER, EitherCommand::Complete { order }).unwrap();
    for who in [VENDOR, CUSTOMER, VENDOR, CUSTOMER] {
        stage.then_only(who);
    }
    assert_eq!(stage.agent(CUSTOMER).receipts().len(), 1, "{}", stage.order(CUSTOMER, order).display);
    stage.only(VENDOR);
    assert_eq!(stage.agent(VENDOR).receipts().len(), 1);
    stage.world.rise(CUSTOMER).unwrap();
    stage.wait(A_DAY);
    ends_well(&mut stage, order, "never up together");
}

/// One of two relays behaves like this from the first moment, through a trade, and talk while one side is always away:
/// its trick was played, and nothing is lost.
fn beside_an_honest_one(manners: Manners, trick: &str) {
    let mut stage = Stage::with_two_relays();
    stage.world.behave(0, manners);
    let order = trade(&mut stage);
    let thread = stage.agent(CUSTOMER).conversations()[0].thread;
    let mut said = Vec::new();
    for round in 0..3 {
        for who in [CUSTOMER, VENDOR] {
            stage.only(who);
            for number in 0..3 {
                let words = format!("{round}.{who}.{number}");
                stage.say(who, thread, &words);
                stage.wait(A_MINUTE);
                said.push(words);
            }
        }
    }
    stage.world.rise(CUSTOMER).unwrap();
    stage.wait(A_DAY);
    ends_well(&mut stage, order, &format!("{manners:?}"));
    for who in [CUSTOMER, VENDOR] {
        assert_eq!(stage.texts(who, thread), said, "{manners:?}: everything once, in its order");
    }
    everything_arrives(&stage.world, &mut Tally::default()).unwrap();
    assert!(stage.world.tally.of(trick) > 5, "{manners:?}: {trick}");
}

#[test]
fn a_host_that_drops_three_of_ten_and_says_that_it_keeps_them() {
    beside_an_honest_one(Manners::Drops(300), "envelope dropped by its host");
}

#[test]
fn a_host_that_gives_everything_twice() {
    beside_an_honest_one(Manners::Doubles, "envelope given twice");
}

#[test]
fn a_host_that_gives_what_came_last_first() {
    beside_an_honest_one(Manners::Reorders, "envelope out of order");
}

#[test]
fn a_host_that_gives_the_mail_of_others_too() {
    beside_an_honest_one(Manners::Mixes, "envelope of another queue");
}

#[test]
fn a_host_that_says_empty_while_it_has_mail() {
    beside_an_honest_one(Manners::SaysEmpty, "envelope withheld");
}

#[test]
fn a_host_that_says_it_is_full() {
    beside_an_honest_one(Manners::Full, "envelope refused");
}

#[test]
fn a_host_that_disappears_in_the_middle_of_a_trade() {
    let mut stage = Stage::with_two_relays();
    let intention = stage.want("2");
    let offer = stage.offer(VENDOR, intention, 5_000);
    stage.world.weather.cut([Place::Relay(0)]);
    let (order, thread) = stage.accept_now(offer);
    stage.then_only(VENDOR);
    stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
    stage.say(VENDOR, thread, "In stock.");
    stage.then_only(CUSTOMER);
    assert_eq!(stage.order(CUSTOMER, order).phase, "accepted");
    assert_eq!(stage.texts(CUSTOMER, thread), ["In stock."]);
}

#[test]
fn a_stranger_cannot_acknowledge_mail_away() {
    let mut stage = Stage::with_two_relays();
    let intention = stage.want("2");
    stage.world.take_down(CUSTOMER).unwrap();
    stage.offer(VENDOR, intention, 5_000);
    let now = stage.world.now();
    let stranger = Seed::from_entropy([8; 32]).sign_key(Purpose::Party);
    for relay in 0..2 {
        let waiting: Vec<_> = stage.world.mailbox(relay).envelopes().map(|(queue, _)| queue).collect();
        assert_eq!(waiting.len(), 1, "the offer waits at each relay");
        // Ids begin with the host's start: every one that the host can have given is named.
        let first = now.unix() << 20;
        for start in [first, first - ((A_DAY / 1000) << 20)] {
            let ids: Vec<u64> = (start..start + 128).collect();
            let proof = Proof::new(&stranger, &format!("/relay/{relay}"), &Errand::Ack { ids: &ids });
            let forged = DropRequest::Ack { queue: waiting[0], ids, proof }.to_bytes().unwrap();
            let (reply, _) = stage.world.mailbox(relay).answer(&forged, now).unwrap();
            assert_eq!(reply, DropReply::Refused { code: RefusalCode::NotParty });
        }
        assert_eq!(stage.world.mailbox(relay).envelopes().count(), 1);
    }
    stage.only(CUSTOMER);
    assert_eq!(stage.offers(CUSTOMER).len(), 1);
}

/// A customer's words, with whatever becomes of them.
#[test]
fn a_message_is_shown_no_further_than_it_came() {
    let mut stage = Stage::with_two_relays();
    let (_, thread) = stage.accepted();
    stage.world.weather.cut([Place::Person(CUSTOMER)]);
    stage.say(CUSTOMER, thread, "Hello?");
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..300 {
        stage.wait(1_000);
        seen.extend(stage.stage_of(CUSTOMER, thread, "Hello?"));
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["kept", "sent"], "nobody has it");
    stage.world.take_down(VENDOR).unwrap();
    stage.join();
    assert_eq!(stage.stage_of(CUSTOMER, thread, "Hello?").as_deref(), Some("in_drop"));
    stage.restart(CUSTOMER);
    assert_eq!(stage.stage_of(CUSTOMER, thread, "Hello?").as_deref(), Some("in_drop"), "that was kept");
    stage.world.rise(VENDOR).unwrap();
    stage.wait(A_DAY);
    assert_eq!(stage.stage_of(CUSTOMER, thread, "Hello?").as_deref(), Some("received"));
    stage.either(VENDOR, EitherCommand::Read { thread }).unwrap();
    stage.wait(A_MINUTE);
    assert_eq!(stage.stage_of(CUSTOMER, thread, "Hello?").as_deref(), Some("read"));
}

#[test]
fn reports_come_in_any_order_and_none_stands_for_another() {
    let mut stage = Stage::with_two_relays();
    let (_, thread) = stage.accepted();
    let (mut customer, now) = stage.twin(CUSTOMER);
    let mut held = |words: &str| {
        let say = EitherCommand::Say { thread, text: text(words) };
        let Outputs { send, .. } = customer.handle(Input::Command(Command::Either(say)), now);
        assert_eq!(send[0].drops.len(), 3, "the vendor's node and both relays");
        send[0].report.expect("it holds words of hers")
    };
    let (first, second) = (held("first"), held("second"));
    let mut stages = |report, to| {
        let _ = customer.handle(Input::Posted { thread, held: report, to }, now);
        let all = customer.messages(thread).unwrap();
        all.into_iter().rev().take(2).rev().filter_map(|message| message.delivery).collect::<Vec<_>>()
    };
    assert_eq!(stages(second, Arrival::Nowhere), ["sent", "kept"]);
    assert_eq!(stages(first, Arrival::Nowhere), ["kept", "kept"]);
    assert_eq!(stages(second, Arrival::Node), ["sent", "sent"], "nobody has said that it is kept there");
    assert_eq!(stages(first, Arrival::Drop), ["in_drop", "sent"]);
    assert_eq!(stages(second, Arrival::Drop), ["in_drop", "in_drop"]);
    assert_eq!(stages(first, Arrival::Nowhere), ["in_drop", "in_drop"], "what a host has, it has");
}

#[test]
fn her_address_is_shown_to_the_vendor_she_names_and_to_no_other() {
    let mut stage = Stage::new(2);
    let intention = stage.want("2");
    for who in [VENDOR, OTHER] {
        stage.offer(who, intention, 5_000);
    }
    let offers = stage.offers(CUSTOMER);
    assert!(offers.iter().all(|offer| offer.revealed == Some(false)));
    assert!(stage.offers(VENDOR).iter().all(|offer| offer.revealed.is_none()), "a vendor cannot tell");
    let thread = offers[0].thread;
    let reveal = |on| CustomerCommand::Reveal { thread, on };
    let direct = |stage: &Stage, thread| {
        let (mut twin, now) = stage.twin(CUSTOMER);
        let say = EitherCommand::Say { thread, text: text("Hello.") };
        twin.handle(Input::Command(Command::Either(say)), now).send[0].direct
    };
    assert!(!direct(&stage, thread));
    stage.customer(reveal(true)).unwrap();
    stage.customer(reveal(true)).unwrap();
    stage.restart(CUSTOMER);
    let shown = |stage: &Stage| -> Vec<_> {
        stage.offers(CUSTOMER).into_iter().filter(|offer| offer.revealed == Some(true)).collect()
    };
    assert_eq!(shown(&stage).iter().map(|offer| offer.thread).collect::<Vec<_>>(), [thread]);
    assert!(direct(&stage, thread), "it is kept");
    assert!(!direct(&stage, offers[1].thread), "the other vendor sees nothing");
    stage.customer(reveal(false)).unwrap();
    assert!(!direct(&stage, thread));
    let nowhere =
        CustomerCommand::Reveal { thread: ThreadId::opened_by(RecordId::from_digest([3; 32])), on: true };
    assert_eq!(stage.customer(nowhere).unwrap_err().code, RefusalCode::NotFound);
    let refused = stage.try_ask(VENDOR, Command::Customer(reveal(true))).unwrap().unwrap_err();
    assert_eq!(refused.code, RefusalCode::NotParty);
}
