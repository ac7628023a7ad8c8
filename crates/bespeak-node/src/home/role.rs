//! What a node is for.

use serde::{Deserialize, Serialize};

/// What a node is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It wants things.
    Customer,
    /// It offers things.
    Vendor,
    /// It helps others meet and holds their sealed mail.
    Relay,
}

impl Role {
    /// The role in one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Vendor => "vendor",
            Self::Relay => "relay",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no role a person can choose.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a node is a customer or a vendor, not {0:?}")]
pub struct UnknownRole(String);

impl std::str::FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        match text {
            "customer" => Ok(Self::Customer),
            "vendor" => Ok(Self::Vendor),
            _ => Err(UnknownRole(text.chars().take(40).collect())),
        }
    }
}
