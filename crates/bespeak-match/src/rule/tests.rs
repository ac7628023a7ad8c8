#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_model::intention::{Budget, Intention, Line};
use proptest::prelude::*;

use super::*;
use crate::{
    Told,
    testing::{intention, line, rules},
};

fn rule(text: &str) -> Rule {
    toml::from_str(text).unwrap()
}

fn refused(text: &str) -> String {
    toml::from_str::<Rule>(text).unwrap_err().message().to_owned()
}

/// Everything a rule can say.
const WHOLE: &str = r#"
categories = ["vehicles.bicycles", "sports"]
price = { min = "500 EUR", max = "1500 EUR" }
places = ["DE-u33d+100km", "AT"]
keywords = { any = ["folding bike", "e-bike"], all = ["light"], none = ["child"] }
attributes = ["weight<=25kg", "colour=red"]
terms = ["SD-BASE", "pdc-intent"]
standing = "met"
condition = ["new", "used"]
quantity = { min = "1", max = "10x" }
gtins = ["4006381333931"]
must_say = ["price", "place", "condition", "attributes"]
"#;

#[test]
fn a_rule_is_read_as_people_write_it() {
    let whole = rule(WHOLE);
    assert_eq!(whole.price.unwrap().min.unwrap().to_string(), "500.00 EUR");
    assert_eq!(
        whole.keywords.any.iter().map(Keyword::as_str).collect::<Vec<_>>(),
        ["folding bike", "e-bike"]
    );
    assert_eq!(whole.standing, Some(Standing::Met));
    assert_eq!(whole.check(), []);
    assert_eq!(toml::from_str::<Rule>(&toml::to_string(&whole).unwrap()).unwrap(), whole);
    let json = serde_json::to_string(&whole).unwrap();
    assert!(json.contains(r#""places":["DE-u33d+100km","AT"]"#), "{json}");
    assert_eq!(toml::to_string(&Rule::default()).unwrap(), "", "what is not wanted is not written");
}

/// The page that tells of rules shows all that they can say.
#[test]
fn the_rule_in_the_documents_is_read() {
    let page = include_str!("../../../../docs/rules.md");
    let (_, page) = page.split_once("## What a rule can say of intentions").unwrap();
    let shown = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(rule(shown), rule(WHOLE));
}

#[test]
fn what_cannot_be_read_is_told_in_a_sentence() {
    let cases = [
        ("categories = ['cars']", "not under one of the category roots"),
        ("price = { min = '5' }", "write it as 1500EUR or 19.99 EUR"),
        ("places = ['Berlin']", "not a country"),
        ("keywords.any = ['!!']", "“!!” has no word in it"),
        ("attributes = ['red']", "write colour=red"),
        ("terms = ['GDPR']", "not on the roster"),
        ("gtins = ['4006381333932']", "its last digit should be 1"),
        ("quantity = { min = 'some' }", "write 2, 2x or 1.5 kg"),
        ("standing = 'friend'", "unknown variant `friend`"),
        ("colour = 'red'", "unknown field `colour`"),
        ("price = { least = '5 EUR' }", "unknown field `least`"),
    ];
    for (text, sentence) in cases {
        assert!(refused(text).contains(sentence), "{text}: {}", refused(text));
    }
    let many = format!("categories = [{}]", "'sports',".repeat(17));
    assert!(refused(&many).contains("17 items where 0 to 16 are allowed"), "{}", refused(&many));
}

#[test]
fn contradictions_are_found_and_everything_is_told() {
    let cases = [
        ("price = { min = '9 EUR', max = '5 EUR' }", Finding::PriceCrossed),
        ("price = { min = '9 EUR', max = '50 USD' }", Finding::PriceCurrencies),
        ("price = { max = '-5 EUR' }", Finding::PriceNegative),
        ("price = { }\nstanding = 'met'", Finding::PriceWithoutEnds),
        ("quantity = { min = '5', max = '2' }", Finding::QuantityCrossed),
        ("quantity = { min = '5', max = '9 kg' }", Finding::QuantityUnits),
        ("quantity = { }\nstanding = 'met'", Finding::QuantityWithoutEnds),
        ("", Finding::MatchesEverything),
        ("standing = 'stranger'", Finding::MatchesEverything),
    ];
    for (text, finding) in cases {
        assert_eq!(rule(text).check(), std::slice::from_ref(&finding), "{text}");
        assert_eq!(finding.is_fault(), finding != Finding::MatchesEverything);
    }
    let said = |text: &str| rule(text).check().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let refused = "keywords = { any = ['red bikes', 'car'], none = ['Bike'] }";
    assert_eq!(said(refused), "“red bikes” is wanted, and “Bike” in it is refused");
    let apart = "attributes = ['w<=2kg', 'h>=1', 'w>=2001g']";
    assert_eq!(said(apart), "no goods are both w<=2kg and w>=2001g");
    assert!(said("categories = ['vehicles.bicycels']").contains("nearest are vehicles.bicycles"));
    assert_eq!(said("must_say = ['price']"), "");
}

fn wish() -> Intention {
    let conditions =
        Bounded::new(vec!["weight<=20kg".parse().unwrap(), "colour=red".parse().unwrap()]).unwrap();
    let budget = Budget::new(None, Some("1000 EUR".parse().unwrap())).unwrap();
    Intention {
        budget: Some(budget),
        place: Some("DE-u33d".parse().unwrap()),
        lines: [Line { conditions, ..line("Folding bike") }].into(),
        ..intention("vehicles.bicycles", "Folding e-bike")
    }
}

fn grounds(text: &str) -> Vec<(Told, String)> {
    let grounds = explain(&rule(text), &wish(), Standing::Stranger);
    grounds.into_iter().map(|ground| (ground.told, ground.to_string())).collect()
}

#[test]
fn each_condition_has_its_ground() {
    let cases = [
        ("categories = ['vehicles']", Told::Meets, "the category vehicles.bicycles meets vehicles"),
        (
            "categories = ['sports', 'animals']",
            Told::Misses,
            "the category vehicles.bicycles does not meet sports or animals",
        ),
        (
            "price = { min = '500 EUR' }",
            Told::Meets,
            "the budget 1000.00 EUR or less meets 500.00 EUR or more",
        ),
        (
            "price = { min = '1500 EUR' }",
            Told::Misses,
            "the budget 1000.00 EUR or less does not meet 1500.00 EUR or more",
        ),
        (
            "price = { min = '5 USD' }",
            Told::Misses,
            "the budget 1000.00 EUR or less does not meet 5.00 USD or more",
        ),
        ("places = ['DE-u281+100km']", Told::Misses, "the place DE-u33d does not meet DE-u281+100km"),
        ("keywords.any = ['trike', 'E-Bikes']", Told::Meets, "“E-Bikes” is there"),
        ("keywords.any = ['trike']", Told::Misses, "none of trike is there"),
        ("keywords.all = ['folding bike', 'light']", Told::Misses, "“light” is not there"),
        ("keywords.all = ['folding bike']", Told::Meets, "all of folding bike is there"),
        ("keywords.none = ['bike']", Told::Misses, "“bike” is there and is refused"),
        ("keywords.none = ['e bike folding']", Told::Meets, "no e bike folding is there"),
        ("attributes = ['weight>=15kg']", Told::Meets, "weight<=20kg is asked, which weight>=15kg can meet"),
        (
            "attributes = ['weight>=25kg']",
            Told::Misses,
            "weight<=20kg is asked, which weight>=25kg cannot meet",
        ),
        (
            "attributes = ['weight>=25']",
            Told::Unknown,
            "weight<=20kg is asked, which cannot be held against weight>=25",
        ),
        ("attributes = ['gears>=7']", Told::Unknown, "nothing is asked that excludes gears>=7"),
        (
            "attributes = ['gears>=7']\nmust_say = ['attributes']",
            Told::Misses,
            "nothing is asked of gears>=7, and must be",
        ),
        ("terms = ['PDC-AI']", Told::Misses, "the terms SD-BASE does not meet PDC-AI"),
        ("standing = 'buyer'", Told::Misses, "the customer is stranger, less than buyer"),
        ("condition = ['new']", Told::Unknown, "the condition is not said; new is wanted"),
        (
            "condition = ['new']\nmust_say = ['condition']",
            Told::Misses,
            "the condition is not said, and must be; new is wanted",
        ),
        ("quantity = { min = '2' }", Told::Misses, "the quantity 1x does not meet 2x or more"),
        (
            "gtins = ['4006381333931']",
            Told::Misses,
            "the GTIN is not said, and must be; 4006381333931 is wanted",
        ),
    ];
    for (text, told, line) in cases {
        assert_eq!(grounds(text), [(told, line.to_owned())], "{text}");
    }
}

#[test]
fn conditions_on_lines_are_of_one_line() {
    let asked = |quantity: &str, condition: &str| Line {
        quantity: quantity.parse().unwrap(),
        conditions: Bounded::new(vec![condition.parse().unwrap()]).unwrap(),
        ..line("chair")
    };
    let two = Intention { lines: [asked("2", "colour=red"), asked("10", "colour=blue")].into(), ..wish() };
    let seen = crate::Wish::of(&two, Standing::Stranger);
    assert!(rule("quantity = { min = '10' }\nattributes = ['colour=blue']").accepts(&seen));
    let none = rule("quantity = { min = '10' }\nattributes = ['colour=red']");
    assert!(!none.accepts(&seen));
    assert!(explain(&none, &two, Standing::Stranger).iter().any(|ground| ground.told == Told::Misses));
}

proptest! {
    #[test]
    fn what_is_written_reads_back(rule in rules()) {
        prop_assert_eq!(&toml::from_str::<Rule>(&toml::to_string(&rule).unwrap()).unwrap(), &rule);
        prop_assert_eq!(serde_json::from_str::<Rule>(&serde_json::to_string(&rule).unwrap()).unwrap(), rule.clone());
        let everything = rule.check().contains(&Finding::MatchesEverything);
        prop_assert_eq!(everything, rule.matches_everything());
    }

    #[test]
    fn no_text_brings_the_reader_down(text in any::<String>()) {
        let _ = (toml::from_str::<Rule>(&text), Keyword::new(&text));
    }
}
