//! Which of the configured peers hold mail for others.

use std::{sync::Arc, time::Duration};

use bespeak_net::{Net, TransportIdentity};
use bespeak_protocol::drop::{DropReply, DropRequest};
use tokio::{sync::watch, task::JoinSet, time::timeout};

use crate::{
    clock::random32,
    doctor::Relay,
    pause::Pause,
    wires::{peer_of, without_peer},
};

/// How long a placement waits for the first peer that says whether it is a relay. Source: wild guess; a few dials.
const PATIENCE: Duration = Duration::from_secs(5);
/// Pauses between questions to a peer that does not answer. Source: wild guess.
const PAUSE: Pause = Pause::new(Duration::from_millis(250), Duration::from_secs(30));

#[derive(Clone, Debug, PartialEq, Eq)]
enum Known {
    NotYet,
    NoRelay,
    /// Its address, with its identity.
    Relay(String),
}

/// Where a customer's mail can wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// At this relay.
    Relay(String),
    /// At none: there are no peers, or all have said that they are no relay.
    None,
    /// This peer may be a relay, and has not answered.
    Unknown(String),
}

/// What is known of each configured peer, in the order of the configuration.
#[derive(Clone)]
pub(crate) struct Relays {
    net: Net,
    peers: Arc<[String]>,
    known: watch::Receiver<Vec<Known>>,
    _questions: Arc<JoinSet<()>>,
}

impl Relays {
    /// Starts asking every configured peer; ends with the last clone.
    pub(crate) fn find(net: &Net, peers: &[String]) -> Self {
        let (sender, known) = watch::channel(vec![Known::NotYet; peers.len()]);
        let sender = Arc::new(sender);
        let mut questions = JoinSet::new();
        for (index, address) in peers.iter().cloned().enumerate() {
            let (net, sender) = (net.clone(), Arc::clone(&sender));
            questions.spawn(async move {
                let answer = ask_until_answered(&net, address).await;
                sender.send_modify(|known| {
                    if let Some(place) = known.get_mut(index) {
                        *place = answer;
                    }
                });
            });
        }
        Self { net: net.clone(), peers: peers.into(), known, _questions: Arc::new(questions) }
    }

    /// The addresses of the relays known so far.
    pub(crate) fn all(&self) -> Vec<String> {
        let known = self.known.borrow();
        let relay =
            |known: &Known| if let Known::Relay(address) = known { Some(address.clone()) } else { None };
        known.iter().filter_map(relay).collect()
    }

    /// Every configured peer: whether it is a relay, and whether it is connected.
    pub(crate) fn each(&self) -> Vec<Relay> {
        let known = self.known.borrow();
        let connected = self.net.peers();
        let here = |address: &str| {
            let named = peer_of(address);
            connected.iter().any(|peer| match named {
                Some(named) => peer.peer == named,
                None => without_peer(&peer.address) == address,
            })
        };
        let each = self.peers.iter().zip(known.iter()).map(|(address, known)| {
            let (address, holds_mail) = match known {
                Known::NotYet => (address, None),
                Known::NoRelay => (address, Some(false)),
                Known::Relay(full) => (full, Some(true)),
            };
            Relay { address: address.clone(), holds_mail, connected: here(address) }
        });
        each.collect()
    }

    /// The relay to use, one that is connected if there is one; waits a while for the first.
    pub(crate) async fn choose(&self) -> Choice {
        let mut known = self.known.clone();
        let settled = |known: &Vec<Known>| {
            known.iter().any(|known| matches!(known, Known::Relay(_)))
                || known.iter().all(|known| *known == Known::NoRelay)
        };
        // When time is up, what is known then has to do.
        let _ = timeout(PATIENCE, known.wait_for(settled)).await;
        let connected: Vec<String> = self.net.peers().into_iter().map(|peer| peer.peer).collect();
        let here =
            |address: &String| peer_of(address).is_some_and(|peer| connected.iter().any(|one| one == peer));
        let mut all = self.all();
        all.sort_by_key(|address| !here(address));
        match (all.into_iter().next(), self.undecided()) {
            (Some(address), _) => Choice::Relay(address),
            (None, Some(address)) => Choice::Unknown(address),
            (None, None) => Choice::None,
        }
    }

    /// A peer that has not said yet whether it is a relay.
    fn undecided(&self) -> Option<String> {
        let place = self.known.borrow().iter().position(|known| *known == Known::NotYet)?;
        self.peers.get(place).cloned()
    }
}

async fn ask_until_answered(net: &Net, address: String) -> Known {
    let mut pause = PAUSE;
    loop {
        if let Some(holds_mail) = ask(net, &address).await {
            if !holds_mail {
                return Known::NoRelay;
            }
            if let Some(full) = with_peer(net, &address).await {
                tracing::info!(target: "bespeak::node", address = %full, "relay_found");
                return Known::Relay(full);
            }
        }
        pause.wait().await;
    }
}

/// Asks from an identity used for nothing else, so that the question joins nothing.
async fn ask(net: &Net, address: &str) -> Option<bool> {
    let identity = TransportIdentity(random32().ok()?);
    let request = DropRequest::About {}.to_bytes().ok()?;
    let reply = net.request(&identity, &[address.to_owned()], request).await.ok()?;
    match DropReply::from_bytes(&reply).ok()? {
        DropReply::About { holds_mail } => Some(holds_mail),
        _ => Some(false),
    }
}

async fn with_peer(net: &Net, address: &str) -> Option<String> {
    if peer_of(address).is_some() {
        return Some(address.to_owned());
    }
    let known =
        net.peers().into_iter().find(|peer| without_peer(&peer.address) == address).map(|peer| peer.peer);
    let peer = match known {
        Some(peer) => peer,
        None => net.dial(address).await.ok()?,
    };
    Some(format!("{address}/p2p/{peer}"))
}
