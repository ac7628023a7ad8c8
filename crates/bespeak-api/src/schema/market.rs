//! Intentions and offers.

use serde::Serialize;
use utoipa::ToSchema;

use super::Money;

/// An intention, one's own or one that was heard.
#[derive(Debug, Serialize, ToSchema)]
pub struct Intention {
    /// Its id.
    pub intention: String,
    /// The wish in one breath.
    pub title: String,
    /// More about it.
    pub text: Option<String>,
    /// cast, answered, negotiating, awarded, partly_awarded, fulfilled, withdrawn, expired or superseded; for a
    /// vendor heard, offered, ordered or passed.
    pub state: String,
    /// How many offers there are.
    pub offers: u64,
    /// What kind of thing.
    pub category: String,
    /// What is wanted.
    pub lines: Vec<WantedLine>,
    /// What it may cost.
    pub budget: Option<Budget>,
    /// In which state goods are wanted.
    pub condition: Option<String>,
    /// Where, blurred.
    #[schema(value_type = Option<Object>)]
    pub place: Option<serde_json::Value>,
    /// By when.
    #[schema(format = Date)]
    pub needed_by: Option<String>,
    /// The agreements offered.
    pub terms: Vec<String>,
    /// When it was cast, to the hour.
    #[schema(format = DateTime)]
    pub cast_at: String,
    /// When everybody forgets it.
    #[schema(format = DateTime)]
    pub expires_at: String,
    /// Why it was taken back.
    pub withdrawn: Option<String>,
    /// The intention that stands in its place.
    pub superseded_by: Option<String>,
    /// What its owner can do now.
    pub can: Vec<String>,
}

/// The band within which the whole may cost.
#[derive(Debug, Serialize, ToSchema)]
pub struct Budget {
    /// At least this much.
    pub min: Option<Money>,
    /// At most this much.
    pub max: Option<Money>,
}

/// One wanted line.
#[derive(Debug, Serialize, ToSchema)]
pub struct WantedLine {
    /// What it is called.
    pub name: String,
    /// How many or how much, in words.
    pub quantity: String,
    /// How many steps are still to be ordered (customer only).
    pub remaining: Option<u64>,
    /// What must hold of it.
    #[schema(value_type = Option<Vec<Object>>)]
    pub conditions: Option<Vec<serde_json::Value>>,
}

/// A party, as the other one knows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Party {
    /// Its key, did:key.
    pub party: String,
    /// Its name, as it says itself.
    pub name: String,
}

/// An offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Offer {
    /// Its id.
    pub offer: String,
    /// What it answers.
    pub intention: String,
    /// Where the two talk.
    pub thread: String,
    /// Who offers.
    pub vendor: Party,
    /// What it costs in all.
    pub total: Money,
    /// What is offered.
    pub lines: Vec<OfferLine>,
    /// Other choices.
    pub alternatives: Vec<OfferLine>,
    /// What delivery costs.
    pub delivery: Option<Money>,
    /// Until when it stands.
    #[schema(format = DateTime)]
    pub valid_until: String,
    /// The day by which it would be there.
    #[schema(format = Date)]
    pub deliver_by: Option<String>,
    /// Whether it can be ordered as it stands.
    pub firm: bool,
    /// The agreement the vendor accepts.
    pub terms: String,
    /// A word from the vendor.
    pub text: Option<String>,
    /// submitted, revised, countered, ordered, declined, withdrawn, expired or lost.
    pub state: String,
    /// The customer's last counter-offer.
    pub countered: Option<Money>,
    /// Whether the vendor may see the address of the customer's node (a customer's node only).
    pub revealed: Option<bool>,
    /// The offer it stands in for.
    pub replaces: Option<String>,
    /// What its reader can do now.
    pub can: Vec<String>,
}

/// One line of an offer or a receipt.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferLine {
    /// What it is called.
    pub name: String,
    /// The vendor's own name of it.
    #[schema(required = true)]
    pub sku: Option<String>,
    /// How many or how much, in steps of its unit.
    pub quantity: u64,
    /// The same in words.
    pub quantity_text: String,
    /// What the line costs, in minor units of the total's currency.
    pub amount: i64,
    /// Which line of the intention, from 1.
    pub line: u8,
}
