//! Why a line was passed over.

use bespeak_model::gtin::GtinError;
use bespeak_model::money::MoneyError;

use crate::goods::Sku;

/// What is wrong with a line, in words that say what to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// More bytes than a line may have.
    #[error("the line is longer than {} bytes", super::MAX_LINE_BYTES)]
    TooLong,
    /// Not UTF-8.
    #[error("the line is not UTF-8 text")]
    NotText,
    /// Not one JSON object.
    #[error("the line is not a JSON object: {0}")]
    Json(String),
    /// Not a row of the table.
    #[error("the row cannot be read: {0}")]
    Row(String),
    /// Something is missing without which there are no goods.
    #[error("there is no {0}")]
    Missing(&'static str),
    /// Something is of another kind than it must be.
    #[error("“{field}” is not {expected}")]
    Kind {
        /// Which.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// The goods' number has characters that cannot stand, or more than 64 bytes.
    #[error("the number “{0}” is too long or has characters that cannot stand in it")]
    Sku(String),
    /// The price cannot be read.
    #[error("the price cannot be read: {0}")]
    Price(#[from] MoneyError),
    /// A price below nothing.
    #[error("the price is negative")]
    NegativePrice,
    /// A bar code's number is wrong.
    #[error(transparent)]
    Gtin(#[from] GtinError),
    /// The category is none that can be mapped.
    #[error("{0}")]
    Category(String),
    /// The number stood in an earlier line already.
    #[error("the number {sku} is already on line {first}")]
    Duplicate {
        /// Which number.
        sku: Sku,
        /// Where it stood first, from 1.
        first: u64,
    },
}
