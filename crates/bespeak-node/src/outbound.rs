//! What leaves this node: envelopes for hosts, and market messages.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bespeak_agent::output::{Arrival, Post, Publication};
use bespeak_model::queue::Drop as Place;
use bespeak_net::{DUPLICATE_CACHE, Net, PublishError, RequestError, TransportIdentity};
use bespeak_protocol::drop::{DropReply, DropRequest};
use serde_bytes::ByteBuf;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::{back::Back, lanes::Lanes, pause::Pause, postmen::Opened, wires::peer_of};

/// Envelopes waiting to be sent. Source: wild guess; at most 160 MiB. Those over it are as if the host were away: the
/// agent sends them again.
const POSTS: usize = 10_000;
/// Envelopes being sent at once. Source: wild guess; a quarter of what the wires allow.
const POSTS_AT_ONCE: usize = 64;
/// Envelopes being sent to one host at once. Source: wild guess; so that silent hosts cannot take every place.
const POSTS_TO_ONE_HOST: usize = 2;
/// How long a host may take to store an envelope, the dial included. Source: wild guess; it syncs one small file.
const PUT_WAIT: Duration = Duration::from_secs(10);
/// How long a host that did not answer in time is left alone. Source: wild guess; three times what it cost.
const SILENT_REST: Duration = Duration::from_secs(30);
/// How long a host that could not be reached is not tried again. Source: wild guess; the agent's own pauses start at
/// 5 s, so only a burst to one dead host is cut short.
const REST: Duration = Duration::from_secs(2);
/// Hosts remembered as unreachable. Source: wild guess.
const MAX_RESTING: usize = 1_000;
/// How long what leads to an answer waits for the answer's queue to be open. Source: wild guess; then the other side
/// will have to try twice.
const OPENING: Duration = Duration::from_secs(3);
/// Market messages being published at once. Source: wild guess; few, because publishing too fast loses messages.
const PUBLISHED_AT_ONCE: usize = 8;
/// Market messages waiting. Source: wild guess; a person does not cast so many.
const PUBLICATIONS: usize = 10_000;
/// How much longer than the wires remember a message it is not published again. Source: wild guess; they look a few
/// times a second.
const AFTER_CACHE: Duration = Duration::from_secs(2);
/// Pauses while nobody follows the topic. Source: wild guess; the wires themselves wait ten seconds first.
const ALONE: Pause = Pause::new(Duration::from_millis(100), Duration::from_secs(5));

/// Sends and publishes in the background.
#[derive(Clone)]
pub(crate) struct Outbound {
    posts: mpsc::Sender<(Post, Vec<Opened>)>,
    publications: mpsc::Sender<(Publication, Vec<Opened>)>,
    back: mpsc::UnboundedSender<Back>,
}

/// The tasks behind [`Outbound`]; they end when it is dropped, or at once when aborted.
pub(crate) struct Carriers([JoinHandle<()>; 2]);

impl Carriers {
    pub(crate) fn stop(&self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

impl Outbound {
    pub(crate) fn start(net: &Net, back: mpsc::UnboundedSender<Back>) -> (Self, Carriers) {
        let (posts, posts_in) = mpsc::channel(POSTS);
        let (publications, publications_in) = mpsc::channel(PUBLICATIONS);
        let carriers = [
            tokio::spawn(carry_posts(net.clone(), posts_in, back.clone())),
            tokio::spawn(carry_publications(net.clone(), publications_in)),
        ];
        (Self { posts, publications, back }, Carriers(carriers))
    }

    /// Sends what the agent wants sent, after it was kept.
    pub(crate) fn take(&self, publish: Vec<Publication>, send: Vec<Post>, opening: &[Opened]) {
        for publication in publish {
            if self.publications.try_send((publication, opening.to_vec())).is_err() {
                tracing::warn!(target: "bespeak::node", "too_many_publications");
            }
        }
        for post in send {
            if let Err(error) = self.posts.try_send((post, opening.to_vec())) {
                let (mpsc::error::TrySendError::Full((post, _))
                | mpsc::error::TrySendError::Closed((post, _))) = error;
                report(&self.back, &post, Arrival::Nowhere);
            }
        }
    }
}

fn report(back: &mpsc::UnboundedSender<Back>, post: &Post, to: Arrival) {
    if let Some(held) = post.report {
        // The loop may have ended; then nobody needs to know.
        let _ = back.send(Back::Posted { thread: post.thread, held, to });
    }
}

async fn wait_for(opening: Vec<Opened>) {
    let all = async {
        for mut opened in opening {
            // An error means that the queue is watched no longer: nothing to wait for.
            let _ = opened.wait_for(|open| *open).await;
        }
    };
    let _ = timeout(OPENING, all).await;
}

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

async fn carry_posts(
    net: Net,
    mut posts: mpsc::Receiver<(Post, Vec<Opened>)>,
    back: mpsc::UnboundedSender<Back>,
) {
    let (mut lanes, resting) = (Lanes::new(POSTS_AT_ONCE, POSTS_TO_ONE_HOST), Resting::default());
    let (mut tasks, mut open) = (tokio::task::JoinSet::new(), true);
    let mut hosts: HashMap<tokio::task::Id, String> = HashMap::new();
    while open || !tasks.is_empty() {
        tokio::select! {
            Some(ended) = tasks.join_next_with_id() => {
                let task = ended.map_or_else(|error| error.id(), |(task, ())| task);
                if let Some(host) = hosts.remove(&task) {
                    lanes.ended(&host);
                }
            }
            post = posts.recv(), if open && lanes.waiting() < POSTS => match post {
                Some((post, opening)) => {
                    let host = post.drops.first().and_then(|place| place.hosts.first()).cloned();
                    lanes.push(host.as_ref().map_or("", |host| host.as_str()), (post, opening));
                }
                None => open = false,
            },
        }
        while let Some((host, (post, opening))) = lanes.next() {
            let (net, back, resting) = (net.clone(), back.clone(), resting.clone());
            let task = tasks.spawn(async move {
                wait_for(opening).await;
                let mut to = Arrival::Nowhere;
                for place in &post.drops {
                    if post_once(&net, &post, place, &resting).await {
                        to = to.max(arrival(&post, place));
                    }
                }
                report(&back, &post, to);
            });
            hosts.insert(task.id(), host);
        }
    }
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

async fn post_once(net: &Net, post: &Post, place: &Place, resting: &Resting) -> bool {
    let hosts: Vec<String> = place.hosts.iter().map(|host| host.as_str().to_owned()).collect();
    let Some(first) = hosts.first().filter(|first| !resting.has(first)) else { return false };
    let envelope = ByteBuf::from(post.envelope.clone());
    let Ok(request) = (DropRequest::Put { queue: place.queue, envelope, stamp: None }).to_bytes() else {
        tracing::error!(target: "bespeak::node", thread = %post.thread.short(), "envelope_out_of_bounds");
        return false;
    };
    let identity = TransportIdentity(post.transport);
    let ask = async {
        let reply = net.request(&identity, &hosts, request.clone()).await;
        if matches!(reply, Err(RequestError::Unreachable { .. })) {
            // A host that restarted is noticed only by the first request on the old connection. To ask twice is
            // harmless: a host keeps the same envelope once.
            return net.request(&identity, &hosts, request).await;
        }
        reply
    };
    let silent = || RequestError::TimedOut { address: first.clone() };
    let reply = timeout(PUT_WAIT, ask).await.unwrap_or_else(|_| Err(silent()));
    if let Some(rest) = reply.as_ref().err().and_then(rest_after) {
        resting.add(first, rest);
    }
    let stored = matches!(reply.as_deref().map(DropReply::from_bytes), Ok(Ok(DropReply::Stored {})));
    if !stored {
        tracing::debug!(target: "bespeak::node", thread = %post.thread.short(), reply = ?reply.err(), "not_stored");
    }
    stored
}

async fn carry_publications(net: Net, mut publications: mpsc::Receiver<(Publication, Vec<Opened>)>) {
    let turns = Arc::new(Semaphore::new(PUBLISHED_AT_ONCE));
    let mut tasks = tokio::task::JoinSet::new();
    while let Some((publication, opening)) = publications.recv().await {
        let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { return };
        let net = net.clone();
        tasks.spawn(async move {
            wait_for(opening).await;
            publish(&net, &publication).await;
            drop(turn);
        });
        while tasks.try_join_next().is_some() {}
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

/// Tries until at least one peer has it.
async fn publish(net: &Net, publication: &Publication) {
    let try_once = || net.publish(&publication.topic, &publication.bytes);
    let intention = publication.intention.short();
    match until_published(try_once, sleep).await {
        Ok(()) => tracing::info!(target: "bespeak::node", %intention, "published"),
        Err(PublishError::Duplicate) => {}
        Err(error) => tracing::error!(target: "bespeak::node", %intention, %error, "not_published"),
    }
}

/// Tries again while nobody is there, or too much is under way; `wait` lets time pass.
async fn until_published<F, W>(
    mut try_once: impl FnMut() -> F,
    mut wait: impl FnMut(Duration) -> W,
) -> Result<(), PublishError>
where
    F: Future<Output = Result<(), PublishError>>,
    W: Future<Output = ()>,
{
    let (mut pause, mut congested) = (ALONE, false);
    loop {
        match try_once().await {
            Err(PublishError::NoPeers { .. }) => wait(pause.next()).await,
            Err(PublishError::Congested) => {
                congested = true;
                wait(pause.next()).await;
            }
            // Full queues took nothing, and still the bytes count as published until they are forgotten.
            Err(PublishError::Duplicate) if congested => {
                congested = false;
                wait(DUPLICATE_CACHE + AFTER_CACHE).await;
            }
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::VecDeque;

    use super::*;

    /// Publishes against these answers; says what came of it and how long it took.
    async fn publish_against(answers: Vec<Result<(), PublishError>>) -> (Result<(), PublishError>, Duration) {
        let mut answers = VecDeque::from(answers);
        let mut took = Duration::ZERO;
        let wait = |pause| {
            took += pause;
            std::future::ready(())
        };
        let came = until_published(|| std::future::ready(answers.pop_front().unwrap()), wait).await;
        assert!(answers.is_empty(), "given up before {answers:?}");
        (came, took)
    }

    #[tokio::test]
    async fn what_full_queues_did_not_take_is_published_again_once_it_is_forgotten() {
        let (congested, duplicate) = (Err(PublishError::Congested), Err(PublishError::Duplicate));
        let (came, took) = publish_against(vec![congested, duplicate.clone(), Ok(())]).await;
        assert_eq!(came, Ok(()));
        assert!(took > DUPLICATE_CACHE, "only {took:?}");
        let (came, took) = publish_against(vec![duplicate.clone()]).await;
        assert_eq!((came, took), (duplicate, Duration::ZERO), "what was sent before is not sent again");
    }

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
