//! One queue at a host, and who yields in it when there is no room for all.

use std::collections::BTreeMap;

use bespeak_model::time::Time;

use super::sender::{Sender, Shares};

/// What a host knows of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Queue {
    pub(super) asked_at: Time,
    pub(super) next: u64,
    pub(super) items: BTreeMap<u64, Item>,
    pub(super) bytes: usize,
}

/// What a host knows of an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) digest: [u8; 32],
    pub(super) bytes: usize,
    pub(super) at: Time,
    pub(super) from: Sender,
}

impl Queue {
    pub(super) fn new(asked_at: Time, next: u64) -> Self {
        Self { asked_at, next, items: BTreeMap::new(), bytes: 0 }
    }

    pub(super) fn holds(&self, digest: &[u8; 32]) -> bool {
        self.items.values().any(|item| item.digest == *digest)
    }

    pub(super) fn bytes_of(&self, id: u64) -> usize {
        self.items.get(&id).map_or(0, |item| item.bytes)
    }

    /// Whether it was not there before.
    pub(super) fn insert(&mut self, id: u64, item: Item) -> bool {
        self.next = self.next.max(id.saturating_add(1));
        if self.items.contains_key(&id) {
            return false;
        }
        self.bytes += item.bytes;
        self.items.insert(id, item);
        true
    }

    /// Whether it was there.
    pub(super) fn remove(&mut self, id: u64) -> bool {
        let Some(item) = self.items.remove(&id) else { return false };
        self.bytes -= item.bytes;
        true
    }

    pub(super) fn older_than(&self, life: u64, now: Time) -> Vec<u64> {
        let old = self.items.iter().filter(|(_, item)| now.seconds_since(item.at) >= life);
        old.map(|(id, _)| *id).collect()
    }

    /// What must give way so that an envelope fits into so many, of so many bytes; `None` when its sender is no quieter
    /// than the others.
    pub(super) fn room_for(&self, item: &Item, most_items: usize, most_bytes: usize) -> Option<Vec<u64>> {
        let (mut items, mut bytes) = (self.items.len() + 1, self.bytes + item.bytes);
        let (mut gone, mut shares) = (Vec::new(), None);
        while items > most_items || bytes > most_bytes {
            let shares = shares.get_or_insert_with(|| self.shares());
            let id = shares.yielded_to(&item.from, most_items / 2)?;
            items -= 1;
            bytes -= self.bytes_of(id);
            gone.push(id);
        }
        Some(gone)
    }

    /// The newest mail of the loudest senders, and its bytes, as far as no more than `most` bytes go, and none loses its
    /// last.
    pub(super) fn loudest(&self, most: usize) -> Vec<(u64, usize)> {
        let (mut shares, mut freed, mut gone) = (self.shares(), 0, Vec::new());
        while let Some(id) = shares.yielded() {
            let bytes = self.bytes_of(id);
            freed += bytes;
            if freed > most {
                break;
            }
            gone.push((id, bytes));
        }
        gone
    }

    fn shares(&self) -> Shares {
        self.items.iter().map(|(id, item)| (*id, item.from)).collect()
    }
}
