//! What search understands: sizes, numbers of makers and shops, words written as one, what is made for something else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_catalogue::import::{Format, ImportDefaults, read};
use bespeak_catalogue::{Catalogue, Wish};
use bespeak_model::money::Currency;
use bespeak_model::time::Time;

fn shop(lines: &str) -> Catalogue {
    let mut shop = Catalogue::new();
    let defaults = ImportDefaults { currency: Currency::EUR, now: Time::EPOCH };
    let report = read(lines.trim().as_bytes(), Format::Jsonl, &defaults, |one| {
        shop.upsert([one]);
    });
    assert_eq!(report.unwrap().skipped, []);
    shop
}

fn found(shop: &Catalogue, text: &str) -> Vec<String> {
    shop.search(&Wish::new(text), 10).into_iter().map(|hit| hit.sku.to_string()).collect()
}

#[track_caller]
fn first(shop: &Catalogue, text: &str, sku: &str) {
    let found = found(shop, text);
    assert_eq!(found.first().map(String::as_str), Some(sku), "{text}: {found:?}");
}

#[test]
fn a_size_is_the_same_in_every_unit() {
    let shop = shop(
        r#"
{"sku":"d-1","title":"Vault external drive 1TB"}
{"sku":"d-2","title":"Vault external drive 2 TB"}
{"sku":"k-1","title":"Kettle 1.5 l, steel"}
{"sku":"k-2","title":"Kettle 1.7 l, steel"}
{"sku":"m-1","title":"Monitor 27\" curved"}
{"sku":"m-2","title":"Monitor 24\" curved"}
{"sku":"t-1","title":"Table top 180 x 80 cm"}
{"sku":"t-2","title":"Table top 160 cm wide"}
"#,
    );
    for wish in ["external drive 1000 GB", "1 tb external drive", "external drive, 1TB"] {
        first(&shop, wish, "d-1");
    }
    first(&shop, "external drive 2000gb", "d-2");
    for wish in ["kettle 1500 ml", "1.5l kettle", "kettle 1,5 litres", "kettle 150 cl"] {
        first(&shop, wish, "k-1");
    }
    first(&shop, "1700ml kettle", "k-2");
    for wish in ["27 inch monitor", "27in monitor", "27-inch monitor", "monitor 27 in", "27” monitor"] {
        first(&shop, wish, "m-1");
    }
    first(&shop, "table top 1.6 m", "t-2");
}

#[test]
fn a_model_number_is_found_however_it_is_joined() {
    let shop = shop(
        r#"
{"sku":"p-1","title":"Corona FS-9130DN laser printer"}
{"sku":"p-2","title":"Corona FS-9530DN laser printer"}
{"sku":"p-3","title":"Corona printer","attributes":{"mpn":"KX 77 AB"}}
{"sku":"h-1","title":"Headphones WH-1000-XM4"}
{"sku":"h-2","title":"Headphones WH-1000-XM3"}
{"sku":"c-1","title":"Toner for FS-9130DN"}
"#,
    );
    for wish in ["FS-9130DN", "FS9130DN", "fs 9130dn", "fs 9130 dn", "corona fs9130dn printer"] {
        first(&shop, wish, "p-1");
    }
    first(&shop, "FS9530DN", "p-2");
    for wish in ["WH1000XM4", "wh-1000xm4", "wh 1000 xm4", "WH-1000-XM4"] {
        first(&shop, wish, "h-1");
    }
    for wish in ["KX77AB", "kx-77-ab", "KX 77 AB"] {
        first(&shop, wish, "p-3");
    }
}

#[test]
fn a_number_of_the_shop_or_under_a_bar_code_names_the_very_goods() {
    let shop = shop(
        r#"
{"sku":"BIKE-28-RED","title":"City bicycle","gtin":"4006381333931"}
{"sku":"X100","title":"Toy bicycle","gtin":"96385074"}
{"sku":"77001","title":"Bicycle pump","gtin":"036000291452"}
{"sku":"77002","title":"Crate of pumps","gtin":"10036000291459"}
"#,
    );
    for wish in ["4006381333931", "400 6381 333931", "4-006381-333931", "EAN 4006381333931", "04006381333931"]
    {
        first(&shop, wish, "BIKE-28-RED");
    }
    first(&shop, "9638 5074", "X100");
    for wish in ["036000291452", "0 36000 29145 2", "0036000291452"] {
        first(&shop, wish, "77001");
    }
    first(&shop, "1 00 36000 29145 9", "77002");
    assert_eq!(found(&shop, "4006381333932"), [""; 0], "a wrong check digit names nothing");
    for wish in ["BIKE-28-RED", "bike-28-red", "bike 28 red", "Bike28Red"] {
        first(&shop, wish, "BIKE-28-RED");
    }
    first(&shop, "x100", "X100");
    first(&shop, "77001", "77001");
}

/// Names as shops write them, enough of them to learn from which words are kinds of goods.
const PADS: &str = r#"
{"sku":"pad-1","title":"Orion Ypad 10.2\" 64 GB silver","brand":"Orion"}
{"sku":"pad-2","title":"Orion Ypad Air 256 GB","brand":"Orion"}
{"sku":"case-1","title":"Ypad folio case black","brand":"Ward"}
{"sku":"case-2","title":"Slim case for Ypad Air","brand":"Ward"}
{"sku":"case-3","title":"Leather case for Zeta phone","brand":"Ward"}
{"sku":"glass-1","title":"Ypad tempered glass","brand":"Ward"}
{"sku":"glass-2","title":"Zeta phone tempered glass","brand":"Ward"}
{"sku":"glass-3","title":"Beta phone tempered glass","brand":"Ward"}
{"sku":"glass-4","title":"Gamma phone tempered glass","brand":"Ward"}
{"sku":"stand-1","title":"Desk stand w/ charger f/ Ypad","brand":"Ward"}
"#;

#[test]
fn a_thing_is_not_what_is_made_for_it_and_what_is_made_for_it_is_not_the_thing() {
    let shop = shop(PADS);
    let hits = shop.search(&Wish::new("ypad"), 10);
    let told: Vec<_> = hits.iter().map(|hit| (hit.sku.as_str(), hit.made_for_it)).collect();
    assert!(told[..2].iter().all(|(sku, made)| sku.starts_with("pad") && !made), "{told:?}");
    assert!(told[2..].iter().all(|(sku, made)| !sku.starts_with("pad") && *made), "{told:?}");
    for wish in ["ypad case", "case for ypad", "case for a Ypad", "ypad cases"] {
        let found = found(&shop, wish);
        assert!(found[0].starts_with("case-") && found[0] != "case-3", "{wish}: {found:?}");
        assert!(!found.iter().any(|sku| sku.starts_with("pad")), "{wish}: {found:?}");
    }
}

#[test]
fn what_is_sold_by_the_brand_goes_before_what_names_it() {
    let shop = shop(
        r#"
{"sku":"1","title":"Cable for Orion, Orion plug, Orion approved","brand":"Ward"}
{"sku":"2","title":"Kettle","brand":"Orion"}
{"sku":"3","title":"Lamp","brand":"Blue River"}
{"sku":"4","title":"River lamp, blue"}
"#,
    );
    first(&shop, "orion", "2");
    assert!(found(&shop, "orion").contains(&"1".to_owned()));
    first(&shop, "blue river lamp", "3");
}

#[test]
fn words_written_as_one_and_as_two_are_the_same() {
    let shop = shop(
        r#"
{"sku":"1","title":"Smartwatch black"}
{"sku":"2","title":"Hard drive 2 TB"}
{"sku":"3","title":"Wall clock"}
"#,
    );
    first(&shop, "smart watch", "1");
    first(&shop, "smart watches", "1");
    first(&shop, "harddrive", "2");
}

const GERMAN: &str = r#"
{"sku":"helm-1","title":"Fahrradhelm für Kinder, blau"}
{"sku":"helm-2","title":"Helm für das Fahrrad, mit Licht"}
{"sku":"rad-1","title":"Fahrrad 28 Zoll mit Korb"}
{"sku":"korb-1","title":"Einkaufskorb und Tasche"}
{"sku":"lampe-1","title":"Schreibtischlampe mit Dimmer"}
{"sku":"tisch-1","title":"Schreibtisch, Eiche"}
{"sku":"lampe-2","title":"Lampe für die Küche"}
"#;

#[test]
fn german_words_are_known_by_their_parts_where_a_shop_speaks_german() {
    let shop = shop(GERMAN);
    for wish in ["Fahrradhelm", "Fahrradhelme", "Fahrrad Helm", "Helm für Fahrrad", "Fahrrad-Helm"] {
        let mut found = found(&shop, wish);
        found.truncate(2);
        found.sort();
        assert_eq!(found, ["helm-1", "helm-2"], "{wish}");
    }
    assert!(found(&shop, "Helm").contains(&"helm-1".to_owned()), "a kind of it");
    let lamps = found(&shop, "Lampen");
    assert!(lamps.contains(&"lampe-1".to_owned()) && lamps.contains(&"lampe-2".to_owned()), "{lamps:?}");
    first(&shop, "Fahrrad 28 Zoll", "rad-1");
    assert_eq!(found(&shop, "Gartenschlauch"), [""; 0]);
    let english = self::shop(
        "{\"sku\":\"1\",\"title\":\"Headphone\"}\n{\"sku\":\"2\",\"title\":\"Phone\"}\n{\"sku\":\"3\",\"title\":\"Head\"}",
    );
    assert_eq!(found(&english, "phone"), ["2"], "in English a headphone is no phone");
}
