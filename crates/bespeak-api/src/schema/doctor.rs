//! What a look at a node and its home finds.

use serde::Serialize;
use utoipa::ToSchema;

/// Everything that was looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct Examination {
    /// Line by line; later versions may have more.
    pub lines: Vec<Line>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct Line {
    /// What, in a word: `version`, `node`, `home`, `files`, `vault`, `old copy`, `store`, `journal`, `index`, `disk`, `backup`,
    /// `clock`, `address`, `nat`, `peers`, `relay`, `drops`, `heard`. Several lines may be about the same.
    #[schema(example = "backup")]
    pub what: String,
    /// `fine`, `attention` (it works, and its owner should know) or `broken`.
    #[schema(example = "attention")]
    pub state: String,
    /// The same in a sentence.
    pub says: String,
    /// What to type or do; absent only where all is fine.
    #[schema(example = "bespeak backup FILE")]
    pub mend: Option<String>,
}
