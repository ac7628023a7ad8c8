//! Whoever waits for an opening is told how far it has come.

use std::path::Path;
use std::sync::{Arc, Mutex};

use bespeak_store::{Options, Progress, Stage, Store};

use crate::common::{DOCUMENTS, keep, key};

/// More than a step of progress, several times.
const BODY: usize = 600 << 10;
const BODIES: u32 = 8;

/// Opens a home, and lists what was told meanwhile.
fn watched(home: &Path) -> (Store, Vec<Progress>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let list = told.clone();
    let watch = Arc::new(move |progress| list.lock().unwrap().push(progress));
    let options = Options { segment_bytes: 2 << 20, compact_by_itself: false, ..Options::default() };
    let (store, _) = Store::open(home, key(), Options { watch: Some(watch), ..options }).unwrap();
    let told = told.lock().unwrap().clone();
    (store, told)
}

/// Each stage once, in order, from nothing to all, and never backwards; says which there were.
fn stages(told: &[Progress]) -> Vec<Stage> {
    for two in told.windows(2) {
        let [one, next] = two else { unreachable!("windows of two") };
        assert!(one.stage <= next.stage, "{two:?}");
        match one.stage == next.stage {
            true => assert!(one.done < next.done && one.total == next.total, "{two:?}"),
            false => assert!(one.done == one.total && next.done == 0, "{two:?}"),
        }
    }
    assert!(told.iter().all(|progress| progress.done <= progress.total && progress.total > 0), "{told:?}");
    assert!(told.first().is_none_or(|first| first.done == 0), "{told:?}");
    assert!(told.last().is_none_or(|last| last.done == last.total), "{told:?}");
    let mut stages: Vec<_> = told.iter().map(|progress| progress.stage).collect();
    stages.dedup();
    stages
}

fn steps(told: &[Progress], stage: Stage) -> usize {
    told.iter().filter(|progress| progress.stage == stage).count()
}

#[test]
fn it_runs_from_nothing_to_all_and_never_backwards() {
    let home = tempfile::tempdir().unwrap();
    let (store, told) = watched(home.path());
    assert!(!stages(&told).contains(&Stage::Reading), "there was nothing to read");
    for number in 0..BODIES {
        store.commit_blocking(vec![keep(DOCUMENTS, number.to_be_bytes(), vec![7; BODY])]).unwrap();
    }
    drop(store);
    let (store, told) = watched(home.path());
    assert_eq!(stages(&told), [Stage::Reading, Stage::Checking]);
    assert!(steps(&told, Stage::Reading) > 3, "{told:?}");
    let report = store.report();
    assert_eq!(told[0].total, report.bytes);
    assert!(report.live > u64::from(BODIES) * BODY as u64 && report.live <= report.bytes, "{report:?}");
    drop(store);

    std::fs::remove_dir_all(home.path().join("index")).unwrap();
    let (store, told) = watched(home.path());
    assert_eq!(stages(&told), [Stage::Reading, Stage::Rebuilding]);
    assert!(steps(&told, Stage::Rebuilding) > 3, "{told:?}");
    assert_eq!(store.count(DOCUMENTS).unwrap(), u64::from(BODIES));
}

#[test]
fn what_the_index_has_not_seen_is_a_stage_of_its_own() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = watched(home.path());
    store.commit_blocking(vec![keep(DOCUMENTS, "one", vec![7; BODY])]).unwrap();
    drop(store);
    // An index as it was before the newest commits: what a crash leaves.
    let older = tempfile::tempdir().unwrap();
    crate::common::copy(&home.path().join("index"), older.path());
    let (store, _) = watched(home.path());
    for number in 0..BODIES {
        store.commit_blocking(vec![keep(DOCUMENTS, number.to_be_bytes(), vec![7; BODY])]).unwrap();
    }
    drop(store);
    std::fs::remove_dir_all(home.path().join("index")).unwrap();
    crate::common::copy(older.path(), &home.path().join("index"));
    let (store, told) = watched(home.path());
    assert_eq!(stages(&told), [Stage::Reading, Stage::Checking, Stage::CatchingUp]);
    assert_eq!(store.count(DOCUMENTS).unwrap(), u64::from(BODIES) + 1);
}
