//! A vendor's public card.

use bespeak_identity::{Document, Nonce, PublicKey, SealPublic};
use serde::{Deserialize, Serialize};

use crate::{bounded::Bounded, category::Slug, network::Network, terms::TermsId, text::Text, time::Time};

/// Most categories and terms on a card. Source: there are 25 roots.
pub const MAX_CARD_CATEGORIES: usize = 25;

/// A name by which people know a party.
pub type Name = Text<80>;

/// What a vendor says of itself to everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorCard {
    /// The vendor's long-lived party key.
    pub iss: PublicKey,
    /// Random.
    pub nonce: Nonce,
    /// The network it is meant for.
    pub net: Network,
    /// What people call it.
    pub name: Name,
    /// What it sells; empty says everything.
    #[serde(default, skip_serializing_if = "crate::intention::is_empty")]
    pub categories: Bounded<Slug, 0, MAX_CARD_CATEGORIES>,
    /// The agreements it accepts.
    pub terms: Bounded<TermsId, 1, { crate::intention::MAX_TERMS }>,
    /// The key to which its customers seal what is not yet, or no longer, said by a ratchet.
    pub seal: SealPublic,
    /// When the card was written.
    pub at: Time,
}

impl Document for VendorCard {
    const TYPE: &'static str = "vendor";

    fn issuer(&self) -> &PublicKey {
        &self.iss
    }
}
