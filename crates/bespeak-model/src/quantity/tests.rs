#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{assert_refused, assert_round_trips};

fn quantity(text: &str) -> Quantity {
    text.parse().unwrap()
}

#[test]
fn quantities_are_read_as_people_write_them() {
    for text in ["2", "2x", "2 x", " 2 pieces ", "2 C62", "2.0"] {
        assert_eq!(quantity(text), Quantity::pieces(2).unwrap(), "{text}");
    }
    for text in ["1.5 kg", "1.5kg", "1.50 KGM", "1.5 kilos"] {
        assert_eq!(quantity(text), Quantity::new(15, 1, Unit::Kilogram).unwrap(), "{text}");
    }
    assert_eq!(quantity("1.5 kg").to_string(), "1.5 kg");
    assert_eq!(Quantity::one().to_string(), "1x");
    assert_eq!(quantity("1.5 kg").whole(), None);
    assert_eq!(quantity("20 kg").whole(), Some(20));
}

#[test]
fn what_is_no_quantity_is_refused() {
    assert_eq!("0".parse::<Quantity>(), Err(QuantityError::NotPositive));
    assert_eq!("0.00 kg".parse::<Quantity>(), Err(QuantityError::NotPositive));
    assert_eq!("1.1234567 kg".parse::<Quantity>(), Err(QuantityError::TooFine));
    assert_eq!("1000000001".parse::<Quantity>(), Err(QuantityError::TooLarge));
    assert_eq!("9".repeat(10_000).parse::<Quantity>(), Err(QuantityError::TooLarge));
    for text in ["", "kg", "-1", "-1 kg", ".5 kg", "1. kg", "1.2.3", "+1", "½ kg"] {
        assert!(matches!(text.parse::<Quantity>(), Err(QuantityError::Unreadable(_))), "{text}");
    }
    for text in ["2 parsecs", "1e3", "1,5 kg", "2 x 3"] {
        assert!(matches!(text.parse::<Quantity>(), Err(QuantityError::Unit(_))), "{text}");
    }
}

#[test]
fn records_hold_one_form_only() {
    let map = |steps: i64, scale: i64, unit: &str| json!({"steps": steps, "scale": scale, "unit": unit});
    assert_eq!(serde_json::to_value(quantity("1.5 kg")).unwrap(), map(15, 1, "KGM"));
    for wrong in [map(-1, 0, "C62"), map(0, 0, "C62"), map(150, 2, "KGM"), map(1, 7, "KGM"), map(1, 0, "kg")]
    {
        assert_refused::<Quantity>(&wrong);
    }
    assert_refused::<Quantity>(&map(1_000_000_001, 0, "C62"));
    assert_refused::<Quantity>(&map(1, -1, "C62"));
    assert_refused::<Quantity>(&map(1, 256, "C62"));
    assert_refused::<Quantity>(&json!({"steps": 1.0, "scale": 0, "unit": "C62"}));
    assert_refused::<Quantity>(&json!({"steps": 1, "scale": 0, "unit": "C62", "more": 1}));
}

#[test]
fn a_line_may_begin_with_its_quantity() {
    let cases = [
        ("2x red chairs", "2x", "red chairs"),
        ("2 x red chairs", "2x", "red chairs"),
        ("1.5 kg flour", "1.5 kg", "flour"),
        ("3kg apples", "3 kg", "apples"),
        ("13 inch laptop", "1x", "13 inch laptop"),
        ("500 ml bottle", "1x", "500 ml bottle"),
        ("2 chairs", "1x", "2 chairs"),
        ("7 series bmw", "1x", "7 series bmw"),
        ("2x", "1x", "2x"),
        ("chairs", "1x", "chairs"),
        ("", "1x", ""),
        ("0x chairs", "1x", "0x chairs"),
    ];
    for (line, amount, rest) in cases {
        assert_eq!(Quantity::leading(line), (quantity(amount), rest), "{line}");
    }
}

#[test]
fn what_remains_can_be_reckoned() {
    assert_eq!(quantity("1.5 kg").checked_add(quantity("0.25 kg")), Ok(quantity("1.75 kg")));
    assert_eq!(quantity("1.5 kg").checked_sub(quantity("0.5 kg")), Ok(Some(quantity("1 kg"))));
    assert_eq!(quantity("2").checked_sub(quantity("2")), Ok(None));
    assert_eq!(quantity("2").checked_sub(quantity("3")), Err(QuantityError::NotPositive));
    assert_eq!(
        quantity("2").checked_add(quantity("1 kg")),
        Err(QuantityError::Mixed(Unit::Piece, Unit::Kilogram))
    );
    assert_eq!(quantity("2").checked_mul(u64::MAX), Err(QuantityError::TooLarge));
    assert_eq!(quantity("2").checked_mul(0), Err(QuantityError::NotPositive));
    assert!(quantity("0.9 kg") < quantity("1 kg"));
    assert_eq!(quantity("900 g").partial_cmp(&quantity("1 kg")), None);
}

#[test]
fn every_unit_reads_back_and_no_two_share_a_code() {
    let mut seen = BTreeSet::new();
    for unit in Unit::ALL {
        assert_eq!(unit.symbol().parse(), Ok(*unit));
        assert_eq!(unit.code().parse(), Ok(*unit));
        assert_eq!(Unit::from_code(unit.code()), Ok(*unit));
        assert!(seen.insert(unit.code().to_lowercase()), "{unit:?}");
        assert!(seen.insert(unit.symbol().to_lowercase()) || unit.symbol().eq_ignore_ascii_case(unit.code()));
        assert_round_trips(unit);
    }
    assert!(Unit::from_code("kg").is_err() && "parsec".parse::<Unit>().is_err());
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        steps in 1..=MAX_STEPS, scale in 0..=MAX_SCALE, unit in prop::sample::select(Unit::ALL),
    ) {
        let quantity = Quantity::new(steps, scale, unit).unwrap();
        prop_assert_eq!(quantity.to_string().parse::<Quantity>(), Ok(quantity));
        assert_round_trips(&quantity);
    }

    #[test]
    fn adding_and_taking_away_is_nothing(one in 1..1_000_000_u64, other in 1..1_000_000_u64, scale in 0..3_u8) {
        let (one, other) = (Quantity::new(one, scale, Unit::Litre).unwrap(), Quantity::new(other, 1, Unit::Litre).unwrap());
        prop_assert_eq!(one.checked_add(other).unwrap().checked_sub(other), Ok(Some(one)));
    }

    #[test]
    fn no_text_brings_the_reader_down(text in any::<String>()) {
        let _ = (text.parse::<Quantity>(), Quantity::leading(&text), format!("1{text}").parse::<Quantity>());
    }
}
