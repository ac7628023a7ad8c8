//! Under which keys a rule lies: for each of its categories, each of a set of symbols of which every wish that
//! meets it has one.

use rustc_hash::FxHashMap;

use super::{
    ground::Spot,
    names::{ANY, Names, Symbol, place_symbol},
    postings::{Key, key},
    record::Record,
};

/// Most keys of one rule; one that would have more goes without its categories. Source: wild guess.
const MAX_KEYS: usize = 256;
/// One wish in so many says no place. Source: wild guess; it only weighs one choice against another.
const SAYS_NO_PLACE: u64 = 8;

/// Which set of symbols: none, one of `any`, one of `gtins`, a place, or one certain word of `all`.
const NONE: u8 = 0;
const ANY_WORD: u8 = 1;
const GTINS: u8 = 2;
const PLACES: u8 = 3;
const ALL_WORDS: u8 = 4;

/// How many rules have places on each square of the ground and in each country.
#[derive(Clone, Debug, Default)]
pub(super) struct Crowd(FxHashMap<u32, u32>);

impl Crowd {
    pub(super) fn come(&mut self, tokens: impl Iterator<Item = u32>) {
        tokens.for_each(|token| *self.0.entry(token).or_default() += 1);
    }

    pub(super) fn leave(&mut self, tokens: impl Iterator<Item = u32>) {
        for token in tokens {
            if let Some(count) = self.0.get_mut(&token) {
                *count -= 1;
                if *count == 0 {
                    self.0.remove(&token);
                }
            }
        }
    }

    fn at(&self, token: u32) -> u64 {
        self.0.get(&token).copied().map_or(0, u64::from)
    }
}

/// What choosing needs to know.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) names: &'a Names,
    pub(super) crowd: &'a Crowd,
    /// How many rules there are.
    pub(super) rules: u64,
}

impl Known<'_> {
    /// The cover by which the fewest wishes come: what many rules name, many wishes are taken to name too.
    pub(super) fn choose(&self, record: Record<'_>) -> u8 {
        let lists = record.lists();
        let uses = |symbols: &[Symbol]| symbols.iter().map(|symbol| self.names.uses(*symbol)).sum::<u64>();
        let (mut best, mut least) = (NONE, u64::MAX);
        let mut consider = |cover, cost| {
            if cost < least {
                (best, least) = (cover, cost);
            }
        };
        if !lists.gtins.is_empty() {
            consider(GTINS, uses(lists.gtins));
        }
        if !lists.any.is_empty() {
            consider(ANY_WORD, uses(lists.any));
        }
        for (cover, word) in (ALL_WORDS..=u8::MAX).zip(lists.all) {
            consider(cover, self.names.uses(*word));
        }
        // Places are many keys: only where nothing else is rare.
        if !lists.places.is_empty() && least > self.rules / SAYS_NO_PLACE {
            let cost = self.place_cost(lists.places).unwrap_or(u64::MAX);
            return if cost < least { PLACES } else { best };
        }
        best
    }

    /// What a cover costs; for weighing a kept choice against a new one.
    pub(super) fn cost(&self, record: Record<'_>, cover: u8) -> u64 {
        let lists = record.lists();
        let uses = |symbols: &[Symbol]| symbols.iter().map(|symbol| self.names.uses(*symbol)).sum::<u64>();
        match cover {
            NONE => self.rules,
            ANY_WORD => uses(lists.any),
            GTINS => uses(lists.gtins),
            PLACES => self.place_cost(lists.places).unwrap_or(self.rules),
            word => {
                lists.all.get(usize::from(word - ALL_WORDS)).map_or(self.rules, |word| self.names.uses(*word))
            }
        }
    }

    fn place_cost(&self, places: &[u32]) -> Option<u64> {
        let mut cost = self.rules / SAYS_NO_PLACE;
        for place in places {
            let tokens = self.names.spot(*place).and_then(Spot::rule_tokens)?;
            let here = tokens.iter().filter(|token| **token < 3 << 16).map(|token| self.crowd.at(*token));
            cost += here.sum::<u64>();
        }
        Some(cost)
    }

    /// The keys of a record under a cover, each once.
    pub(super) fn keys(&self, record: Record<'_>, cover: u8, out: &mut Vec<Key>) {
        let lists = record.lists();
        let mut symbols = Vec::new();
        match cover {
            NONE => symbols.push(ANY),
            ANY_WORD => symbols.extend_from_slice(lists.any),
            GTINS => symbols.extend_from_slice(lists.gtins),
            PLACES => {
                let spots = lists.places.iter().filter_map(|place| self.names.spot(*place)?.rule_tokens());
                symbols.extend(spots.flatten().map(place_symbol));
            }
            word => symbols.extend(lists.all.get(usize::from(word - ALL_WORDS))),
        }
        symbols.sort_unstable();
        symbols.dedup();
        out.clear();
        if lists.categories.is_empty() || lists.categories.len() * symbols.len() > MAX_KEYS {
            out.extend(symbols.iter().map(|symbol| key(0, *symbol)));
        } else {
            let of =
                |category: &u32| symbols.iter().map(|symbol| key(*category, *symbol)).collect::<Vec<_>>();
            out.extend(lists.categories.iter().flat_map(of));
        }
        out.sort_unstable();
        out.dedup();
    }
}
