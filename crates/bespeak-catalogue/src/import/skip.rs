//! Why a record was passed over.

use bespeak_model::gtin::GtinError;
use bespeak_model::money::MoneyError;

use crate::goods::Sku;

/// What is wrong with a record, in words that say what to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// More bytes than a record may have.
    #[error("the record is longer than {} bytes", super::MAX_LINE_BYTES)]
    TooLong,
    /// Not UTF-8.
    #[error("the line is not UTF-8 text; save the file as UTF-8, or name its encoding in a mapping file")]
    NotText,
    /// Not one JSON object.
    #[error("the line is not a JSON object: {0}")]
    Json(String),
    /// Not well-formed XML.
    #[error("the record is not well-formed XML: {0}")]
    Xml(String),
    /// Not a row of the table.
    #[error("the row cannot be read: {0}")]
    Row(String),
    /// A quote that begins here and does not end where it should.
    #[error("a quote is opened here and never closed; double the quotes that stand inside a cell")]
    Unclosed,
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
    /// The shop itself does not sell it.
    #[error("it is not for sale: {0}")]
    NotForSale(&'static str),
    /// The number stood in an earlier line already.
    #[error("the number {sku} is already on line {first}")]
    Duplicate {
        /// Which number.
        sku: Sku,
        /// Where it stood first, from 1.
        first: u64,
    },
}

impl Why {
    /// Can the record be about goods whose number could not be read? One without a number, or with one that
    /// cannot stand, never brought goods in.
    pub(crate) fn hides_number(&self) -> bool {
        matches!(
            self,
            Self::TooLong | Self::NotText | Self::Json(_) | Self::Xml(_) | Self::Row(_) | Self::Unclosed
        )
    }
}

/// What is wrong with a record, and whose it is where that could be read.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) sku: Option<Sku>,
    pub(crate) why: Why,
}

impl Fault {
    /// Makes goods whose number is known, so that what is wrong with them is said of that number.
    pub(crate) fn at<T>(sku: &Sku, make: impl FnOnce() -> Result<T, Why>) -> Result<T, Self> {
        make().map_err(|why| Self { sku: Some(sku.clone()), why })
    }
}

impl From<Why> for Fault {
    fn from(why: Why) -> Self {
        Self { sku: None, why }
    }
}
