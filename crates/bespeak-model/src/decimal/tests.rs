#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{assert_refused, assert_round_trips};

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn one_number_has_one_form() {
    for text in ["2.5", "2.50", "02.5", " 2.5 "] {
        assert_eq!((number(text).steps(), number(text).scale()), (25, 1), "{text}");
    }
    assert_eq!(number("-0.05").to_string(), "-0.05");
    assert_eq!(number("100").to_string(), "100");
    assert_eq!(number("-0"), number("0.000"));
    assert_eq!(number("2.5000000000"), number("2.5"), "zeros at the end are no decimal places");
}

#[test]
fn numbers_are_compared_exactly() {
    assert!(number("0.1") < number("0.11") && number("9.9") < number("10") && number("-3") < number("-2.5"));
    assert!(number("1000000000000000") > number("0.000001"));
    assert!(Decimal::from(3) == number("3.0"));
}

#[test]
fn what_is_no_number_is_refused() {
    for text in ["", "-", ".", ".5", "5.", "1,5", "1e3", "NaN", "inf", "--1", "+1", "1 2", "٣", "1.-5"] {
        assert!(matches!(text.parse::<Decimal>(), Err(DecimalError::Unreadable(_))), "{text}");
    }
    for text in ["0.1234567", "1000000000000001", &"9".repeat(10_000)] {
        assert_eq!(text.parse::<Decimal>(), Err(DecimalError::OutOfRange), "{text}");
    }
    let map = |steps: i64, scale: i64| json!({"steps": steps, "scale": scale});
    for wrong in [map(250, 2), map(0, 1), map(1, 7), map(1, -1), map(MAX_STEPS + 1, 0), map(i64::MIN, 0)] {
        assert_refused::<Decimal>(&wrong);
    }
    for wrong in [json!(2.5), json!(3), json!("2.5"), json!({"steps": 2.5, "scale": 0}), json!({"steps": 1})]
    {
        assert_refused::<Decimal>(&wrong);
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back(steps in -MAX_STEPS..=MAX_STEPS, scale in 0..=MAX_SCALE) {
        let number = Decimal::new(steps, scale).unwrap();
        prop_assert_eq!(number.to_string().parse(), Ok(number));
        assert_round_trips(&number);
    }

    #[test]
    fn the_order_is_that_of_the_numbers(one in -1_000_000..1_000_000_i64, other in -1_000_000..1_000_000_i64, scale in 0..=3_u8) {
        let finer = Decimal::new(other * 1_000, scale + 3).unwrap();
        prop_assert_eq!(Decimal::new(one, scale).unwrap().cmp(&finer), one.cmp(&other));
    }

    #[test]
    fn no_text_brings_the_reader_down(text in any::<String>()) {
        let _ = text.parse::<Decimal>();
    }
}
