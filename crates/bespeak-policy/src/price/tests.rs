#![allow(clippy::unwrap_used)]

use super::*;

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn pieces(count: u64) -> Quantity {
    Quantity::pieces(count).unwrap()
}

fn sku(text: &str) -> Sku {
    Sku::new(text).unwrap()
}

fn bundle(skus: &[&str], rebate_percent: u8) -> Bundle {
    Bundle { skus: skus.iter().map(|text| sku(text)).collect(), rebate_percent }
}

#[test]
fn a_price_has_its_margin_and_its_step_and_never_less_than_its_floor() {
    let steps = vec![Step { from: 10, rebate_percent: 5 }, Step { from: 100, rebate_percent: 20 }];
    let rule = Pricing { margin_percent: 10, floor_percent: Some(-5), steps, ..Pricing::default() };
    assert_eq!(rule.check(), Ok(()));
    let list = money("100 EUR");
    for (quantity, together, price) in [
        (1, 0, "110 EUR"),
        (9, 0, "110 EUR"),
        (10, 0, "104.50 EUR"),
        (99, 10, "95 EUR"),
        (100, 0, "95 EUR"),
        (1, 50, "95 EUR"),
    ] {
        assert_eq!(rule.unit(list, pieces(quantity), together), Some(money(price)), "{quantity} {together}");
    }
    assert_eq!(rule.least(list), Some(money("95 EUR")));
    assert_eq!(Pricing::default().least(list), None);
    // Half a cent is not given away.
    let odd = Pricing { margin_percent: -33, ..Pricing::default() };
    assert_eq!(odd.unit(money("0.01 EUR"), pieces(1), 0), Some(money("0.01 EUR")));
    let most = Money::new(i64::MAX, list.currency());
    assert!(most.is_err() || rule.unit(most.unwrap(), pieces(1), 0).is_none(), "out of range is no price");
}

#[test]
fn parts_of_a_unit_count_as_those_that_are_whole() {
    let rule = Pricing { steps: vec![Step { from: 2, rebate_percent: 10 }], ..Pricing::default() };
    let price = |quantity: &str| rule.unit(money("10 EUR"), quantity.parse().unwrap(), 0);
    assert_eq!(price("1.9 kg"), Some(money("10 EUR")));
    assert_eq!(price("2.0 kg"), Some(money("9 EUR")));
}

#[test]
fn what_belongs_together_is_cheaper_when_all_of_it_is_there() {
    let bundles = vec![bundle(&["bike", "lock"], 5), bundle(&["bike", "lock", "helmet"], 12)];
    let rule = Pricing { bundles, ..Pricing::default() };
    assert_eq!(rule.check(), Ok(()));
    let (bike, helmet) = (sku("bike"), sku("helmet"));
    assert_eq!(rule.together(&bike, std::slice::from_ref(&bike)), 0);
    assert_eq!(rule.together(&bike, &[bike.clone(), sku("lock")]), 5);
    assert_eq!(rule.together(&helmet, &[bike.clone(), helmet.clone()]), 0);
    assert_eq!(rule.together(&helmet, &[bike, helmet.clone(), sku("lock")]), 12);
}

#[test]
fn what_makes_no_sense_is_named() {
    let step = |from, rebate_percent| Step { from, rebate_percent };
    let steps = |steps: &[Step]| Pricing { steps: steps.to_vec(), ..Pricing::default() };
    let bundles = |one: Bundle| Pricing { bundles: vec![one], ..Pricing::default() };
    for (rule, error) in [
        (Pricing { margin_percent: 901, ..Pricing::default() }, PriceError::Margin(901)),
        (Pricing { floor_percent: Some(-51), ..Pricing::default() }, PriceError::Margin(-51)),
        (
            Pricing { floor_percent: Some(3), ..Pricing::default() },
            PriceError::BelowFloor { margin: 0, floor: 3 },
        ),
        (steps(&[step(10, 0)]), PriceError::Rebate(0)),
        (steps(&[step(10, 91)]), PriceError::Rebate(91)),
        (steps(&[step(1, 5)]), PriceError::Steps(1)),
        (steps(&[step(10, 5), step(9, 6)]), PriceError::Steps(9)),
        (steps(&[step(10, 5), step(20, 5)]), PriceError::Steps(20)),
        (bundles(bundle(&["one"], 5)), PriceError::Bundle),
        (bundles(bundle(&["one", "one"], 5)), PriceError::Bundle),
        (steps(&[step(10, 5); MAX_STEPS + 1]), PriceError::TooMany),
    ] {
        assert_eq!(rule.check(), Err(error.clone()), "{error}");
    }
}
