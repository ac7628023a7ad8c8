//! What can be said of a rule before it meets any wish.

use std::fmt;

use bespeak_model::{attribute::Condition, category};

use super::{Aspect, Keyword, Rule, price_ends, quantity_ends};
use crate::wanted::Wanted;

/// Something that its owner should know of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A price band with neither end.
    PriceWithoutEnds,
    /// A price below nothing.
    PriceNegative,
    /// Two currencies in one band.
    PriceCurrencies,
    /// The least price lies above the most.
    PriceCrossed,
    /// A quantity range with neither end.
    QuantityWithoutEnds,
    /// Two units in one range.
    QuantityUnits,
    /// The least quantity lies above the most.
    QuantityCrossed,
    /// A word that is wanted holds one that is refused.
    WantedAndRefused {
        /// What is wanted.
        wanted: Keyword,
        /// What is refused, and stands in it.
        refused: Keyword,
    },
    /// No goods are both.
    AttributesApart(Condition, Condition),
    /// A category that is not in the tree; with its nearest.
    Category(category::UnknownCategory),
    /// Every intention meets it.
    MatchesEverything,
}

impl Finding {
    /// Whether the rule cannot be meant so. A rule that everything meets may be.
    pub fn is_fault(&self) -> bool {
        !matches!(self, Self::MatchesEverything)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PriceWithoutEnds => f.write_str("the price has neither a min nor a max"),
            Self::PriceNegative => f.write_str("a price cannot be negative"),
            Self::PriceCurrencies => f.write_str("both ends of the price are to be in one currency"),
            Self::PriceCrossed => f.write_str("the min of the price is above its max, so nothing meets it"),
            Self::QuantityWithoutEnds => f.write_str("the quantity has neither a min nor a max"),
            Self::QuantityUnits => f.write_str("both ends of the quantity are to be in one unit"),
            Self::QuantityCrossed => {
                f.write_str("the min of the quantity is above its max, so nothing meets it")
            }
            Self::WantedAndRefused { wanted, refused } => {
                write!(f, "“{wanted}” is wanted, and “{refused}” in it is refused")
            }
            Self::AttributesApart(one, other) => write!(f, "no goods are both {one} and {other}"),
            Self::Category(unknown) => unknown.fmt(f),
            Self::MatchesEverything => f.write_str("it has no condition, so every intention meets it"),
        }
    }
}

impl Rule {
    /// What its owner should know: what contradicts itself, and whether everything meets it.
    pub fn check(&self) -> Vec<Finding> {
        let mut found: Vec<Finding> = self.categories.iter().filter_map(unknown).collect();
        found.extend(self.price_findings());
        found.extend(self.quantity_findings());
        found.extend(self.keyword_findings());
        found.extend(self.attribute_findings());
        if self.matches_everything() {
            found.push(Finding::MatchesEverything);
        }
        found
    }

    /// Whether it has no condition at all.
    pub fn matches_everything(&self) -> bool {
        // To be known at least as a stranger is no condition, nor is that attributes are said where none is named.
        let as_nothing = |aspect: &Aspect| *aspect == Aspect::Attributes && self.attributes.is_empty();
        let nothing = Self {
            price: self.price.filter(|band| band.min.is_none() && band.max.is_none()),
            quantity: self.quantity.filter(|range| range.min.is_none() && range.max.is_none()),
            standing: self.standing.filter(|least| *least == super::Standing::Stranger),
            must_say: if self.must_say.iter().all(as_nothing) {
                self.must_say.clone()
            } else {
                <_>::default()
            },
            ..Self::default()
        };
        *self == nothing
    }

    fn price_findings(&self) -> Option<Finding> {
        let band = self.price?;
        if band.min.iter().chain(&band.max).any(|money| money.is_negative()) {
            return Some(Finding::PriceNegative);
        }
        match (band.min, band.max, price_ends(band.min.as_ref(), band.max.as_ref())) {
            (None, None, _) => Some(Finding::PriceWithoutEnds),
            (_, _, None) => Some(Finding::PriceCurrencies),
            (_, _, Some((_, least, most))) => (least > most).then_some(Finding::PriceCrossed),
        }
    }

    fn quantity_findings(&self) -> Option<Finding> {
        let range = self.quantity?;
        match (range.min, range.max, quantity_ends(&range)) {
            (None, None, _) => Some(Finding::QuantityWithoutEnds),
            (_, _, None) => Some(Finding::QuantityUnits),
            (_, _, Some((_, least, most))) => (least > most).then_some(Finding::QuantityCrossed),
        }
    }

    fn keyword_findings(&self) -> impl Iterator<Item = Finding> {
        let wanted = self.keywords.any.iter().chain(self.keywords.all.iter());
        wanted.filter_map(|wanted| {
            let within = |refused: &&Keyword| wanted.spaced().contains(refused.spaced());
            let refused = self.keywords.none.iter().find(within)?.clone();
            Some(Finding::WantedAndRefused { wanted: wanted.clone(), refused })
        })
    }

    fn attribute_findings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        for (at, one) in self.attributes.iter().enumerate() {
            let others = self.attributes.iter().skip(at + 1).filter(|other| other.name() == one.name());
            for other in others {
                if Wanted::of(one).may_meet(&Wanted::of(other)) == Some(false) {
                    found.push(Finding::AttributesApart(one.clone(), other.clone()));
                }
            }
        }
        found
    }
}

/// A slug may be of a later tree; what a person writes is more likely a slip.
fn unknown(slug: &category::Slug) -> Option<Finding> {
    category::parse(slug.as_str()).err().map(Finding::Category)
}
