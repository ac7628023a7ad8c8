//! Icecat's shape of a JSON line: `id`, `title`, `ean`, `supplier`, `short_description`, `price` in cents of
//! USD, and attributes as `attr_t_NAME` (words) and `attr_n_NAME` (numbers).

use bespeak_model::category::{self, Slug};
use bespeak_model::gtin::Gtin;
use bespeak_model::money::{Currency, Money};
use serde_json::{Map, Value};

use crate::goods::{Goods, MAX_GTINS, Sku};
use crate::import::ImportDefaults;
use crate::import::field::{self, Attributes};
use crate::import::jsonl::{number_or_text, optional_text};
use crate::import::skip::{Fault, Why};

/// Does this object look like Icecat's?
pub(crate) fn is_meant(object: &Map<String, Value>) -> bool {
    object.contains_key("supplier")
        || object.contains_key("ean")
        || object.keys().any(|key| key.starts_with("attr_"))
}

/// The goods of one object.
pub(crate) fn goods(object: &Map<String, Value>, defaults: &ImportDefaults) -> Result<Goods, Fault> {
    let sku = field::sku(&number_or_text(object, "id")?.unwrap_or_default())?;
    Fault::at(&sku, || numbered(sku.clone(), object, defaults))
}

fn numbered(sku: Sku, object: &Map<String, Value>, defaults: &ImportDefaults) -> Result<Goods, Why> {
    Ok(Goods {
        sku,
        title: field::title(optional_text(object, "title")?.unwrap_or_default())?,
        description: optional_text(object, "short_description")?.and_then(field::prose),
        brand: optional_text(object, "supplier")?.and_then(field::one_line),
        gtins: gtins(object),
        price: price(object)?,
        category: category(object),
        attributes: attributes(object),
        condition: None,
        available: None,
        link: None,
        feed: None,
        updated: defaults.now,
    })
}

/// The valid ones: lists gathered from many sources hold some that never were.
fn gtins(object: &Map<String, Value>) -> Vec<Gtin> {
    let all = object.get("ean").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let texts = all.iter().filter_map(Value::as_str);
    let mut gtins: Vec<Gtin> = Vec::new();
    for gtin in texts.filter_map(|text| field::gtin(text).ok()).take(MAX_GTINS) {
        if !gtins.contains(&gtin) {
            gtins.push(gtin);
        }
    }
    gtins
}

fn price(object: &Map<String, Value>) -> Result<Option<Money>, Why> {
    match object.get("price") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(cents)) => {
            let cents =
                cents.as_i64().ok_or(Why::Kind { field: "price", expected: "a whole number of cents" })?;
            field::minor_units(cents, Currency::USD).map(Some)
        }
        Some(_) => Err(Why::Kind { field: "price", expected: "a whole number of cents" }),
    }
}

/// By the code of the United Nations, else where the kind is exactly called like one of ours.
fn category(object: &Map<String, Value>) -> Option<Slug> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let coded = text("attr_t_unspsc_code").and_then(|code| category::from_foreign(&format!("unspsc:{code}")));
    coded.or_else(|| text("attr_t_product_type").and_then(category::named))
}

/// Words before numbers, so that where there are too many, what is searched is kept.
fn attributes(object: &Map<String, Value>) -> Vec<bespeak_model::attribute::Attribute> {
    let mut attributes = Attributes::default();
    if let Some(name) = object.get("name").and_then(Value::as_str) {
        attributes.put_text("name", name);
    }
    for (key, value) in object {
        match (key.strip_prefix("attr_t_"), value.as_str()) {
            (Some(name), Some("Y")) => attributes.put_flag(name, true),
            (Some(name), Some("N")) => attributes.put_flag(name, false),
            (Some(name), Some(text)) => attributes.put_text(name, text),
            _ => {}
        }
    }
    for (key, value) in object {
        if let (Some(name), Value::Number(number)) = (key.strip_prefix("attr_n_"), value) {
            attributes.put_number(name, number);
        }
    }
    attributes.0
}
