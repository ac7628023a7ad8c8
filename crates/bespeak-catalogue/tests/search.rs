//! Wishes against a small shop.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use bespeak_catalogue::import::{Format, ImportDefaults, read};
use bespeak_catalogue::{Catalogue, Changes, Goods, Sku, Wish};
use bespeak_model::money::Currency;
use bespeak_model::time::Time;
use proptest::prelude::*;

const SHOP: &str = r#"
{"sku":"nb-1","title":"ThinkBook 14 Notebook Silver 35.6 cm (14\")","brand":"Lenovo","attributes":{"product_type":"Notebook","memory":"16 GB"}}
{"sku":"nb-2","title":"Ideapad Notebook Black 39.6 cm (15.6\")","brand":"Lenovo","attributes":{"product_type":"Notebook"}}
{"sku":"bag-1","title":"City laptop bag 15.6\" black","brand":"Urban"}
{"sku":"bag-2","title":"Camera bag, red","brand":"Urban"}
{"sku":"mon-1","title":"27 inch monitor UltraSharp","brand":"Dell","gtin":"4006381333931"}
{"sku":"mon-2","title":"24\" monitor","brand":"Dell","description":"27 W at full load"}
{"sku":"hp-1","title":"WH-1000XM4 wireless headphones","brand":"Sony"}
{"sku":"watch-1","title":"Galaxy smartwatch, GPS","brand":"Samsung"}
{"sku":"stick-1","title":"Courier USB flash drive 32GB blue"}
{"sku":"cable-1","title":"HDMI cable 2 m","description":"For televisions and monitors"}
{"sku":"cable-2","title":"USB cable 1 m"}
{"sku":"case-1","title":"Clear case","attributes":{"compatibility":"iPhone 11, iPhone 12"}}
{"sku":"bat-1","title":"AA alkaline batteries, 8 pack","brand":"Varta"}
{"sku":"os-1","title":"Windows 10 licence"}
{"sku":"card-1","title":"Network card 10/100 for Windows"}
"#;

fn goods(text: &str) -> Vec<Goods> {
    let mut goods = Vec::new();
    let defaults = ImportDefaults { currency: Currency::EUR, now: Time::EPOCH };
    let report = read(text.trim().as_bytes(), Format::Jsonl, &defaults, |one| goods.push(one)).unwrap();
    assert_eq!(report.skipped, []);
    goods
}

fn shop() -> Catalogue {
    let mut shop = Catalogue::new();
    shop.upsert(goods(SHOP));
    shop
}

fn found(shop: &Catalogue, text: &str) -> Vec<String> {
    shop.search(&Wish::new(text), 10).into_iter().map(|hit| hit.sku.to_string()).collect()
}

fn first(text: &str) -> String {
    found(&shop(), text).first().cloned().unwrap_or_default()
}

#[test]
fn plurals_case_and_accents_are_no_difference() {
    for wish in ["battery", "Batteries", "BATTERY aa", "báttery"] {
        assert_eq!(first(wish), "bat-1", "{wish}");
    }
}

#[test]
fn one_thing_has_several_names() {
    assert_eq!(first("usb stick"), "stick-1");
    assert_eq!(first("smart watch"), "watch-1");
    assert!(found(&shop(), "laptop").contains(&"nb-1".to_owned()));
    let hits = shop().search(&Wish::new("usb stick"), 1);
    assert_eq!(hits[0].why, ["“usb” in the title"]);
    let hits = shop().search(&Wish::new("smart watch"), 1);
    assert_eq!(hits[0].why, ["“smartwatch” for “smart watch” in the title"]);
}

#[test]
fn the_thing_itself_comes_before_what_is_made_for_it() {
    assert_eq!(first("notebook"), "nb-2");
    assert_eq!(first("laptop bag"), "bag-1");
    assert_eq!(first("bag for a laptop"), "bag-1");
    let hits = shop().search(&Wish::new("monitor"), 10);
    let told: Vec<_> = hits.iter().map(|hit| (hit.sku.as_str(), hit.made_for_it)).collect();
    assert_eq!(told, [("mon-1", false), ("mon-2", false), ("cable-1", true)]);
}

#[test]
fn what_is_called_the_thing_comes_before_what_only_names_it() {
    let mut shop = Catalogue::new();
    shop.upsert(goods(
        r#"
{"sku":"nb","title":"EliteBook Notebook PC 30.7 cm","attributes":{"product_type":"Notebook"}}
{"sku":"cooler","title":"USB laptop cooler"}
{"sku":"fs","title":"FS-9130DN","description":"Compact FS-9130DN laser printer, duplex"}
{"sku":"multi","title":"FX-8","description":"Printer, laser"}
{"sku":"case","title":"Hard drive case"}
"#,
    ));
    assert_eq!(found(&shop, "laptop")[0], "nb", "its kind is another name of the thing");
    assert_eq!(found(&shop, "laser printer")[0], "fs", "its description begins with the whole wish");
    assert!(shop.search(&Wish::new("hard drive"), 1)[0].made_for_it, "whichever of the words is looked at");
}

#[test]
fn model_numbers_are_found_however_they_are_joined() {
    for wish in ["WH-1000XM4", "wh1000xm4", "sony wh 1000xm4"] {
        assert_eq!(first(wish), "hp-1", "{wish}");
    }
}

#[test]
fn numbers_mean_what_stands_beside_them() {
    assert_eq!(first("27 inch monitor"), "mon-1");
    assert_eq!(first("27\" monitor"), "mon-1");
    assert_eq!(first("24in monitor"), "mon-2");
    assert_eq!(first("windows 10"), "os-1");
    let hits = shop().search(&Wish::new("windows 10"), 10);
    assert!(hits.iter().all(|hit| hit.sku != "card-1" || hit.coverage < 0.7));
}

#[test]
fn a_number_names_the_very_goods() {
    assert_eq!(first("4006381333931"), "mon-1");
    assert_eq!(first("bag-2"), "bag-2");
    let gtin = "04006381333931".parse().unwrap();
    let hits = shop().search(&Wish { text: "hdmi cable", gtin: Some(&gtin) }, 10);
    assert_eq!(hits[0].sku, "mon-1");
    assert_eq!(hits[0].why, ["GTIN 04006381333931"]);
    assert_eq!(hits[1].sku, "cable-1");
    assert!(hits[0].score > hits[1].score);
}

#[test]
fn where_nothing_fits_nothing_is_found() {
    for wish in
        ["garden hose", "red touring bicycle", "oak dining table", "", "   ", "the for with", "?!", "日本"]
    {
        assert_eq!(found(&shop(), wish), [""; 0], "{wish}");
    }
    assert_eq!(found(&Catalogue::new(), "monitor"), [""; 0]);
}

#[test]
fn one_common_word_of_several_is_not_enough() {
    assert_eq!(found(&shop(), "black garden table"), [""; 0]);
}

#[test]
fn a_shop_of_such_things_answers_a_wish_with_words_it_does_not_know() {
    let wish = "Touring bicycle for my daughter in Berlin";
    let mut shop = Catalogue::new();
    shop.upsert(goods(
        "{\"sku\":\"1\",\"title\":\"City bicycle\"}\n{\"sku\":\"2\",\"title\":\"Touring bicycle, 28 inch\"}\n{\"sku\":\"3\",\"title\":\"Bicycle helmet\"}",
    ));
    assert_eq!(found(&shop, wish)[0], "2");
    assert_eq!(found(&self::shop(), wish), [""; 0]);
}

#[test]
fn at_most_so_many_are_found() {
    assert_eq!(shop().search(&Wish::new("monitor"), 1).len(), 1);
    assert_eq!(shop().search(&Wish::new("monitor"), 0).len(), 0);
}

#[test]
fn a_very_long_wish_is_cut_and_answered() {
    let hits = shop().search(&Wish::new(&"monitor ".repeat(100_000)), 3);
    assert_eq!(hits[0].sku.as_str().split('-').next(), Some("mon"));
}

#[test]
fn upsert_says_what_it_changed_and_search_sees_it_at_once() {
    let mut shop = shop();
    let mut all = goods(SHOP);
    let count = all.len() as u64;
    assert_eq!(shop.upsert(all.clone()), Changes { imported: 0, updated: 0, unchanged: count });
    all[0] = goods("{\"sku\":\"nb-1\",\"title\":\"Garden hose 20 m\"}").remove(0);
    assert_eq!(shop.upsert(all), Changes { imported: 0, updated: 1, unchanged: count - 1 });
    assert_eq!(shop.len() as u64, count);
    assert_eq!(found(&shop, "garden hose"), ["nb-1"]);
    assert_eq!(found(&shop, "thinkbook"), [""; 0]);
}

#[test]
fn what_is_removed_is_not_found() {
    let mut shop = shop();
    let sku = Sku::new("mon-1").unwrap();
    assert_eq!(shop.get(&sku).unwrap().brand.as_deref(), Some("Dell"));
    assert_eq!(shop.remove(&sku).unwrap().sku, sku);
    assert_eq!(shop.remove(&sku), None);
    assert_eq!(shop.get(&sku), None);
    assert_eq!(found(&shop, "4006381333931"), [""; 0]);
    assert_eq!(found(&shop, "monitor"), ["mon-2", "cable-1"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// After any changes the catalogue finds exactly what one made afresh finds.
    #[test]
    fn a_changed_catalogue_is_as_one_made_afresh(
        changes in proptest::collection::vec((0u8..6, proptest::option::of("(red|blue|oak) (chair|table|lamp)s?")), 0..30),
    ) {
        let mut changed = Catalogue::new();
        let mut held: BTreeMap<u8, Goods> = BTreeMap::new();
        for (sku, title) in changes {
            match title {
                Some(title) => {
                    let one = goods(&format!("{{\"sku\":\"{sku}\",\"title\":\"{title}\"}}")).remove(0);
                    changed.upsert([one.clone()]);
                    held.insert(sku, one);
                }
                None => {
                    changed.remove(&Sku::new(&sku.to_string()).unwrap());
                    held.remove(&sku);
                }
            }
        }
        let mut afresh = Catalogue::new();
        afresh.upsert(held.into_values());
        prop_assert_eq!(changed.len(), afresh.len());
        for wish in ["red chair", "lamps", "oak", "table blue"] {
            let mut one = found(&changed, wish);
            let mut other = found(&afresh, wish);
            one.sort();
            other.sort();
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn no_wish_panics(text in "\\PC{0,120}") {
        let shop = shop();
        for hit in shop.search(&Wish::new(&text), 20) {
            prop_assert!(hit.score.is_finite() && (0.0..=1.0).contains(&hit.coverage));
        }
    }
}
