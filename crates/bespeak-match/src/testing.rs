//! Rules and intentions of all kinds, for the tests of rules.
#![allow(clippy::unwrap_used)]

use bespeak_identity::{Nonce, SealSecret, SignKey};
use bespeak_model::{
    bounded::Bounded,
    category::Slug,
    intention::{Budget, Intention, Line},
    quantity::Quantity,
    queue::{Drop, QueueId},
    terms::TermsId,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::{
    Rule, Standing,
    rule::{Aspect, Keywords, PriceBand, QuantityRange},
};

pub(crate) fn bounded<T, const MAX: usize>(items: Vec<T>) -> Bounded<T, 0, MAX> {
    Bounded::new(items).unwrap()
}

/// A wish in one line for one of what it says.
pub(crate) fn intention(category: &str, title: &str) -> Intention {
    let key = SignKey::from_bytes(&[1; 32]).public();
    let host = "/ip4/192.0.2.7/udp/4001/quic-v1".to_owned().try_into().unwrap();
    let drop = Drop { queue: QueueId::from_bytes(*key.as_bytes()), hosts: Bounded::new(vec![host]).unwrap() };
    Intention {
        iss: key,
        nonce: Nonce::from_bytes([1; 16]),
        net: "test".parse().unwrap(),
        category: Slug::new(category).unwrap(),
        title: title.parse().unwrap(),
        text: None,
        lines: [line(title)].into(),
        budget: None,
        condition: None,
        place: None,
        needed_by: None,
        cast_at: "2026-12-01T09:00:00Z".parse().unwrap(),
        expires_at: "2026-12-08T09:00:00Z".parse().unwrap(),
        terms: [TermsId::SdBase].into(),
        seal: SealSecret::from_bytes(&[7; 32]).public(),
        drops: [drop].into(),
    }
}

pub(crate) fn line(name: &str) -> Line {
    Line { name: name.parse().unwrap(), quantity: Quantity::one(), conditions: bounded(vec![]), gtin: None }
}

const CATEGORIES: [&str; 6] = [
    "vehicles",
    "vehicles.bicycles",
    "vehicles.bicycles.folding",
    "vehicles.cars",
    "sports",
    "sports.new-one",
];
const WORDS: [&str; 9] = [
    "bike",
    "folding bike",
    "red",
    "red folding",
    "e-bike",
    "128GB",
    "bikes for children",
    "child",
    "blue red",
];
const TITLES: [&str; 8] = [
    "folding bike",
    "red folding bikes",
    "Bike, blue red",
    "e-bike for children",
    "a 128 GB phone",
    "bike for child",
    "red red folding",
    "nothing of this",
];
const CONDITIONS: [&str; 13] = [
    "weight<=25kg",
    "weight>=20000g",
    "weight=22kg",
    "weight=10..15kg",
    "weight<=3",
    "weight>=2cm",
    "weight=heavy",
    "colour=red",
    "colour=Red",
    "colour=blue",
    "folds=yes",
    "folds=no",
    "weight<=12kg",
];
const GTINS: [&str; 3] = ["4006381333931", "6291041500213", "04006381333931"];
const MONEY: [&str; 7] = ["0 EUR", "5 EUR", "99.99 EUR", "100 EUR", "1500 EUR", "100 USD", "1000000 JPY"];
const QUANTITIES: [&str; 6] = ["1", "2", "10", "0.5 kg", "2 kg", "30 l"];

fn read<T>(texts: &'static [&'static str]) -> impl Strategy<Value = T>
where
    T: std::str::FromStr<Err: std::fmt::Debug> + std::fmt::Debug,
{
    select(texts).prop_map(|text| text.parse().unwrap())
}

fn few<T: std::fmt::Debug, const MAX: usize>(
    item: impl Strategy<Value = T>,
    often: f64,
) -> impl Strategy<Value = Bounded<T, 0, MAX>> {
    option::weighted(often, vec(item, 1..4)).prop_map(|items| bounded(items.unwrap_or_default()))
}

fn keywords() -> impl Strategy<Value = Keywords> {
    (few(read(&WORDS), 0.5), few(read(&WORDS), 0.15), few(read(&WORDS), 0.15))
        .prop_map(|(any, all, none)| Keywords { any, all, none })
}

pub(crate) fn standings() -> impl Strategy<Value = Standing> {
    select(vec![Standing::Stranger, Standing::Met, Standing::Buyer, Standing::Regular])
}

fn states() -> impl Strategy<Value = bespeak_model::intention::GoodsCondition> {
    read(&["new", "used", "refurbished"])
}

fn ranges() -> impl Strategy<Value = (Option<PriceBand>, Option<QuantityRange>)> {
    let price =
        (option::of(read(&MONEY)), option::of(read(&MONEY))).prop_map(|(min, max)| PriceBand { min, max });
    let quantity = (option::of(read(&QUANTITIES)), option::of(read(&QUANTITIES)))
        .prop_map(|(min, max)| QuantityRange { min, max });
    (option::weighted(0.4, price), option::weighted(0.2, quantity))
}

/// Rules of few words, so that many meet something; some of them contradict themselves.
pub(crate) fn rules() -> impl Strategy<Value = Rule> {
    let aspects = select(vec![Aspect::Price, Aspect::Place, Aspect::Condition, Aspect::Attributes]);
    let of_lines = (few(read(&CONDITIONS), 0.4), few(read(&GTINS), 0.1));
    let of_whole = (few(read(&CATEGORIES), 0.7), few(crate::rules::places(), 0.5), keywords(), ranges());
    let of_person =
        (few(select(TermsId::ALL.to_vec()), 0.1), option::weighted(0.1, standings()), few(states(), 0.1));
    (of_whole, of_lines, of_person, few(aspects, 0.1)).prop_map(|(whole, lines, person, must_say)| {
        let (categories, places, keywords, (price, quantity)) = whole;
        let ((attributes, gtins), (terms, standing, condition)) = (lines, person);
        Rule {
            categories,
            price,
            places,
            keywords,
            attributes,
            terms,
            standing,
            condition,
            quantity,
            gtins,
            must_say,
        }
    })
}

fn lines() -> impl Strategy<Value = Line> {
    let asked = vec(read(&CONDITIONS), 0..3).prop_map(bounded);
    (select(&TITLES[..]), read(&QUANTITIES), asked, option::weighted(0.2, read(&GTINS)))
        .prop_map(|(name, quantity, conditions, gtin)| Line { quantity, conditions, gtin, ..line(name) })
}

/// Intentions that may meet such rules.
pub(crate) fn intentions() -> impl Strategy<Value = Intention> {
    let budget = (option::of(read(&MONEY)), option::of(read(&MONEY)))
        .prop_map(|(min, max)| Budget::new(min, max).or_else(|_| Budget::new(min, None)).ok());
    let place = option::weighted(0.8, crate::rules::places());
    let said = (budget, place, option::weighted(0.4, states()), option::of(select(&TITLES[..])));
    let terms = vec(select(TermsId::ALL.to_vec()), 1..3);
    (select(&CATEGORIES[..]), select(&TITLES[..]), vec(lines(), 1..4), said, terms).prop_map(
        |(category, title, lines, (budget, place, condition, text), terms)| Intention {
            lines: Bounded::new(lines).unwrap(),
            budget,
            place,
            condition,
            text: text.map(|text| text.parse().unwrap()),
            terms: Bounded::new(terms).unwrap(),
            ..intention(category, title)
        },
    )
}
