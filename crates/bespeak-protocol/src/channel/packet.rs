//! What an envelope of a running conversation holds.

use bespeak_identity::{RecordId, drisl};
use bespeak_model::reason::RefusalCode;
use serde::{Deserialize, Serialize};

use super::{
    limits::{MAX_PACKET_COUNT, MAX_PACKET_MESSAGES},
    message::Message,
    opening::Introduction,
};
use crate::enclosed::Enclosed;

/// The version of the channel's words.
pub const VERSION: u64 = 1;

/// Everything one side has to say at a moment. It repeats what is not confirmed, so that any later packet makes up
/// for a lost one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    /// The version of these words.
    pub v: u64,
    /// Who speaks, until the other side has confirmed the first message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introduction: Option<Enclosed<Introduction>>,
    /// Messages, in the order of the sender's chain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Enclosed<Message>>,
    /// Messages that the other side said itself and lost, in the order of its chain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub yours: Vec<Enclosed<Message>>,
    /// How many of its own messages the sender knows to be the same on both sides, while some may be lost to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restoring: Option<u64>,
    /// How many of the other side's messages are durably kept: confirms those, and asks for the next.
    pub seen: u64,
    /// Messages that were refused, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Refused>,
}

/// A message that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Which.
    pub message: RecordId<Message>,
    /// Why.
    pub code: RefusalCode,
}

/// Why bytes are no packet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// Malformed.
    #[error("no packet: {0}")]
    Malformed(String),
    /// Another version.
    #[error("a packet of version {0}")]
    Version(u64),
    /// More than fits.
    #[error("the packet holds too much")]
    TooLarge,
}

impl Packet {
    /// The plaintext to encrypt.
    ///
    /// # Errors
    /// When it holds too much.
    pub fn to_bytes(&self) -> Result<Vec<u8>, PacketError> {
        self.check()?;
        drisl::to_vec(self).map_err(|error| PacketError::Malformed(error.to_string()))
    }

    /// Reads a decrypted packet.
    ///
    /// # Errors
    /// When it is malformed, of another version, or holds too much.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PacketError> {
        let packet: Self =
            drisl::from_slice(bytes).map_err(|error| PacketError::Malformed(error.to_string()))?;
        if packet.v != VERSION {
            return Err(PacketError::Version(packet.v));
        }
        packet.check()?;
        Ok(packet)
    }

    fn check(&self) -> Result<(), PacketError> {
        let said = || self.messages.iter().chain(&self.yours);
        let bytes: usize = said().map(Enclosed::len).sum();
        let many = said().count() > MAX_PACKET_COUNT || self.refused.len() > MAX_PACKET_COUNT;
        if many || bytes > MAX_PACKET_MESSAGES { Err(PacketError::TooLarge) } else { Ok(()) }
    }
}
