//! Whom a node is connected with.

use std::time::SystemTime;

use bespeak_model::time::Time;
use bespeak_net::PeerInfo;
use serde::Serialize;

use super::Node;

/// One connected peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Peer {
    /// Its PeerId.
    pub peer: String,
    /// The address it was dialled at, or from which it came.
    pub address: String,
    /// `out` when this node dialled it, `in` when it came by itself.
    pub direction: &'static str,
    /// `direct`, or `relayed` when all connections with it go through a relay.
    pub path: &'static str,
    /// Whether it holds mail and carries circuits for others.
    pub relay: bool,
    /// Whether others reach this node through it.
    pub reachable_through: bool,
    /// When it connected.
    pub since: Option<Time>,
    /// The last round trip of a ping, in milliseconds.
    pub round_trip_ms: Option<u64>,
    /// How many of this node's topics it follows.
    pub topics: usize,
}

impl Node {
    /// Peers of this network that are connected, the longest known first. Those who only call to talk are not among them.
    pub fn peers(&self) -> Vec<Peer> {
        let net = &self.inner.net;
        let reserved: Vec<String> =
            net.relays().into_iter().filter(|relay| relay.reserved).map(|relay| relay.peer).collect();
        let mut peers = net.peers();
        peers.sort_by_key(|peer| peer.since);
        peers.into_iter().map(|peer| shown(peer, &reserved)).collect()
    }
}

fn shown(peer: PeerInfo, reserved: &[String]) -> Peer {
    let since = peer.since.duration_since(SystemTime::UNIX_EPOCH).ok();
    let round_trip = peer.round_trip.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
    Peer {
        reachable_through: reserved.contains(&peer.peer),
        peer: peer.peer,
        address: peer.address,
        direction: if peer.outbound { "out" } else { "in" },
        path: if peer.relayed { "relayed" } else { "direct" },
        relay: peer.relay,
        since: since.and_then(|since| Time::from_unix(since.as_secs()).ok()),
        round_trip_ms: round_trip,
        topics: peer.topics,
    }
}
