//! Reading a segment from front to back, stepping over what is damaged.

use super::entry::{HEAD, Head, MAGIC};
use super::header::HEADER;
use crate::disk::{DiskFile, read_full};

/// How much is read at once. 256 KiB: larger was not tried; it bounds memory, not speed.
const AHEAD: usize = 256 << 10;
/// What is read at a time where the disk fails to read: the size of a disk block.
const BLOCK: usize = 4096;

/// What a walk meets.
pub(crate) enum Step {
    /// A whole entry and where it begins. Its body is at [`Walk::body`] until the next step.
    Entry { offset: u64, head: Head },
    /// Bytes that are no whole entry; the sequence number where its head could still be read.
    Damaged { offset: u64, bytes: u64, sequence: Option<u64> },
}

/// A walk over one segment.
pub(crate) struct Walk<'a> {
    window: Window<'a>,
    offset: u64,
    body: (u64, usize),
}

impl<'a> Walk<'a> {
    /// Begins after the header of a file of `length` bytes.
    pub(crate) fn new(file: &'a dyn DiskFile, length: u64) -> Self {
        Self { window: Window { file, length, start: 0, bytes: Vec::new() }, offset: HEADER, body: (0, 0) }
    }

    /// Where it has come to, in bytes.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next thing; `None` at the end.
    pub(crate) fn next(&mut self) -> Option<Step> {
        let offset = self.offset;
        if offset >= self.window.length {
            return None;
        }
        let head = self.head(offset);
        if let Some(head) = &head
            && self.whole(offset, head)
        {
            self.body = (offset + HEAD as u64, head.length);
            self.offset = offset + head.total();
            return Some(Step::Entry { offset, head: head.clone() });
        }
        let next = self.resynchronise(offset + 1);
        self.offset = next;
        Some(Step::Damaged { offset, bytes: next - offset, sequence: head.map(|h| h.sequence) })
    }

    /// The body of the entry last met.
    pub(crate) fn body(&mut self) -> &[u8] {
        let (offset, length) = self.body;
        self.window.bytes(offset, length)
    }

    fn head(&mut self, offset: u64) -> Option<Head> {
        Head::decode(self.window.bytes(offset, HEAD))
    }

    fn whole(&mut self, offset: u64, head: &Head) -> bool {
        let body = self.window.bytes(offset + HEAD as u64, head.length);
        body.len() == head.length && crc32fast::hash(body) == head.body_crc
    }

    /// The next place at or after `from` where a head is whole, or the end of the file.
    fn resynchronise(&mut self, mut from: u64) -> u64 {
        while from < self.window.length {
            let bytes = self.window.bytes(from, AHEAD);
            let looked_at = bytes.len();
            match bytes.windows(MAGIC.len()).position(|w| w == MAGIC) {
                Some(at) if self.head(from + at as u64).is_some() => return from + at as u64,
                Some(at) => from += at as u64 + 1,
                // A magic may begin in the last bytes looked at.
                None if looked_at < AHEAD => return self.window.length,
                None => from += (looked_at - MAGIC.len() + 1) as u64,
            }
        }
        self.window.length
    }
}

/// A part of the file in memory.
struct Window<'a> {
    file: &'a dyn DiskFile,
    length: u64,
    start: u64,
    bytes: Vec<u8>,
}

impl Window<'_> {
    /// The bytes from `offset`, fewer at the end of the file.
    fn bytes(&mut self, offset: u64, count: usize) -> &[u8] {
        let count = count.min(usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX));
        let inside = offset >= self.start && offset + count as u64 <= self.start + self.bytes.len() as u64;
        if !inside {
            self.fill(offset, count.max(AHEAD));
        }
        let from = (offset - self.start) as usize;
        let to = (from + count).min(self.bytes.len());
        &self.bytes[from.min(to)..to]
    }

    fn fill(&mut self, offset: u64, count: usize) {
        let count = count.min(usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX));
        self.start = offset;
        self.bytes.clear();
        self.bytes.resize(count, 0);
        match read_full(self.file, offset, &mut self.bytes) {
            Ok(read) => self.bytes.truncate(read),
            Err(_) => self.fill_by_blocks(offset),
        }
    }

    /// Reads around bad blocks; what cannot be read stays zero, and is found to be damaged by its checksum.
    fn fill_by_blocks(&mut self, offset: u64) {
        for (index, block) in self.bytes.chunks_mut(BLOCK).enumerate() {
            let at = offset + (index * BLOCK) as u64;
            if let Err(error) = read_full(self.file, at, block) {
                tracing::warn!(target: "bespeak::store", %error, offset = at, "journal_block_unreadable");
                block.fill(0);
            }
        }
    }
}
