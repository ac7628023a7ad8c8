//! What happened.

use std::{fmt, str::FromStr};

use bespeak_model::{
    category::Slug,
    intention::{Budget, Prose, Title},
    money::Money,
    offer::Sku,
    place::Place,
    quantity::Quantity,
    reason::{Reason, WithdrawalReason},
    text::Private,
    time::{Date, Time},
};
use serde::{Deserialize, Serialize};

use super::Field;

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// Of which kind a fact is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Kind { $($(#[$doc])* #[serde(rename = $word)] $variant),+ }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As it is written.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The type of the event that tells it, with the version of its form.
            pub const fn event_type(self) -> &'static str {
                match self { $(Self::$variant => concat!("bespeak.lead.", $word, ".v1")),+ }
            }
        }

        /// A text that is no kind of fact.
        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        #[error("{0:?} is no kind of lead; the kinds are {list}", list = [$($word),+].join(", "))]
        pub struct UnknownKind(String);
    };
}

kinds! {
    /// A wish was heard that the vendor can fill.
    IntentionMatched = "intention-matched",
    /// A wish that was matched is over.
    IntentionEnded = "intention-ended",
    /// The vendor made an offer, or another in its place.
    OfferSent = "offer-sent",
    /// The customer made a counter-offer.
    OfferCountered = "offer-countered",
    /// The customer chose the offer.
    OfferSelected = "offer-selected",
    /// The customer declined it.
    OfferDeclined = "offer-declined",
    /// The customer ordered.
    OrderPlaced = "order-placed",
    /// The vendor accepted the order: it binds both.
    OrderAccepted = "order-accepted",
    /// The vendor refused the order.
    OrderRejected = "order-rejected",
    /// The order is done.
    OrderCompleted = "order-completed",
    /// The order was called off.
    OrderCancelled = "order-cancelled",
    /// The customer said something.
    MessageReceived = "message-received",
    /// The customer corrected what is known of her.
    CustomerCorrected = "customer-corrected",
    /// The customer asked that what is known of her be deleted.
    CustomerDeleted = "customer-deleted",
    /// Nothing: the vendor tries whether leads arrive.
    Test = "test",
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let found = Self::ALL.iter().copied().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| UnknownKind(text.chars().take(40).collect()))
    }
}

/// One article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What it is called.
    pub name: Title,
    /// The vendor's own name of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Sku>,
    /// How many or how much.
    pub quantity: Quantity,
    /// What the whole line costs; nothing where it is only wished for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
}

/// What was wished for, as it was said on the market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// The wish in one breath.
    pub title: Title,
    /// What kind of thing.
    pub category: Slug,
    /// What is wanted.
    pub lines: Vec<Item>,
    /// What it may cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// Where, blurred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The last day on which it is of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed_by: Option<Date>,
}

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The customer.
    Customer,
    /// The vendor.
    Vendor,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Fact {
    /// A wish was heard that the vendor can fill.
    IntentionMatched(Wish),
    /// A wish that was matched is over.
    IntentionEnded {
        /// Why.
        reason: WithdrawalReason,
    },
    /// The vendor made an offer, or another in its place.
    OfferSent {
        /// What it costs in all.
        total: Money,
        /// What is offered.
        lines: Vec<Item>,
        /// Whether it can be ordered as it stands.
        firm: bool,
        /// Until when it stands.
        valid_until: Time,
    },
    /// The customer made a counter-offer.
    OfferCountered {
        /// What she would pay.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asks: Option<Money>,
    },
    /// The customer chose the offer.
    OfferSelected {
        /// What it costs in all.
        total: Money,
    },
    /// The customer declined it.
    OfferDeclined {
        /// Why, where she said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// The customer ordered.
    OrderPlaced {
        /// What it costs in all.
        total: Money,
        /// What is ordered.
        lines: Vec<Item>,
    },
    /// The vendor accepted the order: it binds both.
    OrderAccepted {
        /// What it costs in all.
        total: Money,
    },
    /// The vendor refused the order.
    OrderRejected {
        /// Why, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// The order is done.
    OrderCompleted {
        /// What it cost in all.
        total: Money,
    },
    /// The order was called off.
    OrderCancelled {
        /// By whom.
        by: Side,
        /// Why, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// The customer said something.
    MessageReceived {
        /// What, where the terms and the target allow it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Private<Prose>>,
    },
    /// The customer corrected what is known of her: it is in the lead, and these she took back.
    CustomerCorrected {
        /// What she took back.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        cleared: Vec<Field>,
    },
    /// The customer asked that what is known of her be deleted.
    CustomerDeleted {},
    /// Nothing: the vendor tries whether leads arrive.
    Test {},
}

impl Fact {
    /// Of which kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::IntentionMatched(_) => Kind::IntentionMatched,
            Self::IntentionEnded { .. } => Kind::IntentionEnded,
            Self::OfferSent { .. } => Kind::OfferSent,
            Self::OfferCountered { .. } => Kind::OfferCountered,
            Self::OfferSelected { .. } => Kind::OfferSelected,
            Self::OfferDeclined { .. } => Kind::OfferDeclined,
            Self::OrderPlaced { .. } => Kind::OrderPlaced,
            Self::OrderAccepted { .. } => Kind::OrderAccepted,
            Self::OrderRejected { .. } => Kind::OrderRejected,
            Self::OrderCompleted { .. } => Kind::OrderCompleted,
            Self::OrderCancelled { .. } => Kind::OrderCancelled,
            Self::MessageReceived { .. } => Kind::MessageReceived,
            Self::CustomerCorrected { .. } => Kind::CustomerCorrected,
            Self::CustomerDeleted {} => Kind::CustomerDeleted,
            Self::Test {} => Kind::Test,
        }
    }

    /// What is at stake, where money is named.
    pub fn money(&self) -> Option<Money> {
        match self {
            Self::OfferSent { total, .. }
            | Self::OfferSelected { total }
            | Self::OrderPlaced { total, .. }
            | Self::OrderAccepted { total }
            | Self::OrderCompleted { total } => Some(*total),
            Self::OfferCountered { asks } => *asks,
            Self::IntentionMatched(wish) => wish.budget.as_ref().and_then(|budget| budget.max().copied()),
            _ => None,
        }
    }

    /// Why, where a reason is named.
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::IntentionEnded { reason } => Some(reason.as_str()),
            Self::OfferDeclined { reason }
            | Self::OrderRejected { reason }
            | Self::OrderCancelled { reason, .. } => reason.map(Reason::as_str),
            _ => None,
        }
    }

    /// What is wished for, offered or ordered.
    pub fn lines(&self) -> &[Item] {
        match self {
            Self::IntentionMatched(Wish { lines, .. })
            | Self::OfferSent { lines, .. }
            | Self::OrderPlaced { lines, .. } => lines,
            _ => &[],
        }
    }

    /// The same without what somebody said in a conversation.
    pub(super) fn without_words(self) -> Self {
        match self {
            Self::MessageReceived { .. } => Self::MessageReceived { text: None },
            other => other,
        }
    }
}
