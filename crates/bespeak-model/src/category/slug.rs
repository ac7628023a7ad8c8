//! A category's name on the wire.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::tree::{self, Category};
use crate::money::shortened;

/// The most bytes of a slug. Source: wild guess, twice the longest in the tree.
const LONGEST: usize = 64;
/// The most levels. Source: wild guess; the tree has two, a later one may be deeper.
const LEVELS: usize = 4;

/// Why something is no category of a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlugError {
    /// Not words of `a–z 0–9 -` joined by points.
    #[error("“{0}” is not a category: write it as vehicles or vehicles.bicycles")]
    Form(String),
    /// The first word is none of the roots, so that there is no topic for it.
    #[error("“{0}” is not under one of the category roots")]
    Root(String),
}

/// A category: a root of the tree (`vehicles`), or something below one (`vehicles.bicycles`). What is below
/// a root need not be in the tree of this version, so that older nodes understand newer ones;
/// [`Slug::known`] tells.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    /// The category of a record; fails for another form than a slug's, and for an unknown root.
    pub fn new(text: &str) -> Result<Self, SlugError> {
        if text.len() > LONGEST || text.split('.').count() > LEVELS || !text.split('.').all(is_word) {
            return Err(SlugError::Form(shortened(text)));
        }
        let root = text.split('.').next().unwrap_or_default();
        if tree::find(root).is_none() {
            return Err(SlugError::Root(shortened(root)));
        }
        Ok(Self(text.to_owned()))
    }

    /// An entry of the tree's own data, whose form and roots a test checks.
    pub(super) fn of_tree(text: String) -> Self {
        Self(text)
    }

    /// The slug.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its root: the topic on which it is spoken of.
    pub fn root(&self) -> Self {
        Self(self.0.split('.').next().unwrap_or_default().to_owned())
    }

    /// Is it a root?
    pub fn is_root(&self) -> bool {
        !self.0.contains('.')
    }

    /// The category above; `None` of a root.
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('.').map(|(parent, _)| Self(parent.to_owned()))
    }

    /// Is it `other`, or below it?
    pub fn is_under(&self, other: &Self) -> bool {
        self.0.strip_prefix(other.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// What the tree says of it; `None` for one that a later tree may hold.
    pub fn known(&self) -> Option<&'static Category> {
        tree::find(&self.0)
    }

    /// Its name for people; of one that is not in the tree, the slug itself.
    pub fn name(&self) -> &str {
        self.known().map_or(&self.0, Category::name)
    }
}

fn is_word(word: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !word.is_empty() && word.bytes().all(inner) && !word.starts_with('-') && !word.ends_with('-')
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Slug {
    type Err = SlugError;
    fn from_str(text: &str) -> Result<Self, SlugError> {
        Self::new(text)
    }
}

impl TryFrom<String> for Slug {
    type Error = SlugError;
    fn try_from(text: String) -> Result<Self, SlugError> {
        Self::new(&text)
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}
