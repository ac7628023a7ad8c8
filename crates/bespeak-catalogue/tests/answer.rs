//! Whole intentions against a small shop.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_catalogue::import::{Format, ImportDefaults, read};
use bespeak_catalogue::{Catalogue, Match};
use bespeak_identity::{Nonce, Purpose, Seed};
use bespeak_match::Verdict;
use bespeak_model::bounded::Bounded;
use bespeak_model::category::Slug;
use bespeak_model::intention::{Budget, GoodsCondition, Intention, Line, Prose, Title};
use bespeak_model::money::Currency;
use bespeak_model::network::Network;
use bespeak_model::quantity::Quantity;
use bespeak_model::queue::{Drop, HostAddress, QueueId};
use bespeak_model::terms::TermsId;
use bespeak_model::time::{Lifetime, Time};

const SHOP: &str = r#"
{"sku":"B-1","title":"Cargo bicycle Atlas","description":"With a box in front for three children","price":"1500.00 EUR","category":"vehicles.bicycles","available":2,"attributes":{"weight":"30 kg"}}
{"sku":"B-2","title":"Cargo bicycle Bruno","description":"With a long rack","price":"2000.00 EUR","category":"vehicles.bicycles","attributes":{"weight":"40 kg"}}
{"sku":"B-3","title":"Cargo bicycle Carla","price":"700.00 EUR","condition":"used","category":"vehicles.bicycles"}
{"sku":"B-4","title":"Cargo bicycle Dora","category":"vehicles.bicycles","gtin":"4006381333931"}
{"sku":"T-1","title":"Cargo bicycle toy","price":"20.00 EUR","category":"toys-and-games"}
{"sku":"C-1","title":"Cargo bicycle cover","price":"30.00 EUR"}
{"sku":"L-1","title":"Bicycle lock","price":"40.00 EUR","available":0}
{"sku":"L-2","title":"Bicycle lock, folding","price":"80.00 EUR"}
"#;

fn shop() -> Catalogue {
    let mut shop = Catalogue::new();
    let defaults = ImportDefaults { currency: Currency::EUR, now: Time::EPOCH };
    let report = read(SHOP.trim().as_bytes(), Format::Jsonl, &defaults, |one| {
        shop.upsert([one]);
    });
    assert_eq!(report.unwrap().skipped, []);
    shop
}

fn line(name: &str, count: u64, conditions: &[&str]) -> Line {
    Line {
        name: Title::new(name).unwrap(),
        quantity: Quantity::pieces(count).unwrap(),
        conditions: Bounded::new(conditions.iter().map(|one| one.parse().unwrap()).collect()).unwrap(),
        gtin: None,
    }
}

fn wish(lines: Vec<Line>) -> Intention {
    let seed = Seed::from_entropy([7; 32]);
    let nonce = Nonce::from_bytes([1; 16]);
    let cast_at = Time::from_unix(1_800_000_000).unwrap().rounded_to_hour();
    let host = HostAddress::try_from("/ip4/127.0.0.1/tcp/1".to_owned()).unwrap();
    let drop = Drop { queue: QueueId::from_bytes([9; 32]), hosts: Bounded::new(vec![host]).unwrap() };
    Intention {
        iss: seed.sign_key(Purpose::IntentionSign(&nonce)).public(),
        nonce,
        net: Network::main(),
        category: Slug::new("vehicles.bicycles").unwrap(),
        title: lines[0].name.clone(),
        text: None,
        lines: Bounded::new(lines).unwrap(),
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

fn budget(least: Option<&str>, most: Option<&str>) -> Option<Budget> {
    let money = |text: &str| text.parse().unwrap();
    Some(Budget::new(least.map(money), most.map(money)).unwrap())
}

fn skus(found: &[Match]) -> Vec<&str> {
    found.iter().map(|one| one.sku.as_str()).collect()
}

fn of<'a>(found: &'a [Match], sku: &str) -> &'a Match {
    found.iter().find(|one| one.sku.as_str() == sku).unwrap()
}

#[test]
fn conditions_are_conditions_and_not_words() {
    let found = shop().answer(&wish(vec![line("cargo bicycle", 1, &["weight<=35kg"])]), 10);
    assert_eq!(skus(&found)[0], "B-1", "what surely fits goes first");
    assert!(!skus(&found).contains(&"B-2"), "what is too heavy is left out");
    assert_eq!(of(&found, "B-1").verdict, Verdict::Fits);
    assert!(of(&found, "B-1").why.contains(&"weight<=35kg is met".to_owned()));
    assert_eq!(of(&found, "B-3").verdict, Verdict::Unknown);
    assert!(of(&found, "B-3").why.contains(&"weight<=35kg cannot be told".to_owned()));
    assert!(of(&found, "B-1").why.contains(&"“cargo” in the title".to_owned()));
}

#[test]
fn the_budget_is_for_the_whole_quantity_and_says_so() {
    let shop = shop();
    let two = Intention {
        budget: budget(Some("1000 EUR"), Some("3500 EUR")),
        ..wish(vec![line("cargo bicycle", 2, &[])])
    };
    let found = shop.answer(&two, 10);
    assert!(skus(&found).contains(&"B-1") && skus(&found).contains(&"B-3"));
    assert!(!skus(&found).contains(&"B-2"), "two of them are 4000 EUR");
    let why = &of(&found, "B-1").why;
    assert!(why.iter().any(|why| why == "the price 3000.00 EUR is within 3500.00 EUR"), "{why:?}");
    assert_eq!(of(&found, "B-4").verdict, Verdict::Unknown, "without a price");
    let foreign = Intention { budget: budget(None, Some("9000 GBP")), ..two };
    let found = shop.answer(&foreign, 10);
    assert_eq!(of(&found, "B-1").verdict, Verdict::Unknown, "nothing here knows a rate");
}

#[test]
fn the_state_and_the_number_are_conditions() {
    let used =
        Intention { condition: Some(GoodsCondition::Used), ..wish(vec![line("cargo bicycle", 1, &[])]) };
    assert_eq!(skus(&shop().answer(&used, 10)), ["B-3"]);
    let very = Line { gtin: Some("4006381333931".parse().unwrap()), ..line("cargo bicycle", 1, &[]) };
    let found = shop().answer(&wish(vec![very]), 10);
    assert_eq!((skus(&found)[0], found[0].verdict), ("B-4", Verdict::Fits));
    assert!(found[1..].iter().all(|one| one.verdict == Verdict::Unknown), "they bear no number");
}

#[test]
fn what_is_gone_or_too_few_is_left_out() {
    assert_eq!(skus(&shop().answer(&wish(vec![line("bicycle lock", 1, &[])]), 10)), ["L-2"]);
    let three = shop().answer(&wish(vec![line("cargo bicycle", 3, &[])]), 10);
    assert!(!skus(&three).contains(&"B-1"), "there are two");
}

#[test]
fn another_trade_and_what_is_made_for_it_come_last_and_never_for_sure() {
    let found = shop().answer(&wish(vec![line("cargo bicycle", 1, &[])]), 10);
    let mut last = skus(&found)[found.len() - 3..].to_vec();
    last.sort_unstable();
    assert_eq!(last, ["C-1", "L-2", "T-1"], "{:?}", skus(&found));
    assert!(found[found.len() - 3..].iter().all(|one| one.verdict == Verdict::Unknown));
    let why = &of(&found, "T-1").why;
    assert!(why.contains(&"it stands under toys-and-games, not vehicles.bicycles".to_owned()), "{why:?}");
    assert!(of(&found, "C-1").why.contains(&"it seems made for that, not to be it".to_owned()));
}

#[test]
fn a_long_text_helps_and_does_not_drown_the_name() {
    let text = "We have three children and the cover of our lock is broken, so a box in front would be nice. \
        Bicycle lock, bicycle lock, folding lock and toy are not what we look for.";
    let told =
        Intention { text: Some(Prose::new(text).unwrap()), ..wish(vec![line("cargo bicycle", 1, &[])]) };
    let found = shop().answer(&told, 10);
    assert_eq!(skus(&found)[0], "B-1");
    assert!(skus(&found)[..4].iter().all(|sku| sku.starts_with('B')), "{:?}", skus(&found));
    let also = found[0].why.iter().find(|why| why.starts_with("also")).unwrap();
    assert!(also.contains("“box”") && also.contains("“front”"), "{also}");
    let plain = shop().answer(&wish(vec![line("cargo bicycle", 1, &[])]), 10);
    let mut both = [skus(&found), skus(&plain)];
    both.iter_mut().for_each(|skus| skus.sort_unstable());
    assert_eq!(both[0], both[1], "it finds nothing else");
}

#[test]
fn each_line_is_answered_and_the_best_of_each_come_first() {
    let found = shop().answer(&wish(vec![line("cargo bicycle", 1, &[]), line("bicycle lock", 1, &[])]), 3);
    let lines: Vec<u8> = found.iter().map(|one| one.line).collect();
    assert_eq!((lines, found[1].sku.as_str()), (vec![0, 1, 0], "L-2"));
    let dear = Intention {
        budget: budget(None, Some("1000 EUR")),
        ..wish(vec![line("cargo bicycle", 1, &[]), line("bicycle lock", 1, &[])])
    };
    let found = shop().answer(&dear, 10);
    assert!(!skus(&found).contains(&"B-1"), "one line alone costs more than all may");
    assert_eq!(skus(&shop().answer(&wish(vec![line("garden hose", 1, &[])]), 10)), [""; 0]);
}

#[test]
fn a_line_that_finds_nothing_is_read_as_the_title() {
    let unnamed = Intention {
        title: Title::new("Folding bicycle lock").unwrap(),
        ..wish(vec![line("Sicherung", 1, &[])])
    };
    assert_eq!(skus(&shop().answer(&unnamed, 10)), ["L-2"]);
}
