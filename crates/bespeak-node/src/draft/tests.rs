#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_catalogue::import::{self, Format, ImportDefaults};
use bespeak_identity::{Purpose, Seed};
use bespeak_model::{
    bounded::Bounded,
    category,
    intention::{Budget, Title},
    network::Network,
    queue::{Drop, HostAddress, QueueId},
    terms::TermsId,
    time::{Lifetime, Time},
};

use super::*;

const GOODS: &str = r#"
{"sku":"B-1","title":"Cargo bicycle with box","price":"1500.00 EUR","available":2,"attributes":{"weight":"30 kg"}}
{"sku":"B-2","title":"Cargo bicycle, long","price":"2000.00 EUR","attributes":{"weight":"40 kg"}}
{"sku":"B-3","title":"Cargo bicycle, used","price":"700.00 EUR","condition":"used"}
{"sku":"B-4","title":"Cargo bicycle from abroad","price":"900.00 USD"}
{"sku":"B-5","title":"Cargo bicycle without a price"}
{"sku":"H-1","title":"Helmet","price":"50.00 EUR"}
"#;

fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::new();
    let now = Time::from_unix(1_800_000_000).unwrap();
    let defaults = ImportDefaults { currency: Currency::new("EUR").unwrap(), now };
    let report = import::read(GOODS.as_bytes(), Format::Jsonl, &defaults, |goods| {
        catalogue.upsert([goods]);
    });
    assert_eq!(report.unwrap().skipped, []);
    catalogue
}

fn wish(lines: &[(&str, u64)]) -> Intention {
    let seed = Seed::from_entropy([7; 32]);
    let nonce = bespeak_identity::Nonce::from_bytes([1; 16]);
    let line = |(name, count): &(&str, u64)| Line {
        name: Title::new(name).unwrap(),
        quantity: bespeak_model::quantity::Quantity::pieces(*count).unwrap(),
        conditions: Bounded::default(),
        gtin: None,
    };
    let cast_at = Time::from_unix(1_800_000_000).unwrap().rounded_to_hour();
    let host = HostAddress::try_from("/ip4/127.0.0.1/tcp/1".to_owned()).unwrap();
    let drop = Drop { queue: QueueId::from_bytes([9; 32]), hosts: Bounded::new(vec![host]).unwrap() };
    Intention {
        iss: seed.sign_key(Purpose::IntentionSign(&nonce)).public(),
        nonce,
        net: Network::main(),
        category: category::parse("vehicles.bicycles").unwrap(),
        title: Title::new(lines[0].0).unwrap(),
        text: None,
        lines: Bounded::new(lines.iter().map(line).collect()).unwrap(),
        budget: None,
        condition: None,
        place: None,
        needed_by: None,
        cast_at,
        expires_at: cast_at.saturating_add(Lifetime::ThreeDays.seconds()),
        terms: Bounded::new(vec![TermsId::ALL[0]]).unwrap(),
        seal: seed.seal_key(Purpose::IntentionSeal(&nonce)).public(),
        drops: Bounded::new(vec![drop]).unwrap(),
    }
}

fn drafted(wish: Intention, rule: &AutoSettings) -> Option<OfferDraft> {
    let key = Seed::from_entropy([7; 32]).sign_key(Purpose::IntentionSign(&wish.nonce));
    let signed = Signed::sign(wish, &key).unwrap();
    let placement = Placement::at(vec!["/ip4/127.0.0.1/tcp/1".to_owned()]);
    draft(&catalogue(), &signed, rule, placement)
}

fn rule() -> AutoSettings {
    AutoSettings { on: true, ..AutoSettings::default() }
}

#[test]
fn who_is_too_far_away_is_left_to_a_person() {
    let from = |place: Option<&str>| Intention {
        place: place.map(|place| place.parse().unwrap()),
        ..wish(&[("cargo bicycle", 1)])
    };
    let berlin = AutoSettings { near: Some("DE-u33d+50km".parse().unwrap()), ..rule() };
    assert!(drafted(from(Some("DE-u33d")), &berlin).is_some());
    assert_eq!(drafted(from(Some("DE-u281")), &berlin), None, "Munich");
    assert!(drafted(from(None), &berlin).is_some(), "she may be near");
    assert!(drafted(from(Some("DE-u281")), &rule()).is_some(), "sold everywhere");
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn skus(lines: &[DraftLine]) -> Vec<&str> {
    let mut skus: Vec<&str> =
        lines.iter().filter_map(|line| line.sku.as_ref()).map(|sku| sku.as_str()).collect();
    skus.sort_unstable();
    skus
}

#[test]
fn one_is_offered_and_the_others_are_alternatives_in_one_currency() {
    let budget = Budget::new(None, Some(money("5000 EUR"))).unwrap();
    let offer =
        drafted(Intention { budget: Some(budget), ..wish(&[("cargo bicycle", 1)]) }, &rule()).unwrap();
    assert_eq!((offer.lines.len(), offer.firm, offer.automatic), (1, true, true));
    let all: Vec<DraftLine> = offer.lines.iter().chain(&offer.alternatives).cloned().collect();
    assert_eq!(skus(&all), ["B-1", "B-2", "B-3"], "no price, no offer; another currency, no offer");
}

#[test]
fn the_budget_is_for_the_whole_quantity() {
    let budget = |most: &str| Budget::new(None, Some(money(most))).ok();
    let two = || wish(&[("cargo bicycle", 2)]);
    let offer = drafted(Intention { budget: budget("3000 EUR"), ..two() }, &rule()).unwrap();
    let all: Vec<DraftLine> = offer.lines.iter().chain(&offer.alternatives).cloned().collect();
    assert_eq!(skus(&all), ["B-1", "B-3"]);
    assert_eq!(drafted(Intention { budget: budget("1000 EUR"), ..two() }, &rule()), None);
    assert_eq!(drafted(Intention { budget: budget("9000 GBP"), ..two() }, &rule()), None);
}

#[test]
fn what_is_not_there_is_not_offered() {
    let budget = Budget::new(None, Some(money("90000 EUR"))).ok();
    let offer = drafted(Intention { budget, ..wish(&[("cargo bicycle box", 3)]) }, &rule());
    let lines = offer.map(|offer| [offer.lines, offer.alternatives].concat()).unwrap_or_default();
    assert!(!skus(&lines).contains(&"B-1"), "two of three wanted");
}

#[test]
fn conditions_and_state_are_met_or_said_to_be_unsure() {
    let mut heavy = wish(&[("cargo bicycle", 1)]);
    let line = Line {
        conditions: Bounded::new(vec!["weight<=35kg".parse().unwrap()]).unwrap(),
        ..heavy.lines[0].clone()
    };
    heavy.lines = Bounded::new(vec![line]).unwrap();
    heavy.budget = Budget::new(None, Some(money("5000 EUR"))).ok();
    let offer = drafted(heavy.clone(), &rule()).unwrap();
    assert_eq!(skus(&offer.lines), ["B-1"], "what surely fits comes first");
    assert!(offer.firm);
    assert_eq!(skus(&offer.alternatives), ["B-3"], "what is too heavy is left out");

    let used = drafted(Intention { condition: Some(GoodsCondition::Used), ..heavy }, &rule()).unwrap();
    assert_eq!((skus(&used.lines), used.firm), (vec!["B-3"], false), "its weight is not known");
}

#[test]
fn the_margin_is_added_and_the_limit_kept() {
    let offer = |rule: AutoSettings| drafted(wish(&[("helmet", 2)]), &rule);
    let priced = offer(AutoSettings { margin_percent: 10, ..rule() }).unwrap();
    assert_eq!(priced.lines[0].unit_price, money("55 EUR"));
    assert!(offer(AutoSettings { limit: Some(money("100 EUR")), ..rule() }).is_some());
    assert_eq!(offer(AutoSettings { limit: Some(money("99.99 EUR")), ..rule() }), None);
    assert_eq!(offer(AutoSettings { limit: Some(money("500 USD")), ..rule() }), None);
}

#[test]
fn of_many_lines_those_that_can_be_met_are_offered() {
    let offer = drafted(wish(&[("garden hose", 1), ("helmet", 2)]), &rule()).unwrap();
    assert_eq!((offer.lines.len(), offer.lines[0].line), (1, 1));
    assert_eq!(drafted(wish(&[("garden hose", 1)]), &rule()), None);
}
