//! What two parties agree on.

use bespeak_identity::{Agreement, Nonce, PublicKey, RecordId};
use serde::{Deserialize, Serialize};

use crate::{
    bounded::Bounded,
    intention::{Intention, MAX_LINES},
    money::Money,
    network::Network,
    offer::{Offer, OfferLine, PaymentRule, SumError, check_sum},
    terms::TermsId,
    time::Time,
};

/// An order and its terms, signed by the customer first and the vendor second; both hold the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The customer's key in this relation.
    pub customer: PublicKey,
    /// The vendor's party key.
    pub vendor: PublicKey,
    /// Random.
    pub nonce: Nonce,
    /// The network it is meant for.
    pub net: Network,
    /// The intention it fills.
    pub intention: RecordId<Intention>,
    /// The firm offer it accepts, by its hash.
    pub quote: RecordId<Offer>,
    /// What is ordered: lines of the quote, or alternatives in their place.
    pub lines: Bounded<OfferLine, 1, MAX_LINES>,
    /// What delivery costs, as quoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Money>,
    /// What it costs in all.
    pub total: Money,
    /// The agreement both enter.
    pub terms: TermsId,
    /// When money is due, as quoted.
    pub payment: PaymentRule,
    /// When the customer signed.
    pub placed_at: Time,
}

impl Agreement for Order {
    const TYPE: &'static str = "order";

    fn customer(&self) -> &PublicKey {
        &self.customer
    }

    fn vendor(&self) -> &PublicKey {
        &self.vendor
    }
}

/// Why an order is not what was quoted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuoteMismatch {
    /// Another offer, vendor, intention or network.
    #[error("the order is for another {0}")]
    Other(&'static str),
    /// A line that was not offered.
    #[error("line {0} of the order was not offered so")]
    Line(usize),
    /// One line of the wish filled twice.
    #[error("line {0} of the intention is filled twice")]
    Twice(u8),
    /// The figures do not hold.
    #[error(transparent)]
    Sum(#[from] SumError),
}

impl Order {
    /// Checks that this order takes `quote` as it was written and nothing else.
    ///
    /// # Errors
    /// The first thing that differs.
    pub fn check_against(&self, id: RecordId<Offer>, quote: &Offer) -> Result<(), QuoteMismatch> {
        let same = [
            (self.quote == id, "offer"),
            (self.vendor == quote.iss, "vendor"),
            (self.intention == quote.intention, "intention"),
            (self.net == quote.net, "network"),
            (self.terms == quote.terms, "agreement"),
            (self.payment == quote.payment, "way of paying"),
            (self.delivery == quote.delivery, "delivery"),
        ];
        if let Some((_, what)) = same.into_iter().find(|(equal, _)| !equal) {
            return Err(QuoteMismatch::Other(what));
        }
        let mut filled = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            let offered = quote.lines.iter().chain(quote.alternatives.iter()).any(|offered| offered == line);
            if !offered {
                return Err(QuoteMismatch::Line(index));
            }
            if filled.contains(&line.line) {
                return Err(QuoteMismatch::Twice(line.line));
            }
            filled.push(line.line);
        }
        Ok(check_sum(&self.lines, self.delivery.as_ref(), &self.total)?)
    }
}
