#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{assert_refused, assert_round_trips};

type Short = Text<64>;
type Long = Text<64, true>;

#[test]
fn what_people_write_stands() {
    let plain = ["Red chair", "Größe 42½", "椅子", "кресло", "שָׁלוֹם", "मेज़", "e\u{301}", "👩‍🔧", "🏳️‍🌈", "می‌خواهم"];
    for text in plain {
        assert_eq!(Short::new(text).unwrap().as_str(), text);
        assert_eq!(Short::cleaned(text).unwrap().as_str(), text);
        assert_round_trips(&Short::new(text).unwrap());
    }
    assert_eq!(Short::new("  chair\n").unwrap(), "chair");
    assert_eq!(Long::new("a\tb\nc").unwrap(), "a\tb\nc");
}

#[test]
fn what_hides_or_misleads_is_refused_and_can_be_cleaned() {
    let cases = [
        ("a\0b", "ab"),
        ("a\u{7}b", "ab"),
        ("a\u{85}b", "a b"),
        ("a\nb", "a b"),
        ("pay\u{200D}pal", "paypal"),
        ("pay\u{200C}pal", "paypal"),
        ("pay\u{200B}pal", "paypal"),
        ("pay\u{FEFF}pal", "paypal"),
        ("pay\u{AD}pal", "paypal"),
        ("a\u{202E}b\u{202C}", "ab"),
        ("a\u{2066}b\u{2069}", "ab"),
        ("a\u{200F}b", "ab"),
        ("a\u{2028}b", "ab"),
        ("a\u{3164}b", "ab"),
        ("a\u{E0041}b", "ab"),
        ("椅\u{200D}\u{200D}子", "椅\u{200D}子"),
        ("椅\u{200D}", "椅"),
        ("椅\u{200B}\u{200D} 子", "椅 子"),
    ];
    for (dirty, clean) in cases {
        assert!(Short::new(dirty).is_err(), "{dirty:?}");
        assert_refused::<Short>(&json!(dirty));
        assert_eq!(Short::cleaned(dirty).unwrap().as_str(), clean, "{dirty:?}");
    }
    assert_eq!(Short::new("a\0b"), Err(TextError::Control('\0')));
    assert_eq!(Short::new("a\u{202E}b"), Err(TextError::Hidden('\u{202E}')));
    assert_eq!(Short::new("a\u{202E}b").unwrap_err().to_string(), "the text has the hidden character U+202E");
    assert!(Long::new("a\rb").is_err());
}

#[test]
fn bounds_hold_in_bytes() {
    assert_eq!(Short::new(""), Err(TextError::Empty));
    assert_eq!(Short::new(" \t\n "), Err(TextError::Empty));
    assert!(Short::new(&"ä".repeat(32)).is_ok());
    assert_eq!(Short::new(&"ä".repeat(33)), Err(TextError::TooLong { bytes: 66, max: 64 }));
    assert_eq!(Short::cleaned(&format!("a{}", "ä".repeat(40))).unwrap().len(), 63);
    assert_eq!(Short::cleaned("\u{200B}\0 "), None);
    for untrimmed in [" a", "a ", "a\n", "\u{3000}a"] {
        assert_refused::<Short>(&json!(untrimmed));
        assert_refused::<Long>(&json!(untrimmed));
    }
}

#[test]
fn a_megabyte_of_combining_marks_is_refused_or_cut() {
    let pile = format!("a{}", "\u{301}".repeat(500_000));
    assert_eq!(Text::<2_000_000>::new(&pile), Err(TextError::Piled));
    assert_eq!(Text::<2_000_000>::cleaned(&pile).unwrap().chars().count(), 1 + MAX_MARKS);
    assert!(matches!(Short::new(&pile), Err(TextError::TooLong { .. })));
    let enough = format!("a{}", "\u{301}".repeat(MAX_MARKS));
    assert!(Short::new(&enough).is_ok());
    // Marks with joiners between them are a pile too.
    let joined = format!("é{}", "\u{301}\u{200D}\u{301}".repeat(20));
    assert_eq!(Text::<1000>::new(&joined), Err(TextError::Piled));
}

#[test]
fn private_values_print_nothing() {
    let secret = Private::new(Short::new("Hauptstraße 1").unwrap());
    assert_eq!(format!("{secret} {secret:?} {:?} {:#?}", Some(&secret), &secret), "… … Some(…) …");
    assert_eq!(secret.expose().as_str(), "Hauptstraße 1");
    assert_eq!(serde_json::to_value(&secret).unwrap(), json!("Hauptstraße 1"));
    assert_round_trips(&secret);
    assert_refused::<Private<Short>>(&json!("a\u{202E}b"));
}

proptest! {
    #[test]
    fn what_is_taken_reads_back(text in any::<String>()) {
        if let Ok(text) = Text::<200>::new(&text) {
            assert_round_trips(&text);
            prop_assert_eq!(Text::<200>::cleaned(&text), Some(text));
        }
    }

    #[test]
    fn cleaning_leaves_only_what_may_stand(text in "[a ä椅\u{301}\u{200B}-\u{200F}\u{202E}\n\r\0👩]{0,80}") {
        if let Some(clean) = Short::cleaned(&text) {
            prop_assert_eq!(Short::try_from(clean.to_string()), Ok(clean));
        }
        if let Some(clean) = Long::cleaned(&text) {
            prop_assert_eq!(Long::try_from(clean.to_string()), Ok(clean));
        }
        // Something visible is never lost altogether.
        prop_assert!(Short::cleaned(&text).is_some() || !text.contains(['a', 'ä', '椅']));
    }
}
