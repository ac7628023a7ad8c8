//! A value about a person, which prints nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something about a person. It prints as `…` wherever it is formatted, so that it cannot reach a log by
/// accident; who needs the value says so with [`Private::expose`]. In records it is the value itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Takes a value in.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, to be sent or shown to whom it concerns.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// The value, given away.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Private<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl<T> fmt::Display for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}
