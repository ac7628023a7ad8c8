//! What a vendor answers.

use bespeak_identity::{Document, Nonce, PublicKey, RecordId};
use serde::{Deserialize, Serialize};

use crate::{
    bounded::Bounded,
    intention::{Intention, MAX_LINES, Prose, Title},
    money::Money,
    network::Network,
    quantity::Quantity,
    terms::TermsId,
    text::Text,
    time::{Date, Time},
};

/// Most other choices beside the lines of an offer. Source: wild guess; a person compares few.
pub const MAX_ALTERNATIVES: usize = 20;

/// A vendor's own name of an article.
pub type Sku = Text<64>;

/// A vendor's signed answer to one intention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The vendor's party key.
    pub iss: PublicKey,
    /// Random.
    pub nonce: Nonce,
    /// The network it is meant for.
    pub net: Network,
    /// The intention it answers.
    pub intention: RecordId<Intention>,
    /// The offer it stands in for, when it is a revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<RecordId<Offer>>,
    /// What is offered.
    pub lines: Bounded<OfferLine, 1, MAX_LINES>,
    /// Other articles the vendor would give in place of a line, each at its own price.
    #[serde(default, skip_serializing_if = "crate::intention::is_empty")]
    pub alternatives: Bounded<OfferLine, 0, MAX_ALTERNATIVES>,
    /// What delivery costs, in the currency of the total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Money>,
    /// The sum of the lines and delivery; the reader checks it and never prices anew.
    pub total: Money,
    /// The agreement of the intention's that the vendor accepts.
    pub terms: TermsId,
    /// Whether it can be ordered as it stands.
    pub firm: bool,
    /// When money is due.
    pub payment: PaymentRule,
    /// Until when it stands.
    pub valid_until: Time,
    /// The day by which it would be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_by: Option<Date>,
    /// A word to the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Prose>,
    /// When it was written.
    pub at: Time,
}

impl Document for Offer {
    const TYPE: &'static str = "offer";

    fn issuer(&self) -> &PublicKey {
        &self.iss
    }
}

/// One article of an offer or an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferLine {
    /// Which line of the intention it is for, from 0.
    pub line: u8,
    /// What it is called.
    pub name: Title,
    /// The vendor's own name of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Sku>,
    /// How many or how much.
    pub quantity: Quantity,
    /// What the whole line costs.
    pub amount: Money,
}

/// When money is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentRule {
    /// Nothing is handed over before the money is there.
    BeforeFulfilment,
    /// Either may come first.
    #[default]
    Open,
}

/// Why the figures of an offer or order do not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SumError {
    /// An amount below zero.
    #[error("an amount is negative")]
    Negative,
    /// Two currencies in one sum.
    #[error("the lines are not all in {0}")]
    Currencies(String),
    /// The sum is out of range.
    #[error("the sum is out of range")]
    Range,
    /// The total is not the sum.
    #[error("the total says {said}, the lines make {made}")]
    Total {
        /// What the document says.
        said: String,
        /// What its lines make.
        made: String,
    },
}

/// Checks that `total` is the sum of `lines` and `delivery`, in one currency, nothing negative.
///
/// # Errors
/// Whatever does not hold.
pub fn check_sum(lines: &[OfferLine], delivery: Option<&Money>, total: &Money) -> Result<(), SumError> {
    let made = sum(lines, delivery, total)?;
    if made == *total {
        Ok(())
    } else {
        Err(SumError::Total { said: total.to_string(), made: made.to_string() })
    }
}

/// The sum of `lines` and `delivery` in the currency of `like`.
///
/// # Errors
/// When an amount is negative, a currency differs, or the sum is out of range.
pub fn sum(lines: &[OfferLine], delivery: Option<&Money>, like: &Money) -> Result<Money, SumError> {
    let mut total = Money::new(0, like.currency()).map_err(|_| SumError::Range)?;
    for amount in lines.iter().map(|line| &line.amount).chain(delivery) {
        if amount.amount() < 0 {
            return Err(SumError::Negative);
        }
        if amount.currency() != like.currency() {
            return Err(SumError::Currencies(like.currency().to_string()));
        }
        total = total.checked_add(*amount).map_err(|_| SumError::Range)?;
    }
    Ok(total)
}

impl Offer {
    /// Checks the figures: the total is the sum of lines and delivery, and alternatives are in its currency.
    ///
    /// # Errors
    /// Whatever does not hold.
    pub fn check_sum(&self) -> Result<(), SumError> {
        sum(&self.alternatives, None, &self.total)?;
        check_sum(&self.lines, self.delivery.as_ref(), &self.total)
    }
}
