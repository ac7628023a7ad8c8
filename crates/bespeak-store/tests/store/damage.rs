//! Bits turn, files are cut and vanish: nothing panics, nothing wrong is handed out, and every loss is named.

use std::path::Path;

use bespeak_store::{DamageKind, IndexState, OpenError, ReadError, Store};

use crate::common::{
    DOCUMENTS, Model, apply, copy, files, key, numbered, numbers, open, remove, segments, small, times,
};
use crate::volume::dice::Dice;

/// A home with plain and compacted segments, removals, and an index.
fn lived_in(home: &Path) -> Model {
    let (store, _) = open(home);
    let mut model = Model::new();
    let commit = |changes: Vec<_>, model: &mut Model| {
        apply(model, &changes);
        store.commit_blocking(changes).unwrap();
    };
    for number in 0..90 {
        commit(vec![numbered(number), numbered(number + 1000)], &mut model);
    }
    commit((0..50).map(|n| remove(DOCUMENTS, format!("{n:06}"))).collect(), &mut model);
    commit((1000..1040).map(|n| remove(DOCUMENTS, format!("{n:06}"))).collect(), &mut model);
    assert!(store.compact_blocking().unwrap().segments > 0);
    for number in 200..280 {
        commit(vec![numbered(number)], &mut model);
    }
    commit(vec![remove(DOCUMENTS, "000088"), numbered(300)], &mut model);
    model
}

#[test]
fn turned_bits_and_cuts_are_never_silent() {
    let home = tempfile::tempdir().unwrap();
    let model = lived_in(home.path());
    let mut dice = Dice(1);
    let (mut named, mut rebuilt) = (0, 0);
    for round in 0..times("BESPEAK_STORE_FLIPS", 200) {
        let hurt = tempfile::tempdir().unwrap();
        copy(home.path(), hurt.path());
        let what = hurt_one(hurt.path(), round, &mut dice);
        let (lost, index) = judge(hurt.path(), &model, &what);
        named += u64::from(lost);
        rebuilt += u64::from(index);
        // A second opening finds the same, now that the index is right.
        judge(hurt.path(), &model, &what);
    }
    println!("{named} with losses named, {rebuilt} with the index made anew");
    assert!(named > 20 && rebuilt > 20, "the damage did not reach what it should: {named}, {rebuilt}");
}

/// Turns one bit, or cuts, somewhere in the files of a home; in turn in the journal and in the index.
fn hurt_one(home: &Path, round: u64, dice: &mut Dice) -> String {
    let part = home.join(if round.is_multiple_of(2) { "journal" } else { "index" });
    let files: Vec<_> =
        files(&part).into_iter().filter(|f| std::fs::metadata(f).unwrap().len() > 0).collect();
    let file = &files[dice.roll(files.len() as u64) as usize];
    let done = crate::hurt::hurt(file, round % 10 >= 8, |sides| dice.roll(sides)).unwrap();
    format!("round {round}: {done}")
}

/// True and true if something was named as lost, and if the index was made anew.
fn judge(home: &Path, model: &Model, what: &str) -> (bool, bool) {
    let (store, report) = Store::open(home, key(), small()).unwrap_or_else(|e| panic!("{what}: {e}"));
    let lossless = |kind| matches!(kind, DamageKind::HeaderCopy);
    let named = report.torn_tail.is_some() || report.damaged.iter().any(|d| !lossless(d.what));
    let mut wrong = 0;
    for ((_, key), body) in model {
        match store.get(DOCUMENTS, key) {
            Ok(Some(found)) if found == *body => {}
            Ok(Some(_)) => panic!("{what}: a document that was never kept under its key"),
            Ok(None) | Err(ReadError::Damaged { .. }) => wrong += 1,
            Err(error) => panic!("{what}: {error}"),
        }
    }
    let more = numbers(&store)
        .iter()
        .filter(|n| !model.contains_key(&(DOCUMENTS.0, format!("{n:06}").into())))
        .count();
    assert!(named || wrong + more == 0, "{what}: {wrong} lost and {more} risen in silence; {report:?}");
    (named, matches!(report.index, IndexState::Rebuilt { .. }))
}

#[test]
fn a_damaged_commit_is_stepped_over_and_named() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    let mut ends = vec![];
    let segment = segments(home.path()).pop().unwrap();
    for number in 0..8 {
        store.commit_blocking(vec![numbered(number)]).unwrap();
        ends.push(std::fs::metadata(&segment).unwrap().len());
    }
    drop(store);
    // A bit in the head (length) of the third, and one in the body of the sixth.
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[ends[1] as usize + 12] ^= 4;
    bytes[ends[4] as usize + 60] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let (store, report) = open(home.path());
    let found: Vec<_> =
        report.damaged.iter().map(|d| (d.segment, d.offset, d.bytes, d.numbers, d.what)).collect();
    let expected = |from: usize, number| {
        (1, ends[from], ends[from + 1] - ends[from], Some((number, number)), DamageKind::Entry)
    };
    assert_eq!(found, [expected(1, 3), expected(4, 6)]);
    // The third has lost only its head: the index still knows where its document is. The sixth's document is damaged.
    assert_eq!(numbers(&store), [0, 1, 2, 3, 4, 6, 7]);
    let damaged = ReadError::Damaged { segment: 1, offset: ends[4] + 52, sequence: 6 };
    assert_eq!(store.get(DOCUMENTS, b"000005"), Err(damaged));
    assert_eq!(store.scan_from(DOCUMENTS, None, 100).unwrap().damaged, [b"000005".to_vec()]);
    // A damaged document can be replaced.
    store.commit_blocking(vec![numbered(5)]).unwrap();
    assert_eq!(numbers(&store), [0, 1, 2, 3, 4, 5, 6, 7]);
    drop(store);
    std::fs::remove_dir_all(home.path().join("index")).unwrap();
    let (store, again) = open(home.path());
    assert_eq!((again.damaged, numbers(&store)), (report.damaged, vec![0, 1, 3, 4, 5, 6, 7]));
}

#[test]
fn a_bit_that_turns_while_the_store_is_open() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    for number in 0..100 {
        store.commit_blocking(vec![numbered(number)]).unwrap();
    }
    let first = segments(home.path()).remove(0);
    let mut bytes = std::fs::read(&first).unwrap();
    // Inside the first document: behind the header, the entry's head and the change's length.
    bytes[8192 + 48 + 4 + 5] ^= 1;
    std::fs::write(&first, bytes).unwrap();
    for _ in 0..2 {
        assert_eq!(
            store.get(DOCUMENTS, b"000000"),
            Err(ReadError::Damaged { segment: 1, offset: 8244, sequence: 1 })
        );
        let named: Vec<_> = store.report().damaged.iter().map(|d| (d.numbers, d.what)).collect();
        assert_eq!(named, [(Some((1, 1)), DamageKind::Seal)], "named once");
    }
    // Most of the segment dies, but it is evidence now.
    store.commit_blocking((1..100).map(|n| remove(DOCUMENTS, format!("{n:06}"))).collect()).unwrap();
    store.compact_blocking().unwrap();
    assert!(first.exists());
}

#[test]
fn a_compaction_that_meets_damage_alters_nothing() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    for number in 0..100 {
        store.commit_blocking(vec![numbered(number)]).unwrap();
    }
    store.commit_blocking((1..99).map(|n| remove(DOCUMENTS, format!("{n:06}"))).collect()).unwrap();
    let first = segments(home.path()).remove(0);
    let mut bytes = std::fs::read(&first).unwrap();
    bytes[8192 + 48 + 4 + 5] ^= 1;
    std::fs::write(&first, bytes).unwrap();
    store.compact_blocking().unwrap_err();
    assert!(first.exists());
    assert_eq!(store.report().damaged.len(), 1);
    // From then on the segment is left alone, and the others are compacted.
    assert!(store.compact_blocking().unwrap().segments > 0);
    assert!(first.exists());
    assert_eq!(numbers(&store), [99]);
    drop(store);
    let (store, report) = open(home.path());
    assert_eq!(report.damaged.iter().filter_map(|d| d.numbers).collect::<Vec<_>>(), [(1, 1)]);
    assert_eq!(numbers(&store), [99]);
}

#[test]
fn a_header_survives_a_bad_sector() {
    let home = tempfile::tempdir().unwrap();
    let model = lived_in(home.path());
    for segment in segments(home.path()) {
        let mut bytes = std::fs::read(&segment).unwrap();
        bytes[..4096].fill(0xFF);
        std::fs::write(&segment, bytes).unwrap();
    }
    let (store, report) = open(home.path());
    assert!(report.damaged.iter().all(|d| d.what == DamageKind::HeaderCopy) && !report.damaged.is_empty());
    assert_eq!(numbers(&store).len(), model.len());
}

#[test]
fn a_vanished_or_headless_segment_is_named() {
    for vanish in [true, false] {
        let home = tempfile::tempdir().unwrap();
        let (store, _) = open(home.path());
        for number in 0..100 {
            store.commit_blocking(vec![numbered(number)]).unwrap();
        }
        drop(store);
        let second = segments(home.path()).remove(1);
        if vanish {
            std::fs::remove_file(second).unwrap();
        } else {
            let mut bytes = std::fs::read(&second).unwrap();
            bytes[..8192].fill(0);
            std::fs::write(second, bytes).unwrap();
        }
        let (store, report) = open(home.path());
        let kept = numbers(&store);
        let [damage] = report.damaged.as_slice() else { panic!("{report:?}") };
        assert_eq!(damage.what, if vanish { DamageKind::Missing } else { DamageKind::Header });
        let (first, last) = damage.numbers.unwrap();
        assert_eq!(report.missing_commits(), if vanish { last - first + 1 } else { 0 });
        let expected: Vec<u32> = (0..100).filter(|n| !(first..=last).contains(&u64::from(n + 1))).collect();
        assert_eq!(kept, expected, "exactly what is named is lost");
        store.commit_blocking(vec![numbered(500)]).unwrap();
        store.compact_blocking().unwrap();
        drop(store);
        assert_eq!(open(home.path()).1.damaged, report.damaged, "it stays named");
    }
}

#[test]
fn the_index_is_made_anew_when_it_is_lost_garbage_or_anothers() {
    let home = tempfile::tempdir().unwrap();
    let model = lived_in(home.path());
    let stranger = tempfile::tempdir().unwrap();
    let (store, _) =
        Store::open(stranger.path(), bespeak_store::StoreKey::from_bytes([1; 32]), small()).unwrap();
    store.commit_blocking((0..300).map(numbered).collect()).unwrap();
    drop(store);
    type Spoil<'a> = &'a dyn Fn(&Path);
    let ways: [(&str, Spoil<'_>); 4] = [
        ("lost", &|index| std::fs::remove_dir_all(index).unwrap()),
        ("garbage", &|index| files(index).iter().for_each(|f| std::fs::write(f, [0x5A; 70_000]).unwrap())),
        ("empty", &|index| files(index).iter().for_each(|f| std::fs::write(f, []).unwrap())),
        ("another's", &|index| {
            std::fs::remove_dir_all(index).unwrap();
            copy(&stranger.path().join("index"), index);
        }),
    ];
    for (name, spoil) in ways {
        let spoilt = tempfile::tempdir().unwrap();
        copy(home.path(), spoilt.path());
        spoil(&spoilt.path().join("index"));
        let (store, report) = open(spoilt.path());
        assert!(matches!(report.index, IndexState::Rebuilt { .. }), "{name}: {report:?}");
        assert_eq!((report.records, report.damaged), (model.len() as u64, vec![]), "{name}");
        assert_eq!(numbers(&store).len(), model.len(), "{name}");
        drop(store);
        assert_eq!(open(spoilt.path()).1.index, IndexState::Current, "{name}");
    }
}

#[test]
fn an_index_older_than_the_journal_catches_up() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    store.commit_blocking((0..20).map(numbered).collect()).unwrap();
    drop(store);
    let older = tempfile::tempdir().unwrap();
    copy(&home.path().join("index"), older.path());
    let (store, _) = open(home.path());
    store.commit_blocking(vec![numbered(20), remove(DOCUMENTS, "000003")]).unwrap();
    for number in 21..120 {
        store.commit_blocking(vec![numbered(number)]).unwrap();
    }
    drop(store);
    std::fs::remove_dir_all(home.path().join("index")).unwrap();
    copy(older.path(), &home.path().join("index"));
    let (store, report) = open(home.path());
    assert_eq!((report.index, report.damaged), (IndexState::Current, vec![]));
    assert_eq!(numbers(&store), (0..120).filter(|n| *n != 3).collect::<Vec<_>>());
}

#[test]
fn without_a_place_for_the_index_memory_serves() {
    let home = tempfile::tempdir().unwrap();
    let model = lived_in(home.path());
    std::fs::remove_dir_all(home.path().join("index")).unwrap();
    std::fs::write(home.path().join("index"), b"in the way").unwrap();
    let (store, report) = open(home.path());
    assert!(matches!(report.index, IndexState::InMemory { .. }), "{report:?}");
    assert_eq!(report.records, model.len() as u64);
    store.commit_blocking(vec![numbered(999), remove(DOCUMENTS, "000300")]).unwrap();
    store.compact_blocking().unwrap();
    assert_eq!(numbers(&store).len(), model.len());
    assert_eq!(store.count(DOCUMENTS).unwrap(), model.len() as u64);
    drop(store);
    std::fs::remove_file(home.path().join("index")).unwrap();
    assert_eq!(numbers(&open(home.path()).0).len(), model.len());
}

#[test]
fn all_headers_lost_is_not_taken_for_a_wrong_key() {
    let home = tempfile::tempdir().unwrap();
    lived_in(home.path());
    for segment in segments(home.path()) {
        let mut bytes = std::fs::read(&segment).unwrap();
        bytes[..8192].fill(0);
        std::fs::write(segment, bytes).unwrap();
    }
    match Store::open(home.path(), key(), small()) {
        Ok((store, report)) => {
            assert!(report.damaged.iter().any(|d| d.what == DamageKind::Header));
            store.commit_blocking(vec![numbered(1)]).unwrap();
        }
        Err(OpenError::WrongKey) => panic!("a wrong key is claimed where none could be told"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_document_in_a_damaged_entry_is_named_once() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    for number in 0..3 {
        store.commit_blocking(vec![numbered(number)]).unwrap();
    }
    drop(store);
    let first = segments(home.path()).remove(0);
    let mut bytes = std::fs::read(&first).unwrap();
    // Behind the header of 8 KiB and the entry's own head: in the first document.
    bytes[8_192 + 80] ^= 1;
    std::fs::write(first, bytes).unwrap();
    let (store, report) = open(home.path());
    assert_eq!(report.damaged.len(), 1, "{report:?}");
    assert!(matches!(store.get(DOCUMENTS, b"000000"), Err(ReadError::Damaged { .. })));
    assert_eq!(store.report().damaged, report.damaged, "reading it tells nothing new");
    assert_eq!(report.missing_commits(), 0);
}
