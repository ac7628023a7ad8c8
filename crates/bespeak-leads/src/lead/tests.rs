#![allow(clippy::unwrap_used)]
use super::*;
use bespeak_identity::SignKey;
use bespeak_model::{money::Money, terms::TermsId, text::Text, time::Span};

fn at(seconds: u64) -> Time {
    Time::from_unix(1_800_000_000 + seconds).unwrap()
}

fn month() -> Span {
    "30d".parse().unwrap()
}

fn person() -> Person {
    Field::ALL.into_iter().fold(Person::default(), |person, field| {
        person.with(field, format!("her {}", field.as_str()).parse::<Text<200>>().unwrap())
    })
}

fn draft(cover: Cover, fact: Fact) -> Draft {
    let about = About {
        title: Some("folding e-bike".parse().unwrap()),
        thread: Some(RecordId::of_payload(b"offer")),
        ..About::intention(RecordId::of_payload(b"wish"))
    };
    let vendor = SignKey::from_bytes(&[1; 32]).public();
    Draft { at: at(0), vendor, about, cover, fact, person: person(), mark: String::new() }
}

fn said() -> Fact {
    Fact::MessageReceived { text: Some(Private::new("I live at the mill".parse().unwrap())) }
}

use bespeak_model::text::Private;

#[test]
fn before_both_accepted_nothing_of_a_person_goes_out() {
    for terms in TermsId::ALL {
        let lead = Lead::new(draft(Cover::proffered(terms, at(60)), said()));
        assert!(lead.person().is_empty());
        assert_eq!(lead.fact(), &Fact::MessageReceived { text: None });
        assert_eq!(lead.cover().purposes(), [Purpose::Agreement]);
        let text = serde_json::to_string(&lead).unwrap();
        assert!(!text.contains("her ") && !text.contains("mill"), "{text}");
    }
}

#[test]
fn what_goes_out_afterwards_is_what_the_terms_need() {
    let named = |terms| {
        let lead = Lead::new(draft(Cover::accepted_by_both(terms, at(0), month()), said()));
        let fields: Vec<Field> =
            Field::ALL.into_iter().filter(|field| lead.person().get(*field).is_some()).collect();
        (fields, lead.fact() == &said(), lead.cover().purposes().to_vec())
    };
    for terms in [TermsId::SdBase, TermsId::SdBaseDp] {
        assert_eq!(named(terms), (Field::ALL.to_vec(), true, vec![Purpose::ServiceDelivery]));
    }
    let others = [
        (TermsId::PdcAi, Purpose::AiTraining),
        (TermsId::PdcGood, Purpose::PublicBenefit),
        (TermsId::PdcIntent, Purpose::IntentCasting),
    ];
    for (terms, purpose) in others {
        assert_eq!(named(terms), (vec![Field::Customer], false, vec![purpose]));
    }
}

#[test]
fn a_deletion_says_nothing_of_whom_it_deletes_and_never_lapses() {
    let cover = Cover::accepted_by_both(TermsId::SdBase, at(0), month());
    let deletion = Lead::new(draft(cover.clone(), Fact::CustomerDeleted {}));
    assert!(deletion.person().is_empty() && deletion.about().title.is_none());
    assert!(!deletion.lapsed(Time::MAX));
    let other = Lead::new(draft(cover, Fact::OrderAccepted { total: "1399 EUR".parse::<Money>().unwrap() }));
    assert_eq!(deletion.subject(), other.subject());
    assert!(!other.lapsed(at(30 * 86_400)) && other.lapsed(at(30 * 86_400 + 1)));
}

#[test]
fn the_same_fact_has_the_same_name_and_anything_else_another() {
    let cover = || Cover::accepted_by_both(TermsId::SdBase, at(0), month());
    let one = draft(cover(), said());
    let later = Draft { at: at(99), person: Person::default(), ..one.clone() };
    assert_eq!(Lead::new(one.clone()).id(), Lead::new(later).id());
    let about = |change: fn(&mut About)| {
        let mut about = one.about.clone();
        change(&mut about);
        Draft { about, ..one.clone() }
    };
    let all = [
        one.clone(),
        Draft { mark: "2".to_owned(), ..one.clone() },
        Draft { fact: Fact::CustomerDeleted {}, ..one.clone() },
        Draft { vendor: SignKey::from_bytes(&[2; 32]).public(), ..one.clone() },
        about(|about| about.intention = RecordId::of_payload(b"other")),
        about(|about| about.offer = about.thread.take()),
        about(|about| about.order = Some(RecordId::of_payload(b"order"))),
    ];
    let names: std::collections::BTreeSet<LeadId> =
        all.iter().map(|draft| Lead::new(draft.clone()).id().clone()).collect();
    assert_eq!(names.len(), all.len());
    for name in names {
        assert_eq!(name.as_str().parse(), Ok(name.clone()));
        assert!(!name.as_str().contains('.'));
    }
    for text in ["lead_", "lead_00", "LEAD_", &format!("lead_{}", "g".repeat(48))] {
        assert_eq!(text.parse::<LeadId>(), Err(LeadIdError));
    }
}

#[test]
fn a_lead_is_read_as_it_was_written_and_prints_no_person() {
    let lead = Lead::new(draft(Cover::accepted_by_both(TermsId::SdBase, at(0), month()), said()));
    let text = serde_json::to_string(&lead).unwrap();
    assert!(text.contains("her name") && text.contains("mill"));
    assert_eq!(serde_json::from_str::<Lead>(&text).unwrap(), lead);
    let printed = format!("{lead:?}");
    assert!(!printed.contains("her ") && !printed.contains("mill"), "{printed}");
}

#[test]
fn kinds_and_facts_are_written_alike() {
    for kind in Kind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        assert_eq!(kind.as_str().parse::<Kind>().unwrap(), *kind);
        assert_eq!(kind.event_type(), format!("bespeak.lead.{kind}.v1"));
    }
    let fact = serde_json::to_value(Fact::IntentionEnded {
        reason: bespeak_model::reason::WithdrawalReason::Fulfilled,
    });
    assert_eq!(fact.unwrap(), serde_json::json!({ "kind": "intention-ended", "reason": "fulfilled" }));
    assert!("order-lost".parse::<Kind>().unwrap_err().to_string().contains("order-placed, order-accepted"));
}

#[test]
fn purposes_have_addresses_on_the_vocabulary() {
    for terms in TermsId::ALL {
        let purpose = Purpose::of(terms);
        assert_eq!(purpose.iri().parse::<Purpose>(), Ok(purpose));
        assert_eq!(serde_json::to_value(purpose).unwrap(), purpose.iri());
    }
    assert!("https://w3id.org/dpv#Advertising".parse::<Purpose>().is_err());
}
