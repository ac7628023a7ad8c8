//! The shapes of answers, for the API's description only: what is answered are the agent's views and the
//! catalogue's goods. A test compares the two, field by field.

mod doctor;
mod home;
mod market;
mod rules;
mod trade;

pub use doctor::{Examination, Line};
pub use home::{DataItem, KeptData, TakenIn};
pub use market::{Budget, Intention, Offer, OfferLine, Party, WantedLine};
pub use rules::{Article, Decision, Offered, RuleTold, Rules};
pub use trade::{LogEntry, Message, Order, OrderLine, Receipt};

use serde::Serialize;
use utoipa::ToSchema;

/// An amount in minor units (cents) of a currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct Money {
    /// Minor units.
    #[schema(example = 1999)]
    pub amount: i64,
    /// ISO 4217.
    #[schema(example = "EUR")]
    pub currency: String,
}

/// A whole number, or a decimal number as text: `2`, `"0.5"`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Number {
    /// Whole.
    Whole(u64),
    /// With decimal places.
    Decimal(String),
}

/// How a node is.
#[derive(Debug, Serialize, ToSchema)]
pub struct NodeStatus {
    /// `customer` or `vendor`.
    pub role: String,
    /// The party's public key, did:key.
    pub party: String,
    /// The name of the network.
    pub network: String,
    /// The PeerId in the market.
    pub peer: String,
    /// How many peers are connected.
    pub peers: u64,
    /// The market topics this node listens to.
    pub topics: Vec<String>,
    /// Live intentions: one's own (customer), heard (vendor).
    pub intentions_live: u64,
    /// Intentions looked up for an answer by rule since the start, answered or not.
    pub considered: u64,
    /// Offers that are open.
    pub offers_open: u64,
    /// Orders that are not done.
    pub orders_open: u64,
    /// The addresses at which this node can be reached.
    pub listen: Vec<String>,
    /// Hosts known to hold mail for others.
    pub relays: Vec<String>,
    /// The memory.
    pub store: Store,
    /// When the last backup was made, if one was.
    #[schema(format = DateTime)]
    pub last_backup: Option<String>,
    /// One sentence about whether anybody is there to hear.
    pub heard: String,
}

/// One connected peer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Peer {
    /// Its PeerId.
    pub peer: String,
    /// The address it was dialled at, or from which it came.
    pub address: String,
    /// `out` when this node dialled it, `in` when it came by itself.
    pub direction: String,
    /// `direct`, or `relayed` when all connections with it go through a relay.
    pub path: String,
    /// Whether it holds mail and carries circuits for others.
    pub relay: bool,
    /// Whether others reach this node through it.
    pub reachable_through: bool,
    /// When it connected.
    #[schema(format = DateTime)]
    pub since: Option<String>,
    /// The last round trip of a ping, in milliseconds; absent before the first.
    pub round_trip_ms: Option<u64>,
    /// How many of this node's topics it follows.
    pub topics: u64,
}

/// A node's memory.
#[derive(Debug, Serialize, ToSchema)]
pub struct Store {
    /// Records kept.
    pub records: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Damaged places and documents that cannot be understood; `/v1/doctor` names them.
    pub damaged: u64,
    /// Commits that are nowhere in the journal.
    pub missing: u64,
}

/// How intentions are answered without a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct Auto {
    /// Whether they are.
    pub on: bool,
    /// What is added to list prices, in percent.
    pub margin_percent: i16,
    /// The highest price at which to offer by rule.
    pub limit: Option<Money>,
    /// How long such offers stand, in seconds.
    pub valid: u64,
    /// Where goods are sold by rule; absent means everywhere.
    #[schema(value_type = Option<Object>)]
    pub near: Option<serde_json::Value>,
}

/// What came of an import.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportReport {
    /// New goods.
    pub imported: u64,
    /// Goods that changed.
    pub updated: u64,
    /// Goods that were there and say the same.
    pub unchanged: u64,
    /// Goods that a feed that is the whole stock no longer has.
    pub removed: u64,
    /// Why nothing was removed, where that needs to be confirmed.
    pub not_removed: Option<String>,
    /// The first lines that could not be read, with the reason.
    pub skipped: Vec<SkippedLine>,
    /// How many lines could not be read in all.
    pub skipped_count: u64,
}

/// How far an import is; all zero where none is going on.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportProgress {
    /// Bytes read of the file.
    pub bytes: u64,
    /// Bytes it has.
    pub total: u64,
    /// Goods read.
    pub read: u64,
    /// Records passed over.
    pub skipped: u64,
}

/// A line that could not be read.
#[derive(Debug, Serialize, ToSchema)]
pub struct SkippedLine {
    /// Its number, from 1.
    pub line: u64,
    /// The goods' number, where it could be read.
    pub sku: Option<String>,
    /// What is wrong.
    pub why: String,
}

/// Goods that fit the words of a search.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hit {
    /// The vendor's own number.
    pub sku: String,
    /// What it is called.
    pub title: String,
    /// How well it fits: the higher the better.
    pub score: f32,
    /// Why it was found.
    pub why: Vec<String>,
}

/// Goods that may fill a line of an intention.
#[derive(Debug, Serialize, ToSchema)]
pub struct Match {
    /// Which line, from 1.
    pub line: u16,
    /// The vendor's own number.
    pub sku: String,
    /// What it is called.
    pub title: String,
    /// How well it fits: the higher the better, within one line.
    pub score: f32,
    /// Whether everything asked is known to be met; otherwise something cannot be told.
    pub fits: bool,
    /// What was found where, and what came of each condition.
    pub why: Vec<String>,
}

/// One article of the catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub struct Goods {
    /// The vendor's own number.
    pub sku: String,
    /// What it is called.
    pub title: String,
    /// What there is to say of it.
    pub description: Option<String>,
    /// Whose make it is.
    pub brand: Option<String>,
    /// The numbers under its bar codes.
    pub gtins: Option<Vec<String>>,
    /// The price of one.
    pub price: Option<Money>,
    /// Where it stands in the tree of categories.
    pub category: Option<String>,
    /// What else is said of it.
    #[schema(value_type = Option<Vec<Object>>)]
    pub attributes: Option<Vec<serde_json::Value>>,
    /// How many there are; absent where they are not counted.
    pub available: Option<u64>,
    /// Where to read more.
    pub link: Option<String>,
    /// The feed it came from last.
    pub feed: Option<String>,
    /// When this was last heard from the vendor's own books.
    #[schema(format = DateTime)]
    pub updated: String,
}

/// Something happened. Besides its kind a notice names ids: `intention`, `offer`, `order`, `thread`,
/// `receipt`, and in `what` the thing that happened to them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notice {
    /// `intention_cast`, `intention_heard`, `intention_withdrawn`, `intention_expires_soon`,
    /// `intention_expired`, `offer_changed`, `order_changed`, `message_received`, `receipt_ready` or
    /// `conflict_seen`.
    pub kind: String,
    /// Which intention.
    pub intention: Option<String>,
    /// Which offer.
    pub offer: Option<String>,
    /// Which order.
    pub order: Option<String>,
    /// Which conversation.
    pub thread: Option<String>,
    /// Which receipt.
    pub receipt: Option<String>,
    /// What happened, for example `order.accept`.
    pub what: Option<String>,
}
