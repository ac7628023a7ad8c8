//! The laws can be broken: each is tried on a world, or on words, that break it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_agent::{
    Input, Outputs, Publication, Refusal,
    command::{Command, CustomerCommand, Placement, Reply, VendorCommand},
    document::Kept,
    inspect::Inside,
};
use bespeak_identity::{RecordId, Side};
use bespeak_model::{bounded::Bounded, queue::Drop, reason::RefusalCode, time::Time};
use bespeak_protocol::{conversation::Conversation, market::Verdict};

use super::*;
use crate::{
    dice::Dice,
    goods::{cents, plain_draft, plain_wish},
    person::looks,
    plan::Plan,
    weather::Place,
    world::World,
};

const A_MINUTE: u64 = 60_000;

/// A customer with a placed order, and her vendor.
fn placed() -> World {
    let mut world = World::new(Plan::quiet(1, 1), Dice::of(5)).unwrap();
    let placement = world.people[0].placement.clone();
    let want = CustomerCommand::Want(Box::new(plain_wish("2", &placement)));
    let Some(Ok(Reply::Cast(intention))) = world.ask(0, Command::Customer(want)).unwrap() else {
        panic!("an intention is cast");
    };
    world.run_for(A_MINUTE).unwrap();
    let draft = plain_draft(intention, 1, cents(500), &world.people[1].placement);
    let offer = VendorCommand::Offer(Box::new(draft));
    let Some(Ok(Reply::Offered(offer))) = world.ask(1, Command::Vendor(offer)).unwrap() else {
        panic!("an offer is made");
    };
    world.run_for(A_MINUTE).unwrap();
    let accept = CustomerCommand::Accept { offer, choose: Vec::new(), anyway: false, placement };
    world.ask(0, Command::Customer(accept)).unwrap().unwrap().unwrap();
    world.run_for(A_MINUTE).unwrap();
    world
}

fn inside(world: &World, who: usize) -> Inside<'_> {
    world.people[who].agent.as_ref().unwrap().conversations().pop().unwrap()
}

fn law_of<T: std::fmt::Debug>(result: Result<T, Broken>) -> Law {
    result.unwrap_err().law
}

#[test]
fn other_states_of_equal_logs_are_found() {
    let world = placed();
    let (hers, its) = (inside(&world, 0), inside(&world, 1));
    equal::both_ends_are_equal(&hers, &its).unwrap();
    let other = Conversation::default();
    let changed = Inside { state: &other, ..its };
    assert_eq!(law_of(equal::both_ends_are_equal(&hers, &changed)), Law::BothEndsAreEqual);
    let mut paid = its.state.clone();
    paid.deals[0].paid = Some(cents(1));
    let changed = Inside { state: &paid, ..its };
    assert_eq!(law_of(equal::both_ends_are_equal(&hers, &changed)), Law::BothEndsAreEqual);
}

#[test]
fn an_effect_that_comes_twice_is_found() {
    let world = placed();
    let hers = inside(&world, 0);
    once::nothing_takes_effect_twice(&hers).unwrap();
    let mut twice = hers.state.clone();
    let last = twice.history.last().unwrap().clone();
    twice.history.push(last);
    assert_eq!(
        law_of(once::nothing_takes_effect_twice(&Inside { state: &twice, ..hers })),
        Law::NothingTakesEffectTwice
    );
    let mut twice = hers.state.clone();
    twice.deals.push(twice.deals[0].clone());
    assert_eq!(
        law_of(once::nothing_takes_effect_twice(&Inside { state: &twice, ..hers })),
        Law::NothingTakesEffectTwice
    );
}

/// All that is wanted is bound on an intention, and again on what it was renewed as: each fits, and the wish does not.
#[test]
fn an_award_beyond_the_wish_is_found_over_its_renewals() {
    let world = placed();
    let order = inside(&world, 0).state.deals[0].order.clone();
    let old = inside(&world, 0).facts.intention.clone();
    let new = RecordId::from_digest([3; 32]);
    let mut law = awarded::Awarded::default();
    law.wanted.insert(old.id(), old.clone());
    law.wanted.insert(new, old.clone());
    law.bound.insert((1, RecordId::from_digest([1; 32])), order.clone());
    let mut renewed = order;
    renewed.intention = new;
    law.bound.insert((2, RecordId::from_digest([2; 32])), renewed);
    law.bound_fits(old.id()).unwrap();
    law.renews.insert(new, old.id());
    assert_eq!(law_of(law.bound_fits(old.id())), Law::NoMoreIsAwardedThanWanted);
}

#[test]
fn an_acknowledgement_of_what_is_not_there_is_found() {
    let world = placed();
    let (hers, its) = (inside(&world, 0), inside(&world, 1));
    kept::one_is_the_beginning_of_the_other(&hers, &its).unwrap();
    let boasts = Inside { confirmed: hers.log.head(Side::Customer) + 1, ..hers };
    let broken = kept::one_is_the_beginning_of_the_other(&boasts, &its);
    assert_eq!(law_of(broken), Law::NothingAcknowledgedIsLost);
    let mut acknowledged = kept::Acknowledged::default();
    acknowledged.note(&boasts).unwrap();
    assert_eq!(law_of(acknowledged.note(&its)), Law::NothingAcknowledgedIsLost);
}

#[test]
fn a_message_that_its_sender_does_not_remember_is_found() {
    let world = placed();
    let (hers, its) = (inside(&world, 0), inside(&world, 1));
    let empty = bespeak_protocol::channel::log::Log::new(hers.thread, hers.facts.intention.iss);
    let forgot = Inside { log: &empty, ..hers };
    assert_eq!(law_of(kept::one_is_the_beginning_of_the_other(&forgot, &its)), Law::WhatIsSentWasKept);
}

#[test]
fn a_lost_document_is_found() {
    let mut world = placed();
    let now = world.people[1].now(world.clock());
    let left = looks(world.people[1].agent.as_ref().unwrap(), now);
    recall_is_the_same(&world.people[1], &left, now, &mut Dice::of(1)).unwrap();
    world.people[1].memory.lose_last_event();
    let broken = recall_is_the_same(&world.people[1], &left, now, &mut Dice::of(1));
    assert_eq!(law_of(broken), Law::RecallIsTheSame);
}

#[test]
fn who_she_is_is_found_in_what_is_published() {
    let world = placed();
    let secret = world.people[0].secret();
    for part in [SECRET.as_bytes().to_vec(), secret.to_vec(), world.people[0].root().to_vec()] {
        let bytes = [b"before".as_slice(), &part, b"after"].concat();
        let publication =
            Publication { topic: String::new(), bytes, intention: RecordId::from_digest([0; 32]) };
        let broken = Watch::default().published(&world.people, &publication);
        assert_eq!(law_of(broken), Law::NothingPersonalLeaves);
    }
    let root = world.people[1].root().to_vec();
    let publication =
        Publication { topic: String::new(), bytes: root, intention: RecordId::from_digest([0; 32]) };
    Watch::default().published(&world.people, &publication).unwrap();
}

#[test]
fn an_unpadded_envelope_and_a_root_key_outside_are_found() {
    let world = placed();
    let hosts = vec!["/relay/0".to_owned().try_into().unwrap()];
    let place = Drop { queue: inside(&world, 0).queue, hosts: Bounded::new(hosts).unwrap() };
    let post = |length: usize, transport| bespeak_agent::Post {
        thread: inside(&world, 0).thread,
        transport,
        drops: vec![place.clone()],
        direct: false,
        node: None,
        envelope: vec![0; length],
        report: None,
    };
    let watch = Watch::default();
    watch.posted(&world.people, &post(4096, [1; 32])).unwrap();
    assert_eq!(law_of(watch.posted(&world.people, &post(4095, [1; 32]))), Law::NothingPersonalLeaves);
    let root = world.people[0].root();
    assert_eq!(law_of(watch.posted(&world.people, &post(4096, root))), Law::NothingPersonalLeaves);
}

#[test]
fn what_does_not_arrive_is_found() {
    let mut world = placed();
    everything_arrives(&world, &mut Tally::default()).unwrap();
    world.weather.cut([Place::Person(0)]);
    let order = world.people[1].agent.as_ref().unwrap().orders()[0].order;
    world.ask(1, Command::Vendor(VendorCommand::AcceptOrder { order })).unwrap();
    world.run_for(A_MINUTE).unwrap();
    assert_eq!(law_of(everything_arrives(&world, &mut Tally::default())), Law::EverythingArrives);
    world.weather.mend();
    world.take_down(0).unwrap();
    assert_eq!(law_of(everything_arrives(&world, &mut Tally::default())), Law::EverythingArrives);
}

#[test]
fn a_wake_at_once_is_found() {
    let now = Time::from_unix(1_000).unwrap();
    let out = Outputs { wake_at: Some(now), ..Outputs::default() };
    assert_eq!(law_of(wakes_later(Asked::Other, &out, now)), Law::WakesLater);
    wakes_later(Asked::of(&Input::Gossip { topic: String::new(), bytes: Vec::new() }), &out, now).unwrap();
    wakes_later(Asked::of(&Input::Wake), &Outputs::default(), now).unwrap();
}

#[test]
fn a_trace_of_a_refused_wish_is_found() {
    let world = placed();
    let now = world.people[0].now(world.clock());
    let agent = world.people[0].agent.as_ref();
    let before = agent.map(|agent| looks(agent, now));
    let refusal = Refusal::new(RefusalCode::NotFound, "no");
    let mut out = Outputs { reply: Some(Err(refusal)), ..Outputs::default() };
    refusal_leaves_no_trace(&out, before.as_ref(), agent, now).unwrap();
    out.keep.push(Kept::Told { intention: RecordId::from_digest([0; 32]), stage: 1 });
    let broken = refusal_leaves_no_trace(&out, before.as_ref(), agent, now);
    assert_eq!(law_of(broken), Law::RefusalLeavesNoTrace);
    out.keep.clear();
    let other = world.people[1].agent.as_ref();
    let broken = refusal_leaves_no_trace(&out, before.as_ref(), other, now);
    assert_eq!(law_of(broken), Law::RefusalLeavesNoTrace);
}

#[test]
fn a_rejected_honest_message_is_found() {
    assert_eq!(law_of(the_honest_are_not_rejected(Verdict::Reject, true)), Law::TheHonestAreNotRejected);
    the_honest_are_not_rejected(Verdict::Reject, false).unwrap();
    the_honest_are_not_rejected(Verdict::Ignore, true).unwrap();
}

#[test]
fn a_key_that_serves_two_intentions_is_found() {
    let mut world = World::new(Plan::quiet(1, 0), Dice::of(5)).unwrap();
    let placement = Placement::at(vec!["/relay/0".to_owned()]);
    let mut watch = Watch::default();
    let now = world.now();
    let agent = world.people[0].agent.as_mut().unwrap();
    let want = Command::Customer(CustomerCommand::Want(Box::new(plain_wish("2", &placement))));
    let out = agent.handle(Input::Command(want), now);
    watch.published(&[], &out.publish[0]).unwrap();
    watch.published(&[], &out.publish[0]).unwrap();
    // The same keys under another wish.
    let record = agent.record(&out.publish[0].intention.to_string()).unwrap();
    let read =
        bespeak_identity::Unverified::<bespeak_model::intention::Intention>::from_bytes(record).unwrap();
    let mut other = read.claim().clone();
    other.title = crate::goods::text("another wish");
    let key = bespeak_identity::Seed::from_entropy(world.people[0].secret())
        .sign_key(bespeak_identity::Purpose::IntentionSign(&other.nonce));
    let record = bespeak_identity::Signed::sign(other, &key).unwrap();
    let bytes = bespeak_protocol::market::Announcement::intention(&record).to_bytes().unwrap();
    let again = Publication { topic: String::new(), bytes, intention: record.id() };
    assert_eq!(law_of(watch.published(&[], &again)), Law::NothingPersonalLeaves);
}
