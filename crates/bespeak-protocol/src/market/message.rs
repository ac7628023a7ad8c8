//! What is said on a topic.

use bespeak_identity::{DecodeError, Document, Signed, Unverified, drisl};
use bespeak_model::{
    category::{Slug, roots},
    intention::{Intention, Withdrawal},
    network::Network,
};
use serde::{Deserialize, Serialize};

use super::{
    gate::News,
    limits::{MAX_MESSAGE, MAX_STAMP},
    live::Digest,
};

/// The version of the market's words.
pub const VERSION: u64 = 1;

/// The topic of a root category on a network.
pub fn topic_of(network: &Network, category: &Slug) -> String {
    format!("/bespeak/1/{network}/{}", category.root())
}

/// Every topic of a network: one for each root category, a fixed list that no peer can add to.
pub fn topics(network: &Network) -> Vec<String> {
    roots().map(|root| topic_of(network, &root)).collect()
}

/// A market message: a signed record, and room for the stamp that a first contact may have to cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// The version of these words; another one is ignored, never punished.
    pub v: u64,
    /// The type of the record.
    pub kind: String,
    /// The record's bytes.
    #[serde(with = "serde_bytes")]
    pub record: Vec<u8>,
    /// Proof of work bound to record, topic and hour; reserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<serde_bytes::ByteBuf>,
}

/// Why bytes are no announcement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnnouncementError {
    /// Too long.
    #[error("a market message has at most {MAX_MESSAGE} bytes, not {0}")]
    TooLong(usize),
    /// Well formed, in words of another version.
    #[error("an announcement of version {0}")]
    Version(u64),
    /// Not what it should be.
    #[error("no announcement: {0}")]
    Malformed(String),
}

/// All that is read of another version: what else it says, and how, is unknown.
#[derive(Deserialize)]
struct OfVersion {
    v: u64,
}

impl Announcement {
    /// Announces an intention.
    pub fn intention(record: &Signed<Intention>) -> Self {
        Self::of(record)
    }

    /// Announces that one is withdrawn.
    pub fn withdrawal(record: &Signed<Withdrawal>) -> Self {
        Self::of(record)
    }

    fn of<T: Document>(record: &Signed<T>) -> Self {
        Self { v: VERSION, kind: T::TYPE.to_owned(), record: record.bytes().to_vec(), stamp: None }
    }

    /// The digest of the record that is announced in these bytes, if it is one: what it claims is not looked at.
    pub fn digest_of(bytes: &[u8]) -> Option<Digest> {
        let said = Self::from_bytes(bytes).ok()?;
        match said.kind.as_str() {
            Intention::TYPE => Some(*Unverified::<Intention>::from_bytes(said.record).ok()?.id().as_digest()),
            Withdrawal::TYPE => {
                Some(*Unverified::<Withdrawal>::from_bytes(said.record).ok()?.id().as_digest())
            }
            _ => None,
        }
    }

    /// The record that is announced, if its signature holds; nothing else of it is looked at.
    pub fn verify(self) -> Option<News> {
        match self.kind.as_str() {
            Intention::TYPE => {
                let record = Unverified::<Intention>::from_bytes(self.record).ok()?.verify().ok()?;
                Some(News::Intention(Box::new(record)))
            }
            Withdrawal::TYPE => {
                let record = Unverified::<Withdrawal>::from_bytes(self.record).ok()?.verify().ok()?;
                Some(News::Withdrawal(Box::new(record)))
            }
            _ => None,
        }
    }

    /// The bytes to publish.
    ///
    /// # Errors
    /// When the record is too large for a market message.
    pub fn to_bytes(&self) -> Result<Vec<u8>, AnnouncementError> {
        let bytes = drisl::to_vec(self).map_err(|error| AnnouncementError::Malformed(error.to_string()))?;
        if bytes.len() > MAX_MESSAGE { Err(AnnouncementError::TooLong(bytes.len())) } else { Ok(bytes) }
    }

    /// Reads a message of a topic.
    ///
    /// # Errors
    /// When it is too long, malformed, or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AnnouncementError> {
        if bytes.len() > MAX_MESSAGE {
            return Err(AnnouncementError::TooLong(bytes.len()));
        }
        let malformed = |error: DecodeError| AnnouncementError::Malformed(error.to_string());
        let OfVersion { v } = drisl::from_slice(bytes).map_err(malformed)?;
        if v != VERSION {
            return Err(AnnouncementError::Version(v));
        }
        let read: Self = drisl::from_slice(bytes).map_err(malformed)?;
        if read.stamp.as_ref().is_some_and(|stamp| stamp.len() > MAX_STAMP) {
            return Err(AnnouncementError::Malformed("the stamp is too long".to_owned()));
        }
        Ok(read)
    }
}
