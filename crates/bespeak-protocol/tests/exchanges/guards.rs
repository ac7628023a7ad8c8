//! A guard tells before what the fold decides after.

use bespeak_identity::Side;
use bespeak_protocol::{
    channel::message::Body,
    conversation::Conversation,
    deal::{
        Deal, DealMessage, FulfilmentMessage as F, OrderMessage as O, PaymentMessage as P,
        ReceiptMessage as R, guard,
    },
    offer::OfferMessage,
};
use proptest::prelude::*;

use crate::{common::*, talk::*};

/// Whether a guard allows what is about to be said by somebody who has heard everything; nothing where there is none.
fn allowed(view: &Conversation, by: Side, body: &Body) -> Option<bool> {
    let busy = view.open_deal().is_some();
    Some(match body {
        Body::Chat(_) => true,
        Body::Offer(OfferMessage::Revise { .. }) => view.offering.can_revise().is_ok() && !busy,
        Body::Offer(OfferMessage::Withdraw { .. }) => view.offering.can_withdraw(busy).is_ok(),
        Body::Offer(OfferMessage::Counter { .. } | OfferMessage::Decline { .. }) => {
            view.offering.can_answer(busy).is_ok()
        }
        Body::Offer(_) => return None,
        Body::Deal(DealMessage::Order(O::Confirm { order, .. })) => {
            let order = bespeak_identity::drisl::from_slice(order).unwrap();
            !busy && view.offering.can_confirm(&order).is_ok()
        }
        Body::Deal(message) => of_deal(view.deals.last()?, by, message)?,
    })
}

fn of_deal(deal: &Deal, by: Side, message: &DealMessage) -> Option<bool> {
    let answer = match message {
        DealMessage::Order(O::Accept { .. }) => guard::can_accept(deal),
        DealMessage::Order(O::Reject { .. }) => guard::can_reject(deal),
        DealMessage::Order(O::Cancel { .. }) => guard::can_cancel(deal, by),
        DealMessage::Order(O::Complete { .. }) => guard::can_complete(deal, by),
        // Two guards meet in this one: an answer to a request, and a note that a cancellation was heard.
        DealMessage::Order(O::CancelAnswer { .. } | O::Confirm { .. }) => return None,
        DealMessage::Payment(P::Request { .. }) => guard::can_request_payment(deal),
        DealMessage::Payment(P::Sent { .. }) => guard::can_say_paid(deal),
        DealMessage::Payment(P::Received { .. }) => guard::can_confirm_payment(deal),
        DealMessage::Payment(P::Failed { .. }) => guard::can_fail_payment(deal),
        DealMessage::Fulfilment(F::Event { event, lines, .. }) => {
            guard::can_fulfil_lines(deal, *event, lines)
        }
        DealMessage::Fulfilment(F::Received { lines, .. }) => guard::can_receive_lines(deal, lines),
        DealMessage::Receipt(R::Issue { .. }) => guard::can_issue_receipt(deal),
        DealMessage::Receipt(R::Countersign { .. }) => guard::can_countersign(deal),
    };
    Some(answer.is_ok())
}

/// What a button would say.
fn listed(deal: &Deal, by: Side) -> Vec<&'static str> {
    guard::open_to(deal, by)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whoever has heard everything and asks the guard first is never refused, and never told no in vain.
    #[test]
    fn what_a_guard_says_is_what_happens(steps in prop::collection::vec((any::<bool>(), any::<u8>(), any::<u8>()), 0..40)) {
        let mut talk = Talk::new();
        for (vendor, verb, amount) in steps {
            let by = if vendor { Side::Vendor } else { Side::Customer };
            let body = by_chance(&talk, by, verb, amount);
            let expected = allowed(&talk.view(by), by, &body);
            let refused = talk.tell(by, body.clone());
            if let Some(expected) = expected {
                prop_assert_eq!(refused.is_none(), expected, "{} by {:?}: {:?}", body.name(), by, refused);
            }
        }
    }
}

#[test]
fn the_acts_that_are_listed_follow_an_order_through_its_life() {
    let mut talk = Talk::new();
    talk.does(Side::Customer, confirm(&talk, false));
    assert_eq!(listed(&talk.deal(), Side::Customer), ["cancel"]);
    assert_eq!(listed(&talk.deal(), Side::Vendor), ["accept", "reject"]);
    talk.does(Side::Vendor, accept(&talk.deal()));
    assert_eq!(listed(&talk.deal(), Side::Customer), ["cancel", "received"]);
    assert_eq!(
        listed(&talk.deal(), Side::Vendor),
        ["cancel", "request-payment", "payment-received", "fulfil"]
    );
    talk.does(Side::Vendor, request_payment(&talk.deal()));
    assert_eq!(listed(&talk.deal(), Side::Customer), ["cancel", "paid", "received"]);
    talk.does(Side::Vendor, money_came(&talk.deal(), 79_000));
    let delivered = bespeak_model::fulfilment::FulfilmentKind::Delivered;
    talk.does(Side::Vendor, happened(&talk.deal(), delivered, &[(0, 5), (1, 2)]));
    assert_eq!(listed(&talk.deal(), Side::Customer), ["cancel", "received", "complete"]);
    assert_eq!(listed(&talk.deal(), Side::Vendor), ["cancel", "fulfil", "complete"]);
    talk.does(Side::Customer, complete(&talk.deal()));
    for side in BOTH {
        assert_eq!(listed(&talk.deal(), side), Vec::<&str>::new());
    }
    assert_eq!(talk.deal().paid, Some(euros(79_000)));
}
