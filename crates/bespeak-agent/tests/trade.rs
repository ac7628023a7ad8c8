//! One customer and one vendor, hand to hand: from a wish to a receipt.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_agent::{
    Agent, Arrival, Input, Outputs,
    command::{
        Command, CustomerCommand, DraftLine, EitherCommand, OfferDraft, Placement, Reply, VendorCommand,
        Wish, WishLine,
    },
    document::Kept,
    view::OfferView,
};
use bespeak_identity::{RecordId, Seed};
use bespeak_model::{
    category::Slug,
    fulfilment::{FulfilmentKind, LineSteps},
    intention::Intention,
    money::Currency,
    network::Network,
    offer::{Offer, PaymentRule},
    terms::TermsId,
    text::Text,
    time::{Lifetime, Span, Time},
};
use bespeak_policy::mandate::Mandate;

const NOW: u64 = 1_790_000_000;

struct World {
    customer: Agent,
    vendor: Agent,
    now: Time,
}

fn placement(host: &str) -> Placement {
    Placement::at(vec![format!("/ip4/127.0.0.1/tcp/1/p2p/{host}")])
}

impl World {
    fn new() -> Self {
        let network = Network::main();
        let name = Text::new("Radhaus").unwrap();
        let mut world = Self {
            customer: Agent::customer(Seed::from_entropy([1; 32]), network.clone(), [3; 32]),
            vendor: Agent::vendor(Seed::from_entropy([2; 32]), network, name, [4; 32]),
            now: Time::from_unix(NOW).unwrap(),
        };
        let _ = world.customer.handle(Input::Wake, world.now);
        let _ = world.vendor.handle(Input::Wake, world.now);
        world
    }

    /// Carries everything there and back until nobody has anything more to say.
    fn settle(&mut self, from_customer: bool, out: Outputs) {
        let mut waiting = vec![(from_customer, out)];
        while let Some((from_customer, out)) = waiting.pop() {
            let other = if from_customer { &mut self.vendor } else { &mut self.customer };
            for message in out.publish {
                let heard =
                    other.handle(Input::Gossip { topic: message.topic, bytes: message.bytes }, self.now);
                waiting.push((!from_customer, heard));
            }
            for post in out.send {
                let other = if from_customer { &mut self.vendor } else { &mut self.customer };
                let queue = post.drops[0].queue;
                assert!(other.owns(&queue), "mail goes to a queue of the other side");
                let read = other.handle(Input::Mail { queue, envelope: post.envelope }, self.now);
                waiting.push((!from_customer, read));
                if let Some(held) = post.report {
                    let own = if from_customer { &mut self.customer } else { &mut self.vendor };
                    let told = Input::Posted { thread: post.thread, held, to: Arrival::Drop };
                    let told = own.handle(told, self.now);
                    waiting.push((from_customer, told));
                }
            }
        }
    }

    fn customer(&mut self, command: CustomerCommand) -> Reply {
        self.command(true, Command::Customer(command))
    }

    fn vendor(&mut self, command: VendorCommand) -> Reply {
        self.command(false, Command::Vendor(command))
    }

    fn command(&mut self, by_customer: bool, command: Command) -> Reply {
        let agent = if by_customer { &mut self.customer } else { &mut self.vendor };
        let mut out = agent.handle(Input::Command(command), self.now);
        let reply = out.reply.take().expect("a wish is answered").expect("the wish is granted");
        self.settle(by_customer, out);
        reply
    }
}

fn wish() -> Wish {
    Wish {
        title: Text::new("folding e-bike").unwrap(),
        text: None,
        category: Slug::new("vehicles").unwrap(),
        lines: vec![WishLine {
            name: Text::new("folding e-bike").unwrap(),
            quantity: "2".parse().unwrap(),
            gtin: None,
        }],
        conditions: Vec::new(),
        budget: None,
        condition: None,
        place: None,
        needed_by: None,
        lifetime: Lifetime::SevenDays,
        terms: Vec::new(),
        placement: placement("relay"),
    }
}

fn draft(intention: RecordId<Intention>) -> OfferDraft {
    OfferDraft {
        intention,
        lines: vec![DraftLine {
            line: 0,
            name: Text::new("Faltrad E1").unwrap(),
            sku: Some(Text::new("E1").unwrap()),
            quantity: None,
            unit_price: "1249 EUR".parse().unwrap(),
        }],
        alternatives: Vec::new(),
        delivery: None,
        valid: Span::THREE_DAYS,
        firm: true,
        payment: PaymentRule::Open,
        text: None,
        placement: placement("vendor"),
        terms: None,
        deliver_by: None,
        mandate: None,
    }
}

#[test]
fn from_a_wish_to_a_receipt() {
    let mut world = World::new();
    let Reply::Cast(intention) = world.customer(CustomerCommand::Want(Box::new(wish()))) else {
        panic!("an intention is cast");
    };
    let draft = draft(intention);
    let Reply::Offered(offer) = world.vendor(VendorCommand::Offer(Box::new(draft.clone()))) else {
        panic!("an offer is made");
    };
    let offers = world.customer.offers(Some(intention), world.now);
    assert_eq!(offers.len(), 1);
    assert_eq!(offers[0].offer, offer);
    assert_eq!(offers[0].can, ["accept", "counter", "decline"]);
    let total = "2300 EUR".parse().unwrap();
    world.customer(CustomerCommand::Counter { offer, total, text: None });
    assert_eq!(world.vendor.offers(None, world.now)[0].countered, Some(total));
    let cheaper = OfferDraft {
        lines: vec![DraftLine { unit_price: "1150 EUR".parse().unwrap(), ..draft.lines[0].clone() }],
        ..draft
    };
    let Reply::Offered(revised) = world.vendor(VendorCommand::Offer(Box::new(cheaper))) else {
        panic!("the offer is revised");
    };
    let choose = Vec::new();
    let Reply::Ordered { order, thread } = world.customer(CustomerCommand::Accept {
        offer: revised,
        choose,
        anyway: false,
        placement: placement("relay"),
    }) else {
        panic!("an order is placed");
    };
    world.command(
        true,
        Command::Either(EitherCommand::Say { thread, text: Text::new("Ring twice, please.").unwrap() }),
    );
    assert_eq!(world.vendor.messages(thread).unwrap()[0].text, "Ring twice, please.");
    world.vendor(VendorCommand::AcceptOrder { order });
    assert_eq!(world.customer.intention(intention, world.now).unwrap().state, "awarded");
    let instructions = vec!["payto://iban/DE75512108001245126199".parse().unwrap()];
    world.vendor(VendorCommand::RequestPayment { order, instructions });
    world.customer(CustomerCommand::Paid { order, proof: None });
    world.vendor(VendorCommand::PaymentReceived { order, amount: None });
    for _ in 0..2 {
        let lines = vec![LineSteps { line: 0, steps: 1 }];
        world.vendor(VendorCommand::Fulfil { order, lines, event: FulfilmentKind::Delivered, note: None });
    }
    world.command(true, Command::Either(EitherCommand::Complete { order }));
    let (hers, its) = (world.customer.receipts(), world.vendor.receipts());
    assert_eq!(hers.len(), 1, "{:#?}", world.customer.order(order));
    assert!(hers[0].verified && its[0].verified);
    assert_eq!(
        world.customer.record(&hers[0].receipt.to_string()),
        world.vendor.record(&its[0].receipt.to_string())
    );
    assert_eq!(world.customer.record(&order.to_string()), world.vendor.record(&order.to_string()));
    assert_eq!(world.customer.intention(intention, world.now).unwrap().state, "fulfilled");
}

/// An intention that names an agreement twice is rejected by every node, and whoever sent it is blamed.
#[test]
fn an_agreement_named_twice_is_offered_once() {
    let mut world = World::new();
    let terms = vec![TermsId::PdcIntent, TermsId::SdBase, TermsId::PdcIntent];
    let Reply::Cast(intention) = world.customer(CustomerCommand::Want(Box::new(Wish { terms, ..wish() })))
    else {
        panic!("an intention is cast");
    };
    let heard = world.vendor.wish(intention).expect("the vendor's node took it for valid");
    assert_eq!(heard.terms.to_vec(), [TermsId::PdcIntent, TermsId::SdBase]);
}

/// A vendor that heard one intention, and its draft by a rule that agrees to no less than 2,200 EUR, twice.
fn by_rule(world: &mut World, mandate: Mandate) -> (RecordId<Intention>, RecordId<Offer>) {
    let Reply::Cast(intention) = world.customer(CustomerCommand::Want(Box::new(wish()))) else {
        panic!("an intention is cast");
    };
    let draft = OfferDraft { mandate: Some(mandate), ..draft(intention) };
    let Reply::Offered(offer) = world.vendor(VendorCommand::Offer(Box::new(draft))) else {
        panic!("an offer is made");
    };
    (intention, offer)
}

fn haggling() -> Mandate {
    Mandate { least: Some("2200 EUR".parse().unwrap()), counters: 2, ..Mandate::default() }
}

fn counter(world: &mut World, total: &str) -> OfferView {
    let offer = world.customer.offers(None, world.now)[0].offer;
    world.customer(CustomerCommand::Counter { offer, total: total.parse().unwrap(), text: None });
    world.customer.offers(None, world.now).remove(0)
}

#[test]
fn a_counter_offer_within_the_limits_is_answered_at_once_and_others_wait() {
    let mut world = World::new();
    let (_, first) = by_rule(&mut world, haggling());
    let low = counter(&mut world, "2199.99 EUR");
    assert_eq!(
        (low.offer, low.countered),
        (first, Some("2199.99 EUR".parse().unwrap())),
        "it waits for a person"
    );
    let met = counter(&mut world, "2300.01 EUR");
    assert_eq!((met.total, met.countered), ("2300.01 EUR".parse().unwrap(), None));
    assert_eq!(met.lines[0].amount, 230_001);
    assert_eq!(counter(&mut world, "2200 EUR").total, "2200 EUR".parse().unwrap());
    let third = counter(&mut world, "2200 EUR");
    assert!(third.countered.is_some(), "two were answered");
}

#[test]
fn once_a_person_revised_an_offer_its_rule_is_silent() {
    let mut world = World::new();
    let (intention, _) = by_rule(&mut world, haggling());
    world.vendor(VendorCommand::Offer(Box::new(draft(intention))));
    assert!(counter(&mut world, "2300 EUR").countered.is_some());
}

#[test]
fn goods_of_a_firm_offer_are_held_until_their_time_is_over_or_an_order_has_them() {
    let mut world = World::new();
    let until = world.now.saturating_add(3600);
    let (_, offer) =
        by_rule(&mut world, Mandate { held_until: Some(until), accepts: true, ..Mandate::default() });
    let sku = Text::new("E1").unwrap();
    let reserved = |world: &World, but| world.vendor.taken(but, world.now).of(&sku, Time::EPOCH, world.now);
    assert_eq!(reserved(&world, None), 2);
    assert!(world.vendor.accepted_by_rule(world.now).is_empty());
    let accept =
        CustomerCommand::Accept { offer, choose: Vec::new(), anyway: false, placement: placement("relay") };
    let Reply::Ordered { order, .. } = world.customer(accept) else { panic!("an order is placed") };
    assert_eq!((reserved(&world, None), reserved(&world, Some(order))), (2, 0), "held for this very order");
    assert_eq!(world.vendor.accepted_by_rule(world.now), [order]);
    world.vendor(VendorCommand::AcceptOrder { order });
    assert_eq!(reserved(&world, None), 2, "the order has them, and nobody else twice");
    assert!(world.vendor.accepted_by_rule(world.now).is_empty());
    let mut late = World::new();
    by_rule(&mut late, Mandate { held_until: Some(until), ..Mandate::default() });
    late.now = until;
    assert_eq!(reserved(&late, None), 0, "the time is over");
}

#[test]
fn what_rules_may_do_is_known_again_after_a_restart() {
    let mut world = World::new();
    let mut kept = Vec::new();
    let Reply::Cast(intention) = world.customer(CustomerCommand::Want(Box::new(wish()))) else {
        panic!("an intention is cast");
    };
    let held_until = Some(world.now.saturating_add(3600));
    let by_rule = OfferDraft { mandate: Some(Mandate { held_until, ..haggling() }), ..draft(intention) };
    let offered = Command::Vendor(VendorCommand::Offer(Box::new(by_rule)));
    kept.extend(world.vendor.handle(Input::Command(offered), world.now).keep);
    let spent = world.vendor.spent(Currency::new("EUR").ok(), world.now);
    assert_eq!((spent.offers, spent.total), (1, 249_800));
    let mut again =
        Agent::vendor(Seed::from_entropy([2; 32]), Network::main(), Text::new("Radhaus").unwrap(), [5; 32]);
    for document in kept {
        let bytes = document.to_bytes().unwrap();
        let _ = again.handle(Input::Recall(Kept::from_bytes(&bytes).unwrap()), world.now);
    }
    let _ = again.handle(Input::Wake, world.now);
    assert_eq!(again.spent(Currency::new("EUR").ok(), world.now), spent);
    assert_eq!(again.taken(None, world.now).of(&Text::new("E1").unwrap(), Time::EPOCH, world.now), 2);
}
