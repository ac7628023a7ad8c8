//! Compaction gives room back and loses nothing.

use std::time::{Duration, Instant};

use bespeak_store::{Options, Store};

use crate::common::{DOCUMENTS, contents, keep, key, numbered, numbers, open, remove, segments, small};

fn size(home: &std::path::Path) -> u64 {
    segments(home).iter().map(|f| std::fs::metadata(f).unwrap().len()).sum()
}

#[test]
fn room_is_given_back() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    for round in 0..400 {
        store
            .commit_blocking(vec![keep(DOCUMENTS, format!("{}", round % 20), vec![round as u8; 500])])
            .unwrap();
    }
    let (before, kept) = (size(home.path()), contents(&store));
    let done = store.compact_blocking().unwrap();
    assert!(done.bytes_after < done.bytes_before / 4, "{done:?}");
    assert!(size(home.path()) < before / 4);
    assert_eq!(contents(&store), kept);
    drop(store);
    let (store, report) = open(home.path());
    assert_eq!((report.damaged, contents(&store)), (vec![], kept));
}

#[test]
fn removals_are_forgotten_once_nothing_older_is_left() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    for number in 0..200 {
        store.commit_blocking(vec![numbered(number)]).unwrap();
        store.commit_blocking(vec![remove(DOCUMENTS, format!("{number:06}"))]).unwrap();
    }
    // The segment being written is never compacted; two small ones may remain beside it.
    store.compact_blocking().unwrap();
    assert!(size(home.path()) < 50_000, "{} bytes are left of nothing", size(home.path()));
    drop(store);
    std::fs::remove_dir_all(home.path().join("index")).unwrap();
    let (store, report) = open(home.path());
    assert_eq!((report.records, report.damaged), (0, vec![]));
    assert_eq!(numbers(&store), Vec::<u32>::new());
}

#[test]
fn a_removal_outlives_the_compaction_of_its_own_segment() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    // The first segment stays mostly live; the removal of one of its documents lies in a later one that dies.
    for number in 0..60 {
        store.commit_blocking(vec![numbered(number)]).unwrap();
    }
    store.commit_blocking(vec![remove(DOCUMENTS, "000007")]).unwrap();
    for _ in 0..60 {
        store.commit_blocking(vec![keep(DOCUMENTS, "000100", numbered_body(100))]).unwrap();
    }
    assert!(store.compact_blocking().unwrap().segments > 0);
    for _ in 0..2 {
        store.compact_blocking().unwrap();
    }
    drop(store);
    std::fs::remove_dir_all(home.path().join("index")).unwrap();
    let (store, report) = open(home.path());
    assert_eq!(report.damaged, vec![]);
    assert_eq!(numbers(&store), (0..60).filter(|n| *n != 7).chain([100]).collect::<Vec<_>>());
}

fn numbered_body(number: u32) -> Vec<u8> {
    match numbered(number) {
        bespeak_store::Change::Keep { body, .. } => body,
        bespeak_store::Change::Remove { .. } => unreachable!(),
    }
}

#[test]
fn nearly_dead_segments_are_compacted_without_being_asked() {
    let home = tempfile::tempdir().unwrap();
    let options = Options { compact_by_itself: true, ..small() };
    let (store, _) = Store::open(home.path(), key(), options).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut written = 0;
    while written < 400_000 || size(home.path()) > 150_000 {
        assert!(Instant::now() < deadline, "{} bytes of {written} after a minute", size(home.path()));
        store.commit_blocking(vec![keep(DOCUMENTS, "one", vec![3; 2000])]).unwrap();
        written += 2000;
    }
    drop(store);
    assert_eq!(open(home.path()).1.records, 1);
}

#[test]
fn the_segment_being_written_is_never_taken() {
    let home = tempfile::tempdir().unwrap();
    // A new segment for each commit, all of them dead but the last: whatever is taken wrongly is the one being written.
    let options = Options { segment_bytes: 1, ..small() };
    let (store, _) = Store::open(home.path(), key(), options).unwrap();
    for round in 0..5 {
        std::thread::scope(|scope| {
            let compacting = scope.spawn(|| (0..40).for_each(|_| assert!(store.compact_blocking().is_ok())));
            while !compacting.is_finished() {
                store.commit_blocking(vec![keep(DOCUMENTS, "one", [round])]).unwrap();
                store.commit_blocking(vec![remove(DOCUMENTS, "one")]).unwrap();
            }
        });
        let copied = tempfile::tempdir().unwrap();
        store.commit_blocking(vec![keep(DOCUMENTS, "one", [round])]).unwrap();
        crate::common::copy(home.path(), copied.path());
        std::fs::remove_dir_all(copied.path().join("index")).unwrap();
        let (copy, report) = open(copied.path());
        assert_eq!(copy.get(DOCUMENTS, b"one").unwrap(), Some(vec![round]));
        assert_eq!((report.damaged, report.torn_tail), (vec![], None));
    }
}

#[test]
fn commits_and_reads_go_on_while_compacting() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    store.commit_blocking((0..200).map(numbered).collect()).unwrap();
    std::thread::scope(|scope| {
        let compacting = scope.spawn(|| {
            for _ in 0..12 {
                store.compact_blocking().unwrap();
            }
        });
        let mut round = 0;
        while !compacting.is_finished() || round < 60 {
            store.commit_blocking((0..40).map(|n| numbered(n * 5)).collect()).unwrap();
            assert_eq!(numbers(&store), (0..200).collect::<Vec<_>>());
            round += 1;
        }
        compacting.join().unwrap();
    });
}
