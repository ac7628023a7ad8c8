//! Peers that were heard of, and which of them to dial: few, and of as many neighbourhoods as there are.
//!
//! Nothing here is believed. Addresses come from the lists of peers that this node dialled itself, never from those
//! that came to it, and whoever fills one list fills one shelf. Who owns many addresses owns few neighbourhoods (the
//! first 16 bits of an IPv4, the first 32 of an IPv6 address: what a provider is given), and gets one line for each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use libp2p::PeerId;
use libp2p::swarm::ConnectionId;

use crate::address::{Address, Scope, first_ip, scope};

/// Peers this node dials by itself and stays with. Source: `reliability.md`, eclipse.
pub(crate) const OUTBOUND: usize = 8;

/// Peers of the last run that are dialled first in the next. Source: `reliability.md`, eclipse.
pub(crate) const ANCHORS: usize = 2;

/// Peers heard of that are remembered, in all and of one source. Wild guess: some hundred bytes each; no source has more
/// than an eighth.
const MOST: usize = 1024;
const MOST_OF_ONE: usize = 128;

/// Addresses remembered of one peer: two wires over IPv4 and IPv6.
pub(crate) const MOST_ADDRESSES: usize = 4;

/// How often a peer that was never met is tried, lines or no lines, so that there is somebody to turn to. Source:
/// Bitcoin's feelers, two minutes.
const FEELER: Duration = Duration::from_secs(120);

/// Pauses after a dial that came to nothing, doubled each time. Wild guess.
const FIRST_PAUSE: Duration = Duration::from_secs(15);
const LAST_PAUSE: Duration = Duration::from_secs(3600);

/// Dials that come to nothing before a peer is forgotten: one that was never met, one that was. Wild guess.
const TRIES: u32 = 3;
const TRIES_OF_OLD: u32 = 10;

/// Who said that a peer is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// The last run of this node.
    Anchor,
    /// The same network, by multicast DNS.
    Lan,
    /// The list of this peer.
    List(PeerId),
}

/// A neighbourhood of addresses that are likely in one hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Group {
    V4([u8; 2]),
    V6([u8; 4]),
}

impl Group {
    /// The neighbourhood of an address; none on this machine, where everybody shares one.
    pub(crate) fn of(ip: IpAddr) -> Option<Self> {
        if scope(ip) == Scope::Machine {
            return None;
        }
        Some(match ip {
            IpAddr::V4(four) => Self::V4([four.octets()[0], four.octets()[1]]),
            IpAddr::V6(six) => {
                let [a, b, c, d, ..] = six.octets();
                Self::V6([a, b, c, d])
            }
        })
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4([first, second]) => write!(f, "{first}.{second}"),
            Self::V6([a, b, c, d]) => write!(f, "{a:02x}{b:02x}:{c:02x}{d:02x}"),
        }
    }
}

/// The neighbourhood of a multiaddr, which is likely in one hand: the first half of an IPv4 address, the first quarter of an
/// IPv6 one. None for a name, and for this machine.
pub fn neighbourhood(address: &str) -> Option<String> {
    first_ip(address).and_then(Group::of).map(|group| group.to_string())
}

/// A peer that this node dialled and is connected with, or is dialling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) peer: PeerId,
    pub(crate) group: Option<Group>,
}

/// Whom to dial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pick {
    pub(crate) peer: PeerId,
    pub(crate) addresses: Vec<Address>,
}

#[derive(Debug)]
struct Entry {
    source: Source,
    addresses: Vec<Address>,
    group: Option<Group>,
    met: bool,
    failures: u32,
    next: Instant,
    dialling: Option<ConnectionId>,
    /// Dialled only to see whether it is there.
    feeler: bool,
}

#[derive(Debug)]
pub(crate) struct Book {
    own: PeerId,
    entries: BTreeMap<PeerId, Entry>,
    chance: fastrand::Rng,
    feel_at: Instant,
}

impl Book {
    pub(crate) fn new(own: PeerId, seed: u64, now: Instant) -> Self {
        Self { own, entries: BTreeMap::new(), chance: fastrand::Rng::with_seed(seed), feel_at: now + FEELER }
    }

    /// Somebody is said to be there. Circuits, nameless places and names are passed over: what is dialled by itself has an
    /// address that tells its neighbourhood. So is what reaches less far than its source (`narrowest`): a public list that
    /// names this machine or this house wants something dialled that is none of its business.
    pub(crate) fn learn(&mut self, source: Source, address: Address, narrowest: Scope, now: Instant) {
        let (Some(peer), Some(ip)) = (address.peer, address.ip()) else { return };
        if peer == self.own || address.is_circuit() || scope(ip) < narrowest {
            return;
        }
        if let Some(known) = self.entries.get_mut(&peer) {
            // All in one neighbourhood: it is the one that the dial is counted for.
            let same = Group::of(ip) == known.group;
            if same && known.addresses.len() < MOST_ADDRESSES && !known.addresses.contains(&address) {
                known.addresses.push(address);
            }
            return;
        }
        if !self.make_room(source) {
            return;
        }
        let entry = Entry {
            source,
            group: Group::of(ip),
            addresses: vec![address],
            met: false,
            failures: 0,
            next: now,
            dialling: None,
            feeler: false,
        };
        self.entries.insert(peer, entry);
    }

    /// Makes room on the shelf of a source, at the cost of that source alone, then in the whole book, at the cost of whoever
    /// has most.
    fn make_room(&mut self, source: Source) -> bool {
        if self.of(source).len() >= MOST_OF_ONE && !self.forget_one(source) {
            return false;
        }
        if self.entries.len() < MOST {
            return true;
        }
        let sources: BTreeSet<Source> = self.entries.values().map(|entry| entry.source).collect();
        let largest = sources.into_iter().max_by_key(|source| self.of(*source).len());
        largest.is_some_and(|largest| self.forget_one(largest))
    }

    fn of(&self, source: Source) -> Vec<PeerId> {
        self.entries.iter().filter(|(_, entry)| entry.source == source).map(|(peer, _)| *peer).collect()
    }

    fn forget_one(&mut self, source: Source) -> bool {
        let strange = |entry: &Entry| entry.source == source && !entry.met && entry.dialling.is_none();
        let strangers: Vec<PeerId> =
            self.entries.iter().filter(|(_, entry)| strange(entry)).map(|(peer, _)| *peer).collect();
        match self.chance.choice(strangers) {
            Some(peer) => self.entries.remove(&peer).is_some(),
            None => false,
        }
    }

    /// Whom to dial now, if anybody: while there are too few lines, somebody of a neighbourhood that has none; else, now
    /// and then, a stranger.
    pub(crate) fn pick(&mut self, lines: &[Line], now: Instant) -> Option<Pick> {
        let dialling =
            self.entries.values().filter(|entry| entry.dialling.is_some() && !entry.feeler).count();
        let feeler = lines.len() + dialling >= OUTBOUND;
        if feeler && now < self.feel_at {
            return None;
        }
        let mut taken: BTreeSet<Group> = lines.iter().filter_map(|line| line.group).collect();
        taken.extend(self.entries.values().filter(|e| e.dialling.is_some()).filter_map(|entry| entry.group));
        let there: BTreeSet<PeerId> = lines.iter().map(|line| line.peer).collect();
        let may = |peer: &PeerId, entry: &Entry| {
            let fits = if feeler {
                !entry.met
            } else {
                entry.source == Source::Lan || entry.group.is_none_or(|group| !taken.contains(&group))
            };
            fits && entry.dialling.is_none() && entry.next <= now && !there.contains(peer)
        };
        let all = self.entries.iter().filter(|(peer, entry)| may(peer, entry));
        let candidates: Vec<(PeerId, Source, Option<Group>)> =
            all.map(|(peer, entry)| (*peer, entry.source, entry.group)).collect();
        let peer = self.choose(&candidates)?;
        if feeler {
            self.feel_at = now + FEELER;
        }
        let entry = self.entries.get_mut(&peer)?;
        entry.feeler = feeler;
        Some(Pick { peer, addresses: entry.addresses.clone() })
    }

    /// Those of the last run first; then a source, of it a neighbourhood, of that somebody: many names weigh no more than
    /// one.
    fn choose(&mut self, candidates: &[(PeerId, Source, Option<Group>)]) -> Option<PeerId> {
        let sources: BTreeSet<Source> = candidates.iter().map(|(_, source, _)| *source).collect();
        let source = match sources.first()? {
            Source::Anchor => Source::Anchor,
            _ => self.chance.choice(sources)?,
        };
        let of_source = || candidates.iter().filter(|(_, from, _)| *from == source);
        let groups: BTreeSet<Option<Group>> = of_source().map(|(_, _, group)| *group).collect();
        let group = self.chance.choice(groups)?;
        let of_group: Vec<PeerId> =
            of_source().filter(|(_, _, of)| *of == group).map(|(peer, _, _)| *peer).collect();
        self.chance.choice(of_group)
    }

    /// A picked peer is being dialled.
    pub(crate) fn dialling(&mut self, peer: &PeerId, connection: ConnectionId) {
        if let Some(entry) = self.entries.get_mut(peer) {
            entry.dialling = Some(connection);
        }
    }

    /// A dial came to nothing; true if it was one of these.
    pub(crate) fn failed(&mut self, connection: ConnectionId, now: Instant) -> bool {
        let Some((peer, entry)) = self.entries.iter_mut().find(|(_, e)| e.dialling == Some(connection))
        else {
            return false;
        };
        let peer = *peer;
        entry.dialling = None;
        entry.fail(now);
        if entry.failures >= if entry.met { TRIES_OF_OLD } else { TRIES } {
            self.entries.remove(&peer);
        }
        true
    }

    /// Whether a dial that came through is one of these. Until the peer has said that it is of our network, or has gone, its
    /// place is taken: whoever answers and says nothing is not followed by others.
    pub(crate) fn reached(&self, connection: ConnectionId) -> bool {
        self.entries.values().any(|entry| entry.dialling == Some(connection))
    }

    /// The peer is of our network. True if it was dialled only to see that, and can go.
    pub(crate) fn met(&mut self, peer: &PeerId) -> bool {
        let Some(entry) = self.entries.get_mut(peer) else { return false };
        entry.met = true;
        entry.failures = 0;
        entry.dialling = None;
        std::mem::take(&mut entry.feeler)
    }

    /// The last connection with the peer is gone, or it was no peer of ours.
    pub(crate) fn lost(&mut self, peer: &PeerId, now: Instant) {
        if let Some(entry) = self.entries.get_mut(peer) {
            entry.dialling = None;
            entry.fail(now);
        }
    }

    /// What answered there belongs elsewhere.
    pub(crate) fn forget(&mut self, peer: &PeerId) {
        self.entries.remove(peer);
    }
}

impl Entry {
    fn fail(&mut self, now: Instant) {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(8)).min(LAST_PAUSE);
        self.next = now + pause;
        self.failures += 1;
    }
}

#[cfg(test)]
#[path = "book/tests.rs"]
mod tests;
