//! What is asked of a peer, and what it answers.

use bespeak_model::reason::RefusalCode;
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use super::limits::{MAX_DIGESTS, MAX_ITEMS_BYTES, MAX_RANGES, MAX_REPLY, MAX_REQUEST, MAX_TOPIC};
use crate::{
    market::{limits::MAX_MESSAGE, live::Digest},
    wire::{WireError, decode, encode},
};

/// A question to a peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUpRequest {
    /// Compare what we have.
    Compare {
        /// On this topic.
        topic: String,
        /// In negentropy's words, version 1.
        ranges: ByteBuf,
    },
    /// Send these.
    Fetch {
        /// Of this topic.
        topic: String,
        /// Digests of the records, each once.
        digests: Vec<ByteArray<32>>,
    },
}

/// A peer's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUpReply {
    /// How far we differ.
    Compared {
        /// In negentropy's words.
        ranges: ByteBuf,
    },
    /// What was asked for and is had, in the order in which it was asked for.
    Announcements {
        /// Each as it would be said on the topic.
        items: Vec<ByteBuf>,
        /// How many at the end of the list were not looked at, because the reply was full.
        left: u16,
    },
    /// No.
    Refused {
        /// Why.
        code: RefusalCode,
    },
}

impl CatchUpRequest {
    /// The topic it is about.
    pub fn topic(&self) -> &str {
        match self {
            Self::Compare { topic, .. } | Self::Fetch { topic, .. } => topic,
        }
    }

    /// The bytes to send.
    ///
    /// # Errors
    /// When a bound is passed.
    pub fn to_bytes(&self) -> Result<Vec<u8>, WireError> {
        self.check()?;
        encode(self, MAX_REQUEST)
    }

    /// Reads a request.
    ///
    /// # Errors
    /// When it is malformed or out of bounds.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        let read: Self = decode(bytes, MAX_REQUEST)?;
        read.check()?;
        Ok(read)
    }

    fn check(&self) -> Result<(), WireError> {
        if self.topic().len() > MAX_TOPIC {
            return Err(WireError::Bounds("the topic"));
        }
        match self {
            Self::Compare { ranges, .. } if ranges.len() > MAX_RANGES => {
                Err(WireError::Bounds("the comparison"))
            }
            Self::Fetch { digests, .. } if !(1..=MAX_DIGESTS).contains(&digests.len()) => {
                Err(WireError::Bounds("the list of digests"))
            }
            _ => Ok(()),
        }
    }
}

impl CatchUpReply {
    /// The bytes to send.
    ///
    /// # Errors
    /// When a bound is passed.
    pub fn to_bytes(&self) -> Result<Vec<u8>, WireError> {
        encode(self, MAX_REPLY)
    }

    /// Reads a reply.
    ///
    /// # Errors
    /// When it is malformed or out of bounds.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        let read: Self = decode(bytes, MAX_REPLY)?;
        match &read {
            Self::Compared { ranges } if ranges.len() > MAX_RANGES => {
                Err(WireError::Bounds("the comparison"))
            }
            Self::Announcements { items, .. } if items.len() > MAX_DIGESTS => {
                Err(WireError::Bounds("the announcements"))
            }
            Self::Announcements { items, .. } if items.iter().any(|item| item.len() > MAX_MESSAGE) => {
                Err(WireError::Bounds("an announcement"))
            }
            _ => Ok(read),
        }
    }
}

/// Answers a fetch: as many as fit, of those that `find` finds.
pub fn announcements(
    digests: &[ByteArray<32>],
    mut find: impl FnMut(&Digest) -> Option<Vec<u8>>,
) -> CatchUpReply {
    let (mut items, mut room) = (Vec::new(), MAX_ITEMS_BYTES);
    for (place, digest) in digests.iter().enumerate() {
        let Some(item) = find(digest) else { continue };
        let Some(rest) = room.checked_sub(item.len()) else {
            let left = u16::try_from(digests.len() - place).unwrap_or(u16::MAX);
            return CatchUpReply::Announcements { items, left };
        };
        room = rest;
        items.push(ByteBuf::from(item));
    }
    CatchUpReply::Announcements { items, left: 0 }
}
