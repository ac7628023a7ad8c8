//! Files as shops have them, good and bad, and what is read of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;

use bespeak_catalogue::Goods;
use bespeak_catalogue::import::{
    Format, ImportDefaults, ImportError, ImportReport, MAX_LINE_BYTES, MAX_NAMED, Why, read,
};
use bespeak_model::intention::GoodsCondition;
use bespeak_model::money::Currency;
use bespeak_model::time::Time;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

const DEFAULTS: ImportDefaults = ImportDefaults { currency: Currency::EUR, now: Time::EPOCH };

fn import_as(bytes: &[u8], format: Format) -> Result<(Vec<Goods>, ImportReport), ImportError> {
    let mut goods = Vec::new();
    let report = read(bytes, format, &DEFAULTS, |one| goods.push(one))?;
    assert_eq!(report.read, goods.len() as u64);
    Ok((goods, report))
}

fn import(text: &str) -> (Vec<Goods>, ImportReport) {
    import_as(text.as_bytes(), Format::Auto).unwrap()
}

/// The one article of a line.
fn one(line: &str) -> Goods {
    let (mut goods, report) = import(line);
    assert_eq!(report.skipped, [], "{line}");
    goods.remove(0)
}

/// Why the one line is passed over; the goods after it are still read.
fn why(line: &str) -> Why {
    let (goods, report) = import(&format!("{line}\n{{\"sku\":\"after\",\"title\":\"After\"}}\n"));
    assert_eq!(goods.len(), 1, "{line}");
    assert_eq!((report.skipped_count, report.skipped[0].line), (1, 1));
    report.skipped[0].why.clone()
}

fn price_of(price: &str) -> Option<String> {
    one(&format!(r#"{{"sku":"1","title":"Chair","price":{price}}}"#)).price.map(|price| price.to_string())
}

#[test]
fn our_own_shape_is_read_whole() {
    let goods = one(concat!(
        r#"{"sku":"A-1","title":"Oak <b>chair</b> &amp; cushion","price":"19.99 EUR","brand":"Oak & Co","#,
        r#""gtin":"4006381333931","description":"<p>Fine.</p><script>bad()</script>","category":"furniture","#,
        r#""attributes":{"Seat height":"45 cm","colour":["red","blue"],"stackable":true,"legs":4},"#,
        r#""condition":"used","available":3,"link":"https://example.org/a-1"}"#
    ));
    assert_eq!(goods.sku, "A-1");
    assert_eq!(goods.title, "Oak chair & cushion");
    assert_eq!(goods.description.as_deref(), Some("Fine."));
    assert_eq!(goods.brand.as_deref(), Some("Oak & Co"));
    assert_eq!(goods.price.unwrap().to_string(), "19.99 EUR");
    assert_eq!(goods.gtins, ["4006381333931".parse().unwrap()]);
    assert_eq!(goods.category.unwrap().as_str(), "furniture");
    assert_eq!((goods.condition, goods.available), (Some(GoodsCondition::Used), Some(3)));
    let attributes: Vec<String> = goods.attributes.iter().map(ToString::to_string).collect();
    assert_eq!(attributes, ["seat_height=45cm", "colour=red", "colour=blue", "legs=4", "stackable=yes"]);
}

#[test]
fn what_this_crate_writes_it_reads_again() {
    let line = r#"{"sku":"A-1","title":"Chair","price":"5 EUR","gtin":"96385074","attributes":["weight=4.5kg"],"condition":"new"}"#;
    let goods = one(line);
    let written = serde_json::to_string(&goods).unwrap();
    assert_eq!(serde_json::from_str::<Goods>(&written).unwrap(), goods);
    assert!(one(&written).says_the_same(&goods));
}

#[test]
fn prices_are_read_as_people_write_them() {
    for (written, meant) in [
        (r#""1500EUR""#, "1500.00 EUR"),
        (r#""EUR 19.99""#, "19.99 EUR"),
        (r#""19,99 USD""#, "19.99 USD"),
        (r#""1,299.00 USD""#, "1299.00 USD"),
        (r#""1,299 USD""#, "1299.00 USD"),
        (r#""19.5""#, "19.50 EUR"),
        ("19.99", "19.99 EUR"),
        (r#"{"amount":1999,"currency":"USD"}"#, "19.99 USD"),
        ("0", "0.00 EUR"),
    ] {
        assert_eq!(price_of(written).as_deref(), Some(meant), "{written}");
    }
    assert_eq!(price_of("null"), None);
    assert_eq!(price_of(r#""""#), None);
}

#[test]
fn prices_that_are_none_are_refused() {
    let refused = |price: &str| why(&format!(r#"{{"sku":"1","title":"Chair","price":{price}}}"#));
    assert_eq!(refused(r#""-5 EUR""#), Why::NegativePrice);
    assert_eq!(refused(r#"{"amount":-5,"currency":"EUR"}"#), Why::NegativePrice);
    for price in [r#""5 XXX""#, r#""5 eur""#, r#""5 GOLD""#, r#""five EUR""#, r#""1.999 EUR""#, "1e300"] {
        assert!(matches!(refused(price), Why::Price(_)), "{price}");
    }
    assert!(matches!(refused("[1]"), Why::Kind { field: "price", .. }));
}

#[test]
fn each_bad_line_is_named_with_its_reason() {
    assert!(matches!(why(r#"{"sku":"1","title":"Cha"#), Why::Json(_)));
    assert!(matches!(why(r#"{"sku":"1""#), Why::Json(_)));
    assert_eq!(why(r#"{"title":"Chair"}"#), Why::Missing("number (sku or id)"));
    assert_eq!(why(r#"{"sku":"1"}"#), Why::Missing("title"));
    assert_eq!(why(r#"{"sku":"1","title":"<br>"}"#), Why::Missing("title"));
    assert!(matches!(why(r#"{"sku":"1","title":"A","gtin":"4006381333932"}"#), Why::Gtin(_)));
    assert!(matches!(why(r#"{"sku":"1","title":"A","category":"nonsense-zzz"}"#), Why::Category(_)));
    assert!(matches!(why(r#"{"sku":["1"],"title":"A"}"#), Why::Kind { field: "sku", .. }));
    assert!(matches!(
        why(r#"{"sku":"1","title":"A","condition":"odd"}"#),
        Why::Kind { field: "condition", .. }
    ));
    assert!(matches!(why(r#"{"sku":"1","title":"A","available":-1}"#), Why::Kind { field: "available", .. }));
    assert!(matches!(why("{\"sku\":\"a\\u0000b\",\"title\":\"A\"}"), Why::Sku(_)));
    assert!(matches!(why(&format!(r#"{{"sku":"{}","title":"A"}}"#, "9".repeat(65))), Why::Sku(_)));
}

#[test]
fn a_line_of_any_other_kind_is_passed_over() {
    let text = "{\"sku\":\"1\",\"title\":\"A\"}\n\n[1,2]\nnull\nplain words\n{\"sku\":\"2\",\"title\":\"B\"}";
    let (goods, report) = import(text);
    assert_eq!(goods.len(), 2);
    assert_eq!(report.skipped.iter().map(|skipped| skipped.line).collect::<Vec<_>>(), [3, 4, 5]);
}

#[test]
fn hidden_characters_and_markup_do_not_reach_the_goods() {
    let goods = one(
        "{\"sku\":\"1\",\"title\":\"Cha\\u0000ir \\u202eevil\\u202c \\u200bnow\",\"description\":\"a\\u0007b\"}",
    );
    assert_eq!(goods.title, "Chair evil now");
    assert_eq!(goods.description.as_deref(), Some("ab"));
}

#[test]
fn a_line_of_a_megabyte_is_passed_over_and_the_next_is_read() {
    let long = format!(r#"{{"sku":"1","title":"{}"}}"#, "x".repeat(1_000_000));
    assert_eq!(why(&long), Why::TooLong);
    let fits =
        format!(r#"{{"sku":"1","title":"A","description":"{}"}}"#, "x ".repeat(MAX_LINE_BYTES / 2 - 50));
    assert!(one(&fits).description.unwrap().len() <= 2000);
    let (goods, report) = import(&format!("{{\"sku\":\"0\",\"title\":\"A\"}}\n{long}"));
    assert_eq!((goods.len(), report.skipped_count), (1, 1));
}

#[test]
fn bytes_that_are_not_text_are_passed_over() {
    let bytes =
        [b"{\"sku\":\"1\",\"title\":\"\xff\"}\n".as_slice(), b"{\"sku\":\"2\",\"title\":\"B\"}"].concat();
    let (goods, report) = import_as(&bytes, Format::Jsonl).unwrap();
    assert_eq!((goods.len(), &report.skipped[0].why), (1, &Why::NotText));
}

#[test]
fn of_a_number_that_stands_twice_the_first_counts() {
    let (goods, report) =
        import("{\"sku\":\"1\",\"title\":\"First\"}\n\n{\"sku\":\"1\",\"title\":\"Second\"}");
    assert_eq!(goods[0].title, "First");
    let skipped = &report.skipped[0];
    assert_eq!((skipped.line, skipped.why.to_string().as_str()), (3, "the number 1 is already on line 1"));
}

#[test]
fn the_report_names_the_first_and_counts_all() {
    let (_, report) = import(&format!("{{\"sku\":\"1\",\"title\":\"A\"}}\n{}", "bad\n".repeat(1000)));
    assert_eq!((report.skipped.len(), report.skipped_count), (MAX_NAMED, 1000));
}

#[test]
fn icecats_shape_is_read() {
    let goods = one(concat!(
        r#"{"attr_n_depth":114.5,"attr_t_card":"Y","attr_t_printing_colours":"Cyan","ean":["0882780756328","1"],"#,
        r#""id":"1399","name":"80","price":12595,"short_description":"175-ml","supplier":"HP","title":"HP 80"}"#
    ));
    assert_eq!((goods.sku.as_str(), goods.brand.as_deref()), ("1399", Some("HP")));
    assert_eq!(goods.price.unwrap().to_string(), "125.95 USD");
    assert_eq!(goods.gtins, ["0882780756328".parse().unwrap()]);
    let attributes: Vec<String> = goods.attributes.iter().map(ToString::to_string).collect();
    assert_eq!(attributes, ["name=\"80\"", "card=yes", "printing_colours=Cyan", "depth=114.5"]);
    let without = one(r#"{"id":"1","title":"A","supplier":"HP"}"#);
    assert_eq!(without.price, None);
    assert!(matches!(
        why(r#"{"id":"1","title":"A","supplier":"HP","price":1.5}"#),
        Why::Kind { field: "price", .. }
    ));
}

const MERCHANT: &str = "id\ttitle\tdescription\tlink\tavailability\tprice\tbrand\tgtin\tgoogle product category\tmpn\tcondition\n\
    C1\t\"Red \"\"city\"\" bicycle\"\t<p>Seven gears</p>\thttps://example.org\tin stock\t499.00 EUR\tRad\t4006381333931\t\t007\tnew\n\
    C2\tHelmet\t\t\tout_of_stock\tUSD 39.95\t\t\t1029\t\tused\n\
    C3\tBell\t\t\tin_stock\tcheap\t\t\t\t\t\n\
    C4\tLamp\n\
    C5\tLamp\ta\tb\tc\t1 EUR\te\t\tg\th\tnew\textra\n";

#[test]
fn merchant_columns_are_read() {
    let (goods, report) = import(MERCHANT);
    let skus: Vec<&str> = goods.iter().map(|goods| goods.sku.as_str()).collect();
    assert_eq!(skus, ["C1", "C2", "C4"]);
    assert_eq!(report.skipped.iter().map(|skipped| skipped.line).collect::<Vec<_>>(), [4, 6]);
    let bicycle = &goods[0];
    assert_eq!(bicycle.title, "Red \"city\" bicycle");
    assert_eq!(bicycle.description.as_deref(), Some("Seven gears"));
    assert_eq!(bicycle.price.unwrap().to_string(), "499.00 EUR");
    assert_eq!(bicycle.attributes[0].to_string(), "mpn=\"007\"");
    assert_eq!((bicycle.condition, bicycle.is_available()), (Some(GoodsCondition::New), true));
    assert_eq!(goods[1].price.unwrap().to_string(), "39.95 USD");
    assert!(!goods[1].is_available());
    assert_eq!(goods[2].price, None);
}

#[test]
fn a_merchant_file_needs_its_columns() {
    let error = import_as(b"id\tname\nA\tB\n", Format::Auto).unwrap_err();
    assert!(matches!(error, ImportError::Column(name) if name == "title"));
    assert!(matches!(import_as(b"just words\n", Format::Auto), Err(ImportError::Format)));
    assert!(matches!(import_as(b"id\ttitle", Format::MerchantTsv), Ok((goods, _)) if goods.is_empty()));
    assert!(matches!(import_as(b"", Format::Auto), Ok((goods, _)) if goods.is_empty()));
}

#[test]
fn a_byte_order_mark_and_line_ends_of_windows_are_no_matter() {
    let (goods, report) =
        import("\u{feff}{\"sku\":\"1\",\"title\":\"A\"}\r\n{\"sku\":\"2\",\"title\":\"B\"}\r\n");
    assert_eq!((goods.len(), report.skipped_count), (2, 0));
}

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn gzip_is_unpacked_also_in_several_parts() {
    let parts =
        [packed("{\"sku\":\"1\",\"title\":\"A\"}\n"), packed("{\"sku\":\"2\",\"title\":\"B\"}\n")].concat();
    assert_eq!(import_as(&parts, Format::Auto).unwrap().0.len(), 2);
}

#[test]
fn a_damaged_gzip_says_how_far_it_was_read() {
    let text: String = (0..5000).map(|i| format!("{{\"sku\":\"{i}\",\"title\":\"Chair {i}\"}}\n")).collect();
    let whole = packed(&text);
    let mut goods = 0;
    let error = read(&whole[..whole.len() / 2], Format::Auto, &DEFAULTS, |_| goods += 1).unwrap_err();
    assert!(matches!(error, ImportError::Read { line, .. } if line == goods && goods > 0), "{error}");
}

#[test]
fn formats_have_names() {
    assert_eq!("merchant-tsv".parse(), Ok(Format::MerchantTsv));
    assert_eq!("jsonl".parse(), Ok(Format::Jsonl));
    assert_eq!("auto".parse(), Ok(Format::Auto));
    assert_eq!("merchant-xml".parse(), Ok(Format::MerchantXml));
    assert!("xml".parse::<Format>().is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        for (format, _) in Format::ALL {
            let _ = import_as(&bytes, format);
        }
    }

    #[test]
    fn no_damage_to_a_good_file_panics(at in 0usize..600, byte in any::<u8>(), cut in 0usize..900) {
        let own = "{\"sku\":\"A\",\"title\":\"<b>Chair</b>\",\"price\":\"19,99 EUR\",\"attributes\":{\"a\":\"1 kg\"}}\n".repeat(8);
        for good in [own.as_str(), MERCHANT] {
            let mut bytes = good.as_bytes().to_vec();
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            bytes.truncate(cut);
            let _ = import_as(&bytes, Format::Auto);
            let _ = import_as(&packed(&String::from_utf8_lossy(&bytes)), Format::Auto);
        }
    }

    #[test]
    fn any_value_in_any_field_is_read_or_named(value in "\\PC{0,60}", field in 0usize..9) {
        let name = ["sku", "title", "price", "gtin", "category", "attributes", "available", "brand", "ean"][field];
        let mut object = serde_json::json!({"sku": "1", "title": "A"});
        object[name] = serde_json::Value::String(value);
        let (goods, report) = import(&object.to_string());
        prop_assert_eq!(goods.len() as u64 + report.skipped_count, 1);
    }
}
