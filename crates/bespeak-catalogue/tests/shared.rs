//! The shared catalogue: how fast it is taken in, and how much of what it says of kinds finds a category.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use bespeak_catalogue::Catalogue;
use bespeak_catalogue::import::{Format, ImportDefaults, read};
use bespeak_model::category;
use bespeak_model::money::Currency;
use bespeak_model::time::Time;

/// How long the whole may take. Source: the issue that asked for it, 10 s where the code is optimised; without, ten
/// times as long is still no sign of a fault.
const TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 200 } else { 10 });

fn shared() -> Option<File> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/icecat-products.jsonl.gz");
    let opened = File::open(&path).ok();
    if opened.is_none() {
        println!("skipped: {} is absent", path.display());
    }
    opened
}

const DEFAULTS: ImportDefaults = ImportDefaults { currency: Currency::USD, now: Time::EPOCH };

#[test]
fn the_shared_catalogue_is_taken_in_quickly() {
    let Some(file) = shared() else { return };
    let start = Instant::now();
    let mut goods = Vec::new();
    let report = read(file, Format::Auto, &DEFAULTS, |one| goods.push(one)).unwrap();
    assert_eq!((report.read, report.skipped_count), (19_406, 0));
    let reading = start.elapsed();
    let mut catalogue = Catalogue::new();
    catalogue.upsert(goods.iter().cloned());
    let taken = start.elapsed();
    let again = Instant::now();
    assert_eq!(catalogue.upsert(goods).unchanged, 19_406);
    println!("read in {reading:?}, searchable after {taken:?}, again in {:?}", again.elapsed());
    assert!(taken < TIME, "{taken:?}");
}

#[test]
fn what_the_shared_catalogue_says_of_kinds_finds_categories() {
    let Some(file) = shared() else { return };
    let (mut kinds, mut codes, mut mapped) = (BTreeMap::new(), BTreeMap::new(), 0_u32);
    read(file, Format::Auto, &DEFAULTS, |goods| {
        mapped += u32::from(goods.category.is_some());
        for attribute in &goods.attributes {
            let (_, value) =
                attribute.to_string().split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
            match attribute.name.as_str() {
                "product_type" => *kinds.entry(value).or_insert(0_u32) += 1,
                "unspsc_code" => *codes.entry(value.trim_matches('"').to_owned()).or_insert(0_u32) += 1,
                _ => {}
            }
        }
    })
    .unwrap();
    let share = |all: &BTreeMap<String, u32>, finds: &dyn Fn(&str) -> bool| {
        let found: u32 = all.iter().filter(|(one, _)| finds(one)).map(|(_, count)| count).sum();
        (found, all.values().sum::<u32>())
    };
    let named = share(&kinds, &|kind| category::named(kind).is_some());
    let by_path = share(&kinds, &|kind| category::from_path(kind).is_some());
    let coded = share(&codes, &|code| category::from_foreign(&format!("unspsc:{code}")).is_some());
    println!(
        "kinds: {named:?} by name, {by_path:?} as paths; codes of the United Nations: {coded:?}; goods: {mapped}"
    );
    assert!(coded.0 * 10 >= coded.1 * 9, "{coded:?}");
    assert!(by_path.0 * 2 >= by_path.1, "{by_path:?}");
    assert!(u64::from(mapped) >= u64::from(coded.0));
}
