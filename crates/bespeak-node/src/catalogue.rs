//! A vendor's goods as the owner sees them: what came of an import, what a search found.

use serde::Serialize;

pub use bespeak_catalogue::{Goods, Sku, import::Format};

/// What came of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Goods that were not there before.
    pub imported: u64,
    /// Goods of which something is different now.
    pub updated: u64,
    /// Goods that were there and say the same.
    pub unchanged: u64,
    /// The first lines that were passed over, and why.
    pub skipped: Vec<SkippedLine>,
    /// How many lines were passed over in all.
    pub skipped_count: u64,
}

/// A line of an import that was passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SkippedLine {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub why: String,
}

/// Goods that a search found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// The vendor's own number.
    pub sku: Sku,
    /// What they are called.
    pub title: String,
    /// The higher the better; comparable within one search only.
    pub score: f32,
    /// What was found where.
    pub why: Vec<String>,
}

impl From<bespeak_catalogue::Hit> for Hit {
    fn from(hit: bespeak_catalogue::Hit) -> Self {
        let bespeak_catalogue::Hit { sku, title, score, why, .. } = hit;
        Self { sku, title, score, why }
    }
}

/// Why an import failed. Goods taken in before it broke off stay.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The source cannot be read.
    #[error("{0}")]
    Source(String),
    /// The goods could not be kept.
    #[error("the goods could not be kept: {0}")]
    NotKept(#[from] bespeak_store::CommitError),
}
