//! How a node is doing.

use std::sync::atomic::Ordering;

use bespeak_model::time::Time;
use bespeak_protocol::market;
use bespeak_store::DamageKind;
use serde::Serialize;

use super::Node;

/// How a node is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// `customer` or `vendor`.
    pub role: String,
    /// The party's public key, did:key.
    pub party: String,
    /// The name of the network.
    pub network: String,
    /// The PeerId in the market.
    pub peer: String,
    /// How many peers are connected.
    pub peers: usize,
    /// The topics it listens to.
    pub topics: Vec<String>,
    /// Live intentions: one's own (customer), heard (vendor).
    pub intentions_live: usize,
    /// Intentions looked up for an answer by rule since the start, answered or not.
    pub considered: u64,
    /// Offers that are open.
    pub offers_open: usize,
    /// Orders that are not done.
    pub orders_open: usize,
    /// The addresses at which it can be reached.
    pub listen: Vec<String>,
    /// Peers that hold mail for others.
    pub relays: Vec<String>,
    /// Its memory.
    pub store: StoreStatus,
    /// When the last backup was made, if one was.
    pub last_backup: Option<Time>,
    /// Whether anybody is there to hear, in a sentence.
    pub heard: String,
}

/// A node's memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoreStatus {
    /// Documents kept.
    pub records: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Damaged places and unreadable documents found.
    pub damaged: u64,
    /// Commits that are nowhere in the journal.
    pub missing: u64,
}

impl Node {
    /// How the node is doing.
    pub async fn status(&self) -> Status {
        let inner = &self.inner;
        let counts = self.read(|agent, now| agent.counts(now)).await.unwrap_or_default();
        let peers = inner.net.peer_count();
        Status {
            role: inner.role.to_string(),
            party: inner.party.to_string(),
            network: inner.network.to_string(),
            peer: self.peer(),
            peers,
            topics: market::topics(&inner.network),
            intentions_live: counts.intentions_live,
            considered: inner.considered.load(Ordering::Relaxed),
            offers_open: counts.offers_open,
            orders_open: counts.orders_open,
            listen: self.listen_addresses(),
            relays: inner.place.relays.all(),
            store: self.store_status().await,
            last_backup: self.last_backup().await,
            heard: self.heard(peers),
        }
    }

    /// Whether anybody is there, and passes on what this node says.
    fn heard(&self, peers: usize) -> String {
        let inner = &self.inner;
        let met = inner.meeting.in_words(peers, inner.configured, inner.network.as_str());
        match (peers, inner.net.mesh_count()) {
            (0, _) => met,
            (_, 0) => format!("{met} Nobody passes on what this node says so far."),
            (_, 1) => format!("{met} One of them passes on what this node says."),
            (_, mesh) => format!("{met} {mesh} of them pass on what this node says."),
        }
    }

    async fn store_status(&self) -> StoreStatus {
        let store = self.inner.shelf.store().clone();
        // Counting reads the index: off the loop's threads.
        let report = tokio::task::spawn_blocking(move || store.report()).await.ok();
        let unreadable = self.inner.unreadable as u64;
        let Some(report) = report else {
            return StoreStatus { records: 0, bytes: 0, damaged: unreadable, missing: 0 };
        };
        let places = report.damaged.iter().filter(|damage| damage.what != DamageKind::Missing);
        StoreStatus {
            records: report.records,
            bytes: report.bytes,
            damaged: places.count() as u64 + unreadable,
            missing: report.missing_commits(),
        }
    }
}
