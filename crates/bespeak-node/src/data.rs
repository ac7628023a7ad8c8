//! Personal data as its owner sees it.

pub use bespeak_export::data::{
    DataError, DataId, Description, Item, MAX_ALL, MAX_ITEM, MAX_TAGS, Meta, Tag, Word,
};
use serde::Serialize;

/// An item that was asked to be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Whether it is new; the same item is kept once.
    pub added: bool,
    /// What is said of it.
    pub item: Meta,
}

/// Why a beginning of an id names no item.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unnamed {
    /// Nothing begins like this.
    #[error("there is no item “{0}”; see `bespeak data list`")]
    NotFound(String),
    /// Several do.
    #[error("“{text}” is the beginning of {count} items; write more of it")]
    Ambiguous {
        /// As written.
        text: String,
        /// How many.
        count: usize,
    },
}

/// The item that a beginning of an id names, with or without `data-`.
pub(crate) fn pick(items: Vec<Meta>, text: &str) -> Result<Meta, Unnamed> {
    let text = text.trim().to_ascii_lowercase();
    let shown = || text.chars().take(80).collect::<String>();
    let digits = text.strip_prefix(DataId::PREFIX).unwrap_or(&text);
    let begins = |meta: &Meta| {
        meta.id.as_str().strip_prefix(DataId::PREFIX).is_some_and(|own| own.starts_with(digits))
    };
    let mut found: Vec<Meta> = items.into_iter().filter(|meta| !digits.is_empty() && begins(meta)).collect();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Unnamed::NotFound(shown())),
        count => Err(Unnamed::Ambiguous { text: shown(), count }),
    }
}
