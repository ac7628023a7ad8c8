#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{assert_refused, assert_round_trips};

fn condition(text: &str) -> Condition {
    text.parse().unwrap()
}

fn attribute(text: &str) -> Attribute {
    text.parse().unwrap()
}

#[test]
fn names_are_written_one_way_only() {
    assert_eq!(AttributeName::folded(" Display diagonal (cm) ").unwrap().as_str(), "display_diagonal_cm");
    assert_eq!(
        AttributeName::folded("a".repeat(100).as_str()).unwrap().as_str().len(),
        AttributeName::LONGEST
    );
    assert_eq!(AttributeName::folded("Größe").unwrap().as_str(), "gr_e");
    assert_eq!(AttributeName::folded("颜色"), None);
    let long = "a".repeat(49);
    for name in ["", "Weight", "max weight", "größe", "a=b", "a\0", &long] {
        assert!(AttributeName::new(name).is_err(), "{name}");
        assert_refused::<AttributeName>(&json!(name));
    }
}

#[test]
fn conditions_are_read_as_people_write_them() {
    let kg = Some(UnitWord::new("kg").unwrap());
    let weight = AttributeName::new("weight").unwrap();
    let most = Condition::new(weight, Test::AtMost(Decimal::from(25)), kg).unwrap();
    for text in ["weight<=25kg", " weight <= 25 kg ", "weight<=25.0kg"] {
        assert_eq!(condition(text), most, "{text}");
    }
    assert_eq!(condition("year>=2020").test(), &Test::AtLeast(Decimal::from(2020)));
    assert_eq!(condition("used=no").test(), &Test::Is(AttributeValue::Flag(false)));
    let range = Test::Between { least: Decimal::from(60), most: Decimal::from(80) };
    assert_eq!(condition("width=60..80cm").test(), &range);
    for text in ["colour=red", "weight<=25kg", "year>=2020", "width=60..80cm", "used=no", "model=\"25\""] {
        assert_eq!(condition(text).to_string(), text);
    }
    // An unknown word after a number makes it a text where equality is asked.
    assert_eq!(
        condition("size=42 wide").test(),
        &Test::Is(AttributeValue::Text(Text::new("42 wide").unwrap()))
    );
}

#[test]
fn what_asks_nothing_is_refused() {
    for text in
        ["", "colour", "=red", "Colour=red", "weight<25", "weight<=", "weight<=heavy", "a<==3", "colour="]
    {
        assert!(text.parse::<Condition>().is_err(), "{text}");
    }
    assert!(matches!("w=80..60cm".parse::<Condition>(), Err(AttributeError::Empty(..))));
    assert!("weight".parse::<Condition>().unwrap_err().to_string().contains("weight<=25kg"));
    let test = json!({"between": {"least": {"steps": 8, "scale": 0}, "most": {"steps": 6, "scale": 0}}});
    assert_refused::<Condition>(&json!({"name": "w", "test": test}));
    assert_refused::<Condition>(&json!({"name": "w", "test": {"at_most": 2.5}}));
    assert_refused::<Condition>(&json!({"name": "w", "test": {"is": {"text": "a\u{202E}"}}}));
    assert_refused::<Condition>(&json!({"name": "w", "test": {"is": {"flag": true}}, "unit": "5"}));
    assert_refused::<Attribute>(&json!({"name": "w", "value": {"flag": true, "text": "a"}}));
    assert_refused::<Attribute>(&json!({"name": "w", "value": {"flag": true}, "x": 1}));
}

#[test]
fn records_have_the_shape_they_say() {
    assert_eq!(
        serde_json::to_value(attribute("weight=2.5kg")).unwrap(),
        json!({"name": "weight", "value": {"number": {"steps": 25, "scale": 1}}, "unit": "kg"})
    );
    assert_eq!(
        serde_json::to_value(condition("weight<=25")).unwrap(),
        json!({"name": "weight", "test": {"at_most": {"steps": 25, "scale": 0}}})
    );
}

#[test]
fn goods_are_judged_with_their_units() {
    let cases = [
        ("weight<=25kg", "weight=25kg", Some(true)),
        ("weight<=25kg", "weight=25001g", Some(false)),
        ("weight<=25kg", "weight=55lb", Some(true)),
        ("weight<=25kg", "weight=25", None),
        ("weight<=25", "weight=25", Some(true)),
        ("weight<=25kg", "weight=25cm", None),
        ("weight<=25kg", "weight=light", None),
        ("weight<=25kg", "height=1kg", None),
        ("diagonal>=13inch", "diagonal=33.02cm", Some(true)),
        ("diagonal>=13inch", "diagonal=330.1mm", Some(false)),
        ("diagonal=13inch", "diagonal=33.02cm", Some(true)),
        ("storage>=1TB", "storage=1000GB", Some(true)),
        ("storage>=1TB", "storage=512GB", Some(false)),
        ("storage>=1TiB", "storage=1TB", Some(false)),
        ("volume=1..2l", "volume=1500ml", Some(true)),
        ("volume=1..2l", "volume=2001ml", Some(false)),
        ("colour=red", "colour=Red", Some(true)),
        ("colour=red", "colour=blue", Some(false)),
        ("colour=red", "colour=3", None),
        ("used=no", "used=yes", Some(false)),
        ("rpm>=500foo", "rpm=400foo", None),
    ];
    for (asked, said, expected) in cases {
        assert_eq!(condition(asked).accepts(&attribute(said)), expected, "{asked} of {said}");
    }
    // The same unknown word on both sides can be compared.
    let of = |number: u32| Attribute {
        name: AttributeName::new("rpm").unwrap(),
        value: AttributeValue::Number(Decimal::from(number)),
        unit: Some(UnitWord::new("foo").unwrap()),
    };
    assert_eq!(condition("rpm>=500foo").accepts(&of(500)), Some(true));
    assert_eq!(condition("rpm>=500foo").accepts(&of(499)), Some(false));
}

#[test]
fn numbers_and_flags_held_as_words_are_understood() {
    let said = |text: &str| Attribute {
        name: AttributeName::new("weight").unwrap(),
        value: AttributeValue::Text(Text::new(text).unwrap()),
        unit: None,
    };
    assert_eq!(condition("weight<=25kg").accepts(&said("24.5 kg")), Some(true));
    assert_eq!(condition("weight<=25kg").accepts(&said("26 kg")), Some(false));
    assert_eq!(condition("weight=yes").accepts(&said("Yes")), Some(true));
}

#[test]
fn the_largest_numbers_are_compared_without_overflow() {
    let largest = format!("{}", crate::decimal::MAX_STEPS);
    for (one, other) in [("TiB", "kB"), ("t", "oz"), ("km", "mm"), ("week", "s"), ("lb", "oz")] {
        let asked = condition(&format!("n<={largest}{one}"));
        assert_eq!(asked.accepts(&attribute(&format!("n={largest}{other}"))), Some(true), "{one} {other}");
        assert_eq!(asked.accepts(&attribute(&format!("n=-{largest}{one}"))), Some(true));
    }
}

fn decimals() -> impl Strategy<Value = Decimal> {
    (-1_000_000_000..1_000_000_000_i64, 0..=6_u8)
        .prop_map(|(steps, scale)| Decimal::new(steps, scale).unwrap())
}

fn values() -> impl Strategy<Value = AttributeValue> {
    let text =
        "[ -~äöü椅]{1,30}".prop_filter_map("text", |text| Text::cleaned(&text).map(AttributeValue::Text));
    prop_oneof![
        text,
        decimals().prop_map(AttributeValue::Number),
        any::<bool>().prop_map(AttributeValue::Flag)
    ]
}

fn tests() -> impl Strategy<Value = Test> {
    prop_oneof![
        values().prop_map(Test::Is),
        decimals().prop_map(Test::AtMost),
        decimals().prop_map(Test::AtLeast),
        (decimals(), decimals())
            .prop_map(|(one, other)| Test::Between { least: one.min(other), most: one.max(other) }),
    ]
}

proptest! {
    #[test]
    fn what_is_written_reads_back(name in "[a-z0-9_.-]{1,48}", test in tests(), unit in prop::option::of("kg|cm|GB")) {
        let worded = matches!(&test, Test::Is(AttributeValue::Text(_) | AttributeValue::Flag(_)));
        let unit = unit.filter(|_| !worded).map(|unit| UnitWord::new(&unit).unwrap());
        let condition = Condition::new(AttributeName::new(&name).unwrap(), test, unit).unwrap();
        prop_assert_eq!(condition.to_string().parse(), Ok(condition.clone()));
        assert_round_trips(&condition);
    }

    #[test]
    fn attributes_read_back(name in "[a-z0-9_.-]{1,48}", value in values()) {
        let attribute = Attribute { name: AttributeName::new(&name).unwrap(), value, unit: None };
        prop_assert_eq!(attribute.to_string().parse(), Ok(attribute.clone()));
        assert_round_trips(&attribute);
        let asked = Condition::new(attribute.name.clone(), Test::Is(attribute.value.clone()), None).unwrap();
        prop_assert_eq!(asked.accepts(&attribute), Some(true));
    }

    #[test]
    fn grams_and_kilograms_agree(grams in 0..100_000_000_u32, bound in 0..100_000_u32) {
        let asked = condition(&format!("w<={bound}kg"));
        let expected = u64::from(grams) <= u64::from(bound) * 1_000;
        prop_assert_eq!(asked.accepts(&attribute(&format!("w={grams}g"))), Some(expected));
    }

    #[test]
    fn places_on_a_scale_compare_as_the_numbers_do(
        left in decimals(), right in decimals(),
        one in prop::sample::select(vec!["", "kg", "oz", "lb", "mg", "TiB", "KB", "inch", "MW", "mW", "foo"]),
        other in prop::sample::select(vec!["", "kg", "oz", "lb", "g", "kB", "TiB", "mm", "kW", "bar", "foo"]),
    ) {
        let unit = |word: &str| UnitWord::new(word).ok();
        let (one, other) = (unit(one), unit(other));
        let (here, there) = (measure(left, one.as_ref()), measure(right, other.as_ref()));
        let expected = super::measure::compare((left, one.as_ref()), (right, other.as_ref()));
        prop_assert_eq!((here.0 == there.0).then(|| here.1.cmp(&there.1)), expected);
    }

    #[test]
    fn no_text_brings_the_readers_down(text in any::<String>()) {
        let _ = (text.parse::<Condition>(), text.parse::<Attribute>(), AttributeName::folded(&text));
        let _ = (format!("a={text}").parse::<Condition>(), format!("a<={text}").parse::<Condition>());
    }
}
