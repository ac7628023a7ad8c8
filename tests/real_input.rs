//! Real wishes met by a real catalogue: two vendors hold half of it each and answer by rule.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    time::Instant,
};

use bespeak_bench::market::{GLANCE, Market, PATIENCE, want};
use bespeak_model::category::guess;
use bespeak_node::{
    Node, Role,
    catalogue::Format,
    view::{IntentionView, OfferView},
};
use bespeak_policy::auto::AutoSettings;

/// Goods that none of the wishes asks for.
const GARDEN: &str = r#"{"sku":"GW-10","title":"Garden hose, 20 m, half inch","price":"29.90 EUR"}
{"sku":"GW-11","title":"Watering can, 10 l, zinc","price":"34.50 EUR"}
{"sku":"GW-12","title":"Wheelbarrow, 80 l","price":"79 EUR"}
"#;

/// The real data lies beside the project, where there is some.
fn data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    folder.join("judgements.csv").exists().then_some(folder)
}

/// Grades of goods, by query.
type Judged = BTreeMap<String, BTreeMap<String, u8>>;

fn judgements(folder: &Path) -> Judged {
    let text = std::fs::read_to_string(folder.join("judgements.csv")).expect("the judgements are readable");
    let mut judged = Judged::new();
    for line in text.lines().skip(1) {
        let (rest, grade) = line.rsplit_once(',').expect("query,product,grade");
        let (query, product) = rest.rsplit_once(',').expect("query,product,grade");
        let query = query.trim_matches('"').to_owned();
        judged.entry(query).or_default().insert(product.to_owned(), grade.trim().parse().expect("a grade"));
    }
    judged
}

/// The two halves of the catalogue, and which goods each holds.
fn halves(folder: &Path) -> [(Vec<u8>, BTreeSet<String>); 2] {
    let file = std::fs::File::open(folder.join("icecat-products.jsonl.gz")).expect("the catalogue is there");
    let lines = BufReader::new(flate2::read::GzDecoder::new(file)).lines();
    let mut halves: [(Vec<u8>, BTreeSet<String>); 2] = Default::default();
    for (number, line) in lines.enumerate() {
        let line = line.expect("a line of text");
        let product: serde_json::Value = serde_json::from_str(&line).expect("a line is JSON");
        let (bytes, ids) = &mut halves[number % 2];
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
        ids.insert(product["id"].as_str().expect("goods have an id").to_owned());
    }
    halves
}

/// Waits until a vendor has heard of every wish and answered what it answers.
async fn settle(customer: &Node, vendors: &[Node], wishes: usize) {
    let end = Instant::now() + PATIENCE;
    loop {
        let mut heard = Vec::new();
        for vendor in vendors {
            heard.push(vendor.inbox().await.len());
        }
        // The first of them, with which the nodes found each other, is no wish of the judged ones.
        if heard.iter().all(|heard| *heard == wishes + 1) {
            break;
        }
        assert!(Instant::now() < end, "of {wishes} intentions the vendors heard {heard:?}");
        tokio::time::sleep(GLANCE).await;
    }
    let (mut last, mut quiet) = (0, Instant::now());
    while quiet.elapsed().as_secs() < 5 {
        let offers = customer.offers(None).await.len();
        if offers != last {
            (last, quiet) = (offers, Instant::now());
        }
        assert!(Instant::now() < end + PATIENCE, "offers never stop coming");
        tokio::time::sleep(GLANCE).await;
    }
}

fn holds(offer: &OfferView, grades: &BTreeMap<String, u8>, wanted: impl Fn(u8) -> bool) -> bool {
    let skus = offer.lines.iter().chain(&offer.alternatives).filter_map(|line| line.sku.as_ref());
    skus.into_iter().any(|sku| grades.get(sku.as_str()).is_some_and(|grade| wanted(*grade)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn judged_wishes_are_met_by_two_vendors() {
    let Some(folder) = data() else {
        println!("skipped: the real catalogue and its judgements are not here");
        return;
    };
    let judged = judgements(&folder);
    let mut market = Market::open().await.expect("a relay");
    let customer = market.start("customer", Role::Customer).await.expect("a customer");
    let mut vendors = Vec::new();
    let mut shelves = Vec::new();
    for (number, (goods, ids)) in halves(&folder).into_iter().enumerate() {
        let vendor = market.start(&format!("vendor-{number}"), Role::Vendor).await.expect("a vendor");
        let report = vendor.import(Format::Jsonl, goods).await.expect("the catalogue is read");
        assert_eq!(report.imported, 9_703, "{:?}", report.skipped);
        let rule = vendor.auto().await.expect("a rule");
        vendor.set_auto(AutoSettings { on: true, ..rule }).await.expect("it answers by rule");
        vendors.push(vendor);
        shelves.push(ids);
    }
    let gardener = market.start("gardener", Role::Vendor).await.expect("a vendor");
    gardener.import(Format::Jsonl, GARDEN.as_bytes().to_vec()).await.expect("the catalogue is read");
    let rule = gardener.auto().await.expect("a rule");
    gardener.set_auto(AutoSettings { on: true, ..rule }).await.expect("it answers by rule");
    market.meet(&customer, &vendors).await.expect("everybody is in reach");
    let mut cast = Vec::new();
    for query in judged.keys() {
        let category = guess(query).map_or_else(|| "electronics".to_owned(), |slug| slug.to_string());
        cast.push((query, want(&customer, query, &category).await.expect("it is cast")));
    }
    settle(&customer, &vendors, judged.len()).await;

    let parties: Vec<_> = vendors.iter().map(Node::party).collect();
    let offers = customer.offers(None).await;
    let (mut met, mut possible, mut unasked, mut nothing) = (0, 0, 0, 0);
    for (query, intention) in &cast {
        let grades = &judged[*query];
        let has =
            |shelf: &BTreeSet<String>| grades.iter().any(|(id, grade)| *grade == 3 && shelf.contains(id));
        let able: Vec<_> =
            parties.iter().zip(&shelves).filter(|(_, shelf)| has(shelf)).map(|(party, _)| party).collect();
        let about = |offer: &&OfferView| offer.intention == *intention;
        let good = offers.iter().filter(about).filter(|offer| able.contains(&&offer.vendor.party));
        let answered = good.filter(|offer| holds(offer, grades, |grade| grade == 3)).count();
        possible += usize::from(!able.is_empty());
        met += usize::from(able.is_empty() || answered > 0);
        if !able.is_empty() && answered == 0 {
            println!("not met: {query}");
        }
        if able.is_empty() {
            nothing += 1;
            unasked += usize::from(offers.iter().any(|offer| about(&offer)));
        }
    }
    println!("{met} of {} wishes come out as they should; {possible} could be met", judged.len());
    println!("{unasked} of {nothing} wishes that nobody can meet best were answered all the same");
    let inbox: Vec<IntentionView> = vendors[0].inbox().await;
    assert_eq!(inbox.len(), judged.len() + 1, "every intention reaches both vendors");
    assert!(gardener.offers(None).await.is_empty(), "a vendor with nothing that fits does not answer");
    assert!(met >= 60, "only {met} of {} wishes are met", judged.len());
    market.close().await;
}
