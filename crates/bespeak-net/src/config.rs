//! What a node tells the wires at start, and every limit they keep.

use std::fmt;
use std::time::Duration;

use libp2p::identity::Keypair;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::StartError;

/// The largest market message, in bytes (`protocol.md` 2: 16 KiB). Longer ones are not published, and rejected when
/// heard.
pub const MAX_MESSAGE: usize = 16 * 1024;

/// Under which PeerId the market swarm speaks.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub enum MarketIdentity {
    /// A lasting identity, from an Ed25519 secret: a vendor's party key, a relay's own key.
    Fixed([u8; 32]),
    /// A new identity at every start, tied to nothing: a customer's.
    Fresh,
}

impl MarketIdentity {
    pub(crate) fn keypair(&self) -> Result<Keypair, StartError> {
        match self {
            Self::Fresh => Ok(Keypair::generate_ed25519()),
            Self::Fixed(secret) => keypair(secret).ok_or(StartError::Identity),
        }
    }
}

impl fmt::Debug for MarketIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed(_) => "MarketIdentity::Fixed(…)",
            Self::Fresh => "MarketIdentity::Fresh",
        })
    }
}

/// The 32 secret bytes from which one dial-only swarm gets its PeerId: one for each relation, or for each queue.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct TransportIdentity(pub [u8; 32]);

impl TransportIdentity {
    pub(crate) fn keypair(&self) -> Option<Keypair> {
        keypair(&self.0)
    }
}

impl fmt::Debug for TransportIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TransportIdentity(…)")
    }
}

/// `None` only if libp2p should ever refuse 32 bytes as an Ed25519 secret.
fn keypair(secret: &[u8; 32]) -> Option<Keypair> {
    // The copy is wiped by the callee.
    Keypair::ed25519_from_bytes(*secret).ok()
}

/// Bounds of one node's wires. Every default says where it comes from; "wild guess" means that nobody measured it.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections taken from others. Wild guess: a relay's evening; each costs about 20 KiB at rest.
    pub connections_in: u32,
    /// Connections made by ourselves. Wild guess: eight for each of sixteen meeting points.
    pub connections_out: u32,
    /// Connections with one peer, both ways. Both dialling at once, over QUIC and TCP, makes four; a relay that tries
    /// whether an address can be reached makes one more for each.
    pub connections_per_peer: u32,
    /// Handshakes of others under way at once. Wild guess; each is a few signatures of work.
    pub handshakes_in: u32,
    /// New connections are refused while the process holds more physical memory than this, in bytes. Wild guess: a
    /// vendor's node with its catalogue stays below half of it.
    pub memory: usize,
    /// How long a publication waits for a peer that follows its topic. Wild guess: a few redials.
    pub publish_wait: Duration,
    /// Events kept for a node that is busy, before gossip is let go and requests refused. Wild guess: about a third
    /// of a second at 10,000 messages a second (`performance.md`); at most 64 MiB.
    pub events: usize,
    /// Gossip messages of one peer that await a verdict, so that one loud peer cannot fill `events` alone.
    pub unjudged_per_peer: usize,
    /// Requests to us that await a reply, long polls included. Wild guess: two for each incoming connection.
    pub unanswered: usize,
    /// The same of one peer, so that one cannot take them all: as many streams as one connection may have.
    pub unanswered_per_peer: usize,
    /// Requests of ours under way, and dial-only swarms alive. Wild guess: open relations of a busy person.
    pub requests: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_in: 512,
            connections_out: 128,
            connections_per_peer: 8,
            handshakes_in: 128,
            memory: 1024 * 1024 * 1024,
            publish_wait: Duration::from_secs(10),
            events: 4096,
            unjudged_per_peer: 2048,
            unanswered: 1024,
            unanswered_per_peer: 32,
            requests: 256,
        }
    }
}

/// What a relay does for others, and how much of it: circuits to those who cannot be dialled, and a list of who is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosting {
    /// Nodes that are reached through this one at once. Wild guess: an eighth of a relay's connections.
    pub reservations: usize,
    /// How long a reservation holds before it is asked for again. libp2p's own hour.
    pub reservation_life: Duration,
    /// Circuits at once. Wild guess: two for each node that is reached so.
    pub circuits: usize,
    /// Circuits that one peer begins at once. Wild guess: one conversation needs one for each host of its other side.
    pub circuits_per_peer: usize,
    /// How long one circuit lasts. libp2p's two minutes cut a conversation; wild guess.
    pub circuit_life: Duration,
    /// How many bytes cross one circuit, both ways together. libp2p's 128 KiB are eight large envelopes; wild guess.
    pub circuit_bytes: u64,
    /// Nodes on the list of who is there. Wild guess; about 1 KiB each.
    pub registrations: usize,
}

impl Default for Hosting {
    fn default() -> Self {
        Self {
            reservations: 512,
            reservation_life: Duration::from_secs(3600),
            circuits: 1024,
            circuits_per_peer: 16,
            circuit_life: Duration::from_secs(30 * 60),
            circuit_bytes: 16 * 1024 * 1024,
            registrations: 10_000,
        }
    }
}

/// What [`crate::Net::start`] needs.
#[derive(Debug, Clone)]
pub struct NetConfig {
    /// The market swarm's PeerId.
    pub identity: MarketIdentity,
    /// Multiaddrs to listen on: `/ip4/…/tcp/…`, `/ip6/…/udp/…/quic-v1`; port 0 lets the system choose. May be empty.
    pub listen: Vec<String>,
    /// Multiaddrs of known peers, with or without `/p2p/…`; dialled at start, and again with growing pauses while
    /// there is no connection.
    pub peers: Vec<String>,
    /// Name of the network, 1 to 64 of `a-z A-Z 0-9 - _ .`; peers that name another are told apart and cut off.
    pub network: String,
    /// The only topics this node follows, publishes on and lets others name. At most 256.
    pub topics: Vec<String>,
    /// Tell peers no listening address (customers).
    pub hide_listen_addresses: bool,
    /// Answer peers that ask what was said before; whoever keeps nothing of it does not.
    pub answers_catch_up: bool,
    /// Make this node one that others can reach and find: tests of its own addresses, circuits through relays, direct
    /// connections through address translators, a place on the lists of relays (vendors and relays).
    pub be_found: bool,
    /// Ask the router for a port (UPnP). Only for nodes that are to be found.
    pub upnp: bool,
    /// Look for peers on the local network, and be seen there (multicast DNS).
    pub lan: bool,
    /// Addresses at which others reach this node that it cannot see itself, as behind a forwarded port.
    pub external: Vec<String>,
    /// Peers of the last run ([`crate::Net::anchors`]).
    pub anchors: Vec<String>,
    /// What this node does for others as a relay, if it is one.
    pub hosting: Option<Hosting>,
    /// Bounds.
    pub limits: Limits,
}

impl NetConfig {
    /// A configuration that listens nowhere and knows nobody, with the usual limits.
    pub fn new(identity: MarketIdentity, network: &str) -> Self {
        Self {
            identity,
            listen: Vec::new(),
            peers: Vec::new(),
            network: network.to_owned(),
            topics: Vec::new(),
            hide_listen_addresses: false,
            answers_catch_up: false,
            be_found: false,
            upnp: false,
            lan: false,
            external: Vec::new(),
            anchors: Vec::new(),
            hosting: None,
            limits: Limits::default(),
        }
    }

    pub(crate) fn check(&self) -> Result<(), StartError> {
        if !is_network_name(&self.network) {
            return Err(StartError::NetworkName { name: self.network.clone() });
        }
        if self.topics.len() > MAX_TOPICS {
            return Err(StartError::TooManyTopics { count: self.topics.len(), most: MAX_TOPICS });
        }
        Ok(())
    }
}

/// Wild guess: ten times the roots of the category tree. All subscriptions must fit in one message.
const MAX_TOPICS: usize = 256;

/// Longest network name, in bytes. Wild guess; it is part of every topic.
const MAX_NETWORK: usize = 64;

pub(crate) fn is_network_name(name: &str) -> bool {
    (1..=MAX_NETWORK).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}
