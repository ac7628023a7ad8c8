//! The owner's word for an export: which files it holds, and that they are hers.

use bespeak_identity::{Document, Nonce, PublicKey};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use crate::{network::Network, time::Time};

/// Signs an export as a whole. It stays with its owner: no message carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The party's long-lived key.
    pub iss: PublicKey,
    /// Random.
    pub nonce: Nonce,
    /// The network whose records are exported.
    pub net: Network,
    /// SHA-256 of the list of files with their hashes: a record has room for a hash, not for any number of files.
    pub list: ByteArray<32>,
    /// When the export was made.
    pub at: Time,
}

impl Document for Manifest {
    const TYPE: &'static str = "manifest";

    fn issuer(&self) -> &PublicKey {
        &self.iss
    }
}
