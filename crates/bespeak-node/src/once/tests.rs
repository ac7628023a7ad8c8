#![allow(clippy::unwrap_used)]

use bespeak_store::Options;

use super::*;

fn at(seconds: u64) -> Time {
    Time::from_unix(seconds).unwrap()
}

fn entry(once: &Once, shelf: &Shelf) -> Option<Entry> {
    shelf.done(&once.key).unwrap().map(|body| serde_json::from_slice(&body).unwrap())
}

#[test]
fn a_key_is_known_for_a_day_and_for_one_request() {
    let home = tempfile::tempdir().unwrap();
    let (shelf, _) = Shelf::open(home.path(), &[7; 32], Options::default()).unwrap();
    let (once, other) = (Once::new("a", [1; 32]), Once::new("a", [2; 32]));
    let mut keys = Keys::recall(&shelf).unwrap();
    let changes = keys.keep(&shelf, &once, &Reply::Done, at(1_000));
    shelf.store().commit_blocking(changes).unwrap();
    let known = |once: &Once, now| entry(once, &shelf).unwrap().before(once, now);
    assert_eq!(known(&once, at(1_000 + LIFETIME - 1)), Before::Done(Reply::Done));
    assert_eq!(known(&other, at(2_000)), Before::Other);
    assert_eq!(known(&once, at(1_000 + LIFETIME)), Before::Unknown);
}

#[test]
fn keys_are_bounded_and_forgotten_also_after_a_new_start() {
    let home = tempfile::tempdir().unwrap();
    let (shelf, _) = Shelf::open(home.path(), &[7; 32], Options::default()).unwrap();
    let once = |n: usize| Once::new(format!("key {n}"), [0; 32]);
    let mut keys = Keys::default();
    let mut changes = Vec::new();
    for n in 0..=MAX_KEYS {
        changes.extend(keys.keep(&shelf, &once(n), &Reply::Done, at(1_000 + n as u64)));
    }
    shelf.store().commit_blocking(changes).unwrap();
    assert_eq!(shelf.all_done().unwrap().len(), MAX_KEYS);
    assert!(entry(&once(0), &shelf).is_none(), "the oldest goes first");
    let mut keys = Keys::recall(&shelf).unwrap();
    let later = at(1_000 + 3 * LIFETIME);
    shelf.store().commit_blocking(keys.keep(&shelf, &once(9), &Reply::Done, later)).unwrap();
    assert_eq!(shelf.all_done().unwrap().len(), 1, "a day later all are forgotten");
    assert!(entry(&once(9), &shelf).is_some());
}
