//! GTIN: the number under a bar code, with its check digit.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::money::shortened;

/// Why something is not a GTIN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GtinError {
    /// Not 8, 12, 13 or 14 digits.
    #[error("“{0}” is not a GTIN: it has 8, 12, 13 or 14 digits")]
    Form(String),
    /// The last digit does not follow from the others.
    #[error("“{text}” is not a GTIN: its last digit should be {expected}")]
    CheckDigit {
        /// What was written.
        text: String,
        /// The digit that the others ask for, 0 to 9.
        expected: u8,
    },
}

/// A Global Trade Item Number of 8, 12, 13 or 14 digits whose check digit is right. Two that differ only in
/// leading zeros are equal: they name the same goods. As a record, the digits as they were written.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Gtin {
    number: u64,
    digits: u8,
}

impl Gtin {
    /// Digits of the longest form, in which GTINs are compared; source: GS1 General Specifications.
    pub const LONGEST: usize = 14;

    /// The check digit that follows these digits (all but the last of a GTIN): for `629104150021` it is 3.
    /// `None` when there is something else than digits, or more than 13 of them.
    pub fn check_digit(digits: &str) -> Option<u8> {
        if digits.is_empty() || digits.len() >= Self::LONGEST {
            return None;
        }
        let weights = [3_u32, 1].into_iter().cycle();
        let sum = digits
            .chars()
            .rev()
            .zip(weights)
            .try_fold(0, |sum, (digit, weight)| Some(sum + digit.to_digit(10)? * weight))?;
        u8::try_from((10 - sum % 10) % 10).ok()
    }

    /// The fourteen digits, zeros in front: the form for looking goods up.
    pub fn as_14(&self) -> String {
        let width = Self::LONGEST;
        format!("{:0width$}", self.number)
    }
}

impl FromStr for Gtin {
    type Err = GtinError;
    fn from_str(text: &str) -> Result<Self, GtinError> {
        let form = || GtinError::Form(shortened(text));
        if !matches!(text.len(), 8 | 12 | 13 | 14) || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(form());
        }
        let number: u64 = text.parse().map_err(|_| form())?;
        let (body, last) = text.split_at_checked(text.len() - 1).ok_or_else(form)?;
        let expected = Self::check_digit(body).ok_or_else(form)?;
        if number == 0 {
            return Err(form());
        }
        if last != expected.to_string() {
            return Err(GtinError::CheckDigit { text: shortened(text), expected });
        }
        Ok(Self { number, digits: u8::try_from(text.len()).map_err(|_| form())? })
    }
}

impl PartialEq for Gtin {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Gtin {}

impl Hash for Gtin {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

impl PartialOrd for Gtin {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Gtin {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.number.cmp(&other.number)
    }
}

impl fmt::Display for Gtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = usize::from(self.digits);
        write!(f, "{:0width$}", self.number)
    }
}

impl fmt::Debug for Gtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl TryFrom<String> for Gtin {
    type Error = GtinError;
    fn try_from(text: String) -> Result<Self, GtinError> {
        text.parse()
    }
}

impl From<Gtin> for String {
    fn from(gtin: Gtin) -> Self {
        gtin.to_string()
    }
}

#[cfg(test)]
mod tests;
