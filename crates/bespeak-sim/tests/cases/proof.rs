//! What can be shown to others, and what cannot be seen by them: 19, 20, 23, 24, 30, 31, 32.

use bespeak_agent::command::{CustomerCommand, EitherCommand, VendorCommand};
use bespeak_identity::{RecordId, Side, UnverifiedAgreement};
use bespeak_model::{
    order::Order,
    reason::{RefusalCode, WithdrawalReason},
};
use bespeak_protocol::conversation::Conversation;
use bespeak_sim::{goods::text, law::SECRET, weather::Place};

use crate::stage::{A_DAY, A_MINUTE, CUSTOMER, OTHER, Stage, VENDOR, announced};

#[test]
fn case_19_one_sides_copy_proves_the_case() {
    let mut stage = Stage::new(1);
    let (order, thread) = stage.accepted();
    stage.world.take_down(VENDOR).unwrap();
    stage.restart(CUSTOMER);
    let bytes = stage.agent(CUSTOMER).record(&order.to_string()).unwrap();
    let agreement = UnverifiedAgreement::<Order>::from_bytes(bytes).unwrap().verify().unwrap();
    assert_eq!(agreement.id(), order);
    let inside = stage.agent(CUSTOMER).conversation(thread).unwrap();
    for side in [Side::Customer, Side::Vendor] {
        let links = inside.log.after(side, 0).windows(2);
        assert!(links.into_iter().all(|two| two[1].message.prev == Some(two[0].message.id())), "hash-linked");
    }
}

#[test]
fn case_20_the_customers_key_of_a_relation_is_announced_in_it_and_stays() {
    let mut stage = Stage::new(1);
    let (order, thread) = stage.placed();
    let announced = stage.agent(VENDOR).conversation(thread).unwrap().customer.unwrap();
    let placed = stage.agent(VENDOR).conversation(thread).unwrap().state.deal(order).unwrap().order.clone();
    assert_eq!(announced, placed.customer);
    assert_ne!(announced, stage.agent(CUSTOMER).party(), "and is not her root key");
    stage.restart(CUSTOMER);
    stage.say(CUSTOMER, thread, "Still me.");
    stage.wait(A_MINUTE);
    assert_eq!(stage.agent(VENDOR).conversation(thread).unwrap().customer, Some(announced));
}

#[test]
fn case_23_what_was_withdrawn_never_returns_to_a_late_joiner() {
    let mut stage = Stage::new(1);
    stage.world.weather.cut([Place::Person(VENDOR)]);
    let intention = stage.want("2");
    let cast = stage.agent(CUSTOMER).record(&intention.to_string()).unwrap();
    stage.customer(CustomerCommand::Withdraw { intention, reason: WithdrawalReason::ChangedMind }).unwrap();
    stage.join();
    // She comes back and tells of the tombstone; only then does somebody's old copy of the intention arrive.
    stage.restart(CUSTOMER);
    stage.wait(A_MINUTE);
    let said = announced(cast);
    for _ in 0..2 {
        let _ = stage.world.feed(VENDOR, said.clone()).unwrap();
        let now = stage.world.people[VENDOR].now(stage.world.clock());
        assert!(stage.agent(VENDOR).intention(intention, now).is_none_or(|view| view.can.is_empty()));
        assert!(stage.agent(VENDOR).wish(intention).is_none());
        stage.restart(VENDOR);
    }
}

#[test]
fn case_23_a_strangers_tombstone_buries_nothing_also_after_a_restart() {
    let mut stage = Stage::new(1);
    stage.world.plan.forged = 1000;
    stage.world.weather.cut([Place::Person(CUSTOMER)]);
    let intention = stage.want("2");
    stage.world.weather.mend();
    // The forged tombstone is there; now the intention comes, told again.
    stage.world.plan.forged = 0;
    stage.restart(CUSTOMER);
    stage.wait(A_MINUTE);
    assert_eq!(stage.world.tally.of("forged tombstone"), 1);
    assert!(stage.agent(VENDOR).wish(intention).is_some());
    stage.restart(VENDOR);
    assert!(stage.agent(VENDOR).wish(intention).is_some());
}

#[test]
fn case_24_an_order_that_cannot_stand_is_refused_in_words() {
    let mut stage = Stage::new(1);
    let intention = stage.want("2");
    let offer = stage.offer(VENDOR, intention, 5_000);
    stage.part();
    let (order, thread) = stage.accept_now(offer);
    stage.vendor(VENDOR, VendorCommand::WithdrawOffer { offer }).unwrap();
    stage.join();
    for who in [CUSTOMER, VENDOR] {
        assert_eq!(stage.order(who, order).phase, "rejected");
    }
    let inside = stage.agent(CUSTOMER).conversation(thread).unwrap();
    let deal = inside.state.deal(order).unwrap();
    assert!(!deal.unheard, "the vendor has said that it saw the order and refuses it");
    assert!(inside.state.history.iter().any(|happened| happened.message.body.name() == "order.reject"));
}

#[test]
fn case_24_an_intention_does_not_end_in_silence() {
    let mut stage = Stage::new(1);
    stage.want("2");
    stage.wait(8 * A_DAY);
    assert_eq!(stage.world.tally.of("told: intention expires soon"), 1);
    assert_eq!(stage.world.tally.of("told: intention expired"), 1);
}

#[test]
fn case_30_ids_follow_from_signed_content_and_are_equal_on_both_sides() {
    let mut stage = Stage::new(1);
    let (order, thread) = stage.accepted();
    let (hers, its) = (stage.agent(CUSTOMER), stage.agent(VENDOR));
    assert_eq!(hers.record(&order.to_string()), its.record(&order.to_string()));
    let bytes = hers.record(&order.to_string()).unwrap();
    let agreement = UnverifiedAgreement::<Order>::from_bytes(bytes).unwrap().verify().unwrap();
    assert_eq!(agreement.id(), order);
    let payload = stage.agent(VENDOR).conversation(thread).unwrap().state.deal(order).unwrap().half();
    assert_eq!(RecordId::<Order>::of_payload(payload.payload()), order);
    let ids = |agent: &bespeak_agent::Agent| -> std::collections::BTreeSet<_> {
        agent.ids().into_iter().filter(|(kind, _)| *kind != "intention").collect()
    };
    assert_eq!(ids(hers), ids(its));
    assert!(hers.conversation(thread).is_some() && its.conversation(thread).is_some());
}

#[test]
fn case_31_a_wish_that_is_refused_tells_nobody_who_she_is() {
    let mut stage = Stage::new(1);
    let (order, thread) = stage.placed();
    let proof = Some(text(SECRET));
    let refusal = stage.customer(CustomerCommand::Paid { order, proof: proof.clone() }).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::NotAllowedByState);
    stage.wait(A_DAY);
    let holds = |stage: &Stage| {
        let log = stage.agent(VENDOR).conversation(thread).unwrap().log;
        let all = log.after(Side::Customer, 0).iter();
        let secret = SECRET.as_bytes();
        all.clone().any(|entry| entry.message.bytes().windows(secret.len()).any(|part| part == secret))
    };
    assert!(!holds(&stage));
    stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
    let instructions = vec!["bitcoin:bc1q".parse().unwrap()];
    stage.vendor(VENDOR, VendorCommand::RequestPayment { order, instructions }).unwrap();
    stage.wait(A_MINUTE);
    stage.customer(CustomerCommand::Paid { order, proof }).unwrap();
    stage.wait(A_MINUTE);
    assert!(holds(&stage), "once there is an order she may say it");
}

#[test]
fn case_32_the_state_follows_from_the_facts_alone() {
    let mut stage = Stage::new(1);
    let (order, thread) = stage.accepted();
    for who in [CUSTOMER, VENDOR] {
        let inside = stage.agent(who).conversation(thread).unwrap();
        let again = Conversation::fold(inside.facts, inside.log);
        let deal = again.deal(order).unwrap();
        let held = inside.state.deal(order).unwrap();
        assert_eq!(
            (deal.phase, deal.payment, deal.cancel, &deal.lines),
            (held.phase, held.payment, held.cancel, &held.lines)
        );
        assert_eq!(again.history.len(), inside.state.history.len());
    }
}

#[test]
fn reading_and_awarding_elsewhere_tell_a_vendor_nothing_of_who_she_is() {
    let mut stage = Stage::new(2);
    let intention = stage.want("2");
    let (taken, lost) = (stage.offer(VENDOR, intention, 5_000), stage.offer(OTHER, intention, 4_000));
    let thread = stage.offer_view(lost).thread;
    stage.say(OTHER, thread, "In stock today.");
    stage.wait(A_MINUTE);
    assert_eq!(stage.agent(CUSTOMER).messages(thread).unwrap().len(), 1);
    stage.either(CUSTOMER, EitherCommand::Read { thread }).unwrap();
    let (order, _) = stage.accept_now(taken);
    stage.wait(A_MINUTE);
    stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
    stage.wait(A_DAY);
    assert_eq!(stage.offer_view(lost).state, "lost");
    for who in [CUSTOMER, OTHER] {
        let inside = stage.agent(who).conversation(thread).unwrap();
        assert_eq!(
            (inside.customer, inside.log.head(Side::Customer)),
            (None, 0),
            "she has said nothing there"
        );
    }
    let unknown = bespeak_protocol::thread::ThreadId::opened_by(RecordId::from_digest([5; 32]));
    let refusal = stage.either(CUSTOMER, EitherCommand::Read { thread: unknown }).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::NotFound);
}
