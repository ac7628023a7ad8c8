//! What is asked of a host, and what it answers.

use bespeak_model::{queue::QueueId, reason::RefusalCode};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{
    limits::{MAX_ACK, MAX_ENVELOPE, MAX_ITEMS, MAX_REPLY, MAX_REQUEST, MAX_WAIT},
    proof::Proof,
};
use crate::wire::{WireError, decode, encode};

/// A request to a drop host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropRequest {
    /// What kind of host are you?
    About {},
    /// Leave an envelope in a queue.
    Put {
        /// The queue.
        queue: QueueId,
        /// The sealed bytes.
        envelope: ByteBuf,
        /// Proof of work; reserved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stamp: Option<ByteBuf>,
    },
    /// Fetch what came after an id; the first such request opens the queue.
    Get {
        /// The queue.
        queue: QueueId,
        /// Everything up to this id is known already.
        after: u64,
        /// How long to wait for mail when there is none, in seconds.
        wait: u16,
        /// That the queue is the asker's.
        proof: Proof,
    },
    /// Delete what was fetched and kept.
    Ack {
        /// The queue.
        queue: QueueId,
        /// What to delete.
        ids: Vec<u64>,
        /// That the queue is the asker's.
        proof: Proof,
    },
}

/// A host's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropReply {
    /// What kind of host this is.
    About {
        /// Whether it holds mail for others.
        holds_mail: bool,
    },
    /// The envelope is durably kept.
    Stored {},
    /// What is in the queue.
    Mail {
        /// Envelopes, oldest first.
        items: Vec<MailItem>,
    },
    /// It was done.
    Done {},
    /// It was not.
    Refused {
        /// Why.
        code: RefusalCode,
    },
}

/// One envelope in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailItem {
    /// Its number in the queue, growing.
    pub id: u64,
    /// The sealed bytes.
    pub envelope: ByteBuf,
}

impl DropRequest {
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
        match self {
            Self::Put { envelope, .. } if envelope.is_empty() || envelope.len() > MAX_ENVELOPE => {
                Err(WireError::Bounds("the envelope"))
            }
            Self::Get { wait, .. } if *wait > MAX_WAIT => Err(WireError::Bounds("the wait")),
            Self::Ack { ids, .. } if ids.len() > MAX_ACK => Err(WireError::Bounds("the list of ids")),
            _ => Ok(()),
        }
    }
}

impl DropReply {
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
            Self::Mail { items } if items.len() > MAX_ITEMS => Err(WireError::Bounds("the mail")),
            Self::Mail { items } if items.iter().any(|item| item.envelope.len() > MAX_ENVELOPE) => {
                Err(WireError::Bounds("an envelope"))
            }
            _ => Ok(read),
        }
    }
}
