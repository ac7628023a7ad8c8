//! The store as its users see it.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use tokio::sync::{Semaphore, oneshot, watch};

use crate::change::{self, Change, Family};
use crate::compactor::{Compaction, Request};
use crate::error::{CommitError, CompactError, OpenError, ReadError};
use crate::index::{Fault, Location, key_of};
use crate::key::StoreKey;
use crate::open::Options;
use crate::report::OpeningReport;
use crate::shared::{Body, Shared};
use crate::writer::{Command, Commit};

/// The room of the queue of commits, in KiB of documents: 64 MiB, four of the largest commits. A wild guess.
pub(crate) const ROOM: u32 = 64 << 10;
/// Documents in one page of a scan at most, and what [`Store::scan`] takes at a time. Wild guesses.
const PAGE_MOST: usize = 10_000;
const PAGE: usize = 256;
/// How often a read is tried while compactions and rebuilds move things under it. A wild guess; two suffice by design.
const TRIES: usize = 4;

/// An open store. Clones share it; it closes when the last is dropped (which then waits for what is queued), or by
/// [`close`](Self::close).
///
/// Reads block for the time of a file read; commits wait for the disk.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) shared: Arc<Shared>,
    pub(crate) queue: Sender<Command>,
    pub(crate) room: Arc<Semaphore>,
    pub(crate) compactor: Sender<Request>,
    /// Ends when the writer has.
    pub(crate) ended: watch::Receiver<()>,
    pub(crate) threads: Vec<JoinHandle<()>>,
}

impl Inner {
    fn stop(&self) {
        self.shared.closed.store(true, Ordering::Release);
        self.room.close();
        // The compactor stops, and then closes the writer.
        let _ = self.compactor.send(Request::Stop);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// A page of documents in the order of their keys.
#[derive(Clone, PartialEq, Eq)]
pub struct Page {
    /// Keys and bodies.
    pub records: Vec<(Vec<u8>, Vec<u8>)>,
    /// Keys in this page whose documents are damaged.
    pub damaged: Vec<Vec<u8>>,
    /// What to pass as `after` for the next page; `None` when this was the last.
    pub next: Option<Vec<u8>>,
}

impl Store {
    /// Opens the store of a home, creating what is not there. Blocks: the whole journal is read and checked.
    ///
    /// In the home it uses `lock` (held while open, with the holder's process number), `journal/` and `index/`; the rest of the
    /// home is the caller's. `index/` may be deleted while the store is closed, and need not be backed up.
    ///
    /// Returns what was found, too: a torn tail that was cut, what is damaged, whether the index was made anew.
    ///
    /// # Errors
    /// [`OpenError`]: the home is in use, the key is another, the format is newer, or the disk refuses.
    pub fn open(home: &Path, key: StoreKey, options: Options) -> Result<(Self, OpeningReport), OpenError> {
        let store = crate::open::open(home, &key, options)?;
        let report = store.report();
        Ok((store, report))
    }

    /// Keeps and removes documents: all of `changes` or, after a crash or an error, none. Returns when they are durable; they
    /// are visible to reads from then on. Later changes of the same key within one commit win.
    ///
    /// Once queued, a commit goes on even if the future is dropped.
    ///
    /// # Errors
    /// [`CommitError`]: over a bound, refused by the disk, or closed.
    pub async fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        if changes.is_empty() {
            return Ok(());
        }
        let bytes = change::check(&changes)?;
        let share = (bytes / 1024 + 1).min(ROOM as usize) as u32;
        let room =
            self.inner.room.clone().acquire_many_owned(share).await.map_err(|_| CommitError::Closed)?;
        let (answer, answered) = oneshot::channel();
        let commit = Command::Commit(Commit { changes, bytes, answer, _room: room });
        self.inner.queue.send(commit).map_err(|_| CommitError::Closed)?;
        answered.await.map_err(|_| CommitError::Closed)?
    }

    /// The same for callers that may block their thread.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn commit_blocking(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        // Called within a task, tokio would hold back the 129th answer until the task rests, which it does not here.
        futures_executor::block_on(tokio::task::unconstrained(self.commit(changes)))
    }

    /// The document under a key.
    ///
    /// # Errors
    /// [`ReadError`]: it is damaged, the index cannot be had, the disk refuses, or the store is closed.
    pub fn get(&self, family: Family, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        let key = key_of(family, key);
        self.find(&key, None)
    }

    /// All documents of a family whose keys begin with `prefix`, in the order of their keys. It is no snapshot: what is
    /// committed meanwhile may be seen or not.
    ///
    /// # Errors
    /// As [`get`](Self::get), here and for each document; the scan goes on behind a damaged one.
    pub fn scan(&self, family: Family, prefix: &[u8]) -> Result<Scan, ReadError> {
        let prefix = key_of(family, prefix);
        let mut scan = Scan { store: self.clone(), prefix, after: None, page: VecDeque::new(), last: false };
        scan.turn()?;
        Ok(scan)
    }

    /// At most `limit` documents of a family (and at most 10,000) behind the key `after`, or from the first.
    ///
    /// # Errors
    /// As [`get`](Self::get), except that damaged documents are named in the page.
    pub fn scan_from(&self, family: Family, after: Option<&[u8]>, limit: usize) -> Result<Page, ReadError> {
        let limit = limit.clamp(1, PAGE_MOST);
        let after = after.map(|after| key_of(family, after));
        let found = self.entries(&key_of(family, &[]), after.as_deref(), limit)?;
        let next = found.last().filter(|_| found.len() == limit).map(|(key, _)| own_key(key));
        let mut page = Page { records: Vec::new(), damaged: Vec::new(), next };
        for (key, location) in found {
            match self.find(&key, Some(location)) {
                Ok(Some(body)) => page.records.push((own_key(&key), body)),
                Ok(None) => {}
                Err(ReadError::Damaged { .. }) => page.damaged.push(own_key(&key)),
                Err(error) => return Err(error),
            }
        }
        Ok(page)
    }

    /// How many documents a family has.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn count(&self, family: Family) -> Result<u64, ReadError> {
        self.with_index(|shared| shared.index.count(Some(family)))
    }

    /// The state of the store now: as found when it was opened, and what was found since.
    pub fn report(&self) -> OpeningReport {
        let shared = &self.inner.shared;
        let (segments, bytes) = {
            let segments = shared.journal.segments();
            (segments.len() as u64, segments.values().map(|s| s.bytes).sum())
        };
        let records = self.with_index(|shared| shared.index.count(None)).unwrap_or(0);
        let live = shared.index.usage().live.values().sum::<u64>().min(bytes);
        let findings = shared.findings();
        OpeningReport {
            records,
            segments,
            bytes,
            live,
            torn_tail: findings.torn_tail.clone(),
            damaged: findings.damaged.clone(),
            index: findings.index.clone(),
        }
    }

    /// Rewrites what is live of mostly dead segments, and deletes them. Segments with damage are left alone.
    ///
    /// Closed segments that are nearly dead are compacted by themselves; this takes those up to one half live as well.
    ///
    /// # Errors
    /// [`CompactError`]; what was there is unharmed.
    pub async fn compact(&self) -> Result<Compaction, CompactError> {
        let (answer, answered) = oneshot::channel();
        self.inner.compactor.send(Request::Compact(answer)).map_err(|_| CompactError::Closed)?;
        answered.await.map_err(|_| CompactError::Closed)?
    }

    /// The same for callers that may block their thread.
    ///
    /// # Errors
    /// As [`compact`](Self::compact).
    pub fn compact_blocking(&self) -> Result<Compaction, CompactError> {
        futures_executor::block_on(self.compact())
    }

    /// Finishes what is queued, writes out the index, and lets go of the home. Other clones are closed with it.
    pub async fn close(self) {
        self.inner.stop();
        let mut ended = self.inner.ended.clone();
        while ended.changed().await.is_ok() {}
    }

    fn entries(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Location)>, ReadError> {
        self.with_index(|shared| shared.index.page(prefix, after, limit))
    }

    /// Asks the index; if it fails, has it made anew and asks again.
    fn with_index<T>(&self, ask: impl Fn(&Shared) -> Result<T, Fault>) -> Result<T, ReadError> {
        let shared = &self.inner.shared;
        let mut last = String::new();
        for _ in 0..TRIES {
            let rebuilds = shared.rebuilds.load(Ordering::Acquire);
            match ask(shared) {
                Ok(found) => return Ok(found),
                Err(fault) => {
                    last.clone_from(&fault.0);
                    self.repair(fault, rebuilds)?;
                }
            }
        }
        Err(ReadError::Index { why: last })
    }

    fn repair(&self, why: Fault, rebuilds: u64) -> Result<(), ReadError> {
        if self.inner.shared.is_closed() {
            return Err(ReadError::Closed);
        }
        let (answer, answered) = oneshot::channel();
        let command = Command::Repair { why, rebuilds, answer };
        self.inner.queue.send(command).map_err(|_| ReadError::Closed)?;
        futures_executor::block_on(answered).map_err(|_| ReadError::Closed)?
    }

    /// The document under an engine's key, perhaps with a first idea of where it lies.
    fn find(&self, key: &[u8], mut hint: Option<Location>) -> Result<Option<Vec<u8>>, ReadError> {
        let shared = &self.inner.shared;
        let mut gone = None;
        for _ in 0..TRIES {
            let rebuilds = shared.rebuilds.load(Ordering::Acquire);
            let located = match hint.take() {
                Some(location) => Some(location),
                None => self.with_index(|shared| shared.index.locate(key))?,
            };
            let Some(location) = located.filter(|l| !l.removed) else { return Ok(None) };
            match shared.body(key, &location)? {
                Body::Found(body) => return Ok(Some(body)),
                Body::Wrong => self.repair(Fault("it pointed to another document".into()), rebuilds)?,
                // Looked up again: if it is where it was, its segment is lost.
                Body::Gone if gone.as_ref() != Some(&location) => gone = Some(location),
                Body::Gone | Body::Damaged => return Err(shared.note_damage(&location)),
            }
        }
        Err(ReadError::Index { why: "it kept changing".into() })
    }
}

/// The documents of a family in the order of their keys; see [`Store::scan`].
pub struct Scan {
    store: Store,
    prefix: Vec<u8>,
    after: Option<Vec<u8>>,
    page: VecDeque<(Vec<u8>, Location)>,
    last: bool,
}

impl Scan {
    fn turn(&mut self) -> Result<(), ReadError> {
        let found = self.store.entries(&self.prefix, self.after.as_deref(), PAGE)?;
        self.last = found.len() < PAGE;
        if let Some((key, _)) = found.last() {
            self.after = Some(key.clone());
        }
        self.page = found.into();
        Ok(())
    }
}

impl Iterator for Scan {
    type Item = Result<(Vec<u8>, Vec<u8>), ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some((key, location)) = self.page.pop_front() else {
                if self.last {
                    return None;
                }
                if let Err(error) = self.turn() {
                    self.last = true;
                    return Some(Err(error));
                }
                continue;
            };
            match self.store.find(&key, Some(location)) {
                Ok(Some(body)) => return Some(Ok((own_key(&key), body))),
                Ok(None) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// The caller's part of an engine's key.
fn own_key(key: &[u8]) -> Vec<u8> {
    key.get(2..).unwrap_or_default().to_vec()
}
