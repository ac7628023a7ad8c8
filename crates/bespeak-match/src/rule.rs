//! A standing rule: what an intention must be like for somebody to want to hear of it.
//!
//! A rule is conditions alone; what is done about an intention that meets them is said elsewhere. All conditions
//! must hold, and within one list any entry is enough, unless its name says otherwise. **What an intention does not
//! say does not exclude it**: who names no budget may pay any price, who names no place may be anywhere, and who
//! asks nothing of a colour takes any. [`Rule::must_say`] turns that round, one aspect at a time. Two things must
//! always be there: a wanted word, and one of [`Rule::gtins`].

mod accept;
mod check;
mod explain;
mod keyword;
mod text;

use bespeak_model::{
    attribute::Condition, bounded::Bounded, category::Slug, gtin::Gtin, intention::GoodsCondition,
    money::Money, place::Place, quantity::Quantity, terms::TermsId, written,
};
use serde::{Deserialize, Serialize};

pub(crate) use accept::{price_ends, quantity_ends, steps_of};
pub use check::Finding;
pub use explain::{Ground, Part, explain};
pub use keyword::{Keyword, KeywordError};

/// Most categories, places and attributes of one rule. Source: wild guess, more than a person lists; a broker
/// writes several rules.
pub const MAX_FEW: usize = 16;
/// Most keywords of each kind, and most articles, of one rule. Source: wild guess.
pub const MAX_MANY: usize = 32;

/// What an intention must be like; see the [module](self).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// It is under one of these.
    #[serde(with = "text::list", skip_serializing_if = "text::is_empty")]
    pub categories: Bounded<Slug, 0, MAX_FEW>,
    /// Its budget and this band have a price in common.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceBand>,
    /// It may meet one of these ([`Place::may_meet`]).
    #[serde(with = "text::list", skip_serializing_if = "text::is_empty")]
    pub places: Bounded<Place, 0, MAX_FEW>,
    /// Its title, text and lines have these words, and have not those.
    #[serde(skip_serializing_if = "Keywords::is_empty")]
    pub keywords: Keywords,
    /// One of its lines can be filled with goods that are all of this.
    #[serde(with = "text::list", skip_serializing_if = "text::is_empty")]
    pub attributes: Bounded<Condition, 0, MAX_FEW>,
    /// It offers one of these agreements.
    #[serde(with = "text::list", skip_serializing_if = "text::is_empty")]
    pub terms: Bounded<TermsId, 0, { TermsId::ALL.len() }>,
    /// Its customer is known at least so well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// It takes goods in one of these states.
    #[serde(skip_serializing_if = "text::is_empty")]
    pub condition: Bounded<GoodsCondition, 0, 3>,
    /// The same line asks for so much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<QuantityRange>,
    /// The same line names one of these very articles.
    #[serde(with = "text::list", skip_serializing_if = "text::is_empty")]
    pub gtins: Bounded<Gtin, 0, MAX_MANY>,
    /// What it may not leave open.
    #[serde(skip_serializing_if = "text::is_empty")]
    pub must_say: Bounded<Aspect, 0, 4>,
}

/// From the least to the most; either end may be open. Written `{ min = "500 EUR", max = "1500 EUR" }`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PriceBand {
    /// The least.
    #[serde(with = "written::maybe", skip_serializing_if = "Option::is_none")]
    pub min: Option<Money>,
    /// The most.
    #[serde(with = "written::maybe", skip_serializing_if = "Option::is_none")]
    pub max: Option<Money>,
}

/// From the least to the most; either end may be open. Written `{ min = "10", max = "500" }` for pieces,
/// `{ min = "25 kg" }` for other units; a line in another unit is out of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QuantityRange {
    /// The least.
    #[serde(with = "written::maybe", skip_serializing_if = "Option::is_none")]
    pub min: Option<Quantity>,
    /// The most.
    #[serde(with = "written::maybe", skip_serializing_if = "Option::is_none")]
    pub max: Option<Quantity>,
}

/// Words that are looked for, each folded as [`crate::words::terms`] folds texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keywords {
    /// One of these is there.
    #[serde(with = "text::list", skip_serializing_if = "text::is_empty")]
    pub any: Bounded<Keyword, 0, MAX_MANY>,
    /// All of these are there.
    #[serde(with = "text::list", skip_serializing_if = "text::is_empty")]
    pub all: Bounded<Keyword, 0, MAX_MANY>,
    /// None of these is there.
    #[serde(with = "text::list", skip_serializing_if = "text::is_empty")]
    pub none: Bounded<Keyword, 0, MAX_MANY>,
}

impl Keywords {
    fn is_empty(&self) -> bool {
        self.any.is_empty() && self.all.is_empty() && self.none.is_empty()
    }
}

/// How well a customer is known, the least first. An intention is signed with a key made for it alone, so whoever
/// is not told otherwise takes its customer for a stranger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing is known of her.
    #[default]
    Stranger,
    /// There was a conversation.
    Met,
    /// She bought something.
    Buyer,
    /// She buys again and again.
    Regular,
}

impl std::fmt::Display for Standing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Stranger => "stranger",
            Self::Met => "met",
            Self::Buyer => "buyer",
            Self::Regular => "regular",
        })
    }
}

/// What an intention may leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// The budget.
    Price,
    /// The place.
    Place,
    /// The state of the goods.
    Condition,
    /// Each attribute that the rule names.
    Attributes,
}

#[cfg(test)]
mod tests;
