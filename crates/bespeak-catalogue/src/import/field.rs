//! Fields: the values of goods, made of what stands in a file. What goods cannot be without is refused with
//! its reason; what is mere description is cleaned, cut or left out.

use bespeak_model::attribute::{Attribute, AttributeName, AttributeValue, Decimal, UnitWord};
use bespeak_model::category::{self, Slug};
use bespeak_model::gtin::Gtin;
use bespeak_model::intention::GoodsCondition;
use bespeak_model::money::{Currency, Money};
use bespeak_model::text::Text;

use crate::goods::{MAX_ATTRIBUTES, Sku};
use crate::import::clean::plain;
use crate::import::skip::Why;

/// Characters of a faulty value shown in a reason. Source: wild guess, half a terminal line.
const SHOWN: usize = 40;

/// The goods' number, taken as it stands: two that differ must not become one.
pub(crate) fn sku(text: &str) -> Result<Sku, Why> {
    match text.trim() {
        "" => Err(Why::Missing("number (sku or id)")),
        text => Sku::new(text)
            .map_err(|_| Why::Sku(text.chars().filter(|c| !c.is_control()).take(SHOWN).collect())),
    }
}

/// A title, cleaned and on one line.
pub(crate) fn title(text: &str) -> Result<Text<200>, Why> {
    one_line(text).ok_or(Why::Missing("title"))
}

/// Any short text on one line, cleaned; `None` where nothing remains.
pub(crate) fn one_line<const MAX: usize>(text: &str) -> Option<Text<MAX>> {
    let words: Vec<String> = plain(text).split_whitespace().map(str::to_owned).collect();
    Text::cleaned(&words.join(" "))
}

/// A text of several lines, cleaned; `None` where nothing remains.
pub(crate) fn prose<const MAX: usize>(text: &str) -> Option<Text<MAX, true>> {
    Text::cleaned(&plain(text))
}

/// A bar code's number, spaces and hyphens left out.
pub(crate) fn gtin(text: &str) -> Result<Gtin, Why> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    Ok(digits.parse()?)
}

/// A price as it is written: with its currency, or a number in the default one; `19,99` is `19.99`.
pub(crate) fn price(text: &str, default: Currency) -> Result<Money, Why> {
    let text = text.trim();
    let number_only = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'-'));
    let with_currency = if number_only { format!("{text} {default}") } else { text.to_owned() };
    not_negative(with_point(&with_currency).parse()?)
}

/// `1,234.50` without its comma, `19,99` with a point in its place.
fn with_point(text: &str) -> String {
    if text.contains('.') {
        return text.replace(',', "");
    }
    match text.rsplit_once(',') {
        Some((whole, rest)) if rest.bytes().take_while(u8::is_ascii_digit).count() == 3 => {
            format!("{}{rest}", whole.replace(',', ""))
        }
        Some((whole, rest)) => format!("{whole}.{rest}"),
        None => text.to_owned(),
    }
}

/// A price in minor units.
pub(crate) fn minor_units(amount: i64, currency: Currency) -> Result<Money, Why> {
    not_negative(Money::new(amount, currency)?)
}

pub(crate) fn not_negative(money: Money) -> Result<Money, Why> {
    if money.is_negative() { Err(Why::NegativePrice) } else { Ok(money) }
}

/// A category by slug, foreign id (`google:…`) or path; fails with the nearest slugs.
pub(crate) fn category(text: &str) -> Result<Slug, Why> {
    category::parse(text).map_err(|unknown| Why::Category(unknown.to_string()))
}

/// A category in the shop's own words: a path, a foreign id, or just a name; `None` where it is none of ours.
pub(crate) fn free_category(text: &str) -> Option<Slug> {
    let text = text.trim();
    // Not by `parse`, which looks for what is nearest where nothing fits.
    let slug = Slug::new(&text.to_lowercase()).ok().filter(|slug| slug.known().is_some());
    slug.or_else(|| category::from_foreign(text))
        .or_else(|| category::named(text))
        .or_else(|| category::from_path(text))
}

/// The state of goods: new, refurbished or used.
pub(crate) fn condition(text: &str) -> Result<GoodsCondition, Why> {
    let expected = "new, refurbished or used";
    text.trim().parse().map_err(|_| Why::Kind { field: "condition", expected })
}

/// Attributes, gathered up to [`MAX_ATTRIBUTES`].
#[derive(Debug, Default)]
pub(crate) struct Attributes(pub(crate) Vec<Attribute>);

impl Attributes {
    /// Adds one, if there is place.
    pub(crate) fn put(&mut self, attribute: Attribute) {
        if self.0.len() < MAX_ATTRIBUTES && !self.0.contains(&attribute) {
            self.0.push(attribute);
        }
    }

    /// Adds one whose value is words, cleaned; leaves out what says nothing.
    pub(crate) fn put_text(&mut self, name: &str, value: &str) {
        if let (Some(name), Some(text)) = (AttributeName::folded(name), one_line(value)) {
            self.put(Attribute { name, value: AttributeValue::Text(text), unit: None });
        }
    }

    /// Adds one whose value is what a person would mean by it: a number with its unit, yes or no, or words.
    pub(crate) fn put_read(&mut self, name: &str, value: &str) {
        let Some(name) = AttributeName::folded(name) else { return };
        let Some(text) = one_line::<128>(value) else { return };
        if let Ok((value, unit)) = AttributeValue::read(&text) {
            self.put(Attribute { name, value, unit });
        }
    }

    /// Adds one that is a number in a unit; other words are read as they stand, without it.
    pub(crate) fn put_measure(&mut self, name: &str, number: &str, unit: &str) {
        let parts = (AttributeName::folded(name), number.trim().parse::<Decimal>(), UnitWord::new(unit));
        match parts {
            (Some(name), Ok(number), Ok(unit)) => {
                self.put(Attribute { name, value: AttributeValue::Number(number), unit: Some(unit) });
            }
            _ => self.put_read(name, number),
        }
    }

    /// Adds one that is a number, written as JSON writes it; leaves out what is too large or too fine.
    pub(crate) fn put_number(&mut self, name: &str, number: &serde_json::Number) {
        let Some(name) = AttributeName::folded(name) else { return };
        let number = number.to_string();
        if let Ok(number) = number.trim_end_matches(".0").parse::<Decimal>() {
            self.put(Attribute { name, value: AttributeValue::Number(number), unit: None });
        }
    }

    /// Adds one that is yes or no.
    pub(crate) fn put_flag(&mut self, name: &str, flag: bool) {
        if let Some(name) = AttributeName::folded(name) {
            self.put(Attribute { name, value: AttributeValue::Flag(flag), unit: None });
        }
    }
}
