//! JSON lines, in our own plain shape:
//! `{"sku":"A-1","title":"Chair","price":"19.99 EUR","brand":"Oak & Co","gtin":"4006381333931","description":"…",
//! "category":"furniture.chairs","attributes":{"colour":"red","weight":"4.5 kg"},"available":3,"link":"https://…"}`.
//! Only `sku` (or `id`) and `title` must be there. Goods as this crate writes them are read too.

use std::io::BufRead;

use bespeak_model::gtin::Gtin;
use bespeak_model::money::Money;
use serde_json::{Map, Value};

use crate::goods::{Goods, MAX_GTINS, Sku};
use crate::import::field::{self, Attributes};
use crate::import::intake::Intake;
use crate::import::lines::{Line, Lines};
use crate::import::skip::{Fault, Why};
use crate::import::{ImportDefaults, ImportError, icecat};

/// Reads every line.
pub(crate) fn read(
    mut lines: Lines<impl BufRead>,
    defaults: &ImportDefaults,
    intake: &mut Intake<'_>,
) -> Result<(), ImportError> {
    while let Some((number, line)) = lines.next()? {
        match line {
            Line::Text(text) if text.trim().is_empty() => {}
            Line::Text(text) => intake.take(number, goods(text, defaults)),
            Line::Bad(why) => intake.skip(number, why),
        }
    }
    Ok(())
}

/// The goods of one line.
fn goods(line: &str, defaults: &ImportDefaults) -> Result<Goods, Fault> {
    let value: Value = serde_json::from_str(line).map_err(|error| Why::Json(error.to_string()))?;
    let Value::Object(object) = value else {
        return Err(Why::Json("it is another kind of value".to_owned()).into());
    };
    if icecat::is_meant(&object) { icecat::goods(&object, defaults) } else { own(&object, defaults) }
}

fn own(object: &Map<String, Value>, defaults: &ImportDefaults) -> Result<Goods, Fault> {
    let sku = match number_or_text(object, "sku")? {
        Some(sku) => sku,
        None => number_or_text(object, "id")?.unwrap_or_default(),
    };
    let sku = field::sku(&sku)?;
    Fault::at(&sku, || numbered(sku.clone(), object, defaults))
}

fn numbered(sku: Sku, object: &Map<String, Value>, defaults: &ImportDefaults) -> Result<Goods, Why> {
    Ok(Goods {
        sku,
        title: field::title(optional_text(object, "title")?.unwrap_or_default())?,
        description: optional_text(object, "description")?.and_then(field::prose),
        brand: optional_text(object, "brand")?.and_then(field::one_line),
        gtins: gtins(object)?,
        price: price(object, defaults)?,
        category: optional_text(object, "category")?.map(field::category).transpose()?,
        attributes: attributes(object)?,
        condition: optional_text(object, "condition")?.map(field::condition).transpose()?,
        available: available(object)?,
        link: optional_text(object, "link")?.and_then(field::one_line),
        feed: None,
        updated: defaults.now,
    })
}

/// A text, `None` where there is none or it is null; refuses other kinds.
pub(crate) fn optional_text<'a>(
    object: &'a Map<String, Value>,
    field: &'static str,
) -> Result<Option<&'a str>, Why> {
    match object.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Why::Kind { field, expected: "text" }),
    }
}

/// A text or a whole number, as text.
pub(crate) fn number_or_text(
    object: &Map<String, Value>,
    field: &'static str,
) -> Result<Option<String>, Why> {
    match object.get(field) {
        Some(Value::Number(number)) if number.is_u64() => Ok(Some(number.to_string())),
        _ => Ok(optional_text(object, field)?.map(str::to_owned)),
    }
}

fn gtins(object: &Map<String, Value>) -> Result<Vec<Gtin>, Why> {
    let mut gtins: Vec<Gtin> = Vec::new();
    let mut put = |text: &str| {
        let gtin = field::gtin(text)?;
        if gtins.len() < MAX_GTINS && !gtins.contains(&gtin) {
            gtins.push(gtin);
        }
        Ok::<(), Why>(())
    };
    for name in ["gtin", "gtins"] {
        match object.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::Array(many)) => {
                for one in many {
                    put(one.as_str().ok_or(Why::Kind { field: "gtins", expected: "a list of texts" })?)?;
                }
            }
            Some(Value::Number(number)) => put(&number.to_string())?,
            Some(Value::String(text)) if text.trim().is_empty() => {}
            Some(Value::String(text)) => put(text)?,
            Some(_) => return Err(Why::Kind { field: "gtin", expected: "text" }),
        }
    }
    Ok(gtins)
}

/// `"19.99 EUR"`, `19.99` in the default currency, or `{"amount": 1999, "currency": "EUR"}`.
fn price(object: &Map<String, Value>, defaults: &ImportDefaults) -> Result<Option<Money>, Why> {
    match object.get("price") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => field::price(text, defaults.currency).map(Some),
        Some(Value::Number(number)) => field::price(&number.to_string(), defaults.currency).map(Some),
        Some(value) => {
            let expected = "an amount such as “19.99 EUR”";
            let money: Money =
                serde_json::from_value(value.clone()).map_err(|_| Why::Kind { field: "price", expected })?;
            field::not_negative(money).map(Some)
        }
    }
}

fn available(object: &Map<String, Value>) -> Result<Option<u64>, Why> {
    match object.get("available") {
        None | Some(Value::Null | Value::Bool(true)) => Ok(None),
        Some(Value::Bool(false)) => Ok(Some(0)),
        Some(value) => {
            let expected = "a whole number, true or false";
            value.as_u64().map(Some).ok_or(Why::Kind { field: "available", expected })
        }
    }
}

/// `{"colour": "red"}`, `["colour=red"]`, or a list of attributes as records hold them.
fn attributes(object: &Map<String, Value>) -> Result<Vec<bespeak_model::attribute::Attribute>, Why> {
    let mut attributes = Attributes::default();
    match object.get("attributes") {
        None | Some(Value::Null) => {}
        Some(Value::Object(named)) => {
            named.iter().for_each(|(name, value)| put(&mut attributes, name, value))
        }
        Some(Value::Array(many)) => {
            for one in many {
                match one {
                    Value::String(text) => {
                        let (name, value) = text.split_once('=').ok_or(BAD_ATTRIBUTES)?;
                        attributes.put_read(name, value);
                    }
                    other => {
                        attributes.put(serde_json::from_value(other.clone()).map_err(|_| BAD_ATTRIBUTES)?)
                    }
                }
            }
        }
        Some(_) => return Err(BAD_ATTRIBUTES),
    }
    Ok(attributes.0)
}

const BAD_ATTRIBUTES: Why = Why::Kind { field: "attributes", expected: "a map of names to values" };

fn put(attributes: &mut Attributes, name: &str, value: &Value) {
    match value {
        Value::String(text) => attributes.put_read(name, text),
        Value::Number(number) => attributes.put_number(name, number),
        Value::Bool(flag) => attributes.put_flag(name, *flag),
        Value::Array(many) => {
            many.iter().filter_map(Value::as_str).for_each(|one| attributes.put_read(name, one))
        }
        Value::Null | Value::Object(_) => {}
    }
}
