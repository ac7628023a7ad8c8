//! Taking up a conversation again after a loss of memory: the side that lost some of it asks the other what was said,
//! and speaks no word of its own before it knows.
//!
//! ```text
//! forgetful side                                   other side
//!    ── resumption {epoch, keys, said, seen} ──▶   sealed to its key; a new ratchet from `keys`
//!    ◀── packet {yours, messages, seen} ────────   what the forgetful side said itself, and what it was told
//!    ── packet {restoring, seen} ──────────────▶   until as many of its own are back as `seen` counts
//! ```

use bespeak_identity::{Document, Entropy, Nonce, PublicKey, SealPublic, SealSecret, drisl};
use bespeak_model::{bounded::Bounded, intention::MAX_DROPS, network::Network, queue::Drop};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{opening::Introduction, opening::OpeningError, ratchet::RatchetKeys, sealed};
use crate::{enclosed::Enclosed, thread::ThreadId};

/// One side's word that it has lost some of what was said, and where its memory ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumption {
    /// Who lost it: the vendor's party key, or the customer's key in this relation.
    pub iss: PublicKey,
    /// Random.
    pub nonce: Nonce,
    /// The network it is meant for.
    pub net: Network,
    /// The conversation.
    pub thread: ThreadId,
    /// Larger with each resumption of one side: seconds since 1970 at the loss, or one more than the last. Whoever
    /// gets one that is not larger than the last leaves it aside.
    pub epoch: u64,
    /// What the new ratchet starts from: the forgetful side offers, the other answers.
    pub keys: RatchetKeys,
    /// How many of its own messages it still holds, of those that were confirmed.
    pub said: u64,
    /// How many of the other side's messages it still holds.
    pub seen: u64,
    /// Where its mail is left from now on.
    pub drops: Bounded<Drop, 1, MAX_DROPS>,
}

impl Document for Resumption {
    const TYPE: &'static str = "resumption";

    fn issuer(&self) -> &PublicKey {
        &self.iss
    }
}

/// What is sealed to the other side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resuming {
    /// Who speaks, when a customer does: the vendor may have met her after her memory ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introduction: Option<Enclosed<Introduction>>,
    /// Her word or the vendor's.
    pub resumption: Enclosed<Resumption>,
}

fn info(thread: ThreadId) -> Vec<u8> {
    [b"bespeak/1/resumption".as_slice(), thread.first_offer().as_digest()].concat()
}

impl Resuming {
    /// Seals to the other side: to the intention's key, or to the key on the vendor's card.
    ///
    /// # Errors
    /// When the key is unusable.
    pub fn seal(
        &self,
        to: &SealPublic,
        thread: ThreadId,
        entropy: &mut Entropy,
    ) -> Result<Vec<u8>, OpeningError> {
        let plaintext =
            Zeroizing::new(drisl::to_vec(self).map_err(|error| OpeningError::Malformed(error.to_string()))?);
        sealed::seal(&plaintext, to, &info(thread), entropy).ok_or(OpeningError::Closed)
    }

    /// Opens with one's own secret.
    ///
    /// # Errors
    /// When it is not sealed to this key for this conversation, or makes no sense.
    pub fn open(sealed: &[u8], secret: &SealSecret, thread: ThreadId) -> Result<Self, OpeningError> {
        let plaintext = sealed::open(sealed, secret, &info(thread)).ok_or(OpeningError::Closed)?;
        drisl::from_slice(&plaintext).map_err(|error| OpeningError::Malformed(error.to_string()))
    }
}
