//! One rule held against one wish: the plain way, in the words of the model. The index answers the same.

use bespeak_model::{
    attribute::{AttributeName, Condition},
    intention::Budget,
    money::{Currency, Money},
    quantity::{MAX_SCALE, Quantity, Unit},
};

use super::{Aspect, Keyword, PriceBand, QuantityRange, Rule};
use crate::{
    reason::Told,
    wanted::Wanted,
    wish::{Wish, WishLine},
};

/// What a wish says of a thing that it may leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stated {
    /// Nothing, and that is enough.
    Open,
    /// Nothing, though it must.
    Lacking,
    /// Something that was compared.
    Said(bool),
}

impl Stated {
    fn of(said: Option<bool>, must: bool) -> Self {
        match said {
            Some(meets) => Self::Said(meets),
            None if must => Self::Lacking,
            None => Self::Open,
        }
    }

    /// Whether the wish may be for us.
    pub(crate) fn passes(self) -> bool {
        matches!(self, Self::Open | Self::Said(true))
    }

    pub(crate) fn told(self) -> Told {
        match self {
            Self::Open => Told::Unknown,
            Self::Lacking | Self::Said(false) => Told::Misses,
            Self::Said(true) => Told::Meets,
        }
    }
}

impl Rule {
    /// Does the wish meet every condition?
    pub fn accepts(&self, wish: &Wish) -> bool {
        self.in_category(wish)
            && self.by_price(wish).passes()
            && self.has_words(wish)
            && self.by_place(wish).passes()
            && self.by_condition(wish).passes()
            && self.by_terms(wish)
            && self.standing.is_none_or(|least| wish.standing >= least)
            && wish.lines.iter().any(|line| self.fits_line(line))
    }

    pub(super) fn must(&self, aspect: Aspect) -> bool {
        self.must_say.contains(&aspect)
    }

    pub(super) fn in_category(&self, wish: &Wish) -> bool {
        self.categories.is_empty() || self.categories.iter().any(|above| wish.category.is_under(above))
    }

    pub(super) fn by_price(&self, wish: &Wish) -> Stated {
        let band = self.price.unwrap_or_default();
        let said = wish.budget.as_ref().map(|budget| band.overlaps(budget));
        Stated::of(said, self.must(Aspect::Price))
    }

    pub(super) fn by_place(&self, wish: &Wish) -> Stated {
        let near = |place| self.places.is_empty() || self.places.iter().any(|ours| ours.may_meet(&place));
        Stated::of(wish.place.map(near), self.must(Aspect::Place))
    }

    pub(super) fn by_condition(&self, wish: &Wish) -> Stated {
        let said = wish.condition.map(|state| self.condition.is_empty() || self.condition.contains(&state));
        Stated::of(said, self.must(Aspect::Condition))
    }

    pub(super) fn by_terms(&self, wish: &Wish) -> bool {
        self.terms.is_empty() || self.terms.iter().any(|ours| wish.terms.contains(ours))
    }

    fn has_words(&self, wish: &Wish) -> bool {
        let has = |keyword: &Keyword| keyword.stands_in(wish);
        (self.keywords.any.is_empty() || self.keywords.any.iter().any(has))
            && self.keywords.all.iter().all(has)
            && !self.keywords.none.iter().any(has)
    }

    /// Quantity, article and attributes are of one line.
    fn fits_line(&self, line: &WishLine) -> bool {
        self.has_quantity(line)
            && self.has_gtin(line)
            && self.attributes.iter().all(|ours| self.by_attribute(ours, line).passes())
    }

    pub(super) fn has_quantity(&self, line: &WishLine) -> bool {
        self.quantity.is_none_or(|range| range.holds(line.quantity))
    }

    pub(super) fn has_gtin(&self, line: &WishLine) -> bool {
        self.gtins.is_empty() || line.gtin.is_some_and(|gtin| self.gtins.contains(&gtin))
    }

    pub(super) fn by_attribute(&self, ours: &Condition, line: &WishLine) -> Stated {
        Stated::of(line.meets(ours.name(), &Wanted::of(ours)), self.must(Aspect::Attributes))
    }

    /// How many of the conditions on lines this one meets; for naming the line that comes nearest.
    pub(super) fn nearness(&self, line: &WishLine) -> usize {
        let met = self.attributes.iter().filter(|ours| self.by_attribute(ours, line).passes());
        usize::from(self.has_quantity(line)) + usize::from(self.has_gtin(line)) + met.count()
    }
}

impl WishLine {
    /// Can what the line asks of this attribute be met by what we want of it? Everything that it asks of it must;
    /// `None` where it asks nothing that can be compared.
    pub(crate) fn meets(&self, name: &AttributeName, wanted: &Wanted) -> Option<bool> {
        let mut told = None;
        for (_, asked) in self.asked.iter().filter(|(asked, _)| asked == name) {
            match wanted.may_meet(asked) {
                Some(false) => return Some(false),
                Some(true) => told = Some(true),
                None => {}
            }
        }
        told
    }
}

impl Keyword {
    pub(super) fn stands_in(&self, wish: &Wish) -> bool {
        wish.texts.iter().any(|text| text.contains(self.spaced()))
    }
}

impl PriceBand {
    /// Is there a price in both? None where one currency stands against another: nothing here knows a rate.
    pub(super) fn overlaps(&self, budget: &Budget) -> bool {
        let Some((currency, least, most)) = price_ends(budget.min(), budget.max()) else { return false };
        let same = |money: Option<Money>| money.is_none_or(|money| money.currency() == currency);
        same(self.min)
            && same(self.max)
            && self.min.is_none_or(|min| min.amount() <= most)
            && self.max.is_none_or(|max| least <= max.amount())
    }
}

impl QuantityRange {
    pub(super) fn holds(&self, quantity: Quantity) -> bool {
        let same = |end: Option<Quantity>| end.is_none_or(|end| end.unit() == quantity.unit());
        same(self.min)
            && same(self.max)
            && self.min.is_none_or(|min| steps_of(min) <= steps_of(quantity))
            && self.max.is_none_or(|max| steps_of(quantity) <= steps_of(max))
    }
}

/// The currency and both ends of a band; an open end is the farthest number. `None` without ends, or with two
/// currencies.
pub(crate) fn price_ends(min: Option<&Money>, max: Option<&Money>) -> Option<(Currency, i64, i64)> {
    let currency = min.or(max)?.currency();
    if min.iter().chain(&max).any(|money| money.currency() != currency) {
        return None;
    }
    Some((currency, min.map_or(i64::MIN, Money::amount), max.map_or(i64::MAX, Money::amount)))
}

/// The unit and both ends of a range, as [`price_ends`].
pub(crate) fn quantity_ends(range: &QuantityRange) -> Option<(Unit, u64, u64)> {
    let unit = range.min.or(range.max)?.unit();
    if range.min.iter().chain(&range.max).any(|end| end.unit() != unit) {
        return None;
    }
    Some((unit, range.min.map_or(0, steps_of), range.max.map_or(u64::MAX, steps_of)))
}

/// A quantity in steps of the finest scale, at most 10^15.
pub(crate) fn steps_of(quantity: Quantity) -> u64 {
    quantity.steps() * 10_u64.pow(u32::from(MAX_SCALE.saturating_sub(quantity.scale())))
}
