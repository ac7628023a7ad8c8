//! Postings: who holds a term, by slot, in short runs, so that putting one in costs the same however many
//! goods hold the term.

use crate::search::fields::FIELDS;
use crate::search::index::Slot;

/// The most postings of one run: what is moved to put one in. Source: wild guess, 6 KiB.
const RUN: usize = 512;

/// How often the goods at a slot hold a term, by field; more than 255 times is as good as 255.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Posting {
    pub(crate) slot: Slot,
    pub(crate) counts: [u8; FIELDS],
}

/// The goods that hold one term, in the order of their slots. Most terms are rare and have a single run.
#[derive(Debug, Default)]
pub(crate) struct Postings {
    first: Vec<Posting>,
    /// None is empty, and each begins above the end of what is before it.
    further: Vec<Vec<Posting>>,
    count: usize,
}

impl Postings {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// All of them, by slot.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Posting> {
        self.first.iter().chain(self.further.iter().flatten())
    }

    /// That of one slot.
    pub(crate) fn at(&self, slot: Slot) -> Option<&Posting> {
        let run = match self.run_of(slot) {
            0 => &self.first,
            number => self.further.get(number - 1)?,
        };
        run.get(run.binary_search_by_key(&slot, |posting| posting.slot).ok()?)
    }

    /// Puts one in, in the place of one of the same slot.
    pub(crate) fn put(&mut self, posting: Posting) {
        let number = self.run_of(posting.slot);
        let Some(run) = self.run(number) else { return };
        match run.binary_search_by_key(&posting.slot, |held| held.slot) {
            Ok(at) => {
                if let Some(held) = run.get_mut(at) {
                    *held = posting;
                }
                return;
            }
            Err(at) if at == run.len() && run.len() >= RUN => self.further.insert(number, vec![posting]),
            Err(at) => {
                run.insert(at, posting);
                let second = if run.len() > RUN { run.split_off(run.len() / 2) } else { Vec::new() };
                if !second.is_empty() {
                    self.further.insert(number, second);
                }
            }
        }
        self.count += 1;
    }

    /// Takes that of a slot out.
    pub(crate) fn remove(&mut self, slot: Slot) {
        let number = self.run_of(slot);
        let Some(run) = self.run(number) else { return };
        if let Ok(at) = run.binary_search_by_key(&slot, |held| held.slot) {
            run.remove(at);
            let is_empty = run.is_empty();
            self.count -= 1;
            if is_empty && number > 0 {
                self.further.remove(number - 1);
            }
        }
    }

    /// The run where a slot stands or would stand: 0 for the first.
    fn run_of(&self, slot: Slot) -> usize {
        self.further.partition_point(|run| run.first().is_some_and(|first| first.slot <= slot))
    }

    fn run(&mut self, number: usize) -> Option<&mut Vec<Posting>> {
        match number {
            0 => Some(&mut self.first),
            number => self.further.get_mut(number - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn posting(slot: Slot) -> Posting {
        Posting { slot, counts: [1; FIELDS] }
    }

    fn slots(postings: &Postings) -> Vec<Slot> {
        postings.iter().map(|posting| posting.slot).collect()
    }

    #[test]
    fn runs_stay_short_whatever_the_order() {
        let (mut forth, mut back) = (Postings::default(), Postings::default());
        for slot in 0..5_000 {
            forth.put(posting(slot));
            back.put(posting(4_999 - slot));
        }
        for postings in [&forth, &back] {
            assert_eq!(slots(postings), (0..5_000).collect::<Vec<_>>());
            assert!(postings.first.len() <= RUN && postings.further.iter().all(|run| run.len() <= RUN));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

        #[test]
        fn they_are_an_ordered_set(changes in proptest::collection::vec((any::<bool>(), 0u32..2_000), 0..6_000)) {
            let (mut postings, mut set) = (Postings::default(), BTreeSet::new());
            for (put, slot) in changes {
                if put {
                    postings.put(posting(slot));
                    set.insert(slot);
                } else {
                    postings.remove(slot);
                    set.remove(&slot);
                }
            }
            prop_assert_eq!(slots(&postings), set.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(postings.len(), set.len());
            for slot in 0..2_000 {
                prop_assert_eq!(postings.at(slot).is_some(), set.contains(&slot));
            }
        }
    }
}
