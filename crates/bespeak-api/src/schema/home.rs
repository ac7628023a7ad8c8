//! What belongs to the home itself.

use serde::Serialize;
use utoipa::ToSchema;

/// What is said of an item of personal data.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataItem {
    /// The version of this description.
    pub v: u8,
    /// Its id: `data-` and a hash of the item and what is said of it.
    pub id: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is called.
    pub name: Option<String>,
    /// How it is written.
    #[schema(example = "application/json")]
    pub media_type: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Under which words it is found again; absent when there are none.
    pub tags: Option<Vec<String>>,
    /// When it was first kept.
    #[schema(format = DateTime)]
    pub added_at: String,
}

/// An item that was asked to be kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeptData {
    /// Whether it is new; the same item is kept once.
    pub added: bool,
    /// What is said of it.
    pub item: DataItem,
}

/// What came of taking an export in.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakenIn {
    /// What was not here before: records, personal data, goods.
    pub added: u64,
    /// What was here already, and was left as it is.
    pub known: u64,
}
