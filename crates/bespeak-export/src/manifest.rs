//! The list of an export's files, which its owner signs.

use bespeak_identity::PublicKey;
use bespeak_model::{network::Network, time::Time};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{VERSION, file::File};

/// The file that lists all others but the signature.
pub const LIST: &str = "manifest.json";
/// The file with the signed manifest, which holds the list's hash.
pub const SIGNATURE: &str = "manifest.cose";

/// All files of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// The version of the format.
    pub v: u8,
    /// Whose export it is.
    pub party: PublicKey,
    /// The network whose records it holds.
    pub network: Network,
    /// `customer` or `vendor`.
    pub role: String,
    /// When it was made.
    pub made_at: Time,
    /// Each file but the manifest's two, in the order of their paths.
    pub files: Vec<Entry>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where it lies.
    pub path: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Their SHA-256, in lower-case hexadecimal.
    pub sha256: String,
}

impl Entry {
    /// The entry that a file must have.
    pub fn of(file: &File) -> Self {
        Self { path: file.path.clone(), bytes: file.bytes.len() as u64, sha256: hex(&digest(&file.bytes)) }
    }
}

impl List {
    /// Lists files.
    pub fn of(party: PublicKey, network: Network, role: String, made_at: Time, files: &[File]) -> Self {
        let mut files: Vec<Entry> = files.iter().map(Entry::of).collect();
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Self { v: VERSION, party, network, role, made_at, files }
    }

    /// The file of that list.
    ///
    /// # Errors
    /// Never for a list of this version; JSON can say it.
    pub fn to_file(&self) -> Result<File, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(File { path: LIST.to_owned(), bytes })
    }
}

/// SHA-256, as it stands in the signed manifest.
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
