//! What two parties say to each other, one signed message at a time.

use bespeak_identity::{Document, Nonce, PublicKey, RecordId};
use bespeak_model::{network::Network, text::Text, time::Time};
use serde::{Deserialize, Serialize};

use crate::{deal::DealMessage, offer::OfferMessage, thread::ThreadId};

/// A signed message: one link in its sender's chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The sender: the vendor's party key, or the customer's key in this relation.
    pub iss: PublicKey,
    /// Random, so that two equal texts have two ids.
    pub nonce: Nonce,
    /// The network it is meant for.
    pub net: Network,
    /// The conversation.
    pub thread: ThreadId,
    /// Its place in the sender's chain, from 1.
    pub seq: u64,
    /// The sender's message before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<RecordId<Message>>,
    /// How many of the other side's messages the sender had kept when it wrote this one.
    pub seen: u64,
    /// The last message of the other side's that the sender had heard: kept for whoever reads a log alone. Nothing in
    /// the fold follows from it; `seen` decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<RecordId<Message>>,
    /// When, by the sender's clock; nothing is ordered by it.
    pub at: Time,
    /// What is said.
    pub body: Body,
}

impl Document for Message {
    const TYPE: &'static str = "message";

    fn issuer(&self) -> &PublicKey {
        &self.iss
    }
}

/// What is said, by family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// About offers.
    Offer(OfferMessage),
    /// About an order, its payment, its fulfilment and its receipt.
    Deal(DealMessage),
    /// Talk.
    Chat(ChatMessage),
}

/// Talk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatMessage {
    /// A line of text.
    Text {
        /// The text.
        text: Text<4000, true>,
    },
    /// Everything of the other side's up to here was read.
    Read {
        /// Its place in the other side's chain.
        up_to: u64,
    },
}

impl Body {
    /// The family and kind, as in `order.confirm`; for logs and views.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Offer(message) => message.name(),
            Self::Deal(message) => message.name(),
            Self::Chat(ChatMessage::Text { .. }) => "chat.text",
            Self::Chat(ChatMessage::Read { .. }) => "chat.read",
        }
    }
}
