//! Restoring a copy of a node's memory: 29. The other sides are asked before anything is signed, and no place in a
//! log is used twice.

use bespeak_agent::command::{CustomerCommand, EitherCommand, VendorCommand};
use bespeak_identity::{RecordId, Side};
use bespeak_model::{fulfilment::FulfilmentKind, order::Order, reason::RefusalCode};
use bespeak_protocol::thread::ThreadId;
use bespeak_sim::law::everything_arrives;

use crate::stage::{A_DAY, A_MINUTE, CUSTOMER, Stage, VENDOR};

/// Both sides hold the same log and no evidence of a fork, and say so.
fn agreed(stage: &mut Stage, thread: ThreadId, what: &str) {
    stage.wait(A_DAY);
    let [customer, vendor] = [CUSTOMER, VENDOR].map(|who| stage.agent(who).conversation(thread).unwrap());
    assert!(customer.whole && vendor.whole, "{what}: {} {}", customer.whole, vendor.whole);
    for side in [Side::Customer, Side::Vendor] {
        let said = |log: &bespeak_protocol::channel::log::Log| -> Vec<_> {
            log.after(side, 0).iter().map(|entry| entry.message.id()).collect()
        };
        assert_eq!(said(customer.log), said(vendor.log), "{what}: what the {side:?} said");
    }
    let mut tally = bespeak_sim::tally::Tally::default();
    everything_arrives(&stage.world, &mut tally).unwrap();
}

/// The rest of a trade, from an accepted order to the receipt.
fn to_the_receipt(stage: &mut Stage, order: RecordId<Order>) {
    let instructions = vec!["payto://iban/DE75512108001245126199".parse().unwrap()];
    stage.vendor(VENDOR, VendorCommand::RequestPayment { order, instructions }).unwrap();
    stage.wait(A_MINUTE);
    stage.customer(CustomerCommand::Paid { order, proof: None }).unwrap();
    stage.wait(A_MINUTE);
    stage.vendor(VENDOR, VendorCommand::PaymentReceived { order, amount: None }).unwrap();
    stage.wait(A_MINUTE);
    stage.fulfil(order, 2, FulfilmentKind::Delivered).unwrap();
    stage.either(CUSTOMER, EitherCommand::Complete { order }).unwrap();
    stage.wait(A_DAY);
    for who in [CUSTOMER, VENDOR] {
        assert_eq!(stage.agent(who).receipts().len(), 1, "a receipt at {who}");
    }
}

#[test]
fn case_29_whoever_is_restored_learns_what_was_said_since_and_the_order_goes_on() {
    for restored in [vec![CUSTOMER], vec![VENDOR], vec![CUSTOMER, VENDOR], vec![VENDOR, CUSTOMER]] {
        let mut stage = Stage::new(1);
        let (order, thread) = stage.placed();
        let copies: Vec<_> =
            restored.iter().map(|who| (*who, stage.world.people[*who].memory.clone())).collect();
        stage.say(CUSTOMER, thread, "after the copy");
        stage.wait(A_MINUTE);
        if restored.len() == 1 {
            stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
            stage.wait(A_MINUTE);
        }
        stage.say(VENDOR, thread, "heard");
        stage.wait(A_MINUTE);
        for (who, copy) in copies {
            stage.world.restore(who, copy).unwrap();
        }
        agreed(&mut stage, thread, &format!("restored {restored:?}"));
        if restored.len() == 2 {
            stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
            stage.wait(A_MINUTE);
        } else {
            let talk = stage.agent(restored[0]).messages(thread).unwrap();
            assert_eq!(talk.len(), 2, "what was said since the copy is there again");
        }
        to_the_receipt(&mut stage, order);
        agreed(&mut stage, thread, "at the end");
        let inside = stage.agent(VENDOR).conversation(thread).unwrap();
        assert_eq!(inside.log.evidence().count(), 0, "nobody signed a place twice");
    }
}

#[test]
fn case_29_nothing_is_signed_before_the_other_side_has_answered() {
    let mut stage = Stage::new(1);
    let (_, thread) = stage.placed();
    let copy = stage.world.people[CUSTOMER].memory.clone();
    stage.world.take_down(VENDOR).unwrap();
    stage.world.restore(CUSTOMER, copy).unwrap();
    stage.wait(A_DAY);
    let say = EitherCommand::Say { thread, text: bespeak_sim::goods::text("hello?") };
    let refusal = stage.either(CUSTOMER, say.clone()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::NotAllowedByState);
    assert!(refusal.detail.contains("restored"), "{}", refusal.detail);
    stage.world.rise(VENDOR).unwrap();
    stage.wait(A_DAY);
    stage.either(CUSTOMER, say).unwrap();
    agreed(&mut stage, thread, "once the vendor was back");
}

/// A wish whose copy knows of no order is ordered once all the same.
#[test]
fn case_29_an_order_that_the_copy_does_not_know_is_not_placed_again() {
    let mut stage = Stage::new(2);
    let intention = stage.want("2");
    let offer = stage.offer(VENDOR, intention, 5_000);
    let second = stage.offer(crate::stage::OTHER, intention, 6_000);
    let copy = stage.world.people[CUSTOMER].memory.clone();
    let (order, thread) = stage.accept_now(offer);
    stage.wait(A_MINUTE);
    stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
    stage.wait(A_MINUTE);
    stage.world.restore(CUSTOMER, copy).unwrap();
    assert!(stage.agent(CUSTOMER).orders().is_empty());
    let refusal = stage.try_accept(second).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::NotAllowedByState, "{}", refusal.detail);
    agreed(&mut stage, thread, "asked because she wanted to order");
    assert_eq!(stage.order(CUSTOMER, order).phase, "accepted");
    assert!(stage.try_accept(second).is_err(), "nothing is left to be ordered");
}

/// The first life goes on beside the restored one: both speak, in turn, and learn of each other.
#[test]
fn case_29_two_lives_of_one_party_end_in_agreement() {
    for who in [CUSTOMER, VENDOR] {
        let mut stage = Stage::new(1);
        let (_, thread) = stage.placed();
        let copy = stage.world.people[who].memory.clone();
        stage.say(who, thread, "the first life");
        stage.wait(A_MINUTE);
        let first = stage.world.people[who].memory.clone();
        stage.world.restore(who, copy).unwrap();
        stage.wait(A_DAY);
        stage.say(who, thread, "the second life");
        stage.wait(A_MINUTE);
        stage.world.go_on_as(who, first).unwrap();
        stage.say(who, thread, "the first life again");
        let other = CUSTOMER + VENDOR - who;
        stage.wait(A_MINUTE);
        stage.say(other, thread, "who is there?");
        agreed(&mut stage, thread, &format!("two lives of {who}"));
        let talk = stage.agent(other).messages(thread).unwrap();
        let said: Vec<_> = talk.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(said, ["the first life", "the second life", "who is there?"], "{who}");
    }
}
