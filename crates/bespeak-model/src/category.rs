//! Categories: a small tree of slugs of our own, about 25 roots and a second level, cross-referenced to
//! Google's, Shopify's, GS1's and the United Nations' codes and to schema.org. The roots are the market's topics.

use crate::money::shortened;

mod guess;
mod slug;
mod tree;

pub use guess::{from_path, guess, named};
pub use slug::{Slug, SlugError};
pub use tree::{Category, all, from_foreign, roots};

/// A person named a category that is not in the tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no category “{asked}”{}", suggestion(.nearest))]
pub struct UnknownCategory {
    /// What was asked for, shortened.
    pub asked: String,
    /// Up to five that are spelled or named alike, nearest first.
    pub nearest: Vec<Slug>,
}

fn suggestion(nearest: &[Slug]) -> String {
    if nearest.is_empty() {
        return format!("; the roots are {}", list(&roots().collect::<Vec<_>>()));
    }
    format!("; the nearest are {}", list(nearest))
}

fn list(slugs: &[Slug]) -> String {
    slugs.iter().map(Slug::as_str).collect::<Vec<_>>().join(", ")
}

/// The category a person means: a slug of the tree, or a foreign id such as `google:499713`; fails with the
/// nearest slugs. (Records from others are read with [`Slug`], which also takes what a later tree may hold.)
pub fn parse(text: &str) -> Result<Slug, UnknownCategory> {
    let asked = text.trim().to_lowercase();
    if let Some(category) = tree::find(&asked) {
        return Ok(category.slug().clone());
    }
    from_foreign(text)
        .ok_or_else(|| UnknownCategory { asked: shortened(text), nearest: guess::nearest(&asked) })
}

#[cfg(test)]
mod tests;
