//! Quantity: whole steps of a decimal fraction of a unit that trade knows by a code.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::money::shortened;
pub use crate::unit::{Unit, UnknownUnit};

/// The most steps of one quantity. Source: wild guess, a thousand million pieces or grams in one line.
/// Times [`crate::money::MAX_MINOR`] it fits an `i128`, in which prices are multiplied.
pub const MAX_STEPS: u64 = 1_000_000_000;

/// The most decimal places. Source: wild guess; a milligram of a kilogram.
pub const MAX_SCALE: u8 = 6;

/// Why something is not a quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Nothing, or below nothing.
    #[error("a quantity is more than nothing")]
    NotPositive,
    /// More than [`MAX_STEPS`] steps.
    #[error("the quantity is beyond {MAX_STEPS} steps")]
    TooLarge,
    /// More than [`MAX_SCALE`] decimal places.
    #[error("a quantity has at most {MAX_SCALE} decimal places")]
    TooFine,
    /// In a record: a decimal place that says nothing, so that one quantity would have two forms.
    #[error("the quantity is not in its shortest form")]
    NotShortest,
    /// Two units in one sum.
    #[error("{0} and {1} cannot be put together")]
    Mixed(Unit, Unit),
    /// The unit is not known.
    #[error(transparent)]
    Unit(#[from] UnknownUnit),
    /// No readable number.
    #[error("“{0}” is not a quantity; write 2, 2x or 1.5 kg")]
    Unreadable(String),
}

/// `steps` × 10^-`scale` of a unit, more than nothing, always in its shortest form (1.5 kg is 15 × 10⁻¹).
/// As a record `{"scale": 1, "steps": 15, "unit": "KGM"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Wire")]
pub struct Quantity {
    steps: u64,
    scale: u8,
    unit: Unit,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    steps: u64,
    scale: u8,
    unit: Unit,
}

impl TryFrom<Wire> for Quantity {
    type Error = QuantityError;
    fn try_from(wire: Wire) -> Result<Self, QuantityError> {
        let quantity = Self::new(wire.steps, wire.scale, wire.unit)?;
        if quantity.scale == wire.scale { Ok(quantity) } else { Err(QuantityError::NotShortest) }
    }
}

impl Quantity {
    /// `steps` × 10^-`scale` of `unit`, brought to its shortest form; fails for nothing, and beyond
    /// [`MAX_STEPS`] and [`MAX_SCALE`].
    pub fn new(steps: u64, scale: u8, unit: Unit) -> Result<Self, QuantityError> {
        if scale > MAX_SCALE {
            return Err(QuantityError::TooFine);
        }
        Self::from_wide(u128::from(steps), scale, unit)
    }

    /// So many pieces; fails for none and beyond [`MAX_STEPS`].
    pub fn pieces(count: u64) -> Result<Self, QuantityError> {
        Self::new(count, 0, Unit::Piece)
    }

    /// One piece.
    pub fn one() -> Self {
        Self { steps: 1, scale: 0, unit: Unit::Piece }
    }

    fn from_wide(mut steps: u128, mut scale: u8, unit: Unit) -> Result<Self, QuantityError> {
        if steps == 0 {
            return Err(QuantityError::NotPositive);
        }
        while scale > 0 && steps.is_multiple_of(10) {
            steps /= 10;
            scale -= 1;
        }
        let steps = u64::try_from(steps).map_err(|_| QuantityError::TooLarge)?;
        if steps > MAX_STEPS {
            return Err(QuantityError::TooLarge);
        }
        Ok(Self { steps, scale, unit })
    }

    /// How many steps, 1 to [`MAX_STEPS`].
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Decimal places of a step, 0 to [`MAX_SCALE`].
    pub fn scale(&self) -> u8 {
        self.scale
    }

    /// The unit.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// The number of units, where it is a whole number.
    pub fn whole(&self) -> Option<u64> {
        (self.scale == 0).then_some(self.steps)
    }

    /// The sum; fails for two units or beyond the bounds.
    pub fn checked_add(&self, other: Self) -> Result<Self, QuantityError> {
        let (mine, theirs, scale) = self.aligned(other)?;
        Self::from_wide(mine + theirs, scale, self.unit)
    }

    /// What remains after taking `other` away: `None` when nothing remains; fails for two units, and when
    /// `other` is more than there is.
    pub fn checked_sub(&self, other: Self) -> Result<Option<Self>, QuantityError> {
        let (mine, theirs, scale) = self.aligned(other)?;
        match mine.checked_sub(theirs) {
            None => Err(QuantityError::NotPositive),
            Some(0) => Ok(None),
            Some(rest) => Self::from_wide(rest, scale, self.unit).map(Some),
        }
    }

    /// So many times this; fails for none and beyond the bounds.
    pub fn checked_mul(&self, times: u64) -> Result<Self, QuantityError> {
        Self::from_wide(u128::from(self.steps) * u128::from(times), self.scale, self.unit)
    }

    /// A quantity at the head of a text and what follows it: `2x red chairs`, `1.5 kg flour`. A text
    /// without one is one piece of the whole text; a size is no quantity, so `13 inch laptop` and `2 chairs`
    /// (which may be a name) are one piece too.
    pub fn leading(text: &str) -> (Self, &str) {
        let text = text.trim();
        for (end, _) in text.match_indices(char::is_whitespace).take(2) {
            let (head, rest) = text.split_at_checked(end).unwrap_or((text, ""));
            let says_unit = !head.ends_with(|c: char| c.is_ascii_digit());
            if let Ok(quantity) = head.parse::<Self>()
                && says_unit
                && !quantity.unit.measures_size()
            {
                return (quantity, rest.trim_start());
            }
        }
        (Self::one(), text)
    }

    /// Both in steps of the finer scale.
    fn aligned(&self, other: Self) -> Result<(u128, u128, u8), QuantityError> {
        if self.unit != other.unit {
            return Err(QuantityError::Mixed(self.unit, other.unit));
        }
        let scale = self.scale.max(other.scale);
        Ok((self.at(scale), other.at(scale), scale))
    }

    fn at(&self, scale: u8) -> u128 {
        u128::from(self.steps) * 10_u128.pow(u32::from(scale.saturating_sub(self.scale)))
    }
}

/// Quantities of different units have no order.
impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        let (mine, theirs, _) = self.aligned(*other).ok()?;
        Some(mine.cmp(&theirs))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = 10_u64.pow(u32::from(self.scale));
        write!(f, "{}", self.steps / whole)?;
        if self.scale > 0 {
            let width = usize::from(self.scale);
            write!(f, ".{:0width$}", self.steps % whole)?;
        }
        match self.unit {
            Unit::Piece => f.write_str("x"),
            unit => write!(f, " {}", unit.symbol()),
        }
    }
}

/// Reads `2`, `2x`, `1.5 kg`, `0.5 KGM`.
impl FromStr for Quantity {
    type Err = QuantityError;
    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let unreadable = || QuantityError::Unreadable(shortened(text));
        let trimmed = text.trim();
        let end = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at_checked(end).ok_or_else(unreadable)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() || number.ends_with('.') || fraction.contains('.') {
            return Err(unreadable());
        }
        let fraction = fraction.trim_end_matches('0');
        let scale = u8::try_from(fraction.len()).map_err(|_| QuantityError::TooFine)?;
        if scale > MAX_SCALE {
            return Err(QuantityError::TooFine);
        }
        let steps = format!("{whole}{fraction}").parse::<u64>().map_err(|_| QuantityError::TooLarge)?;
        let unit = match unit.trim() {
            "" => Unit::Piece,
            word => word.parse()?,
        };
        Self::new(steps, scale, unit)
    }
}

#[cfg(test)]
mod tests;
