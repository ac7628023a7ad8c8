//! Proof of a finished trade.

use bespeak_identity::{Agreement, Nonce, PublicKey, RecordId};
use serde::{Deserialize, Serialize};

use crate::{
    bounded::Bounded,
    intention::{MAX_LINES, Title},
    money::Money,
    network::Network,
    offer::Sku,
    order::Order,
    quantity::Quantity,
    time::Time,
};

/// What was handed over and paid, signed by both; both hold the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The customer's key in this relation.
    pub customer: PublicKey,
    /// The vendor's party key.
    pub vendor: PublicKey,
    /// Random.
    pub nonce: Nonce,
    /// The network it is meant for.
    pub net: Network,
    /// The order it closes.
    pub order: RecordId<Order>,
    /// What was handed over.
    pub lines: Bounded<ReceiptLine, 1, MAX_LINES>,
    /// What was paid.
    pub total: Money,
    /// When the vendor wrote it.
    pub issued_at: Time,
}

/// One line of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptLine {
    /// What it is called.
    pub name: Title,
    /// The vendor's own name of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Sku>,
    /// What was handed over.
    pub quantity: Quantity,
    /// What the line cost.
    pub amount: Money,
}

impl Agreement for Receipt {
    const TYPE: &'static str = "receipt";

    fn customer(&self) -> &PublicKey {
        &self.customer
    }

    fn vendor(&self) -> &PublicKey {
        &self.vendor
    }
}
