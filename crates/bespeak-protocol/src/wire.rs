//! Questions to a host and their answers as bytes: bounded before they are read, and canonical.

use bespeak_identity::drisl;
use serde::{Serialize, de::DeserializeOwned};

/// Why bytes are no question or answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Too long.
    #[error("{found} bytes where at most {max} are allowed")]
    TooLong {
        /// How long it was.
        found: usize,
        /// The bound.
        max: usize,
    },
    /// Malformed.
    #[error("malformed: {0}")]
    Malformed(String),
    /// Over a bound inside.
    #[error("{0} is out of bounds")]
    Bounds(&'static str),
}

pub(crate) fn encode<T: Serialize>(message: &T, max: usize) -> Result<Vec<u8>, WireError> {
    let bytes = drisl::to_vec(message).map_err(|error| WireError::Malformed(error.to_string()))?;
    if bytes.len() > max { Err(WireError::TooLong { found: bytes.len(), max }) } else { Ok(bytes) }
}

pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8], max: usize) -> Result<T, WireError> {
    if bytes.len() > max {
        return Err(WireError::TooLong { found: bytes.len(), max });
    }
    drisl::from_slice(bytes).map_err(|error| WireError::Malformed(error.to_string()))
}
