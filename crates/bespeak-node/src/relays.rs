//! Which peers hold mail for others, and at which of them this node's own mail waits.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bespeak_net::{Net, PeerInfo, RelayInfo};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    doctor::Relay,
    pause::Pause,
    wires::{peer_of, without_peer},
};

/// Hosts at which each queue of this node waits. Source: protocol, several; two, so that one may be lost with its disk.
pub(crate) const HOSTS: usize = 2;
/// How long a placement waits for the first peer that says whether it is a relay. Source: wild guess; a few dials.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long after the start it waits for a second one too. Source: wild guess; then who is away is not waited for.
const YOUNG: Duration = Duration::from_secs(15);
/// Pauses between two tries to look up a name. Source: wild guess.
const SEEK: Pause = Pause::new(Duration::from_secs(5), Duration::from_secs(300));
/// Pause between two looks. Source: wild guess; nobody notices it.
const GLANCE: Duration = Duration::from_millis(20);

/// Where a customer's mail can wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// At these relays, one or two.
    Relays(Vec<String>),
    /// At none: there are no peers, or all have said that they are no relay.
    None,
    /// This peer may be a relay, and has not answered.
    Unknown(String),
}

/// What is known of the peers that were named at the start, and of the relays that were found.
#[derive(Clone)]
pub(crate) struct Relays {
    net: Net,
    named: Arc<Mutex<Vec<String>>>,
    /// A name in the DNS under which more are listed, until it was looked up.
    sought: Arc<Mutex<Option<String>>>,
    /// Named peers that have said that they are no relay.
    others: Arc<Mutex<BTreeSet<String>>>,
    since: Instant,
}

impl Relays {
    /// `named` are the peers named at the start, in their order; `sought` is a name in the DNS under which there are more.
    pub(crate) fn new(net: &Net, named: Vec<String>, sought: Option<String>) -> Self {
        let relays = Self {
            net: net.clone(),
            named: Arc::new(Mutex::new(named)),
            sought: Arc::new(Mutex::new(sought.clone())),
            others: Arc::default(),
            since: Instant::now(),
        };
        if let Some(name) = sought {
            tokio::spawn(relays.clone().seek(name));
        }
        relays
    }

    /// Looks a name up until it leads somewhere.
    async fn seek(self, name: String) {
        let mut pause = SEEK;
        loop {
            match bespeak_net::from_dns(&name).await {
                Ok(found) => {
                    tracing::info!(target: "bespeak::node", name, found = found.len(), "relays_listed");
                    for address in &found {
                        if self.net.meet(address).await.is_err() {
                            return;
                        }
                    }
                    lock(&self.named).extend(found);
                    lock(&self.sought).take();
                    return;
                }
                Err(error) => tracing::warn!(target: "bespeak::node", %error, "no_relays_listed"),
            }
            pause.wait().await;
        }
    }

    fn named(&self) -> Vec<String> {
        lock(&self.named).clone()
    }

    /// The addresses of the relays met so far.
    pub(crate) fn all(&self) -> Vec<String> {
        self.net.relays().into_iter().map(|relay| relay.address).collect()
    }

    /// Every peer that was named, and every relay that was found: whether it is a relay, and whether it is connected.
    pub(crate) fn each(&self) -> Vec<Relay> {
        let (relays, peers) = (self.net.relays(), self.net.peers());
        let here = |named: &str| peers.iter().any(|peer| is_meant(named, &peer.peer, &peer.address));
        let mut each: Vec<Relay> = Vec::new();
        for address in self.named().iter().filter(|address| !is_one_of(&relays, address)) {
            let holds_mail = if self.is_other(address, &peers) { Some(false) } else { None };
            let (connected, round_trip) = (here(address), None);
            each.push(Relay { address: address.clone(), holds_mail, connected, reserved: false, round_trip });
        }
        each.extend(relays.into_iter().map(|relay| Relay {
            address: relay.address,
            holds_mail: Some(true),
            connected: relay.connected,
            reserved: relay.reserved,
            round_trip: relay.round_trip,
        }));
        each
    }

    /// The relays to use of those that were named, connected ones first; waits a while for the first.
    pub(crate) async fn choose(&self) -> Choice {
        let settled = async {
            while !self.is_settled() {
                sleep(GLANCE).await;
            }
        };
        // When time is up, what is known then has to do.
        let _ = timeout(PATIENCE, settled).await;
        let mut relays = self.chosen();
        relays.truncate(HOSTS);
        match (relays.is_empty(), self.undecided()) {
            (false, _) => Choice::Relays(relays.into_iter().map(|relay| relay.address).collect()),
            (true, Some(address)) => Choice::Unknown(address),
            (true, None) => Choice::None,
        }
    }

    /// Relays that were named: whoever else says that it is one may be a vendor.
    fn chosen(&self) -> Vec<RelayInfo> {
        self.net.relays().into_iter().filter(|relay| relay.named).collect()
    }

    fn is_settled(&self) -> bool {
        let connected = self.chosen().iter().filter(|relay| relay.connected).count();
        connected >= HOSTS || self.undecided().is_none() || (connected > 0 && self.since.elapsed() > YOUNG)
    }

    /// A named peer that has not said yet whether it is a relay.
    fn undecided(&self) -> Option<String> {
        let (relays, peers) = (self.net.relays(), self.net.peers());
        let decided = |address: &str| is_one_of(&relays, address) || self.is_other(address, &peers);
        self.named().into_iter().find(|address| !decided(address)).or_else(|| lock(&self.sought).clone())
    }

    /// Whether a named peer is known to be no relay; that is remembered when it goes.
    fn is_other(&self, address: &str, peers: &[PeerInfo]) -> bool {
        let mut others = lock(&self.others);
        if peers.iter().any(|peer| !peer.relay && is_meant(address, &peer.peer, &peer.address)) {
            others.insert(address.to_owned());
        }
        others.contains(address)
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_one_of(relays: &[RelayInfo], named: &str) -> bool {
    relays.iter().any(|relay| is_meant(named, &relay.peer, &relay.address))
}

/// Whether a peer at an address is the one meant by another address, which may name it or only its place.
fn is_meant(by: &str, peer: &str, address: &str) -> bool {
    match peer_of(by) {
        Some(named) => named == peer,
        None => without_peer(address) == by,
    }
}
