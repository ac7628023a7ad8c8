//! What a derived key is for.

use crate::{Nonce, PublicKey};

/// What a key derived from the root seed is for. Each purpose has a label of its own, and each intention and each
/// relation gives keys that nobody without the seed can join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// The long-lived key by which a party (above all a vendor) is publicly known.
    Party,
    /// The long-lived key to which messages for a party are sealed.
    PartySeal,
    /// The key that sealed the party's store before homes had a vault; needed to bring such a store over.
    Store,
    /// The secret by which the 24 words open a home's vault.
    Vault,
    /// Signs one intention, its revisions and its withdrawal; used for no other.
    IntentionSign(&'a Nonce),
    /// Offers to one intention are sealed to this key.
    IntentionSeal(&'a Nonce),
    /// The queue in which offers to one intention arrive, and the proof that it is ours.
    IntentionQueue(&'a Nonce),
    /// Signs towards one vendor about one intention.
    RelationSign {
        /// Digest of the intention's record id.
        intention: &'a [u8; 32],
        /// The vendor's party key.
        vendor: &'a PublicKey,
    },
    /// The queue in which one vendor's messages about one intention arrive.
    RelationQueue {
        /// Digest of the intention's record id.
        intention: &'a [u8; 32],
        /// The vendor's party key.
        vendor: &'a PublicKey,
    },
    /// A network identity; the context is drawn anew, or names the relation it serves.
    Transport(&'a [u8; 32]),
}

impl Purpose<'_> {
    /// The label. None is the beginning of another, so that label and context cannot run into each other.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Party => "party/sign",
            Self::PartySeal => "party/seal",
            Self::Store => "store",
            Self::Vault => "vault",
            Self::IntentionSign(_) => "intention/sign",
            Self::IntentionSeal(_) => "intention/seal",
            Self::IntentionQueue(_) => "intention/queue",
            Self::RelationSign { .. } => "relation/sign",
            Self::RelationQueue { .. } => "relation/queue",
            Self::Transport(_) => "transport",
        }
    }

    /// The HKDF `info`: the label, then each part of the context behind its length (two bytes, big-endian).
    pub(crate) fn info(&self) -> Vec<u8> {
        let mut info = self.label().as_bytes().to_vec();
        match self {
            Self::Party | Self::PartySeal | Self::Store | Self::Vault => {}
            Self::IntentionSign(nonce) | Self::IntentionSeal(nonce) | Self::IntentionQueue(nonce) => {
                push(&mut info, nonce.as_bytes());
            }
            Self::RelationSign { intention, vendor } | Self::RelationQueue { intention, vendor } => {
                push(&mut info, intention);
                push(&mut info, vendor.as_bytes());
            }
            Self::Transport(context) => push(&mut info, context),
        }
        info
    }
}

fn push<const N: usize>(info: &mut Vec<u8>, part: &[u8; N]) {
    const { assert!(N <= u16::MAX as usize) };
    info.extend_from_slice(&(N as u16).to_be_bytes());
    info.extend_from_slice(part);
}
