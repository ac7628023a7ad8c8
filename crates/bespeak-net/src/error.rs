//! One error for each thing that can be asked of the wires.

use std::time::Duration;

/// Why [`crate::Net::start`] failed.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address could not be read, or is of a kind that is not spoken here.
    #[error("cannot read the address {address:?}: {reason}")]
    Address {
        /// As given.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Another socket holds the port.
    #[error("the address {address} is in use")]
    AddressInUse {
        /// As given.
        address: String,
    },
    /// The system refused to listen.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// As given.
        address: String,
        /// The system's words.
        reason: String,
    },
    /// The network's name is empty, too long, or has other characters than letters, digits, `-`, `_` and `.`.
    #[error("{name:?} is not a network name")]
    NetworkName {
        /// As given.
        name: String,
    },
    /// More topics than one node may follow.
    #[error("{count} topics are more than the {most} a node may follow")]
    TooManyTopics {
        /// As given.
        count: usize,
        /// The bound.
        most: usize,
    },
    /// The identity's secret was refused.
    #[error("the identity's secret is not an Ed25519 secret key")]
    Identity,
    /// The swarm's settings contradict each other.
    #[error("the swarm cannot be set up: {reason}")]
    Setup {
        /// Which setting.
        reason: String,
    },
}

/// Why [`crate::Net::publish`] failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// Longer than [`crate::MAX_MESSAGE`].
    #[error("a message of {bytes} bytes is over the {most} allowed")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The bound.
        most: usize,
    },
    /// Not one of the topics given at start.
    #[error("the topic {topic} is not followed by this node")]
    UnknownTopic {
        /// As given.
        topic: String,
    },
    /// No connected peer follows the topic. The message was not sent and may be published again.
    #[error("no peer follows {topic} (waited {} s)", waited.as_secs())]
    NoPeers {
        /// As given.
        topic: String,
        /// How long a peer was waited for.
        waited: Duration,
    },
    /// These bytes were published or heard on this topic within the last minutes.
    #[error("these bytes were already published")]
    Duplicate,
    /// Too much is being published at once. If the queues to all peers were full, the bytes count as published: they
    /// are still offered by gossip, and can be published anew only after [`crate::DUPLICATE_CACHE`].
    #[error("more is being published than the peers take")]
    Congested,
    /// The wires are shut down.
    #[error("the network is shut down")]
    Closed,
}

/// Why [`crate::Net::dial`] failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// The address could not be read.
    #[error("cannot read the address {address:?}: {reason}")]
    Address {
        /// As given.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody answered there, or it was somebody else.
    #[error("cannot reach {address}: {reason}")]
    Unreachable {
        /// As given.
        address: String,
        /// What happened.
        reason: String,
    },
    /// The wires are shut down.
    #[error("the network is shut down")]
    Closed,
}

/// One address that was tried for a request, and what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// As given.
    pub address: String,
    /// What happened.
    pub reason: String,
}

/// Why [`crate::Net::request`] failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// No address answered, or each connection broke before a reply; then the host may have acted on the request.
    #[error("cannot reach the host ({} addresses tried)", tried.len())]
    Unreachable {
        /// Every address given, in order.
        tried: Vec<Tried>,
    },
    /// The host answered the call and closed it without a reply, or does not hold drops. Over TCP a connection that
    /// ends in that moment looks the same.
    #[error("{address} refused the request: {reason}")]
    Refused {
        /// The address that refused.
        address: String,
        /// What happened.
        reason: String,
    },
    /// The request was sent; no reply came within [`crate::REQUEST_TIMEOUT`].
    #[error("{address} did not reply in time")]
    TimedOut {
        /// The address that was silent.
        address: String,
    },
    /// The request, or the reply, is over its bound.
    #[error("{bytes} bytes are over the {most} allowed")]
    TooLarge {
        /// Length of what was too large.
        bytes: usize,
        /// The bound.
        most: usize,
    },
    /// As many requests as allowed are under way, and none ended within ten seconds.
    #[error("too many requests are under way")]
    Busy,
    /// The identity's secret was refused, or no swarm could be made from it.
    #[error("no swarm can be made for this identity: {reason}")]
    Identity {
        /// What happened.
        reason: String,
    },
    /// The wires are shut down.
    #[error("the network is shut down")]
    Closed,
}

/// Why a connected peer gave no answer ([`crate::Net::catch_up`], [`crate::Net::send`]).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// There is no such peer, or its connection broke; then it may have acted on the question.
    #[error("the peer is not connected")]
    NotConnected,
    /// It answers nobody.
    #[error("the peer answers no such questions")]
    Unsupported,
    /// It closed the stream without an answer, or with one that is too long.
    #[error("the peer refused: {0}")]
    Refused(String),
    /// No answer came in time: 20 s for what was said before, [`crate::REQUEST_TIMEOUT`] for all else.
    #[error("the peer did not answer in time")]
    TimedOut,
    /// Longer than [`crate::MAX_REQUEST`].
    #[error("a request of {bytes} bytes is over the {most} allowed")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The bound.
        most: usize,
    },
    /// The wires are shut down.
    #[error("the network is shut down")]
    Closed,
}

/// Why [`crate::Net::reply`] failed. An asker who has gone is no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// Longer than [`crate::MAX_REPLY`]; the asker sees a refusal.
    #[error("a reply of {bytes} bytes is over the {most} allowed")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The bound.
        most: usize,
    },
}
