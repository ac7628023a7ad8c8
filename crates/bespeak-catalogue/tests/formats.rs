//! Every form of file, good and bad, and what is read of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use bespeak_catalogue::Goods;
use bespeak_catalogue::import::{
    Format, Import, ImportDefaults, ImportError, ImportReport, MAX_DOCUMENT_BYTES, MAX_LINE_BYTES, MAX_LINES,
    MAX_MAPPING_BYTES, MAX_NAMED, Mapping, Progress, Why, read,
};
use bespeak_catalogue::{MAX_ATTRIBUTES, MAX_GTINS};
use bespeak_model::intention::GoodsCondition;
use bespeak_model::money::Currency;
use bespeak_model::time::Time;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

const DEFAULTS: ImportDefaults = ImportDefaults { currency: Currency::EUR, now: Time::EPOCH };
const RSS: &str = include_str!("feeds/rss.xml");
const ATOM: &str = include_str!("feeds/atom.xml");
const SHOPIFY: &str = include_str!("feeds/shopify.csv");
const NEW_SHOPIFY: &str = include_str!("feeds/shopify-new.csv");
const PAGE: &str = include_str!("feeds/page.html");
const GROUPS: &str = include_str!("feeds/groups.jsonld");
const MANUAL: &str = include_str!("../../../docs/catalogue.md");

type Goodies = BTreeMap<String, Goods>;

fn import(bytes: &[u8], format: Format) -> Result<(Goodies, ImportReport), ImportError> {
    let mut goods = BTreeMap::new();
    let report = read(bytes, format, &DEFAULTS, |one| drop(goods.insert(one.sku.to_string(), one)))?;
    assert_eq!(report.read, goods.len() as u64);
    Ok((goods, report))
}

fn told(text: &str) -> (Goodies, ImportReport) {
    import(text.as_bytes(), Format::Auto).unwrap()
}

fn mapped(bytes: &[u8], mapping: &str) -> Result<(Goodies, ImportReport), ImportError> {
    let mapping = Mapping::parse(mapping).unwrap();
    let mut goods = BTreeMap::new();
    let import = Import { mapping: Some(&mapping), ..Import::new(DEFAULTS) };
    let report = import.read(bytes, |one| drop(goods.insert(one.sku.to_string(), one)), |_| {})?;
    Ok((goods, report))
}

fn skus(goods: &Goodies) -> Vec<&str> {
    goods.keys().map(String::as_str).collect()
}

fn price(goods: &Goods) -> String {
    goods.price.map(|price| price.to_string()).unwrap_or_default()
}

fn said(goods: &Goods) -> Vec<String> {
    goods.attributes.iter().map(ToString::to_string).collect()
}

/// The lines that were passed over, and a word of each reason.
fn skipped(report: &ImportReport) -> Vec<(u64, String)> {
    report.skipped.iter().map(|skipped| (skipped.line, skipped.why.to_string())).collect()
}

#[test]
fn google_merchants_rss_is_read() {
    let (goods, report) = told(RSS);
    assert_eq!(skus(&goods), ["X-1", "X-4"]);
    let kettle = &goods["X-1"];
    assert_eq!(kettle.title, "Kettle & lid");
    assert_eq!(kettle.description.as_deref(), Some("Holds 1.7 l,  boils  fast"));
    assert_eq!((price(kettle).as_str(), kettle.brand.as_deref()), ("39.90 EUR", Some("Wasserfest")));
    assert_eq!(kettle.link.as_deref(), Some("https://shop.example/x-1?a=1&b=2"));
    assert_eq!(kettle.category.as_ref().unwrap().as_str(), "home.kitchen-appliances");
    assert_eq!(said(kettle), ["color=red", "power=2200W"]);
    assert_eq!((kettle.condition, kettle.gtins.len()), (Some(GoodsCondition::New), 1));
    let pot = &goods["X-4"];
    assert_eq!((price(pot).as_str(), pot.available), ("1500 JPY", Some(0)));
    assert_eq!(pot.category.as_ref().unwrap().as_str(), "home.tableware");
    let lines: Vec<u64> = report.skipped.iter().map(|skipped| skipped.line).collect();
    assert_eq!(lines, [27, 32]);
    assert_eq!(report.skipped[0].why, Why::NegativePrice);
    assert_eq!(report.skipped[0].sku.as_deref(), Some("X-2"));
    assert!(matches!(report.skipped[1].why, Why::Xml(_)));
    assert_eq!(report.unnamed, 1);
}

#[test]
fn google_merchants_atom_is_read() {
    let (goods, report) = told(ATOM);
    let desk = &goods["A-1"];
    assert_eq!((report.skipped_count, desk.link.as_deref()), (0, Some("https://shop.example/a-1")));
    assert_eq!(desk.description.as_deref(), Some("Stands on four legs."));
    assert_eq!(
        (price(desk).as_str(), desk.category.as_ref().unwrap().as_str()),
        ("420.00 EUR", "furniture.desks")
    );
}

#[test]
fn a_feed_that_is_cut_off_is_an_error_and_its_goods_stay() {
    let mut read_before = 0;
    let cut = &RSS[..RSS.find("X-3").unwrap()];
    let error = read(cut.as_bytes(), Format::Auto, &DEFAULTS, |_| read_before += 1).unwrap_err();
    assert!(matches!(error, ImportError::BrokenOff { line: 33, what: "an item" }), "{error}");
    assert_eq!(read_before, 1);
    let between = RSS.replace("</channel>", "").replace("</rss>", "");
    assert!(matches!(import(between.as_bytes(), Format::Auto), Err(ImportError::BrokenOff { .. })));
    let cut = &GROUPS[..GROUPS.len() / 2];
    assert!(matches!(import(cut.as_bytes(), Format::Auto), Err(ImportError::BrokenOff { .. })));
    let cut = &PAGE[..PAGE.find("\"sku\": \"S-1\"").unwrap()];
    assert!(matches!(import(cut.as_bytes(), Format::Auto), Err(ImportError::BrokenOff { .. })));
}

#[test]
fn an_item_of_ten_megabytes_costs_only_itself() {
    let item = format!("<item><g:id>BIG</g:id><title>{}</title></item>", "x".repeat(10_000_000));
    let (goods, report) = told(&RSS.replacen("<item>", &format!("{item}<item>"), 1));
    assert_eq!(skus(&goods), ["X-1", "X-4"]);
    assert_eq!(report.skipped[0].why, Why::TooLong);
}

#[test]
fn shopifys_variants_are_joined_by_their_handle() {
    let (goods, report) = told(SHOPIFY);
    assert_eq!(skus(&goods), ["WJ-L-R", "WJ-M-R", "WJ-S-B", "tea-cup"]);
    let medium = &goods["WJ-M-R"];
    assert_eq!((medium.title.as_str(), medium.brand.as_deref()), ("Wool jumper", Some("Strickwerk")));
    assert_eq!(medium.description.as_deref(), Some("Knitted by hand. \n Keeps you \"warm\"."));
    assert_eq!((price(medium).as_str(), medium.available), ("79.90 EUR", Some(3)));
    assert_eq!(medium.category.as_ref().unwrap().as_str(), "apparel.shirts");
    let attributes = said(medium);
    for attribute in ["size=M", "colour=Red", "weight=450g", "product_type=Jumpers", "fabric=merino"] {
        assert!(attributes.iter().any(|one| one == attribute), "{attribute} in {attributes:?}");
    }
    let (large, small) = (&goods["WJ-L-R"], &goods["WJ-S-B"]);
    assert_eq!((large.description.as_deref(), large.available), (medium.description.as_deref(), Some(0)));
    assert!(said(large).contains(&"size=L".to_owned()) && said(small).contains(&"colour=Blue".to_owned()));
    assert_eq!(small.available, None);
    assert!(said(&goods["tea-cup"]).contains(&"barcode=INTERN-7".to_owned()));
    assert_eq!(price(&goods["tea-cup"]), "12.00 EUR");
    let named = skipped(&report);
    let lines: Vec<u64> = named.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [7, 8, 10, 11], "{named:?}");
    assert_eq!(named[0].1, "it is not for sale: it is archived");
    assert_eq!(named[1].1, "it is not for sale: it is a draft");
    assert!(named[2].1.starts_with("there is no title"), "{}", named[2].1);
    assert!(matches!(report.skipped[3].why, Why::Gtin(_)));
    assert_eq!((report.unnamed, report.seen.len()), (0, 6));
}

#[test]
fn shopifys_newer_columns_are_read() {
    let (goods, report) = told(NEW_SHOPIFY);
    assert_eq!((skus(&goods), report.skipped_count), (vec!["GH-10", "GH-20"], 0));
    let (ten, twenty) = (&goods["GH-10"], &goods["GH-20"]);
    assert_eq!((ten.available, twenty.available), (Some(8), None));
    assert_eq!((price(twenty).as_str(), twenty.title.as_str()), ("29.50 EUR", "Garden hose"));
    assert!(said(twenty).contains(&"length=20m".to_owned()), "{:?}", said(twenty));
    assert!(matches!(import(b"Handle,Name\na,b", Format::ShopifyCsv), Err(ImportError::Column(_))));
}

#[test]
fn products_of_a_web_page_are_read() {
    let (goods, report) = told(PAGE);
    assert_eq!(skus(&goods), ["S-1", "S-3"]);
    let shoe = &goods["S-1"];
    assert_eq!((shoe.title.as_str(), price(shoe).as_str()), ("Running shoe", "119.50 EUR"));
    assert_eq!((shoe.description.as_deref(), shoe.brand.as_deref()), (Some("Light & soft"), Some("Laufgut")));
    assert_eq!((shoe.condition, shoe.available), (Some(GoodsCondition::New), None));
    assert_eq!(shoe.link.as_deref(), Some("https://shop.example/s-1"));
    assert_eq!(shoe.category.as_ref().unwrap().as_str(), "apparel.shoes");
    assert_eq!(said(shoe), ["mpn=\"007\"", "color=blue", "weight=0.6kg", "drop=8mm", "vegan=yes"]);
    assert_eq!(goods["S-3"].price, None);
    assert_eq!((report.skipped_count, report.skipped[0].line), (1, 39));
    assert!(matches!(report.skipped[0].why, Why::Json(_)));
}

#[test]
fn groups_lists_and_references_are_followed() {
    let (goods, report) = told(GROUPS);
    assert_eq!(skus(&goods), ["G-1", "H-1", "RC-L", "RC-M", "RC-S", "U-BLUE", "U-RED"]);
    let (small, medium, large) = (&goods["RC-S"], &goods["RC-M"], &goods["RC-L"]);
    assert_eq!((small.title.as_str(), medium.title.as_str()), ("Rain coat", "Rain coat M"));
    assert_eq!(large.description.as_deref(), Some("Dry in any weather."));
    assert_eq!((small.available, medium.available, large.available), (Some(0), Some(4), None));
    assert_eq!((price(medium).as_str(), medium.brand.as_deref()), ("92.00 EUR", Some("Regenfest")));
    assert_eq!(
        (price(&goods["U-RED"]).as_str(), price(&goods["U-BLUE"]).as_str()),
        ("12.00 EUR", "13.00 EUR")
    );
    assert_eq!(price(&goods["G-1"]), "7.00 CHF");
    assert_eq!(goods["H-1"].category.as_ref().unwrap().as_str(), "apparel.shoes");
    let why: Vec<&Why> = report.skipped.iter().map(|skipped| &skipped.why).collect();
    assert_eq!(why, [&Why::Missing("number (sku or id)"), &Why::NegativePrice]);
}

#[test]
fn a_page_without_products_says_so() {
    for text in
        ["<html><p>Nothing</p></html>", "[{\"sku\":\"1\",\"title\":\"A\"}]", "{\"@type\":\"WebPage\"}"]
    {
        let (goods, report) = told(text);
        assert!(goods.is_empty());
        assert_eq!(skipped(&report), [(1, "there is no product in the words of schema.org".to_owned())]);
        assert_eq!(report.unnamed, 0);
    }
}

#[test]
fn a_json_document_that_is_too_large_is_refused() {
    let large = format!("[{{\"@type\":\"Product\",\"name\":\"{}\"}}]", "x".repeat(MAX_DOCUMENT_BYTES));
    assert!(matches!(import(large.as_bytes(), Format::Auto), Err(ImportError::Document { line: 1 })));
}

/// The first block of this language in the manual.
fn block(language: &str) -> &'static str {
    let (_, rest) = MANUAL.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_manuals_mapping_reads_the_manuals_table() {
    let (bytes, _, lost) = encoding_rs::WINDOWS_1252.encode(block("csv"));
    assert!(!lost);
    let (goods, report) = mapped(&bytes, block("toml")).unwrap();
    assert_eq!((skus(&goods), report.skipped_count), (vec!["K-100", "K-200"], 0));
    let (chair, table) = (&goods["K-100"], &goods["K-200"]);
    assert_eq!((chair.title.as_str(), price(chair).as_str()), ("Küchenstuhl Eiche", "1299.50 EUR"));
    assert_eq!((chair.brand.as_deref(), chair.available), (Some("Stuhlwerk"), Some(12)));
    assert_eq!(chair.category.as_ref().unwrap().as_str(), "furniture.chairs");
    assert_eq!(said(chair), ["weight=4.5kg", "colour=natur", "made_in=Germany"]);
    assert_eq!((table.title.as_str(), table.available), ("Tisch \"Lena\"; ausziehbar", Some(0)));
    assert_eq!((price(table).as_str(), table.condition), ("89.00 EUR", Some(GoodsCondition::New)));
    assert_eq!(said(table), ["colour=weiß", "made_in=Germany"]);
}

#[test]
fn the_manual_tells_every_format_and_every_bound() {
    for (format, name) in Format::ALL.into_iter().filter(|(format, _)| *format != Format::Auto) {
        assert!(MANUAL.contains(&format!("| `{name}` | ")), "{format:?}");
    }
    for (bound, told) in [
        (MAX_LINE_BYTES, "256 KiB".to_owned()),
        (MAX_DOCUMENT_BYTES, "16 MiB".to_owned()),
        (MAX_MAPPING_BYTES, "64 KiB".to_owned()),
        (MAX_NAMED, "| skipped records that are named | 100 |".to_owned()),
        (MAX_ATTRIBUTES, format!("| attributes of an article | {MAX_ATTRIBUTES} |")),
        (MAX_GTINS, format!("| bar codes of an article | {MAX_GTINS} |")),
    ] {
        assert!(MANUAL.contains(&told), "{told}");
        let number: usize =
            told.split(|c: char| !c.is_ascii_digit()).find_map(|part| part.parse().ok()).unwrap();
        let unit = if told.contains("KiB") {
            1 << 10
        } else if told.contains("MiB") {
            1 << 20
        } else {
            1
        };
        assert_eq!(bound, number * unit);
    }
    assert_eq!(MAX_LINES, 10_000_000);
    assert!(MANUAL.contains("| lines of a file | 10,000,000 |"));
}

#[test]
fn a_mapping_finds_columns_by_number_and_reads_cents_and_currencies() {
    let mapping = "[file]\nheader = false\ndelimiter = \"tab\"\n[columns]\nsku = 1\ntitle = 2\nprice = 3\ncurrency = 4\n\
                   available = 5\ncategory = 6\n[price]\nminor_units = true\n";
    let text = "1\tA\t1999\tjpy\tno\tunspsc:43211503\n2\tB\t1999\t\t3.0\tHaus/Stühle/Chairs\n3\tC\t1.5\t\t\t\n4\tD\t1\t\t2.5\t\n5\tE\t-1\n";
    let (goods, report) = mapped(text.as_bytes(), mapping).unwrap();
    assert_eq!((price(&goods["1"]), goods["1"].available), ("1999 JPY".to_owned(), Some(0)));
    assert_eq!((price(&goods["2"]), goods["2"].available), ("19.99 EUR".to_owned(), Some(3)));
    assert_eq!(goods["1"].category.as_ref().unwrap().as_str(), "computers.laptops");
    assert_eq!(goods["2"].category.as_ref().unwrap().as_str(), "furniture.chairs");
    assert_eq!(skipped(&report).iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 4, 5]);
    let missing = mapped(b"a,b\n1,2\n", "[columns]\nsku = \"a\"\ntitle = \"c\"\n");
    assert!(matches!(missing, Err(ImportError::Column(name)) if name == "c"));
    assert!(matches!(import(b"a,b\n", Format::Csv), Err(ImportError::NoMapping)));
    assert!(mapped(b"", "[columns]\nsku = \"a\"\ntitle = \"c\"\n").unwrap().0.is_empty());
}

#[test]
fn an_open_quote_a_wrong_encoding_and_mixed_ends_cost_their_own_lines() {
    let mapping = "[columns]\nsku = \"sku\"\ntitle = \"title\"\n";
    let bytes = b"\xef\xbb\xbfsku,title\r\n1,\"Open\r2,Caf\xe9\n3,\"Fine\"\r\n\n4,Fine";
    let (goods, report) = mapped(bytes, mapping).unwrap();
    assert_eq!(skus(&goods), ["3", "4"]);
    assert_eq!(
        report.skipped.iter().map(|one| (one.line, &one.why)).collect::<Vec<_>>(),
        [(2, &Why::Unclosed), (3, &Why::NotText)]
    );
    assert_eq!(report.unnamed, 2);
}

#[test]
fn utf_16_is_read_with_its_mark_only() {
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let marked = wide(&format!("\u{feff}{RSS}").replace("UTF-8", "UTF-16"));
    assert_eq!(import(&marked, Format::Auto).unwrap().0.len(), 2);
    assert!(matches!(import(&wide("{\"sku\":1}"), Format::Auto), Err(ImportError::Encoding("UTF-16"))));
}

#[test]
fn absurd_prices_are_named() {
    let text =
        "id\ttitle\tprice\n1\tA\t99999999999999999 EUR\n2\tB\t1e9 EUR\n3\tC\t1.999 EUR\n4\tD\t0.005 KWD\n";
    let (goods, report) = told(text);
    assert_eq!((skus(&goods), report.skipped_count), (vec!["4"], 3));
    assert_eq!(price(&goods["4"]), "0.005 KWD");
}

#[test]
fn progress_is_told_now_and_then() {
    let line = "{\"sku\":\"#\",\"title\":\"Chair\"}\n";
    let text: String = (0..50_000).map(|number| line.replace('#', &number.to_string())).collect();
    let mut told: Vec<Progress> = Vec::new();
    let import = Import::new(DEFAULTS);
    import.read(text.as_bytes(), drop, |progress| told.push(progress)).unwrap();
    assert!(told.len() > 3 && told.len() < 30, "{}", told.len());
    assert!(told.is_sorted_by_key(|progress| (progress.bytes, progress.read)));
    let end = Progress { bytes: text.len() as u64, read: 50_000, skipped: 0 };
    assert_eq!(told.last(), Some(&end));
}

#[test]
fn the_name_tells_where_the_content_does_not() {
    let import = Import { name: Some("feed.xml"), ..Import::new(DEFAULTS) };
    let report = import.read(b"<g><entry><id>1</id><title>A</title></entry></g>".as_slice(), drop, |_| {});
    assert_eq!(report.unwrap().read, 1);
}

/// A file that fails behind its first bytes.
struct Failing<'a>(&'a [u8]);

impl Read for Failing<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() { Err(io::Error::other("the disk is gone")) } else { self.0.read(into) }
    }
}

#[test]
fn a_failing_disk_is_an_error_in_every_format() {
    for text in [RSS, SHOPIFY, PAGE, GROUPS, "id\ttitle\n1\tA\n", "{\"sku\":\"1\",\"title\":\"A\"}\n"] {
        let cut = &text.as_bytes()[..text.len() - 1];
        let error = read(Failing(cut), Format::Auto, &DEFAULTS, drop).unwrap_err();
        assert!(matches!(error, ImportError::Read { .. }), "{error}");
    }
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_to_any_format_panics(at in 0usize..3000, byte in any::<u8>(), cut in 0usize..4000) {
        for good in [RSS, ATOM, SHOPIFY, NEW_SHOPIFY, PAGE, GROUPS] {
            let mut bytes = good.as_bytes().to_vec();
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            bytes.truncate(cut);
            let _ = import(&bytes, Format::Auto);
            let _ = import(&packed(&bytes), Format::Auto);
            let _ = mapped(&bytes, "[columns]\nsku = 1\ntitle = 2\n[file]\nheader = false\n");
        }
    }

    #[test]
    fn any_mapping_is_read_or_refused(text in "[\\[\\]a-z=\" \n.0-9]{0,120}") {
        let _ = Mapping::parse(&text);
    }
}
