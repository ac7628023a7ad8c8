//! The documents of the delivery, and where they lie.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Letter, line::State};
use crate::config::Name;

/// One document to keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Kept {
    /// A lead on its way to one target, or given up.
    Letter(Box<Letter>),
    /// How a target stands.
    State {
        /// Which target.
        target: Name,
        /// How.
        state: State,
    },
}

impl Kept {
    /// Whose it is.
    pub fn target(&self) -> &Name {
        match self {
            Self::Letter(letter) => &letter.target,
            Self::State { target, .. } => target,
        }
    }

    /// Where it lies.
    pub fn key(&self) -> Key {
        let seq = match self {
            Self::Letter(letter) => Some(letter.seq),
            Self::State { .. } => None,
        };
        Key { target: self.target().clone(), seq }
    }
}

/// Where a document lies: `shop/17`, or `shop` for the state of a target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Whose it is.
    pub target: Name,
    /// The number of the letter.
    pub seq: Option<u64>,
}

/// A text that is no such place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the place of a letter")]
pub struct KeyError;

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seq {
            Some(seq) => write!(f, "{}/{seq}", self.target),
            None => write!(f, "{}", self.target),
        }
    }
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (target, seq) = match text.split_once('/') {
            Some((target, seq)) => (target, Some(seq.parse().map_err(|_| KeyError)?)),
            None => (text, None),
        };
        Ok(Self { target: target.parse().map_err(|_| KeyError)?, seq })
    }
}
