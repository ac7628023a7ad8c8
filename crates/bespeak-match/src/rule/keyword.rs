//! A word or a phrase that is looked for.

use std::fmt;
use std::str::FromStr;

use bespeak_model::text::{Text, TextError};

use crate::words;

/// A word, or several that stand one after another in one text. Two that fold alike are equal.
#[derive(Clone, Debug)]
pub struct Keyword {
    written: Text<64>,
    /// Its terms with one space before, between and behind them; terms have none.
    spaced: Box<str>,
}

/// Why something is not a keyword.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeywordError {
    /// Not a short text.
    #[error("a keyword is a word or a few: {0}")]
    Text(#[from] TextError),
    /// Signs alone.
    #[error("“{0}” has no word in it")]
    NoWord(String),
}

impl Keyword {
    /// The keyword of a text of at most 64 bytes.
    ///
    /// # Errors
    /// When it is longer, or has no word in it.
    pub fn new(text: &str) -> Result<Self, KeywordError> {
        let written = Text::new(text)?;
        let terms = words::terms(&written);
        if terms.is_empty() {
            return Err(KeywordError::NoWord(written.into()));
        }
        Ok(Self { written, spaced: format!(" {} ", terms.join(" ")).into() })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Its terms, one or more.
    pub(crate) fn terms(&self) -> impl Iterator<Item = &str> {
        self.spaced.split_ascii_whitespace()
    }

    /// Its terms with one space before, between and behind them, as in [`crate::Wish`].
    pub(crate) fn spaced(&self) -> &str {
        &self.spaced
    }

    /// Whether it has more than one term.
    pub(crate) fn is_phrase(&self) -> bool {
        self.spaced.trim().contains(' ')
    }
}

impl PartialEq for Keyword {
    fn eq(&self, other: &Self) -> bool {
        self.spaced == other.spaced
    }
}

impl Eq for Keyword {}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.written)
    }
}

impl FromStr for Keyword {
    type Err = KeywordError;
    fn from_str(text: &str) -> Result<Self, KeywordError> {
        Self::new(text)
    }
}
