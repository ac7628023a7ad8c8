//! Conditions: what an attribute must be for goods to be wanted.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::measure::{compare, number_and_unit, written};
use super::{Attribute, AttributeError, AttributeName, AttributeValue, Decimal, UnitWord};
use crate::money::shortened;

/// What is asked of an attribute. As a record a map with one key: `{"is": …}`, `{"at_most": …}`,
/// `{"at_least": …}`, `{"between": {"least": …, "most": …}}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Exactly this; words without regard to capitals.
    Is(AttributeValue),
    /// This or less.
    AtMost(Decimal),
    /// This or more.
    AtLeast(Decimal),
    /// Both ends and what lies between them.
    Between {
        /// The lower end.
        least: Decimal,
        /// The upper end, not below the lower.
        most: Decimal,
    },
}

/// One thing asked of goods. Written `colour=red`, `weight<=25kg`, `year>=2020`, `width=60..80cm`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Condition {
    name: AttributeName,
    test: Test,
    unit: Option<UnitWord>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    name: AttributeName,
    test: Test,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<UnitWord>,
}

impl TryFrom<Wire> for Condition {
    type Error = AttributeError;
    fn try_from(wire: Wire) -> Result<Self, AttributeError> {
        Self::new(wire.name, wire.test, wire.unit)
    }
}

impl From<Condition> for Wire {
    fn from(condition: Condition) -> Self {
        Self { name: condition.name, test: condition.test, unit: condition.unit }
    }
}

impl Condition {
    /// A condition; fails for a range whose lower end lies above the upper.
    pub fn new(name: AttributeName, test: Test, unit: Option<UnitWord>) -> Result<Self, AttributeError> {
        match test {
            Test::Between { least, most } if least > most => Err(AttributeError::Empty(least, most)),
            test => Ok(Self { name, test, unit }),
        }
    }

    /// The attribute it asks about.
    pub fn name(&self) -> &AttributeName {
        &self.name
    }

    /// What it asks.
    pub fn test(&self) -> &Test {
        &self.test
    }

    /// The unit of its numbers.
    pub fn unit(&self) -> Option<&UnitWord> {
        self.unit.as_ref()
    }

    /// Does this attribute meet it? `None` where that cannot be told: another attribute, another kind of
    /// value, units that cannot be compared.
    pub fn accepts(&self, attribute: &Attribute) -> Option<bool> {
        if attribute.name != self.name {
            return None;
        }
        match &self.test {
            Test::Is(AttributeValue::Text(wanted)) => match &attribute.value {
                AttributeValue::Text(text) => Some(text.to_lowercase() == wanted.to_lowercase()),
                _ => None,
            },
            Test::Is(AttributeValue::Flag(wanted)) => match understood(attribute).0 {
                AttributeValue::Flag(flag) => Some(flag == *wanted),
                _ => None,
            },
            Test::Is(AttributeValue::Number(wanted)) => self.order(attribute, *wanted).map(Ordering::is_eq),
            Test::AtMost(most) => self.order(attribute, *most).map(Ordering::is_le),
            Test::AtLeast(least) => self.order(attribute, *least).map(Ordering::is_ge),
            Test::Between { least, most } => {
                Some(self.order(attribute, *least)?.is_ge() && self.order(attribute, *most)?.is_le())
            }
        }
    }

    /// How the attribute's number stands to one of the condition's.
    fn order(&self, attribute: &Attribute, bound: Decimal) -> Option<Ordering> {
        match understood(attribute) {
            (AttributeValue::Number(number), unit) => {
                compare((number, unit.as_ref()), (bound, self.unit.as_ref()))
            }
            _ => None,
        }
    }
}

/// Catalogues often hold numbers and flags as words: those are read as a person's would be.
fn understood(attribute: &Attribute) -> (AttributeValue, Option<UnitWord>) {
    let as_it_is = || (attribute.value.clone(), attribute.unit.clone());
    match &attribute.value {
        AttributeValue::Text(text) => match AttributeValue::read(text) {
            Ok((value, unit)) => (value, unit.or_else(|| attribute.unit.clone())),
            Err(_) => as_it_is(),
        },
        _ => as_it_is(),
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = self.unit.as_ref();
        match &self.test {
            Test::Is(value) => write!(f, "{}={}", self.name, value.write(unit)),
            Test::AtMost(most) => write!(f, "{}<={}", self.name, written(*most, unit)),
            Test::AtLeast(least) => write!(f, "{}>={}", self.name, written(*least, unit)),
            Test::Between { least, most } => {
                write!(f, "{}={least}..{}", self.name, written(*most, unit))
            }
        }
    }
}

/// Reads `KEY=VALUE`, `KEY<=N`, `KEY>=N` and `KEY=N..N`, numbers with or without a unit.
impl FromStr for Condition {
    type Err = AttributeError;
    fn from_str(text: &str) -> Result<Self, AttributeError> {
        let (name, value) =
            text.split_once('=').ok_or_else(|| AttributeError::Unreadable(shortened(text)))?;
        let name = name.trim();
        if let Some(name) = name.strip_suffix('<') {
            let (most, unit) = number_and_unit(value)?;
            return Self::new(AttributeName::new(name.trim())?, Test::AtMost(most), unit);
        }
        if let Some(name) = name.strip_suffix('>') {
            let (least, unit) = number_and_unit(value)?;
            return Self::new(AttributeName::new(name.trim())?, Test::AtLeast(least), unit);
        }
        let name = AttributeName::new(name)?;
        if let Some((least, most)) = value.split_once("..")
            && let (Ok(least), Ok((most, unit))) = (least.parse(), number_and_unit(most))
        {
            return Self::new(name, Test::Between { least, most }, unit);
        }
        let (value, unit) = AttributeValue::read(value)?;
        Self::new(name, Test::Is(value), unit)
    }
}
