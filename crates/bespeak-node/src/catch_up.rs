//! Hearing what was said on the market while this node was away: asked of a peer on joining, on waking from sleep, and
//! about once a minute of any that is connected. Gossip waits for nobody.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use bespeak_model::{network::Network, time::Time};
use bespeak_net::Net;
use bespeak_protocol::market::{self, Digest, Table, Verdict, catch_up::Pull};
use tokio::{sync::mpsc, time::Instant};

use crate::clock::random32;

mod answer;
mod session;

pub(crate) use answer::Answers;
pub(crate) use session::{End, Told};

/// About how often a peer is asked; up to a fourth is added, so that peers do not ask all at once. Source: protocol.
const EVERY: Duration = Duration::from_secs(60);
/// A clock that gained so much on the one that stands still while the machine sleeps tells that it slept. Source: wild
/// guess; far more than a clock that is set right gains.
const SLEPT: u64 = 30;
/// Peers that wait to be asked. Source: wild guess; those after them are asked in their minute.
const MAX_JOINED: usize = 16;
/// Records that were fetched and not wanted. Source: wild guess; 32 bytes each. Then, and after an hour, they are asked
/// for again: what came too early may be in time.
const MAX_UNWANTED: usize = 20_000;
const UNWANTED_FOR: Duration = Duration::from_secs(3_600);

/// Whom to ask next, and what not to ask for.
pub(crate) struct CatchUp {
    topics: Vec<String>,
    told: mpsc::UnboundedSender<Told>,
    joined: VecDeque<String>,
    /// Peers that answer no such questions.
    mute: BTreeSet<String>,
    under_way: bool,
    next_at: Instant,
    /// Shared with what is being asked.
    unwanted: Arc<BTreeSet<Digest>>,
    cleared: Instant,
    looked: (Instant, Time),
}

impl CatchUp {
    /// Nobody was asked yet; what comes of questions is told to the loop.
    pub(crate) fn new(network: &Network, now: Time) -> (Self, mpsc::UnboundedReceiver<Told>) {
        let (told, tellings) = mpsc::unbounded_channel();
        let here = Instant::now();
        let catch_up = Self {
            topics: market::topics(network),
            told,
            joined: VecDeque::new(),
            mute: BTreeSet::new(),
            under_way: false,
            next_at: here + EVERY,
            unwanted: Arc::default(),
            cleared: here,
            looked: (here, now),
        };
        (catch_up, tellings)
    }

    /// A peer is there.
    pub(crate) fn joined(&mut self, peer: &str) {
        if self.joined.len() < MAX_JOINED && !self.joined.iter().any(|known| known == peer) {
            self.joined.push_back(peer.to_owned());
        }
    }

    /// A peer is gone.
    pub(crate) fn left(&mut self, peer: &str) {
        self.mute.remove(peer);
        self.joined.retain(|known| known != peer);
    }

    /// When to look again; while a peer is being asked, what it says comes by itself.
    pub(crate) fn next_look(&self) -> Option<Instant> {
        let at = if self.joined.is_empty() { self.next_at } else { Instant::now() };
        (!self.under_way).then_some(at)
    }

    /// Asks somebody, when it is time.
    pub(crate) fn look(&mut self, net: &Net, table: &Table, now: Time) {
        self.notice_sleep(now);
        if self.under_way {
            return;
        }
        let joined = self.joined.pop_front();
        if joined.is_none() && self.next_at > Instant::now() {
            return;
        }
        self.put_off();
        let Some(peer) = joined.or_else(|| self.anybody(net)) else { return };
        let pulls =
            self.topics.iter().map(|topic| Pull::begin(&table.live(), topic, Arc::clone(&self.unwanted)));
        match pulls.collect() {
            Ok(pulls) => {
                self.under_way = true;
                tokio::spawn(session::run(net.clone(), peer, pulls, self.told.clone()));
            }
            Err(error) => tracing::error!(target: "bespeak::node", %error, "catch_up_not_begun"),
        }
    }

    fn notice_sleep(&mut self, now: Time) {
        let (here, then) = self.looked;
        if now.seconds_since(then) > here.elapsed().as_secs() + SLEPT {
            tracing::info!(target: "bespeak::node", "woke_up");
            self.next_at = Instant::now();
        }
        self.looked = (Instant::now(), now);
        if self.cleared.elapsed() > UNWANTED_FOR {
            self.unwanted = Arc::default();
            self.cleared = Instant::now();
        }
    }

    fn put_off(&mut self) {
        // Without chance all ask in the same moment; that costs little.
        let chance = random32().map_or(0, |bytes| u32::from(bytes[0]));
        self.next_at = Instant::now() + EVERY + EVERY * chance / 1024;
    }

    fn anybody(&self, net: &Net) -> Option<String> {
        let mut peers: Vec<String> = net.peers().into_iter().map(|peer| peer.peer).collect();
        peers.retain(|peer| !self.mute.contains(peer));
        let chance = random32().map_or(0, |bytes| usize::from(bytes[0]) << 8 | usize::from(bytes[1]));
        (!peers.is_empty()).then(|| peers.swap_remove(chance % peers.len()))
    }

    /// What was thought of a record that came.
    pub(crate) fn judged(&mut self, digest: Digest, verdict: Option<Verdict>) {
        if verdict == Some(Verdict::Accept) {
            return;
        }
        if self.unwanted.len() >= MAX_UNWANTED {
            self.unwanted = Arc::default();
        }
        Arc::make_mut(&mut self.unwanted).insert(digest);
    }

    /// A peer was asked everything; true if it did what no honest peer does.
    pub(crate) fn over(&mut self, peer: &str, end: End) -> bool {
        self.under_way = false;
        if end == End::Mute {
            self.mute.insert(peer.to_owned());
            // Somebody else may know more.
            self.next_at = Instant::now();
        }
        end == End::Offence
    }
}
