//! The typed name of a record.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use cid::Cid;
use cid::multihash::Multihash;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

/// The id of a record that holds a `T`: CIDv1, dag-cbor, sha2-256 of the payload bytes. In CBOR a link (tag 42),
/// in JSON and for people `bafyrei…`. The type keeps an offer's id from standing where an order's is wanted.
pub struct RecordId<T> {
    digest: [u8; 32],
    of: PhantomData<fn() -> T>,
}

/// Multicodec dag-cbor (multicodec table).
const DAG_CBOR: u64 = 0x71;
/// Multihash sha2-256 (multicodec table).
const SHA2_256: u64 = 0x12;
/// Characters of an id that go into a log line (wild guess: 32⁸ is beyond chance in one log).
const SHORT: usize = 8;
/// A record id has 59 characters; nothing much longer is looked at.
const MAX_TEXT: usize = 64;

/// Why a text or link is not the id of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is no CID.
    #[error("not a record id")]
    NotACid,
    /// A CID, but not of version 1, dag-cbor, sha2-256 and 32 bytes, written in base32.
    #[error("a CID, but not one of a record")]
    NotARecord,
}

impl<T> RecordId<T> {
    /// What every record id begins with as text; the first character that tells two apart comes after it.
    pub const COMMON_PREFIX: &'static str = "bafyrei";

    /// The id of the record with this payload.
    pub fn of_payload(payload: &[u8]) -> Self {
        Self::from_digest(Sha256::digest(payload).into())
    }

    /// The id with this digest.
    pub const fn from_digest(digest: [u8; 32]) -> Self {
        Self { digest, of: PhantomData }
    }

    /// The sha2-256 digest of the payload.
    pub const fn as_digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// The eight characters after [`Self::COMMON_PREFIX`], for logs.
    pub fn short(&self) -> String {
        self.to_string().chars().skip(Self::COMMON_PREFIX.len()).take(SHORT).collect()
    }

    /// The same id as that of another kind of record. Deliberate and rare: for indexes that hold ids of all
    /// kinds, and where a peer's message names the kind beside the id.
    pub const fn cast<U>(self) -> RecordId<U> {
        RecordId::from_digest(self.digest)
    }

    fn cid(&self) -> Cid {
        // 32 bytes always fit the 64 of a multihash; the empty one is never reached.
        let hash = Multihash::wrap(SHA2_256, &self.digest).unwrap_or_default();
        Cid::new_v1(DAG_CBOR, hash)
    }

    fn from_cid(cid: &Cid) -> Result<Self, IdError> {
        let known =
            cid.version() == cid::Version::V1 && cid.codec() == DAG_CBOR && cid.hash().code() == SHA2_256;
        let digest = cid.hash().digest().try_into().map_err(|_| IdError::NotARecord)?;
        if known { Ok(Self::from_digest(digest)) } else { Err(IdError::NotARecord) }
    }
}

impl<T> fmt::Display for RecordId<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.cid())
    }
}

impl<T> fmt::Debug for RecordId<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordId({self})")
    }
}

impl<T> FromStr for RecordId<T> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.len() > MAX_TEXT {
            return Err(IdError::NotACid);
        }
        let id = Self::from_cid(&text.parse().map_err(|_| IdError::NotACid)?)?;
        // One id, one spelling: other bases and upper case name the same CID.
        if id.to_string() == text { Ok(id) } else { Err(IdError::NotARecord) }
    }
}

impl<T> Serialize for RecordId<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.cid().serialize(serializer)
        }
    }
}

impl<'de, T> Deserialize<'de> for RecordId<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
        } else {
            Self::from_cid(&Cid::deserialize(deserializer)?).map_err(de::Error::custom)
        }
    }
}

// Written by hand: derived, they would ask the same of T, which is only a mark.
impl<T> Clone for RecordId<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for RecordId<T> {}

impl<T> PartialEq for RecordId<T> {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl<T> Eq for RecordId<T> {}

impl<T> PartialOrd for RecordId<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for RecordId<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.digest.cmp(&other.digest)
    }
}

impl<T> Hash for RecordId<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}
