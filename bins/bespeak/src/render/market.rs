//! Intentions and offers.

use bespeak_api::words::Money;
use bespeak_api::words::view::{IntentionView, OfferLineView, OfferView};
use serde_json::{Error, Value, from_value};

use super::table::table;
use super::trade::revealed;
use super::{can, moment, short};

/// A list of intentions, one's own or heard.
pub(crate) fn intentions(all: &Value) -> Result<String, Error> {
    let all: Vec<IntentionView> = from_value(all.clone())?;
    let row = |view: &IntentionView| {
        vec![
            short(&view.intention.to_string()).to_owned(),
            view.title.to_string(),
            view.category.to_string(),
            budget(view).unwrap_or_default(),
            view.state.clone(),
            view.offers.to_string(),
            moment(&view.expires_at.to_string()),
        ]
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    let head = ["INTENTION", "TITLE", "CATEGORY", "BUDGET", "STATE", "OFFERS", "EXPIRES"];
    Ok(table(&head, &rows, "No intentions."))
}

fn budget(view: &IntentionView) -> Option<String> {
    let budget = view.budget.as_ref()?;
    Some(match (budget.min(), budget.max()) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("from {min}"),
        (None, Some(max)) => format!("up to {max}"),
        (None, None) => return None,
    })
}

/// One intention.
pub(crate) fn intention(one: &Value) -> Result<String, Error> {
    let view: IntentionView = from_value(one.clone())?;
    let mut lines = vec![
        format!("{} ({})", view.title, view.state),
        format!("  intention  {}", view.intention),
        format!("  category   {}", view.category),
    ];
    lines.extend(view.text.as_ref().map(|text| format!("  text       {text}")));
    for line in &view.lines {
        let conditions: Vec<_> = line.conditions.iter().map(ToString::to_string).collect();
        let conditions =
            if conditions.is_empty() { String::new() } else { format!("; {}", conditions.join(", ")) };
        lines.push(format!("  wanted     {} {}{conditions}", line.quantity, line.name));
    }
    lines.extend(budget(&view).map(|budget| format!("  budget     {budget}")));
    lines.extend(view.place.as_ref().map(|place| format!("  place      {place}")));
    lines.extend(view.needed_by.map(|day| format!("  needed by  {day}")));
    let terms: Vec<_> = view.terms.iter().map(ToString::to_string).collect();
    lines.push(format!("  terms      {}", terms.join(", ")));
    lines.push(format!("  offers     {}", view.offers));
    lines.push(format!("  expires    {}", moment(&view.expires_at.to_string())));
    lines.extend(view.withdrawn.map(|reason| format!("  withdrawn  {reason}")));
    lines.extend(view.superseded_by.map(|next| format!("  renewed as {next}")));
    lines.extend(can(&view.can));
    Ok(lines.join("\n"))
}

/// Offers side by side, with their lines below.
pub(crate) fn offers(all: &Value) -> Result<String, Error> {
    let all: Vec<OfferView> = from_value(all.clone())?;
    let row = |view: &OfferView| {
        vec![
            short(&view.offer.to_string()).to_owned(),
            view.vendor.name.clone(),
            view.total.to_string(),
            if view.firm { "firm" } else { "indicative" }.to_owned(),
            view.state.clone(),
            moment(&view.valid_until.to_string()),
            short(&view.thread.to_string()).to_owned(),
        ]
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    let head = ["OFFER", "VENDOR", "TOTAL", "KIND", "STATE", "VALID UNTIL", "THREAD"];
    let mut text = table(&head, &rows, "No offers.");
    for view in &all {
        text.push_str(&format!("\n\n{}", details(view).join("\n")));
    }
    Ok(text)
}

/// One offer that came or changed.
pub(crate) fn offer_line(one: &Value) -> Result<String, Error> {
    let view: OfferView = from_value(one.clone())?;
    let kind = if view.firm { "" } else { ", indicative" };
    let head = format!("{}: {} for {}{kind}", view.state, view.vendor.name, view.total);
    Ok(std::iter::once(head).chain(details(&view)).collect::<Vec<_>>().join("\n"))
}

fn details(view: &OfferView) -> Vec<String> {
    let money = |amount| in_money(amount, view.total);
    let line = |line: &OfferLineView| {
        let sku = line.sku.as_ref().map(|sku| format!(" [{}]", sku.as_str())).unwrap_or_default();
        format!("{} {}{sku}  {}", line.quantity_text, line.name, money(line.amount))
    };
    let mut lines = vec![format!("{} from {}", short(&view.offer.to_string()), view.vendor.name)];
    lines.extend(view.lines.iter().map(|one| format!("  {}", line(one))));
    lines.extend(view.delivery.map(|delivery| format!("  delivery  {delivery}")));
    lines.extend(view.deliver_by.map(|day| format!("  there by {day}")));
    lines.extend(view.alternatives.iter().map(|one| format!("  or {}", line(one))));
    lines.extend(view.countered.map(|total| format!("  countered with {total}")));
    lines.extend(view.text.as_ref().map(|text| format!("  “{text}”")));
    lines.extend(revealed(view.revealed));
    lines.extend(can(&view.can).map(|can| format!("  {can}")));
    lines
}

/// Minor units in the currency of `like`.
pub(crate) fn in_money(amount: i64, like: Money) -> String {
    Money::new(amount, like.currency()).map_or_else(|_| amount.to_string(), |money| money.to_string())
}
