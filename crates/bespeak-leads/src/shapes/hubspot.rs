//! HubSpot: a deal for each matter, and a contact once terms let the customer's name out.
//!
//! Source of names and forms: developers.hubspot.com, "CRM API | Contacts", "CRM API | Deals", "Upsert a batch of contacts",
//! "Update contacts", "Permanently delete a contact (GDPR-compliant)", "Associate records (default)"; version 3 of the
//! objects, version 4 of the associations. Contacts and deals are found by the unique property `bespeak_subject`.

use serde_json::{Map, Value, json};

use super::{FIELDS, Method, Next, OwnField, Request, decimal, description, title};
use crate::{
    config::{Stages, Target},
    lead::{Fact, Field, Kind, Lead},
    outcome::{Answer, Outcome},
};

const JSON: &str = "application/json";
/// Some of it was done. Source: HubSpot, "Error handling", multi-status errors.
const MULTI_STATUS: u16 = 207;
/// Where contacts are.
pub const CONTACTS: &str = "/crm/v3/objects/contacts";
/// Where deals are.
pub const DEALS: &str = "/crm/v3/objects/deals";

/// What of a person stands in which property. Source: the default properties of contacts.
const PROPERTIES: [(Field, &str); 8] = [
    (Field::Name, "lastname"),
    (Field::Email, "email"),
    (Field::Phone, "phone"),
    (Field::Street, "address"),
    (Field::Postcode, "zip"),
    (Field::City, "city"),
    (Field::Region, "state"),
    (Field::Country, "country"),
];

/// What to ask next.
pub(super) fn next(target: &Target, lead: &Lead, answers: &[Answer]) -> Next {
    match lead.kind() {
        Kind::CustomerDeleted => delete(target, lead, answers),
        _ => keep(target, lead, answers),
    }
}

/// A contact where there is one to make, then the deal, then the line between the two.
fn keep(target: &Target, lead: &Lead, answers: &[Answer]) -> Next {
    if let Some(refused) = answers.iter().find(|answer| !answer.is_yes()) {
        return Next::Done(Outcome::of(refused));
    }
    // An answer to several things at once may say yes and mean no.
    if answers.iter().any(|answer| answer.status == MULTI_STATUS) {
        return Next::strange("refused a part of it (207)");
    }
    match (contact(lead), answers) {
        (Some(properties), []) => upsert(target, CONTACTS, lead, properties),
        (None, []) | (Some(_), [_]) => upsert(target, DEALS, lead, deal(target, lead)),
        (Some(_), [contact, deal]) => match (id_of(contact), id_of(deal)) {
            (Some(contact), Some(deal)) => associate(target, &deal, &contact),
            _ => Next::strange("did not say which record it made"),
        },
        _ => Next::delivered(),
    }
}

fn upsert(target: &Target, path: &str, lead: &Lead, properties: Map<String, Value>) -> Next {
    let name = OwnField::Subject.name();
    let body = json!({ "inputs": [{ "idProperty": name, "id": lead.subject(), "properties": properties }] });
    Next::Send(Request::to(target, Method::Post, &format!("{path}/batch/upsert")).with_json(JSON, &body))
}

fn associate(target: &Target, deal: &str, contact: &str) -> Next {
    let path = format!("/crm/v4/objects/deals/{deal}/associations/default/contacts/{contact}");
    Next::Send(Request::to(target, Method::Put, &path))
}

/// The id of the one record in an answer; only digits, for it becomes a part of an address.
fn id_of(answer: &Answer) -> Option<String> {
    let read: Value = serde_json::from_slice(&answer.body).ok()?;
    let id = read.get("results")?.get(0)?.get("id")?.as_str()?;
    (!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())).then(|| id.to_owned())
}

/// The properties of the contact, where terms let out what a contact needs at the least: a name or an address of mail.
pub fn contact(lead: &Lead) -> Option<Map<String, Value>> {
    let person = lead.person();
    let cleared: &[Field] = match lead.fact() {
        Fact::CustomerCorrected { cleared } => cleared,
        _ => &[],
    };
    let named = person.get(Field::Name).or(person.get(Field::Email)).is_some();
    if !named && cleared.is_empty() {
        return None;
    }
    let mut properties = own(lead, &[OwnField::Kind, OwnField::Thread, OwnField::Order]);
    for (field, name) in PROPERTIES {
        match person.get(field) {
            Some(detail) => drop(properties.insert(name.to_owned(), detail.into())),
            None if cleared.contains(&field) => drop(properties.insert(name.to_owned(), "".into())),
            None => {}
        }
    }
    Some(properties)
}

/// The properties of the deal.
pub fn deal(target: &Target, lead: &Lead) -> Map<String, Value> {
    let mut properties = own(lead, &[]);
    properties.insert("description".to_owned(), description(lead).into());
    properties.insert("dealname".to_owned(), title(lead).into());
    if let Some(money) = lead.fact().money() {
        properties.insert("amount".to_owned(), decimal(money).into());
        properties.insert("deal_currency_code".to_owned(), money.currency().code().into());
    }
    if let Some(stage) = stage(&target.stages.clone().unwrap_or_default(), lead.kind()) {
        let pipeline = target.pipeline.clone().unwrap_or_else(|| "default".to_owned());
        properties.insert("pipeline".to_owned(), pipeline.into());
        properties.insert("dealstage".to_owned(), stage.into());
    }
    properties
}

fn own(lead: &Lead, without: &[OwnField]) -> Map<String, Value> {
    let mine = FIELDS.into_iter().filter(|field| !without.contains(field));
    mine.filter_map(|field| Some((field.name().to_owned(), field.of(lead)?.into()))).collect()
}

fn stage(stages: &Stages, kind: Kind) -> Option<String> {
    match kind {
        Kind::IntentionMatched
        | Kind::OfferSent
        | Kind::OfferCountered
        | Kind::OfferSelected
        | Kind::OrderPlaced => Some(stages.open.clone()),
        Kind::OrderAccepted => Some(stages.agreed.clone()),
        Kind::OrderCompleted => Some(stages.won.clone()),
        Kind::IntentionEnded
        | Kind::OfferDeclined
        | Kind::OrderRejected
        | Kind::OrderCancelled
        | Kind::Test => Some(stages.lost.clone()),
        Kind::MessageReceived | Kind::CustomerCorrected | Kind::CustomerDeleted => None,
    }
}

/// The contact is deleted for good; of the deal only what is about a person is emptied. What is not there need not be.
fn delete(target: &Target, lead: &Lead, answers: &[Answer]) -> Next {
    if let Some(refused) = answers.iter().find(|answer| !answer.is_yes() && answer.status != 404) {
        return Next::Done(Outcome::of(refused));
    }
    let name = OwnField::Subject.name();
    match answers {
        [] => {
            let body = json!({ "objectId": lead.subject(), "idProperty": name });
            Next::Send(
                Request::to(target, Method::Post, &format!("{CONTACTS}/gdpr-delete")).with_json(JSON, &body),
            )
        }
        [_] => {
            let path = format!("{DEALS}/{}?idProperty={name}", lead.subject());
            let mut properties = own(lead, &[OwnField::Subject]);
            properties.insert(OwnField::Customer.name().to_owned(), "".into());
            properties.insert("description".to_owned(), description(lead).into());
            properties.insert("dealname".to_owned(), title(lead).into());
            let body = json!({ "properties": properties });
            Next::Send(Request::to(target, Method::Patch, &path).with_json(JSON, &body))
        }
        _ => Next::delivered(),
    }
}
