#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{assert_refused, assert_round_trips};

fn place(text: &str) -> Place {
    text.parse().unwrap()
}

#[test]
fn places_are_read_as_people_write_them() {
    for text in ["DE", "DE-u33d", "DE-u", "DE-u33d+25km", "DE+100km"] {
        assert_eq!(place(text).to_string(), text);
    }
    let near = place("DE-u33d+25km");
    assert_eq!(near.country().code(), "DE");
    assert_eq!(near.cell(), Some(Cell::new("u33d").unwrap()));
    assert_eq!(near.reach_km(), Some(25));
}

#[test]
fn what_is_not_said_is_left_out_of_records() {
    assert_eq!(serde_json::to_value(place("DE")).unwrap(), json!({"country": "DE"}));
    let whole = json!({"cell": "u33d", "country": "DE", "reach_km": 25});
    assert_eq!(serde_json::to_value(place("DE-u33d+25km")).unwrap(), whole);
}

#[test]
fn what_is_no_place_is_refused() {
    let long = "DE".repeat(5_000);
    for text in ["", "de", "De", "D", "DEU", "XX", "ZZ", "UK", "EU", "D\0", "DE DE", "-u33d", &long] {
        assert!(matches!(text.parse::<Place>(), Err(PlaceError::Country(_))), "{text}");
        assert_refused::<Place>(&json!({"country": text}));
    }
    // A geohash has no a, i, l, o, no capitals, and here never more than four characters.
    for cell in ["", "u33da", "u33dc", "a", "i", "l", "o", "U33D", "u3 3", "u33d-", "ü"] {
        assert!(matches!(format!("DE-{cell}").parse::<Place>(), Err(PlaceError::Cell(_))), "{cell}");
        assert_refused::<Place>(&json!({"country": "DE", "cell": cell}));
    }
    for reach in ["", "km", "0km", "20039km", "99999km", "-1km", "5", "5 miles", "1.5km"] {
        assert!(matches!(format!("DE+{reach}").parse::<Place>(), Err(PlaceError::Reach(_))), "{reach}");
    }
    for reach in [json!(0), json!(20_039), json!(-1), json!(70_000), json!(1.5), json!("5")] {
        assert_refused::<Place>(&json!({"country": "DE", "reach_km": reach}));
    }
    assert_refused::<Place>(&json!({"country": "DE", "street": "Hauptstraße 1"}));
}

#[test]
fn the_list_has_every_country_once_and_sorted() {
    let codes: Vec<&str> = COUNTRIES.split_ascii_whitespace().collect();
    assert_eq!(codes.len(), 249);
    assert!(codes.is_sorted_by(|one, other| one < other));
    assert!(codes.iter().all(|code| Country::new(code).unwrap().code() == *code));
}

#[test]
fn near_is_judged_by_areas_and_the_longer_reach() {
    let berlin = place("DE-u33d+25km");
    assert!(berlin.may_meet(&place("DE")), "nothing more is known of the other");
    assert!(berlin.may_meet(&place("DE-u33d")));
    assert!(berlin.may_meet(&place("DE-u33e")), "the neighbouring area");
    assert!(!berlin.may_meet(&place("DE-u281")), "Munich is 500 km away");
    assert!(berlin.may_meet(&place("DE-u281+600km")), "but the vendor comes as far as that");
    assert!(!place("DE-u33d").may_meet(&place("PL-u3k9")), "another country, and no reach");
    assert!(place("DE-u33d+300km").may_meet(&place("PL-u3k9")), "across a border within reach");
    assert!(!place("DE").may_meet(&place("FR")));
}

#[test]
fn the_gap_between_areas_is_about_right_and_never_too_long() {
    let gap = |one: &str, other: &str| Cell::new(one).unwrap().gap_km(Cell::new(other).unwrap());
    assert_eq!(gap("u33d", "u33d"), 0);
    assert_eq!(gap("u33d", "u33"), 0);
    let berlin_munich = gap("u33d", "u281");
    assert!((400..=504).contains(&berlin_munich), "{berlin_munich} km, city to city 504");
    let across_the_date_line = gap("x", "8");
    assert_eq!(across_the_date_line, 0);
    assert!(gap("h", "u") > 3_000);
}

#[test]
fn a_point_has_an_area_around_it() {
    let berlin = Cell::around(52.52, 13.405, 4).unwrap();
    assert_eq!(berlin.as_str(), "u33d");
    assert!(Cell::around(52.52, 13.405, 2).unwrap().contains(berlin));
    assert_eq!(Cell::around(52.52, 13.405, 12).unwrap().as_str().len(), Cell::LONGEST);
    assert!(Cell::around(91.0, 0.0, 4).is_none() && Cell::around(f64::NAN, 0.0, 4).is_none());
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        country in "DE|FR|US|ZW", cell in prop::option::of("[0-9b-hjkmnp-z]{1,4}"), reach in prop::option::of(1..=MAX_REACH_KM),
    ) {
        let country = Country::new(&country).unwrap();
        let mut place = Place::new(country, cell.map(|cell| Cell::new(&cell).unwrap()));
        if let Some(km) = reach {
            place = place.reaching(km).unwrap();
        }
        prop_assert_eq!(place.to_string().parse(), Ok(place));
        assert_round_trips(&place);
        prop_assert!(place.may_meet(&place));
    }

    #[test]
    fn the_gap_is_the_same_both_ways(one in "[0-9b-hjkmnp-z]{1,4}", other in "[0-9b-hjkmnp-z]{1,4}") {
        let (one, other) = (Cell::new(&one).unwrap(), Cell::new(&other).unwrap());
        prop_assert_eq!(one.gap_km(other), other.gap_km(one));
        prop_assert!(one.gap_km(other) <= 30_000);
    }

    #[test]
    fn no_text_brings_the_reader_down(text in any::<String>()) {
        let _ = (text.parse::<Place>(), format!("DE-{text}").parse::<Place>(), format!("DE+{text}").parse::<Place>());
    }
}
