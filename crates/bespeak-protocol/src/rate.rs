//! How often each peer may do something: a bucket of tokens for each, filled again as time passes.

use std::collections::HashMap;

use bespeak_model::time::Time;

/// Peers remembered. Source: wild guess; more than are ever connected at once, about 100 bytes each.
const MAX_PEERS: usize = 10_000;

/// How often something may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// So often at once.
    pub burst: u32,
    /// So often in the long run.
    pub per_second: u32,
}

/// What each peer has left of one rate.
#[derive(Clone, Debug)]
pub struct Rates {
    rate: Rate,
    by_peer: HashMap<String, Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: u32,
    at: Time,
}

impl Rates {
    /// Nobody has done anything yet.
    pub fn new(rate: Rate) -> Self {
        Self { rate, by_peer: HashMap::new() }
    }

    /// Whether the peer may do it once more now; if so, it has.
    pub fn allows(&mut self, peer: &str, now: Time) -> bool {
        let rate = self.rate;
        if !self.by_peer.contains_key(peer) {
            self.make_room(now);
            self.by_peer.insert(peer.to_owned(), Bucket { left: rate.burst, at: now });
        }
        let Some(bucket) = self.by_peer.get_mut(peer) else { return false };
        bucket.left = bucket.filled(rate, now);
        bucket.at = bucket.at.max(now);
        let allowed = bucket.left > 0;
        bucket.left = bucket.left.saturating_sub(1);
        allowed
    }

    /// Peers with nothing spent are like newcomers and need not be remembered; else the one heard of longest ago goes.
    fn make_room(&mut self, now: Time) {
        if self.by_peer.len() < MAX_PEERS {
            return;
        }
        let rate = self.rate;
        self.by_peer.retain(|_, bucket| bucket.filled(rate, now) < rate.burst);
        if self.by_peer.len() >= MAX_PEERS {
            let oldest = self.by_peer.iter().min_by_key(|(_, bucket)| bucket.at);
            if let Some(peer) = oldest.map(|(peer, _)| peer.clone()) {
                self.by_peer.remove(&peer);
            }
        }
    }
}

impl Bucket {
    fn filled(&self, rate: Rate, now: Time) -> u32 {
        let seconds = u32::try_from(now.seconds_since(self.at)).unwrap_or(u32::MAX);
        self.left.saturating_add(seconds.saturating_mul(rate.per_second)).min(rate.burst)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const RATE: Rate = Rate { burst: 10, per_second: 2 };

    fn at(seconds: u64) -> Time {
        Time::from_unix(1_800_000_000 + seconds).unwrap()
    }

    fn spent(rates: &mut Rates, peer: &str, now: Time) -> usize {
        (0..100).filter(|_| rates.allows(peer, now)).count()
    }

    #[test]
    fn each_peer_has_a_burst_and_then_what_time_gives_it() {
        let mut rates = Rates::new(RATE);
        assert_eq!(spent(&mut rates, "loud", at(0)), 10);
        assert_eq!(spent(&mut rates, "loud", at(0)), 0);
        assert_eq!(spent(&mut rates, "other", at(0)), 10, "one peer's noise is not another's");
        assert_eq!(spent(&mut rates, "loud", at(3)), 6);
        assert_eq!(spent(&mut rates, "loud", at(1_000_000)), 10, "no more than the burst is saved up");
        assert_eq!(spent(&mut rates, "loud", at(5)), 0, "a clock set back gives nothing");
    }

    #[test]
    fn memory_is_bounded_and_what_was_spent_is_remembered_longest() {
        let mut rates = Rates::new(RATE);
        (0..MAX_PEERS).for_each(|peer| assert!(rates.allows(&format!("old {peer}"), at(0))));
        assert_eq!(spent(&mut rates, "loud", at(1)), 10);
        assert!(rates.by_peer.len() <= MAX_PEERS);
        for peer in 0..100 {
            assert_eq!(spent(&mut rates, &format!("new {peer}"), at(1)), 10);
        }
        assert!(rates.by_peer.len() <= MAX_PEERS);
    }
}
