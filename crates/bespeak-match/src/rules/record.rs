//! A rule in numbers: a few words that hold every condition exactly.
//!
//! ```text
//! id | flags | counts: categories any all none | counts: places needs gtins, cover
//! [currency least least most most] [unit least least most most]
//! categories… any… all… none… places… needs… gtins…
//! ```

use bespeak_model::{intention::GoodsCondition, money::Currency, quantity::Unit, terms::TermsId};

use super::{
    RuleId,
    names::{Names, Need, Symbol},
};
use crate::{
    rule::{Aspect, Rule, price_ends, quantity_ends},
    wanted::Wanted,
};

/// Which word holds what.
const ID: usize = 0;
const FLAGS: usize = 1;
const COUNTS: usize = 2;
pub(super) const COVER: usize = 3;
const HEAD: usize = 4;

/// Flags: five bits of terms, three of conditions, two of standing, four of what must be said, and what follows.
const CONDITION_AT: u32 = 5;
const STANDING_AT: u32 = 8;
const MUST_AT: u32 = 10;
const PRICE: u32 = 1 << 14;
const QUANTITY: u32 = 1 << 15;

/// A currency or a unit that nothing has: of a rule whose ends have two.
const NEVER: u32 = u32::MAX;

/// The bits of what a rule demands to be said, and of what a wish says.
pub(super) const SAYS_PRICE: u32 = 1;
pub(super) const SAYS_PLACE: u32 = 2;
pub(super) const SAYS_CONDITION: u32 = 4;
pub(super) const SAYS_ATTRIBUTES: u32 = 8;

/// The words of a record, and what comes behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a>(pub(super) &'a [u32]);

/// The lists of a record.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lists<'a> {
    pub(super) categories: &'a [u32],
    pub(super) any: &'a [Symbol],
    pub(super) all: &'a [Symbol],
    pub(super) none: &'a [Symbol],
    pub(super) places: &'a [u32],
    pub(super) needs: &'a [u32],
    pub(super) gtins: &'a [Symbol],
}

/// Two ends and what they are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ends<T> {
    pub(super) of: u32,
    pub(super) least: T,
    pub(super) most: T,
}

impl<'a> Record<'a> {
    fn word(self, at: usize) -> u32 {
        self.0.get(at).copied().unwrap_or_default()
    }

    fn wide(self, at: usize) -> u64 {
        (u64::from(self.word(at)) << 32) | u64::from(self.word(at + 1))
    }

    fn count(self, word: usize, byte: u32) -> usize {
        (self.word(word) >> (8 * byte) & 0xff) as usize
    }

    pub(super) fn id(self) -> RuleId {
        RuleId(self.word(ID))
    }

    pub(super) fn cover(self) -> u8 {
        (self.word(COVER) >> 24) as u8
    }

    /// The word in which this record would hold another cover.
    pub(super) fn with_cover(self, cover: u8) -> u32 {
        (self.word(COVER) & 0x00ff_ffff) | (u32::from(cover) << 24)
    }

    /// All bits where the rule has no such condition.
    pub(super) fn terms(self) -> u32 {
        self.word(FLAGS) & 31
    }

    /// All bits where the rule has no such condition.
    pub(super) fn conditions(self) -> u32 {
        self.word(FLAGS) >> CONDITION_AT & 7
    }

    pub(super) fn standing(self) -> u32 {
        self.word(FLAGS) >> STANDING_AT & 3
    }

    pub(super) fn must_say(self) -> u32 {
        self.word(FLAGS) >> MUST_AT & 15
    }

    pub(super) fn price(self) -> Option<Ends<i64>> {
        let signed = |at| self.wide(at).cast_signed();
        (self.word(FLAGS) & PRICE != 0).then(|| Ends {
            of: self.word(HEAD),
            least: signed(HEAD + 1),
            most: signed(HEAD + 3),
        })
    }

    pub(super) fn quantity(self) -> Option<Ends<u64>> {
        let at = if self.word(FLAGS) & PRICE != 0 { HEAD + 5 } else { HEAD };
        (self.word(FLAGS) & QUANTITY != 0).then(|| Ends {
            of: self.word(at),
            least: self.wide(at + 1),
            most: self.wide(at + 3),
        })
    }

    fn lists_at(self) -> usize {
        let ends = (self.word(FLAGS) & (PRICE | QUANTITY)).count_ones() as usize;
        HEAD + 5 * ends
    }

    pub(super) fn lists(self) -> Lists<'a> {
        let mut rest = self.0.get(self.lists_at()..).unwrap_or_default();
        let mut next = |count| {
            let (list, behind) = rest.split_at_checked(count).unwrap_or_default();
            rest = behind;
            list
        };
        Lists {
            categories: next(self.count(COUNTS, 0)),
            any: next(self.count(COUNTS, 1)),
            all: next(self.count(COUNTS, 2)),
            none: next(self.count(COUNTS, 3)),
            places: next(self.count(COVER, 0)),
            needs: next(self.count(COVER, 1)),
            gtins: next(self.count(COVER, 2)),
        }
    }

    /// How many words are its own.
    pub(super) fn length(self) -> usize {
        let counts = (0..4).map(|byte| self.count(COUNTS, byte)).sum::<usize>();
        self.lists_at() + counts + (0..3).map(|byte| self.count(COVER, byte)).sum::<usize>()
    }
}

/// Writes a rule down, holding every name it uses.
pub(super) fn write(rule: &Rule, id: RuleId, names: &mut Names, out: &mut Vec<u32>) {
    out.clear();
    out.extend([id.0, flags(rule), 0, 0]);
    if let Some(band) = rule.price.filter(|band| band.min.is_some() || band.max.is_some()) {
        let ends = price_ends(band.min.as_ref(), band.max.as_ref());
        let (of, least, most) =
            ends.map_or((NEVER, 0, 0), |(of, least, most)| (currency_word(of), least, most));
        push_ends(out, of, least.cast_unsigned(), most.cast_unsigned());
    }
    if let Some(range) = rule.quantity.filter(|range| range.min.is_some() || range.max.is_some()) {
        let ends = quantity_ends(&range);
        let (of, least, most) = ends.map_or((NEVER, 0, 0), |(of, least, most)| (unit_word(of), least, most));
        push_ends(out, of, least, most);
    }
    out.extend(rule.categories.iter().map(|slug| names.hold_category(slug.as_str())));
    for keywords in [&rule.keywords.any, &rule.keywords.all, &rule.keywords.none] {
        out.extend(keywords.iter().map(|keyword| names.hold_keyword(keyword)));
    }
    out.extend(rule.places.iter().map(|place| names.hold_place(place)));
    out.extend(rule.attributes.iter().map(|condition| {
        names.hold_need(Need { name: condition.name().clone(), wanted: Wanted::of(condition) })
    }));
    out.extend(rule.gtins.iter().map(|gtin| names.hold_gtin(*gtin)));
    let counts =
        [rule.categories.len(), rule.keywords.any.len(), rule.keywords.all.len(), rule.keywords.none.len()];
    set(out, COUNTS, packed(&counts));
    set(out, COVER, packed(&[rule.places.len(), rule.attributes.len(), rule.gtins.len()]));
}

/// Lets go every name that a record uses.
pub(super) fn release(record: Record<'_>, names: &mut Names) {
    let lists = record.lists();
    lists.categories.iter().for_each(|category| names.release_category(*category));
    for symbols in [lists.any, lists.all, lists.none, lists.gtins] {
        symbols.iter().for_each(|symbol| names.release(*symbol));
    }
    lists.places.iter().for_each(|place| names.release_place(*place));
    lists.needs.iter().for_each(|need| drop(names.needs.release(*need)));
}

fn set(out: &mut [u32], at: usize, value: u32) {
    if let Some(word) = out.get_mut(at) {
        *word = value;
    }
}

/// Bytes into one word; each list of a rule is far shorter than 255.
fn packed(counts: &[usize]) -> u32 {
    counts
        .iter()
        .rev()
        .fold(0, |word, count| (word << 8) | u32::from(u8::try_from(*count).unwrap_or(u8::MAX)))
}

fn push_ends(out: &mut Vec<u32>, of: u32, least: u64, most: u64) {
    // Halves of a word each, so nothing is lost.
    #[allow(clippy::cast_possible_truncation)]
    let halves = |wide: u64| [(wide >> 32) as u32, wide as u32];
    out.push(of);
    out.extend(halves(least));
    out.extend(halves(most));
}

fn flags(rule: &Rule) -> u32 {
    let all_or = |bits: u32, all: u32| if bits == 0 { all } else { bits };
    let terms = all_or(terms_bits(&rule.terms), 31);
    let conditions = all_or(rule.condition.iter().fold(0, |bits, state| bits | condition_bit(*state)), 7);
    let must = rule.must_say.iter().fold(0, |bits, aspect| bits | aspect_bit(*aspect));
    let standing = rule.standing.unwrap_or_default() as u32;
    let price = rule.price.is_some_and(|band| band.min.is_some() || band.max.is_some());
    let quantity = rule.quantity.is_some_and(|range| range.min.is_some() || range.max.is_some());
    terms
        | conditions << CONDITION_AT
        | standing << STANDING_AT
        | must << MUST_AT
        | if price { PRICE } else { 0 }
        | if quantity { QUANTITY } else { 0 }
}

pub(super) fn terms_bits(terms: &[TermsId]) -> u32 {
    terms.iter().fold(0, |bits, terms| bits | 1 << (*terms as u32))
}

pub(super) fn condition_bit(state: GoodsCondition) -> u32 {
    match state {
        GoodsCondition::New => 1,
        GoodsCondition::Refurbished => 2,
        GoodsCondition::Used => 4,
    }
}

fn aspect_bit(aspect: Aspect) -> u32 {
    match aspect {
        Aspect::Price => SAYS_PRICE,
        Aspect::Place => SAYS_PLACE,
        Aspect::Condition => SAYS_CONDITION,
        Aspect::Attributes => SAYS_ATTRIBUTES,
    }
}

pub(super) fn currency_word(currency: Currency) -> u32 {
    currency.code().bytes().fold(0, |word, letter| (word << 8) | u32::from(letter))
}

pub(super) fn unit_word(unit: Unit) -> u32 {
    unit.code().bytes().fold(0, |word, letter| (word << 8) | u32::from(letter))
}
