//! Lists whose length is part of their type.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A list of at least `MIN` and at most `MAX` items; decoding anything else fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounded<T, const MIN: usize, const MAX: usize>(Vec<T>);

/// A list was too short or too long.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found} items where {min} to {max} are allowed")]
pub struct LengthError {
    /// How many there were.
    pub found: usize,
    /// The fewest allowed.
    pub min: usize,
    /// The most allowed.
    pub max: usize,
}

impl<T, const MIN: usize, const MAX: usize> Bounded<T, MIN, MAX> {
    /// Checks the length.
    ///
    /// # Errors
    /// When there are fewer than `MIN` or more than `MAX` items.
    pub fn new(items: Vec<T>) -> Result<Self, LengthError> {
        if (MIN..=MAX).contains(&items.len()) {
            Ok(Self(items))
        } else {
            Err(LengthError { found: items.len(), min: MIN, max: MAX })
        }
    }

    /// The items.
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }
}

impl<T, const N: usize, const MIN: usize, const MAX: usize> From<[T; N]> for Bounded<T, MIN, MAX> {
    /// An array whose length fits: one that does not is refused when the program is compiled.
    fn from(items: [T; N]) -> Self {
        const { assert!(MIN <= N && N <= MAX, "the array's length is out of bounds") };
        Self(Vec::from(items))
    }
}

impl<T, const MAX: usize> Default for Bounded<T, 0, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MIN: usize, const MAX: usize> std::ops::Deref for Bounded<T, MIN, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Serialize, const MIN: usize, const MAX: usize> Serialize for Bounded<T, MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>, const MIN: usize, const MAX: usize> Deserialize<'de> for Bounded<T, MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
