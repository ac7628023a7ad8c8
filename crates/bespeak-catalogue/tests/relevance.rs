//! How well wishes find goods, measured on real queries with human grades over a real catalogue.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Instant;

use bespeak_catalogue::import::{Format, ImportDefaults, read};
use bespeak_catalogue::{Catalogue, Goods, Wish};
use bespeak_model::money::Currency;
use bespeak_model::time::Time;

/// Grades of one query, by SKU.
type Grades = HashMap<String, u32>;

fn shared(file: &str) -> Option<File> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(file);
    let opened = File::open(&path).ok();
    if opened.is_none() {
        println!("skipped: {} is absent", path.display());
    }
    opened
}

/// The catalogue, read once for all tests.
fn goods() -> Option<&'static [Goods]> {
    static GOODS: OnceLock<Option<Vec<Goods>>> = OnceLock::new();
    GOODS.get_or_init(read_goods).as_deref()
}

fn read_goods() -> Option<Vec<Goods>> {
    let defaults = ImportDefaults { currency: Currency::USD, now: Time::EPOCH };
    let mut goods = Vec::new();
    let start = Instant::now();
    let report =
        read(shared("icecat-products.jsonl.gz")?, Format::Auto, &defaults, |one| goods.push(one)).unwrap();
    assert_eq!((report.read, report.skipped_count), (19_406, 0), "{:?}", report.skipped);
    println!("read in {:?}", start.elapsed());
    Some(goods)
}

fn judgements() -> Option<BTreeMap<String, Grades>> {
    let mut judged: BTreeMap<String, Grades> = BTreeMap::new();
    for row in csv::Reader::from_reader(shared("judgements.csv")?).deserialize() {
        let (query, sku, grade): (String, String, u32) = row.unwrap();
        judged.entry(query).or_default().insert(sku, grade);
    }
    assert_eq!(judged.len(), 75);
    Some(judged)
}

fn catalogue(goods: impl IntoIterator<Item = &'static Goods>) -> Catalogue {
    let mut catalogue = Catalogue::new();
    catalogue.upsert(goods.into_iter().cloned());
    catalogue
}

/// The grades of what is found, best first; what nobody judged counts as nothing.
fn found(catalogue: &Catalogue, query: &str, grades: &Grades, limit: usize) -> Vec<u32> {
    let hits = catalogue.search(&Wish::new(query), limit);
    hits.iter().map(|hit| grades.get(hit.sku.as_str()).copied().unwrap_or_default()).collect()
}

/// Discounted cumulative gain with exponential gains.
fn gain(grades: &[u32]) -> f64 {
    let one = |(place, grade): (usize, &u32)| (f64::from(*grade).exp2() - 1.0) / ((place + 2) as f64).log2();
    grades.iter().take(10).enumerate().map(one).sum()
}

fn ndcg(found: &[u32], grades: &Grades) -> f64 {
    let mut ideal: Vec<u32> = grades.values().copied().collect();
    ideal.sort_by(|one, other| other.cmp(one));
    gain(found) / gain(&ideal)
}

#[test]
fn the_whole_catalogue_ranks_as_people_judge() {
    let (Some(goods), Some(judged)) = (goods(), judgements()) else { return };
    let start = Instant::now();
    let catalogue = catalogue(goods);
    println!("indexed in {:?}", start.elapsed());
    let (mut quality, mut first, mut in_six, mut times) = (Vec::new(), 0, 0, Vec::new());
    for (query, grades) in &judged {
        let start = Instant::now();
        let found = found(&catalogue, query, grades, 10);
        times.push(start.elapsed());
        first += usize::from(found.first() == Some(&3));
        in_six += usize::from(found.iter().take(6).any(|grade| *grade == 3));
        if grades.values().filter(|grade| **grade >= 2).count() >= 3 {
            quality.push((ndcg(&found, grades), query));
        }
    }
    times.sort();
    let mean = quality.iter().map(|(value, _)| value).sum::<f64>() / quality.len() as f64;
    quality.sort_by(|one, other| one.0.total_cmp(&other.0));
    for (value, query) in quality.iter().filter(|(value, _)| *value < 0.9) {
        println!("  {value:.2} {query}");
    }
    println!("nDCG@10 {mean:.4} over {} queries; grade 3 first {first}, among six {in_six}", quality.len());
    println!("search p50 {:?}, slowest {:?}", times[times.len() / 2], times[times.len() - 1]);
    assert_eq!(quality.len(), 47);
    assert!(mean >= 0.88, "nDCG@10 fell to {mean:.4}");
}

#[test]
fn vendors_with_half_the_catalogue_each_answer_with_what_fits() {
    let (Some(goods), Some(judged)) = (goods(), judgements()) else { return };
    let half = |which: usize| catalogue(goods.iter().skip(which).step_by(2));
    let halves = [half(0), half(1)];
    let (mut wanted, mut met, mut cases, mut cases_met, mut first) = (0, 0, 0, 0, 0);
    let (mut without, mut silent) = (0, 0);
    for (query, grades) in &judged {
        let (mut any, mut any_met) = (false, false);
        for catalogue in &halves {
            let held: HashSet<&str> = catalogue.iter().map(|one| one.sku.as_str()).collect();
            let found = found(catalogue, query, grades, 6);
            if grades.iter().any(|(sku, grade)| *grade == 3 && held.contains(sku.as_str())) {
                any = true;
                cases += 1;
                first += usize::from(found.first() == Some(&3));
                if found.contains(&3) {
                    cases_met += 1;
                    any_met = true;
                } else {
                    println!("  not found: {query} {found:?}");
                }
            } else {
                without += 1;
                silent += usize::from(found.is_empty());
                println!("  nothing judged 3: {query}, answers {found:?}");
            }
        }
        wanted += usize::from(any);
        met += usize::from(any_met);
    }
    println!(
        "{met} of {wanted} wishes are met by a vendor's six; {cases_met} of {cases} vendor and wish, {first} at first place"
    );
    println!("of {without} vendors without graded goods {silent} are silent");
    assert!(met >= 60, "only {met} wishes are met");
    assert!(cases_met >= 105, "only {cases_met} cases are met");
}

#[test]
fn wishes_for_other_trades_are_left_unanswered() {
    let Some(goods) = goods() else { return };
    let Some(wands) = shared("wands-queries.tsv") else { return };
    let catalogue = catalogue(goods);
    let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').from_reader(wands);
    let (mut all, mut answered) = (0, 0);
    for row in reader.records() {
        let row = row.unwrap();
        let hits = catalogue.search(&Wish::new(&row[1]), 1);
        all += 1;
        if let Some(hit) = hits.first() {
            answered += 1;
            println!("  {} -> {:.2} {}", &row[1], hit.coverage, hit.title);
        }
    }
    println!("{answered} of {all} wishes for furniture and the home are answered by a vendor of electronics");
    assert!(answered * 10 < all, "{answered} of {all} are answered");
}
