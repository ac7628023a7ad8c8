//! What a vault holds: who lives here, and the seed of every key.

use std::fmt;

use bespeak_identity::{EncodeError, PublicKey, Purpose, Seed, drisl};
use bespeak_model::{card::Name, network::Network};
use bespeak_vault::Secret;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;
use zeroize::{Zeroize, Zeroizing};

use super::{InitOptions, Role};

/// The newest form that is read; it is written where there is something to say that the older cannot.
const VERSION: u32 = 2;
/// The form without a key of its own that hides the keys of documents.
const WITHOUT_HIDING: u32 = 1;

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
pub(crate) struct Contents {
    v: u32,
    seed: ByteArray<32>,
    pub(crate) role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<Name>,
    pub(crate) network: Network,
    /// Hides the keys of documents. Absent where it follows from the master key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hiding: Option<ByteArray<32>>,
}

#[derive(Deserialize)]
struct Versioned {
    v: u32,
}

impl Contents {
    pub(crate) fn new(seed: &[u8; 32], options: &InitOptions) -> Self {
        let InitOptions { role, name, network } = options.clone();
        Self { v: WITHOUT_HIDING, seed: ByteArray::new(*seed), role, name, network, hiding: None }
    }

    /// The same, which says what hides the keys of documents: for another master key.
    pub(super) fn with_hiding(&self, hiding: &[u8; 32]) -> Self {
        Self {
            v: VERSION,
            seed: self.seed,
            role: self.role,
            name: self.name.clone(),
            network: self.network.clone(),
            hiding: Some(ByteArray::new(*hiding)),
        }
    }

    pub(crate) fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, EncodeError> {
        drisl::to_vec(self).map(Zeroizing::new)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, ContentsError> {
        let Versioned { v } = drisl::from_slice(bytes).map_err(|_| ContentsError::Unreadable)?;
        if v > VERSION {
            return Err(ContentsError::Newer { found: v });
        }
        let contents: Self = drisl::from_slice(bytes).map_err(|_| ContentsError::Unreadable)?;
        let fits = contents.hiding.is_some() == (v > WITHOUT_HIDING);
        if fits { Ok(contents) } else { Err(ContentsError::Unreadable) }
    }

    pub(crate) fn seed_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(*self.seed)
    }

    pub(crate) fn seed(&self) -> Seed {
        Seed::from_entropy(*self.seed)
    }

    /// The party's public key.
    pub(crate) fn party(&self) -> PublicKey {
        self.seed().sign_key(Purpose::Party).public()
    }

    /// What people call the owner; one that said nothing, the end of its key.
    pub(crate) fn name(&self) -> Name {
        let unnamed = || Name::cleaned(&format!("vendor {}", self.party().short()));
        let named = self.name.clone().or_else(unnamed);
        named.unwrap_or_else(|| unreachable!("eight letters of base 58 are a name"))
    }

    pub(super) fn hiding(&self) -> Option<Zeroizing<[u8; 32]>> {
        self.hiding.map(|hiding| Zeroizing::new(*hiding))
    }
}

/// The secret by which the 24 words of a seed open a vault.
pub(super) fn words_of(seed: &Seed) -> Secret {
    seed.derive(Purpose::Vault)
}

impl Drop for Contents {
    fn drop(&mut self) {
        self.seed.zeroize();
        if let Some(hiding) = &mut self.hiding {
            hiding.zeroize();
        }
    }
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contents").field("role", &self.role).finish_non_exhaustive()
    }
}
