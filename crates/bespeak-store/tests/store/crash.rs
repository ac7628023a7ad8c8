//! A crash leaves the journal cut anywhere: what is found is a prefix of what was committed, and nothing more is claimed.

use crate::common::{DOCUMENTS, contents, copy, keep, numbered, numbers, open, remove, segments};

#[test]
fn cut_at_every_byte_of_the_last_commits() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    let segment = segments(home.path()).pop().unwrap();
    // The journal's length after each commit of two documents.
    let mut lengths = vec![std::fs::metadata(&segment).unwrap().len()];
    for number in 0..6 {
        store.commit_blocking(vec![numbered(number * 2), numbered(number * 2 + 1)]).unwrap();
        lengths.push(std::fs::metadata(&segment).unwrap().len());
    }
    drop(store);
    let whole = std::fs::read(&segment).unwrap();
    for length in lengths[3]..=lengths[6] {
        let copied = tempfile::tempdir().unwrap();
        let journal = copied.path().join("journal");
        std::fs::create_dir(&journal).unwrap();
        std::fs::write(journal.join(segment.file_name().unwrap()), &whole[..length as usize]).unwrap();
        let (store, report) = open(copied.path());
        let commits = lengths.iter().filter(|end| **end <= length).count() as u32 - 1;
        assert_eq!(numbers(&store), (0..commits * 2).collect::<Vec<_>>(), "cut at {length}");
        assert_eq!(report.damaged, vec![], "cut at {length}");
        assert_eq!(
            report.torn_tail.map(|t| t.offset + t.bytes),
            Some(length).filter(|l| !lengths.contains(l))
        );
        // Writing goes on, and numbers are not mixed up.
        store.commit_blocking(vec![numbered(90)]).unwrap();
        drop(store);
        let (store, report) = open(copied.path());
        assert_eq!((report.torn_tail, report.damaged), (None, vec![]));
        assert_eq!(numbers(&store), (0..commits * 2).chain([90]).collect::<Vec<_>>());
    }
}

#[test]
fn a_journal_that_ends_before_its_index_is_named() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    let mut lengths = vec![std::fs::metadata(&segments(home.path())[0]).unwrap().len()];
    for number in 0..6 {
        store.commit_blocking(vec![numbered(number)]).unwrap();
        lengths.push(std::fs::metadata(&segments(home.path())[0]).unwrap().len());
    }
    drop(store);
    let segment = segments(home.path()).pop().unwrap();
    let bytes = std::fs::read(&segment).unwrap();
    // The index knows of six commits; the disk loses the last two, to the byte or with a part of them left.
    for left in [0, 20] {
        let cut = tempfile::tempdir().unwrap();
        copy(home.path(), cut.path());
        std::fs::write(&segments(cut.path())[0], &bytes[..lengths[4] as usize + left]).unwrap();
        for opening in 0..3 {
            let (store, report) = open(cut.path());
            assert_eq!(report.torn_tail, None);
            let lost: Vec<_> = report.damaged.iter().filter_map(|d| d.numbers).collect();
            assert_eq!(lost, [(5, 6)], "opening {opening}: what was lost is named as long as it is lost");
            let expected: Vec<u32> = (0..4).chain(if opening == 2 { 7..8 } else { 0..0 }).collect();
            assert_eq!(numbers(&store), expected);
            if opening == 1 {
                store.commit_blocking(vec![numbered(7)]).unwrap();
            }
        }
    }
}

#[test]
fn a_crash_in_the_middle_of_a_compaction() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    for number in 0..120 {
        store.commit_blocking(vec![numbered(number), keep(DOCUMENTS, "000999", vec![1; 200])]).unwrap();
    }
    let gone = (0..120).filter(|n| n % 3 != 0).map(|n| remove(DOCUMENTS, format!("{n:06}")));
    store.commit_blocking(gone.chain([remove(DOCUMENTS, "000999")]).collect()).unwrap();
    let before = contents(&store);
    drop(store);
    let earlier = tempfile::tempdir().unwrap();
    copy(home.path(), earlier.path());
    let (store, _) = open(home.path());
    assert!(store.compact_blocking().unwrap().segments > 2);
    drop(store);
    // As if the crash came after the new segment was named and before any, or after some, of the old ones were deleted.
    for kept in 0..segments(earlier.path()).len() {
        for with_index in [true, false] {
            let crashed = tempfile::tempdir().unwrap();
            copy(if with_index { home.path() } else { earlier.path() }, crashed.path());
            for file in segments(crashed.path()) {
                std::fs::remove_file(file).unwrap();
            }
            for file in segments(home.path()).iter().chain(segments(earlier.path()).iter().skip(kept)) {
                std::fs::copy(file, crashed.path().join("journal").join(file.file_name().unwrap())).unwrap();
            }
            let (store, report) = open(crashed.path());
            assert_eq!((report.damaged, report.torn_tail), (vec![], None));
            assert_eq!(contents(&store), before, "{kept} deleted");
            let left =
                |home| segments(home).iter().map(|f| f.file_name().unwrap().to_owned()).collect::<Vec<_>>();
            assert_eq!(left(crashed.path()), left(home.path()), "replaced segments are deleted");
        }
    }
}
