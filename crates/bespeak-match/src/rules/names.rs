//! Every name that rules use, as a small number: categories, words, phrases, articles, places, attributes.

use std::sync::Arc;

use bespeak_model::{attribute::AttributeName, gtin::Gtin, place::Place};
use rustc_hash::FxHashMap;

use super::{ground::Spot, interner::Interner};
use crate::{rule::Keyword, wanted::Wanted};

/// A symbol is a number of its own kind, shifted by two bits, and the kind; none is 0.
pub(super) type Symbol = u32;
/// What stands for no symbol where one could be.
pub(super) const ANY: Symbol = 0;
const WORD: u32 = 0;
const PHRASE: u32 = 1;
const GTIN: u32 = 2;
const PLACE: u32 = 3;

/// What a rule wants of one attribute.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Need {
    pub(super) name: AttributeName,
    pub(super) wanted: Wanted,
}

/// The numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    categories: Interner<Arc<str>>,
    words: Interner<Arc<str>>,
    phrases: Interner<Arc<[u32]>>,
    /// Phrases by their first two words.
    openings: FxHashMap<(u32, u32), Vec<u32>>,
    gtins: Interner<Gtin>,
    pub(super) needs: Interner<Arc<Need>>,
    pub(super) places: Interner<Place>,
    /// The same places worked out, by number, with their bits.
    spots: Vec<Option<(Spot, u64)>>,
}

fn symbol(number: u32, kind: u32) -> Symbol {
    (number.wrapping_add(1) << 2) | kind
}

fn number_of(symbol: Symbol) -> (u32, u32) {
    ((symbol >> 2).wrapping_sub(1), symbol & 3)
}

/// The symbol of a token of [`Spot`].
pub(super) fn place_symbol(token: u32) -> Symbol {
    symbol(token, PLACE)
}

impl Names {
    /// A category's number; 0 is none.
    pub(super) fn category(&self, slug: &str) -> Option<u32> {
        self.categories.number(slug).map(|number| number + 1)
    }

    pub(super) fn hold_category(&mut self, slug: &str) -> u32 {
        self.categories.hold(slug, |slug| Arc::from(slug)) + 1
    }

    pub(super) fn release_category(&mut self, category: u32) {
        self.categories.release(category.wrapping_sub(1));
    }

    pub(super) fn hold_keyword(&mut self, keyword: &Keyword) -> Symbol {
        if !keyword.is_phrase() {
            return symbol(self.words.hold(keyword.spaced().trim(), |word| Arc::from(word)), WORD);
        }
        let words: Vec<u32> =
            keyword.terms().map(|term| self.words.hold(term, |word| Arc::from(word))).collect();
        symbol(self.hold_phrase(&words), PHRASE)
    }

    fn hold_phrase(&mut self, words: &[u32]) -> u32 {
        let known = self.phrases.number(words).is_some();
        let phrase = self.phrases.hold(words, |words| Arc::from(words));
        if known {
            // Its words are held once for all who hold the phrase.
            words.iter().for_each(|word| drop(self.words.release(*word)));
        } else if let [first, second, ..] = words {
            self.openings.entry((*first, *second)).or_default().push(phrase);
        }
        phrase
    }

    pub(super) fn hold_gtin(&mut self, gtin: Gtin) -> Symbol {
        symbol(self.gtins.hold(&gtin, |gtin| *gtin), GTIN)
    }

    pub(super) fn gtin(&self, gtin: Gtin) -> Option<Symbol> {
        self.gtins.number(&gtin).map(|number| symbol(number, GTIN))
    }

    /// Lets go a keyword or an article.
    pub(super) fn release(&mut self, symbol: Symbol) {
        match number_of(symbol) {
            (word, WORD) => drop(self.words.release(word)),
            (phrase, PHRASE) => {
                let words = self.phrases.release(phrase);
                words.into_iter().for_each(|words| self.forget_phrase(phrase, &words));
            }
            (gtin, GTIN) => drop(self.gtins.release(gtin)),
            _ => {}
        }
    }

    fn forget_phrase(&mut self, phrase: u32, words: &[u32]) {
        if let [first, second, ..] = words
            && let Some(all) = self.openings.get_mut(&(*first, *second))
        {
            all.retain(|other| *other != phrase);
            if all.is_empty() {
                self.openings.remove(&(*first, *second));
            }
        }
        words.iter().for_each(|word| drop(self.words.release(*word)));
    }

    /// How many rules use a keyword or an article.
    pub(super) fn uses(&self, symbol: Symbol) -> u64 {
        u64::from(match number_of(symbol) {
            (word, WORD) => self.words.held(word),
            (phrase, PHRASE) => self.phrases.held(phrase),
            (gtin, GTIN) => self.gtins.held(gtin),
            _ => 0,
        })
    }

    pub(super) fn hold_need(&mut self, need: Need) -> u32 {
        self.needs.hold(&need, |need| Arc::new(need.clone()))
    }

    pub(super) fn hold_place(&mut self, place: &Place) -> u32 {
        let number = self.places.hold(place, |place| *place);
        let at = number as usize;
        if self.spots.len() <= at {
            self.spots.resize(at + 1, None);
        }
        if let Some(slot @ None) = self.spots.get_mut(at) {
            let spot = Spot::of(place);
            *slot = Some((spot, spot.rule_bits()));
        }
        number
    }

    pub(super) fn release_place(&mut self, number: u32) {
        if self.places.release(number).is_some()
            && let Some(slot) = self.spots.get_mut(number as usize)
        {
            *slot = None;
        }
    }

    pub(super) fn spot(&self, number: u32) -> Option<&Spot> {
        self.spots.get(number as usize)?.as_ref().map(|(spot, _)| spot)
    }

    pub(super) fn bits(&self, number: u32) -> u64 {
        self.spots.get(number as usize).and_then(Option::as_ref).map_or(0, |(_, bits)| *bits)
    }

    /// The symbols of every known word and phrase in a text of spaced terms.
    pub(super) fn read(&self, text: &str, words: &mut Vec<u32>, symbols: &mut Vec<Symbol>) {
        words.clear();
        words.extend(text.split_ascii_whitespace().map(|term| self.words.number(term).unwrap_or(u32::MAX)));
        symbols.extend(words.iter().filter(|word| **word != u32::MAX).map(|word| symbol(*word, WORD)));
        if self.openings.is_empty() {
            return;
        }
        for (at, pair) in words.windows(2).enumerate() {
            let &[first, second] = pair else { continue };
            let opened = self.openings.get(&(first, second)).into_iter().flatten();
            let behind = words.get(at..).unwrap_or_default();
            let stands =
                |phrase: &&u32| self.phrases.thing(**phrase).is_some_and(|all| behind.starts_with(all));
            symbols.extend(opened.filter(stands).map(|phrase| symbol(*phrase, PHRASE)));
        }
    }
}
