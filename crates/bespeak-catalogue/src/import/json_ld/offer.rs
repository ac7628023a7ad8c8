//! Offer: what an article costs, and whether there is any.

use bespeak_model::money::{Currency, Money};
use serde_json::Value;

use super::graph::Graph;
use super::node::{Node, last_word, said, text, text_of};
use crate::import::ImportDefaults;
use crate::import::field;
use crate::import::skip::Why;

/// Prices that are shown beside the one that is asked; source: schema.org's PriceTypeEnumeration.
const NOT_ASKED: [&str; 6] =
    ["ListPrice", "MSRP", "SRP", "StrikethroughPrice", "RegularPrice", "MinimumAdvertisedPrice"];
/// Words for having none; source: schema.org's ItemAvailability.
const NONE_LEFT: [&str; 3] = ["OutOfStock", "SoldOut", "Discontinued"];

/// The offers of an article, those inside others taken out.
pub(super) fn offers<'a>(graph: &Graph<'a>, product: &'a Node) -> Vec<&'a Node> {
    let own = graph.nodes(product, "offers").into_iter().flat_map(|offer| {
        let inside = graph.nodes(offer, "offers");
        if inside.is_empty() { vec![offer] } else { inside }
    });
    let own: Vec<&Node> = own.collect();
    if own.is_empty() { graph.offer_of(product).into_iter().collect() } else { own }
}

/// Of several offers of one article the first that names a price and can be had, else the first with a price.
pub(super) fn best<'a>(graph: &Graph<'a>, offers: &[&'a Node]) -> Option<&'a Node> {
    let priced = |offer: &&&'a Node| asked(graph, offer).is_some();
    let had = |offer: &&&'a Node| available(graph, offer) != Some(0);
    let first = offers.iter().filter(priced).find(had).or_else(|| offers.iter().find(priced));
    first.or_else(|| offers.first()).copied()
}

/// The price of one.
pub(super) fn price<'a>(
    graph: &Graph<'a>,
    offer: &'a Node,
    defaults: &ImportDefaults,
) -> Result<Option<Money>, Why> {
    let Some((amount, currency)) = asked(graph, offer) else { return Ok(None) };
    let currency = match currency {
        Some(code) => Currency::new(&code.to_uppercase())?,
        None => defaults.currency,
    };
    field::price(&amount, currency).map(Some)
}

/// The amount that is asked, with its currency. A range of prices is none.
fn asked<'a>(graph: &Graph<'a>, offer: &'a Node) -> Option<(String, Option<String>)> {
    let currency = text_of(offer, "priceCurrency");
    if let Some(amount) = text_of(offer, "price") {
        return Some((amount, currency));
    }
    let specified = graph.nodes(offer, "priceSpecification").into_iter().find_map(|node| {
        let kind = text_of(node, "priceType");
        let asked = !kind.is_some_and(|kind| NOT_ASKED.contains(&last_word(&kind)));
        let for_all = said(node, "validForMemberTier").is_none() && said(node, "eligibleQuantity").is_none();
        let amount = text_of(node, "price").filter(|_| asked && for_all)?;
        Some((amount, text_of(node, "priceCurrency").or_else(|| currency.clone())))
    });
    specified.or_else(|| {
        let (low, high) = (text_of(offer, "lowPrice")?, text_of(offer, "highPrice")?);
        (low == high).then_some((low, currency))
    })
}

/// How many there are, if it is told; otherwise only that there is none.
pub(super) fn available<'a>(graph: &Graph<'a>, offer: &'a Node) -> Option<u64> {
    if text_of(offer, "availability").is_some_and(|word| NONE_LEFT.contains(&last_word(&word))) {
        return Some(0);
    }
    let level = said(offer, "inventoryLevel")?;
    let count = match level {
        Value::Object(_) => graph.node(level).and_then(|node| said(node, "value")).and_then(text),
        other => text(other),
    };
    count?.trim_end_matches(".0").parse().ok()
}
