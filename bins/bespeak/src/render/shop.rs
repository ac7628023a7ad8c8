//! A vendor's goods.

use bespeak_api::words::{Money, Place};
use serde_json::{Error, Value, from_value};

use super::table::table;
use super::{count, number, word};

/// What came of an import.
pub(crate) fn import(report: &Value) -> String {
    let (new, changed) = (number(report, "imported"), number(report, "updated"));
    let (same, skipped) = (number(report, "unchanged"), number(report, "skipped_count"));
    let removed = match number(report, "removed") {
        0 => String::new(),
        removed => format!(", {removed} removed"),
    };
    let counts = format!("{new} imported, {changed} updated, {same} unchanged{removed}, {skipped} skipped.");
    let mut lines = vec![counts];
    if !word(report, "not_removed").is_empty() {
        let why = word(report, "not_removed");
        lines.push(format!("Nothing was removed: {why}. Say --yes if that is right."));
    }
    let named = report.get("skipped").and_then(Value::as_array).into_iter().flatten();
    lines.extend(named.map(|skip| {
        let sku = word(skip, "sku");
        let of = if sku.is_empty() { String::new() } else { format!(" ({sku})") };
        format!("  line {}{of}: {}", number(skip, "line"), word(skip, "why"))
    }));
    lines.join("\n")
}

/// What a search found.
pub(crate) fn hits(hits: &Value) -> String {
    let row = |hit: &Value| {
        let score = hit.get("score").and_then(Value::as_f64).unwrap_or_default();
        vec![word(hit, "sku").to_owned(), word(hit, "title").to_owned(), format!("{score:.1}")]
    };
    let rows: Vec<_> = hits.as_array().into_iter().flatten().map(row).collect();
    table(&["SKU", "TITLE", "SCORE"], &rows, "Nothing found.")
}

/// What fills an intention, each with its reasons below it.
pub(crate) fn matches(found: &Value) -> String {
    let one = |found: &Value| {
        let fits = found.get("fits").and_then(Value::as_bool).unwrap_or_default();
        let mut lines = vec![format!(
            "{}  {}  (line {}, {})",
            word(found, "sku"),
            word(found, "title"),
            number(found, "line"),
            if fits { "fits" } else { "may fit" }
        )];
        let why = found.get("why").and_then(Value::as_array).into_iter().flatten();
        lines.extend(why.filter_map(Value::as_str).map(|why| format!("  {why}")));
        lines.join("\n")
    };
    let all: Vec<String> = found.as_array().into_iter().flatten().map(one).collect();
    if all.is_empty() { "Nothing fits.".to_owned() } else { all.join("\n") }
}

/// One article.
pub(crate) fn goods(goods: &Value) -> String {
    let mut lines = vec![word(goods, "title").to_owned(), format!("  sku        {}", word(goods, "sku"))];
    let price = goods.get("price").cloned().and_then(|price| from_value::<Money>(price).ok());
    lines.push(format!("  price      {}", price.map_or("none".to_owned(), |price| price.to_string())));
    for key in ["brand", "category", "link"] {
        if !word(goods, key).is_empty() {
            lines.push(format!("  {key:<9}  {}", word(goods, key)));
        }
    }
    if goods.get("available").is_some() {
        lines.push(format!("  available  {}", number(goods, "available")));
    }
    let attributes = goods.get("attributes").and_then(Value::as_array).map_or(0, Vec::len);
    lines.push(format!("  {}", count(attributes as u64, "attribute")));
    if !word(goods, "description").is_empty() {
        lines.push(format!("\n{}", word(goods, "description")));
    }
    lines.join("\n")
}

/// How intentions are answered without a person: by the settings, or by the rules where there are some.
pub(crate) fn auto(settings: &Value, rules: &Value) -> Result<String, Error> {
    let limit: Option<Money> = from_value(settings.get("limit").cloned().unwrap_or_default())?;
    let near: Option<Place> = from_value(settings.get("near").cloned().unwrap_or_default())?;
    let margin = settings.get("margin_percent").and_then(Value::as_i64).unwrap_or_default();
    if !settings.get("on").and_then(Value::as_bool).unwrap_or_default() {
        return Ok("Intentions are not answered without a person.".to_owned());
    }
    let written = number(rules, "rules");
    if written > 0 {
        let rules = count(written, "rule");
        return Ok(format!(
            "Intentions are answered by {rules}: `bespeak rules show`; of these settings only on and off count."
        ));
    }
    let hours = number(settings, "valid") / 3_600;
    let limit = limit.map(|limit| format!(", up to {limit}")).unwrap_or_default();
    let near = near.map(|place| format!(" near {place}")).unwrap_or_default();
    Ok(format!(
        "Intentions{near} that goods of the catalogue fit are answered at list price {margin:+} %{limit}; such offers stand {hours} hours."
    ))
}
