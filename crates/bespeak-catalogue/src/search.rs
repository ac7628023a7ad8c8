//! Search: a wish in words, and the goods that answer it.

pub(crate) mod fields;
mod head;
pub(crate) mod index;
pub(crate) mod rank;
mod standing;
mod synonyms;
pub(crate) mod wish;
