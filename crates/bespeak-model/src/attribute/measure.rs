//! Units of attributes, and numbers in different ones compared without rounding.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{AttributeError, Decimal};
use crate::text::{Text, TextError};

/// The unit of an attribute as it is written: a word of up to 16 bytes, `kg`, `inch`, `GB`. Two words for
/// one unit are told apart here and brought together where numbers are compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UnitWord(Text<16>);

impl UnitWord {
    /// The word; fails where it is not a [`Text`] of at most 16 bytes, or begins with a digit, a point, or a
    /// minus, which would be read as part of the number.
    pub fn new(word: &str) -> Result<Self, TextError> {
        Self::checked(Text::new(word)?)
    }

    fn checked(word: Text<16>) -> Result<Self, TextError> {
        match word.chars().find(|c| c.is_ascii_digit() || matches!(c, '.' | '-')) {
            Some(first) if word.starts_with(first) => Err(TextError::Control(first)),
            _ => Ok(Self(word)),
        }
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Is it one of the units that can be converted?
    pub fn is_known(&self) -> bool {
        factor(self.as_str()).is_some()
    }
}

impl TryFrom<String> for UnitWord {
    type Error = TextError;
    fn try_from(word: String) -> Result<Self, TextError> {
        Self::checked(Text::try_from(word)?)
    }
}

impl From<UnitWord> for String {
    fn from(word: UnitWord) -> Self {
        word.0.into()
    }
}

/// What is measured; numbers of different kinds have no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Weight,
    Length,
    Volume,
    Data,
    Power,
    Duration,
}

/// A unit as `number / parts` of the smallest of its kind.
struct Factor {
    kind: Kind,
    number: i128,
    parts: i128,
}

/// The factor of a unit: milligrams, micrometres, microlitres, bytes, milliwatts, seconds. Source: the
/// definitions of SI, of the inch (25.4 mm), the pound (453.59237 g), and IEC for KiB to TiB. The largest
/// factor is 2^40, with which the largest [`Decimal`] stays below 10^34 and two of them can be crossed.
fn factor(unit: &str) -> Option<Factor> {
    let of = |kind, number, parts| Some(Factor { kind, number, parts });
    match unit {
        "kB" => return of(Kind::Data, 1_000, 1),
        "KiB" => return of(Kind::Data, 1 << 10, 1),
        "MiB" => return of(Kind::Data, 1 << 20, 1),
        "GiB" => return of(Kind::Data, 1 << 30, 1),
        "TiB" => return of(Kind::Data, 1 << 40, 1),
        _ => {}
    }
    match unit.to_lowercase().as_str() {
        "mg" => of(Kind::Weight, 1, 1),
        "g" | "gram" | "grams" => of(Kind::Weight, 1_000, 1),
        "kg" | "kilo" | "kilos" => of(Kind::Weight, 1_000_000, 1),
        "t" | "tonne" | "tonnes" => of(Kind::Weight, 1_000_000_000, 1),
        "lb" | "lbs" => of(Kind::Weight, 45_359_237, 100),
        "oz" => of(Kind::Weight, 45_359_237, 1_600),
        "mm" => of(Kind::Length, 1_000, 1),
        "cm" => of(Kind::Length, 10_000, 1),
        "m" | "metre" | "metres" | "meter" | "meters" => of(Kind::Length, 1_000_000, 1),
        "km" => of(Kind::Length, 1_000_000_000, 1),
        "in" | "inch" | "inches" | "\"" | "″" => of(Kind::Length, 25_400, 1),
        "ft" | "foot" | "feet" => of(Kind::Length, 304_800, 1),
        "ml" => of(Kind::Volume, 1_000, 1),
        "cl" => of(Kind::Volume, 10_000, 1),
        "dl" => of(Kind::Volume, 100_000, 1),
        "l" | "litre" | "litres" | "liter" | "liters" => of(Kind::Volume, 1_000_000, 1),
        "kb" => of(Kind::Data, 1_000, 1),
        "mb" => of(Kind::Data, 1_000_000, 1),
        "gb" => of(Kind::Data, 1_000_000_000, 1),
        "tb" => of(Kind::Data, 1_000_000_000_000, 1),
        "mw" if unit == "mW" => of(Kind::Power, 1, 1),
        "w" | "watt" | "watts" => of(Kind::Power, 1_000, 1),
        "kw" => of(Kind::Power, 1_000_000, 1),
        "s" | "sec" | "seconds" => of(Kind::Duration, 1, 1),
        "min" | "minutes" => of(Kind::Duration, 60, 1),
        "h" | "hour" | "hours" => of(Kind::Duration, 3_600, 1),
        "day" | "days" => of(Kind::Duration, 86_400, 1),
        "week" | "weeks" => of(Kind::Duration, 604_800, 1),
        _ => None,
    }
}

/// The order of two numbers with their units, exactly; `None` where it cannot be told: another kind of unit,
/// an unknown one, or a unit on one side only.
pub(super) fn compare(
    (left, left_unit): (Decimal, Option<&UnitWord>),
    (right, right_unit): (Decimal, Option<&UnitWord>),
) -> Option<Ordering> {
    match (left_unit, right_unit) {
        (None, None) => Some(left.cmp(&right)),
        (Some(one), Some(other)) if one == other => Some(left.cmp(&right)),
        (Some(one), Some(other)) => {
            let (one, other) = (factor(one.as_str())?, factor(other.as_str())?);
            if one.kind != other.kind {
                return None;
            }
            let left = left.finest().checked_mul(one.number)?.checked_mul(other.parts)?;
            let right = right.finest().checked_mul(other.number)?.checked_mul(one.parts)?;
            Some(left.cmp(&right))
        }
        _ => None,
    }
}

/// What a number counts, so that numbers on one scale have an order: kilograms and grams are on one, words
/// that are no known unit each on their own, and bare numbers on theirs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scale(Counted);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Counted {
    Bare,
    Kind(Kind),
    Word(UnitWord),
}

/// The common denominator of all [`factor`]s: that of the ounce.
const PARTS: i128 = 1_600;

/// A number and its unit as a place on a scale. On one scale places compare as the numbers do, exactly; for
/// whoever compares the same number very often.
pub fn measure(number: Decimal, unit: Option<&UnitWord>) -> (Scale, i128) {
    let Some(word) = unit else { return (Scale(Counted::Bare), number.finest()) };
    match factor(word.as_str()) {
        // At most 10^21 × 2^40 × 1,600, which is below 2^121.
        Some(of) => (Scale(Counted::Kind(of.kind)), number.finest() * of.number * (PARTS / of.parts)),
        None => (Scale(Counted::Word(word.clone())), number.finest()),
    }
}

/// A number and what follows it: `25kg`, `2.5 cm`, `40`.
pub(super) fn number_and_unit(text: &str) -> Result<(Decimal, Option<UnitWord>), AttributeError> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-')).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end).unwrap_or((text, ""));
    let unit = match unit.trim() {
        "" => None,
        word => Some(UnitWord::new(word)?),
    };
    Ok((number.parse()?, unit))
}

/// As [`number_and_unit`] reads it back.
pub(super) fn written(number: Decimal, unit: Option<&UnitWord>) -> String {
    match unit {
        Some(unit) => format!("{number}{}", unit.as_str()),
        None => number.to_string(),
    }
}
