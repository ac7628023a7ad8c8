//! Search: a wish in words, and the goods that answer it.

pub(crate) mod fields;
pub(crate) mod index;
pub(crate) mod rank;
mod synonyms;
pub(crate) mod wish;
pub(crate) mod words;
