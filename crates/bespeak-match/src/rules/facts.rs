//! A wish in the numbers of one set of rules.

use super::{
    entry::Gate,
    ground::Spot,
    names::{ANY, Names, Symbol, place_symbol},
    record::{
        Ends, SAYS_CONDITION, SAYS_PLACE, SAYS_PRICE, condition_bit, currency_word, terms_bits, unit_word,
    },
};
use crate::{
    rule::{price_ends, steps_of},
    wish::Wish,
};

/// Words of 64 bits in which symbols leave their mark. Source: wild guess; a wish of 40 words marks one bit in a
/// hundred, so that nearly every symbol that is not there is known not to be at one look.
const MARKS: usize = 64;

/// The numbers of a wish.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// Its category and those above it, as far as a rule names them.
    pub(super) categories: Vec<u32>,
    /// Its words, phrases and articles that a rule names, sorted.
    symbols: Vec<Symbol>,
    marks: Vec<u64>,
    /// The symbols by which it looks rules up: the above, its places, and none.
    pub(super) lookups: Vec<Symbol>,
    pub(super) price: Option<Ends<i64>>,
    pub(super) spot: Option<Spot>,
    pub(super) terms: u32,
    pub(super) conditions: u32,
    pub(super) standing: u32,
    pub(super) says: u32,
    pub(super) lines: Vec<LineFacts>,
    pub(super) gate: Gate,
    words: Vec<u32>,
}

/// The numbers of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineFacts {
    pub(super) unit: u32,
    pub(super) steps: u64,
    pub(super) gtin: Symbol,
}

impl Facts {
    /// Reads a wish; what was read before is forgotten. Squares are named only where some rule lies under one.
    pub(super) fn read(&mut self, wish: &Wish, names: &Names, by_place: bool) {
        self.read_categories(wish, names);
        self.lines.clear();
        self.lines.extend(wish.lines.iter().map(|line| LineFacts {
            unit: unit_word(line.quantity.unit()),
            steps: steps_of(line.quantity),
            gtin: line.gtin.and_then(|gtin| names.gtin(gtin)).unwrap_or(ANY),
        }));
        self.read_symbols(wish, names);
        let budget = wish.budget.as_ref().and_then(|budget| price_ends(budget.min(), budget.max()));
        self.price = budget.map(|(of, least, most)| Ends { of: currency_word(of), least, most });
        self.spot = wish.place.as_ref().map(Spot::of);
        self.terms = terms_bits(&wish.terms);
        self.conditions = wish.condition.map_or(7, condition_bit);
        self.standing = wish.standing as u32;
        let says = |said: bool, bit| if said { bit } else { 0 };
        self.says = says(self.price.is_some(), SAYS_PRICE)
            | says(wish.place.is_some(), SAYS_PLACE)
            | says(wish.condition.is_some(), SAYS_CONDITION);
        let places = Spot::wish_bits(self.spot.as_ref());
        self.gate = Gate::new(self.price, (self.terms, self.conditions, self.standing), places);
        self.lookups.clear();
        self.lookups.extend_from_slice(&self.symbols);
        self.lookups.push(ANY);
        if by_place {
            self.lookups.extend(Spot::wish_tokens(self.spot.as_ref()).into_iter().map(place_symbol));
        }
    }

    fn read_categories(&mut self, wish: &Wish, names: &Names) {
        self.categories.clear();
        let slug = wish.category.as_str();
        let ends = slug.match_indices('.').map(|(at, _)| at).chain([slug.len()]);
        self.categories.extend(ends.filter_map(|end| names.category(slug.get(..end)?)));
    }

    fn read_symbols(&mut self, wish: &Wish, names: &Names) {
        self.symbols.clear();
        for text in &wish.texts {
            names.read(text, &mut self.words, &mut self.symbols);
        }
        self.symbols.extend(self.lines.iter().map(|line| line.gtin).filter(|gtin| *gtin != ANY));
        self.symbols.sort_unstable();
        self.symbols.dedup();
        self.marks.clear();
        self.marks.resize(MARKS, 0);
        for symbol in &self.symbols {
            let (word, bit) = mark(*symbol);
            if let Some(marks) = self.marks.get_mut(word) {
                *marks |= bit;
            }
        }
    }

    /// Has it this symbol?
    #[inline]
    pub(super) fn has(&self, symbol: Symbol) -> bool {
        let (word, bit) = mark(symbol);
        self.marks.get(word).is_some_and(|marks| marks & bit != 0)
            && self.symbols.binary_search(&symbol).is_ok()
    }

    /// All lines, a bit each; an intention has at most 20.
    pub(super) fn all_lines(&self) -> u32 {
        (1_u32 << self.lines.len().min(31)) - 1
    }

    /// The lines for which something holds.
    pub(super) fn lines_where(&self, holds: impl Fn(&LineFacts) -> bool) -> u32 {
        let bits =
            self.lines.iter().enumerate().filter(|(_, line)| holds(line)).map(|(at, _)| 1 << at.min(31));
        bits.fold(0, |all, bit| all | bit)
    }
}

fn mark(symbol: Symbol) -> (usize, u64) {
    // Words alone fill every fourth number, so the kind moves behind.
    let spread = symbol.rotate_right(2) ^ (symbol >> 28);
    let place = spread as usize % (64 * MARKS);
    (place / 64, 1 << (place % 64))
}
