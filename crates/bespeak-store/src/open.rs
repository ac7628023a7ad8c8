//! Opening a store: lock, look, and only then alter.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;

use tokio::sync::{Semaphore, watch};

use crate::compactor::{Compactor, Request};
use crate::disk::{Disk, RealDisk, create_dir};
use crate::error::{DiskError, OpenError, doing};
use crate::index::{Facts, Opened, Setting};
use crate::journal::append::Appender;
use crate::journal::survey::{Survey, Tail, survey};
use crate::journal::{Journal, remove_leftovers};
use crate::key::StoreKey;
use crate::lock::HomeLock;
use crate::progress::Watch;
use crate::report::{Damage, DamageKind, TornTail};
use crate::shared::{Findings, Shared};
use crate::store::{Inner, ROOM, Store};
use crate::writer::{Command, Writer};

/// How a store is opened.
#[derive(Clone)]
pub struct Options {
    /// A segment of the journal is closed when it reaches this many bytes. 64 MiB: a wild guess.
    pub segment_bytes: u64,
    /// The index's cache in bytes. 32 MiB, within the 16 to 64 MiB that were measured to serve.
    pub cache_bytes: u64,
    /// Compact nearly dead segments without being asked.
    pub compact_by_itself: bool,
    /// Where the journal is written; [`RealDisk`] but for tests.
    pub disk: Arc<dyn Disk>,
    /// Told how far the opening has come, and later the index whenever it is made anew.
    pub watch: Option<Watch>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            cache_bytes: 32 << 20,
            compact_by_itself: true,
            disk: Arc::new(RealDisk),
            watch: None,
        }
    }
}

pub(crate) fn open(home: &Path, key: &StoreKey, options: Options) -> Result<Store, OpenError> {
    create_dir(home).map_err(doing("creating the home"))?;
    let lock = HomeLock::take(home)?;
    let (dir, root) = (home.join("journal"), home.join("index"));
    create_dir(&dir).map_err(doing("creating the journal's directory"))?;
    let journal = Arc::new(Journal::new(dir, options.disk.clone(), key.journal()));
    let mut found = survey(&journal, 0, options.watch.as_ref())?;
    *journal.segments() = found.segments.clone();
    let setting =
        Setting { root, cache: options.cache_bytes, key: key.index(), watch: options.watch.clone() };
    let opened = Opened::look(setting, &facts(&journal, &found));
    if opened.seen > found.last {
        // The index knows that more was durable than is taken for it.
        found = survey(&journal, opened.seen, None)?;
        *journal.segments() = found.segments.clone();
    }
    journal.numbers_used_up_to(found.highest);
    // From here on things are altered.
    make_durable(&journal, home)?;
    clean(&journal, &found);
    let (appender, mut findings) = resume(&journal, &found, opened.seen, options.segment_bytes)?;
    let (index, how, unsealable) = opened.catch_up(&facts(&journal, &found))?;
    findings.index = how;
    findings.damaged.extend(unsealable);
    let closed = AtomicBool::new(false);
    let shared = Shared {
        journal: journal.clone(),
        index,
        findings: findings.into(),
        closed,
        rebuilds: AtomicU64::new(0),
    };
    start(Arc::new(shared), appender, &found, lock, options.compact_by_itself)
}

fn facts<'a>(journal: &'a Journal, found: &'a Survey) -> Facts<'a> {
    Facts { journal, tip: &found.tip, layout: found.layout, void: &found.void }
}

/// Makes the names durable of what is there: who gave them may have ended before they were. Those up to the home are, once
/// there is a segment; before that nothing has been acknowledged that could be lost with them.
fn make_durable(journal: &Journal, home: &Path) -> Result<(), DiskError> {
    if journal.segments().is_empty() {
        let home = std::path::absolute(home).map_err(doing("finding the home"))?;
        home.ancestors().skip(1).try_for_each(|dir| sync_above(&*journal.disk, dir))?;
        journal.disk.sync_dir(&home).map_err(doing("syncing the home"))?;
    }
    journal.disk.sync_dir(&journal.dir).map_err(doing("syncing the journal's directory"))
}

/// A directory that may be passed through but not read, or that cannot be synced, was not made by us.
fn sync_above(disk: &dyn Disk, dir: &Path) -> Result<(), DiskError> {
    use io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    match disk.sync_dir(dir) {
        Err(e) if matches!(e.kind(), PermissionDenied | Unsupported | InvalidInput) => Ok(()),
        synced => synced.map_err(doing("syncing what the home lies in")),
    }
}

fn clean(journal: &Journal, found: &Survey) {
    remove_leftovers(&*journal.disk, &found.leftovers);
    if !found.replaced.is_empty()
        && let Err(error) = journal.delete(&found.replaced)
    {
        tracing::warn!(target: "bespeak::store", %error, "replaced_segment_not_deleted");
    }
}

/// Decides where writing goes on. `seen` is the newest commit the index knows of.
fn resume(
    journal: &Arc<Journal>,
    found: &Survey,
    seen: u64,
    segment_bytes: u64,
) -> Result<(Appender, Findings), OpenError> {
    let mut damaged = found.damaged.clone();
    // What the index has seen was durable: if the journal ends before it, the disk has lost something. Then a new segment is
    // begun, whose header makes the gap known for good.
    let lost = (seen > found.last).then_some((found.last + 1, seen));
    let mut appender = Appender::new(journal.clone(), found.last.max(seen), segment_bytes);
    let tail = found.tail.clone();
    let torn_tail = match (&tail, lost) {
        (Some(tail), Some(numbers)) => {
            damaged.push(promised(tail, numbers));
            if let Some(segment) = journal.segments().get_mut(&tail.segment) {
                (segment.harmed, segment.least) = (true, 0);
            }
            None
        }
        (None, Some(numbers)) => {
            damaged.push(Damage {
                segment: 0,
                offset: 0,
                bytes: 0,
                numbers: Some(numbers),
                what: DamageKind::Missing,
            });
            None
        }
        (tail, None) => {
            go_on(&mut appender, found)?;
            tail.as_ref().map(|t| TornTail {
                segment: t.segment,
                offset: t.offset,
                bytes: t.bytes,
                after: t.after,
            })
        }
    };
    appender.begin()?;
    for damage in &damaged {
        tracing::error!(target: "bespeak::store", ?damage, "journal_damaged");
    }
    let index = crate::report::IndexState::Current;
    Ok((appender, Findings { torn_tail, damaged, index }))
}

fn go_on(appender: &mut Appender, found: &Survey) -> Result<(), DiskError> {
    found.active.map_or(Ok(()), |(number, end)| appender.resume(number, end))
}

/// A tail that holds what had been acknowledged is evidence, and stays.
fn promised(tail: &Tail, numbers: (u64, u64)) -> Damage {
    let Tail { segment, offset, bytes, .. } = *tail;
    Damage { segment, offset, bytes, numbers: Some(numbers), what: DamageKind::Entry }
}

fn start(
    shared: Arc<Shared>,
    appender: Appender,
    found: &Survey,
    lock: HomeLock,
    by_itself: bool,
) -> Result<Store, OpenError> {
    let (queue, commands) = channel();
    let (compactor, requests) = channel();
    let (alive, ended) = watch::channel(());
    let writer = Writer {
        shared: shared.clone(),
        appender,
        tip: found.tip.clone(),
        layout: found.layout,
        compactor: compactor.clone(),
        batches: 0,
    };
    let held = Held { lock, alive };
    let copier = Compactor { shared: shared.clone(), writer: queue.clone(), by_itself };
    let threads = vec![spawn_writer(writer, commands, held)?, spawn_compactor(copier, requests)?];
    let room = Arc::new(Semaphore::new(ROOM as usize));
    Ok(Store { inner: Arc::new(Inner { shared, queue, room, compactor, ended, threads }) })
}

/// What the writer lets go of when it ends, in this order.
struct Held {
    lock: HomeLock,
    alive: watch::Sender<()>,
}

fn spawn_writer(
    mut writer: Writer,
    commands: Receiver<Command>,
    held: Held,
) -> Result<JoinHandle<()>, OpenError> {
    let thread = std::thread::Builder::new().name("bespeak-store".into());
    let work = move || {
        writer.run(&commands);
        drop((writer, commands));
        let Held { lock, alive } = held;
        drop(lock);
        drop(alive);
    };
    Ok(thread.spawn(work).map_err(doing("starting the store's writer"))?)
}

fn spawn_compactor(compactor: Compactor, requests: Receiver<Request>) -> Result<JoinHandle<()>, OpenError> {
    let thread = std::thread::Builder::new().name("bespeak-compactor".into());
    Ok(thread.spawn(move || compactor.run(&requests)).map_err(doing("starting the store's compactor"))?)
}
