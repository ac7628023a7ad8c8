//! Writing: commits are appended to the active segment and synced together.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::header::{HEADER, Kind};
use super::ledger::Numbers;
use super::{Journal, Reader, Segment, Tip, entry};
use crate::change::Change;
use crate::error::{DiskError, WriteError, doing};
use crate::index::Location;

/// The segment being written.
struct Active {
    number: u32,
    reader: Reader,
    end: u64,
}

/// The one writer of the journal.
pub(crate) struct Appender {
    journal: Arc<Journal>,
    /// Absent at the start and after a failed write: the next commit begins a new segment.
    active: Option<Active>,
    /// The number of the last commit that is durable.
    durable: u64,
    /// The number the next commit will have; more than one above `durable` after a failed write, whose numbers are never used again.
    next: u64,
    segment_bytes: u64,
    buffer: Vec<u8>,
}

/// Where a group of commits went.
pub(crate) struct Appended {
    /// For each commit, for each change.
    pub(crate) places: Vec<Vec<Location>>,
    pub(crate) tip: Tip,
    /// A new segment was begun.
    pub(crate) rotated: bool,
}

impl Appender {
    /// Goes on after commit `last`.
    pub(crate) fn new(journal: Arc<Journal>, last: u64, segment_bytes: u64) -> Self {
        Self { journal, active: None, durable: last, next: last + 1, segment_bytes, buffer: Vec::new() }
    }

    /// Goes on in a segment that is there, after its end is cut if something follows it.
    pub(crate) fn resume(&mut self, number: u32, end: u64) -> Result<(), DiskError> {
        let path = self.journal.path(number);
        let file = self.journal.disk.open(&path, true).map_err(doing("opening a journal segment"))?;
        if file.length().map_err(doing("measuring a journal segment"))? > end {
            file.set_len(end).map_err(doing("cutting a torn tail"))?;
        }
        // What is told from now on must be durable, and the process before this one may have ended before its sync.
        file.sync().map_err(doing("syncing the journal"))?;
        let (found, _) = self.journal.header(number, &*file).map_err(doing("reading a journal segment"))?;
        if let super::Found::Header { header, .. } = found {
            let cipher = self.journal.cipher(&header);
            self.active = Some(Active { number, reader: Reader { file, cipher }, end });
            if let Some(segment) = self.journal.segments().get_mut(&number) {
                segment.bytes = end;
            }
        }
        Ok(())
    }

    /// The segment being written, which must not be compacted.
    pub(crate) fn active(&self) -> Option<u32> {
        self.active.as_ref().map(|a| a.number)
    }

    /// The numbers of failed writes that no segment's header has declared void yet.
    pub(crate) fn given_up(&self) -> Option<RangeInclusive<u64>> {
        (self.durable + 1 < self.next).then(|| self.durable + 1..=self.next - 1)
    }

    /// Begins the first segment of a new journal.
    pub(crate) fn begin(&mut self) -> Result<(), WriteError> {
        if self.active.is_none() { self.rotate() } else { Ok(()) }
    }

    /// Writes and syncs commits. All are durable, or none is.
    pub(crate) fn append(&mut self, commits: &[Vec<Change>]) -> Result<Appended, WriteError> {
        let rotated = self.make_room()?;
        let result = self.write(commits);
        if result.is_err() {
            self.give_up();
        }
        let (places, tip) = result?;
        self.durable = self.next - 1;
        Ok(Appended { places, tip, rotated })
    }

    fn make_room(&mut self) -> Result<bool, WriteError> {
        let full = self.active.as_ref().is_none_or(|active| active.end >= self.segment_bytes);
        if full {
            self.rotate()?;
        }
        Ok(full)
    }

    fn rotate(&mut self) -> Result<(), WriteError> {
        let number = self.journal.new_number();
        let reader = self.journal.create(number, Kind::Plain, self.next, self.durable)?;
        self.journal.publish(number, &*reader.file)?;
        let mut void = Numbers::new();
        if self.durable + 1 < self.next {
            void.insert(self.durable + 1..=self.next - 1);
        }
        let segment = Segment { least: self.next, covered: void.clone(), void, bytes: HEADER, harmed: false };
        self.journal.segments().insert(number, segment);
        self.durable = self.next - 1;
        self.active = Some(Active { number, reader, end: HEADER });
        Ok(())
    }

    fn write(&mut self, commits: &[Vec<Change>]) -> Result<(Vec<Vec<Location>>, Tip), WriteError> {
        let Some(active) = &mut self.active else { unreachable!("room was made before writing") };
        let first = self.next;
        let mut group = entry::Group::new()?;
        self.buffer.clear();
        let mut places = Vec::with_capacity(commits.len());
        let mut tip = Tip::NONE;
        for changes in commits {
            let start = active.end + self.buffer.len() as u64;
            let place =
                entry::Place { cipher: &active.reader.cipher, segment: active.number, sequence: self.next };
            let found = entry::seal(&place, &mut group, changes, start, &mut self.buffer)?;
            if let Some(one) = found.first() {
                tip = Tip { sequence: self.next, segment: active.number, offset: start, nonce: one.nonce };
            }
            self.next += 1;
            places.push(found);
        }
        active.reader.file.write_at(active.end, &self.buffer).map_err(doing("writing to the journal"))?;
        active.reader.file.sync().map_err(doing("syncing the journal"))?;
        active.end += self.buffer.len() as u64;
        if let Some(segment) = self.journal.segments().get_mut(&active.number) {
            segment.bytes = active.end;
            segment.covered.insert(first..=self.next - 1);
        }
        Ok((places, tip))
    }

    /// After a failed write it is not known what is on the disk: cut it back if that is possible, and never write to this
    /// segment again. The numbers stay used, and the next segment's header declares them void.
    fn give_up(&mut self) {
        let Some(active) = self.active.take() else { return };
        let cut = active.reader.file.set_len(active.end).and_then(|()| active.reader.file.sync());
        if let Err(error) = cut {
            tracing::warn!(target: "bespeak::store", %error, segment = active.number, "failed_write_not_cut");
        }
    }
}
