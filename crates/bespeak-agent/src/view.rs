//! How matters are shown to people and programs: plain values that serialise to the documented JSON.

use bespeak_identity::{PublicKey, RecordId};
use bespeak_model::{
    attribute::Condition,
    category::Slug,
    intention::{Budget, GoodsCondition, Intention, Prose, Title},
    money::Money,
    offer::{Offer, Sku},
    order::Order,
    payment::PaymentInstruction,
    place::Place,
    reason::WithdrawalReason,
    receipt::Receipt,
    terms::TermsId,
    time::{Date, Time},
};
use bespeak_protocol::thread::ThreadId;
use serde::{Deserialize, Serialize};

/// An intention, one's own or one that was heard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntentionView {
    /// Its id.
    pub intention: RecordId<Intention>,
    /// The wish in one breath.
    pub title: Title,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Prose>,
    /// Where it stands: cast, answered, negotiating, awarded, partly_awarded, fulfilled, withdrawn, expired, superseded; for a vendor heard, offered, ordered, passed.
    pub state: String,
    /// How many offers there are.
    pub offers: usize,
    /// What kind of thing.
    pub category: Slug,
    /// What is wanted.
    pub lines: Vec<WantedLine>,
    /// What it may cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// In which state goods are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<GoodsCondition>,
    /// Where, blurred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// By when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed_by: Option<Date>,
    /// The agreements offered.
    pub terms: Vec<TermsId>,
    /// When it was cast, to the hour.
    pub cast_at: Time,
    /// When everybody forgets it.
    pub expires_at: Time,
    /// Why it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<WithdrawalReason>,
    /// The intention that stands in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<RecordId<Intention>>,
    /// What its owner can do now.
    pub can: Vec<String>,
}

/// One wanted line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WantedLine {
    /// What it is called.
    pub name: Title,
    /// How many or how much, in words.
    pub quantity: String,
    /// How many steps are still to be ordered (customer only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining: Option<u64>,
    /// What must hold of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

/// A party, as the other one knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartyView {
    /// Its key.
    pub party: PublicKey,
    /// Its name, as it says itself.
    pub name: String,
}

/// An offer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferView {
    /// Its id.
    pub offer: RecordId<Offer>,
    /// What it answers.
    pub intention: RecordId<Intention>,
    /// Where the two talk.
    pub thread: ThreadId,
    /// Who offers.
    pub vendor: PartyView,
    /// What it costs in all.
    pub total: Money,
    /// What is offered.
    pub lines: Vec<OfferLineView>,
    /// Other choices.
    pub alternatives: Vec<OfferLineView>,
    /// What delivery costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Money>,
    /// Until when it stands.
    pub valid_until: Time,
    /// The day by which it would be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_by: Option<Date>,
    /// Whether it can be ordered as it stands.
    pub firm: bool,
    /// The agreement the vendor accepts.
    pub terms: TermsId,
    /// A word from the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Prose>,
    /// Where it stands: submitted, revised, countered, ordered, declined, withdrawn, expired, lost.
    pub state: String,
    /// The customer's last counter-offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub countered: Option<Money>,
    /// Whether she lets the vendor see the address of her node (customer only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revealed: Option<bool>,
    /// The offer it stands in for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<RecordId<Offer>>,
    /// What its reader can do now.
    pub can: Vec<String>,
}

/// One line of an offer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferLineView {
    /// What it is called.
    pub name: Title,
    /// The vendor's own name of it.
    pub sku: Option<Sku>,
    /// How many or how much, in steps of its unit.
    pub quantity: u64,
    /// The same in words.
    pub quantity_text: String,
    /// What the line costs, in minor units of the total's currency.
    pub amount: i64,
    /// Which line of the intention, from 1.
    pub line: u8,
}

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MessageView {
    /// Its id.
    pub id: String,
    /// `me` or `them`.
    pub from: String,
    /// What.
    pub text: String,
    /// When, by the clock of who said it.
    pub at: Time,
    /// How far one's own came: `kept` here, `sent`, `in_drop` (a relay keeps it), `received` or `read`; none of theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<String>,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderView {
    /// Its id.
    pub order: RecordId<Order>,
    /// Where the two talk.
    pub thread: ThreadId,
    /// What it fills.
    pub intention: RecordId<Intention>,
    /// The other party.
    pub with: PartyView,
    /// placed, accepted, completed, rejected, cancelled.
    pub phase: String,
    /// none, requested, sent, received, failed.
    pub payment: String,
    /// What is ordered.
    pub lines: Vec<OrderLineView>,
    /// What it costs in all.
    pub total: Money,
    /// The agreement both entered.
    pub terms: TermsId,
    /// The ways to pay, as the vendor signed them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instructions: Vec<PaymentInstruction>,
    /// What the vendor says it got.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<Money>,
    /// Where it stands, for people.
    pub display: String,
    /// What its reader can do now.
    pub can: Vec<String>,
    /// Its receipt, once both signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<RecordId<Receipt>>,
    /// Whether she lets the vendor see the address of her node (customer only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revealed: Option<bool>,
    /// Everything that happened.
    pub log: Vec<LogEntry>,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderLineView {
    /// Its number, from 1.
    pub line: u8,
    /// What it is called.
    pub name: Title,
    /// The vendor's own name of it.
    pub sku: Option<Sku>,
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When, by the clock of who did it.
    pub at: Time,
    /// `me` or `them`.
    pub from: String,
    /// What, for example `order.confirm`.
    pub what: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Whether it had an effect; one that came too late has none.
    pub effect: bool,
}

/// A receipt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReceiptView {
    /// Its id.
    pub receipt: RecordId<Receipt>,
    /// The order it closes.
    pub order: RecordId<Order>,
    /// Where the two talk.
    pub thread: ThreadId,
    /// The customer's key in this relation.
    pub customer: PublicKey,
    /// The vendor.
    pub vendor: PartyView,
    /// What was handed over.
    pub lines: Vec<OfferLineView>,
    /// What was paid.
    pub total: Money,
    /// When it was written.
    pub issued_at: Time,
    /// Whether both signatures hold over the same bytes.
    pub verified: bool,
}
