//! Node: an object of JSON-LD and what it says, however it is written.

use serde_json::{Map, Value};

/// An object.
pub(super) type Node = Map<String, Value>;

/// Where schema.org's words come from; source: its two addresses, and the prefix that people use.
const SPELLINGS: [&str; 3] = ["schema:", "https://schema.org/", "http://schema.org/"];

/// What a node says under a name, be it written short or as a whole address.
pub(super) fn said<'a>(node: &'a Node, name: &str) -> Option<&'a Value> {
    let whole = || SPELLINGS.iter().find_map(|spelling| node.get(&format!("{spelling}{name}")));
    node.get(name).or_else(whole).filter(|value| !value.is_null())
}

/// The words of a value: of a text, a number, `{"@value": …}`, or the first of a list.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(many) => many.iter().find_map(text),
        Value::Object(node) => node.get("@value").and_then(text),
        Value::Bool(_) | Value::Null => None,
    }
}

/// The words that a node says under a name.
pub(super) fn text_of(node: &Node, name: &str) -> Option<String> {
    said(node, name).and_then(text)
}

/// The words under a name, or the name of the thing that stands there.
pub(super) fn name_of(node: &Node, name: &str) -> Option<String> {
    let value = said(node, name)?;
    all(value).find_map(|one| text(one).or_else(|| text_of(one.as_object()?, "name")))
}

/// The values of a list, or the one that is none.
pub(super) fn all(value: &Value) -> impl Iterator<Item = &Value> {
    let many = value.as_array().map(Vec::as_slice);
    many.unwrap_or(std::slice::from_ref(value)).iter()
}

/// Is it of one of these types?
pub(super) fn is_a(node: &Node, types: &[&str]) -> bool {
    let Some(own) = node.get("@type") else { return false };
    all(own).filter_map(Value::as_str).any(|own| types.contains(&last_word(own)))
}

/// The last word of an address: `InStock` of `https://schema.org/InStock`.
pub(super) fn last_word(address: &str) -> &str {
    address.trim().rsplit(['/', '#', ':']).next().unwrap_or_default()
}

/// The id of a node.
pub(super) fn id(node: &Node) -> Option<&str> {
    node.get("@id").and_then(Value::as_str)
}
