//! Making the file of a compaction: what is live in old segments, in one new segment.

use std::sync::Arc;

use super::entry::{self, Group, NOTE, Place};
use super::header::{HEADER, Kind};
use super::ledger::Ledger;
use super::{Journal, Reader, Segment};
use crate::change::Change;
use crate::error::{DiskError, WriteError, doing};
use crate::index::Location;

/// How much is collected before it is written. A wild guess between system calls and memory.
const CHUNK: usize = 1 << 20;

/// A compacted segment being written, under its unfinished name.
pub(crate) struct Output {
    journal: Arc<Journal>,
    number: u32,
    reader: Reader,
    end: u64,
    buffer: Vec<u8>,
    ledger: Ledger,
    entries: u64,
    least: u64,
}

/// A compacted segment that is written, synced, and not yet published.
pub(crate) struct Written {
    pub(crate) number: u32,
    pub(crate) victims: Vec<u32>,
    pub(crate) reader: Reader,
    pub(crate) segment: Segment,
}

impl Output {
    /// Begins one that will stand for `victims`, and for what could not be deleted before.
    pub(crate) fn begin(journal: &Arc<Journal>, victims: &[u32]) -> Result<Self, WriteError> {
        let replaces = victims.iter().copied().chain(journal.undeleted().iter().copied()).collect();
        let mut ledger = Ledger { replaces, ..Ledger::default() };
        {
            let segments = journal.segments();
            for segment in victims.iter().filter_map(|n| segments.get(n)) {
                ledger.covered.extend(segment.covered.iter().cloned());
                ledger.void.extend(segment.void.iter().cloned());
            }
        }
        let number = journal.new_number();
        let reader = journal.create(number, Kind::Compacted, 0, 0)?;
        let (journal, buffer) = (journal.clone(), Vec::new());
        let mut new =
            Self { journal, number, reader, end: HEADER, buffer, ledger, entries: 0, least: u64::MAX };
        new.note().inspect_err(|_| new.abandon())?;
        Ok(new)
    }

    /// Adds the live part of a commit. Returns where each change will be.
    pub(crate) fn add(&mut self, sequence: u64, changes: &[Change]) -> Result<Vec<Location>, WriteError> {
        let start = self.end + self.buffer.len() as u64;
        let place = Place { cipher: &self.reader.cipher, segment: self.number, sequence };
        let places = entry::seal(&place, &mut Group::new()?, changes, start, &mut self.buffer)?;
        self.entries += 1;
        self.least = self.least.min(sequence);
        if self.buffer.len() >= CHUNK {
            self.write_out()?;
        }
        Ok(places)
    }

    /// Writes the closing note and syncs.
    pub(crate) fn finish(mut self) -> Result<Written, WriteError> {
        self.ledger.entries = Some(self.entries);
        let done = self
            .note()
            .and_then(|()| Ok(self.write_out()?))
            .and_then(|()| Ok(self.reader.file.sync().map_err(doing("syncing a compacted segment"))?));
        if let Err(error) = done {
            self.abandon();
            return Err(error);
        }
        let Ledger { covered, void, replaces, .. } = self.ledger;
        let segment = Segment { least: self.least, covered, void, bytes: self.end, harmed: false };
        Ok(Written { number: self.number, victims: replaces, reader: self.reader, segment })
    }

    /// Deletes the unfinished file.
    pub(crate) fn abandon(&self) {
        let _ = self.journal.disk.remove(&self.journal.unfinished(self.number));
    }

    fn note(&mut self) -> Result<(), WriteError> {
        let place = Place { cipher: &self.reader.cipher, segment: self.number, sequence: NOTE };
        entry::seal_note(&place, &self.ledger.encode(), &mut self.buffer)
    }

    fn write_out(&mut self) -> Result<(), DiskError> {
        self.reader.file.write_at(self.end, &self.buffer).map_err(doing("writing a compacted segment"))?;
        self.end += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

/// The segments worth compacting: of the `closed` ones those that are whole and of which at most `share` hundredths are live.
///
/// With `all`, every whole one, as only then can removals be forgotten; unless a harmed one, which may hold older copies of
/// anything, keeps them from being forgotten.
pub(crate) fn victims(
    journal: &Journal,
    closed: &[u32],
    live: &dyn Fn(u32) -> u64,
    share: u64,
    all: bool,
) -> Vec<u32> {
    let segments = journal.segments();
    let all = all && segments.values().all(|segment| !segment.harmed);
    let dead = |number: u32, bytes: u64| all || live(number) * 100 <= bytes * share;
    let worth = |number: &u32| segments.get(number).is_some_and(|s| !s.harmed && dead(*number, s.bytes));
    closed.iter().copied().filter(worth).collect()
}

/// The removals of commits below this number can be forgotten once `victims` are gone: no other segment holds older commits.
pub(crate) fn forgettable_below(journal: &Journal, victims: &[u32]) -> u64 {
    let segments = journal.segments();
    segments.iter().filter(|(n, _)| !victims.contains(n)).map(|(_, s)| s.least).min().unwrap_or(0)
}
