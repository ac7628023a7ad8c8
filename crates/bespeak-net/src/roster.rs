//! Who is connected: peers of our network, strangers that only ask drops, and what each has been up to.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use libp2p::swarm::ConnectionId;
use libp2p::{Multiaddr, PeerId};

use crate::address::{ip, is_circuit, with_peer, without_peer};
use crate::book::{ANCHORS, Group, Line};
use crate::event::{PeerInfo, RelayInfo};
use crate::view::View;

/// A connection that never said who it is, and asked nothing for so long, is closed. Twice the longest reply.
const STRANGER_IDLE: Duration = Duration::from_secs(120);

/// Reports of a peer that does not keep up, within `SLOW_WINDOW`, after which it is disconnected. gossipsub reports at
/// most once a heartbeat. Wild guess.
const SLOW_STRIKES: u32 = 10;
const SLOW_WINDOW: Duration = Duration::from_secs(30);

/// One connection with a peer.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    /// The address at which the peer was dialled, or from which it came.
    pub(crate) address: Multiaddr,
    /// This node dialled it.
    pub(crate) outbound: bool,
}

impl Wire {
    fn is_straight(&self) -> bool {
        !is_circuit(&self.address)
    }
}

/// A relay that was dialled.
#[derive(Debug)]
struct Met {
    at: Multiaddr,
    /// This node's owner named it.
    named: bool,
}

#[derive(Debug)]
struct Link {
    connections: HashMap<ConnectionId, Wire>,
    /// It named our network.
    known: bool,
    /// It carries circuits for others.
    relay: bool,
    round_trip: Option<Duration>,
    since: SystemTime,
    used: Instant,
    topics: BTreeSet<String>,
    /// Copies are held by tokens of messages that await a verdict.
    held: Arc<()>,
    /// Copies are held by tokens of requests that await a reply.
    asked: Arc<()>,
    /// Messages of it that were provably wrong.
    rejected: u32,
    slow: u32,
    slow_since: Instant,
}

#[derive(Debug)]
pub(crate) struct Roster {
    links: HashMap<PeerId, Link>,
    /// Relays that were dialled, gone ones too.
    relays: HashMap<PeerId, Met>,
    view: Arc<View>,
}

/// Relays whose address is remembered after they have gone. Wild guess; a node dials a handful.
const MOST_RELAYS: usize = 64;

impl Link {
    /// The connection that this node made itself, through nobody.
    fn dialled(&self) -> Option<&Wire> {
        self.connections.values().find(|wire| wire.outbound && wire.is_straight())
    }
}

impl Roster {
    pub(crate) fn new(view: Arc<View>) -> Self {
        Self { links: HashMap::new(), relays: HashMap::new(), view }
    }

    pub(crate) fn opened(&mut self, peer: PeerId, connection: ConnectionId, wire: Wire) {
        let now = Instant::now();
        let link = self.links.entry(peer).or_insert_with(|| Link {
            connections: HashMap::new(),
            known: false,
            relay: false,
            round_trip: None,
            since: SystemTime::now(),
            used: now,
            topics: BTreeSet::new(),
            held: Arc::new(()),
            asked: Arc::new(()),
            rejected: 0,
            slow: 0,
            slow_since: now,
        });
        link.connections.insert(connection, wire);
    }

    /// Whether that was the last connection, and whether the peer was of our network.
    pub(crate) fn closed(&mut self, peer: &PeerId, connection: ConnectionId) -> (bool, bool) {
        let Some(link) = self.links.get_mut(peer) else { return (false, false) };
        link.connections.remove(&connection);
        let (last, known) = (link.connections.is_empty(), link.known);
        if last {
            self.links.remove(peer);
            self.view.lock().peers.remove(&peer.to_string());
        } else {
            self.show(peer);
        }
        (last, known)
    }

    pub(crate) fn is_connected(&self, peer: &PeerId) -> bool {
        self.links.contains_key(peer)
    }

    pub(crate) fn wire(&self, peer: &PeerId, connection: ConnectionId) -> Option<&Wire> {
        self.links.get(peer)?.connections.get(&connection)
    }

    /// The address of one of its connections.
    pub(crate) fn address(&self, peer: &PeerId) -> String {
        let connections = self.links.get(peer).map(|link| &link.connections);
        connections
            .and_then(|all| all.values().next())
            .map(|wire| wire.address.to_string())
            .unwrap_or_default()
    }

    pub(crate) fn all(&self) -> Vec<PeerId> {
        self.links.keys().copied().collect()
    }

    /// The peer named our network. Its address, if it did so for the first time.
    pub(crate) fn proven(&mut self, peer: &PeerId, connection: ConnectionId, relay: bool) -> Option<String> {
        let link = self.links.get_mut(peer)?;
        // Known before it is shown: nobody may take it for no relay in between.
        link.relay = relay;
        if std::mem::replace(&mut link.known, true) {
            return None;
        }
        let wire = link.connections.get(&connection).or_else(|| link.connections.values().next())?;
        let address = wire.address.to_string();
        self.show(peer);
        Some(address)
    }

    /// The peer carries circuits for others; `named` by the owner of this node or not. True if its address is known because
    /// it was dialled.
    pub(crate) fn note_relay(&mut self, peer: &PeerId, named: bool) -> bool {
        let Some(dialled) = self.links.get(peer).and_then(Link::dialled) else { return false };
        let at = without_peer(dialled.address.clone());
        if self.relays.len() >= MOST_RELAYS {
            let gone = |(peer, met): &(&PeerId, &Met)| !met.named && !self.links.contains_key(*peer);
            if let Some(peer) = self.relays.iter().find(gone).map(|(peer, _)| *peer) {
                self.relays.remove(&peer);
            }
        }
        if named || self.relays.len() < MOST_RELAYS || self.relays.contains_key(peer) {
            self.relays.insert(*peer, Met { at, named });
        }
        true
    }

    /// Relays that were named, and are connected, and where.
    pub(crate) fn named_relays(&self) -> Vec<(PeerId, Multiaddr)> {
        let here = |peer: &PeerId| self.links.get(peer).is_some_and(|link| link.known);
        let named = self.relays.iter().filter(|(peer, met)| met.named && here(peer));
        named.map(|(peer, met)| (*peer, met.at.clone())).collect()
    }

    /// A relay as it is shown, if it was ever dialled.
    pub(crate) fn relay_info(&self, peer: &PeerId, reserved: bool) -> Option<RelayInfo> {
        let Met { at, named } = self.relays.get(peer)?;
        let (address, named) = (with_peer(at, *peer), *named);
        let link = self.links.get(peer).filter(|link| link.known);
        let round_trip = link.and_then(|link| link.round_trip);
        let (peer, connected) = (peer.to_string(), link.is_some());
        Some(RelayInfo { peer, address, named, connected, reserved, round_trip })
    }

    /// A ping came back.
    pub(crate) fn pinged(&mut self, peer: &PeerId, round_trip: Duration) {
        if let Some(link) = self.links.get_mut(peer) {
            link.round_trip = Some(round_trip);
            self.show(peer);
        }
    }

    /// Peers of our network that this node dialled straight, and their neighbourhoods.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let line = |(peer, _, wire): (&PeerId, &Link, &Wire)| Line {
            peer: *peer,
            group: ip(&wire.address).and_then(Group::of),
        };
        self.dialled().map(line).collect()
    }

    fn dialled(&self) -> impl Iterator<Item = (&PeerId, &Link, &Wire)> {
        let known = self.links.iter().filter(|(_, link)| link.known);
        known.filter_map(|(peer, link)| Some((peer, link, link.dialled()?)))
    }

    /// The lines that have held longest: where this node begins the next time.
    pub(crate) fn anchors(&self) -> Vec<String> {
        let line =
            |(peer, link, wire): (&PeerId, &Link, &Wire)| (link.since, with_peer(&wire.address, *peer));
        let mut lines: Vec<(SystemTime, String)> = self.dialled().map(line).collect();
        lines.sort_unstable();
        lines.into_iter().take(ANCHORS).map(|(_, address)| address).collect()
    }

    /// Whether the topic is new for this peer.
    pub(crate) fn subscribed(&mut self, peer: &PeerId, topic: &str, follows: bool) -> bool {
        let Some(link) = self.links.get_mut(peer) else { return false };
        let changed = if follows { link.topics.insert(topic.to_owned()) } else { link.topics.remove(topic) };
        self.show(peer);
        changed
    }

    fn show(&self, peer: &PeerId) {
        let Some(link) = self.links.get(peer).filter(|link| link.known) else { return };
        let text = peer.to_string();
        let wires = || link.connections.values();
        let shown = wires().find(|wire| wire.is_straight()).or_else(|| wires().next());
        let info = PeerInfo {
            peer: text.clone(),
            address: shown.map(|wire| wire.address.to_string()).unwrap_or_default(),
            since: link.since,
            topics: link.topics.len(),
            outbound: wires().any(|wire| wire.outbound),
            relayed: !wires().any(Wire::is_straight),
            relay: link.relay,
            round_trip: link.round_trip,
        };
        self.view.lock().peers.insert(text, info);
    }

    /// A mark for one more message of this peer that awaits a verdict, unless it has `most` already.
    pub(crate) fn hold(&self, peer: &PeerId, most: usize) -> Option<Arc<()>> {
        let held = &self.links.get(peer)?.held;
        (Arc::strong_count(held) <= most).then(|| Arc::clone(held))
    }

    /// The peer asked something. A mark for it, unless as many of its requests as allowed await a reply.
    pub(crate) fn asked(&mut self, peer: &PeerId, most: usize) -> Option<Arc<()>> {
        let link = self.links.get_mut(peer)?;
        link.used = Instant::now();
        (Arc::strong_count(&link.asked) <= most).then(|| Arc::clone(&link.asked))
    }

    /// A message of the peer was provably wrong.
    pub(crate) fn rejected(&mut self, peer: &PeerId) {
        if let Some(link) = self.links.get_mut(peer) {
            link.rejected = link.rejected.saturating_add(1);
        }
    }

    /// How many of its messages were, if it is connected.
    pub(crate) fn rejections(&self, peer: &PeerId) -> Option<u32> {
        self.links.get(peer).map(|link| link.rejected)
    }

    /// gossipsub reports that the peer does not keep up; true when it is time to part.
    pub(crate) fn slow(&mut self, peer: &PeerId, now: Instant) -> bool {
        let Some(link) = self.links.get_mut(peer) else { return false };
        if now.duration_since(link.slow_since) > SLOW_WINDOW {
            link.slow = 0;
            link.slow_since = now;
        }
        link.slow += 1;
        link.slow >= SLOW_STRIKES
    }

    /// Connections of strangers that lie idle.
    pub(crate) fn idle_strangers(&self, now: Instant) -> Vec<PeerId> {
        let idle = |link: &Link| !link.known && now.duration_since(link.used) > STRANGER_IDLE;
        self.links.iter().filter(|(_, link)| idle(link)).map(|(peer, _)| *peer).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn roster() -> (Roster, PeerId, ConnectionId) {
        let mut roster = Roster::new(Arc::new(View::default()));
        let (peer, connection) = (PeerId::random(), ConnectionId::new_unchecked(1));
        let address = format!("/ip4/127.0.0.1/tcp/9/p2p/{peer}").parse().unwrap();
        roster.opened(peer, connection, Wire { address, outbound: true });
        (roster, peer, connection)
    }

    #[test]
    fn strangers_are_not_shown_and_leave_when_idle() {
        let (mut roster, peer, connection) = roster();
        let later = Instant::now() + STRANGER_IDLE + Duration::from_secs(1);
        assert_eq!(roster.view.lock().peers.len(), 0);
        assert_eq!(roster.idle_strangers(Instant::now()), []);
        assert_eq!(roster.idle_strangers(later), [peer]);
        let address = roster.proven(&peer, connection, true).unwrap();
        assert_eq!(address, format!("/ip4/127.0.0.1/tcp/9/p2p/{peer}"));
        assert_eq!(roster.proven(&peer, connection, true), None, "told twice");
        assert_eq!(roster.view.lock().peers.len(), 1);
        assert_eq!(roster.idle_strangers(later), []);
        assert_eq!(roster.closed(&peer, connection), (true, true));
        assert_eq!(roster.view.lock().peers.len(), 0);
    }

    #[test]
    fn a_relay_is_remembered_where_it_was_dialled() {
        let (mut roster, peer, connection) = roster();
        assert!(roster.note_relay(&peer, true));
        assert!(roster.named_relays().is_empty(), "it has not said that it is of our network");
        roster.proven(&peer, connection, true);
        assert_eq!(roster.named_relays(), [(peer, "/ip4/127.0.0.1/tcp/9".parse().unwrap())]);
        assert_eq!(roster.anchors(), [format!("/ip4/127.0.0.1/tcp/9/p2p/{peer}")]);
        assert_eq!(roster.lines(), [Line { peer, group: None }]);
        roster.closed(&peer, connection);
        let info = roster.relay_info(&peer, false).unwrap();
        assert!(!info.connected && info.address.ends_with(&peer.to_string()));
        let (came, connection) = (PeerId::random(), ConnectionId::new_unchecked(2));
        let address = "/ip4/127.0.0.1/tcp/10".parse().unwrap();
        roster.opened(came, connection, Wire { address, outbound: false });
        roster.proven(&came, connection, true);
        assert!(!roster.note_relay(&came, false), "nobody knows where it listens");
        assert!(roster.lines().is_empty());
    }

    #[test]
    fn one_peer_holds_no_more_than_its_share() {
        let (mut roster, peer, _) = roster();
        let first = roster.hold(&peer, 2).unwrap();
        let _second = roster.hold(&peer, 2).unwrap();
        assert!(roster.hold(&peer, 2).is_none());
        std::mem::drop(first);
        assert!(roster.hold(&peer, 2).is_some());
        let asked = roster.asked(&peer, 1).unwrap();
        assert!(roster.asked(&peer, 1).is_none());
        std::mem::drop(asked);
        assert!(roster.asked(&peer, 1).is_some());
    }

    #[test]
    fn slow_peers_leave_after_repeated_reports_only() {
        let (mut roster, peer, _) = roster();
        let now = Instant::now();
        let mut at = now;
        for _ in 0..2 * SLOW_STRIKES {
            at += SLOW_WINDOW / SLOW_STRIKES * 2;
            assert!(!roster.slow(&peer, at), "seldom slow");
        }
        at += SLOW_WINDOW * 2;
        let parted = (0..SLOW_STRIKES).filter(|_| roster.slow(&peer, at)).count();
        assert_eq!(parted, 1);
    }
}
