//! Records that were fetched and not kept, so that they are not fetched each minute.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use bespeak_protocol::market::Digest;
use tokio::time::Instant;

/// Most of them. Source: wild guess; 32 bytes each. Beyond that all are forgotten, and asked for again.
const MAX_UNWANTED: usize = 20_000;
/// How long they are remembered: what came too early may be in time then. Source: wild guess.
const UNWANTED_FOR: Duration = Duration::from_secs(3_600);

/// By topic: the set of one topic is lent to whoever asks about it, and given back before anything of that topic is judged,
/// so that none is ever copied.
pub(super) struct Unwanted {
    by_topic: BTreeMap<String, Arc<BTreeSet<Digest>>>,
    since: Instant,
}

impl Unwanted {
    pub(super) fn new(here: Instant) -> Self {
        Self { by_topic: BTreeMap::new(), since: here }
    }

    /// Those of a topic.
    pub(super) fn of(&self, topic: &str) -> Arc<BTreeSet<Digest>> {
        self.by_topic.get(topic).map(Arc::clone).unwrap_or_default()
    }

    /// One more.
    pub(super) fn add(&mut self, topic: &str, digest: Digest) {
        if self.count() >= MAX_UNWANTED {
            self.by_topic.clear();
        }
        let all = self.by_topic.entry(topic.to_owned()).or_default();
        // Lent to nobody now; if it were, only the copy would take time.
        Arc::make_mut(all).insert(digest);
    }

    pub(super) fn forget_old(&mut self, here: Instant) {
        if here.saturating_duration_since(self.since) > UNWANTED_FOR {
            self.by_topic.clear();
            self.since = here;
        }
    }

    fn count(&self) -> usize {
        self.by_topic.values().map(|all| all.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use bespeak_protocol::market::catch_up::{CatchUpReply, Pull, Step};
    use serde_bytes::ByteBuf;

    use super::*;

    fn digest(number: usize) -> Digest {
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&number.to_be_bytes());
        digest
    }

    /// One range over everything with one name in it, in negentropy's words.
    fn one_name(digest: Digest) -> CatchUpReply {
        let ranges = [&[0x61, 0, 0, 2, 1][..], &digest].concat();
        CatchUpReply::Compared { ranges: ByteBuf::from(ranges) }
    }

    #[test]
    fn a_full_list_is_added_to_without_being_copied() {
        let topics: Vec<String> = (0..25).map(|number| format!("/topic/{number}")).collect();
        let mut unwanted = Unwanted::new(Instant::now());
        // All but one in the topic that is asked about first: the worst there is.
        (1..MAX_UNWANTED).for_each(|number| unwanted.add(&topics[0], digest(number)));
        let places = |unwanted: &Unwanted| unwanted.by_topic.values().map(Arc::as_ptr).collect::<Vec<_>>();
        let before = places(&unwanted);
        let begin = |topic: &String| Pull::begin(&[], topic, unwanted.of(topic)).unwrap().0;
        let mut pulls: Vec<Pull> = topics.iter().map(begin).collect();
        let wanted = digest(MAX_UNWANTED);
        assert!(matches!(pulls[0].answered(one_name(wanted)), Ok(Step::Ask(_))), "it is fetched");
        unwanted.add(&topics[0], wanted);
        assert_eq!(places(&unwanted), before, "the set is where it was");
        assert!(unwanted.of(&topics[0]).contains(&wanted));
        let (mut again, _) = Pull::begin(&[], &topics[0], unwanted.of(&topics[0])).unwrap();
        assert_eq!(again.answered(one_name(wanted)), Ok(Step::Over), "it is not fetched again");
    }

    #[test]
    fn memory_is_bounded_and_an_hour_later_all_is_asked_for_again() {
        let start = Instant::now();
        let mut unwanted = Unwanted::new(start);
        for number in 0..MAX_UNWANTED * 2 + 7 {
            let topic = format!("/topic/{}", number % 25);
            (0..2).for_each(|_| unwanted.add(&topic, digest(number)));
            assert!(unwanted.count() <= MAX_UNWANTED);
        }
        unwanted.forget_old(start + UNWANTED_FOR);
        assert_ne!(unwanted.count(), 0);
        unwanted.forget_old(start + UNWANTED_FOR * 2);
        assert_eq!(unwanted.count(), 0);
    }
}
