//! Decimal: an exact number with a decimal point. Records carry no floats.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::money::shortened;

/// The largest number of steps, either way. Source: wild guess. Times the finest scale and the largest unit
/// factor it stays within an `i128`, in which numbers are compared.
pub const MAX_STEPS: i64 = 1_000_000_000_000_000;
/// The most decimal places. Source: wild guess; a micrometre of a metre.
pub const MAX_SCALE: u8 = 6;

/// Why something is not a decimal number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// No readable number.
    #[error("“{0}” is not a number; write 25 or 2.5")]
    Unreadable(String),
    /// Beyond ±[`MAX_STEPS`], or with more than [`MAX_SCALE`] decimal places.
    #[error("the number has more than {MAX_SCALE} decimal places or is beyond {MAX_STEPS} steps")]
    OutOfRange,
    /// In a record: a decimal place that says nothing, so that one number would have two forms.
    #[error("the number is not in its shortest form")]
    NotShortest,
}

/// `steps` × 10^-`scale`, always in its shortest form (2.50 is 25 × 10⁻¹). As a record
/// `{"scale": 1, "steps": 25}`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Wire")]
pub struct Decimal {
    steps: i64,
    scale: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    steps: i64,
    scale: u8,
}

impl TryFrom<Wire> for Decimal {
    type Error = DecimalError;
    fn try_from(wire: Wire) -> Result<Self, DecimalError> {
        let number = Self::new(wire.steps, wire.scale)?;
        if number.scale == wire.scale { Ok(number) } else { Err(DecimalError::NotShortest) }
    }
}

impl Decimal {
    /// `steps` × 10^-`scale`, brought to its shortest form; fails beyond [`MAX_STEPS`] and [`MAX_SCALE`].
    pub fn new(mut steps: i64, mut scale: u8) -> Result<Self, DecimalError> {
        if scale > MAX_SCALE {
            return Err(DecimalError::OutOfRange);
        }
        while scale > 0 && steps % 10 == 0 {
            steps /= 10;
            scale -= 1;
        }
        if steps.unsigned_abs() > MAX_STEPS.unsigned_abs() {
            return Err(DecimalError::OutOfRange);
        }
        Ok(Self { steps, scale })
    }

    /// How many steps, within ±[`MAX_STEPS`].
    pub fn steps(self) -> i64 {
        self.steps
    }

    /// Decimal places of a step, 0 to [`MAX_SCALE`].
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// In steps of the finest scale: at most 10^21, so that it can be multiplied by factors up to 10^17.
    pub(crate) fn finest(self) -> i128 {
        i128::from(self.steps) * 10_i128.pow(u32::from(MAX_SCALE.saturating_sub(self.scale)))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.finest().cmp(&other.finest())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = 10_u64.pow(u32::from(self.scale));
        let steps = self.steps.unsigned_abs();
        let sign = if self.steps < 0 { "-" } else { "" };
        write!(f, "{sign}{}", steps / whole)?;
        if self.scale > 0 {
            let width = usize::from(self.scale);
            write!(f, ".{:0width$}", steps % whole)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Reads `25`, `-3`, `2.5`.
impl FromStr for Decimal {
    type Err = DecimalError;
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let unreadable = || DecimalError::Unreadable(shortened(text));
        let trimmed = text.trim();
        let digits = trimmed.strip_prefix('-').unwrap_or(trimmed);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) {
            return Err(unreadable());
        }
        let fraction = fraction.trim_end_matches('0');
        let scale = u8::try_from(fraction.len()).map_err(|_| DecimalError::OutOfRange)?;
        let steps = format!("{whole}{fraction}").parse::<i64>().map_err(|_| DecimalError::OutOfRange)?;
        Self::new(if trimmed.len() > digits.len() { -steps } else { steps }, scale)
    }
}

impl From<u32> for Decimal {
    fn from(number: u32) -> Self {
        Self { steps: i64::from(number), scale: 0 }
    }
}

#[cfg(test)]
mod tests;
