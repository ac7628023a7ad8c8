//! The master key.

use std::fmt;

use zeroize::Zeroizing;

use crate::{VaultError, crypt};

/// Separates the keys of a vault from any other derivation.
const SALT: &[u8] = b"bespeak/vault/1";

/// The random key from which every other key of a home is derived. It is wiped when dropped and never printed.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    pub(crate) fn random() -> Result<Self, VaultError> {
        Ok(Self(Zeroizing::new(crypt::random()?)))
    }

    pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Derives 32 bytes for a purpose: HKDF-SHA256 (RFC 5869) with the salt `bespeak/vault/1` and the purpose as `info`.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        crypt::derive(SALT, &self.0, purpose.as_bytes())
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}
