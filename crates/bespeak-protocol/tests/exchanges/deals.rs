//! An offer and an order through what others paid to learn.

use bespeak_identity::{Side, UnverifiedAgreement};
use bespeak_model::{
    fulfilment::FulfilmentKind,
    offer::{Offer, PaymentRule},
    order::Order,
    reason::{Reason, RefusalCode},
    receipt::Receipt,
};
use bespeak_protocol::{
    channel::message::{Body, Message},
    deal::{Cancel, OrderMessage, Payment, PaymentMessage, Phase, ReceiptState},
    enclosed::Enclosed,
    offer::{OfferMessage, Stand},
};

use crate::{common::*, talk::*};

const REFUSED: Option<RefusalCode> = Some(RefusalCode::NotAllowedByState);

#[test]
fn a_trade_from_offer_to_receipt_is_the_same_at_both_ends() {
    let mut talk = Talk::accepted();
    talk.does(Side::Vendor, request_payment(&talk.deal()));
    talk.does(Side::Customer, payment(PaymentMessage::Sent { order: talk.deal().id, proof: None }));
    talk.does(Side::Vendor, money_came(&talk.deal(), 79_000));
    talk.does(Side::Vendor, happened(&talk.deal(), FulfilmentKind::Shipped, &[(0, 3)]));
    talk.does(Side::Vendor, happened(&talk.deal(), FulfilmentKind::Delivered, &[(0, 5), (1, 2)]));
    talk.does(Side::Customer, complete(&talk.deal()));
    let paper = receipt_of(&talk.deal()).unwrap();
    talk.does(Side::Vendor, issue(&talk.deal(), paper.clone()));
    talk.does(Side::Customer, countersign(&talk.deal(), paper));
    let [hers, theirs] = BOTH.map(|side| talk.view(side).deals.pop().unwrap());
    let (ReceiptState::Signed(one), ReceiptState::Signed(other)) = (&hers.receipt, &theirs.receipt) else {
        panic!("no receipt")
    };
    assert_eq!(one.bytes(), other.bytes());
    let (one, other) = (hers.agreement.unwrap(), theirs.agreement.unwrap());
    assert_eq!(one.bytes(), other.bytes());
}

#[test]
fn case_19_one_party_s_copy_proves_the_case() {
    let talk = Talk::accepted();
    let kept = talk.view(Side::Customer).deals.pop().unwrap().agreement.unwrap().bytes().to_vec();
    let proof = UnverifiedAgreement::<Order>::from_bytes(kept).unwrap().verify().unwrap();
    assert_eq!((proof.customer, proof.vendor), (party(CUSTOMER), party(VENDOR)));
    assert_eq!(proof.id(), talk.deal().id);
}

#[test]
fn case_30_an_order_s_id_is_the_same_on_both_sides_before_the_second_signature() {
    let mut talk = Talk::new();
    let document = order_of(&talk, false);
    let id = bespeak_identity::RecordId::of_payload(&bespeak_identity::drisl::to_vec(&document).unwrap());
    talk.does(Side::Customer, confirm_of(document));
    assert_eq!(BOTH.map(|side| talk.view(side).deals[0].id), [id, id]);
    talk.does(Side::Vendor, accept(&talk.deal()));
    assert_eq!(talk.deal().agreement.unwrap().id(), id);
}

#[test]
fn case_06_a_cancellation_that_crosses_the_acceptance_becomes_a_request() {
    let mut talk = Talk::new();
    talk.does(Side::Customer, confirm(&talk, false));
    let placed = talk.deal();
    talk.say(Side::Customer, cancel(&placed, Side::Customer));
    assert!(
        matches!(talk.view(Side::Customer).deals[0].phase, Phase::Cancelled { .. }),
        "as far as she knows"
    );
    talk.say(Side::Vendor, accept(&placed));
    assert_eq!(talk.view(Side::Vendor).deals[0].phase, Phase::Accepted);
    talk.meet();
    for side in BOTH {
        let deal = talk.view(side).deals.pop().unwrap();
        assert_eq!(deal.phase, Phase::Accepted, "the vendor's word commits");
        assert_eq!(
            deal.cancel,
            Cancel::Asked { by: Side::Customer, attempt: 1, reason: Reason::ChangedMind }
        );
    }
    talk.does(Side::Vendor, answer_cancel(&talk.deal(), Side::Vendor, true));
    assert!(matches!(talk.deal().phase, Phase::Cancelled { by: Side::Customer, .. }));
}

#[test]
fn case_06_before_acceptance_she_cancels_alone_and_after_it_nobody_does() {
    let mut talk = Talk::new();
    talk.does(Side::Customer, confirm(&talk, false));
    assert_eq!(talk.tell(Side::Vendor, cancel(&talk.deal(), Side::Vendor)), REFUSED);
    talk.does(Side::Customer, cancel(&talk.deal(), Side::Customer));
    assert!(matches!(talk.deal().phase, Phase::Cancelled { .. }));
    assert_eq!(talk.tell(Side::Vendor, accept(&talk.deal())), REFUSED);

    let mut talk = Talk::accepted();
    talk.does(Side::Customer, cancel(&talk.deal(), Side::Customer));
    assert_eq!(talk.deal().phase, Phase::Accepted);
    assert_eq!(
        talk.tell(Side::Customer, cancel(&talk.deal(), Side::Customer)),
        REFUSED,
        "one request at a time"
    );
    talk.does(Side::Vendor, answer_cancel(&talk.deal(), Side::Vendor, false));
    assert_eq!(talk.deal().cancel, Cancel::Refused { by: Side::Customer });
    talk.does(Side::Customer, cancel(&talk.deal(), Side::Customer));
    talk.does(Side::Vendor, cancel(&talk.deal(), Side::Vendor));
    assert!(matches!(talk.deal().phase, Phase::Cancelled { .. }), "both want it");
}

#[test]
fn case_07_of_two_orders_one_stands() {
    let mut talk = Talk::new();
    let (one, other) = (order_of(&talk, false), order_of(&talk, true));
    talk.say(Side::Customer, confirm_of(one));
    talk.say(Side::Customer, confirm_of(Order { nonce: nonce(77), ..other }));
    talk.meet();
    for side in BOTH {
        let deals = talk.view(side).deals;
        assert_eq!(deals[0].phase, Phase::Placed);
        assert_eq!(deals[1].phase, Phase::Rejected { code: RefusalCode::Conflict, reason: None });
    }
    let again = confirm_of(talk.deal().order);
    assert_eq!(talk.tell(Side::Customer, again), Some(RefusalCode::Duplicate));
}

#[test]
fn an_order_takes_the_quote_as_it_was_written_or_is_rejected_by_itself() {
    type Change = fn(&mut Order);
    let changes: [Change; 9] = [
        |order| order.quote = bespeak_identity::RecordId::from_digest([1; 32]),
        |order| order.intention = bespeak_identity::RecordId::from_digest([1; 32]),
        |order| order.net = "other".parse().unwrap(),
        |order| order.terms = bespeak_model::terms::TermsId::PdcIntent,
        |order| order.payment = PaymentRule::BeforeFulfilment,
        |order| order.delivery = None,
        |order| order.total = euros(1),
        |order| order.lines = many(vec![offer_line(0, "Oak chair", "5x", 1)]),
        |order| order.vendor = party(STRANGER),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut talk = Talk::new();
        let mut document = order_of(&talk, false);
        change(&mut document);
        assert_eq!(
            talk.tell(Side::Customer, confirm_of(document)),
            Some(RefusalCode::QuoteMismatch),
            "{number}"
        );
        assert!(matches!(talk.deal().phase, Phase::Rejected { reason: None, .. }));
    }
    let mut talk = Talk::new();
    let twice = vec![offer_line(0, "Oak chair", "5x", 45_000), offer_line(0, "Pine chair", "5x", 20_000)];
    let document = Order { lines: many(twice), total: euros(69_000), ..order_of(&talk, false) };
    assert_eq!(
        talk.tell(Side::Customer, confirm_of(document)),
        Some(RefusalCode::QuoteMismatch),
        "one wish filled twice"
    );
}

#[test]
fn a_part_of_a_quote_or_an_alternative_in_it_can_be_ordered() {
    let mut talk = Talk::new();
    talk.does(Side::Customer, confirm(&talk, true));
    assert_eq!(talk.deal().order.total, euros(54_000));
    let mut talk = Talk::new();
    let part = vec![offer_line(1, "Oak table", "2x", 30_000)];
    let document = Order { lines: many(part), total: euros(34_000), ..order_of(&talk, false) };
    talk.does(Side::Customer, confirm_of(document));
}

#[test]
fn an_order_by_another_than_the_customer_is_none() {
    let mut talk = Talk::new();
    let document = order_of(&talk, false);
    let half = bespeak_identity::agreement::sign_half(
        Order { customer: party(STRANGER), ..document.clone() },
        &key(STRANGER),
    )
    .unwrap();
    let (payload, signature) = (half.payload().to_vec(), half.signature().to_vec());
    let of_stranger = order(OrderMessage::Confirm { order: payload.into(), signature: signature.into() });
    assert_eq!(talk.tell(Side::Customer, of_stranger), Some(RefusalCode::NotParty));
    assert_eq!(talk.tell(Side::Vendor, confirm_of(document)), Some(RefusalCode::NotParty));
    let unsigned =
        order(OrderMessage::Confirm { order: half.payload().to_vec().into(), signature: vec![0; 64].into() });
    assert_eq!(talk.tell(Side::Customer, unsigned), Some(RefusalCode::InvalidSignature));
    assert!(talk.view(Side::Vendor).deals.is_empty());
}

#[test]
fn only_the_vendor_s_own_signature_accepts() {
    let mut talk = Talk::new();
    talk.does(Side::Customer, confirm(&talk, false));
    let deal = talk.deal();
    assert_eq!(talk.tell(Side::Customer, accept(&deal)), Some(RefusalCode::NotParty));
    for signature in [vec![0; 64], vec![1; 63], deal.half().signature().to_vec()] {
        let wrong = order(OrderMessage::Accept { order: deal.id, signature: signature.into() });
        assert_eq!(talk.tell(Side::Vendor, wrong), Some(RefusalCode::InvalidSignature));
    }
    assert_eq!(talk.deal().phase, Phase::Placed);
    talk.does(Side::Vendor, accept(&deal));
    assert_eq!(talk.tell(Side::Vendor, accept(&deal)), REFUSED);
    assert_eq!(talk.tell(Side::Vendor, reject(&deal)), REFUSED, "what is accepted binds");
}

#[test]
fn case_11_a_lapsed_quote_is_refused_with_a_fresh_one_that_can_be_ordered() {
    let mut talk = Talk::new();
    talk.does(Side::Customer, confirm(&talk, false));
    let fresh = revision(&talk, 47_000);
    let (code, reason) = (RefusalCode::QuoteExpired, Reason::TimingDeferred);
    let quote = Some(Enclosed::new(&fresh));
    talk.does(Side::Vendor, order(OrderMessage::Reject { order: talk.deal().id, code, reason, quote }));
    assert_eq!(talk.deal().phase, Phase::Rejected { code, reason: Some(reason) });
    assert_eq!(talk.current(Side::Customer), fresh);
    talk.does(Side::Customer, confirm(&talk, false));
    assert_eq!(talk.deal().order.total, euros(81_000));
}

#[test]
fn case_12_a_payment_request_that_differs_from_the_quote_is_refused() {
    let mut talk = Talk::accepted();
    let deal = talk.deal();
    let request = |minor| {
        let instructions = many(vec!["payto://iban/DE75512108001245126199".parse().unwrap()]);
        payment(PaymentMessage::Request { order: deal.id, amount: euros(minor), instructions })
    };
    for minor in [78_999, 79_001, 0, -79_000] {
        assert_eq!(talk.tell(Side::Vendor, request(minor)), Some(RefusalCode::QuoteMismatch), "{minor}");
        assert!(talk.deal().instructions.is_empty());
    }
    talk.does(Side::Vendor, request(79_000));
    assert_eq!(talk.deal().payment, Payment::Requested);
}

#[test]
fn case_12_a_revised_price_does_not_touch_what_was_ordered() {
    let mut talk = Talk::new();
    talk.does(Side::Customer, confirm(&talk, false));
    assert_eq!(talk.tell(Side::Vendor, revise(&talk, 99_000)), REFUSED);
    assert_eq!(talk.deal().order.total, euros(79_000));
}

#[test]
fn case_12_a_revision_crossing_an_order_makes_it_a_mismatch_on_both_sides() {
    let mut talk = Talk::new();
    talk.say(Side::Vendor, revise(&talk, 46_000));
    talk.say(Side::Customer, confirm(&talk, false));
    talk.meet();
    for side in BOTH {
        let state = talk.view(side);
        assert_eq!(state.deals[0].phase, Phase::Rejected { code: RefusalCode::QuoteMismatch, reason: None });
        assert_eq!(state.offering.stand, Stand::Open);
    }
}

#[test]
fn case_13_what_came_is_said_exactly() {
    let mut talk = Talk::accepted();
    talk.does(Side::Vendor, money_came(&talk.deal(), 78_999));
    assert_eq!(talk.deal().paid, Some(euros(78_999)));
    assert!(!talk.deal().is_settled(), "one cent is missing");
    talk.does(Side::Vendor, money_came(&talk.deal(), 80_500));
    assert_eq!(talk.deal().paid, Some(euros(80_500)));
    assert!(talk.deal().is_settled());
    assert_eq!(talk.tell(Side::Vendor, money_came(&talk.deal(), 79_000)), REFUSED);

    let mut talk = Talk::accepted();
    let in_dollars: bespeak_model::money::Money = "790 USD".parse().unwrap();
    for amount in [euros(0), euros(-1), in_dollars] {
        let wrong = payment(PaymentMessage::Received { order: talk.deal().id, amount });
        assert_eq!(talk.tell(Side::Vendor, wrong), Some(RefusalCode::QuoteMismatch));
    }
}

#[test]
fn case_14_parts_are_counted_line_by_line() {
    let mut talk = Talk::accepted();
    talk.does(Side::Vendor, happened(&talk.deal(), FulfilmentKind::Shipped, &[(0, 3)]));
    let too_much = Some(RefusalCode::QuantityUnavailable);
    let refused: [&[(u8, u64)]; 4] = [&[(0, 3)], &[(0, u64::MAX)], &[(0, 0)], &[(0, 1), (0, 1)]];
    for lines in refused {
        assert_eq!(talk.tell(Side::Vendor, happened(&talk.deal(), FulfilmentKind::Shipped, lines)), too_much);
    }
    let unknown = happened(&talk.deal(), FulfilmentKind::Shipped, &[(2, 1)]);
    assert_eq!(talk.tell(Side::Vendor, unknown), Some(RefusalCode::NotFound));
    assert_eq!(talk.deal().lines.iter().map(|line| line.fulfilled()).collect::<Vec<_>>(), [3, 0]);
    assert!(!talk.deal().is_fulfilled());
    assert_eq!(talk.tell(Side::Customer, complete(&talk.deal())), REFUSED);
    talk.does(Side::Customer, in_her_hands(&talk.deal(), &[(0, 5), (1, 2)]));
    assert!(talk.deal().is_fulfilled(), "she says most");
}

#[test]
fn case_16_a_failed_delivery_and_a_return_are_events() {
    let mut talk = Talk::accepted();
    for event in [FulfilmentKind::Shipped, FulfilmentKind::DeliveryFailed, FulfilmentKind::ReturnedToSender] {
        let before = talk.deal().phase;
        talk.does(Side::Vendor, happened(&talk.deal(), event, &[(0, 2)]));
        assert_eq!(talk.deal().phase, before);
    }
    let events: Vec<_> = talk.deal().events.iter().map(|event| event.event).collect();
    assert_eq!(
        events,
        [FulfilmentKind::Shipped, FulfilmentKind::DeliveryFailed, FulfilmentKind::ReturnedToSender]
    );
    assert_eq!(talk.deal().lines[0].shipped, 2);
}

#[test]
fn nothing_is_handed_over_before_the_money_where_the_quote_says_so() {
    let mut talk = Talk::about(Offer { payment: PaymentRule::BeforeFulfilment, ..quote() });
    talk.does(Side::Customer, confirm(&talk, false));
    let early = happened(&talk.deal(), FulfilmentKind::Shipped, &[(0, 1)]);
    assert_eq!(talk.tell(Side::Vendor, early.clone()), REFUSED, "not accepted yet");
    talk.does(Side::Vendor, accept(&talk.deal()));
    assert_eq!(talk.tell(Side::Vendor, early.clone()), REFUSED, "not paid yet");
    talk.does(Side::Vendor, money_came(&talk.deal(), 79_000));
    talk.does(Side::Vendor, early);
}

#[test]
fn case_20_each_side_says_only_what_is_its_own_to_say() {
    let mut talk = Talk::accepted();
    let deal = talk.deal();
    let not_hers = [
        request_payment(&deal),
        money_came(&deal, 79_000),
        happened(&deal, FulfilmentKind::Delivered, &[(0, 1)]),
        reject(&deal),
        Body::Offer(OfferMessage::Pass {}),
    ];
    for body in not_hers {
        assert_eq!(talk.tell(Side::Customer, body), Some(RefusalCode::NotParty));
    }
    let current = talk.current(Side::Customer).id();
    let not_theirs = [
        payment(PaymentMessage::Sent { order: deal.id, proof: None }),
        in_her_hands(&deal, &[(0, 1)]),
        Body::Offer(OfferMessage::Counter { offer: current, total: euros(1), text: None }),
        Body::Offer(OfferMessage::Decline { offer: current, reason: Reason::Price }),
    ];
    for body in not_theirs {
        assert_eq!(talk.tell(Side::Vendor, body), Some(RefusalCode::NotParty));
    }
}

#[test]
fn case_21_complete_needs_nobody_s_help() {
    let mut talk = Talk::accepted();
    talk.does(Side::Customer, in_her_hands(&talk.deal(), &[(0, 5), (1, 2)]));
    assert_eq!(talk.tell(Side::Vendor, complete(&talk.deal())), REFUSED, "the vendor waits for the money");
    talk.does(Side::Customer, complete(&talk.deal()));
    assert_eq!(talk.deal().phase, Phase::Completed);
    talk.does(Side::Vendor, money_came(&talk.deal(), 79_000));
}

#[test]
fn case_36_other_terms_than_were_offered_make_no_offer() {
    let mut talk = Talk::new();
    let foreign = Offer { terms: bespeak_model::terms::TermsId::PdcAi, ..revision(&talk, 1).value().clone() };
    let body = Body::Offer(OfferMessage::Revise { offer: Enclosed::new(&signed(foreign, VENDOR)) });
    assert_eq!(talk.tell(Side::Vendor, body), Some(RefusalCode::TermsRequired));
    assert_eq!(talk.current(Side::Customer).id(), talk.current(Side::Vendor).id());
}

#[test]
fn an_offer_that_does_not_add_up_or_belong_is_none() {
    type Change = fn(&mut Offer);
    let changes: [Change; 7] = [
        |offer| offer.total = euros(1),
        |offer| offer.delivery = None,
        |offer| offer.lines = many(vec![offer_line(0, "Chair", "5x", -1)]),
        |offer| offer.lines = many(vec![offer_line(2, "Sofa", "1x", 75_000)]),
        |offer| offer.intention = bespeak_identity::RecordId::from_digest([1; 32]),
        |offer| offer.replaces = None,
        |offer| offer.net = "other".parse().unwrap(),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut talk = Talk::new();
        let before = talk.current(Side::Customer);
        let mut offer = revision(&talk, 44_000).value().clone();
        change(&mut offer);
        let body = Body::Offer(OfferMessage::Revise { offer: Enclosed::new(&signed(offer, VENDOR)) });
        assert_eq!(talk.tell(Side::Vendor, body), Some(RefusalCode::QuoteMismatch), "{number}");
        assert_eq!(talk.current(Side::Customer), before);
    }
    let mut talk = Talk::new();
    let of_another = Offer { iss: party(STRANGER), ..revision(&talk, 1).value().clone() };
    let body = Body::Offer(OfferMessage::Revise { offer: Enclosed::new(&signed(of_another, STRANGER)) });
    assert_eq!(talk.tell(Side::Vendor, body), Some(RefusalCode::QuoteMismatch));
}

#[test]
fn a_declined_or_withdrawn_offer_cannot_be_ordered() {
    let mut talk = Talk::new();
    let offer = talk.current(Side::Customer).id();
    talk.does(Side::Vendor, Body::Offer(OfferMessage::Withdraw { offer }));
    assert_eq!(talk.tell(Side::Customer, confirm(&talk, false)), REFUSED);
    talk.does(Side::Vendor, revise(&talk, 44_000));
    talk.does(
        Side::Customer,
        Body::Offer(OfferMessage::Decline {
            offer: talk.current(Side::Customer).id(),
            reason: Reason::Price,
        }),
    );
    assert_eq!(talk.tell(Side::Customer, confirm(&talk, true)), REFUSED);
    assert_eq!(talk.view(Side::Vendor).offering.stand, Stand::Declined(Reason::Price));
    let indicative = Talk::about(Offer { firm: false, ..quote() });
    let mut talk = indicative;
    assert_eq!(talk.tell(Side::Customer, confirm(&talk, false)), REFUSED, "an indication binds nobody");
}

#[test]
fn case_10_no_order_of_things_follows_a_clock() {
    let mut talk = Talk::new();
    talk.does(Side::Customer, confirm(&talk, false));
    let early =
        Message { at: bespeak_model::time::Time::EPOCH, ..talk.next(Side::Vendor, accept(&talk.deal())) };
    let mut log = talk.log(Side::Customer).clone();
    log.add(Side::Vendor, bespeak_protocol::channel::log::Entry::new(signed(early, VENDOR))).unwrap();
    let state = bespeak_protocol::conversation::Conversation::fold(&talk.facts, &log);
    assert_eq!(state.deals[0].phase, Phase::Accepted);
}

#[test]
fn a_receipt_says_what_happened_or_is_refused() {
    let mut talk = Talk::accepted();
    assert!(receipt_of(&talk.deal()).is_none(), "nothing was handed over");
    talk.does(Side::Vendor, money_came(&talk.deal(), 80_000));
    talk.does(Side::Vendor, happened(&talk.deal(), FulfilmentKind::Delivered, &[(0, 5), (1, 2)]));
    let paper = receipt_of(&talk.deal()).unwrap();
    assert_eq!(talk.tell(Side::Vendor, issue(&talk.deal(), paper.clone())), REFUSED, "not complete yet");
    talk.does(Side::Vendor, complete(&talk.deal()));
    type Change = fn(&mut Receipt);
    let lies: [Change; 3] = [
        |paper| paper.total = euros(79_000),
        |paper| paper.order = bespeak_identity::RecordId::from_digest([1; 32]),
        |paper| paper.lines = many(paper.lines[..1].to_vec()),
    ];
    for lie in lies {
        let mut false_paper = paper.clone();
        lie(&mut false_paper);
        assert_eq!(
            talk.tell(Side::Vendor, issue(&talk.deal(), false_paper)),
            Some(RefusalCode::QuoteMismatch)
        );
    }
    talk.does(Side::Vendor, issue(&talk.deal(), paper.clone()));
    let other = Receipt { nonce: nonce(1), ..paper.clone() };
    assert_eq!(talk.tell(Side::Customer, countersign(&talk.deal(), other)), Some(RefusalCode::NotFound));
    talk.does(Side::Customer, countersign(&talk.deal(), paper));
}

#[test]
fn case_33_reasons_and_refusals_are_one_list_each() {
    assert_eq!((Reason::ALL.len(), RefusalCode::ALL.len()), (19, 18));
    for code in RefusalCode::ALL {
        assert_eq!(code.as_str().parse(), Ok(*code));
    }
    for reason in Reason::ALL {
        assert_eq!(reason.as_str().parse(), Ok(*reason));
    }
}
