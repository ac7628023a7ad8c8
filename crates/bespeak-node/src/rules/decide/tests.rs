#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_catalogue::import::{self, Format, ImportDefaults};
use bespeak_identity::{Purpose, Seed};
use bespeak_model::{
    bounded::Bounded,
    category,
    intention::{Budget, GoodsCondition, Line, Title},
    money::Currency,
    network::Network,
    queue::{Drop, HostAddress, QueueId},
    terms::TermsId,
    time::Lifetime,
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

/// What is known beside the wish.
#[derive(Default)]
struct Known {
    taken: Taken,
    spent: Spent,
    approved: bool,
}

fn decided(wish: Intention, settings: &AutoSettings, book: &RuleBook, known: &Known) -> Decision {
    let key = Seed::from_entropy([7; 32]).sign_key(Purpose::IntentionSign(&wish.nonce));
    let signed = Signed::sign(wish, &key).unwrap();
    let Known { taken, spent, approved } = known;
    let case = Case {
        wish: &signed,
        settings,
        taken,
        spent: *spent,
        placement: Placement::at(vec!["/ip4/127.0.0.1/tcp/1".to_owned()]),
        now: signed.cast_at,
        approved: *approved,
    };
    decide(&catalogue(), book, &case)
}

fn draft_of(decision: Decision) -> Option<OfferDraft> {
    match decision.outcome {
        Outcome::Offer(draft, _) => Some(*draft),
        _ => None,
    }
}

/// What the settings alone come to.
fn drafted(wish: Intention, settings: &AutoSettings) -> Option<OfferDraft> {
    draft_of(decided(wish, settings, &RuleBook::default(), &Known::default()))
}

fn book(text: &str) -> RuleBook {
    RuleBook::read(text.to_owned()).unwrap()
}

fn by_rules(wish: Intention, text: &str) -> Decision {
    decided(wish, &rule(), &book(text), &Known::default())
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
    assert_eq!((offer.lines.len(), offer.firm, offer.mandate.is_some()), (1, true, true));
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

#[test]
fn the_first_rule_that_an_intention_meets_decides() {
    let rules = r#"
        [[rule]]
        name = "no rockets"
        when = { keywords = { any = ["rocket"] } }
        then = "nothing"

        [[rule]]
        name = "fleets"
        when = { quantity = { min = "10" } }
        then = "tell"

        [[rule]]
        name = "helmets"
        when = { keywords = { any = ["helmet"] } }
        offer = { price = { margin_percent = 10, floor_percent = 2, steps = [{ from = 3, rebate_percent = 5 }] }, counters = 2 }
    "#;
    let helmets = by_rules(wish(&[("helmet", 3)]), rules);
    assert_eq!(helmets.rule, Some(2));
    let offer = draft_of(helmets).unwrap();
    assert_eq!(offer.lines[0].unit_price, money("52.25 EUR"));
    let mandate = offer.mandate.unwrap();
    assert_eq!((mandate.rule.unwrap().as_str(), mandate.least), ("helmets", Some(money("153 EUR"))));
    let outcome = |lines: &[(&str, u64)]| by_rules(wish(lines), rules).outcome;
    assert!(matches!(outcome(&[("helmet", 12)]), Outcome::Tell), "the rule before it");
    assert!(matches!(outcome(&[("rocket helmet", 1)]), Outcome::Nothing));
    assert!(matches!(outcome(&[("cargo bicycle", 1)]), Outcome::Unanswered), "no rule is about it");
}

#[test]
fn delivery_lead_time_and_terms_are_as_the_rule_says() {
    let rules = r#"
        [[rule]]
        name = "all"
        offer = { lead_days = 2, valid = "12h", terms = ["SD-BASE"], delivery = [
            { to = ["DE"], cost = "4.90 EUR", free_from = "100 EUR", days = 1 },
            { to = ["AT"], cost = "9.90 EUR", days = 3 },
        ] }
    "#;
    let from = |place: Option<&str>, count| Intention {
        place: place.map(|place| place.parse().unwrap()),
        ..wish(&[("helmet", count)])
    };
    let offer = |place, count| draft_of(by_rules(from(place, count), rules));
    let near = offer(Some("DE-u33d"), 1).unwrap();
    assert_eq!(
        (near.delivery, near.firm, near.valid),
        (Some(money("4.90 EUR")), true, "12h".parse().unwrap())
    );
    let cast = from(None, 1).cast_at;
    assert_eq!(near.deliver_by, Some(cast.saturating_add(3 * DAY).date()));
    assert_eq!(offer(Some("DE-u33d"), 2).unwrap().delivery, None, "100 EUR are brought for nothing");
    let unsaid = offer(None, 1).unwrap();
    assert_eq!(
        (unsaid.delivery, unsaid.firm),
        (Some(money("9.90 EUR")), false),
        "she may be where it is dearest"
    );
    assert!(offer(Some("FR"), 1).is_none());
    let late = Intention { needed_by: Some(cast.date()), ..from(Some("DE"), 1) };
    assert!(by_rules(late, rules).why.iter().any(|sentence| sentence.contains("needed by")));
    let other = Intention { terms: Bounded::new(vec![TermsId::PdcAi]).unwrap(), ..from(Some("DE"), 1) };
    assert!(by_rules(other, rules).why.iter().any(|sentence| sentence.contains("terms")));
}

#[test]
fn what_belongs_together_is_cheaper_together() {
    let rules = r#"
        [[rule]]
        name = "all"
        offer = { price = { bundles = [{ skus = ["B-1", "H-1"], rebate_percent = 10 }] } }
    "#;
    let offer = draft_of(by_rules(wish(&[("cargo bicycle with box", 1), ("helmet", 1)]), rules)).unwrap();
    let prices: Vec<_> = offer.lines.iter().map(|line| line.unit_price).collect();
    assert_eq!(prices, [money("1350 EUR"), money("45 EUR")]);
}

#[test]
fn a_person_approves_above_a_limit_and_when_the_day_is_full() {
    let rules = r#"
        [limits]
        offers_a_day = 3
        total_a_day = "1000 EUR"

        [[rule]]
        name = "all"
        offer = { approve_above = "200 EUR", hold = "1h", accept_orders = true }
    "#;
    let decide = |count, spent, approved| {
        let known = Known { spent, approved, ..Known::default() };
        decided(wish(&[("helmet", count)]), &rule(), &book(rules), &known)
    };
    let spent = |offers, total| Spent { offers, total };
    let offered = draft_of(decide(4, spent(2, 80_000), false)).unwrap();
    let mandate = offered.mandate.unwrap();
    assert_eq!(mandate.held_until, Some(wish(&[("helmet", 4)]).cast_at.saturating_add(3600)));
    assert!(mandate.accepts);
    for (count, spent) in [(5, spent(0, 0)), (1, spent(3, 0)), (4, spent(0, 80_001))] {
        assert!(matches!(decide(count, spent, false).outcome, Outcome::Approve(..)), "{count} {spent:?}");
        assert!(matches!(decide(count, spent, true).outcome, Outcome::Offer(..)), "{count} {spent:?}");
    }
}

#[test]
fn no_more_is_offered_than_orders_and_holds_leave() {
    let mut known = Known::default();
    let box_bike = || wish(&[("cargo bicycle box", 2)]);
    let offers_it = |known: &Known| {
        let offer = draft_of(decided(box_bike(), &rule(), &RuleBook::default(), known));
        offer.is_some_and(|offer| skus(&[offer.lines, offer.alternatives].concat()).contains(&"B-1"))
    };
    assert!(offers_it(&known), "two of two");
    known.taken.add_hold(&Sku::new("B-1").unwrap(), 1, box_bike().cast_at.saturating_add(1));
    assert!(!offers_it(&known), "one is held for another customer");
}
