//! Finding peers on the lists of relays, and being on them (libp2p's rendezvous).
//!
//! Two lists, of relays and of vendors. Only nodes look them up that want to be found themselves, and only at peers that
//! their owner named: whoever is on a list of relays may be anybody. A customer is on none, looks none up, and so dials
//! nobody but those she named.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use libp2p::core::PeerRecord;
use libp2p::rendezvous::{Namespace, client};
use libp2p::swarm::StreamProtocol;
use libp2p::{Multiaddr, PeerId, mdns};

use crate::address::{Address, Scope, ip, scope, with_peer};
use crate::book::{MOST_ADDRESSES, OUTBOUND, Source};
use crate::driver::Driver;
use crate::event::short;

/// Lists on which one node may be: of relays and of vendors.
pub(crate) const NAMESPACES: usize = 2;

/// The protocol of whoever keeps lists.
const RENDEZVOUS: StreamProtocol = StreamProtocol::new("/rendezvous/1.0.0");

/// How often a list is looked at while there are enough lines; while there are too few, sooner at first and then less
/// often, up to that. Wild guess.
const LOOK: Duration = Duration::from_secs(1800);
const FIRST_LOOK: Duration = Duration::from_secs(5);

/// How often this node says again that it is there. Half of the shortest time that libp2p's lists keep a name (2 h).
const SAY_AGAIN: Duration = Duration::from_secs(3600);

/// Pause after a list refused, or there was nothing to say yet. Wild guess.
const REFUSED: Duration = Duration::from_secs(30);

/// Names asked for at once. Wild guess; about 300 bytes each.
const NAMES: u64 = 100;

/// Whether whoever speaks these protocols keeps lists.
pub(crate) fn keeps_lists(protocols: &[StreamProtocol]) -> bool {
    protocols.contains(&RENDEZVOUS)
}

/// The lists of a network.
#[derive(Debug)]
pub(crate) struct Lists {
    relays: Namespace,
    vendors: Namespace,
    /// When to look at each list, and when to say again that this node is there.
    keepers: HashMap<PeerId, Keeper>,
}

#[derive(Debug)]
struct Keeper {
    look: Instant,
    pause: Duration,
    say: Instant,
    narrowest: Scope,
}

impl Lists {
    /// # Errors
    /// When the network's name is too long for a list; names of networks are not.
    pub(crate) fn new(network: &str) -> Result<Self, String> {
        let list = |kind: &str| {
            Namespace::new(format!("bespeak/1/{network}/{kind}")).map_err(|error| error.to_string())
        };
        Ok(Self { relays: list("relays")?, vendors: list("vendors")?, keepers: HashMap::new() })
    }

    pub(crate) fn left(&mut self, peer: &PeerId) {
        self.keepers.remove(peer);
    }
}

impl Driver {
    /// A peer that this node dialled keeps lists.
    pub(crate) fn keeper(&mut self, peer: PeerId, address: &Multiaddr, now: Instant) {
        let narrowest = ip(address).map_or(Scope::World, scope);
        let keeper = Keeper { look: now, pause: FIRST_LOOK, say: now, narrowest };
        self.lists.keepers.entry(peer).or_insert(keeper);
    }

    /// Looks at lists, and says that this node is there, where it is time.
    pub(crate) fn consult(&mut self, now: Instant) {
        let in_need = self.roster.lines().len() < OUTBOUND;
        let mut looks = Vec::new();
        let mut says = Vec::new();
        for (peer, keeper) in &mut self.lists.keepers {
            if keeper.look <= now {
                keeper.look = now + if in_need { keeper.pause } else { LOOK };
                keeper.pause = (keeper.pause * 2).min(LOOK);
                looks.push(*peer);
            }
            if keeper.say <= now {
                keeper.say = now + SAY_AGAIN;
                says.push(*peer);
            }
        }
        for peer in looks {
            self.look_at(peer);
        }
        for peer in says {
            self.say_to(peer, now);
        }
    }

    fn look_at(&mut self, peer: PeerId) {
        let Some(found) = self.swarm.behaviour_mut().found.as_mut() else { return };
        for list in [&self.lists.relays, &self.lists.vendors] {
            found.lists.discover(Some(list.clone()), None, Some(NAMES), peer);
        }
    }

    fn say_to(&mut self, peer: PeerId, now: Instant) {
        let market = self.swarm.behaviour_mut();
        let list = if market.hosted.is_enabled() { &self.lists.relays } else { &self.lists.vendors };
        let Some(found) = market.found.as_mut() else { return };
        if let Err(error) = found.lists.register(list.clone(), peer, None) {
            tracing::debug!(list = short(&peer.to_string()), %error, "nothing to say yet");
            self.say_later(&peer, now);
        }
    }

    fn say_later(&mut self, peer: &PeerId, now: Instant) {
        if let Some(keeper) = self.lists.keepers.get_mut(peer) {
            keeper.say = now + REFUSED;
        }
    }

    /// This node's addresses have changed: every list is told.
    pub(crate) fn register_anew(&mut self) {
        let now = Instant::now();
        self.lists.keepers.values_mut().for_each(|keeper| keeper.say = now);
    }

    pub(crate) fn listed(&mut self, event: client::Event) {
        let now = Instant::now();
        match event {
            client::Event::Discovered { rendezvous_node, registrations, .. } => {
                let records = registrations.into_iter().take(NAMES as usize);
                for record in records.map(|registration| registration.record) {
                    self.listed_one(rendezvous_node, &record, now);
                }
            }
            client::Event::DiscoverFailed { rendezvous_node, error, .. } => {
                tracing::debug!(list = short(&rendezvous_node.to_string()), ?error, "not looked up");
            }
            client::Event::RegisterFailed { rendezvous_node, error, .. } => {
                tracing::debug!(list = short(&rendezvous_node.to_string()), ?error, "not on the list");
                self.say_later(&rendezvous_node, now);
            }
            client::Event::Registered { .. } | client::Event::Expired { .. } => {}
        }
    }

    fn listed_one(&mut self, list: PeerId, record: &PeerRecord, now: Instant) {
        let narrowest = self.lists.keepers.get(&list).map_or(Scope::World, |keeper| keeper.narrowest);
        let far = |address: &&Multiaddr| ip(address).is_some_and(|ip| scope(ip) >= narrowest);
        for address in record.addresses().iter().filter(far).take(MOST_ADDRESSES) {
            let text = with_peer(address, record.peer_id());
            if let Ok(address) = Address::read(&text) {
                self.book.learn(Source::List(list), address, narrowest, now);
            }
        }
    }

    /// Peers of the local network.
    pub(crate) fn nearby(&mut self, event: mdns::Event) {
        let mdns::Event::Discovered(found) = event else { return };
        let now = Instant::now();
        for (peer, address) in found {
            if let Ok(address) = Address::read(&with_peer(&address, peer)) {
                self.book.learn(Source::Lan, address, Scope::Machine, now);
            }
        }
    }
}
