//! What is said about an order.

use bespeak_identity::RecordId;
use bespeak_model::{
    bounded::Bounded,
    fulfilment::{FulfilmentKind, LineSteps},
    intention::MAX_LINES,
    money::Money,
    offer::Offer,
    order::Order,
    payment::PaymentInstruction,
    reason::{Reason, RefusalCode},
    receipt::Receipt,
    text::Text,
};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::enclosed::Enclosed;

/// Most ways to pay in one request. Source: wild guess.
pub const MAX_INSTRUCTIONS: usize = 8;
/// A short note: a reference, a parcel number.
pub type Note = Text<500>;

/// About an order. Every message names the order it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DealMessage {
    /// The order itself.
    Order(OrderMessage),
    /// Its payment.
    Payment(PaymentMessage),
    /// Its goods.
    Fulfilment(FulfilmentMessage),
    /// Its receipt.
    Receipt(ReceiptMessage),
}

/// The order itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderMessage {
    /// Customer: places the order; binds the quote by its hash.
    Confirm {
        /// The payload of the agreement.
        order: ByteBuf,
        /// The customer's signature over it.
        signature: ByteBuf,
    },
    /// Vendor: accepts; from here on it binds both.
    Accept {
        /// Which.
        order: RecordId<Order>,
        /// The vendor's signature over the agreement.
        signature: ByteBuf,
    },
    /// Vendor: refuses.
    Reject {
        /// Which.
        order: RecordId<Order>,
        /// Why, for programs.
        code: RefusalCode,
        /// Why, for people and counts.
        reason: Reason,
        /// A fresh quote, when only the old one's time had run out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quote: Option<Enclosed<Offer>>,
    },
    /// Either: cancels before acceptance, asks for it after.
    Cancel {
        /// Which.
        order: RecordId<Order>,
        /// The how-manieth request of this side, from 1; an answer names it.
        attempt: u32,
        /// Why.
        reason: Reason,
    },
    /// Either: answers the other side's request to cancel.
    CancelAnswer {
        /// Which.
        order: RecordId<Order>,
        /// The request it answers.
        attempt: u32,
        /// Whether it is agreed.
        agreed: bool,
    },
    /// Either: it is done.
    Complete {
        /// Which.
        order: RecordId<Order>,
    },
}

/// Its payment. No money passes through here: these are facts about money that moves elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMessage {
    /// Vendor: how to pay. Signed, so that an account cannot be swapped on the way.
    Request {
        /// For which order.
        order: RecordId<Order>,
        /// What is due: exactly the order's total.
        amount: Money,
        /// Ways to pay, best liked first.
        instructions: Bounded<PaymentInstruction, 1, MAX_INSTRUCTIONS>,
    },
    /// Customer: the money is on its way.
    Sent {
        /// For which order.
        order: RecordId<Order>,
        /// How the vendor can tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proof: Option<Note>,
    },
    /// Vendor: the money came.
    Received {
        /// For which order.
        order: RecordId<Order>,
        /// How much came in all; more and less than due are said exactly.
        amount: Money,
    },
    /// Vendor: a payment did not work.
    Failed {
        /// For which order.
        order: RecordId<Order>,
        /// What went wrong.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<Note>,
    },
}

/// Its goods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FulfilmentMessage {
    /// Vendor: something happened to goods.
    Event {
        /// Of which order.
        order: RecordId<Order>,
        /// What happened.
        event: FulfilmentKind,
        /// To what.
        lines: Bounded<LineSteps, 1, MAX_LINES>,
        /// A word: a parcel number, a place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Note>,
    },
    /// Customer: goods are in her hands.
    Received {
        /// Of which order.
        order: RecordId<Order>,
        /// What.
        lines: Bounded<LineSteps, 1, MAX_LINES>,
    },
}

/// Its receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptMessage {
    /// Vendor: writes and signs the receipt.
    Issue {
        /// For which order.
        order: RecordId<Order>,
        /// The payload of the receipt.
        receipt: ByteBuf,
        /// The vendor's signature over it.
        signature: ByteBuf,
    },
    /// Customer: signs it too.
    Countersign {
        /// For which order.
        order: RecordId<Order>,
        /// The receipt.
        receipt: RecordId<Receipt>,
        /// The customer's signature over it.
        signature: ByteBuf,
    },
}

impl DealMessage {
    /// Family and kind.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Order(OrderMessage::Confirm { .. }) => "order.confirm",
            Self::Order(OrderMessage::Accept { .. }) => "order.accept",
            Self::Order(OrderMessage::Reject { .. }) => "order.reject",
            Self::Order(OrderMessage::Cancel { .. }) => "order.cancel",
            Self::Order(OrderMessage::CancelAnswer { .. }) => "order.cancel_answer",
            Self::Order(OrderMessage::Complete { .. }) => "order.complete",
            Self::Payment(PaymentMessage::Request { .. }) => "payment.request",
            Self::Payment(PaymentMessage::Sent { .. }) => "payment.sent",
            Self::Payment(PaymentMessage::Received { .. }) => "payment.received",
            Self::Payment(PaymentMessage::Failed { .. }) => "payment.failed",
            Self::Fulfilment(FulfilmentMessage::Event { .. }) => "fulfilment.event",
            Self::Fulfilment(FulfilmentMessage::Received { .. }) => "fulfilment.received",
            Self::Receipt(ReceiptMessage::Issue { .. }) => "receipt.issue",
            Self::Receipt(ReceiptMessage::Countersign { .. }) => "receipt.countersign",
        }
    }
}
