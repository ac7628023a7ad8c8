//! Envelopes on their way: straight to the other side where it can be reached, else into all the queues where it looks.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bespeak_agent::output::{Arrival, Post};
use bespeak_model::queue::Drop as Place;
use bespeak_net::{Net, PeerError, RelayInfo, RequestError, TransportIdentity};
use bespeak_protocol::drop::{DropReply, DropRequest};
use futures::future::join_all;
use serde_bytes::ByteBuf;
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    back::Back,
    callers::Callers,
    lanes::Lanes,
    outbound::{report, wait_for},
    postmen::Opened,
    route::ways,
    wires::peer_of,
};

/// Envelopes waiting to be sent. Source: wild guess; at most 160 MiB. Those over it are as if the host were away: the
/// agent sends them again.
pub(crate) const POSTS: usize = 10_000;
/// Envelopes being sent at once. Source: wild guess; a quarter of what the wires allow.
const POSTS_AT_ONCE: usize = 64;
/// Envelopes being sent to one host at once. Source: wild guess; so that silent hosts cannot take every place.
const POSTS_TO_ONE_HOST: usize = 2;
/// How long a host may take to store an envelope, the dial included. Source: wild guess; it syncs one small file.
const PUT_WAIT: Duration = Duration::from_secs(10);
/// The same where the connection is there already.
const STRAIGHT_WAIT: Duration = Duration::from_secs(3);
/// How long a host that did not answer in time is left alone. Source: wild guess; three times what it cost.
const SILENT_REST: Duration = Duration::from_secs(30);
/// How long a host that could not be reached is not tried again. Source: wild guess; the agent's own pauses start at
/// 5 s, so only a burst to one dead host is cut short.
const REST: Duration = Duration::from_secs(2);
/// When an envelope that some hosts hold is tried again at the others, and how many such wait. Source: wild guess; a host
/// that is away for longer is made up for by the rest, and by what the agent repeats.
const LATER: [Duration; 3] = [Duration::from_secs(10), Duration::from_secs(60), Duration::from_secs(600)];
const MOST_LATER: usize = 1_000;
/// Hosts remembered as unreachable. Source: wild guess.
const MAX_RESTING: usize = 1_000;

/// Hosts that could not be reached a moment ago.
#[derive(Clone, Default)]
struct Resting(Arc<Mutex<HashMap<String, Instant>>>);

impl Resting {
    fn has(&self, host: &str) -> bool {
        let resting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        resting.get(host).is_some_and(|until| Instant::now() < *until)
    }

    fn add(&self, host: &str, rest: Duration) {
        let mut resting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if resting.len() >= MAX_RESTING {
            resting.clear();
        }
        resting.insert(host.to_owned(), Instant::now() + rest);
    }
}

/// What it takes to bring an envelope somewhere.
#[derive(Clone)]
pub(crate) struct Carrier {
    net: Net,
    callers: Callers,
    resting: Resting,
    /// Its owner lets everybody she speaks with see her address.
    revealed: bool,
}

/// Carries until nobody sends any more.
pub(crate) async fn carry(
    carrier: Carrier,
    mut posts: mpsc::Receiver<(Post, Vec<Opened>)>,
    back: mpsc::UnboundedSender<Back>,
) {
    let mut lanes = Lanes::new(POSTS_AT_ONCE, POSTS_TO_ONE_HOST);
    let (mut tasks, mut open) = (JoinSet::new(), true);
    let mut hosts: HashMap<tokio::task::Id, String> = HashMap::new();
    // What is only tried again ends with the node.
    let mut later = JoinSet::new();
    while open || !tasks.is_empty() {
        tokio::select! {
            Some(ended) = tasks.join_next_with_id() => {
                let (task, rest) = ended.map_or_else(|error| (error.id(), None), |(task, rest)| (task, rest));
                if let Some(host) = hosts.remove(&task) {
                    lanes.ended(&host);
                }
                if let Some((post, missed)) = rest.filter(|_| later.len() < MOST_LATER) {
                    later.spawn(carrier.clone().bring_later(post, missed));
                }
            }
            Some(_) = later.join_next() => {}
            post = posts.recv(), if open && lanes.waiting() < POSTS => match post {
                Some((post, opening)) => {
                    let host = post.drops.first().and_then(|place| place.hosts.first()).cloned();
                    lanes.push(host.as_ref().map_or("", |host| host.as_str()), (post, opening));
                }
                None => open = false,
            },
        }
        while let Some((host, (post, opening))) = lanes.next() {
            let (carrier, back) = (carrier.clone(), back.clone());
            let task = tasks.spawn(async move {
                wait_for(opening).await;
                let (to, missed) = carrier.bring(&post).await;
                report(&back, &post, to);
                (to == Arrival::Drop && !missed.is_empty()).then_some((post, missed))
            });
            hosts.insert(task.id(), host);
        }
    }
}

impl Carrier {
    /// `revealed` says that its owner lets everybody she speaks with see her address.
    pub(crate) fn new(net: Net, callers: Callers, revealed: bool) -> Self {
        Self { net, callers, resting: Resting::default(), revealed }
    }

    /// Straight where the other side is there, else into every queue in which it looks; says also which of the places do not
    /// have it.
    async fn bring(&self, post: &Post) -> (Arrival, Vec<Place>) {
        if self.straight(post).await {
            return (Arrival::Node, Vec::new());
        }
        let relays = self.net.relays();
        let (own, held): (Vec<&Place>, Vec<&Place>) =
            post.drops.iter().partition(|place| arrival(post, place) == Arrival::Node);
        for place in own {
            if self.put(post, place, &relays).await {
                return (Arrival::Node, Vec::new());
            }
        }
        let stored = join_all(held.iter().map(|place| self.put(post, place, &relays))).await;
        let to = if stored.contains(&true) { Arrival::Drop } else { Arrival::Nowhere };
        let missed = held.into_iter().zip(stored).filter(|(_, stored)| !stored);
        (to, missed.map(|(place, _)| place.clone()).collect())
    }

    /// At those that could not be reached, so that the loss of one host is no loss.
    async fn bring_later(self, post: Post, mut missed: Vec<Place>) {
        for pause in LATER {
            sleep(pause).await;
            let relays = self.net.relays();
            let stored = join_all(missed.iter().map(|place| self.put(&post, place, &relays))).await;
            missed = missed
                .into_iter()
                .zip(stored)
                .filter(|(_, stored)| !stored)
                .map(|(place, _)| place)
                .collect();
            if missed.is_empty() {
                return;
            }
        }
    }

    /// Over the connection on which the other side called.
    async fn straight(&self, post: &Post) -> bool {
        let Some(peer) = self.callers.take(post.thread) else { return false };
        let Some((place, request)) =
            post.drops.first().and_then(|place| Some((place, request(post, place)?)))
        else {
            return false;
        };
        let reply = timeout(STRAIGHT_WAIT, self.net.send(&peer, request)).await;
        let reply = reply.unwrap_or(Err(PeerError::TimedOut));
        let stored = is_stored(reply.as_deref());
        if !stored {
            tracing::debug!(target: "bespeak::node", queue = ?place.queue, reply = ?reply.err(), "not_straight");
        }
        stored
    }

    /// Into one queue at one host.
    async fn put(&self, post: &Post, place: &Place, relays: &[RelayInfo]) -> bool {
        let direct = post.direct || self.revealed;
        let ways = ways(place, relays, direct);
        let Some(first) = ways.first().filter(|first| !self.resting.has(first)) else { return false };
        let Some(request) = request(post, place) else { return false };
        let identity = TransportIdentity(post.transport);
        // A vendor is no caller whose address could be told by a circuit.
        let seen = direct && post.node.is_some();
        let once = |request: Vec<u8>| async {
            match seen {
                true => self.net.request_seen(&identity, &ways, request).await,
                false => self.net.request(&identity, &ways, request).await,
            }
        };
        let ask = async {
            let reply = once(request.clone()).await;
            if matches!(reply, Err(RequestError::Unreachable { .. })) {
                // A host that restarted is noticed only by the first request on the old connection. To ask twice is
                // harmless: a host keeps the same envelope once.
                return once(request).await;
            }
            reply
        };
        let silent = || RequestError::TimedOut { address: first.clone() };
        let reply = timeout(PUT_WAIT, ask).await.unwrap_or_else(|_| Err(silent()));
        if let Some(rest) = reply.as_ref().err().and_then(rest_after) {
            self.resting.add(first, rest);
        }
        let stored = is_stored(reply.as_deref());
        if !stored {
            tracing::debug!(target: "bespeak::node", thread = %post.thread.short(), ?reply, "not_stored");
        }
        stored
    }
}

fn request(post: &Post, place: &Place) -> Option<Vec<u8>> {
    let envelope = ByteBuf::from(post.envelope.clone());
    let request = DropRequest::Put { queue: place.queue, envelope, stamp: None }.to_bytes();
    if request.is_err() {
        tracing::error!(target: "bespeak::node", thread = %post.thread.short(), "envelope_out_of_bounds");
    }
    request.ok()
}

fn is_stored<E>(reply: Result<&[u8], E>) -> bool {
    matches!(reply.map(DropReply::from_bytes), Ok(Ok(DropReply::Stored {})))
}

/// What it means that this place has it: its owner's own node, or a host that holds it for her.
fn arrival(post: &Post, place: &Place) -> Arrival {
    let mut peers = place.hosts.iter().filter_map(|host| peer_of(host.as_str()));
    match (peers.next(), &post.node) {
        (Some(peer), Some(node)) if peer == node.peer_id() => Arrival::Node,
        (Some(_), _) => Arrival::Drop,
        // A customer's own node is named without an identity.
        (None, _) => Arrival::Node,
    }
}

/// How long a host is left alone after an error.
fn rest_after(error: &RequestError) -> Option<Duration> {
    match error {
        RequestError::Unreachable { .. } => Some(REST),
        RequestError::TimedOut { .. } => Some(SILENT_REST),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_host_rests_like_one_that_is_away() {
        let silent = RequestError::TimedOut { address: "there".to_owned() };
        assert_eq!(rest_after(&silent), Some(SILENT_REST));
        assert_eq!(rest_after(&RequestError::Unreachable { tried: Vec::new() }), Some(REST));
        assert_eq!(rest_after(&RequestError::Busy), None);
        let resting = Resting::default();
        assert!(!resting.has("there"));
        resting.add("there", SILENT_REST);
        assert!(resting.has("there"));
    }
}
