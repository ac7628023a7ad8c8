//! Tombstones, so that what was withdrawn does not return: each until its intention would have
//! ended, and not without end.

use std::collections::{BTreeMap, BTreeSet};

use bespeak_identity::{PublicKey, RecordId, Signed};
use bespeak_model::{
    intention::{Intention, Withdrawal},
    time::Time,
};

use super::{
    limits::MAX_REMEMBERED,
    live::{Digest, Live, Named},
    message::Announcement,
};

/// A tombstone's place: what it buries, and who says so. Before an intention is heard nobody knows which is its owner's.
pub(super) type Place = (RecordId<Intention>, PublicKey);

/// What is kept of a tombstone.
#[derive(Clone, Debug)]
pub(super) struct Tombstone {
    place: Place,
    end: Time,
    name: Named,
    /// As it was said on its topic.
    said: Box<[u8]>,
}

impl Tombstone {
    pub(super) fn of(record: &Signed<Withdrawal>) -> Self {
        let said = Announcement::withdrawal(record).to_bytes();
        Self {
            place: (record.intention, *record.issuer()),
            end: record.expires_at,
            name: Named::withdrawal(record),
            // What was heard fits into a message; nothing else is passed on.
            said: said.unwrap_or_default().into(),
        }
    }
}

/// Tombstones, by what they bury and by their end; as many as the market's gate remembers.
#[derive(Debug, Default)]
pub(super) struct Tombstones {
    all: BTreeMap<RecordId<Intention>, BTreeMap<PublicKey, Tombstone>>,
    by_end: BTreeSet<(Time, Place)>,
    by_digest: BTreeMap<Digest, Place>,
    live: Live,
}

impl Tombstones {
    /// Adds one. When there are too many, the one that ends first gives way and its place is returned: it may be the
    /// new one's.
    pub(super) fn add(&mut self, new: Tombstone) -> Option<Place> {
        let (intention, issuer) = new.place;
        self.take_out(&new.place);
        self.by_end.insert((new.end, new.place));
        self.by_digest.insert(*new.name.digest(), new.place);
        self.live.add(new.name.clone());
        self.all.entry(intention).or_default().insert(issuer, new);
        if self.by_end.len() > MAX_REMEMBERED { self.pop_first() } else { None }
    }

    /// Whether somebody's of an intention is here.
    pub(super) fn has(&self, (intention, issuer): &Place) -> bool {
        self.all.get(intention).is_some_and(|all| all.contains_key(issuer))
    }

    /// Removes all of one intention, and says where they were.
    pub(super) fn remove(&mut self, intention: RecordId<Intention>) -> Vec<Place> {
        let issuers = self.all.get(&intention).map(|all| all.keys().copied().collect::<Vec<_>>());
        let places: Vec<Place> =
            issuers.unwrap_or_default().into_iter().map(|issuer| (intention, issuer)).collect();
        places.iter().for_each(|place| self.take_out(place));
        places
    }

    /// What was said of one, by its digest.
    pub(super) fn said(&self, digest: &Digest) -> Option<&[u8]> {
        let (intention, issuer) = self.by_digest.get(digest)?;
        Some(&self.all.get(intention)?.get(issuer)?.said)
    }

    /// Their names.
    pub(super) fn live(&self) -> &Live {
        &self.live
    }

    fn take_out(&mut self, place: &Place) {
        let (intention, issuer) = place;
        let Some(all) = self.all.get_mut(intention) else { return };
        if let Some(old) = all.remove(issuer) {
            self.by_end.remove(&(old.end, *place));
            self.by_digest.remove(old.name.digest());
            self.live.remove(&old.name);
        }
        if all.is_empty() {
            self.all.remove(intention);
        }
    }

    /// Removes one whose end has come.
    pub(super) fn pop_ended(&mut self, now: Time) -> Option<Place> {
        self.by_end.first().filter(|(end, _)| *end <= now)?;
        self.pop_first()
    }

    /// When the first of them ends.
    pub(super) fn next_end(&self) -> Option<Time> {
        self.by_end.first().map(|(end, _)| *end)
    }

    fn pop_first(&mut self) -> Option<Place> {
        let (_, place) = *self.by_end.first()?;
        self.take_out(&place);
        Some(place)
    }
}

#[cfg(test)]
impl Tombstone {
    /// One that no record stands behind.
    fn bare(place: Place, end: Time) -> Self {
        let mut digest = *place.0.as_digest();
        digest.iter_mut().zip(place.1.as_bytes()).for_each(|(byte, other)| *byte ^= other);
        Self { place, end, name: Named::new("/topic", end, digest), said: Box::default() }
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

    fn place(number: u64) -> Place {
        (id(number), SignKey::from_bytes(&[1; 32]).public())
    }

    fn at(seconds: u64) -> Time {
        Time::from_unix(1_790_000_000 + seconds).unwrap()
    }

    fn agree(all: &Tombstones, count: usize) {
        let kept: usize = all.all.values().map(BTreeMap::len).sum();
        assert_eq!(
            (kept, all.by_end.len(), all.by_digest.len(), all.live.len()),
            (count, count, count, count)
        );
    }

    #[test]
    fn the_one_that_ends_first_gives_way() {
        let mut all = Tombstones::default();
        let most = MAX_REMEMBERED as u64;
        let key = place(0).1;
        let mut add = |number| all.add(Tombstone::bare((id(number), key), at(number)));
        for number in 1..=most {
            assert_eq!(add(number), None);
        }
        assert_eq!(add(most + 1).map(|(id, _)| id), Some(id(1)));
        assert_eq!(add(0).map(|(id, _)| id), Some(id(0)), "the new one itself");
        agree(&all, MAX_REMEMBERED);
    }

    #[test]
    fn all_of_an_intention_go_and_ended_ones_go() {
        let mut all = Tombstones::default();
        let (intention, owner) = place(1);
        let stranger = SignKey::from_bytes(&[2; 32]).public();
        for (place, end) in
            [((intention, owner), 1), ((intention, stranger), 2), (place(2), 3), (place(2), 4)]
        {
            all.add(Tombstone::bare(place, at(end)));
        }
        agree(&all, 3);
        assert_eq!(all.remove(intention).len(), 2);
        assert_eq!(all.pop_ended(at(3)), None, "it was told again with a later end");
        assert_eq!(all.pop_ended(at(4)), Some(place(2)));
        agree(&all, 0);
    }
}
