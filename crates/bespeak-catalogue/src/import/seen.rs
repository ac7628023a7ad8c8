//! Seen: which numbers a file has, a hash of each.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::goods::Sku;

/// Bytes kept of a number's hash. Source: with 2^23 numbers, two are the same by chance once in 2^83 files.
const HASH: usize = 16;

/// The numbers that stand in a file, and where each stood first: 20 bytes for each, however long the numbers
/// are, in a table that has 21 for each of its places and is at least 7/16 full. That is 48 bytes for each at
/// most, and 72 while the table grows; a million take 44 MB, and 66 MB for a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The line, from 1; 0 where only records stood that could not be used.
    lines: HashMap<[u8; HASH], u32>,
}

impl Seen {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Does it stand in the file, usable or not?
    pub fn contains(&self, sku: &Sku) -> bool {
        self.lines.contains_key(&hash(sku))
    }

    /// Notes goods that are taken; fails with the line where their number stood first.
    pub(crate) fn take(&mut self, sku: &Sku, line: u64) -> Result<(), u64> {
        let place = self.lines.entry(hash(sku)).or_default();
        if *place > 0 {
            return Err(u64::from(*place));
        }
        // There are fewer lines than this can count, but never none.
        *place = u32::try_from(line).unwrap_or(u32::MAX).max(1);
        Ok(())
    }

    /// Notes a number whose record could not be used: the goods are there, what is new of them is not known.
    pub(crate) fn note(&mut self, sku: &Sku) {
        self.lines.entry(hash(sku)).or_default();
    }
}

fn hash(sku: &Sku) -> [u8; HASH] {
    let whole: [u8; 32] = Sha256::digest(sku.as_bytes()).into();
    whole.first_chunk().copied().unwrap_or_default()
}
