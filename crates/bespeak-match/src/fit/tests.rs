#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;

fn attributes(all: &[&str]) -> Vec<Attribute> {
    all.iter().map(|text| text.parse().unwrap()).collect()
}

fn conditions(all: &[&str]) -> Vec<Condition> {
    all.iter().map(|text| text.parse().unwrap()).collect()
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn verdict_of(asked: &[&str], has: &[&str]) -> Verdict {
    let (conditions, attributes) = (conditions(asked), attributes(has));
    let asked = Asked { conditions: &conditions, ..Asked::default() };
    fits(&asked, &Thing { attributes: &attributes, ..Thing::default() }).verdict
}

#[test]
fn nothing_asked_is_met_by_anything() {
    assert_eq!(verdict_of(&[], &[]), Verdict::Fits);
    assert_eq!(verdict_of(&[], &["colour=red"]), Verdict::Fits);
}

#[test]
fn conditions_are_met_missed_or_unknown() {
    let bicycle = ["colour=red", "weight=12.5kg", "gears=21"];
    assert_eq!(verdict_of(&["colour=red", "weight<=13kg", "gears>=7"], &bicycle), Verdict::Fits);
    assert_eq!(verdict_of(&["colour=Red"], &bicycle), Verdict::Fits);
    assert_eq!(verdict_of(&["weight<=12000g"], &bicycle), Verdict::Misses);
    assert_eq!(verdict_of(&["frame=steel"], &bicycle), Verdict::Unknown);
    assert_eq!(verdict_of(&["weight<=13l"], &bicycle), Verdict::Unknown);
}

#[test]
fn one_miss_outweighs_what_is_unknown() {
    assert_eq!(verdict_of(&["frame=steel", "colour=blue"], &["colour=red"]), Verdict::Misses);
}

#[test]
fn of_a_name_that_stands_twice_one_is_enough() {
    assert_eq!(verdict_of(&["colour=red"], &["colour=black", "colour=red"]), Verdict::Fits);
    assert_eq!(verdict_of(&["colour=blue"], &["colour=black", "colour=red"]), Verdict::Misses);
}

#[test]
fn a_gtin_names_the_very_goods_whatever_its_length() {
    let wanted: Gtin = "4006381333931".parse().unwrap();
    let same: Gtin = "04006381333931".parse().unwrap();
    let other: Gtin = "96385074".parse().unwrap();
    let asked = Asked { gtin: Some(&wanted), ..Asked::default() };
    let told = |gtins: &[Gtin]| fits(&asked, &Thing { gtins, ..Thing::default() }).verdict;
    assert_eq!(told(&[other, same]), Verdict::Fits);
    assert_eq!(told(&[other]), Verdict::Misses);
    assert_eq!(told(&[]), Verdict::Unknown);
}

#[test]
fn the_state_is_as_asked_or_not_said() {
    let asked = Asked { state: Some(GoodsCondition::New), ..Asked::default() };
    let told = |state| fits(&asked, &Thing { state, ..Thing::default() }).verdict;
    assert_eq!(told(Some(GoodsCondition::New)), Verdict::Fits);
    assert_eq!(told(Some(GoodsCondition::Used)), Verdict::Misses);
    assert_eq!(told(None), Verdict::Unknown);
}

#[test]
fn the_budget_holds_at_both_ends_and_in_one_currency() {
    let (least, most) = (money("50 EUR"), money("100 EUR"));
    let asked = Asked { at_least: Some(&least), at_most: Some(&most), ..Asked::default() };
    let told = |price: Option<&Money>| fits(&asked, &Thing { price, ..Thing::default() }).verdict;
    assert_eq!(told(Some(&money("50 EUR"))), Verdict::Fits);
    assert_eq!(told(Some(&money("100 EUR"))), Verdict::Fits);
    assert_eq!(told(Some(&money("49.99 EUR"))), Verdict::Misses);
    assert_eq!(told(Some(&money("100.01 EUR"))), Verdict::Misses);
    assert_eq!(told(Some(&money("70 USD"))), Verdict::Unknown);
    assert_eq!(told(None), Verdict::Unknown);
}

#[test]
fn each_thing_asked_has_its_reason_in_words() {
    let (conditions, attributes) =
        (conditions(&["weight<=25kg", "colour=red"]), attributes(&["weight=30kg"]));
    let (gtin, least, most) = ("4006381333931".parse().unwrap(), money("1 EUR"), money("100 EUR"));
    let asked = Asked {
        conditions: &conditions,
        gtin: Some(&gtin),
        state: Some(GoodsCondition::New),
        at_least: Some(&least),
        at_most: Some(&most),
    };
    let price = money("120 EUR");
    let fit = fits(
        &asked,
        &Thing {
            attributes: &attributes,
            gtins: &[gtin],
            state: Some(GoodsCondition::Used),
            price: Some(&price),
        },
    );
    let words: Vec<String> = fit.why.iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        [
            "it is GTIN 04006381333931",
            "weight<=25kg is not met",
            "colour=red cannot be told",
            "it is not new",
            "the price 120.00 EUR is not below 1.00 EUR",
            "the price 120.00 EUR is above 100.00 EUR",
        ]
    );
}

proptest! {
    /// More said of goods never turns what is met into a miss, and more asked never turns a miss into a fit.
    #[test]
    fn knowing_more_and_asking_more_go_one_way(
        weights in proptest::collection::vec(0u32..50, 0..4),
        limits in proptest::collection::vec(0u32..50, 0..4),
        more in 0u32..50,
    ) {
        let mut has: Vec<Attribute> = weights.iter().map(|w| format!("weight={w}kg").parse().unwrap()).collect();
        let mut asks: Vec<Condition> = limits.iter().map(|w| format!("weight<={w}kg").parse().unwrap()).collect();
        let told = |asks: &[Condition], has: &[Attribute]| {
            let asked = Asked { conditions: asks, ..Asked::default() };
            fits(&asked, &Thing { attributes: has, ..Thing::default() }).verdict
        };
        let before = told(&asks, &has);
        has.push(format!("weight={more}kg").parse().unwrap());
        let knowing_more = told(&asks, &has);
        prop_assert!(before != Verdict::Fits || knowing_more == Verdict::Fits);
        asks.push(format!("weight<={more}kg").parse().unwrap());
        let asking_more = told(&asks, &has);
        prop_assert!(knowing_more != Verdict::Misses || asking_more == Verdict::Misses);
    }
}
