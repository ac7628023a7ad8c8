//! Search: a wish in words, and the goods that answer it.

mod code;
pub(crate) mod fields;
pub(crate) mod head;
pub(crate) mod index;
pub(crate) mod postings;
pub(crate) mod rank;
mod spelling;
mod standing;
mod synonyms;
pub(crate) mod wish;
