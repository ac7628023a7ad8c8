//! SuiteCRM: a record of the module Leads for each matter, over its V8 JSON API.
//!
//! Source of names and forms: docs.suitecrm.com, "JSON API (new)" (authentication; create, update and delete a module
//! record), and for the id that is chosen by whoever creates a record, Api/V8/Service/ModuleService.php of
//! salesagility/SuiteCRM. The id is made from the subject, so that a record is changed where it is there and made where it
//! is not.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{FIELDS, Method, Next, OwnField, Request, decimal, description, title};
use crate::{
    config::{Client, Target},
    lead::{Fact, Field, Kind, Lead},
    outcome::{Answer, Outcome},
};

/// The media type of its API. Source: JSON:API 1.0.
const JSON_API: &str = "application/vnd.api+json";
/// Where a program gets its token.
pub const TOKEN: &str = "/Api/access_token";
/// Where leads are.
pub const LEADS: &str = "/Api/V8/module/Leads";

/// What of a person stands in which attribute.
const ATTRIBUTES: [(Field, &str); 8] = [
    (Field::Name, "last_name"),
    (Field::Email, "email1"),
    (Field::Phone, "phone_work"),
    (Field::Street, "primary_address_street"),
    (Field::Postcode, "primary_address_postalcode"),
    (Field::City, "primary_address_city"),
    (Field::Region, "primary_address_state"),
    (Field::Country, "primary_address_country"),
];

/// What stands for a name where terms let none out: the module has no record without.
const NAMELESS: &str = "Customer";

/// What to ask next.
pub(super) fn next(target: &Target, lead: &Lead, answers: &[Answer]) -> Next {
    let Some(client) = &target.client else { return with_token(target, lead, None, answers) };
    let Some((first, rest)) = answers.split_first() else { return Next::Send(token(target, client)) };
    if !first.is_yes() {
        return Next::Done(Outcome::of(first));
    }
    match token_of(first) {
        Some(token) => with_token(target, lead, Some(&token), rest),
        None => Next::strange("there is no access_token in it"),
    }
}

fn token(target: &Target, client: &Client) -> Request {
    let body = json!({
        "grant_type": "client_credentials",
        "client_id": client.id,
        "client_secret": client.secret.expose(),
    });
    Request::to(target, Method::Post, TOKEN).with_json(JSON_API, &body).saying("accept", JSON_API)
}

fn token_of(answer: &Answer) -> Option<String> {
    let read: Value = serde_json::from_slice(&answer.body).ok()?;
    read.get("access_token")?.as_str().map(str::to_owned)
}

fn with_token(target: &Target, lead: &Lead, token: Option<&str>, answers: &[Answer]) -> Next {
    match lead.kind() {
        Kind::CustomerDeleted => delete(target, lead, token, answers),
        _ => keep(target, lead, token, answers),
    }
}

/// Changes the record; makes it where it is not there.
fn keep(target: &Target, lead: &Lead, token: Option<&str>, answers: &[Answer]) -> Next {
    let id = record_id(&lead.subject());
    match answers {
        [] => patch(target, token, &id, attributes(lead, false)),
        [changed] if is_absent(changed) => {
            let body = json!({ "data": { "type": "Leads", "id": id, "attributes": attributes(lead, true) } });
            Next::Send(request(target, token, Method::Post, LEADS).with_json(JSON_API, &body))
        }
        [.., last] => Next::Done(Outcome::of(last)),
    }
}

/// What it deletes it only hides, so the record is emptied first.
fn delete(target: &Target, lead: &Lead, token: Option<&str>, answers: &[Answer]) -> Next {
    let id = record_id(&lead.subject());
    match answers {
        [] => patch(target, token, &id, emptied(lead)),
        [changed] if is_absent(changed) => Next::delivered(),
        [changed] if changed.is_yes() => {
            Next::Send(request(target, token, Method::Delete, &format!("{LEADS}/{id}")))
        }
        [_, gone] if is_absent(gone) => Next::delivered(),
        [.., last] => Next::Done(Outcome::of(last)),
    }
}

/// A record that is not there is answered with 400 or 404, by version.
fn is_absent(answer: &Answer) -> bool {
    matches!(answer.status, 400 | 404)
}

fn patch(target: &Target, token: Option<&str>, id: &str, attributes: Map<String, Value>) -> Next {
    let body = json!({ "data": { "type": "Leads", "id": id, "attributes": attributes } });
    // Its documents put the id into the address, its older versions read it from the body: both hold it.
    let request = request(target, token, Method::Patch, &format!("{LEADS}/{id}"));
    Next::Send(request.with_json(JSON_API, &body))
}

fn request(target: &Target, token: Option<&str>, method: Method, path: &str) -> Request {
    let request = Request::to(target, method, path).saying("accept", JSON_API);
    match token {
        Some(token) => request.saying("authorization", &format!("Bearer {token}")),
        None => request,
    }
}

/// A name for the record in the form of a UUID (version 8, RFC 9562), always the same for one subject.
pub fn record_id(subject: &str) -> String {
    let hash: [u8; 32] =
        Sha256::new_with_prefix(b"bespeak/suitecrm/1").chain_update(subject).finalize().into();
    let hex: Vec<String> = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let mut digits: Vec<char> = hex.concat().chars().collect();
    for (place, digit) in [(12, '8'), (16, 'a')] {
        if let Some(place) = digits.get_mut(place) {
            *place = digit;
        }
    }
    let part = |from: usize, to: usize| digits.iter().take(to).skip(from).collect::<String>();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

/// The attributes of the record; a new one needs a name.
pub fn attributes(lead: &Lead, new: bool) -> Map<String, Value> {
    let mut attributes = own(lead);
    attributes.insert("description".to_owned(), description(lead).into());
    attributes.insert("title".to_owned(), title(lead).into());
    let amount = lead.fact().money().map(|money| format!("{} {}", decimal(money), money.currency().code()));
    attributes.extend(amount.map(|amount| ("opportunity_amount".to_owned(), Value::from(amount))));
    attributes.extend(status(lead.kind()).map(|status| ("status".to_owned(), Value::from(status))));
    if new {
        attributes.insert("lead_source".to_owned(), "Other".into());
        attributes.insert("lead_source_description".to_owned(), "Bespeak".into());
        attributes.insert("last_name".to_owned(), NAMELESS.into());
    }
    let cleared: &[Field] = match lead.fact() {
        Fact::CustomerCorrected { cleared } => cleared,
        _ => &[],
    };
    for (field, name) in ATTRIBUTES {
        match lead.person().get(field) {
            Some(detail) => drop(attributes.insert(name.to_owned(), detail.into())),
            None if cleared.contains(&field) => {
                drop(attributes.insert(name.to_owned(), nothing(field).into()))
            }
            None => {}
        }
    }
    attributes
}

/// Fields of one's own end with `_c` in SuiteCRM.
fn own(lead: &Lead) -> Map<String, Value> {
    FIELDS
        .into_iter()
        .filter_map(|field| Some((format!("{}_c", field.name()), field.of(lead)?.into())))
        .collect()
}

fn nothing(field: Field) -> &'static str {
    if field == Field::Name { NAMELESS } else { "" }
}

/// The record without anything of a person.
fn emptied(lead: &Lead) -> Map<String, Value> {
    let mut attributes = own(lead);
    attributes.extend(ATTRIBUTES.map(|(field, name)| (name.to_owned(), Value::from(nothing(field)))));
    attributes.insert(format!("{}_c", OwnField::Customer.name()), "".into());
    attributes.insert("description".to_owned(), description(lead).into());
    attributes.insert("title".to_owned(), title(lead).into());
    attributes
}

/// Source: the values a new installation has for the status of a lead.
fn status(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::IntentionMatched => Some("New"),
        Kind::OfferSent | Kind::OfferCountered | Kind::OfferSelected | Kind::OrderPlaced => {
            Some("In Process")
        }
        Kind::OrderAccepted | Kind::OrderCompleted => Some("Converted"),
        Kind::IntentionEnded
        | Kind::OfferDeclined
        | Kind::OrderRejected
        | Kind::OrderCancelled
        | Kind::Test => Some("Dead"),
        Kind::MessageReceived | Kind::CustomerCorrected | Kind::CustomerDeleted => None,
    }
}
