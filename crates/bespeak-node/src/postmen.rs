//! Fetching one's own mail from the hosts where it waits: one postman for each queue at each host.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bespeak_agent::output::Watched;
use bespeak_model::queue::QueueId;
use bespeak_net::{Net, TransportIdentity};
use bespeak_protocol::drop::{DropReply, DropRequest, Errand, MailItem, Proof};
use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    task::AbortHandle,
};

use crate::{back::Back, doctor::DropHost, pause::Pause, wires::peer_of};

/// Requests for mail at once. Source: half of what the wires allow (256), so that sending is never starved.
const AT_ONCE: usize = 128;
/// How long a host is asked to wait for mail, in seconds, while every queue can have a request of its own. Source:
/// below the 60 s of the protocol.
const LONG_WAIT: u16 = 55;
/// The same when queues must take turns. Source: wild guess.
const SHORT_WAIT: u16 = 2;
/// Pauses while a host cannot be reached. Source: wild guess; a minute is what a person accepts after an outage.
const PAUSE: Pause = Pause::new(Duration::from_millis(500), Duration::from_secs(60));
/// How often a vendor's queue at a relay is looked at, and how much longer for each of them: its mail comes to its own node,
/// and waits at relays only while that cannot be reached. Source: wild guess; at most 20 requests a second.
const ROUND: Duration = Duration::from_secs(30);
const ROUND_FOR_EACH: Duration = Duration::from_millis(50);
/// Such looks at once. Source: half of what a relay answers one peer at once (32).
const ROUNDS_AT_ONCE: usize = 16;
/// Pause after mail that could not be kept. Source: wild guess; the disk is full.
const NOT_KEPT: Duration = Duration::from_secs(5);

/// Becomes true once the queue is known to its host.
pub(crate) type Opened = watch::Receiver<bool>;

/// Where mail waits, and when each host last answered: shared with whoever wants to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fetched(Arc<Mutex<BTreeMap<String, Seen>>>);

#[derive(Debug, Default)]
struct Seen {
    queues: u64,
    answered: Option<Instant>,
}

impl Fetched {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watch<'a>(&self, hosts: impl Iterator<Item = &'a str>) {
        let mut seen = self.lock();
        seen.values_mut().for_each(|host| host.queues = 0);
        hosts.for_each(|host| seen.entry(host.to_owned()).or_default().queues += 1);
        seen.retain(|_, host| host.queues > 0);
    }

    fn answered(&self, host: &str) {
        if let Some(seen) = self.lock().get_mut(host) {
            seen.answered = Some(Instant::now());
        }
    }

    /// Each host, with how many queues wait there.
    pub(crate) fn hosts(&self) -> Vec<DropHost> {
        let seen = self.lock();
        let host = |(host, seen): (&String, &Seen)| DropHost {
            host: host.clone(),
            queues: seen.queues,
            answered: seen.answered.map(|at| at.elapsed().as_secs()),
        };
        seen.iter().map(host).collect()
    }
}

/// All postmen.
pub(crate) struct Postmen {
    round: Arc<Round>,
    /// By queue and host.
    there: HashMap<(QueueId, String), Postman>,
    /// Queues that this node holds itself.
    here: HashSet<QueueId>,
}

struct Postman {
    watched: Watched,
    opened: Opened,
    task: AbortHandle,
}

impl Drop for Postman {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Round {
    net: Net,
    back: mpsc::UnboundedSender<Back>,
    turns: Semaphore,
    /// Queues where mail is waited for.
    queues: AtomicUsize,
    rounds: Semaphore,
    /// Queues that are looked at in rounds.
    in_rounds: AtomicUsize,
    fetched: Fetched,
}

impl Postmen {
    pub(crate) fn new(net: Net, back: mpsc::UnboundedSender<Back>, fetched: Fetched) -> Self {
        let (turns, rounds) = (Semaphore::new(AT_ONCE), Semaphore::new(ROUNDS_AT_ONCE));
        let (queues, in_rounds) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let round = Round { net, back, turns, queues, rounds, in_rounds, fetched };
        Self { round: Arc::new(round), there: HashMap::new(), here: HashSet::new() }
    }

    /// Sends out a postman for every queue at every host that has none, and calls back those whose queue is watched no
    /// longer. A queue whose host is named without an identity is held by this node itself: mail for it comes by itself.
    pub(crate) fn sync(&mut self, wanted: Vec<Watched>) {
        self.here.clear();
        let mut there = Vec::new();
        for watched in wanted {
            match host_of(&watched) {
                Some(host) => there.push((host, watched)),
                None => {
                    self.here.insert(watched.queue);
                }
            }
        }
        let mut old = std::mem::take(&mut self.there);
        self.round.fetched.watch(there.iter().map(|(host, _)| host.as_str()));
        let eager = there.iter().filter(|(_, watched)| watched.eager).count();
        self.round.queues.store(eager, Ordering::Relaxed);
        self.round.in_rounds.store(there.len() - eager, Ordering::Relaxed);
        for (host, watched) in there {
            let place = (watched.queue, host);
            let postman = match old.remove(&place) {
                Some(same) if is_same(&same.watched, &watched) => same,
                _ => self.send_out(watched),
            };
            self.there.insert(place, postman);
        }
    }

    fn send_out(&self, watched: Watched) -> Postman {
        let (opening, opened) = watch::channel(false);
        let task = tokio::spawn(Walk::new(Arc::clone(&self.round), &watched, opening).run()).abort_handle();
        Postman { watched, opened, task }
    }

    /// Queues that their hosts may not know yet, and in which an answer is waited for.
    pub(crate) fn opening(&self) -> Vec<Opened> {
        // One host that knows a queue is enough to answer into.
        let known: HashSet<QueueId> = self
            .there
            .iter()
            .filter(|(_, postman)| *postman.opened.borrow())
            .map(|((queue, _), _)| *queue)
            .collect();
        let closed =
            |place: &(QueueId, String), postman: &Postman| postman.watched.eager && !known.contains(&place.0);
        let all = self.there.iter().filter(|(place, postman)| closed(place, postman));
        all.map(|(_, one)| one.opened.clone()).collect()
    }

    /// Whether this node itself is the host of a queue of its own. Any other queue is unknown here even if it is its
    /// agent's: who could ask every node for a customer's queue, which is public, would find her.
    pub(crate) fn holds(&self, queue: &QueueId) -> bool {
        self.here.contains(queue)
    }

    pub(crate) fn call_back(&mut self) {
        self.there.clear();
    }
}

/// Whether a postman need not be sent anew.
fn is_same(one: &Watched, other: &Watched) -> bool {
    (one.queue, &one.hosts, one.transport) == (other.queue, &other.hosts, other.transport)
}

/// The identity of the host of a queue.
fn host_of(watched: &Watched) -> Option<String> {
    watched.hosts.iter().find_map(|address| peer_of(address.as_str())).map(str::to_owned)
}

/// Whether an answer without mail came in less than half the time that the host was asked to wait.
fn is_too_soon(patience: u16, took: Duration) -> bool {
    took * 2 < Duration::from_secs(patience.into())
}

/// One postman's way between a host and this node.
struct Walk {
    round: Arc<Round>,
    watched: Watched,
    hosts: Vec<String>,
    opening: watch::Sender<bool>,
    /// Everything up to here was fetched and kept.
    after: u64,
    /// Kept, and not yet acknowledged.
    kept: Vec<u64>,
    /// There was mail: there may be more.
    more: bool,
}

/// What came of one walk.
enum Walked {
    Well,
    /// Nothing, and sooner than the host was asked to wait: another such answer would come at once.
    TooSoon,
    Unreachable,
    NotKept,
}

impl Walk {
    fn new(round: Arc<Round>, watched: &Watched, opening: watch::Sender<bool>) -> Self {
        let hosts = watched.hosts.iter().map(|host| host.as_str().to_owned()).collect();
        Self { round, watched: watched.clone(), hosts, opening, after: 0, kept: Vec::new(), more: false }
    }

    async fn run(mut self) {
        // A proof names its host.
        let Some(host) = host_of(&self.watched) else { return };
        let mut pause = PAUSE;
        loop {
            match self.walk(&host).await {
                Walked::Well => {
                    pause.reset();
                    self.rest().await;
                }
                Walked::Unreachable | Walked::TooSoon => pause.wait().await,
                Walked::NotKept => tokio::time::sleep(NOT_KEPT).await,
            }
        }
    }

    async fn walk(&mut self, host: &str) -> Walked {
        let (patience, asked) = (self.patience(), Instant::now());
        let Some(items) = self.fetch(host, patience).await else { return Walked::Unreachable };
        self.opening.send_replace(true);
        self.round.fetched.answered(host);
        let too_soon = items.is_empty() && is_too_soon(patience, asked.elapsed());
        self.more = !items.is_empty();
        for MailItem { id, envelope } in items {
            if !self.deliver(envelope.into_vec()).await {
                return Walked::NotKept;
            }
            self.after = self.after.max(id);
            self.kept.push(id);
        }
        match (self.acknowledge(host).await, too_soon) {
            (false, _) => Walked::Unreachable,
            (true, true) => Walked::TooSoon,
            (true, false) => Walked::Well,
        }
    }

    async fn fetch(&self, host: &str, wait: u16) -> Option<Vec<MailItem>> {
        let turns = if self.watched.eager { &self.round.turns } else { &self.round.rounds };
        let _turn = turns.acquire().await.ok()?;
        let (queue, after) = (self.watched.queue, self.after);
        let proof = Proof::new(&self.watched.key, host, &Errand::Get { after });
        match self.ask(&DropRequest::Get { queue, after, wait, proof }).await? {
            DropReply::Mail { items } => Some(items),
            _ => None,
        }
    }

    /// The first walk only opens the queue, and does not wait for mail.
    fn patience(&self) -> u16 {
        if !*self.opening.borrow() || !self.watched.eager {
            0
        } else if self.round.queues.load(Ordering::Relaxed) <= AT_ONCE {
            LONG_WAIT
        } else {
            SHORT_WAIT
        }
    }

    /// Until the next round.
    async fn rest(&self) {
        if !self.watched.eager && !self.more {
            let queues = u32::try_from(self.round.in_rounds.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
            tokio::time::sleep(ROUND.max(ROUND_FOR_EACH * queues)).await;
        }
    }

    /// Hands an envelope to the loop; true once what follows from it is durable.
    async fn deliver(&self, envelope: Vec<u8>) -> bool {
        let (done, kept) = oneshot::channel();
        let mail = Back::Mail { queue: self.watched.queue, envelope, done };
        self.round.back.send(mail).is_ok() && kept.await.unwrap_or(false)
    }

    /// Acknowledges what was kept; what a host does not hear now, it hears with the next.
    async fn acknowledge(&mut self, host: &str) -> bool {
        for ids in self.kept.chunks(bespeak_protocol::drop::limits::MAX_ACK) {
            let proof = Proof::new(&self.watched.key, host, &Errand::Ack { ids });
            let request = DropRequest::Ack { queue: self.watched.queue, ids: ids.to_vec(), proof };
            if !matches!(self.ask(&request).await, Some(DropReply::Done {})) {
                return false;
            }
        }
        self.kept.clear();
        true
    }

    async fn ask(&self, request: &DropRequest) -> Option<DropReply> {
        let bytes = request.to_bytes().ok()?;
        let identity = TransportIdentity(self.watched.transport);
        let reply = self.round.net.fetch(&identity, &self.hosts, bytes).await;
        let reply = reply.inspect_err(|error| {
            tracing::debug!(target: "bespeak::node", queue = ?self.watched.queue, %error, "mail_not_fetched");
        });
        DropReply::from_bytes(&reply.ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_answer_that_comes_early_is_no_reason_to_ask_at_once() {
        assert!(is_too_soon(LONG_WAIT, Duration::from_millis(3)));
        assert!(!is_too_soon(LONG_WAIT, Duration::from_secs(LONG_WAIT.into())));
        assert!(!is_too_soon(0, Duration::from_millis(3)), "the first walk asks for no wait");
    }
}
