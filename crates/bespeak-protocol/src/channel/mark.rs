//! The mark in front of what a ratchet sealed: for which conversation it is, and from which side.
//!
//! Whoever carries mail knows queues and no conversations. Without a mark, an envelope of others that a host hands out
//! looks like one that a newer ratchet of one's own could open, and the other side would be asked what was missed.

use bespeak_identity::Side;
use sha2::{Digest, Sha256};

use crate::thread::ThreadId;

/// Length of a mark in bytes. Source: half a SHA-256; to guess one takes 2^128 tries.
pub const MARK: usize = 16;

fn mark(thread: ThreadId, from: Side, sealed: &[u8]) -> [u8; MARK] {
    let key = Sha256::new()
        .chain_update(b"bespeak/1/mark")
        .chain_update(thread.first_offer().as_digest())
        .chain_update([u8::from(from == Side::Vendor)])
        .finalize();
    // Hashed twice, each time behind the key: no longer text has a mark that follows from a shorter one's.
    let inner = Sha256::new().chain_update(key).chain_update(sealed).finalize();
    let outer = Sha256::new().chain_update(key).chain_update(inner).finalize();
    std::array::from_fn(|at| outer[at])
}

/// What the ratchet of a conversation sealed, behind its mark.
pub fn marked(thread: ThreadId, from: Side, sealed: &[u8]) -> Vec<u8> {
    [&mark(thread, from, sealed), sealed].concat()
}

/// What the ratchet sealed, if it is of this conversation and from this side.
pub fn unmarked(thread: ThreadId, from: Side, bytes: &[u8]) -> Option<&[u8]> {
    let (found, sealed) = bytes.split_first_chunk::<MARK>()?;
    (*found == mark(thread, from, sealed)).then_some(sealed)
}

#[cfg(test)]
mod tests {
    use bespeak_identity::RecordId;

    use super::*;

    #[test]
    fn a_mark_holds_for_one_conversation_one_side_and_these_bytes() {
        let [thread, other] = [1, 2].map(|n| ThreadId::opened_by(RecordId::from_digest([n; 32])));
        let bytes = marked(thread, Side::Vendor, b"sealed");
        assert_eq!(unmarked(thread, Side::Vendor, &bytes), Some(b"sealed".as_slice()));
        assert_eq!(unmarked(thread, Side::Customer, &bytes), None, "one's own words come back");
        assert_eq!(unmarked(other, Side::Vendor, &bytes), None, "of others");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(unmarked(thread, Side::Vendor, &changed), None, "byte {at}");
            assert_eq!(unmarked(thread, Side::Vendor, &bytes[..at]), None, "cut at {at}");
        }
    }
}
