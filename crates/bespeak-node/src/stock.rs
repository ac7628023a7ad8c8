//! Stock is checked when an order is accepted, never before: only then does it bind.

use std::collections::BTreeMap;

use bespeak_agent::{
    Agent,
    output::Refusal,
    view::{OrderLineView, OrderView},
};
use bespeak_identity::RecordId;
use bespeak_model::{offer::Sku, order::Order, reason::RefusalCode, time::Time};

use crate::warehouse::Warehouse;

/// What is missing to accept an order: nothing, or a refusal that says how many are left of what.
///
/// Goods are counted in steps of the quantity in which they are sold, most often pieces.
pub(crate) fn shortage(agent: &Agent, goods: &Warehouse, order: RecordId<Order>) -> Option<Refusal> {
    let wanted = by_sku(agent.order(order)?.lines.iter(), |line| line.ordered);
    let others: Vec<OrderView> = agent.orders().into_iter().filter(|other| other.order != order).collect();
    let short = wanted.into_iter().find_map(|(sku, wanted)| {
        let article = goods.get(&sku)?;
        let reserved: u64 = others.iter().map(|other| reserved(other, &sku, article.updated)).sum();
        let left = article.available?.saturating_sub(reserved);
        (wanted > left).then_some((sku, wanted, left))
    });
    let (sku, wanted, left) = short?;
    let detail = format!("{left} left of {}, {wanted} ordered", sku.as_str());
    Some(Refusal::new(RefusalCode::QuantityUnavailable, detail))
}

/// What an accepted order takes from a stock counted at `counted`: all of it when it was accepted since; of older
/// ones only what is still to be handed over, for the rest had left when it was counted.
fn reserved(order: &OrderView, sku: &Sku, counted: Time) -> u64 {
    if !matches!(order.phase.as_str(), "accepted" | "completed") {
        return 0;
    }
    let accepted =
        order.log.iter().find(|entry| entry.what == "order.accept" && entry.effect).map(|entry| entry.at);
    let since = accepted.is_some_and(|at| at >= counted);
    let lines = order.lines.iter().filter(|line| line.sku.as_ref() == Some(sku));
    lines.map(|line| if since { line.ordered } else { line.ordered.saturating_sub(line.fulfilled) }).sum()
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
