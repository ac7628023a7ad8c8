//! Where a document lies in the journal: the value the index keeps for a key.

use crate::journal::entry::Head;
use crate::journal::header::Fields;
use crate::key::IndexKey;

/// The place of one sealed change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    pub(crate) segment: u32,
    /// The commit it came with, and its place in it.
    pub(crate) sequence: u64,
    pub(crate) position: u32,
    pub(crate) count: u32,
    pub(crate) nonce: [u8; 20],
    /// Where its sealed bytes begin, and how many they are.
    pub(crate) offset: u64,
    pub(crate) length: u32,
    /// It is a removal, kept while older copies may be found in the journal.
    pub(crate) removed: bool,
}

const LENGTH: usize = 53;
/// The bytes of an encoded location with its tag.
pub(crate) const TAGGED: usize = LENGTH + 16;

impl Location {
    /// The place of an entry as a whole, for reports.
    pub(crate) fn of_entry(segment: u32, offset: u64, head: &Head) -> Self {
        let (sequence, count, nonce) = (head.sequence, head.count, head.nonce);
        Self {
            segment,
            sequence,
            position: 0,
            count,
            nonce,
            offset,
            length: head.length as u32,
            removed: false,
        }
    }

    /// Whether this is newer than `other`, of the same key. Within one commit the later change is; a copy made by a
    /// compaction has other positions, and takes the place of what it was made from.
    pub(crate) fn is_newer_than(&self, other: &Self) -> bool {
        let same_entry = self.sequence == other.sequence && self.segment == other.segment;
        self.sequence > other.sequence || (same_entry && self.position > other.position)
    }

    pub(crate) fn encode(&self, key: &IndexKey, under: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(TAGGED);
        out.extend_from_slice(&self.segment.to_le_bytes());
        out.extend_from_slice(&self.sequence.to_le_bytes());
        out.extend_from_slice(&self.position.to_le_bytes());
        out.extend_from_slice(&self.count.to_le_bytes());
        out.extend_from_slice(&self.nonce);
        out.extend_from_slice(&self.offset.to_le_bytes());
        out.extend_from_slice(&self.length.to_le_bytes());
        out.push(u8::from(self.removed));
        let tag = key.tag(under, &out);
        out.extend_from_slice(&tag);
        out
    }

    /// Reads a location; `None` unless it was made with this key, for this key of the index.
    pub(crate) fn decode(key: &IndexKey, under: &[u8], bytes: &[u8]) -> Option<Self> {
        if bytes.len() != TAGGED || key.tag(under, &bytes[..LENGTH]) != bytes[LENGTH..] {
            return None;
        }
        let mut fields = Fields(bytes);
        Some(Self {
            segment: u32::from_le_bytes(fields.take()),
            sequence: u64::from_le_bytes(fields.take()),
            position: u32::from_le_bytes(fields.take()),
            count: u32::from_le_bytes(fields.take()),
            nonce: fields.take(),
            offset: u64::from_le_bytes(fields.take()),
            length: u32::from_le_bytes(fields.take()),
            removed: fields.take::<1>() == [1],
        })
    }
}

/// The part of an encoded location that enters the sum over the index.
pub(crate) fn weight(tagged: &[u8]) -> u128 {
    let mut last = [0; 16];
    if let Some(tag) = tagged.get(tagged.len().saturating_sub(16)..).filter(|tag| tag.len() == 16) {
        last.copy_from_slice(tag);
    }
    u128::from_le_bytes(last)
}
