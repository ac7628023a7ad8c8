//! Feeds that come again: only what changed is changed, and what a whole stock no longer holds is removed,
//! unless that looks like a mistake.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_catalogue::import::{Format, Import, ImportDefaults, ImportError, ImportReport};
use bespeak_catalogue::{Catalogue, Change, Changes, Feed, Goods, Sku, Sweep, SweepRefusal};
use bespeak_model::money::Currency;
use bespeak_model::time::Time;
use proptest::prelude::*;

fn feed(name: &str) -> Feed {
    Feed::new(name).unwrap()
}

fn line(number: u32, price: u32) -> String {
    format!("{{\"sku\":\"{number}\",\"title\":\"Chair {number}\",\"price\":\"{price} EUR\"}}\n")
}

fn lines(numbers: impl IntoIterator<Item = u32>) -> String {
    numbers.into_iter().map(|number| line(number, 10)).collect()
}

fn read(text: &str, name: &str) -> Result<(Vec<Goods>, ImportReport), ImportError> {
    let defaults = ImportDefaults { currency: Currency::EUR, now: Time::EPOCH };
    let import = Import { format: Format::Auto, feed: Some(feed(name)), ..Import::new(defaults) };
    let mut goods = Vec::new();
    let report = import.read(text.as_bytes(), |one| goods.push(one), |_| {})?;
    Ok((goods, report))
}

fn take(catalogue: &mut Catalogue, text: &str, name: &str) -> Changes {
    catalogue.upsert(read(text, name).unwrap().0)
}

/// Takes a whole stock in, and says what it would remove.
fn sweep(
    catalogue: &mut Catalogue,
    text: &str,
    name: &str,
    confirmed: bool,
) -> Result<Vec<String>, SweepRefusal> {
    let sweep = Sweep::begin(catalogue, feed(name));
    let (goods, report) = read(text, name).unwrap();
    catalogue.upsert(goods);
    let gone = sweep.end(catalogue, &report, confirmed)?;
    Ok(gone.iter().map(|sku| sku.to_string()).collect())
}

#[test]
fn the_same_feed_again_changes_only_what_changed() {
    let mut catalogue = Catalogue::new();
    let all = Changes { imported: 3, updated: 0, unchanged: 0 };
    assert_eq!(take(&mut catalogue, &lines(0..3), "a"), all);
    let again = Changes { imported: 0, updated: 0, unchanged: 3 };
    assert_eq!(take(&mut catalogue, &lines(0..3), "a"), again);
    let changed = lines(0..2) + &line(2, 11) + &line(3, 10);
    let (goods, _) = read(&changed, "a").unwrap();
    let told: Vec<Change> = goods.iter().map(|one| catalogue.change(one)).collect();
    assert_eq!(told, [Change::Nothing, Change::Nothing, Change::Update, Change::Import]);
    let changes = Changes { imported: 1, updated: 1, unchanged: 2 };
    assert_eq!(take(&mut catalogue, &changed, "a"), changes);
}

#[test]
fn what_is_no_longer_in_its_feed_is_removed_and_nothing_else() {
    let mut catalogue = Catalogue::new();
    take(&mut catalogue, &lines(0..4), "a");
    take(&mut catalogue, &lines(10..14), "b");
    assert_eq!(sweep(&mut catalogue, &lines([0, 1, 3, 4]), "a", false), Ok(vec!["2".to_owned()]));
    assert_eq!(sweep(&mut catalogue, &lines(0..5), "a", false), Ok(Vec::new()));
    assert_eq!(sweep(&mut catalogue, &lines(20..22), "new", false), Ok(Vec::new()));
}

#[test]
fn a_feed_that_removes_more_than_half_or_all_waits_for_a_word() {
    let mut catalogue = Catalogue::new();
    take(&mut catalogue, &lines(0..4), "a");
    assert_eq!(sweep(&mut catalogue, &lines(0..2), "a", false).map(|gone| gone.len()), Ok(2));
    let refused = sweep(&mut catalogue, &lines(0..1), "a", false).unwrap_err();
    assert_eq!(refused, SweepRefusal::TooMany { gone: 3, before: 4 });
    assert_eq!(sweep(&mut catalogue, &lines(0..1), "a", true).map(|gone| gone.len()), Ok(3));
    assert_eq!(sweep(&mut catalogue, "", "a", false), Err(SweepRefusal::Empty { gone: 4 }));
    assert_eq!(sweep(&mut catalogue, "\n\n", "a", true).map(|gone| gone.len()), Ok(4));
    // All that was there is gone, and much else came: what came does not hide it.
    let refused = sweep(&mut catalogue, &lines(100..200), "a", false).unwrap_err();
    assert_eq!(refused, SweepRefusal::TooMany { gone: 4, before: 4 });
}

#[test]
fn goods_whose_record_cannot_be_used_stay() {
    let mut catalogue = Catalogue::new();
    take(&mut catalogue, &lines(0..4), "a");
    let faulty = lines(0..2) + "{\"sku\":\"2\",\"title\":\"Chair\",\"price\":\"-1 EUR\"}\n" + &lines([3]);
    assert_eq!(sweep(&mut catalogue, &faulty, "a", false), Ok(Vec::new()));
    let torn = lines(0..3) + "{\"sku\":\"3\",\"tit";
    let refused = sweep(&mut catalogue, &torn, "a", false).unwrap_err();
    assert_eq!(refused, SweepRefusal::Unread { gone: 1, unread: 1 });
    assert_eq!(sweep(&mut catalogue, &torn, "a", true), Ok(vec!["3".to_owned()]));
    // A line without a number never was about goods that are here.
    let nameless = lines(0..3) + "{\"title\":\"Chair\"}\n";
    assert_eq!(sweep(&mut catalogue, &nameless, "a", false), Ok(vec!["3".to_owned()]));
}

#[test]
fn a_feed_that_broke_off_has_no_report() {
    let xml = "<rss><item><id>1</id><title>A</title></item>";
    assert!(matches!(read(xml, "a"), Err(ImportError::BrokenOff { .. })));
}

#[test]
fn what_the_shop_does_not_sell_is_removed() {
    let shop = |status: &str| {
        let rows: String = (0..4)
            .map(|n| format!("h{n},Hat {n},{n},{}\n", if n == 0 { status } else { "active" }))
            .collect();
        format!("Handle,Title,Variant SKU,Status\n{rows}")
    };
    let mut catalogue = Catalogue::new();
    take(&mut catalogue, &shop("active"), "a");
    assert_eq!(sweep(&mut catalogue, &shop("draft"), "a", false), Ok(vec!["0".to_owned()]));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_removed_was_of_the_feed_and_is_not_in_it(
        before in proptest::collection::btree_set(0u32..30, 0..20),
        after in proptest::collection::btree_set(0u32..30, 0..20),
        confirmed: bool,
    ) {
        let mut catalogue = Catalogue::new();
        take(&mut catalogue, &lines(100..110), "b");
        take(&mut catalogue, &lines(before.iter().copied()), "a");
        let gone: Vec<Sku> = before.difference(&after).map(|n| Sku::new(&n.to_string()).unwrap()).collect();
        match sweep(&mut catalogue, &lines(after.iter().copied()), "a", confirmed) {
            Ok(removed) => {
                let mut expected: Vec<String> = gone.iter().map(|sku| sku.to_string()).collect();
                expected.sort();
                prop_assert_eq!(removed, expected);
                prop_assert!(confirmed || gone.len() * 2 <= before.len());
            }
            Err(_) => prop_assert!(!confirmed && gone.len() * 2 > before.len()),
        }
    }
}
