//! First contact: what a vendor seals to an intention's key, and how a customer introduces herself.

use bespeak_identity::{Document, Entropy, Nonce, PublicKey, RecordId, SealPublic, SealSecret, drisl};
use bespeak_model::{
    bounded::Bounded,
    card::VendorCard,
    intention::{Intention, MAX_DROPS},
    network::Network,
    queue::Drop,
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    limits::{MAX_PACKET_COUNT, MAX_PACKET_MESSAGES},
    message::Message,
    ratchet::RatchetKeys,
    sealed,
};
use crate::{enclosed::Enclosed, thread::ThreadId};

/// Everything a customer needs to know a vendor and to answer it. Each later opening repeats the earlier messages, so
/// that one of them is enough, whichever arrives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The vendor's card.
    pub card: Enclosed<VendorCard>,
    /// All that the vendor has said so far, its first offer first.
    pub messages: Vec<Enclosed<Message>>,
    /// What the ratchet starts from.
    pub keys: RatchetKeys,
    /// Where answers are left.
    pub drops: Bounded<Drop, 1, MAX_DROPS>,
}

/// A customer's word, signed with the intention's key, that a relation key speaks for that intention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introduction {
    /// The intention's key.
    pub iss: PublicKey,
    /// Random.
    pub nonce: Nonce,
    /// The network it is meant for.
    pub net: Network,
    /// The intention.
    pub intention: RecordId<Intention>,
    /// The conversation.
    pub thread: ThreadId,
    /// The vendor it is meant for.
    pub vendor: PublicKey,
    /// The customer's key in this relation.
    pub relation: PublicKey,
    /// Where the vendor's messages are left.
    pub drops: Bounded<Drop, 1, MAX_DROPS>,
}

impl Document for Introduction {
    const TYPE: &'static str = "introduction";

    fn issuer(&self) -> &PublicKey {
        &self.iss
    }
}

/// Why an opening was not sealed or does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpeningError {
    /// The key is no key, or the bytes are not sealed to it.
    #[error("the opening does not open")]
    Closed,
    /// What is inside makes no sense.
    #[error("the opening is malformed: {0}")]
    Malformed(String),
    /// More than fits.
    #[error("the opening holds too much")]
    TooLarge,
}

fn info(intention: &RecordId<Intention>) -> Vec<u8> {
    [b"bespeak/1/opening".as_slice(), intention.as_digest()].concat()
}

impl Opening {
    /// Seals to the intention's key.
    ///
    /// # Errors
    /// When it holds too much or the key is unusable.
    pub fn seal(
        &self,
        to: &SealPublic,
        intention: &RecordId<Intention>,
        entropy: &mut Entropy,
    ) -> Result<Vec<u8>, OpeningError> {
        let messages: usize = self.messages.iter().map(Enclosed::len).sum();
        if messages > MAX_PACKET_MESSAGES || self.messages.len() > MAX_PACKET_COUNT {
            return Err(OpeningError::TooLarge);
        }
        let plaintext =
            Zeroizing::new(drisl::to_vec(self).map_err(|error| OpeningError::Malformed(error.to_string()))?);
        if plaintext.len() > MAX_PACKET_MESSAGES {
            return Err(OpeningError::TooLarge);
        }
        sealed::seal(&plaintext, to, &info(intention), entropy).ok_or(OpeningError::Closed)
    }

    /// Opens with the intention's secret.
    ///
    /// # Errors
    /// When it is not sealed to this intention, or makes no sense.
    pub fn open(
        sealed: &[u8],
        secret: &SealSecret,
        intention: &RecordId<Intention>,
    ) -> Result<Self, OpeningError> {
        let plaintext = sealed::open(sealed, secret, &info(intention)).ok_or(OpeningError::Closed)?;
        let opening: Self =
            drisl::from_slice(&plaintext).map_err(|error| OpeningError::Malformed(error.to_string()))?;
        let count = opening.messages.len();
        if count == 0 || count > MAX_PACKET_COUNT { Err(OpeningError::TooLarge) } else { Ok(opening) }
    }
}
