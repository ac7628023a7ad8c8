//! Real wishes met by a real catalogue: two vendors hold half of it each and answer by rule.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use bespeak_bench::market::{Market, want};
use bespeak_identity::{PublicKey, RecordId};
use bespeak_model::{category::guess, intention::Intention};
use bespeak_node::{Node, Role, catalogue::Format, view::OfferView};
use bespeak_policy::auto::AutoSettings;
use bespeak_tests::until;

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

/// Waits until every vendor has heard and considered every wish, and the customer holds all offers that they made.
async fn settle(customer: &Node, vendors: &[Node], wishes: usize) {
    // The first of them, with which the nodes found each other, is no wish of the judged ones.
    let all = wishes + 1;
    for vendor in vendors {
        until("a vendor has considered every intention", || async {
            let heard = vendor.inbox().await.len();
            let considered = vendor.status().await.considered;
            (heard == all && considered >= all as u64).then_some(())
        })
        .await;
    }
    until("the customer holds every offer", || async {
        let mut made = BTreeSet::new();
        for vendor in vendors {
            made.extend(vendor.offers(None).await.into_iter().map(|view| view.offer));
        }
        let held: BTreeSet<_> = customer.offers(None).await.into_iter().map(|view| view.offer).collect();
        (held == made).then_some(())
    })
    .await;
}

/// How many wishes could be met, and how many were.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    /// Some vendor has goods of the highest grade.
    possible: usize,
    /// Such a vendor answered with an offer that holds one of them.
    met: usize,
    /// No vendor has such goods, and one answered all the same.
    answered_without: usize,
}

/// Whether an offer holds goods of the highest grade, as its line or to choose from.
fn holds_best(offer: &OfferView, grades: &BTreeMap<String, u8>) -> bool {
    let mut skus = offer.lines.iter().chain(&offer.alternatives).filter_map(|line| line.sku.as_ref());
    skus.any(|sku| grades.get(sku.as_str()) == Some(&3))
}

/// A vendor who answers by rule from so many goods.
async fn sells_by_rule(market: &mut Market, name: &str, goods: Vec<u8>, count: u64) -> Node {
    let vendor = market.start(name, Role::Vendor).await.expect("a vendor");
    let report = vendor.import(Format::Jsonl, goods).await.expect("the catalogue is read");
    assert_eq!(report.imported, count, "{:?}", report.skipped);
    let rule = vendor.auto().await.expect("a rule");
    vendor.set_auto(AutoSettings { on: true, ..rule }).await.expect("it answers by rule");
    vendor
}

/// Holds the offers against the judgements.
fn tally(
    judged: &Judged,
    cast: &[(&String, RecordId<Intention>)],
    offers: &[OfferView],
    parties: &[PublicKey],
    shelves: &[BTreeSet<String>],
) -> Tally {
    let mut tally = Tally::default();
    for (query, intention) in cast {
        let grades = &judged[*query];
        let has =
            |shelf: &BTreeSet<String>| grades.iter().any(|(id, grade)| *grade == 3 && shelf.contains(id));
        let able: Vec<_> = parties.iter().zip(shelves).filter(|(_, shelf)| has(shelf)).collect();
        let answers: Vec<_> = offers.iter().filter(|offer| offer.intention == *intention).collect();
        if able.is_empty() {
            tally.answered_without += usize::from(!answers.is_empty());
            continue;
        }
        tally.possible += 1;
        let is_able = |offer: &OfferView| able.iter().any(|(party, _)| **party == offer.vendor.party);
        if answers.iter().any(|offer| is_able(offer) && holds_best(offer, grades)) {
            tally.met += 1;
        } else {
            println!("not met: {query}");
        }
    }
    tally
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
        vendors.push(sells_by_rule(&mut market, &format!("vendor-{number}"), goods, 9_703).await);
        shelves.push(ids);
    }
    let gardener = sells_by_rule(&mut market, "gardener", GARDEN.as_bytes().to_vec(), 3).await;
    let everybody = [vendors.as_slice(), std::slice::from_ref(&gardener)].concat();
    market.meet(&customer, &everybody).await.expect("everybody is in reach");
    let mut cast = Vec::new();
    for query in judged.keys() {
        let category = guess(query).map_or_else(|| "electronics".to_owned(), |slug| slug.to_string());
        cast.push((query, want(&customer, query, &category).await.expect("it is cast")));
    }
    settle(&customer, &everybody, judged.len()).await;

    let parties: Vec<_> = vendors.iter().map(Node::party).collect();
    let tally = tally(&judged, &cast, &customer.offers(None).await, &parties, &shelves);
    let Tally { possible, met, answered_without } = tally;
    println!("{met} of the {possible} wishes that can be met are met, of {} in all", judged.len());
    println!("{answered_without} of {} wishes that nobody can meet were answered", judged.len() - possible);
    assert_eq!(possible, 61, "the catalogue and its judgements are what they were");
    // 60 were met before goods filed under another root than the guessed category came last; goods without any do not.
    assert!(met >= 58, "only {met} of {} wishes are met", judged.len());
    assert!(gardener.offers(None).await.is_empty(), "a vendor with nothing that fits does not answer");
    market.close().await;
}
