//! Each call of a long life fails, with each code, once and for longer. The disk beneath is kept in memory, so that all of it
//! can be tried, and its power is cut in the end.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bespeak_store::{CommitError, Disk, Options, Store};

use super::failing::{CODES, Failing};
use crate::common::{DOCUMENTS, key, numbered, numbers, remove, times};
use crate::volume::Volume;
use crate::volume::dice::Dice;
use crate::volume::drive::{Drive, End};

/// The calls tried; a life makes more, or the test fails.
const CALLS: u64 = 500;
/// Commits before and after the reopening, and how many documents are live.
const COMMITS: u32 = 50;
const LIVE: u32 = 8;

/// Segments of a few commits, so that most calls are not plain writes.
fn options(disk: impl Disk) -> Options {
    Options {
        segment_bytes: 8192 + 200,
        compact_by_itself: false,
        disk: Arc::new(disk),
        ..Options::default()
    }
}

/// A home whose index is held in memory, as something lies in its way.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("index"), b"in the way").unwrap();
    home
}

fn memory() -> Drive {
    Drive::new(Volume::new(), u64::MAX, End::Kill, 0)
}

/// What the owner of a store knows of it.
struct Life<'a> {
    home: &'a Path,
    disk: &'a Failing,
    what: String,
    kept: BTreeSet<u32>,
    /// The first of the commits refused last, one behind the other.
    refused: Option<u32>,
}

impl Life<'_> {
    /// Opens the store; if that is refused, after a repair.
    fn open(&self) -> Store {
        let opened = Store::open(self.home, key(), options(self.disk.clone())).or_else(|_| {
            self.disk.repair();
            Store::open(self.home, key(), options(self.disk.clone()))
        });
        opened.unwrap_or_else(|e| panic!("{}: {e}", self.what)).0
    }

    /// Commits one document and removes an older one, whether the disk takes that or not.
    fn commit(&mut self, store: &Store, number: u32) {
        let mut changes = vec![numbered(number)];
        let old = number.checked_sub(LIVE);
        changes.extend(old.map(|old| remove(DOCUMENTS, format!("{old:06}"))));
        match store.commit_blocking(changes) {
            Ok(()) => {
                self.keep(number);
                self.refused = None;
            }
            Err(CommitError::Disk(_)) => {
                self.refused.get_or_insert(number);
            }
            Err(error) => panic!("{}: {error}", self.what),
        }
    }

    fn keep(&mut self, number: u32) {
        self.kept.insert(number);
        number.checked_sub(LIVE).map(|old| self.kept.remove(&old));
    }

    /// When the store was closed before the disk took writes again, the commit that met the failure may be found: what was
    /// written of it could not be cut back.
    fn open_again(&mut self) -> Store {
        let store = self.open();
        if let Some(refused) = self.refused.take().filter(|number| numbers(&store).contains(number)) {
            self.keep(refused);
        }
        self.check(&store, "opened");
        store
    }

    fn part(&mut self, numbers_from: u32) {
        let store = self.open_again();
        for number in numbers_from..numbers_from + COMMITS {
            self.commit(&store, number);
            if number % 40 == 10 {
                self.check(&store, "while it fails");
            }
            if number % 28 == 20 {
                // It is refused, or alters nothing that can be seen.
                let _ = store.compact_blocking();
            }
        }
    }

    fn check(&self, store: &Store, when: &str) {
        let kept: Vec<u32> = self.kept.iter().copied().collect();
        assert_eq!(numbers(store), kept, "{}: {when}", self.what);
    }
}

/// Commits, begins segments, compacts, opens again; then the disk is repaired, and in the end its power is cut.
fn live(first: i64, many: i64, code: i32) -> Failing {
    let (home, drive) = (home(), memory());
    let disk = Failing::new(drive.clone(), first, many, code);
    let what = format!("{many} calls from {first} with code {code}");
    let mut life = Life { home: home.path(), disk: &disk, what, kept: BTreeSet::new(), refused: None };
    life.part(0);
    life.part(COMMITS);
    let begun = disk.has_begun();
    disk.repair();
    let store = life.open_again();
    life.commit(&store, 900);
    assert!(life.kept.contains(&900), "{}: refused after the repair", life.what);
    store.compact_blocking().unwrap_or_else(|e| panic!("{}: compaction after the repair: {e}", life.what));
    life.check(&store, "after the repair");
    drop(store);
    for (volume, when) in [
        (drive.look(|volume| Ok(volume.clone())).unwrap(), "opened again"),
        (
            drive.look(|volume| Ok(volume.after_power_cut(&mut Dice(first as u64)))).unwrap(),
            "after a power cut",
        ),
    ] {
        let disk = Drive::new(volume, u64::MAX, End::Kill, 0);
        let (store, report) = Store::open(home.path(), key(), options(disk)).unwrap();
        life.check(&store, when);
        assert_eq!((report.damaged, report.torn_tail), (vec![], None), "{}: {when}", life.what);
    }
    assert!(begun, "{}: the life ended before", life.what);
    disk
}

/// Lives all of them, on as many threads as there are processors.
fn live_all(lives: &[(i64, i64, i32)]) {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((first, many, code)) = lives.get(next.fetch_add(1, Ordering::SeqCst)) {
                    live(*first, *many, *code);
                }
            });
        }
    });
}

#[test]
fn each_of_the_first_calls_fails_once_with_each_code() {
    let calls = times("BESPEAK_STORE_FAILING_CALLS", CALLS) as i64;
    let lives = (0..calls).flat_map(|first| CODES.map(|code| (first, 1, code)));
    live_all(&lives.collect::<Vec<_>>());
}

#[test]
fn calls_fail_for_a_while() {
    let calls = times("BESPEAK_STORE_FAILING_CALLS", CALLS) as i64;
    let whiles = [(2, 7), (5, 11), (40, 23), (i64::MAX, 17)];
    let lives = whiles.iter().flat_map(|(many, between)| {
        (0..calls).step_by(*between).map(|first| (first, *many, CODES[(first % 3) as usize]))
    });
    live_all(&lives.collect::<Vec<_>>());
}
