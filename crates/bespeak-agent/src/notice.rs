//! What the owner is told, as it happens.

use bespeak_identity::RecordId;
use bespeak_model::{intention::Intention, offer::Offer, order::Order, receipt::Receipt};
use bespeak_protocol::thread::ThreadId;
use serde::{Deserialize, Serialize};

/// Something happened that the owner may want to know. Carries ids, never content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice {
    /// An intention of one's own went out.
    IntentionCast {
        /// Which.
        intention: RecordId<Intention>,
    },
    /// A vendor heard an intention.
    IntentionHeard {
        /// Which.
        intention: RecordId<Intention>,
    },
    /// An intention was taken back by its owner.
    IntentionWithdrawn {
        /// Which.
        intention: RecordId<Intention>,
    },
    /// An intention of one's own expires within the hour; it can be renewed.
    IntentionExpiresSoon {
        /// Which.
        intention: RecordId<Intention>,
    },
    /// An intention of one's own expired; it can be renewed.
    IntentionExpired {
        /// Which.
        intention: RecordId<Intention>,
    },
    /// What was said in a conversation and lost here is known again.
    Resumed {
        /// In which conversation.
        thread: ThreadId,
    },
    /// An offer came, was revised, withdrawn, countered or declined.
    OfferChanged {
        /// Which.
        offer: RecordId<Offer>,
        /// What it answers.
        intention: RecordId<Intention>,
        /// What happened to it.
        what: String,
    },
    /// Something happened to an order.
    OrderChanged {
        /// Which.
        order: RecordId<Order>,
        /// What happened, for example `order.accept`.
        what: String,
    },
    /// The other party said something.
    MessageReceived {
        /// Where.
        thread: ThreadId,
    },
    /// A receipt bears both signatures.
    ReceiptReady {
        /// Which.
        receipt: RecordId<Receipt>,
        /// For which order.
        order: RecordId<Order>,
    },
    /// The two parties signed different things for the same place; the first one counts, the other is kept as evidence.
    ConflictSeen {
        /// Where.
        thread: ThreadId,
    },
}
