//! Looking up which rules a wish meets.

use super::{
    RuleId, Rules,
    entry::Entry,
    facts::Facts,
    names::Need,
    postings::key,
    record::{Ends, Lists, Record, SAYS_ATTRIBUTES},
};
use crate::wish::Wish;

/// Entries that are looked at in one go, and candidates that are held against their records in one go. Source:
/// measured, no difference between 256 and 4,096; it bounds the memory of a search.
const BATCH: usize = 1_024;

/// Memory that one search leaves to the next, for whoever matches many wishes: of one thread, for any rules.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    facts: Facts,
    needs: Memo<u64>,
    places: Memo<u8>,
    /// A bit for each rule that was found.
    seen: Vec<u64>,
    candidates: Vec<Candidate>,
    found: Vec<RuleId>,
}

impl Scratch {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }
}

/// A rule whose entry was passed.
#[derive(Clone, Copy, Debug, Default)]
struct Candidate {
    record: u32,
    need: u32,
}

/// What was found out about numbered things in this search.
#[derive(Clone, Debug, Default)]
struct Memo<T> {
    told: Vec<T>,
    touched: Vec<u32>,
}

impl<T: Copy + Default> Memo<T> {
    fn begin(&mut self, bound: usize) {
        for number in self.touched.drain(..) {
            if let Some(told) = self.told.get_mut(number as usize) {
                *told = T::default();
            }
        }
        self.told.resize(bound, T::default());
    }

    fn get(&self, number: u32) -> T {
        self.told.get(number as usize).copied().unwrap_or_default()
    }

    fn set(&mut self, number: u32, value: T) {
        if let Some(told) = self.told.get_mut(number as usize) {
            *told = value;
            self.touched.push(number);
        }
    }
}

/// A need was looked at; below are a bit for each line that meets it, and above them one for each that does not miss.
const LOOKED: u64 = 1 << 63;
const NOT_MISSED_AT: u32 = 31;
/// What a place was found to be.
const MEETS: u8 = 1;
const MISSES: u8 = 2;

impl Rules {
    /// The rules that this wish meets, each once, in no certain order: those whose [`crate::Rule::accepts`] it.
    pub fn matching<'s>(&self, wish: &Wish, scratch: &'s mut Scratch) -> &'s [RuleId] {
        self.begin(wish, scratch);
        let any = self.postings.has_without_category().then_some(0);
        let Scratch { facts, candidates, .. } = scratch;
        candidates.resize(2 * BATCH, Candidate::default());
        let (categories, lookups) = (facts.categories.clone(), std::mem::take(&mut facts.lookups));
        let gate = facts.gate;
        let mut passed = 0;
        for category in categories.into_iter().chain(any) {
            for symbol in &lookups {
                for entries in self.postings.get(key(category, *symbol)).chunks(BATCH) {
                    // Written whether it passes or not, and overwritten where it does not: no branch to foresee.
                    for entry in entries {
                        if let Some(place) = scratch.candidates.get_mut(passed) {
                            *place = Candidate::of(entry);
                        }
                        passed += usize::from(gate.lets_pass(entry));
                    }
                    if passed > BATCH {
                        self.hold_against(wish, passed, scratch);
                        passed = 0;
                    }
                }
            }
        }
        self.hold_against(wish, passed, scratch);
        scratch.facts.lookups = lookups;
        &scratch.found
    }

    /// The same rules as [`Rules::matching`] finds, by asking every one in turn: what an index is measured against.
    pub fn scan<'s>(&self, wish: &Wish, scratch: &'s mut Scratch) -> &'s [RuleId] {
        self.begin(wish, scratch);
        for at in self.places.iter().flatten() {
            let record = Record(self.pool.from(*at));
            if self.meets(record, wish, scratch) {
                scratch.found.push(record.id());
            }
        }
        &scratch.found
    }

    fn begin(&self, wish: &Wish, scratch: &mut Scratch) {
        for id in scratch.found.drain(..) {
            if let Some(bits) = scratch.seen.get_mut(id.0 as usize / 64) {
                *bits = 0;
            }
        }
        scratch.seen.resize(self.places.len().div_ceil(64), 0);
        scratch.needs.begin(self.names.needs.bound());
        scratch.places.begin(self.names.places.bound());
        scratch.facts.read(wish, &self.names, self.postings.has_places());
    }

    /// Holds the first so many candidates against their records, and keeps those that are met.
    fn hold_against(&self, wish: &Wish, passed: usize, scratch: &mut Scratch) {
        let (mut left, mut touched) = (0, 0);
        for at in 0..passed {
            let Some(candidate) = scratch.candidates.get(at).copied() else { break };
            if candidate.need == 0 || self.line_bits(candidate.need - 1, wish, scratch) >> NOT_MISSED_AT != 0
            {
                // All of these are fetched from memory while the loop goes on, rather than one after another below.
                touched ^= self.pool.from(candidate.record).first().copied().unwrap_or_default();
                if let Some(place) = scratch.candidates.get_mut(left) {
                    *place = candidate;
                }
                left += 1;
            }
        }
        std::hint::black_box(touched);
        for at in 0..left {
            let Some(candidate) = scratch.candidates.get(at).copied() else { break };
            let record = Record(self.pool.from(candidate.record));
            let (word, bit) = (record.id().0 as usize / 64, 1 << (record.id().0 % 64));
            let seen = scratch.seen.get(word).is_some_and(|bits| bits & bit != 0);
            if !seen && self.meets(record, wish, scratch) {
                scratch.found.push(record.id());
                if let Some(bits) = scratch.seen.get_mut(word) {
                    *bits |= bit;
                }
            }
        }
    }

    /// Is every condition of the record met?
    fn meets(&self, record: Record<'_>, wish: &Wish, scratch: &mut Scratch) -> bool {
        let (facts, lists, must) = (&scratch.facts, record.lists(), record.must_say());
        in_category(&lists, facts)
            && has_words(&lists, facts)
            && record.price().is_none_or(|ours| within(ours, facts.price))
            && record.terms() & facts.terms != 0
            && record.conditions() & facts.conditions != 0
            && record.standing() <= facts.standing
            && must & !facts.says & !SAYS_ATTRIBUTES == 0
            && self.is_near(lists.places, scratch)
            && self.fits_line(record, &lists, wish, scratch)
    }

    fn is_near(&self, places: &[u32], scratch: &mut Scratch) -> bool {
        let Some(theirs) = scratch.facts.spot else { return true };
        let mut near = places.is_empty();
        for place in places {
            let told = match scratch.places.get(*place) {
                0 => {
                    let meets = self.names.spot(*place).is_some_and(|ours| ours.may_meet(&theirs));
                    let told = if meets { MEETS } else { MISSES };
                    scratch.places.set(*place, told);
                    told
                }
                told => told,
            };
            near |= told == MEETS;
        }
        near
    }

    /// Does one line meet all that is wanted of lines?
    fn fits_line(&self, record: Record<'_>, lists: &Lists<'_>, wish: &Wish, scratch: &mut Scratch) -> bool {
        let mut lines = scratch.facts.all_lines();
        if !lists.gtins.is_empty() {
            lines &= scratch.facts.lines_where(|line| lists.gtins.contains(&line.gtin));
        }
        if let Some(ours) = record.quantity() {
            let holds = |steps| ours.least <= steps && steps <= ours.most;
            lines &= scratch.facts.lines_where(|line| line.unit == ours.of && holds(line.steps));
        }
        let must = record.must_say() & SAYS_ATTRIBUTES != 0;
        for need in lists.needs {
            let bits = self.line_bits(*need, wish, scratch);
            let bits = if must { bits } else { bits >> NOT_MISSED_AT };
            // The bits of lines, which are fewer than 31.
            #[allow(clippy::cast_possible_truncation)]
            let bits = bits as u32;
            lines &= bits;
        }
        lines != 0
    }

    /// How the lines stand to a need: see [`LOOKED`]. Found out once for all rules that have it.
    fn line_bits(&self, number: u32, wish: &Wish, scratch: &mut Scratch) -> u64 {
        let known = scratch.needs.get(number);
        if known & LOOKED != 0 {
            return known & !LOOKED;
        }
        let Some(need) = self.names.needs.thing(number) else { return 0 };
        let Need { name, wanted } = need.as_ref();
        let mut bits = 0;
        for (at, line) in wish.lines.iter().enumerate().take(31) {
            bits |= match line.meets(name, wanted) {
                Some(true) => (1 << at) | (1 << NOT_MISSED_AT << at),
                None => 1 << NOT_MISSED_AT << at,
                Some(false) => 0,
            };
        }
        scratch.needs.set(number, bits | LOOKED);
        bits
    }
}

impl Candidate {
    fn of(entry: &Entry) -> Self {
        Self { record: entry.record, need: entry.need }
    }
}

fn in_category(lists: &Lists<'_>, facts: &Facts) -> bool {
    lists.categories.is_empty() || lists.categories.iter().any(|ours| facts.categories.contains(ours))
}

fn has_words(lists: &Lists<'_>, facts: &Facts) -> bool {
    (lists.any.is_empty() || lists.any.iter().any(|word| facts.has(*word)))
        && lists.all.iter().all(|word| facts.has(*word))
        && !lists.none.iter().any(|word| facts.has(*word))
}

fn within(ours: Ends<i64>, theirs: Option<Ends<i64>>) -> bool {
    theirs.is_none_or(|theirs| ours.of == theirs.of && ours.least <= theirs.most && theirs.least <= ours.most)
}
