//! Law 3: both ends of a conversation fold to the same state.

use bespeak_agent::inspect::Inside;
use bespeak_identity::Side;
use bespeak_protocol::deal::{Deal, ReceiptState};

use super::{Broken, Law};

/// When both logs hold the same messages, offers, orders, talk and history are the same, and agreements and receipts
/// have the same bytes.
pub(super) fn both_ends_are_equal(a: &Inside<'_>, b: &Inside<'_>) -> Result<(), Broken> {
    let same_log =
        [Side::Customer, Side::Vendor].into_iter().all(|side| a.log.head(side) == b.log.head(side));
    if !same_log {
        return Ok(());
    }
    let equal = |holds: bool, what: &str| {
        Law::BothEndsAreEqual.holds(holds, || format!("{what} of {} differ between equal logs", a.thread))
    };
    let history = |inside: &Inside<'_>| -> Vec<_> {
        let all = inside.state.history.iter();
        all.map(|happened| (happened.by, happened.message.id(), happened.order, happened.refused)).collect()
    };
    equal(history(a) == history(b), "the histories")?;
    let offers = |inside: &Inside<'_>| -> Vec<_> {
        inside.state.offering.offers.iter().map(|offer| offer.bytes().to_vec()).collect()
    };
    let (mine, theirs) = (&a.state.offering, &b.state.offering);
    equal(offers(a) == offers(b), "the offers")?;
    equal(
        (mine.stand, &mine.countered, mine.passed) == (theirs.stand, &theirs.countered, theirs.passed),
        "the offers' states",
    )?;
    let talk =
        |inside: &Inside<'_>| -> Vec<_> { inside.state.chat.iter().map(|line| line.message.id()).collect() };
    equal(talk(a) == talk(b) && a.state.read == b.state.read, "the talks")?;
    let deals = |inside: &Inside<'_>| -> Vec<_> { inside.state.deals.iter().map(said_of).collect() };
    equal(deals(a) == deals(b), "the orders")?;
    let bytes = |inside: &Inside<'_>| -> Vec<_> { inside.state.deals.iter().map(bytes_of).collect() };
    equal(bytes(a) == bytes(b), "the agreements")
}

/// Every region of an order, in words.
fn said_of(deal: &Deal) -> String {
    let Deal { id, order, phase, cancel, payment, instructions, paid, lines, events, .. } = deal;
    format!("{id} {order:?} {phase:?} {cancel:?} {payment:?} {instructions:?} {paid:?} {lines:?} {events:?}")
}

fn bytes_of(deal: &Deal) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let receipt = match &deal.receipt {
        ReceiptState::None => None,
        ReceiptState::Issued(half) => Some(half.payload().to_vec()),
        ReceiptState::Signed(both) => Some(both.bytes().to_vec()),
    };
    (deal.agreement.as_ref().map(|both| both.bytes().to_vec()), receipt)
}
