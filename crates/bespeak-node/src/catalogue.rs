//! A vendor's goods as the owner sees them: what came of an import, what a search found.

use bespeak_match::Verdict;
use serde::Serialize;

pub use bespeak_catalogue::{Feed, Goods, Sku, import::Format};

/// How a file is to be taken in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// How it is written.
    pub format: Format,
    /// What it is called; tells the format where its content does not.
    pub name: Option<String>,
    /// Which feed it is, so that what is no longer in it can be told.
    pub feed: Option<Feed>,
    /// What the columns of a table of one's own mean, in TOML.
    pub mapping: Option<String>,
    /// The feed is the whole stock: what came from it before and is no longer in it is removed.
    pub complete: bool,
    /// Removed even where that looks like a mistake.
    pub confirmed: bool,
}

impl From<Format> for ImportOptions {
    fn from(format: Format) -> Self {
        Self { format, ..Self::default() }
    }
}

/// How far the import is that is going on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportProgress {
    /// Bytes read of the file.
    pub bytes: u64,
    /// Bytes it has.
    pub total: u64,
    /// Goods read.
    pub read: u64,
    /// Records passed over.
    pub skipped: u64,
}

/// What came of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Goods that were not there before.
    pub imported: u64,
    /// Goods of which something is different now.
    pub updated: u64,
    /// Goods that were there and say the same.
    pub unchanged: u64,
    /// Goods that were removed, for a feed that is the whole stock no longer has them.
    pub removed: u64,
    /// Why nothing was removed, where that waits for the owner's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_removed: Option<String>,
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
    /// The goods' number, where it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<Sku>,
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

/// Goods that may fill a line of an intention.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Match {
    /// Which line, from 1.
    pub line: u16,
    /// The vendor's own number.
    pub sku: Sku,
    /// What they are called.
    pub title: String,
    /// The higher the better; comparable within one line only.
    pub score: f32,
    /// Whether everything asked is known to be met; otherwise something cannot be told.
    pub fits: bool,
    /// What was found where, and what came of each condition.
    pub why: Vec<String>,
}

impl From<bespeak_catalogue::Match> for Match {
    fn from(found: bespeak_catalogue::Match) -> Self {
        let bespeak_catalogue::Match { line, sku, title, score, verdict, why } = found;
        Self { line: u16::from(line) + 1, sku, title, score, fits: verdict == Verdict::Fits, why }
    }
}

/// Why an import failed. Goods taken in before it broke off stay.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The source cannot be read.
    #[error("{0}")]
    Source(String),
    /// What was said about it cannot be.
    #[error("{0}")]
    Options(String),
    /// The goods could not be kept.
    #[error("the goods could not be kept: {0}")]
    NotKept(#[from] bespeak_store::CommitError),
}
