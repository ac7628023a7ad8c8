//! The engine of the index panics while the store is open.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::{Change, Family, IndexState, Options, Store, StoreKey};

const NOTES: Family = Family(1);

fn note(number: u32) -> Change {
    Change::Keep { family: NOTES, key: number.to_be_bytes().into(), body: number.to_le_bytes().into() }
}

fn open(home: &std::path::Path) -> Store {
    let options = Options { segment_bytes: 12 << 10, compact_by_itself: false, ..Options::default() };
    Store::open(home, StoreKey::from_bytes([5; 32]), options).unwrap().0
}

fn check(store: &Store, count: u32) {
    for number in 0..count {
        assert_eq!(store.get(NOTES, &number.to_be_bytes()).unwrap(), Some(number.to_le_bytes().into()));
    }
    assert_eq!(store.count(NOTES).unwrap(), u64::from(count));
    assert_eq!(store.scan(NOTES, b"").unwrap().count(), count as usize);
}

#[test]
fn readers_have_it_made_anew() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path());
    store.commit_blocking((0..500).map(note).collect()).unwrap();
    drop(store);
    let store = open(home.path());
    store.inner.shared.index.spoil();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| check(&store, 500));
        }
    });
    assert!(matches!(store.report().index, IndexState::Rebuilt { .. }));
    check(&store, 500);
}

#[test]
fn the_writer_and_the_compactor_have_it_made_anew() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path());
    for round in 0..3 {
        store.inner.shared.index.spoil();
        // More than the writer lets wait, so that it must come to the engine.
        store.commit_blocking((0..5000).map(note).collect()).unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while store.inner.shared.rebuilds.load(Ordering::SeqCst) <= round {
            assert!(Instant::now() < deadline, "not made anew in a minute");
            std::thread::yield_now();
        }
    }
    store.inner.shared.index.spoil();
    assert!(store.compact_blocking().unwrap().segments > 0);
    check(&store, 5000);
    drop(store);
    check(&open(home.path()), 5000);
}
