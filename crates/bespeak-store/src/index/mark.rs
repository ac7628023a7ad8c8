//! What the index knows of itself: how far it has followed the journal, and the sum of what it should hold.

use std::collections::HashMap;

use super::location::{Location, weight};
use crate::journal::Tip;
use crate::journal::header::Fields;
use crate::key::IndexKey;

/// Under which the mark lies; documents' keys begin with another byte.
pub(crate) const MARK: &[u8] = &[0];
const LENGTH: usize = 69;
/// The form of the mark; an index with another is made anew.
const VERSION: u8 = 1;

/// The index's own record. It is written in the same batch as what it speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The newest commit up to which everything is in the index.
    pub(crate) tip: Tip,
    /// The newest compaction the index knows of.
    pub(crate) layout: u32,
    /// How many entries there are, and the sum of their tags: an index that lost some is known by it.
    pub(crate) count: u64,
    pub(crate) sum: u128,
}

impl Mark {
    pub(crate) fn encode(&self, key: &IndexKey) -> Vec<u8> {
        let mut out = vec![VERSION];
        out.extend_from_slice(&self.tip.sequence.to_le_bytes());
        out.extend_from_slice(&self.tip.segment.to_le_bytes());
        out.extend_from_slice(&self.tip.offset.to_le_bytes());
        out.extend_from_slice(&self.tip.nonce);
        out.extend_from_slice(&self.layout.to_le_bytes());
        out.extend_from_slice(&self.count.to_le_bytes());
        out.extend_from_slice(&self.sum.to_le_bytes());
        let tag = key.tag(MARK, &out);
        out.extend_from_slice(&tag);
        out
    }

    /// Reads a mark; `None` unless it was made with this key.
    pub(crate) fn decode(key: &IndexKey, bytes: &[u8]) -> Option<Self> {
        if bytes.len() != LENGTH + 16 || key.tag(MARK, &bytes[..LENGTH]) != bytes[LENGTH..] {
            return None;
        }
        if bytes[0] != VERSION {
            return None;
        }
        let mut fields = Fields(&bytes[1..]);
        let tip = Tip {
            sequence: u64::from_le_bytes(fields.take()),
            segment: u32::from_le_bytes(fields.take()),
            offset: u64::from_le_bytes(fields.take()),
            nonce: fields.take(),
        };
        Some(Self {
            tip,
            layout: u32::from_le_bytes(fields.take()),
            count: u64::from_le_bytes(fields.take()),
            sum: u128::from_le_bytes(fields.take()),
        })
    }
}

/// Sums over what the engine holds.
#[derive(Clone, Debug)]
pub(crate) struct Totals {
    pub(crate) count: u64,
    pub(crate) sum: u128,
    /// Live documents of each family.
    pub(crate) families: [u64; 256],
    pub(crate) removals: u64,
    /// Sealed bytes of each segment that the index still points to.
    pub(crate) live: HashMap<u32, u64>,
}

impl Default for Totals {
    fn default() -> Self {
        Self { count: 0, sum: 0, families: [0; 256], removals: 0, live: HashMap::new() }
    }
}

impl Totals {
    /// Counts an entry in. `key` is the engine's, `tagged` the encoded location.
    pub(crate) fn add(&mut self, key: &[u8], location: &Location, tagged: &[u8]) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(weight(tagged));
        *self.live.entry(location.segment).or_default() += u64::from(location.length);
        match location.removed {
            true => self.removals += 1,
            false => self.families[family(key)] += 1,
        }
    }

    /// Counts an entry out.
    pub(crate) fn take(&mut self, key: &[u8], location: &Location, tagged: &[u8]) {
        self.count = self.count.saturating_sub(1);
        self.sum = self.sum.wrapping_sub(weight(tagged));
        let live = self.live.entry(location.segment).or_default();
        *live = live.saturating_sub(u64::from(location.length));
        let number = match location.removed {
            true => &mut self.removals,
            false => &mut self.families[family(key)],
        };
        *number = number.saturating_sub(1);
    }
}

fn family(key: &[u8]) -> usize {
    key.get(1).copied().map_or(0, usize::from)
}
