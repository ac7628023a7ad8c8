//! Hearing what was said on the market while this node was away: asked of a peer on joining, on waking from sleep, and
//! about once a minute of any that is connected. Gossip waits for nobody.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use bespeak_model::{network::Network, time::Time};
use bespeak_net::Net;
use bespeak_protocol::market::{self, Digest, Table, Verdict, catch_up::Pull};
use tokio::{sync::mpsc, time::Instant};

use crate::clock::random32;

mod answer;
mod clocks;
mod session;
mod unwanted;

pub(crate) use answer::Answers;
pub(crate) use session::{End, Told};

use clocks::Clocks;
use unwanted::Unwanted;

/// About how often a peer is asked; up to a fourth is added, so that peers do not ask all at once. Source: protocol, about
/// a minute: never later than that.
const EVERY: Duration = Duration::from_secs(48);
/// Peers that wait to be asked. Source: wild guess; those after them are asked in their minute.
const MAX_JOINED: usize = 16;

/// Whom to ask next, and what not to ask for.
pub(crate) struct CatchUp {
    topics: Vec<String>,
    told: mpsc::UnboundedSender<Told>,
    joined: VecDeque<String>,
    /// Peers that answer no such questions.
    mute: BTreeSet<String>,
    under_way: bool,
    next_at: Instant,
    unwanted: Unwanted,
    clocks: Clocks,
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
            unwanted: Unwanted::new(here),
            clocks: Clocks::new(here, now),
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
        let peers = || net.peers().into_iter().map(|peer| peer.peer).collect();
        let Some(peer) = self.whom(peers, Instant::now(), now) else { return };
        let pulls =
            self.topics.iter().map(|topic| Pull::begin(&table.live(), topic, self.unwanted.of(topic)));
        match pulls.collect() {
            Ok(pulls) => {
                self.under_way = true;
                tokio::spawn(session::run(net.clone(), peer, pulls, self.told.clone()));
            }
            Err(error) => tracing::error!(target: "bespeak::node", %error, "catch_up_not_begun"),
        }
    }

    /// Whom to ask now, if it is time and anybody is there.
    fn whom(&mut self, peers: impl FnOnce() -> Vec<String>, here: Instant, now: Time) -> Option<String> {
        if self.clocks.slept(here, now) {
            tracing::info!(target: "bespeak::node", "woke_up");
            self.next_at = here;
        }
        self.unwanted.forget_old(here);
        if self.under_way {
            return None;
        }
        let joined = self.joined.pop_front();
        if joined.is_none() && self.next_at > here {
            return None;
        }
        self.put_off(here);
        joined.or_else(|| self.any_of(peers()))
    }

    fn put_off(&mut self, here: Instant) {
        // Without chance all ask in the same moment; that costs little.
        let chance = random32().map_or(0, |bytes| u32::from(bytes[0]));
        self.next_at = here + EVERY + EVERY * chance / 1024;
    }

    fn any_of(&self, mut peers: Vec<String>) -> Option<String> {
        peers.retain(|peer| !self.mute.contains(peer));
        let chance = random32().map_or(0, |bytes| usize::from(bytes[0]) << 8 | usize::from(bytes[1]));
        (!peers.is_empty()).then(|| peers.swap_remove(chance % peers.len()))
    }

    /// What was thought of a record that came.
    pub(crate) fn judged(&mut self, topic: &str, digest: Digest, verdict: Option<Verdict>) {
        if verdict != Some(Verdict::Accept) {
            self.unwanted.add(topic, digest);
        }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const NOON: u64 = 1_800_000_000;

    fn at(seconds: u64) -> Time {
        Time::from_unix(NOON + seconds).unwrap()
    }

    fn somebody() -> Vec<String> {
        vec!["somebody".to_owned()]
    }

    /// The one that was asked last has answered.
    fn asked(catch_up: &mut CatchUp, here: Instant, now: Time) -> bool {
        let whom = catch_up.whom(somebody, here, now);
        assert!(whom.as_deref().is_none_or(|peer| peer == "somebody"));
        whom.is_some()
    }

    #[test]
    fn a_node_that_slept_asks_at_once() {
        let (mut catch_up, _tellings) = CatchUp::new(&Network::main(), at(0));
        let start = Instant::now();
        let ticks = |seconds| start + Duration::from_secs(seconds);
        assert!(!asked(&mut catch_up, ticks(1), at(1)), "its minute has not come");
        // Three days asleep: the clock of the machine stood still, the one on the wall did not.
        let days = 3 * 86_400;
        assert!(asked(&mut catch_up, ticks(2), at(days + 2)));
        assert!(!asked(&mut catch_up, ticks(3), at(days + 3)), "once");
        assert!(!asked(&mut catch_up, ticks(4), at(4)), "a clock set back is no sleep");
        assert!(!asked(&mut catch_up, ticks(5), at(25)), "nor is one that is set right by some seconds");
    }

    #[test]
    fn somebody_is_asked_about_once_a_minute() {
        let (mut catch_up, _tellings) = CatchUp::new(&Network::main(), at(0));
        let start = Instant::now();
        let times = (0..3_600)
            .filter(|second| asked(&mut catch_up, start + Duration::from_secs(*second), at(*second)));
        let times = times.count();
        assert!((59..=75).contains(&times), "{times} times in an hour");
    }

    #[test]
    fn a_node_that_wakes_while_it_asks_asks_again_afterwards() {
        let (mut catch_up, _tellings) = CatchUp::new(&Network::main(), at(0));
        let here = Instant::now();
        catch_up.under_way = true;
        assert!(!asked(&mut catch_up, here, at(86_400)));
        assert!(!catch_up.over("somebody", End::Broken));
        assert!(asked(&mut catch_up, here, at(86_400)));
    }
}
