//! What the tests of leads share.
#![allow(dead_code, clippy::unwrap_used)]

use bespeak_identity::{RecordId, SignKey};
use bespeak_leads::{
    About, Cover, Draft, Fact, Field, Lead, Person, Target, Targets,
    lead::{Item, Wish},
};
use bespeak_model::{
    intention::Budget,
    money::Money,
    terms::TermsId,
    text::Text,
    time::{Span, Time},
};

/// When everything here happens: 15 January 2027.
pub(crate) fn now() -> Time {
    Time::from_unix(1_800_000_000).unwrap()
}

pub(crate) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

pub(crate) fn anna() -> Person {
    let all = [
        (Field::Customer, "did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw"),
        (Field::Name, "Anna Zinnober"),
        (Field::Email, "anna@example.org"),
        (Field::Phone, "+49 30 1234567"),
        (Field::Street, "Mühlenweg 7"),
        (Field::Postcode, "10115"),
        (Field::City, "Berlin"),
        (Field::Region, "Berlin"),
        (Field::Country, "DE"),
    ];
    all.into_iter().fold(Person::default(), |person, (field, text)| {
        person.with(field, text.parse::<Text<200>>().unwrap())
    })
}

pub(crate) fn wish() -> Fact {
    Fact::IntentionMatched(Wish {
        title: "folding e-bike".parse().unwrap(),
        category: "vehicles.bicycles".parse().unwrap(),
        lines: vec![Item {
            name: "folding e-bike".parse().unwrap(),
            sku: None,
            quantity: "1".parse().unwrap(),
            amount: None,
        }],
        budget: Some(Budget::new(None, Some(money("1500 EUR"))).unwrap()),
        place: Some("DE-u33d".parse().unwrap()),
        needed_by: Some("2027-02-01".parse().unwrap()),
    })
}

pub(crate) fn placed() -> Fact {
    let line = Item {
        name: "Folding e-bike 20\"".parse().unwrap(),
        sku: Some("B1".parse().unwrap()),
        quantity: "1".parse().unwrap(),
        amount: Some(money("1399 EUR")),
    };
    Fact::OrderPlaced { total: money("1399 EUR"), lines: vec![line] }
}

fn about() -> About {
    About {
        title: Some("folding e-bike".parse().unwrap()),
        ..About::intention(RecordId::of_payload(b"wish"))
    }
}

/// A fact before both accepted terms.
pub(crate) fn early(fact: Fact) -> Lead {
    let cover = Cover::proffered(TermsId::SdBase, now().saturating_add(7 * 86_400));
    let vendor = SignKey::from_bytes(&[1; 32]).public();
    Lead::new(Draft { at: now(), vendor, about: about(), cover, fact, person: anna(), mark: String::new() })
}

/// A fact of an order.
pub(crate) fn agreed(fact: Fact) -> Lead {
    by(fact, anna())
}

/// The same, of somebody else.
pub(crate) fn by(fact: Fact, person: Person) -> Lead {
    let keep: Span = "90d".parse().unwrap();
    let about = About {
        thread: Some(RecordId::of_payload(b"offer")),
        offer: Some(RecordId::of_payload(b"offer")),
        order: Some(RecordId::of_payload(b"order")),
        ..about()
    };
    let cover = Cover::accepted_by_both(TermsId::SdBase, now(), keep);
    let vendor = SignKey::from_bytes(&[1; 32]).public();
    Lead::new(Draft { at: now(), vendor, about, cover, fact, person, mark: String::new() })
}

/// One target, from its lines of TOML.
pub(crate) fn target(lines: &str) -> Target {
    let read = Targets::from_toml(&format!("[[target]]\nname = \"a\"\n{lines}")).unwrap();
    read.targets.into_iter().next().unwrap()
}
