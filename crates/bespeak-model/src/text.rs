//! Text that others will read: bounded, and free of characters that hide, reorder or pile up.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

mod clean;
mod private;

pub use private::Private;

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but space.
    #[error("the text is empty")]
    Empty,
    /// More bytes of UTF-8 than fit.
    #[error("the text has {bytes} bytes, at most {max} fit here")]
    TooLong {
        /// How many it has.
        bytes: usize,
        /// How many fit.
        max: usize,
    },
    /// In a record: space at an end.
    #[error("the text begins or ends with space")]
    Untrimmed,
    /// A control character, or a line break where one line is asked for.
    #[error("the text has the control character U+{:04X}", u32::from(*.0))]
    Control(char),
    /// A character that is not seen or turns the reading direction.
    #[error("the text has the hidden character U+{:04X}", u32::from(*.0))]
    Hidden(char),
    /// More than [`MAX_MARKS`] combining marks on one another.
    #[error("the text piles more than {MAX_MARKS} marks on one letter")]
    Piled,
}

/// The most combining marks in a row. Source: wild guess; pointed Hebrew with cantillation needs about five,
/// and eight cannot paint over the neighbouring lines.
pub const MAX_MARKS: usize = 8;

/// A text of 1 to `MAX` bytes, on one line, or on several where `LINES`: then it may have line breaks and tabs. It has no space at
/// its ends, no control characters, nothing invisible, nothing that turns the reading direction; a joiner
/// stands only between characters outside ASCII, where scripts and emoji need it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text<const MAX: usize, const LINES: bool = false>(String);

impl<const MAX: usize, const LINES: bool> Text<MAX, LINES> {
    /// This text without space at its ends; fails where a rule is broken.
    pub fn new(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        Self::check(text)?;
        Ok(Self(text.to_owned()))
    }

    /// What can be kept of a text written elsewhere: what may not stand is left out, what is too long is cut
    /// at a character. `None` where nothing remains. For the import of foreign catalogues.
    pub fn cleaned(text: &str) -> Option<Self> {
        Self::new(&clean::cleaned(text, MAX, LINES)).ok()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn check(text: &str) -> Result<(), TextError> {
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        if text.len() > MAX {
            return Err(TextError::TooLong { bytes: text.len(), max: MAX });
        }
        clean::check(text, LINES)
    }
}

impl<const MAX: usize, const LINES: bool> Deref for Text<MAX, LINES> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize, const LINES: bool> AsRef<str> for Text<MAX, LINES> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize, const LINES: bool> fmt::Display for Text<MAX, LINES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<const MAX: usize, const LINES: bool> fmt::Debug for Text<MAX, LINES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<const MAX: usize, const LINES: bool> PartialEq<str> for Text<MAX, LINES> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl<const MAX: usize, const LINES: bool> PartialEq<&str> for Text<MAX, LINES> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl<const MAX: usize, const LINES: bool> FromStr for Text<MAX, LINES> {
    type Err = TextError;
    fn from_str(text: &str) -> Result<Self, TextError> {
        Self::new(text)
    }
}

/// As records are read: nothing is mended, so that the same bytes come out again.
impl<const MAX: usize, const LINES: bool> TryFrom<String> for Text<MAX, LINES> {
    type Error = TextError;
    fn try_from(text: String) -> Result<Self, TextError> {
        Self::check(&text)?;
        if text.trim().len() == text.len() { Ok(Self(text)) } else { Err(TextError::Untrimmed) }
    }
}

impl<const MAX: usize, const LINES: bool> From<Text<MAX, LINES>> for String {
    fn from(text: Text<MAX, LINES>) -> Self {
        text.0
    }
}

#[cfg(test)]
mod tests;
