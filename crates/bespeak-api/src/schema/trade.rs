//! Conversations, orders and receipts.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Money, OfferLine, Party};

/// Something that was said.
#[derive(Debug, Serialize, ToSchema)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// `me` or `them`.
    pub from: String,
    /// What.
    pub text: String,
    /// When, by the clock of who said it.
    #[schema(format = DateTime)]
    pub at: String,
    /// How far one's own came: `kept` here, `sent`, `in_drop` (a relay keeps it), `received` or `read`; none of theirs.
    pub delivery: Option<String>,
}

/// An order.
#[derive(Debug, Serialize, ToSchema)]
pub struct Order {
    /// Its id.
    pub order: String,
    /// Where the two talk.
    pub thread: String,
    /// What it fills.
    pub intention: String,
    /// The other party.
    pub with: Party,
    /// placed, accepted, completed, rejected or cancelled.
    pub phase: String,
    /// none, requested, sent, received or failed.
    pub payment: String,
    /// What is ordered.
    pub lines: Vec<OrderLine>,
    /// What it costs in all.
    pub total: Money,
    /// The agreement both entered.
    pub terms: String,
    /// The ways to pay, as the vendor signed them.
    pub instructions: Option<Vec<String>>,
    /// What the vendor says it got.
    pub paid: Option<Money>,
    /// Where it stands, for people.
    pub display: String,
    /// What its reader can do now.
    pub can: Vec<String>,
    /// Its receipt, once both signed.
    pub receipt: Option<String>,
    /// Whether the vendor may see the address of the customer's node (a customer's node only).
    pub revealed: Option<bool>,
    /// Everything that happened.
    pub log: Vec<LogEntry>,
}

/// One line of an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderLine {
    /// Its number, from 1.
    pub line: u8,
    /// What it is called.
    pub name: String,
    /// The vendor's own name of it.
    #[schema(required = true)]
    pub sku: Option<String>,
    /// Steps ordered: pieces, or parts of the unit (`scale`).
    pub ordered: u64,
    /// Steps handed over.
    pub fulfilled: u64,
    /// Decimal places of a step: 15 steps of scale 1 are 1.5 of the unit. Pieces have none.
    pub scale: u8,
    /// The ordered quantity in words.
    pub quantity_text: String,
    /// How much of it was handed over, in words: `1 of 2`, `0.5 of 1.5 kg`.
    pub fulfilled_text: String,
    /// What the line costs, in minor units.
    pub amount: i64,
}

/// One thing that happened to an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogEntry {
    /// When, by the clock of who did it.
    #[schema(format = DateTime)]
    pub at: String,
    /// `me` or `them`.
    pub from: String,
    /// What, for example `order.confirm`.
    pub what: String,
    /// More about it.
    pub detail: Option<String>,
    /// Whether it had an effect; one that came too late has none.
    pub effect: bool,
}

/// A receipt.
#[derive(Debug, Serialize, ToSchema)]
pub struct Receipt {
    /// Its id.
    pub receipt: String,
    /// The order it closes.
    pub order: String,
    /// Where the two talk.
    pub thread: String,
    /// The customer's key in this relation, did:key.
    pub customer: String,
    /// The vendor.
    pub vendor: Party,
    /// What was handed over.
    pub lines: Vec<OfferLine>,
    /// What was paid.
    pub total: Money,
    /// When it was written.
    #[schema(format = DateTime)]
    pub issued_at: String,
    /// Whether both signatures hold over the same bytes.
    pub verified: bool,
}
