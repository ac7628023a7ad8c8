//! Intentions that were heard and live, found by their id, by their age and by their end.

use std::collections::{BTreeMap, BTreeSet};

use bespeak_identity::{RecordId, Signed};
use bespeak_model::{intention::Intention, time::Time};

use super::live::{Live, Named};

type Id = RecordId<Intention>;

/// Live intentions of others.
#[derive(Debug, Default)]
pub(super) struct Heard {
    records: BTreeMap<Id, Signed<Intention>>,
    by_age: BTreeSet<(Time, Id)>,
    by_end: BTreeSet<(Time, Id)>,
    live: Live,
}

impl Heard {
    /// Adds one; one that is here already stays.
    pub(super) fn insert(&mut self, record: Signed<Intention>) {
        let id = record.id();
        self.by_age.insert((record.cast_at, id));
        self.by_end.insert((record.expires_at, id));
        self.live.add(Named::intention(&record));
        self.records.insert(id, record);
    }

    /// Removes one; whether it was here.
    pub(super) fn remove(&mut self, id: &Id) -> bool {
        let Some(record) = self.records.remove(id) else { return false };
        self.by_age.remove(&(record.cast_at, *id));
        self.by_end.remove(&(record.expires_at, *id));
        self.live.remove(&Named::intention(&record));
        true
    }

    /// Removes the one that was cast longest ago.
    pub(super) fn remove_oldest(&mut self) -> Option<Id> {
        let (_, id) = *self.by_age.first()?;
        self.remove(&id).then_some(id)
    }

    /// Removes one whose end has come.
    pub(super) fn remove_ended(&mut self, now: Time) -> Option<Id> {
        let (_, id) = *self.by_end.first().filter(|(end, _)| *end <= now)?;
        self.remove(&id).then_some(id)
    }

    /// When the first of them ends.
    pub(super) fn next_end(&self) -> Option<Time> {
        self.by_end.first().map(|(end, _)| *end)
    }

    /// Their names.
    pub(super) fn live(&self) -> &Live {
        &self.live
    }

    /// How many have not ended.
    pub(super) fn not_ended(&self, now: Time) -> usize {
        self.len() - self.by_end.iter().take_while(|(end, _)| *end <= now).count()
    }

    pub(super) fn get(&self, id: &Id) -> Option<&Signed<Intention>> {
        self.records.get(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Signed<Intention>> {
        self.records.values()
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }
}
