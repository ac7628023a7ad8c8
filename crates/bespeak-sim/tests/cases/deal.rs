//! Orders: 6, 7, 11 to 16.

use bespeak_agent::command::{CustomerCommand, EitherCommand, VendorCommand};
use bespeak_identity::{Purpose, Seed, Signed};
use bespeak_model::{
    bounded::Bounded,
    fulfilment::FulfilmentKind,
    reason::{Reason, RefusalCode},
    time::{Span, Time},
};
use bespeak_protocol::{
    channel::{log::Entry, message::Body},
    conversation::Conversation,
    deal::{DealMessage, PaymentMessage},
};
use bespeak_sim::goods::{cents, text};

use crate::stage::{A_MINUTE, CUSTOMER, OTHER, Stage, VENDOR};

#[test]
fn case_06_a_cancel_that_crosses_the_accept_becomes_a_request() {
    let mut stage = Stage::new(1);
    let (order, _) = stage.placed();
    stage.part();
    stage.cancel_now(CUSTOMER, order).unwrap();
    assert_eq!(stage.order(CUSTOMER, order).phase, "cancelled", "as far as she knows");
    stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
    stage.join();
    for who in [CUSTOMER, VENDOR] {
        assert_eq!(stage.order(who, order).phase, "accepted");
    }
    assert!(stage.order(VENDOR, order).can.contains(&"refuse-cancel".to_owned()));
    stage.cancel_now(VENDOR, order).unwrap();
    stage.wait(A_MINUTE);
    for who in [CUSTOMER, VENDOR] {
        assert_eq!(stage.order(who, order).phase, "cancelled", "both wanted it");
    }
}

#[test]
fn case_07_of_two_offers_for_the_same_goods_the_second_is_refused_locally() {
    let mut stage = Stage::new(2);
    let intention = stage.want("2");
    let (first, second) = (stage.offer(VENDOR, intention, 5_000), stage.offer(OTHER, intention, 4_000));
    stage.accept_now(first);
    assert_eq!(stage.try_accept(second).unwrap_err().code, RefusalCode::QuantityUnavailable);
    assert_eq!(stage.try_accept(first).unwrap_err().code, RefusalCode::Conflict);
    stage.wait(A_MINUTE);
    assert_eq!(stage.agent(VENDOR).orders().len(), 1);
    assert_eq!(stage.agent(OTHER).orders().len(), 0);
}

#[test]
fn case_07_what_a_cancelled_order_took_is_free_only_once_its_vendor_has_heard() {
    let mut stage = Stage::new(2);
    let intention = stage.want("2");
    let (first, second) = (stage.offer(VENDOR, intention, 5_000), stage.offer(OTHER, intention, 4_000));
    let (order, _) = stage.accept_now(first);
    stage.wait(A_MINUTE);
    stage.part();
    stage.cancel_now(CUSTOMER, order).unwrap();
    stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
    let refusal = stage.try_accept(second).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::QuantityUnavailable, "the acceptance may be under way");
    stage.join();
    assert!(stage.try_accept(second).is_err(), "it was");
    assert_eq!(stage.agent(OTHER).orders().len(), 0);
}

#[test]
fn case_07_a_heard_cancel_frees_what_the_order_took() {
    let mut stage = Stage::new(2);
    let intention = stage.want("2");
    let (first, second) = (stage.offer(VENDOR, intention, 5_000), stage.offer(OTHER, intention, 4_000));
    let (order, _) = stage.accept_now(first);
    stage.wait(A_MINUTE);
    stage.cancel_now(CUSTOMER, order).unwrap();
    assert!(stage.try_accept(second).is_err());
    stage.wait(A_MINUTE);
    let (order, _) = stage.accept_now(second);
    stage.wait(A_MINUTE);
    stage.vendor(OTHER, VendorCommand::AcceptOrder { order }).unwrap();
}

#[test]
fn case_07_an_offer_to_what_was_renewed_is_no_longer_taken() {
    let mut stage = Stage::new(2);
    let old = stage.want("1");
    let first = stage.offer(VENDOR, old, 5_000);
    let new = stage.renew(old).unwrap();
    stage.wait(A_MINUTE);
    assert_eq!(stage.offer_view(first).can, ["counter", "decline"]);
    assert_eq!(stage.try_accept(first).unwrap_err().code, RefusalCode::NotAllowedByState);
    let second = stage.offer(OTHER, new, 4_000);
    stage.accept_now(second);
    assert_eq!(stage.try_accept(first).unwrap_err().code, RefusalCode::NotAllowedByState);
}

#[test]
fn case_07_a_renewal_waits_for_the_vendor_and_asks_for_what_is_left() {
    let mut stage = Stage::new(1);
    let old = stage.want("5");
    let mut draft = stage.draft(VENDOR, old, 1_000);
    draft.lines[0].quantity = Some(bespeak_sim::goods::quantity("2"));
    let offer = stage.offer_now(VENDOR, draft);
    stage.wait(A_MINUTE);
    let (order, _) = stage.accept_now(offer);
    stage.wait(A_MINUTE);
    assert_eq!(stage.renew(old).unwrap_err().code, RefusalCode::Conflict, "the vendor may accept");
    stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
    stage.wait(A_MINUTE);
    let new = stage.renew(old).unwrap();
    stage.wait(A_MINUTE);
    assert_eq!(stage.agent(VENDOR).wish(new).unwrap().lines[0].quantity.to_string(), "3x");
    let offer = stage.offer(VENDOR, new, 1_000);
    let (order, _) = stage.accept_now(offer);
    stage.wait(A_MINUTE);
    stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
    stage.wait(A_MINUTE);
    assert_eq!(stage.renew(new).unwrap_err().code, RefusalCode::NotAllowedByState, "nothing is left");
}

#[test]
fn case_11_a_quote_that_lapses_in_flight_may_still_be_accepted() {
    let mut stage = Stage::new(1);
    let order = lapsed_in_flight(&mut stage);
    stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
    stage.wait(A_MINUTE);
    assert_eq!(stage.order(CUSTOMER, order).phase, "accepted");
}

#[test]
fn case_11_a_quote_that_lapses_in_flight_is_refused_as_expired() {
    let mut stage = Stage::new(1);
    let order = lapsed_in_flight(&mut stage);
    stage.vendor(VENDOR, VendorCommand::RejectOrder { order, reason: Reason::Other }).unwrap();
    stage.wait(A_MINUTE);
    let deal = stage.agent(CUSTOMER).conversations()[0].state.deal(order).unwrap().phase;
    assert!(
        matches!(deal, bespeak_protocol::deal::Phase::Rejected { code: RefusalCode::QuoteExpired, .. }),
        "{deal:?}"
    );
    let fresh = stage.offers(CUSTOMER).remove(0);
    assert!(
        fresh.replaces.is_some() && fresh.can.contains(&"accept".to_owned()),
        "a fresh quote came with it"
    );
    let (order, _) = stage.accept_now(fresh.offer);
    stage.wait(A_MINUTE);
    stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
}

fn lapsed_in_flight(stage: &mut Stage) -> bespeak_identity::RecordId<bespeak_model::order::Order> {
    let intention = stage.want("2");
    let mut draft = stage.draft(VENDOR, intention, 5_000);
    draft.valid = Span::from_seconds(3600).unwrap();
    let offer = stage.offer_now(VENDOR, draft);
    stage.wait(A_MINUTE);
    stage.part();
    let (order, _) = stage.accept_now(offer);
    stage.wait(2 * 3_600_000);
    stage.join();
    order
}

#[test]
fn case_12_a_payment_request_that_differs_from_the_quote_is_refused() {
    let mut stage = Stage::new(1);
    let (order, thread) = stage.accepted();
    let agent = stage.agent(CUSTOMER);
    let inside = agent.conversation(thread).unwrap();
    let key = Seed::from_entropy(stage.world.people[VENDOR].secret()).sign_key(Purpose::Party);
    let last = &inside.log.last(bespeak_identity::Side::Vendor).unwrap().message;
    let mut forged = bespeak_protocol::channel::message::Message::clone(last);
    forged.prev = Some(last.id());
    forged.seq += 1;
    for (amount, refused) in [(10_000, None), (10_001, Some(RefusalCode::QuoteMismatch))] {
        let instructions = Bounded::new(vec!["bitcoin:bc1q".parse().unwrap()]).unwrap();
        let request = PaymentMessage::Request { order, amount: cents(amount), instructions };
        forged.body = Body::Deal(DealMessage::Payment(request));
        let mut log = inside.log.clone();
        let message = Signed::sign(forged.clone(), &key).unwrap();
        let id = message.id();
        log.add(bespeak_identity::Side::Vendor, Entry::new(message)).unwrap();
        let state = Conversation::fold(inside.facts, &log);
        let happened = state.history.iter().find(|happened| happened.message.id() == id).unwrap();
        assert_eq!(happened.refused, refused, "asked for {amount}, where 10000 are due");
    }
}

#[test]
fn case_13_what_was_paid_too_little_or_too_much_is_said_exactly() {
    let mut stage = Stage::new(1);
    let (order, _) = stage.accepted();
    for (came, phase, words) in
        [(9_000, "received", "10.00 EUR missing"), (10_250, "received", "2.50 EUR too much")]
    {
        stage.vendor(VENDOR, VendorCommand::PaymentReceived { order, amount: Some(cents(came)) }).unwrap();
        stage.wait(A_MINUTE);
        for who in [CUSTOMER, VENDOR] {
            let view = stage.order(who, order);
            assert_eq!((view.payment.as_str(), view.paid), (phase, Some(cents(came))));
            assert!(view.display.contains(words), "{}", view.display);
        }
    }
    let again = stage.vendor(VENDOR, VendorCommand::PaymentReceived { order, amount: None });
    assert_eq!(again.unwrap_err().code, RefusalCode::NotAllowedByState, "it is settled");
}

#[test]
fn case_14_of_five_ordered_three_are_shipped_and_counted_by_line() {
    let mut stage = Stage::new(1);
    let intention = stage.want("5");
    let offer = stage.offer(VENDOR, intention, 1_000);
    let (order, _) = stage.accept_now(offer);
    stage.wait(A_MINUTE);
    stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
    stage.wait(A_MINUTE);
    stage.fulfil(order, 3, FulfilmentKind::Shipped).unwrap();
    for who in [CUSTOMER, VENDOR] {
        assert_eq!(stage.state(who, order).2, [(5, 3)]);
    }
    assert_eq!(
        stage.fulfil(order, 3, FulfilmentKind::Shipped).unwrap_err().code,
        RefusalCode::QuantityUnavailable
    );
    let complete = EitherCommand::Complete { order };
    assert!(stage.either(CUSTOMER, complete.clone()).is_err(), "two are still owed");
    stage.fulfil(order, 2, FulfilmentKind::Shipped).unwrap();
    stage.either(CUSTOMER, complete).unwrap();
    stage.wait(A_MINUTE);
    assert_eq!(stage.order(VENDOR, order).phase, "completed");
}

#[test]
fn case_15_stock_is_checked_at_accept_and_the_refusal_says_so() {
    let mut stage = Stage::new(1);
    let (order, _) = stage.placed();
    assert_eq!(reserved(&stage, Time::EPOCH), 0, "what is only placed is promised to nobody");
    stage.vendor(VENDOR, VendorCommand::RejectOrder { order, reason: Reason::OutOfStock }).unwrap();
    stage.wait(A_MINUTE);
    let phase = stage.agent(CUSTOMER).conversations()[0].state.deal(order).unwrap().phase;
    let code = RefusalCode::QuantityUnavailable;
    assert_eq!(phase, bespeak_protocol::deal::Phase::Rejected { code, reason: Some(Reason::OutOfStock) });
}

/// What the vendor has promised of its only article, if the rest was counted then.
fn reserved(stage: &Stage, counted: Time) -> u64 {
    stage.agent(VENDOR).taken(None, stage.world.now()).of(&text("A0"), counted, stage.world.now())
}

#[test]
fn case_15_what_was_accepted_is_reserved_until_it_is_handed_over_or_counted_anew() {
    let mut stage = Stage::new(1);
    let (order, _) = stage.accepted();
    assert_eq!((reserved(&stage, Time::EPOCH), reserved(&stage, Time::MAX)), (2, 2));
    assert_eq!(
        stage.agent(VENDOR).taken(Some(order), stage.world.now()).of(
            &text("A0"),
            Time::EPOCH,
            stage.world.now()
        ),
        0,
        "but for this one"
    );
    stage.fulfil(order, 1, FulfilmentKind::Delivered).unwrap();
    stage.restart(VENDOR);
    assert_eq!(reserved(&stage, Time::EPOCH), 2, "both left the stock that was counted before");
    assert_eq!(reserved(&stage, Time::MAX), 1, "one had left when it was counted");
}

#[test]
fn case_16_a_failed_delivery_and_a_return_are_events_and_change_no_state() {
    let mut stage = Stage::new(1);
    let (order, _) = stage.accepted();
    stage.fulfil(order, 1, FulfilmentKind::Shipped).unwrap();
    let before = stage.state(CUSTOMER, order);
    for event in [FulfilmentKind::DeliveryFailed, FulfilmentKind::ReturnedToSender] {
        stage.fulfil(order, 1, event).unwrap();
    }
    assert_eq!(stage.state(CUSTOMER, order), before);
    let events = &stage.agent(CUSTOMER).conversations()[0].state.deal(order).unwrap().events;
    let kinds: Vec<_> = events.iter().map(|event| event.event.as_str()).collect();
    assert_eq!(kinds, ["shipped", "delivery_failed", "returned_to_sender"]);
}

#[test]
fn case_16_what_was_shipped_in_full_can_still_fail_return_and_arrive() {
    let mut stage = Stage::new(1);
    let (order, _) = stage.accepted();
    let unnamed = |stage: &mut Stage, event| {
        let reply =
            stage.vendor(VENDOR, VendorCommand::Fulfil { order, lines: Vec::new(), event, note: None });
        stage.wait(A_MINUTE);
        reply
    };
    unnamed(&mut stage, FulfilmentKind::Shipped).unwrap();
    for event in [FulfilmentKind::DeliveryFailed, FulfilmentKind::ReturnedToSender, FulfilmentKind::Delivered]
    {
        unnamed(&mut stage, event).unwrap();
    }
    let deal = stage.agent(CUSTOMER).conversations()[0].state.deal(order).unwrap();
    let about: Vec<_> =
        deal.events.iter().map(|event| (event.event.as_str(), event.lines[0].steps)).collect();
    assert_eq!(about, [("shipped", 2), ("delivery_failed", 2), ("returned_to_sender", 2), ("delivered", 2)]);
    let refusal = unnamed(&mut stage, FulfilmentKind::Delivered).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::QuantityUnavailable, "{}", refusal.detail);
    stage.fulfil(order, 1, FulfilmentKind::ReturnedToSender).unwrap();
}

#[test]
fn what_is_delivered_is_what_was_under_way() {
    let mut stage = Stage::new(1);
    let intention = stage.want("5");
    let offer = stage.offer(VENDOR, intention, 1_000);
    let (order, _) = stage.accept_now(offer);
    stage.wait(A_MINUTE);
    stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
    stage.fulfil(order, 3, FulfilmentKind::Shipped).unwrap();
    for (event, delivered) in [(FulfilmentKind::Delivered, 3), (FulfilmentKind::Delivered, 5)] {
        stage.vendor(VENDOR, VendorCommand::Fulfil { order, lines: Vec::new(), event, note: None }).unwrap();
        stage.wait(A_MINUTE);
        let deal = stage.agent(CUSTOMER).conversations()[0].state.deal(order).unwrap();
        assert_eq!(deal.lines[0].delivered, delivered);
    }
}

#[test]
fn case_33_reasons_are_of_the_one_list_on_both_sides() {
    let mut stage = Stage::new(1);
    let intention = stage.want("2");
    let offer = stage.offer(VENDOR, intention, 5_000);
    stage.customer(CustomerCommand::Decline { offer, reason: Reason::ShippingSpeed }).unwrap();
    stage.wait(A_MINUTE);
    let stand = stage.agent(VENDOR).conversations()[0].state.offering.stand;
    assert_eq!(stand, bespeak_protocol::offer::Stand::Declined(Reason::ShippingSpeed));
    for reason in Reason::ALL {
        assert_eq!(reason.as_str().parse(), Ok(*reason));
    }
}

/// The vendor alone says that all of it was paid and shipped: its receipt waits for her word, and says so.
#[test]
fn a_receipt_of_what_only_the_vendor_says_waits_for_the_customer() {
    let mut stage = Stage::new(1);
    let (order, _) = stage.accepted();
    stage.vendor(VENDOR, VendorCommand::PaymentReceived { order, amount: None }).unwrap();
    stage.fulfil(order, 2, FulfilmentKind::Delivered).unwrap();
    stage.either(VENDOR, EitherCommand::Complete { order }).unwrap();
    stage.wait(A_MINUTE);
    let view = stage.order(CUSTOMER, order);
    assert_eq!((view.receipt, view.can.as_slice()), (None, ["complete".to_owned()].as_slice()));
    assert!(view.display.contains("waits for your signature"), "{}", view.display);
    stage.restart(CUSTOMER);
    assert_eq!(stage.order(CUSTOMER, order).receipt, None);
    stage.either(CUSTOMER, EitherCommand::Complete { order }).unwrap();
    stage.wait(A_MINUTE);
    for who in [CUSTOMER, VENDOR] {
        assert!(stage.order(who, order).receipt.is_some(), "signed by both");
        assert_eq!(stage.order(who, order).can, Vec::<String>::new());
    }
}

/// She said that she paid, and the vendor reports the sum and the goods: signed without another word, where all agrees.
#[test]
fn a_receipt_is_signed_by_itself_where_her_words_carry_it() {
    for (came, event, signed) in [
        (10_000, FulfilmentKind::Delivered, true),
        (10_250, FulfilmentKind::Delivered, false),
        (10_000, FulfilmentKind::Shipped, false),
    ] {
        let mut stage = Stage::new(1);
        let (order, _) = stage.accepted();
        let instructions = vec!["bitcoin:bc1q".parse().unwrap()];
        stage.vendor(VENDOR, VendorCommand::RequestPayment { order, instructions }).unwrap();
        stage.wait(A_MINUTE);
        stage.customer(CustomerCommand::Paid { order, proof: None }).unwrap();
        stage.wait(A_MINUTE);
        stage.vendor(VENDOR, VendorCommand::PaymentReceived { order, amount: Some(cents(came)) }).unwrap();
        stage.fulfil(order, 2, event).unwrap();
        stage.either(VENDOR, EitherCommand::Complete { order }).unwrap();
        stage.wait(A_MINUTE);
        assert_eq!(stage.order(CUSTOMER, order).receipt.is_some(), signed, "{came} came, {}", event.as_str());
    }
}

/// Cases 8, 9 and 24: a vendor that is gone after an order was placed holds the goods no longer than its offer's time,
/// and then only the customer's explicit word orders them elsewhere.
#[test]
fn case_08_an_order_that_its_vendor_lets_lapse_gives_way_to_an_explicit_word() {
    let mut stage = Stage::new(2);
    let intention = stage.want("2");
    let mut draft = stage.draft(VENDOR, intention, 5_000);
    draft.valid = Span::from_seconds(3600).unwrap();
    let first = stage.offer_now(VENDOR, draft);
    let second = stage.offer(OTHER, intention, 4_000);
    stage.world.take_down(VENDOR).unwrap();
    let (order, _) = stage.accept_now(first);
    stage.wait(A_MINUTE);
    let refusal = stage.try_accept_with(second, true).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::QuantityUnavailable, "its time has not run out");
    stage.wait(3_600_000);
    assert_eq!(stage.world.tally.of("told: order changed"), 1, "she is told that it lapsed");
    assert!(stage.order(CUSTOMER, order).display.contains("time has run out"));
    stage.restart(CUSTOMER);
    assert!(stage.order(CUSTOMER, order).display.contains("time has run out"), "also in her next life");
    let refusal = stage.try_accept(second).unwrap_err();
    assert!(refusal.detail.contains("both bind"), "{}", refusal.detail);
    stage.try_accept_with(second, true).unwrap();
    stage.world.rise(VENDOR).unwrap();
    stage.wait(A_MINUTE);
    for who in [CUSTOMER, VENDOR] {
        assert_eq!(stage.order(who, order).phase, "cancelled", "the vendor that came back reads of it");
    }
    let order = stage.agent(OTHER).orders()[0].order;
    stage.vendor(OTHER, VendorCommand::AcceptOrder { order }).unwrap();
    stage.wait(A_MINUTE);
    assert_eq!(stage.order(CUSTOMER, order).phase, "accepted");
}
