//! Personal data.

use serde_json::Value;

use super::table::table;
use super::{moment, number, word};

/// How much of an item's id is shown. Source: `data-` and 44 bits, unique among ten thousand with a probability of
/// 99.999 %.
const SHORT: usize = 16;

/// All items.
pub(crate) fn items(all: &Value) -> String {
    let row = |item: &Value| {
        vec![
            word(item, "id").get(..SHORT).unwrap_or_default().to_owned(),
            word(item, "type").to_owned(),
            word(item, "name").to_owned(),
            word(item, "media_type").to_owned(),
            number(item, "bytes").to_string(),
            moment(word(item, "added_at")),
        ]
    };
    let rows: Vec<_> = all.as_array().into_iter().flatten().map(row).collect();
    table(&["ID", "TYPE", "NAME", "MEDIA TYPE", "BYTES", "ADDED"], &rows, "No personal data.")
}

/// An item that was asked to be kept.
pub(crate) fn kept(kept: &Value) -> String {
    let new = kept.get("added").and_then(Value::as_bool).unwrap_or_default();
    let said = if new { "Kept:" } else { "It was here already:" };
    format!("{said} {}", item(kept.get("item").unwrap_or(&Value::Null)))
}

/// What is said of one item.
pub(crate) fn item(item: &Value) -> String {
    let mut lines = vec![format!("{} ({} bytes)", word(item, "type"), number(item, "bytes"))];
    lines.push(format!("  id     {}", word(item, "id")));
    if !word(item, "name").is_empty() {
        lines.push(format!("  name   {}", word(item, "name")));
    }
    lines.push(format!("  form   {}", word(item, "media_type")));
    let tags = item.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    lines.extend(tags.map(|tag| format!("  tag    {tag}")));
    lines.push(format!("  added  {}", moment(word(item, "added_at"))));
    lines.join("\n")
}
