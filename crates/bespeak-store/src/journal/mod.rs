//! The journal: numbered segments of sealed entries, and the only truth of the store.
//!
//! [`survey`] reads everything once at the start and says what is there, what is damaged and what is missing; `Appender`
//! ([`append`]) writes; [`Journal`] reads single documents and walks whole segments; [`compact`] makes the file of a compaction.

pub(crate) mod append;
pub(crate) mod compact;
pub(crate) mod entry;
pub(crate) mod header;
pub(crate) mod ledger;
pub(crate) mod survey;
mod survey_sum;
pub(crate) mod walk;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chacha20poly1305::XChaCha20Poly1305;
use zeroize::Zeroizing;

use crate::change::{self, Change};
use crate::disk::{Disk, DiskFile, read_full};
use crate::error::{DiskError, WriteError, doing};
use crate::index::Location;
use crate::key::JournalKey;
use header::{Found, HEADER, Header, Kind};
use ledger::Numbers;
use walk::{Step, Walk};

/// Open files kept for reading: few, as a process may have only 64 descriptors (a wild guess within that).
const READERS: usize = 16;

/// Is shown each change with where it lies; an error ends the visit.
pub(crate) type Visitor<'a, E> = dyn FnMut(&Location, &[u8]) -> Result<(), E> + 'a;

/// What is known of a segment while the store is open.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    /// The least commit number in it that can be in the way of forgetting a removal.
    pub(crate) least: u64,
    /// The commits it accounts for.
    pub(crate) covered: Numbers,
    /// The commits it declares void.
    pub(crate) void: Numbers,
    /// Its length in bytes.
    pub(crate) bytes: u64,
    /// It has unreadable parts, and is left alone as evidence.
    pub(crate) harmed: bool,
}

/// A segment opened for reading.
pub(crate) struct Reader {
    pub(crate) file: Box<dyn DiskFile>,
    pub(crate) cipher: XChaCha20Poly1305,
}

/// What was found at a place.
pub(crate) enum Fetched {
    /// The change that was sealed there.
    Change(Change),
    /// The segment is gone: compacted since the place was looked up, or lost.
    Gone,
    /// It does not unseal.
    Damaged,
}

/// The journal's directory, and what its files are.
pub(crate) struct Journal {
    pub(crate) dir: PathBuf,
    pub(crate) disk: Arc<dyn Disk>,
    key: JournalKey,
    segments: Mutex<BTreeMap<u32, Segment>>,
    readers: Mutex<HashMap<u32, Arc<Reader>>>,
    /// Segments that were to be deleted and are still there. The next compaction stands for them too: else what they hold
    /// would rise again when the segment that stands for them now is gone.
    undeleted: Mutex<BTreeSet<u32>>,
    next_number: AtomicU32,
}

impl Journal {
    pub(crate) fn new(dir: PathBuf, disk: Arc<dyn Disk>, key: JournalKey) -> Self {
        let (segments, readers, undeleted) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { dir, disk, key, segments, readers, undeleted, next_number: AtomicU32::new(1) }
    }

    pub(crate) fn path(&self, number: u32) -> PathBuf {
        self.dir.join(format!("{number:08}.seg"))
    }

    pub(crate) fn unfinished(&self, number: u32) -> PathBuf {
        self.dir.join(format!("{number:08}.tmp"))
    }

    pub(crate) fn segments(&self) -> MutexGuard<'_, BTreeMap<u32, Segment>> {
        self.segments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits not to be believed, wherever they are found.
    pub(crate) fn void(&self) -> Numbers {
        self.segments().values().flat_map(|s| s.void.iter().cloned()).collect()
    }

    fn readers(&self) -> MutexGuard<'_, HashMap<u32, Arc<Reader>>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Segments that were to be deleted and are still there.
    pub(crate) fn undeleted(&self) -> MutexGuard<'_, BTreeSet<u32>> {
        self.undeleted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number no segment has had while this store was open, and none that is there has.
    pub(crate) fn new_number(&self) -> u32 {
        self.next_number.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn numbers_used_up_to(&self, number: u32) {
        self.next_number.fetch_max(number.saturating_add(1), Ordering::Relaxed);
    }

    /// Creates a segment under its unfinished name, with its header; [`Self::publish`] gives it its own.
    pub(crate) fn create(
        &self,
        number: u32,
        kind: Kind,
        base: u64,
        valid_through: u64,
    ) -> Result<Reader, WriteError> {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(|_| WriteError::NoRandomness)?;
        let check = self.key.check(number, &salt);
        let path = self.unfinished(number);
        let made = self.disk.create(&path).map_err(doing("creating a journal segment"))?;
        let bytes = header::encode(&Header { kind, number, base, valid_through, salt, check });
        if let Err(error) = made.write_at(0, &bytes) {
            let _ = self.disk.remove(&path);
            return Err(DiskError::new("writing a journal segment's header", &error).into());
        }
        Ok(Reader { file: made, cipher: self.key.segment(number, &salt) })
    }

    /// Makes a new segment durable under its own name; from then on it counts.
    pub(crate) fn publish(&self, number: u32, file: &dyn DiskFile) -> Result<(), DiskError> {
        let (from, to) = (self.unfinished(number), self.path(number));
        let done = file
            .sync()
            .map_err(doing("syncing a journal segment"))
            .and_then(|()| self.disk.rename(&from, &to).map_err(doing("naming a journal segment")))
            .and_then(|()| self.disk.sync_dir(&self.dir).map_err(doing("syncing the journal's directory")));
        if done.is_err() {
            self.withdraw(number, &from, &to);
        }
        done
    }

    /// Takes back a segment that could not be made durable. Where that fails too it may be found at the next start, so it
    /// counts as one that may hold anything, and no removal is forgotten because of it.
    fn withdraw(&self, number: u32, from: &Path, to: &Path) {
        let _ = self.disk.remove(from);
        let gone = self.disk.remove(to).map_or_else(|e| e.kind() == io::ErrorKind::NotFound, |()| true);
        if !gone {
            let (covered, void) = (Numbers::new(), Numbers::new());
            self.segments().insert(number, Segment { least: 0, covered, void, bytes: HEADER, harmed: true });
        }
    }

    /// Reads a header, and tells whether it is of this journal.
    pub(crate) fn header(&self, number: u32, file: &dyn DiskFile) -> io::Result<(Found, bool)> {
        let mut bytes = vec![0; HEADER as usize];
        let read = read_full(file, 0, &mut bytes)?;
        let found = header::decode(&bytes[..read]);
        let ours = matches!(&found, Found::Header { header, .. }
            if header.number == number && header.check == self.key.check(number, &header.salt));
        Ok((found, ours))
    }

    pub(crate) fn cipher(&self, header: &Header) -> XChaCha20Poly1305 {
        self.key.segment(header.number, &header.salt)
    }

    /// Opens a segment for reading, or finds it open; `None` when it is gone or its header is unreadable.
    pub(crate) fn reader(&self, number: u32) -> Result<Option<Arc<Reader>>, DiskError> {
        if let Some(open) = self.readers().get(&number) {
            return Ok(Some(open.clone()));
        }
        let file = match self.disk.open(&self.path(number), false) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(DiskError::new("opening a journal segment", &e)),
        };
        let (found, ours) = self.header(number, &*file).map_err(doing("reading a journal segment"))?;
        let Found::Header { header, .. } = found else { return Ok(None) };
        if !ours {
            return Ok(None);
        }
        let open = Arc::new(Reader { file, cipher: self.cipher(&header) });
        let mut readers = self.readers();
        if readers.len() >= READERS {
            readers.clear();
        }
        readers.insert(number, open.clone());
        Ok(Some(open))
    }

    /// Reads one change.
    pub(crate) fn fetch(&self, location: &Location) -> Result<Fetched, DiskError> {
        let Some(reader) = self.reader(location.segment)? else { return Ok(Fetched::Gone) };
        if location.length as usize > entry::MAX_BODY {
            return Ok(Fetched::Damaged);
        }
        let mut sealed = vec![0; location.length as usize];
        let read =
            read_full(&*reader.file, location.offset, &mut sealed).map_err(doing("reading the journal"))?;
        let change =
            entry::unseal(&reader.cipher, location, &sealed[..read]).and_then(|plain| change::decode(&plain));
        Ok(change.map_or(Fetched::Damaged, Fetched::Change))
    }

    /// Whether the head at a place is the one remembered.
    pub(crate) fn has_head(&self, tip: &Tip) -> bool {
        let Ok(Some(reader)) = self.reader(tip.segment) else { return false };
        let mut bytes = [0; entry::HEAD];
        if read_full(&*reader.file, tip.offset, &mut bytes).is_err() {
            return false;
        }
        entry::Head::decode(&bytes)
            .is_some_and(|head| head.sequence == tip.sequence && head.nonce == tip.nonce)
    }

    /// Visits all changes of a segment that still unseal. Returns the places that should, and do not.
    pub(crate) fn visit<E: From<DiskError>>(
        &self,
        number: u32,
        each: &mut Visitor<'_, E>,
    ) -> Result<Vec<Location>, E> {
        let Some(reader) = self.reader(number)? else { return Ok(Vec::new()) };
        let length = reader.file.length().map_err(doing("measuring a journal segment"))?;
        let mut walk = Walk::new(&*reader.file, length);
        let mut unsealable = Vec::new();
        while let Some(step) = walk.next() {
            let Step::Entry { offset, head } = step else { continue };
            if head.sequence == entry::NOTE {
                continue;
            }
            let Some(parts) = entry::parts(number, offset, &head, walk.body()) else {
                unsealable.push(Location::of_entry(number, offset, &head));
                continue;
            };
            for (location, sealed) in parts {
                match entry::unseal(&reader.cipher, &location, sealed) {
                    Some(plain) => each(&location, &plain)?,
                    None => unsealable.push(location),
                }
            }
        }
        Ok(unsealable)
    }

    /// Forgets and deletes segments whose documents are elsewhere by now.
    pub(crate) fn delete(&self, numbers: &[u32]) -> Result<(), DiskError> {
        for number in numbers {
            self.segments().remove(number);
            self.readers().remove(number);
        }
        let mut outcome = Ok(());
        for number in numbers {
            match self.disk.remove(&self.path(*number)) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => {
                    self.undeleted().insert(*number);
                    outcome = Err(DiskError::new("deleting a journal segment", &e));
                }
                _ => drop(self.undeleted().remove(number)),
            }
        }
        outcome.and(self.disk.sync_dir(&self.dir).map_err(doing("syncing the journal's directory")))
    }
}

/// The newest commit, and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tip {
    pub(crate) sequence: u64,
    pub(crate) segment: u32,
    pub(crate) offset: u64,
    pub(crate) nonce: [u8; 20],
}

impl Tip {
    /// Before the first commit.
    pub(crate) const NONE: Self = Self { sequence: 0, segment: 0, offset: 0, nonce: [0; 20] };
}

/// Deletes what a crash left unfinished.
pub(crate) fn remove_leftovers(disk: &dyn Disk, paths: &[PathBuf]) {
    for path in paths {
        if let Err(error) = disk.remove(path) {
            tracing::warn!(target: "bespeak::store", %error, "leftover_not_deleted");
        }
    }
}

/// The number in a segment's file name.
pub(crate) fn number_of(path: &Path, extension: &str) -> Option<u32> {
    if path.extension()?.to_str()? != extension {
        return None;
    }
    let stem = path.file_stem()?.to_str()?;
    if stem.len() < 8 || !stem.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    stem.parse().ok()
}

/// A note of a compacted segment, unsealed.
pub(crate) fn read_note(
    reader: &XChaCha20Poly1305,
    segment: u32,
    offset: u64,
    head: &entry::Head,
    body: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let parts = entry::parts(segment, offset, head, body)?;
    let (location, sealed) = parts.first()?;
    entry::unseal(reader, location, sealed)
}
