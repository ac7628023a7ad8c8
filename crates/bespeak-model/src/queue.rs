//! Where sealed mail waits: a queue and the hosts that hold it.

use serde::{Deserialize, Serialize};

use crate::bounded::Bounded;

/// Longest host address, in bytes. Source: a circuit through a relay with IPv6 and QUIC names two PeerIds and takes about
/// 190.
pub const MAX_HOST_ADDRESS: usize = 256;

/// Most addresses of one drop. Source: wild guess; two protocols by four interfaces.
pub const MAX_HOST_ADDRESSES: usize = 8;

/// A queue of sealed mail, 32 bytes that look random: the public half of a key whose holder may read and empty it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "serde_bytes::ByteBuf", into = "serde_bytes::ByteBuf")]
pub struct QueueId([u8; 32]);

impl QueueId {
    /// The queue with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for QueueId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Short on purpose: enough to tell two queues apart in a log, not enough to write to one.
        write!(f, "queue {:02x}{:02x}{:02x}{:02x}", self.0[0], self.0[1], self.0[2], self.0[3])
    }
}

/// Bytes that are no queue id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a queue id has 32 bytes, not {0}")]
pub struct QueueIdError(usize);

impl TryFrom<serde_bytes::ByteBuf> for QueueId {
    type Error = QueueIdError;

    fn try_from(bytes: serde_bytes::ByteBuf) -> Result<Self, QueueIdError> {
        let length = bytes.len();
        bytes.into_vec().try_into().map(Self).map_err(|_| QueueIdError(length))
    }
}

impl From<QueueId> for serde_bytes::ByteBuf {
    fn from(queue: QueueId) -> Self {
        Self::from(queue.0.to_vec())
    }
}

/// An address at which a host is dialled: a multiaddr in text, checked by the carrier before use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostAddress(String);

/// Text that cannot be a host address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a host address starts with '/' and has at most {MAX_HOST_ADDRESS} printable characters")]
pub struct HostAddressError;

impl HostAddress {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HostAddress {
    type Error = HostAddressError;

    fn try_from(text: String) -> Result<Self, HostAddressError> {
        let printable = text.bytes().all(|b| b.is_ascii_graphic());
        if text.starts_with('/') && text.len() <= MAX_HOST_ADDRESS && printable {
            Ok(Self(text))
        } else {
            Err(HostAddressError)
        }
    }
}

impl From<HostAddress> for String {
    fn from(address: HostAddress) -> Self {
        address.0
    }
}

/// One place where mail for somebody may be left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drop {
    /// The queue to put mail into.
    pub queue: QueueId,
    /// The addresses of the host that holds it, each tried in turn.
    pub hosts: Bounded<HostAddress, 1, MAX_HOST_ADDRESSES>,
}
