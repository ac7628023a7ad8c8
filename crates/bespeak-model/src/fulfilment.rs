//! What happens to goods on their way: facts that are appended, never changed.

use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FulfilmentKind {
    /// Handed to a carrier.
    Shipped,
    /// On its way; a note says where.
    InTransit,
    /// Ready to be fetched.
    ReadyForPickup,
    /// A delivery was tried in vain.
    DeliveryFailed,
    /// The carrier brought it back.
    ReturnedToSender,
    /// In the customer's hands.
    Delivered,
}

impl FulfilmentKind {
    /// Every kind, with its spelling.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Shipped, "shipped"),
        (Self::InTransit, "in_transit"),
        (Self::ReadyForPickup, "ready_for_pickup"),
        (Self::DeliveryFailed, "delivery_failed"),
        (Self::ReturnedToSender, "returned_to_sender"),
        (Self::Delivered, "delivered"),
    ];

    /// The kind as it is written.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("delivered", |(_, text)| text)
    }

    /// Whether it says that goods left the vendor's hands.
    pub const fn ships(self) -> bool {
        matches!(self, Self::Shipped)
    }

    /// Whether it says that goods reached the customer's hands.
    pub const fn delivers(self) -> bool {
        matches!(self, Self::Delivered)
    }
}

/// A kind of event that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no fulfilment event: use one of shipped, in_transit, ready_for_pickup, delivery_failed, returned_to_sender, delivered"
)]
pub struct UnknownFulfilment(String);

impl std::str::FromStr for FulfilmentKind {
    type Err = UnknownFulfilment;

    fn from_str(text: &str) -> Result<Self, UnknownFulfilment> {
        Self::ALL
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(kind, _)| *kind)
            .ok_or_else(|| UnknownFulfilment(text.chars().take(40).collect()))
    }
}

/// A quantity of one line of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineSteps {
    /// The line of the order, from 0.
    pub line: u8,
    /// How many steps of the line's quantity.
    pub steps: u64,
}
