//! The name of a conversation.

use bespeak_identity::RecordId;
use bespeak_model::offer::Offer;
use serde::{Deserialize, Serialize};

/// One customer and one vendor talking about one intention: named by the first offer, so that both sides derive it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ThreadId(RecordId<Offer>);

impl ThreadId {
    /// The conversation that this offer opened.
    pub const fn opened_by(first: RecordId<Offer>) -> Self {
        Self(first)
    }

    /// The offer that opened it.
    pub const fn first_offer(self) -> RecordId<Offer> {
        self.0
    }

    /// A short form for logs.
    pub fn short(&self) -> String {
        self.0.short()
    }
}

impl std::fmt::Display for ThreadId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for ThreadId {
    type Err = <RecordId<Offer> as std::str::FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
