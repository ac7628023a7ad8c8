//! The ordinary way, and what is refused.

use std::os::unix::fs::PermissionsExt;

use bespeak_store::{
    CommitError, Family, HomeLock, IndexState, MAX_CHANGES, MAX_COMMIT, MAX_KEY, OpenError, ReadError, Store,
    StoreKey,
};

use crate::common::{DOCUMENTS, contents, files, keep, key, numbered, numbers, open, remove, small};

#[test]
fn a_commit_is_seen_at_once_and_after_reopening() {
    let home = tempfile::tempdir().unwrap();
    let (store, report) = open(home.path());
    assert_eq!((report.records, report.segments, report.index), (0, 1, IndexState::Current));
    store
        .commit_blocking(vec![
            keep(DOCUMENTS, "a", "1"),
            keep(DOCUMENTS, "b", "2"),
            keep(DOCUMENTS, "a", "3"),
        ])
        .unwrap();
    store.commit_blocking(vec![remove(DOCUMENTS, "b"), remove(DOCUMENTS, "never there")]).unwrap();
    for _ in 0..2 {
        assert_eq!(store.get(DOCUMENTS, b"a").unwrap(), Some(b"3".to_vec()));
        assert_eq!(store.get(DOCUMENTS, b"b").unwrap(), None);
        assert_eq!(store.count(DOCUMENTS).unwrap(), 1);
    }
    drop(store);
    let (store, report) = open(home.path());
    assert_eq!((report.records, report.index), (1, IndexState::Current));
    assert_eq!(store.get(DOCUMENTS, b"a").unwrap(), Some(b"3".to_vec()));
}

#[test]
fn families_and_prefixes_are_kept_apart() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    let all = [(1, "ab"), (1, "abc"), (1, "b"), (2, "ab"), (2, "")];
    store
        .commit_blocking(all.iter().map(|(family, key)| keep(Family(*family), *key, *key)).collect())
        .unwrap();
    let keys = |family, prefix: &str| -> Vec<String> {
        let found = store.scan(Family(family), prefix.as_bytes()).unwrap();
        found.map(|pair| String::from_utf8(pair.unwrap().0).unwrap()).collect()
    };
    assert_eq!(keys(1, ""), ["ab", "abc", "b"]);
    assert_eq!(keys(1, "ab"), ["ab", "abc"]);
    assert_eq!(keys(2, ""), ["", "ab"]);
    assert_eq!(keys(3, ""), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_committers_at_once() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    let tasks: Vec<_> = (0..16u32)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                for number in 0..40 {
                    store.commit(vec![numbered(task * 1000 + number)]).await.unwrap();
                    let key = format!("{:06}", task * 1000 + number);
                    assert!(
                        store.get(DOCUMENTS, key.as_bytes()).unwrap().is_some(),
                        "not seen after its commit"
                    );
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    store.close().await;
    let (store, report) = open(home.path());
    let expected: Vec<u32> =
        (0..16).flat_map(|task| (0..40).map(move |number| task * 1000 + number)).collect();
    assert_eq!(numbers(&store), expected);
    assert_eq!((report.records, report.damaged), (640, vec![]));
}

#[tokio::test]
async fn blocking_calls_serve_inside_an_async_task_too() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    store.commit_blocking(vec![numbered(1)]).unwrap();
    store.compact_blocking().unwrap();
    drop(store);
    assert_eq!(numbers(&open(home.path()).0), [1]);
}

#[tokio::test]
async fn a_closed_store_says_so_and_lets_go_of_the_home() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    store.commit(vec![numbered(1)]).await.unwrap();
    let other = store.clone();
    store.close().await;
    assert_eq!(other.commit(vec![numbered(2)]).await, Err(CommitError::Closed));
    assert_eq!(other.get(DOCUMENTS, b"000001"), Err(ReadError::Closed));
    assert!(matches!(other.scan(DOCUMENTS, b"").err(), Some(ReadError::Closed)));
    assert_eq!(numbers(&open(home.path()).0), [1]);
}

#[test]
fn a_second_opening_is_told_who_has_the_home() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(HomeLock::is_free(home.path()), Ok(()), "there is no lock yet");
    let (store, _) = open(home.path());
    let busy = OpenError::Busy { pid: Some(std::process::id()) };
    assert_eq!(Store::open(home.path(), key(), small()).err(), Some(busy.clone()));
    assert_eq!(HomeLock::is_free(home.path()), Err(busy));
    drop(store);
    let before = std::fs::read(home.path().join("lock")).unwrap();
    for _ in 0..2 {
        assert_eq!(HomeLock::is_free(home.path()), Ok(()), "a look does not hold it");
    }
    assert_eq!(std::fs::read(home.path().join("lock")).unwrap(), before);
}

#[test]
fn another_key_is_refused_and_nothing_altered() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    for number in 0..40 {
        store.commit_blocking(vec![numbered(number)]).unwrap();
    }
    drop(store);
    // A torn tail and an unfinished file, which an opening with the right key would clear away.
    let journal = home.path().join("journal");
    std::fs::write(journal.join("00000099.tmp"), b"unfinished").unwrap();
    let newest = crate::common::segments(home.path()).pop().unwrap();
    let mut bytes = std::fs::read(&newest).unwrap();
    bytes.extend_from_slice(b"torn");
    std::fs::write(&newest, bytes).unwrap();
    let all =
        || files(home.path()).iter().map(|f| (f.clone(), std::fs::read(f).unwrap())).collect::<Vec<_>>();
    let before = all();
    let refused = Store::open(home.path(), StoreKey::from_bytes([43; 32]), small()).err().unwrap();
    assert_eq!(refused, OpenError::WrongKey);
    assert!(before == all(), "a refused opening altered files");
    assert_eq!(numbers(&open(home.path()).0).len(), 40);
}

#[test]
fn a_later_format_is_refused() {
    let home = tempfile::tempdir().unwrap();
    drop(open(home.path()));
    let segment = crate::common::segments(home.path()).pop().unwrap();
    let mut bytes = std::fs::read(&segment).unwrap();
    for copy in [0, 4096] {
        bytes[copy + 8] = 2;
        let crc = crc32fast::hash(&bytes[copy..copy + 80]);
        bytes[copy + 80..copy + 84].copy_from_slice(&crc.to_le_bytes());
    }
    std::fs::write(&segment, bytes).unwrap();
    let refused = Store::open(home.path(), key(), small()).err().unwrap();
    assert_eq!(refused, OpenError::Newer { segment: 1, version: 2, known: 1 });
}

#[test]
fn what_is_over_a_bound_is_refused_and_the_rest_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    let long = vec![0; MAX_KEY + 1];
    let refused = store.commit_blocking(vec![keep(DOCUMENTS, long, "")]);
    assert_eq!(refused, Err(CommitError::KeyTooLong { bytes: MAX_KEY + 1, limit: MAX_KEY }));
    let refused = store.commit_blocking(vec![numbered(1); MAX_CHANGES + 1]);
    assert_eq!(refused, Err(CommitError::TooMany { changes: MAX_CHANGES + 1, limit: MAX_CHANGES }));
    let refused = store.commit_blocking(vec![keep(DOCUMENTS, "k", vec![0; MAX_COMMIT])]);
    assert_eq!(refused, Err(CommitError::TooLarge { bytes: MAX_COMMIT + 1, limit: MAX_COMMIT }));
    let largest = vec![7; MAX_COMMIT - MAX_KEY];
    store.commit_blocking(vec![keep(DOCUMENTS, vec![1; MAX_KEY], largest.clone())]).unwrap();
    store.commit_blocking(vec![keep(DOCUMENTS, "", "")]).unwrap();
    drop(store);
    let (store, report) = open(home.path());
    assert_eq!((report.records, report.damaged), (2, vec![]));
    assert_eq!(store.get(DOCUMENTS, &vec![1; MAX_KEY]).unwrap(), Some(largest));
    assert_eq!(store.get(DOCUMENTS, b"").unwrap(), Some(vec![]));
}

#[test]
fn planted_words_are_in_no_file() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    let secrets: Vec<String> = (0..50).map(|n| format!("secret-wish-number-{n}-for-a-red-chair")).collect();
    for (number, secret) in secrets.iter().enumerate() {
        store.commit_blocking(vec![keep(DOCUMENTS, format!("{number}"), secret.repeat(20))]).unwrap();
    }
    store.commit_blocking((0..40).map(|n| remove(DOCUMENTS, format!("{n}"))).collect()).unwrap();
    store.compact_blocking().unwrap();
    drop(store);
    let all: Vec<u8> = files(home.path()).iter().flat_map(|f| std::fs::read(f).unwrap()).collect();
    assert!(all.len() > 8192);
    assert!(!all.windows(11).any(|w| w == b"secret-wish"), "a secret lies open");
}

#[test]
fn files_are_for_their_owner_alone() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().join("home");
    let (store, _) = open(&home);
    store.commit_blocking(vec![numbered(1)]).unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for dir in ["", "journal", "index", "index/1", "index/1/blobs"] {
        assert_eq!(mode(&home.join(dir)), 0o700, "{dir}");
    }
    for file in files(&home).into_iter().chain([home.join("lock")]) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    drop(store);
    for file in files(&home) {
        assert_eq!(mode(&file), 0o600, "after closing: {}", file.display());
    }
}

#[test]
fn everything_of_many_families_is_counted() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    for number in 0..3000u32 {
        let change = keep(Family((number % 8) as u8), number.to_be_bytes(), number.to_le_bytes());
        store.commit_blocking(vec![change]).unwrap();
    }
    assert_eq!(contents(&store).len(), 3000);
    assert_eq!(store.report().records, 3000);
}

/// A task may hold up its thread for a moment; tokio lets it do no more than 128 steps in a row, unless it is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_blocks_can_commit_as_often_as_it_likes() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = open(home.path());
    let working = store.clone();
    let work = tokio::spawn(async move {
        (0..300).for_each(|number| working.commit_blocking(vec![numbered(number)]).unwrap());
    });
    // A task that spins cannot be told to end: let the runtime go with it.
    tokio::time::timeout(std::time::Duration::from_secs(60), work).await.expect("it spins").unwrap();
    assert_eq!(numbers(&store).len(), 300);
}
