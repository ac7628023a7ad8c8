#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{assert_refused, assert_round_trips};

fn eur(amount: i64) -> Money {
    Money::new(amount, Currency::EUR).unwrap()
}

#[test]
fn amounts_are_read_as_people_write_them() {
    for text in ["1500EUR", "1500 EUR", "EUR1500", "EUR 1500", " 1500.00 EUR ", "1500.0EUR"] {
        assert_eq!(text.parse(), Ok(eur(150_000)), "{text}");
    }
    assert_eq!("19.99 EUR".parse(), Ok(eur(1_999)));
    assert_eq!("-0.05 EUR".parse(), Ok(eur(-5)));
    assert_eq!("1500 JPY".parse::<Money>().unwrap().amount(), 1_500);
    assert_eq!("1.234 KWD".parse::<Money>().unwrap().amount(), 1_234);
}

#[test]
fn amounts_are_written_with_the_places_of_their_currency() {
    assert_eq!(eur(1_999).to_string(), "19.99 EUR");
    assert_eq!(eur(-5).to_string(), "-0.05 EUR");
    assert_eq!(Money::new(1_500, Currency::new("JPY").unwrap()).unwrap().to_string(), "1500 JPY");
    assert_eq!(Money::new(1_234, Currency::new("KWD").unwrap()).unwrap().to_string(), "1.234 KWD");
}

#[test]
fn unreadable_amounts_say_what_to_write() {
    let wrong = ["", "EUR", "1500", "1,500 EUR", "1.5.0 EUR", ".5 EUR", "5. EUR", "--5 EUR", "1e3 EUR"];
    for text in wrong.into_iter().chain(["+5 EUR", "0x10 EUR", "٣ EUR", "5 €", "€5"]) {
        let error = text.parse::<Money>().unwrap_err();
        assert!(matches!(error, MoneyError::Unreadable(_)), "{text}: {error:?}");
        assert!(error.to_string().contains("1500EUR"), "{error}");
    }
    assert!(matches!("NaN EUR".parse::<Money>(), Err(MoneyError::Currency(_))));
    assert!(matches!("1.999 EUR".parse::<Money>(), Err(MoneyError::TooFine { places: 2, .. })));
    assert!(matches!("1.5 JPY".parse::<Money>(), Err(MoneyError::TooFine { places: 0, .. })));
    let huge = format!("{} EUR", "9".repeat(10_000));
    assert_eq!(huge.parse::<Money>(), Err(MoneyError::TooLarge));
}

#[test]
fn currencies_that_count_nothing_are_refused() {
    let long = "E".repeat(10_000);
    for code in ["XXX", "XTS", "XAU", "XDR", "eur", "Eur", "EU", "EURO", "", "EU\0", "ΕUR", &long] {
        assert!(matches!(Currency::new(code), Err(MoneyError::Currency(_))), "{code}");
        assert_refused::<Currency>(&json!(code));
        assert_refused::<Money>(&json!({"amount": 1, "currency": code}));
    }
    assert!(Currency::new(&long).unwrap_err().to_string().len() < 200);
}

#[test]
fn records_with_other_fields_or_amounts_are_refused() {
    for amount in [MAX_MINOR + 1, -MAX_MINOR - 1, i64::MAX, i64::MIN] {
        assert_eq!(Money::new(amount, Currency::EUR), Err(MoneyError::TooLarge));
        assert_refused::<Money>(&json!({"amount": amount, "currency": "EUR"}));
    }
    assert_refused::<Money>(&json!({"amount": 1.5, "currency": "EUR"}));
    assert_refused::<Money>(&json!({"amount": "1", "currency": "EUR"}));
    assert_refused::<Money>(&json!({"amount": 1, "currency": "EUR", "x": 1}));
    assert_refused::<Money>(&json!({"amount": 1}));
    assert_eq!(serde_json::to_value(eur(5)).unwrap(), json!({"amount": 5, "currency": "EUR"}));
}

#[test]
fn sums_stay_within_bounds_and_one_currency() {
    let (most, usd) = (eur(MAX_MINOR), Money::zero(Currency::USD));
    assert_eq!(most.checked_add(eur(1)), Err(MoneyError::TooLarge));
    assert_eq!(eur(-MAX_MINOR).checked_sub(eur(1)), Err(MoneyError::TooLarge));
    assert_eq!(eur(3).checked_add(usd), Err(MoneyError::Mixed(Currency::EUR, Currency::USD)));
    assert_eq!(eur(3).partial_cmp(&usd), None);
}

#[test]
fn a_price_times_a_quantity_is_rounded_to_the_minor_unit() {
    let kilos = |text: &str| text.parse::<Quantity>().unwrap();
    assert_eq!(eur(333).for_quantity(kilos("1.5 kg")), Ok(eur(500)));
    assert_eq!(eur(-333).for_quantity(kilos("1.5 kg")), Ok(eur(-500)));
    assert_eq!(eur(1).for_quantity(kilos("0.4 kg")), Ok(eur(0)));
    let most = Quantity::pieces(crate::quantity::MAX_STEPS).unwrap();
    assert_eq!(eur(MAX_MINOR).for_quantity(most), Err(MoneyError::TooLarge));
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        amount in -MAX_MINOR..=MAX_MINOR,
        code in prop::sample::select(vec!["EUR", "JPY", "KWD", "USD", "CLF"]),
    ) {
        let money = Money::new(amount, Currency::new(code).unwrap()).unwrap();
        prop_assert_eq!(money.to_string().parse::<Money>(), Ok(money));
        assert_round_trips(&money);
    }

    #[test]
    fn adding_and_taking_away_is_nothing(one in -MAX_MINOR / 2..MAX_MINOR / 2, other in -MAX_MINOR / 2..MAX_MINOR / 2) {
        let sum = eur(one).checked_add(eur(other)).unwrap();
        prop_assert_eq!(sum.checked_sub(eur(other)), Ok(eur(one)));
    }

    #[test]
    fn no_text_brings_the_reader_down(text in any::<String>()) {
        let _ = (text.parse::<Money>(), format!("{text}EUR").parse::<Money>());
    }
}
