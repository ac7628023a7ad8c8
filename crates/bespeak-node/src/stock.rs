//! Stock is checked when an order is accepted, never before: only then does it bind.

use std::collections::BTreeMap;

use bespeak_agent::{Agent, output::Refusal, view::OrderLineView};
use bespeak_identity::RecordId;
use bespeak_model::{offer::Sku, order::Order, reason::RefusalCode};

use crate::{clock::now, warehouse::Warehouse};

/// What is missing to accept an order: nothing, or a refusal that says how many are left of what.
///
/// Goods are counted in steps of the quantity in which they are sold, most often pieces.
pub(crate) fn shortage(agent: &Agent, goods: &Warehouse, order: RecordId<Order>) -> Option<Refusal> {
    let wanted = by_sku(agent.order(order)?.lines.iter(), |line| line.ordered);
    let now = now();
    let taken = agent.taken(Some(order), now);
    let short = wanted.into_iter().find_map(|(sku, wanted)| {
        let article = goods.get(&sku)?;
        let left = article.available?.saturating_sub(taken.of(&sku, article.updated, now));
        (wanted > left).then_some((sku, wanted, left))
    });
    let (sku, wanted, left) = short?;
    let detail = format!("{left} left of {}, {wanted} ordered", sku.as_str());
    Some(Refusal::new(RefusalCode::QuantityUnavailable, detail))
}

fn by_sku<'a>(
    lines: impl Iterator<Item = &'a OrderLineView>,
    count: impl Fn(&OrderLineView) -> u64,
) -> BTreeMap<Sku, u64> {
    let mut sums = BTreeMap::new();
    for line in lines {
        if let Some(sku) = &line.sku {
            let sum: &mut u64 = sums.entry(sku.clone()).or_default();
            *sum = sum.saturating_add(count(line));
        }
    }
    sums
}
