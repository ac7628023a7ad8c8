//! Entries by their keys.

use rustc_hash::FxHashMap;

use super::{entry::Entry, names::Symbol};

/// How many tables share the keys: one grows at a time, so that no insertion waits for a great move. Source: wild
/// guess; at 1,000,000 rules a table has some 10,000 keys and grows in about a millisecond.
const TABLES: usize = 64;

/// A category (0 is any) and a symbol (0 is any).
pub(super) type Key = u64;

pub(super) fn key(category: u32, symbol: Symbol) -> Key {
    (u64::from(category) << 32) | u64::from(symbol)
}

/// What lies under one key; most have one entry only.
#[derive(Clone, Debug)]
enum Posting {
    One(Entry),
    Many(Vec<Entry>),
}

impl Posting {
    fn as_slice(&self) -> &[Entry] {
        match self {
            Self::One(entry) => std::slice::from_ref(entry),
            Self::Many(entries) => entries,
        }
    }

    fn push(&mut self, entry: Entry) {
        match self {
            Self::One(first) => *self = Self::Many(vec![*first, entry]),
            Self::Many(entries) => {
                if entries.len() == entries.capacity() {
                    // By a quarter: most memory is here.
                    entries.reserve_exact(1 + entries.len() / 4);
                }
                entries.push(entry);
            }
        }
    }

    /// Takes the entry of a record out; true where nothing is left.
    fn remove(&mut self, record: u32) -> bool {
        match self {
            Self::One(entry) => entry.record == record,
            Self::Many(entries) => {
                if let Some(at) = entries.iter().position(|entry| entry.record == record) {
                    entries.swap_remove(at);
                }
                if entries.capacity() > 8 + 2 * entries.len() {
                    entries.shrink_to(entries.len() + entries.len() / 4);
                }
                entries.is_empty()
            }
        }
    }
}

/// All of them.
#[derive(Clone, Debug)]
pub(super) struct Postings {
    tables: Vec<FxHashMap<Key, Posting>>,
    /// How many entries have no category in their key, and how many a place.
    without_category: usize,
    by_place: usize,
}

impl Default for Postings {
    fn default() -> Self {
        Self { tables: vec![FxHashMap::default(); TABLES], without_category: 0, by_place: 0 }
    }
}

/// Other bits than those by which a table looks its keys up.
fn table(key: Key) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize
}

fn counts(key: Key) -> (usize, usize) {
    let symbol = key & 0xffff_ffff;
    (usize::from(key >> 32 == 0), usize::from(symbol & 3 == 3))
}

impl Postings {
    pub(super) fn get(&self, key: Key) -> &[Entry] {
        self.tables.get(table(key)).and_then(|table| table.get(&key)).map_or(&[], Posting::as_slice)
    }

    pub(super) fn insert(&mut self, key: Key, entry: Entry) {
        let (without_category, by_place) = counts(key);
        self.without_category += without_category;
        self.by_place += by_place;
        let Some(table) = self.tables.get_mut(table(key)) else { return };
        table.entry(key).and_modify(|posting| posting.push(entry)).or_insert(Posting::One(entry));
    }

    pub(super) fn remove(&mut self, key: Key, record: u32) {
        let (without_category, by_place) = counts(key);
        self.without_category -= without_category;
        self.by_place -= by_place;
        let Some(table) = self.tables.get_mut(table(key)) else { return };
        if table.get_mut(&key).is_some_and(|posting| posting.remove(record)) {
            table.remove(&key);
            if table.capacity() > 64 + 4 * table.len() {
                table.shrink_to(2 * table.len());
            }
        }
    }

    /// Whether any key has no category.
    pub(super) fn has_without_category(&self) -> bool {
        self.without_category > 0
    }

    /// Whether any key has a place.
    pub(super) fn has_places(&self) -> bool {
        self.by_place > 0
    }

    /// Whether nothing lies under any key.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.tables.iter().all(FxHashMap::is_empty)
    }
}
