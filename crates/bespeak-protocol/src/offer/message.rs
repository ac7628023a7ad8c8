//! What is said about offers.

use bespeak_identity::RecordId;
use bespeak_model::{intention::Prose, money::Money, offer::Offer, reason::Reason};
use serde::{Deserialize, Serialize};

use crate::enclosed::Enclosed;

/// About offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferMessage {
    /// Vendor: the first offer of a conversation.
    Submit {
        /// The offer.
        offer: Enclosed<Offer>,
    },
    /// Vendor: an offer that stands in for the one before.
    Revise {
        /// The offer; its `replaces` names the one before.
        offer: Enclosed<Offer>,
    },
    /// Vendor: the offer is taken back.
    Withdraw {
        /// Which.
        offer: RecordId<Offer>,
    },
    /// Vendor: no more will follow.
    Pass {},
    /// Customer: another price.
    Counter {
        /// To which offer.
        offer: RecordId<Offer>,
        /// What she would pay in all.
        total: Money,
        /// A word.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Prose>,
    },
    /// Customer: no.
    Decline {
        /// To which offer.
        offer: RecordId<Offer>,
        /// Why.
        reason: Reason,
    },
}

impl OfferMessage {
    /// Family and kind.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Submit { .. } => "offer.submit",
            Self::Revise { .. } => "offer.revise",
            Self::Withdraw { .. } => "offer.withdraw",
            Self::Pass {} => "offer.pass",
            Self::Counter { .. } => "offer.counter",
            Self::Decline { .. } => "offer.decline",
        }
    }
}
