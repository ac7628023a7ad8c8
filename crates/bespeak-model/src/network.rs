//! The name of a network: two networks never hear each other.

use serde::{Deserialize, Serialize};

/// Longest network name, in bytes. Source: wild guess; it is part of every topic and record.
pub const MAX_NETWORK_NAME: usize = 32;

/// Name of a network, `[a-z0-9-]{1,32}`; every record and topic carries it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(String);

/// Why a text is no network name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a network name has 1 to {MAX_NETWORK_NAME} characters of a-z, 0-9 and '-', not {0:?}")]
pub struct NetworkError(String);

impl Network {
    /// The network people meet on when nothing else is said.
    pub fn main() -> Self {
        Self("main".to_owned())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Network {
    type Error = NetworkError;

    fn try_from(name: String) -> Result<Self, NetworkError> {
        let fits = (1..=MAX_NETWORK_NAME).contains(&name.len());
        if fits && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            Ok(Self(name))
        } else {
            Err(NetworkError(name.chars().take(MAX_NETWORK_NAME + 1).collect()))
        }
    }
}

impl std::str::FromStr for Network {
    type Err = NetworkError;

    fn from_str(name: &str) -> Result<Self, NetworkError> {
        name.to_owned().try_into()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.0
    }
}
