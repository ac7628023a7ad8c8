//! Any sequence of commits, reopenings, compactions and lost indexes leaves what a plain map would hold.

use bespeak_store::{Change, Family, Store};
use proptest::prelude::*;
use proptest::{collection::vec, test_runner::TestCaseError};

use crate::common::{Model, apply, contents, keep, open, remove};

#[derive(Clone, Debug)]
enum Step {
    Commit(Vec<Change>),
    Reopen,
    Compact,
    LoseIndex,
    Get(u8, u8),
    Page(u8, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let key = || (0u8..3, 0u8..24);
    let body = (any::<u8>(), 0usize..2500).prop_map(|(byte, length)| vec![byte; length]);
    prop_oneof![
        3 => (key(), body).prop_map(|((family, key), body)| keep(Family(family), name(key), body)),
        1 => key().prop_map(|(family, key)| remove(Family(family), name(key))),
    ]
}

/// Keys of different lengths, the empty one among them.
fn name(number: u8) -> Vec<u8> {
    vec![number % 5; usize::from(number / 5)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => vec(change(), 1..5).prop_map(Step::Commit),
        2 => Just(Step::Reopen),
        2 => Just(Step::Compact),
        1 => Just(Step::LoseIndex),
        3 => (0u8..3, 0u8..24).prop_map(|(family, key)| Step::Get(family, key)),
        1 => (0u8..3, 1usize..6).prop_map(|(family, limit)| Step::Page(family, limit)),
    ]
}

proptest! {
    // 48 cases of up to 60 steps: a few seconds; more with PROPTEST_CASES.
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn holds_what_a_map_would(steps in vec(step(), 1..60)) {
        let home = tempfile::tempdir().unwrap();
        let mut store = open(home.path()).0;
        let mut model = Model::new();
        for step in steps {
            store = take(step, store, home.path(), &mut model)?;
        }
        prop_assert_eq!(contents(&store), model.clone());
        drop(store);
        let (store, report) = open(home.path());
        prop_assert_eq!((report.records, &report.damaged, &report.torn_tail), (model.len() as u64, &vec![], &None));
        prop_assert_eq!(contents(&store), model);
    }
}

fn take(step: Step, store: Store, home: &std::path::Path, model: &mut Model) -> Result<Store, TestCaseError> {
    match step {
        Step::Commit(changes) => {
            apply(model, &changes);
            store.commit_blocking(changes).unwrap();
        }
        Step::Compact => {
            store.compact_blocking().unwrap();
        }
        Step::Reopen => {
            drop(store);
            return Ok(open(home).0);
        }
        Step::LoseIndex => {
            drop(store);
            std::fs::remove_dir_all(home.join("index")).unwrap();
            return Ok(open(home).0);
        }
        Step::Get(family, key) => {
            let key = name(key);
            prop_assert_eq!(store.get(Family(family), &key).unwrap(), model.get(&(family, key)).cloned());
        }
        Step::Page(family, limit) => page_through(&store, family, limit, model)?,
    }
    Ok(store)
}

fn page_through(store: &Store, family: u8, limit: usize, model: &Model) -> Result<(), TestCaseError> {
    let (mut after, mut found) = (None::<Vec<u8>>, Vec::new());
    loop {
        let page = store.scan_from(Family(family), after.as_deref(), limit).unwrap();
        prop_assert!(page.damaged.is_empty() && page.records.len() <= limit);
        found.extend(page.records);
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let of_family = model.iter().filter(|((f, _), _)| *f == family);
    let expected: Vec<_> = of_family.map(|((_, key), body)| (key.clone(), body.clone())).collect();
    prop_assert_eq!(found, expected);
    Ok(())
}
