//! What a customer wants, said aloud.

use bespeak_identity::{Document, Nonce, PublicKey, RecordId, SealPublic};
use serde::{Deserialize, Serialize};

use crate::{
    attribute::Condition,
    bounded::Bounded,
    category::Slug,
    gtin::Gtin,
    money::Money,
    network::Network,
    place::Place,
    quantity::Quantity,
    queue::Drop,
    reason::WithdrawalReason,
    terms::TermsId,
    text::Text,
    time::{Date, Time},
};

/// Most lines of one intention. Source: wild guess, bounded by the 16 KiB of a market message.
pub const MAX_LINES: usize = 20;
/// Most conditions of one line. Source: wild guess.
pub const MAX_CONDITIONS: usize = 16;
/// Most agreements one intention offers. Source: the roster is shorter.
pub const MAX_TERMS: usize = 8;
/// Most drops of one intention. Source: wild guess; two hosts are enough to survive one.
pub const MAX_DROPS: usize = 4;

/// A title: what a person would say in one breath.
pub type Title = Text<200>;
/// Free text beside a title.
pub type Prose = Text<2000, true>;

/// A signed wish to buy. Its key, seal key and queue are made for it alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intention {
    /// The one-off key of this intention.
    pub iss: PublicKey,
    /// Random; the customer's seed and this nonce yield every key of the intention.
    pub nonce: Nonce,
    /// The network it is meant for.
    pub net: Network,
    /// What kind of thing is wanted; its root is the topic.
    pub category: Slug,
    /// The wish in one breath.
    pub title: Title,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Prose>,
    /// What is wanted, one or many (a personal request for proposals).
    pub lines: Bounded<Line, 1, MAX_LINES>,
    /// What the customer would pay in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// New, used, or either when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<GoodsCondition>,
    /// Where, blurred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The last day on which it is of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed_by: Option<Date>,
    /// When it was cast, rounded down to the hour.
    pub cast_at: Time,
    /// When every node forgets it.
    pub expires_at: Time,
    /// The agreements the customer offers, best liked first.
    pub terms: Bounded<TermsId, 1, MAX_TERMS>,
    /// First messages are sealed to this key.
    pub seal: SealPublic,
    /// Where offers are left.
    pub drops: Bounded<Drop, 1, MAX_DROPS>,
}

impl Document for Intention {
    const TYPE: &'static str = "intention";

    fn issuer(&self) -> &PublicKey {
        &self.iss
    }
}

/// One thing that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is called.
    pub name: Title,
    /// How many or how much.
    pub quantity: Quantity,
    /// What must hold of it.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub conditions: Bounded<Condition, 0, MAX_CONDITIONS>,
    /// The very article, where the customer knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtin: Option<Gtin>,
}

/// Whether a bounded list is empty; for serde.
pub(crate) fn is_empty<T, const MAX: usize>(items: &Bounded<T, 0, MAX>) -> bool {
    items.as_slice().is_empty()
}

/// The band within which the whole may cost; both ends share one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawBudget")]
pub struct Budget {
    /// At least this much.
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<Money>,
    /// At most this much.
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<Money>,
}

#[derive(Deserialize)]
struct RawBudget {
    #[serde(default)]
    min: Option<Money>,
    #[serde(default)]
    max: Option<Money>,
}

/// A band that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BudgetError {
    /// Neither end was given.
    #[error("a budget names at least one of its ends")]
    Empty,
    /// An end below zero.
    #[error("a budget cannot be negative")]
    Negative,
    /// Two currencies.
    #[error("both ends of a budget are in one currency")]
    Currencies,
    /// The lower end is above the upper.
    #[error("the least of a budget is above its most")]
    Crossed,
}

impl Budget {
    /// A band from `min` to `max`.
    ///
    /// # Errors
    /// When both are absent, one is negative, the currencies differ, or `min` is above `max`.
    pub fn new(min: Option<Money>, max: Option<Money>) -> Result<Self, BudgetError> {
        if min.iter().chain(&max).any(|money| money.amount() < 0) {
            return Err(BudgetError::Negative);
        }
        match (&min, &max) {
            (None, None) => Err(BudgetError::Empty),
            (Some(low), Some(high)) if low.currency() != high.currency() => Err(BudgetError::Currencies),
            (Some(low), Some(high)) if low.amount() > high.amount() => Err(BudgetError::Crossed),
            _ => Ok(Self { min, max }),
        }
    }

    /// The lower end.
    pub fn min(&self) -> Option<&Money> {
        self.min.as_ref()
    }

    /// The upper end.
    pub fn max(&self) -> Option<&Money> {
        self.max.as_ref()
    }
}

impl TryFrom<RawBudget> for Budget {
    type Error = BudgetError;

    fn try_from(raw: RawBudget) -> Result<Self, BudgetError> {
        Self::new(raw.min, raw.max)
    }
}

/// The state in which goods are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodsCondition {
    /// Never used.
    New,
    /// Used and restored.
    Refurbished,
    /// Used.
    Used,
}

impl std::str::FromStr for GoodsCondition {
    type Err = UnknownCondition;

    fn from_str(text: &str) -> Result<Self, UnknownCondition> {
        match text.to_ascii_lowercase().as_str() {
            "new" => Ok(Self::New),
            "refurbished" => Ok(Self::Refurbished),
            "used" => Ok(Self::Used),
            _ => Err(UnknownCondition(text.chars().take(40).collect())),
        }
    }
}

/// A condition of goods that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("goods are new, refurbished or used, not {0:?}")]
pub struct UnknownCondition(String);

/// A tombstone: the intention it names is over, and stays so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// The key of the intention.
    pub iss: PublicKey,
    /// Random.
    pub nonce: Nonce,
    /// The network it is meant for.
    pub net: Network,
    /// What is withdrawn.
    pub intention: RecordId<Intention>,
    /// The topic it was cast on, so that the tombstone finds the same nodes.
    pub category: Slug,
    /// Why.
    pub reason: WithdrawalReason,
    /// When, rounded down to the hour.
    pub at: Time,
    /// The intention's own expiry: the tombstone is kept until then.
    pub expires_at: Time,
}

impl Document for Withdrawal {
    const TYPE: &'static str = "withdrawal";

    fn issuer(&self) -> &PublicKey {
        &self.iss
    }
}
