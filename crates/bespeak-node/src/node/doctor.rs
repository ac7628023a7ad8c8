//! How the node stands, line by line: here the facts are gathered, and judged in `doctor`.

use std::collections::BTreeSet;

use bespeak_agent::Agent;
use bespeak_model::time::Time;
use bespeak_net::neighbourhood;

use super::Node;
use crate::{
    clock::now,
    doctor::{self, Disk, Examination, Line, Network, Store},
    home,
};

impl Node {
    /// Looks at everything a running node knows of itself, its home and its peers.
    pub async fn doctor(&self) -> Examination {
        let refuses = self.health().await.err().map(|refusal| refusal.detail);
        let records = self.read(|agent, _| newest(agent)).await.flatten();
        let (backup, node) = (self.last_backup().await, self.clone());
        let looked = tokio::task::spawn_blocking(move || node.look_at_home(refuses, records, backup));
        let mut lines = vec![doctor::version(Some(self.inner.network.as_str()))];
        lines.push(doctor::running(std::process::id()));
        // Where it cannot be looked at, the node is ending.
        lines.extend(looked.await.unwrap_or_default());
        lines.extend(doctor::network(&self.network_facts()));
        Examination { lines }
    }

    /// The part that lies on disk. Blocks.
    fn look_at_home(
        &self,
        refuses: Option<String>,
        records: Option<Time>,
        backup: Option<Time>,
    ) -> Vec<Line> {
        let path = &self.inner.home;
        let slots = home::slots(path);
        let open = doctor::is_open(&slots);
        let mut lines = vec![doctor::home(path, Some((self.inner.role, &self.inner.party.to_string())))];
        lines.extend(doctor::permissions(path, open));
        lines.push(doctor::vault(slots.as_deref()));
        lines.extend(home::old_copy(path).map(|copy| doctor::old_copy(Some(&copy))).unwrap_or_default());
        let report = self.inner.shelf.store().report();
        lines.extend(doctor::store(&Store { report, unreadable: self.inner.unreadable }));
        lines.push(doctor::disk(&Disk::of(path, refuses)));
        lines.push(doctor::backup(backup, now()));
        lines.push(doctor::clock(now(), records.max(backup).max(doctor::newest_file(path))));
        lines
    }

    fn network_facts(&self) -> Network {
        let inner = &self.inner;
        let connected = inner.net.peer_count();
        let peers = inner.net.peers();
        let out = peers.iter().filter(|peer| peer.outbound).count() as u64;
        // All of this machine is one.
        let places: BTreeSet<_> = peers.iter().map(|peer| neighbourhood(&peer.address)).collect();
        Network {
            role: inner.role,
            listening: self.listen_addresses(),
            connected,
            configured: inner.configured,
            mesh: inner.net.mesh_count(),
            meeting: inner.meeting.in_words(connected, inner.configured, inner.network.as_str()),
            peers: inner.place.relays.each(),
            out,
            came: peers.len() as u64 - out,
            neighbourhoods: places.len() as u64,
            standing: inner.net.standing(),
            drops: inner.fetched.hosts(),
        }
    }
}

/// When the newest thing was said that both sides signed. The times of intentions are coarse, and tell nothing.
fn newest(agent: &Agent) -> Option<Time> {
    let said = agent.orders().into_iter().flat_map(|order| order.log).map(|entry| entry.at);
    said.chain(agent.receipts().into_iter().map(|receipt| receipt.issued_at)).max()
}
