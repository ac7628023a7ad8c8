//! Very many standing rules, and which of them a wish meets.
//!
//! Each rule is written down in numbers ([`record`]) and lies under a few keys: one of its categories beside the rarest
//! thing of which every wish that meets it has one: one of its words, an article, a square of the ground ([`cover`]). A
//! wish looks up the pairs that it has, and finds under each a run of small entries ([`entry`]) that turn most others
//! away; what passes is held against the records. Everything is kept up to date rule by rule: there is no rebuilding.

mod cover;
mod entry;
mod facts;
mod ground;
mod interner;
mod names;
mod pool;
mod postings;
mod record;
mod search;

use crate::rule::Rule;
use cover::{Crowd, Known};
use entry::Entry;
use ground::Spot;
use names::Names;
use pool::Pool;
use postings::{Key, Postings};
use record::{COVER, Record};

pub use search::Scratch;

/// Most rules. Source: about 2 GiB of memory; numbers of 32 bits hold some times as many.
pub const MAX_RULES: usize = 10_000_000;

/// The number of a rule among [`Rules`], from 0 without great gaps: the number of one that was removed is given to
/// another, so that whoever keeps something beside each rule may keep it in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u32);

/// There are [`MAX_RULES`] already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are {MAX_RULES} rules already")]
pub struct TooMany;

/// Very many rules, in a form of their own: their texts stay with whoever wrote them.
///
/// Matching only reads, so many threads may match at once; a rule is inserted or removed in microseconds, so one loop
/// can do both in turn, and threads share it behind a lock for reading and writing.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    names: Names,
    crowd: Crowd,
    pool: Pool,
    postings: Postings,
    /// Where the record of each number lies.
    places: Vec<Option<u32>>,
    free: Vec<u32>,
    /// The next number that [`Rules::tend`] looks at.
    tended: usize,
}

impl Rules {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// All of these at once, numbered in their order. The same as inserting one after another, but that what is rare
    /// is known from the beginning.
    ///
    /// # Errors
    /// When there are more than [`MAX_RULES`].
    pub fn build<'a>(rules: impl IntoIterator<Item = &'a Rule>) -> Result<Self, TooMany> {
        let (mut all, mut words) = (Self::new(), Vec::new());
        for rule in rules {
            all.write(rule, &mut words)?;
        }
        let mut keys = Vec::new();
        for number in 0..all.places.len() {
            all.lay(number, &mut keys);
        }
        Ok(all)
    }

    /// Adds a rule and tells its number. One that contradicts itself is taken and meets what [`Rule::accepts`] says.
    ///
    /// # Errors
    /// When there are [`MAX_RULES`] already.
    pub fn insert(&mut self, rule: &Rule) -> Result<RuleId, TooMany> {
        let id = self.write(rule, &mut Vec::new())?;
        self.lay(id.0 as usize, &mut Vec::new());
        Ok(id)
    }

    /// Takes a rule out; false where there was none of that number.
    pub fn remove(&mut self, id: RuleId) -> bool {
        let Some(at) = self.places.get_mut(id.0 as usize).and_then(Option::take) else { return false };
        let words = Record(self.pool.from(at));
        let owned = words.0.get(..words.length()).unwrap_or_default().to_vec();
        let record = Record(&owned);
        self.unlay(at, record, &mut Vec::new());
        self.crowd.leave(squares(&self.names, record).into_iter());
        record::release(record, &mut self.names);
        self.pool.remove(at, owned.len());
        self.free.push(id.0);
        true
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Looks at the next so many rules and lays those under other keys that are found by much rarer things there: what
    /// was rare when they came may be common now. Answers how many that were. Called with a few hundred now and then
    /// it keeps matching quick through years of changes; without it nothing is ever wrong, only slower.
    pub fn tend(&mut self, steps: usize) -> usize {
        let (mut moved, mut keys) = (0, Vec::new());
        for _ in 0..steps.min(self.places.len()) {
            let number = self.tended % self.places.len();
            self.tended = number + 1;
            let Some(at) = self.places.get(number).copied().flatten() else { continue };
            let record = Record(self.pool.from(at));
            let (known, kept) = (self.known(), record.cover());
            let best = known.choose(record);
            if best == kept || known.cost(record, best) > known.cost(record, kept) / 2 {
                continue;
            }
            let owned = record.0.get(..record.length()).unwrap_or_default().to_vec();
            self.unlay(at, Record(&owned), &mut keys);
            self.lay(number, &mut keys);
            moved += 1;
        }
        moved
    }

    fn known(&self) -> Known<'_> {
        Known { names: &self.names, crowd: &self.crowd, rules: self.len() as u64 }
    }

    /// Writes a rule down, without keys.
    fn write(&mut self, rule: &Rule, words: &mut Vec<u32>) -> Result<RuleId, TooMany> {
        if self.len() >= MAX_RULES {
            return Err(TooMany);
        }
        let number = match self.free.pop() {
            Some(number) => number,
            None => {
                self.places.push(None);
                u32::try_from(self.places.len() - 1).map_err(|_| TooMany)?
            }
        };
        record::write(rule, RuleId(number), &mut self.names, words);
        self.crowd.come(squares(&self.names, Record(words.as_slice())).into_iter());
        let at = self.pool.put(words);
        if let Some(place) = self.places.get_mut(number as usize) {
            *place = Some(at);
        }
        Ok(RuleId(number))
    }

    /// Lays a written rule under the keys of its best cover.
    fn lay(&mut self, number: usize, keys: &mut Vec<Key>) {
        let Some(at) = self.places.get(number).copied().flatten() else { return };
        let record = Record(self.pool.from(at));
        let known = self.known();
        let cover = known.choose(record);
        known.keys(record, cover, keys);
        let (entry, word) = (Entry::of(at, record, &self.names), record.with_cover(cover));
        keys.iter().for_each(|key| self.postings.insert(*key, entry));
        self.pool.set(at, COVER, word);
    }

    fn unlay(&mut self, at: u32, record: Record<'_>, keys: &mut Vec<Key>) {
        self.known().keys(record, record.cover(), keys);
        keys.iter().for_each(|key| self.postings.remove(*key, at));
    }
}

/// The squares and countries of a rule's places, for [`Crowd`].
fn squares(names: &Names, record: Record<'_>) -> Vec<u32> {
    let spots = record.lists().places.iter().filter_map(|place| names.spot(*place));
    spots.map(Spot::home).collect()
}

#[cfg(test)]
pub(crate) use ground::tests::places;
#[cfg(test)]
mod tests;
