//! What may be done with an order, and by whom: one function for each act, asked by the fold, by the agent before it
//! says anything, and by whoever draws a button.

use bespeak_identity::Side;
use bespeak_model::{
    fulfilment::{FulfilmentKind, LineSteps},
    offer::PaymentRule,
    reason::RefusalCode,
};

use super::state::{Cancel, Deal, Payment, Phase, ReceiptState};

type Answer = Result<(), RefusalCode>;

fn only_if(holds: bool) -> Answer {
    if holds { Ok(()) } else { Err(RefusalCode::NotAllowedByState) }
}

/// The vendor may accept what was placed. This is the moment of commitment.
///
/// # Errors
/// When the order is not waiting for it.
pub fn can_accept(deal: &Deal) -> Answer {
    only_if(deal.phase == Phase::Placed)
}

/// The vendor may refuse what was placed.
///
/// # Errors
/// When the order is not waiting for it.
pub fn can_reject(deal: &Deal) -> Answer {
    // One that could not stand by itself is refused in words, too: so the customer knows that the vendor has seen it.
    only_if(deal.phase == Phase::Placed || matches!(deal.phase, Phase::Rejected { reason: None, .. }))
}

/// The customer may cancel alone before acceptance; either may ask for it after, once until it is answered.
///
/// # Errors
/// When the order is over, or this side's request is waiting for its answer.
pub fn can_cancel(deal: &Deal, by: Side) -> Answer {
    let waiting = matches!(deal.cancel, Cancel::Asked { by: asker, .. } if asker == by);
    only_if(match deal.phase {
        Phase::Placed => by == Side::Customer,
        Phase::Accepted => !waiting,
        _ => false,
    })
}

/// A side may answer the other side's request to cancel.
///
/// # Errors
/// When there is none.
pub fn can_answer_cancel(deal: &Deal, by: Side) -> Answer {
    let asked = matches!(deal.cancel, Cancel::Asked { by: asker, .. } if asker != by);
    only_if(deal.phase == Phase::Accepted && asked)
}

/// The vendor notes that an order was cancelled before it accepted, so that the customer knows that it has heard.
///
/// # Errors
/// When the customer did not cancel it.
pub fn can_note_cancel(deal: &Deal, by: Side) -> Answer {
    only_if(by == Side::Vendor && matches!(deal.phase, Phase::Cancelled { by: Side::Customer, .. }))
}

/// The vendor may ask for money once it accepted, until it has it.
///
/// # Errors
/// When the order is not accepted, or is paid.
pub fn can_request_payment(deal: &Deal) -> Answer {
    only_if(deal.binds() && !deal.is_settled() && deal.payment != Payment::Sent)
}

/// The customer may say that she paid, once she was told how.
///
/// # Errors
/// When no payment was asked for, or it was said already.
pub fn can_say_paid(deal: &Deal) -> Answer {
    only_if(deal.binds() && matches!(deal.payment, Payment::Requested | Payment::Failed))
}

/// The vendor may say what money came, until all of it has.
///
/// # Errors
/// When the order does not bind, or is paid.
pub fn can_confirm_payment(deal: &Deal) -> Answer {
    only_if(deal.binds() && !deal.is_settled())
}

/// The vendor may say that a payment did not work.
///
/// # Errors
/// When none is on its way.
pub fn can_fail_payment(deal: &Deal) -> Answer {
    only_if(deal.binds() && matches!(deal.payment, Payment::Requested | Payment::Sent))
}

/// The vendor may report on goods once it accepted and the payment rule is met, until the order is done: what was shipped
/// in full can still arrive, fail to, or come back.
///
/// # Errors
/// When the order is not accepted, or money comes first.
pub fn can_fulfil(deal: &Deal) -> Answer {
    let may_pay_later = deal.order.payment == PaymentRule::Open || deal.is_settled();
    only_if(deal.phase == Phase::Accepted && may_pay_later)
}

/// These lines may have this happen to them.
///
/// # Errors
/// As [`can_fulfil`], or when a line is unknown, named twice, or gets more than was ordered.
pub fn can_fulfil_lines(deal: &Deal, event: FulfilmentKind, lines: &[LineSteps]) -> Answer {
    can_fulfil(deal)?;
    check_lines(deal, lines, |state| {
        if event.ships() {
            state.shipped
        } else if event.delivers() {
            state.delivered
        } else {
            0
        }
    })
}

/// The customer may say that goods are in her hands.
///
/// # Errors
/// When the order is not accepted.
pub fn can_receive(deal: &Deal) -> Answer {
    only_if(deal.phase == Phase::Accepted && deal.lines.iter().any(|line| line.received < line.ordered))
}

/// She may say so of these lines.
///
/// # Errors
/// As [`can_receive`], or when a line is unknown, named twice, or gets more than was ordered.
pub fn can_receive_lines(deal: &Deal, lines: &[LineSteps]) -> Answer {
    can_receive(deal)?;
    check_lines(deal, lines, |state| state.received)
}

fn check_lines(deal: &Deal, lines: &[LineSteps], so_far: impl Fn(&super::LineState) -> u64) -> Answer {
    for (index, line) in lines.iter().enumerate() {
        let state = deal.lines.get(usize::from(line.line)).ok_or(RefusalCode::NotFound)?;
        let twice = lines[..index].iter().any(|before| before.line == line.line);
        let fits = so_far(state).checked_add(line.steps).is_some_and(|sum| sum <= state.ordered);
        if twice || line.steps == 0 || !fits {
            return Err(RefusalCode::QuantityUnavailable);
        }
    }
    Ok(())
}

/// Either may say that an order is done: the customer once everything was handed over, the vendor once it was paid too.
/// Neither needs the other for it.
///
/// # Errors
/// When something is still owed.
pub fn can_complete(deal: &Deal, by: Side) -> Answer {
    let paid = by == Side::Customer || deal.is_settled();
    only_if(deal.phase == Phase::Accepted && deal.is_fulfilled() && paid)
}

/// The vendor writes the receipt when the order is done and paid.
///
/// # Errors
/// When it is not, or there is one.
pub fn can_issue_receipt(deal: &Deal) -> Answer {
    only_if(deal.phase == Phase::Completed && deal.is_settled() && matches!(deal.receipt, ReceiptState::None))
}

/// The customer signs the receipt that was written.
///
/// # Errors
/// When there is none that waits for it.
pub fn can_countersign(deal: &Deal) -> Answer {
    only_if(matches!(deal.receipt, ReceiptState::Issued(_)))
}

/// A receipt that says more than she did waits for the customer's word that the order is done.
///
/// # Errors
/// When there is none, or it is not hers to sign.
pub fn can_sign_by_completing(deal: &Deal, by: Side) -> Answer {
    only_if(by == Side::Customer)?;
    can_countersign(deal)
}

/// The names of all that a side may do now, as the command line calls it.
pub fn open_to(deal: &Deal, by: Side) -> Vec<&'static str> {
    let acts: [(&'static str, Option<Side>, Answer); 11] = [
        ("accept", Some(Side::Vendor), can_accept(deal)),
        ("reject", Some(Side::Vendor), can_accept(deal)),
        ("cancel", None, can_cancel(deal, by)),
        ("refuse-cancel", None, can_answer_cancel(deal, by)),
        ("request-payment", Some(Side::Vendor), can_request_payment(deal)),
        ("paid", Some(Side::Customer), can_say_paid(deal)),
        ("payment-received", Some(Side::Vendor), can_confirm_payment(deal)),
        ("payment-failed", Some(Side::Vendor), can_fail_payment(deal)),
        ("fulfil", Some(Side::Vendor), can_fulfil(deal)),
        ("received", Some(Side::Customer), can_receive(deal)),
        ("complete", None, can_complete(deal, by).or_else(|_| can_sign_by_completing(deal, by))),
    ];
    acts.into_iter()
        .filter(|(_, whose, may)| may.is_ok() && whose.is_none_or(|side| side == by))
        .map(|(name, _, _)| name)
        .collect()
}
