//! Law 2: nothing takes effect twice.

use std::collections::BTreeSet;

use bespeak_agent::inspect::Inside;
use bespeak_identity::Side;
use bespeak_protocol::{
    conversation::Happened,
    deal::{Cancel, Payment, Phase},
};

use super::{Broken, Law};
use crate::tally::Tally;

/// What happens to an order once at most.
const ONCE: [&str; 6] = [
    "order.confirm",
    "order.accept",
    "order.reject",
    "order.complete",
    "receipt.issue",
    "receipt.countersign",
];

/// Each message stands in a log once; each order is confirmed, accepted, completed and receipted once at most; each
/// offer is made once.
pub(super) fn nothing_takes_effect_twice(inside: &Inside<'_>) -> Result<(), Broken> {
    let mut messages = BTreeSet::new();
    let mut effects = BTreeSet::new();
    for happened in &inside.state.history {
        let id = happened.message.id();
        Law::NothingTakesEffectTwice
            .holds(messages.insert(id), || format!("message {id} is twice in {}", inside.thread))?;
        let name = happened.message.body.name();
        if let (Some(order), true, None) = (happened.order, ONCE.contains(&name), happened.refused) {
            Law::NothingTakesEffectTwice.holds(effects.insert((order, name)), || {
                format!("{name} took effect twice for order {order} in {}", inside.thread)
            })?;
        }
    }
    let mut orders = BTreeSet::new();
    for deal in &inside.state.deals {
        Law::NothingTakesEffectTwice
            .holds(orders.insert(deal.id), || format!("order {} is twice in {}", deal.id, inside.thread))?;
    }
    let open = inside.state.deals.iter().filter(|deal| deal.is_open()).count();
    Law::NothingTakesEffectTwice
        .holds(open <= 1, || format!("{open} orders are open at a time in {}", inside.thread))
}

/// Counts what a step has added to a vendor's side, where the order of things is final.
pub(super) fn tally(inside: &Inside<'_>, heads: [u64; 2], tally: &mut Tally) {
    if inside.side != Side::Vendor {
        return;
    }
    let fresh = |happened: &&Happened| happened.message.seq > heads[usize::from(happened.by == Side::Vendor)];
    for happened in inside.state.history.iter().filter(fresh) {
        let name = happened.message.body.name();
        match happened.refused {
            None => tally.count(name),
            Some(code) => tally.count(&format!("without effect: {name} ({code})")),
        }
    }
    for deal in &inside.state.deals {
        let shipped = deal.lines.iter().any(|line| line.fulfilled() > 0 && line.fulfilled() < line.ordered);
        if shipped && deal.phase == Phase::Accepted {
            tally.count("seen: partly fulfilled");
        }
        if matches!(deal.cancel, Cancel::Asked { .. }) {
            tally.count("seen: cancel asked for");
        }
        if deal.payment == Payment::Received && deal.paid != Some(deal.order.total) {
            tally.count("seen: paid too much or too little");
        }
    }
}
