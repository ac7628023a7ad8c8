//! Money: whole minor units of one ISO 4217 currency.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::quantity::Quantity;

/// The largest amount, either way, in minor units: ten million million of a two-decimal currency.
/// Source: wild guess, far above any trade. Sums of a thousand such amounts still fit an `i64`, so a
/// larger bound would only bring overflow nearer.
pub const MAX_MINOR: i64 = 1_000_000_000_000_000;

/// Why something is not money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The three letters are not a currency in which amounts can be counted.
    #[error("“{0}” is not a currency; write an ISO 4217 code in capitals, such as EUR or USD")]
    Currency(String),
    /// The text has no readable number, or no currency.
    #[error("“{0}” is not an amount; write it as 1500EUR or 19.99 EUR")]
    Unreadable(String),
    /// More decimal places than the currency has.
    #[error("{currency} has {places} decimal places, “{text}” has more")]
    TooFine {
        /// What was written.
        text: String,
        /// The currency that was named.
        currency: Currency,
        /// How many decimal places that currency has.
        places: u8,
    },
    /// Outside ±[`MAX_MINOR`].
    #[error("the amount is beyond {MAX_MINOR} minor units")]
    TooLarge,
    /// Two currencies in one sum.
    #[error("{0} and {1} cannot be put together")]
    Mixed(Currency, Currency),
}

/// A currency of ISO 4217 that has a minor unit: `EUR`, `JPY`, `KWD`. Codes that count nothing
/// (`XXX`, `XTS`, metals, drawing rights) are refused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(iso_currency::Currency::EUR);
    /// The dollar of the United States.
    pub const USD: Self = Self(iso_currency::Currency::USD);

    /// The currency of a three-letter code in capitals; fails for anything else.
    pub fn new(code: &str) -> Result<Self, MoneyError> {
        let known = iso_currency::Currency::from_code(code).filter(|c| c.exponent().is_some());
        known.map(Self).ok_or_else(|| MoneyError::Currency(shortened(code)))
    }

    /// The three letters.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// The English name, such as “Euro”.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Decimal places of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD; at most 4.
    pub fn places(self) -> u8 {
        self.0.exponent().and_then(|places| u8::try_from(places).ok()).unwrap_or_default()
    }

    /// Minor units in one major unit: 100 for EUR.
    fn minor_per_major(self) -> i128 {
        10_i128.pow(u32::from(self.places()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(code: &str) -> Result<Self, MoneyError> {
        Self::new(code)
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(code: String) -> Result<Self, MoneyError> {
        Self::new(&code)
    }
}

impl From<Currency> for &'static str {
    fn from(currency: Currency) -> Self {
        currency.code()
    }
}

/// An amount of money within ±[`MAX_MINOR`] minor units. Written `19.99 EUR`; as a record
/// `{"amount": 1999, "currency": "EUR"}`. Negative amounts are rebates; what must not be negative is
/// checked where it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Wire")]
pub struct Money {
    amount: i64,
    currency: Currency,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    amount: i64,
    currency: Currency,
}

impl TryFrom<Wire> for Money {
    type Error = MoneyError;
    fn try_from(wire: Wire) -> Result<Self, MoneyError> {
        Self::new(wire.amount, wire.currency)
    }
}

impl Money {
    /// `amount` minor units (cents) of `currency`; fails beyond ±[`MAX_MINOR`].
    pub fn new(amount: i64, currency: Currency) -> Result<Self, MoneyError> {
        Self::from_wide(i128::from(amount), currency)
    }

    /// Nothing, in `currency`.
    pub fn zero(currency: Currency) -> Self {
        Self { amount: 0, currency }
    }

    fn from_wide(amount: i128, currency: Currency) -> Result<Self, MoneyError> {
        let amount = i64::try_from(amount).map_err(|_| MoneyError::TooLarge)?;
        if amount.unsigned_abs() > MAX_MINOR.unsigned_abs() {
            return Err(MoneyError::TooLarge);
        }
        Ok(Self { amount, currency })
    }

    /// Minor units: cents for EUR.
    pub fn amount(&self) -> i64 {
        self.amount
    }

    /// The currency.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Below nothing.
    pub fn is_negative(&self) -> bool {
        self.amount < 0
    }

    /// Exactly nothing.
    pub fn is_zero(&self) -> bool {
        self.amount == 0
    }

    /// The sum; fails for two currencies or beyond the bound.
    pub fn checked_add(&self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Self::from_wide(i128::from(self.amount) + i128::from(other.amount), self.currency)
    }

    /// The difference; fails for two currencies or beyond the bound.
    pub fn checked_sub(&self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Self::from_wide(i128::from(self.amount) - i128::from(other.amount), self.currency)
    }

    /// This price per unit, for `quantity`; a broken minor unit is rounded, halves away from nothing.
    pub fn for_quantity(&self, quantity: Quantity) -> Result<Self, MoneyError> {
        let whole = 10_i128.pow(u32::from(quantity.scale()));
        let exact = i128::from(self.amount) * i128::from(quantity.steps());
        let rounded = (exact.abs() * 2 + whole) / (whole * 2);
        Self::from_wide(rounded * exact.signum(), self.currency)
    }

    fn same_currency(&self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::Mixed(self.currency, other.currency))
    }
}

/// Amounts of different currencies have no order.
impl PartialOrd for Money {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        (self.currency == other.currency).then(|| self.amount.cmp(&other.amount))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minor = u128::from(self.amount.unsigned_abs());
        let per_major = self.currency.minor_per_major().unsigned_abs();
        let sign = if self.amount < 0 { "-" } else { "" };
        write!(f, "{sign}{}", minor / per_major)?;
        if self.currency.places() > 0 {
            let width = usize::from(self.currency.places());
            write!(f, ".{:0width$}", minor % per_major)?;
        }
        write!(f, " {}", self.currency)
    }
}

/// Reads `1500EUR`, `19.99 EUR` and `EUR 19.99`.
impl FromStr for Money {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let unreadable = || MoneyError::Unreadable(shortened(text));
        let trimmed = text.trim();
        let (number, code) = split_code(trimmed).ok_or_else(unreadable)?;
        let currency = Currency::new(code)?;
        let (negative, digits) = match number.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, number),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() || digits.ends_with('.') || !all_digits(whole) || !all_digits(fraction) {
            return Err(unreadable());
        }
        if fraction.len() > usize::from(currency.places()) {
            let text = shortened(trimmed);
            return Err(MoneyError::TooFine { text, currency, places: currency.places() });
        }
        let width = usize::from(currency.places());
        let minor: i128 = format!("{whole}{fraction:0<width$}").parse().map_err(|_| MoneyError::TooLarge)?;
        Self::from_wide(if negative { -minor } else { minor }, currency)
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// The number and the three letters, whichever comes first.
fn split_code(text: &str) -> Option<(&str, &str)> {
    /// Length of an ISO 4217 code.
    const CODE: usize = 3;
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    if let Some((code, number)) = text.split_at_checked(CODE)
        && letters(code)
    {
        return Some((number.trim(), code));
    }
    let (number, code) = text.split_at_checked(text.len().checked_sub(CODE)?)?;
    letters(code).then(|| (number.trim(), code))
}

/// What a person wrote, cut to a length fit for an error message.
pub(crate) fn shortened(text: &str) -> String {
    /// Characters shown of an unreadable input; source: wild guess, half a terminal line.
    const SHOWN: usize = 40;
    text.chars().filter(|c| !c.is_control()).take(SHOWN).collect()
}

#[cfg(test)]
mod tests;
