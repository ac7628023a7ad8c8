//! How this node stands toward the network: what others say of its addresses, and what follows from it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};

use crate::address::{ip, is_circuit};
use crate::event::{Reach, Standing, Translation};

/// Addresses that were tried, and peers whose word is remembered. Wild guess; a node has a handful of the first and
/// little more than its lines of the second.
const MOST: usize = 64;

/// What is known so far.
#[derive(Debug, Default)]
pub(crate) struct Standings {
    announced: BTreeSet<Multiaddr>,
    tried: BTreeMap<Multiaddr, bool>,
    seen: BTreeMap<PeerId, Multiaddr>,
    own: BTreeSet<IpAddr>,
    /// This node calls from the ports on which it listens, so that what others see of them can be compared.
    same_port: bool,
}

impl Standings {
    pub(crate) fn new(same_port: bool) -> Self {
        Self { same_port, ..Self::default() }
    }

    /// This node was told to announce an address.
    pub(crate) fn announce(&mut self, address: Multiaddr) {
        self.announced.insert(address);
    }

    /// An address of this machine.
    pub(crate) fn has(&mut self, address: &Multiaddr) {
        self.own.extend(ip(address));
    }

    /// A relay tried to get through at an address.
    pub(crate) fn tried(&mut self, address: &Multiaddr, through: bool) {
        if is_circuit(address) {
            return;
        }
        if self.tried.len() >= MOST && !self.tried.contains_key(address) {
            let Some(useless) = self.tried.iter().find(|(_, through)| !**through).map(|(at, _)| at.clone())
            else {
                return;
            };
            self.tried.remove(&useless);
        }
        self.tried.insert(address.clone(), through);
    }

    /// A peer that this node dialled says at which address it sees it.
    pub(crate) fn seen(&mut self, by: PeerId, address: &Multiaddr) {
        if !is_circuit(address) && (self.seen.len() < MOST || self.seen.contains_key(&by)) {
            self.seen.insert(by, address.clone());
        }
    }

    /// An address of this machine is gone: whatever others said is of another place.
    pub(crate) fn moved(&mut self) {
        self.tried.clear();
        self.seen.clear();
        self.own.clear();
    }

    pub(crate) fn left(&mut self, peer: &PeerId) {
        self.seen.remove(peer);
    }

    pub(crate) fn standing(&self) -> Standing {
        let through = self.tried.iter().filter(|(_, through)| **through).map(|(address, _)| address);
        let external: BTreeSet<&Multiaddr> = self.announced.iter().chain(through).collect();
        Standing {
            reach: match (external.is_empty(), self.tried.is_empty()) {
                (false, _) => Reach::Public,
                (true, false) => Reach::Private,
                (true, true) => Reach::Unknown,
            },
            translation: self.translation(),
            external: external.into_iter().map(ToString::to_string).collect(),
        }
    }

    fn translation(&self) -> Translation {
        let places: Vec<(IpAddr, Option<(bool, u16)>)> =
            self.seen.values().filter_map(|address| Some((ip(address)?, port(address)))).collect();
        if places.is_empty() {
            return Translation::Unknown;
        }
        if places.iter().all(|(ip, _)| self.own.contains(ip)) {
            return Translation::None;
        }
        if !self.same_port {
            return Translation::Present;
        }
        // The same port over the same wire of the same family has one mapping, or one for each peer.
        let mut mappings: BTreeMap<(bool, bool), Vec<(IpAddr, u16)>> = BTreeMap::new();
        for (ip, port) in &places {
            if let Some((udp, port)) = port {
                mappings.entry((ip.is_ipv6(), *udp)).or_default().push((*ip, *port));
            }
        }
        let compared: Vec<_> = mappings.values().filter(|seen| seen.len() > 1).collect();
        match compared.as_slice() {
            [] => Translation::Present,
            all if all.iter().all(|seen| seen.windows(2).all(|two| two[0] == two[1])) => Translation::Stable,
            _ => Translation::PerDestination,
        }
    }
}

/// Whether it is a UDP port, and which.
fn port(address: &Multiaddr) -> Option<(bool, u16)> {
    address.iter().find_map(|part| match part {
        Protocol::Tcp(port) => Some((false, port)),
        Protocol::Udp(port) => Some((true, port)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    fn seen(same_port: bool, own: &str, seen: &[&str]) -> Translation {
        let mut standings = Standings::new(same_port);
        standings.has(&at(own));
        seen.iter().for_each(|address| standings.seen(PeerId::random(), &at(address)));
        standings.standing().translation
    }

    #[test]
    fn tells_translators_apart_by_what_several_peers_see() {
        let own = "/ip4/192.168.1.2/tcp/4001";
        assert_eq!(seen(true, own, &[]), Translation::Unknown);
        let same = "/ip4/203.0.113.9/tcp/4001";
        assert_eq!(seen(true, "/ip4/203.0.113.9/tcp/4001", &[same, same]), Translation::None);
        assert_eq!(seen(true, own, &[same]), Translation::Present);
        assert_eq!(seen(true, own, &[same, "/ip4/203.0.113.9/udp/9/quic-v1"]), Translation::Present);
        assert_eq!(seen(true, own, &[same, same]), Translation::Stable);
        assert_eq!(seen(true, own, &[same, "/ip4/203.0.113.9/tcp/7"]), Translation::PerDestination);
        assert_eq!(seen(false, own, &[same, "/ip4/203.0.113.9/tcp/7"]), Translation::Present);
    }

    #[test]
    fn who_got_through_tells_whether_it_is_public() {
        let mut standings = Standings::new(true);
        assert_eq!(standings.standing().reach, Reach::Unknown);
        standings.tried(&at("/ip4/203.0.113.9/tcp/1"), false);
        assert_eq!(standings.standing().reach, Reach::Private);
        standings.tried(&at("/ip4/203.0.113.9/udp/1/quic-v1"), true);
        assert_eq!(standings.standing().reach, Reach::Public);
        assert_eq!(standings.standing().external, ["/ip4/203.0.113.9/udp/1/quic-v1"]);
        standings.tried(&at("/ip4/203.0.113.9/udp/1/quic-v1"), false);
        assert_eq!(standings.standing().reach, Reach::Private);
        let mut announced = Standings::new(true);
        announced.announce(at("/ip4/203.0.113.1/tcp/1"));
        assert_eq!(announced.standing().reach, Reach::Public);
        (0..500).for_each(|port| standings.tried(&at(&format!("/ip4/203.0.113.9/tcp/{port}")), false));
        assert!(standings.tried.len() <= MOST);
        standings.tried(&at("/ip4/203.0.113.9/tcp/9999"), true);
        assert_eq!(standings.standing().reach, Reach::Public, "what is false gives way to what is true");
    }

    #[test]
    fn what_was_said_of_another_place_is_forgotten_and_what_the_owner_said_is_not() {
        let mut standings = Standings::new(true);
        standings.announce(at("/ip4/203.0.113.1/tcp/1"));
        standings.has(&at("/ip4/192.168.1.2/tcp/1"));
        standings.tried(&at("/ip4/203.0.113.9/tcp/1"), true);
        standings.seen(PeerId::random(), &at("/ip4/203.0.113.9/tcp/1"));
        standings.moved();
        let standing = standings.standing();
        assert_eq!(
            (standing.translation, standing.external),
            (Translation::Unknown, vec!["/ip4/203.0.113.1/tcp/1".to_owned()])
        );
    }
}
