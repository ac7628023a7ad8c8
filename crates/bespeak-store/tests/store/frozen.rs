//! A journal written by the first version is read by every later one.

use std::path::Path;

use crate::common::{DOCUMENTS, keep, numbered, numbers, open, remove, segments};

/// Made once by `make`, with the key of these tests; never made again.
const FROZEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/frozen/v1");

#[test]
fn the_first_format_is_still_read() {
    let home = tempfile::tempdir().unwrap();
    let journal = home.path().join("journal");
    std::fs::create_dir(&journal).unwrap();
    let mut count = 0;
    for file in std::fs::read_dir(FROZEN).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), journal.join(file.file_name())).unwrap();
        count += 1;
    }
    assert_eq!(count, 2, "one compacted and one plain segment");
    let (store, report) = open(home.path());
    assert_eq!((report.damaged, report.torn_tail, report.records), (vec![], None, 5));
    assert_eq!(numbers(&store), [1, 2, 4, 80, 81]);
}

/// How the frozen journal was made.
#[test]
fn a_new_one_of_the_same_life_says_the_same() {
    let home = tempfile::tempdir().unwrap();
    make(home.path());
    let (store, _) = open(home.path());
    assert_eq!(numbers(&store), [1, 2, 4, 80, 81]);
    assert_eq!(segments(home.path()).len(), 2);
    if let Ok(target) = std::env::var("BESPEAK_STORE_FREEZE") {
        std::fs::create_dir_all(&target).unwrap();
        for file in segments(home.path()) {
            std::fs::copy(&file, Path::new(&target).join(file.file_name().unwrap())).unwrap();
        }
    }
}

fn make(home: &Path) {
    let (store, _) = open(home);
    store.commit_blocking((0..5).map(numbered).collect()).unwrap();
    store.commit_blocking(vec![keep(DOCUMENTS, "000070", vec![1; 6000])]).unwrap();
    store
        .commit_blocking(vec![numbered(80), remove(DOCUMENTS, "000000"), remove(DOCUMENTS, "000070")])
        .unwrap();
    store.commit_blocking(vec![numbered(81), remove(DOCUMENTS, "000003")]).unwrap();
    assert_eq!(store.compact_blocking().unwrap().segments, 1);
}
