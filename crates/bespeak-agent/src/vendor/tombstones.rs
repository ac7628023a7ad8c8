//! The tombstones that a vendor keeps, so that what was withdrawn does not return: each until its intention would have
//! ended, and not without end.

use std::collections::{BTreeMap, BTreeSet};

use bespeak_identity::{PublicKey, RecordId};
use bespeak_model::{intention::Intention, time::Time};
use bespeak_protocol::market::limits::MAX_REMEMBERED;

/// A tombstone's place: what it buries, and who says so. Before an intention is heard nobody knows which is its owner's.
pub(super) type Named = (RecordId<Intention>, PublicKey);

/// Tombstones, by what they bury and by their end; as many as the market's gate remembers.
#[derive(Debug, Default)]
pub(super) struct Tombstones {
    ends: BTreeMap<RecordId<Intention>, BTreeMap<PublicKey, Time>>,
    by_end: BTreeSet<(Time, Named)>,
}

impl Tombstones {
    /// Adds one. When there are too many, the one that ends first gives way and is returned: it may be the new one.
    pub(super) fn add(&mut self, (intention, issuer): Named, end: Time) -> Option<Named> {
        if let Some(old) = self.ends.entry(intention).or_default().insert(issuer, end) {
            self.by_end.remove(&(old, (intention, issuer)));
        }
        self.by_end.insert((end, (intention, issuer)));
        if self.by_end.len() > MAX_REMEMBERED { self.pop_first() } else { None }
    }

    /// Removes all of one intention, and says whose they were.
    pub(super) fn remove(&mut self, intention: RecordId<Intention>) -> Vec<Named> {
        let all = self.ends.remove(&intention).unwrap_or_default();
        for (issuer, end) in &all {
            self.by_end.remove(&(*end, (intention, *issuer)));
        }
        all.into_keys().map(|issuer| (intention, issuer)).collect()
    }

    /// Removes one whose end has come.
    pub(super) fn pop_ended(&mut self, now: Time) -> Option<Named> {
        self.by_end.first().filter(|(end, _)| *end <= now)?;
        self.pop_first()
    }

    /// When the first of them ends.
    pub(super) fn next_end(&self) -> Option<Time> {
        self.by_end.first().map(|(end, _)| *end)
    }

    fn pop_first(&mut self) -> Option<Named> {
        let (_, (intention, issuer)) = self.by_end.pop_first()?;
        if let Some(all) = self.ends.get_mut(&intention) {
            all.remove(&issuer);
            if all.is_empty() {
                self.ends.remove(&intention);
            }
        }
        Some((intention, issuer))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use bespeak_identity::SignKey;

    use super::*;

    fn id(number: u64) -> RecordId<Intention> {
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&number.to_be_bytes());
        RecordId::from_digest(digest)
    }

    fn named(number: u64) -> Named {
        (id(number), SignKey::from_bytes(&[1; 32]).public())
    }

    fn at(seconds: u64) -> Time {
        Time::from_unix(1_790_000_000 + seconds).unwrap()
    }

    #[test]
    fn the_one_that_ends_first_gives_way() {
        let mut all = Tombstones::default();
        let most = MAX_REMEMBERED as u64;
        let key = named(0).1;
        for number in 1..=most {
            assert_eq!(all.add((id(number), key), at(number)), None);
        }
        assert_eq!(all.add((id(most + 1), key), at(most + 1)).map(|(id, _)| id), Some(id(1)));
        assert_eq!(all.add((id(0), key), at(0)).map(|(id, _)| id), Some(id(0)), "the new one itself");
        assert_eq!(all.by_end.len(), MAX_REMEMBERED);
        assert_eq!(all.ends.len(), MAX_REMEMBERED);
    }

    #[test]
    fn all_of_an_intention_go_and_ended_ones_go() {
        let mut all = Tombstones::default();
        let (intention, owner) = named(1);
        let stranger = SignKey::from_bytes(&[2; 32]).public();
        all.add((intention, owner), at(1));
        all.add((intention, stranger), at(2));
        all.add(named(2), at(3));
        all.add(named(2), at(4));
        assert_eq!(all.remove(intention).len(), 2);
        assert_eq!(all.pop_ended(at(3)), None, "it was told again with a later end");
        assert_eq!(all.pop_ended(at(4)), Some(named(2)));
        assert!(all.ends.is_empty() && all.by_end.is_empty());
    }
}
