//! A disk that refuses: what was acknowledged stays, what was not does not come back, and work goes on when it takes writes again.

mod each_call;
mod failing;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bespeak_store::{CommitError, Disk, DiskFile, Options, RealDisk, Store};

use crate::common::{DOCUMENTS, copy, key, numbered, numbers, open, segments, small};
use failing::{CODES, Failing};

#[test]
fn each_call_fails_once_or_for_a_while() {
    // Every one of the first fifty calls by itself; longer failures at some of them, as each life costs many syncs.
    for (many, between) in [(1, 1), (5, 4), (40, 7)] {
        for first in (0..50).step_by(between) {
            let disk = Failing::new(RealDisk, first, many, CODES[first as usize % 3]);
            let home = tempfile::tempdir().unwrap();
            live_through(home.path(), &disk, &format!("{many} calls from {first}"));
        }
    }
}

fn live_through(home: &Path, disk: &Failing, what: &str) {
    let options = || Options { disk: Arc::new(disk.clone()), ..small() };
    let (store, _) = match Store::open(home, key(), options()) {
        Ok(opened) => opened,
        Err(_) => {
            disk.repair();
            Store::open(home, key(), options()).unwrap_or_else(|e| panic!("{what}: {e}"))
        }
    };
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    for number in 0..40 {
        match store.commit_blocking(vec![numbered(number)]) {
            Ok(()) => kept.push(number),
            Err(CommitError::Disk(_)) => refused.push(number),
            Err(error) => panic!("{what}: {error}"),
        }
        if number % 10 == 0 {
            assert_eq!(numbers(&store), kept, "{what}: while it fails");
        }
        if number == 20 {
            let _ = store.compact_blocking();
        }
    }
    disk.repair();
    store.commit_blocking(vec![numbered(900)]).unwrap_or_else(|e| panic!("{what}: after repair: {e}"));
    kept.push(900);
    assert_eq!(numbers(&store), kept, "{what}: after repair");
    store.compact_blocking().unwrap_or_else(|e| panic!("{what}: compaction after repair: {e}"));
    drop(store);
    for fresh_index in [false, true] {
        if fresh_index {
            std::fs::remove_dir_all(home.join("index")).unwrap();
        }
        let (store, report) = open(home);
        assert_eq!(numbers(&store), kept, "{what}: after reopening; refused were {refused:?}");
        assert_eq!((report.damaged, report.torn_tail), (vec![], None), "{what}");
    }
}

#[test]
fn a_process_that_ends_on_a_full_disk_loses_nothing_acknowledged() {
    for first in (12..60).step_by(3) {
        let disk = Failing::new(RealDisk, first, i64::MAX, CODES[0]);
        let home = tempfile::tempdir().unwrap();
        let options = Options { disk: Arc::new(disk.clone()), ..small() };
        let (store, _) = Store::open(home.path(), key(), options).unwrap();
        let outcome = |number| store.commit_blocking(vec![numbered(number)]).is_ok();
        let kept: Vec<u32> = (0..60).filter(|number| outcome(*number)).collect();
        assert!(kept.len() < 60);
        assert_eq!(numbers(&store), kept);
        drop(store);
        let (store, report) = open(home.path());
        let found = numbers(&store);
        // The commit under way when the disk failed may be found, as it could not be cut back; nothing after it.
        let under_way = kept.len() as u32;
        assert!(found == kept || found == (0..=under_way).collect::<Vec<_>>(), "{first}: {found:?}");
        assert_eq!(report.damaged, vec![], "{first}");
        store.commit_blocking(vec![numbered(70)]).unwrap();
        assert!(store.get(DOCUMENTS, b"000070").unwrap().is_some());
    }
}

/// Refuses to open one file, once, after it was opened so often.
#[derive(Clone)]
struct Shut {
    name: std::ffi::OsString,
    after: Arc<AtomicI64>,
}

impl Disk for Shut {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        RealDisk.create(path)
    }
    fn open(&self, path: &Path, write: bool) -> io::Result<Box<dyn DiskFile>> {
        let hit = path.file_name() == Some(&self.name) && self.after.fetch_sub(1, Ordering::SeqCst) == 0;
        // EMFILE.
        if hit { Err(io::Error::from_raw_os_error(24)) } else { RealDisk.open(path, write) }
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        RealDisk.sync_dir(path)
    }
}

/// The index lags so far behind that it is filled in several parts; then a segment cannot be opened.
#[test]
fn an_index_that_could_not_catch_up_is_not_taken_for_whole() {
    let (home, old) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(open(home.path()));
    copy(&home.path().join("index"), old.path());
    let (store, _) = open(home.path());
    for first in [0, 6_000, 12_000] {
        store.commit_blocking((first..first + 6_000).map(numbered).collect()).unwrap();
    }
    drop(store);
    let name = segments(home.path()).pop().unwrap().file_name().unwrap().to_owned();
    let mut refused = 0;
    for after in 0.. {
        std::fs::remove_dir_all(home.path().join("index")).unwrap();
        copy(old.path(), &home.path().join("index"));
        let shut = Shut { name: name.clone(), after: Arc::new(AtomicI64::new(after)) };
        let opened = Store::open(home.path(), key(), Options { disk: Arc::new(shut.clone()), ..small() });
        if opened.is_ok() && shut.after.load(Ordering::SeqCst) >= 0 {
            break;
        }
        refused += i64::from(opened.is_err());
        drop(opened);
        let (store, _) = open(home.path());
        assert_eq!(numbers(&store).len(), 18_000, "after opening number {after} was refused");
    }
    assert!(refused > 1, "only {refused} openings were refused");
}
