//! A lead as a CloudEvent: the JSON body in structured mode (CloudEvents 1.0.2, JSON event format).

use bespeak_identity::PublicKey;
use bespeak_model::{terms::TermsId, time::Time};
use serde::Serialize;

use crate::lead::{About, Fact, Lead, Person, Purpose, ROSTER, VERSION};

/// The media type of a CloudEvent in structured mode. Source: CloudEvents HTTP protocol binding 1.0.2.
pub const MEDIA_TYPE: &str = "application/cloudevents+json; charset=utf-8";

#[derive(Serialize)]
struct Event<'a> {
    specversion: &'static str,
    id: &'a str,
    source: PublicKey,
    r#type: &'static str,
    subject: String,
    time: Time,
    datacontenttype: &'static str,
    data: Data<'a>,
}

/// What a lead says, to other programs.
#[derive(Serialize)]
struct Data<'a> {
    v: u8,
    #[serde(flatten)]
    about: &'a About,
    terms: Terms<'a>,
    fact: &'a Fact,
    #[serde(skip_serializing_if = "Person::is_empty")]
    person: &'a Person,
}

#[derive(Serialize)]
struct Terms<'a> {
    id: TermsId,
    address: String,
    accepted: bool,
    purposes: &'a [Purpose],
    retain_until: Time,
}

/// The body that tells a lead. The same lead is always the same bytes.
pub fn body(lead: &Lead) -> Vec<u8> {
    let cover = lead.cover();
    let terms = Terms {
        id: cover.terms(),
        address: format!("{ROSTER}{}", cover.terms()),
        accepted: cover.accepted(),
        purposes: cover.purposes(),
        retain_until: cover.retain_until(),
    };
    let data = Data { v: VERSION, about: lead.about(), terms, fact: lead.fact(), person: lead.person() };
    let event = Event {
        specversion: "1.0",
        id: lead.id().as_str(),
        source: lead.vendor(),
        r#type: lead.kind().event_type(),
        subject: lead.subject(),
        time: lead.at(),
        datacontenttype: "application/json",
        data,
    };
    // Maps of texts and numbers: JSON can say them.
    serde_json::to_vec(&event).unwrap_or_default()
}
