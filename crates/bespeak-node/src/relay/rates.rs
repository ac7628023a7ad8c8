//! How often each peer, and each network, may do something at a relay.

use bespeak_model::time::Time;
use bespeak_protocol::{drop::limits::QUIET_RATE, market::limits::PEER_RATE, rate::Rates};

use super::limits::RelayLimits;

/// What each has left of every rate.
pub(super) struct AllRates {
    gossip: Rates,
    puts: Rates,
    puts_of_place: Rates,
    quiet: Rates,
    openings: Rates,
    openings_of_place: Rates,
}

impl AllRates {
    pub(super) fn new(limits: &RelayLimits) -> Self {
        Self {
            gossip: Rates::new(PEER_RATE),
            puts: Rates::new(limits.put_rate),
            puts_of_place: Rates::new(limits.put_rate_of_place),
            quiet: Rates::new(QUIET_RATE),
            openings: Rates::new(limits.opening_rate),
            openings_of_place: Rates::new(limits.opening_rate_of_place),
        }
    }

    /// Whether a peer may say something on the market.
    pub(super) fn gossips(&mut self, peer: &str, now: Time) -> bool {
        self.gossip.allows(peer, now)
    }

    /// Whether a peer in this place may leave an envelope.
    pub(super) fn puts(&mut self, peer: &str, place: &str, now: Time) -> bool {
        self.puts.allows(peer, now) && (self.quiet.allows(peer, now) || self.puts_of_place.allows(place, now))
    }

    /// Whether a peer in this place may open a queue.
    pub(super) fn opens(&mut self, peer: &str, place: &str, now: Time) -> bool {
        self.openings.allows(peer, now) && self.openings_of_place.allows(place, now)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// More than one peer may leave or open at once.
    const MANY: usize = 2_000;

    fn noon() -> Time {
        Time::from_unix(1_800_000_000).unwrap()
    }

    #[test]
    fn a_peer_leaves_its_share_and_a_few_are_heard_from_a_network_that_has_spent_its_own() {
        let limits = RelayLimits::default();
        let mut rates = AllRates::new(&limits);
        let mut left = |peer: &str, place| (0..MANY).filter(|_| rates.puts(peer, place, noon())).count();
        let (each, few) = (limits.put_rate.burst as usize, QUIET_RATE.burst as usize);
        assert_eq!(left("loud", "net"), each);
        let crowd: usize = (0..100).map(|peer| left(&format!("crowd {peer}"), "net")).sum();
        assert_eq!(each + crowd, limits.put_rate_of_place.burst as usize + 101 * few);
        assert_eq!(left("late", "net"), few);
        assert_eq!(left("elsewhere", "another net"), each);
        assert_eq!(left("loud", "another net"), 0, "who moves takes what was spent along");
    }

    #[test]
    fn a_crowd_of_one_network_opens_no_more_queues_than_the_network_may() {
        let limits = RelayLimits::default();
        let mut rates = AllRates::new(&limits);
        let mut opened = |peer: &str, place| (0..MANY).filter(|_| rates.opens(peer, place, noon())).count();
        let each = limits.opening_rate.burst as usize;
        assert_eq!(opened("loud", "net"), each);
        let crowd: usize = (0..100).map(|peer| opened(&format!("crowd {peer}"), "net")).sum();
        assert_eq!(each + crowd, limits.opening_rate_of_place.burst as usize);
        assert_eq!(opened("elsewhere", "another net"), each);
    }

    #[test]
    fn nobody_says_more_on_the_market_than_its_rate() {
        let mut rates = AllRates::new(&RelayLimits::default());
        let said = (0..2 * PEER_RATE.burst).filter(|_| rates.gossips("loud", noon())).count();
        assert_eq!(said, PEER_RATE.burst as usize);
        assert!(rates.gossips("another", noon()));
    }
}
