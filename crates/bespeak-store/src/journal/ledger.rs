//! What a compacted segment says about the segments it stands for: at its front, and again, with its count, at its end.

use rangemap::RangeInclusiveSet;

use super::header::Fields;

/// A set of commit numbers.
pub(crate) type Numbers = RangeInclusiveSet<u64>;

/// The note at the front and the end of a compacted segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ledger {
    /// The segments whose live documents are all here. They may be deleted, and are not read if found.
    pub(crate) replaces: Vec<u32>,
    /// The commits those segments accounted for.
    pub(crate) covered: Numbers,
    /// The commits those segments declared void.
    pub(crate) void: Numbers,
    /// The entries between the two notes; only in the one at the end.
    pub(crate) entries: Option<u64>,
}

impl Ledger {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(&self.entries.unwrap_or(u64::MAX).to_le_bytes());
        out.extend_from_slice(&(self.replaces.len() as u32).to_le_bytes());
        for number in &self.replaces {
            out.extend_from_slice(&number.to_le_bytes());
        }
        for set in [&self.covered, &self.void] {
            out.extend_from_slice(&(set.len() as u32).to_le_bytes());
            for range in set.iter() {
                out.extend_from_slice(&range.start().to_le_bytes());
                out.extend_from_slice(&range.end().to_le_bytes());
            }
        }
        out
    }

    /// Reads what [`Self::encode`] wrote; `None` when it is something else.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes.len() < 8 {
            return None;
        }
        let mut fields = Fields(bytes);
        let entries = Some(u64::from_le_bytes(fields.take())).filter(|n| *n != u64::MAX);
        let replaces = (0..count(&mut fields, 4)?).map(|_| u32::from_le_bytes(fields.take())).collect();
        let covered = numbers(&mut fields)?;
        let void = numbers(&mut fields)?;
        fields.0.is_empty().then_some(Self { replaces, covered, void, entries })
    }
}

fn count(fields: &mut Fields<'_>, each: usize) -> Option<u32> {
    if fields.0.len() < 4 {
        return None;
    }
    let count = u32::from_le_bytes(fields.take());
    (count as usize <= fields.0.len() / each).then_some(count)
}

fn numbers(fields: &mut Fields<'_>) -> Option<Numbers> {
    let mut out = Numbers::new();
    for _ in 0..count(fields, 16)? {
        let (from, to) = (u64::from_le_bytes(fields.take()), u64::from_le_bytes(fields.take()));
        if from > to {
            return None;
        }
        out.insert(from..=to);
    }
    Some(out)
}
