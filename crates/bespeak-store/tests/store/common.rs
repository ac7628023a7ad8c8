//! What the tests share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bespeak_store::{Change, Family, OpeningReport, Options, Store, StoreKey};

pub(crate) const DOCUMENTS: Family = Family(3);

/// What a store should hold.
pub(crate) type Model = BTreeMap<(u8, Vec<u8>), Vec<u8>>;

pub(crate) fn key() -> StoreKey {
    StoreKey::from_bytes([42; 32])
}

/// Small segments and a small cache, so that rotation and compaction happen in tests.
pub(crate) fn small() -> Options {
    Options { segment_bytes: 12 << 10, cache_bytes: 1 << 20, compact_by_itself: false, ..Options::default() }
}

pub(crate) fn open(home: &Path) -> (Store, OpeningReport) {
    Store::open(home, key(), small()).unwrap()
}

pub(crate) fn keep(family: Family, key: impl Into<Vec<u8>>, body: impl Into<Vec<u8>>) -> Change {
    Change::Keep { family, key: key.into(), body: body.into() }
}

pub(crate) fn remove(family: Family, key: impl Into<Vec<u8>>) -> Change {
    Change::Remove { family, key: key.into() }
}

/// A document as tests write it: its number in both key and body.
pub(crate) fn numbered(number: u32) -> Change {
    keep(DOCUMENTS, format!("{number:06}"), format!("document {number} {}", "x".repeat(number as usize % 90)))
}

pub(crate) fn apply(model: &mut Model, changes: &[Change]) {
    for change in changes {
        match change.clone() {
            Change::Keep { family, key, body } => model.insert((family.0, key), body),
            Change::Remove { family, key } => model.remove(&(family.0, key)),
        };
    }
}

/// Everything in the families 0 to 7.
pub(crate) fn contents(store: &Store) -> Model {
    let mut all = Model::new();
    for family in 0..8 {
        let mut count = 0;
        for found in store.scan(Family(family), b"").unwrap() {
            let (key, body) = found.unwrap();
            all.insert((family, key), body);
            count += 1;
        }
        assert_eq!(store.count(Family(family)).unwrap(), count);
    }
    all
}

/// The numbers of [`numbered`] documents that can be read.
pub(crate) fn numbers(store: &Store) -> Vec<u32> {
    let readable = store.scan(DOCUMENTS, b"").unwrap().filter_map(Result::ok);
    readable
        .map(|(key, body)| {
            let number: u32 = String::from_utf8(key).unwrap().parse().unwrap();
            assert_eq!(numbered(number), keep(DOCUMENTS, format!("{number:06}"), body));
            number
        })
        .collect()
}

/// All files under a directory, but for the lock.
pub(crate) fn files(home: &Path) -> Vec<PathBuf> {
    crate::hurt::files(home).unwrap()
}

pub(crate) fn segments(home: &Path) -> Vec<PathBuf> {
    files(&home.join("journal")).into_iter().filter(|p| p.extension().unwrap() == "seg").collect()
}

/// Copies a home as it lies on disk.
pub(crate) fn copy(from: &Path, to: &Path) {
    crate::hurt::copy(from, to).unwrap();
}

/// How many times, unless the environment says otherwise.
pub(crate) fn times(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Says, past the capture of a passing test's words, that something was not tried; `.ci/run` repeats it at its end.
pub(crate) fn not_run(what: &str) {
    use std::io::Write;
    let mut past_the_capture = std::io::stderr().lock();
    writeln!(past_the_capture, "NOT RUN: {what}").unwrap();
    if let Some(list) = std::env::var_os("BESPEAK_NOT_RUN") {
        let mut list = std::fs::OpenOptions::new().create(true).append(true).open(list).unwrap();
        writeln!(list, "{what}").unwrap();
    }
}
