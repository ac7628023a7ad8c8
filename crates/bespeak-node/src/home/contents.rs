//! What a vault holds: who lives here, and the seed of every key.

use std::fmt;

use bespeak_identity::{EncodeError, Purpose, Seed, drisl};
use bespeak_model::{card::Name, network::Network};
use bespeak_vault::Secret;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;
use zeroize::{Zeroize, Zeroizing};

use super::{InitOptions, Role};

/// The form written here, and the newest that is read.
const VERSION: u32 = 1;

/// Why what a vault holds cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentsError {
    /// It is of a later version.
    #[error("what it holds has version {found}; this software reads up to {VERSION}: use the newer one")]
    Newer {
        /// Its version.
        found: u32,
    },
    /// It is something else.
    #[error("it was opened, but does not say whose home this is")]
    Unreadable,
}

/// Wiped when dropped, never printed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contents {
    v: u32,
    seed: ByteArray<32>,
    pub(super) role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<Name>,
    pub(super) network: Network,
}

#[derive(Deserialize)]
struct Versioned {
    v: u32,
}

impl Contents {
    pub(super) fn new(seed: &[u8; 32], options: &InitOptions) -> Self {
        let InitOptions { role, name, network } = options.clone();
        Self { v: VERSION, seed: ByteArray::new(*seed), role, name, network }
    }

    pub(super) fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, EncodeError> {
        drisl::to_vec(self).map(Zeroizing::new)
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, ContentsError> {
        let Versioned { v } = drisl::from_slice(bytes).map_err(|_| ContentsError::Unreadable)?;
        if v > VERSION {
            return Err(ContentsError::Newer { found: v });
        }
        drisl::from_slice(bytes).map_err(|_| ContentsError::Unreadable)
    }

    pub(super) fn seed_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(*self.seed)
    }

    pub(super) fn seed(&self) -> Seed {
        Seed::from_entropy(*self.seed)
    }
}

/// The secret by which the 24 words of a seed open a vault.
pub(super) fn words_of(seed: &Seed) -> Secret {
    seed.derive(Purpose::Vault)
}

impl Drop for Contents {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contents").field("role", &self.role).finish_non_exhaustive()
    }
}
