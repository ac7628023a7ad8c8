//! Odoo: a `crm.lead` for each matter, over JSON-2 (Odoo 19 and later).
//!
//! Source of names and forms: odoo.com/documentation/19.0, "External JSON-2 API" (`POST /json/2/<model>/<method>`), "ORM
//! API" (`search`, `create`, `write`, `unlink`), and the fields of `crm.lead` in odoo/odoo, addons/crm/models/crm_lead.py.
//! JSON-RPC, which older versions speak, is deprecated there. A lead is found by the field `x_bespeak_subject`; it is looked
//! for before it is made, so that a request that is repeated makes no second one.

use serde_json::{Map, Value, json};

use super::{FIELDS, Method, Next, OwnField, Request, decimal, description, title};
use crate::{
    config::Target,
    lead::{Fact, Field, Kind, Lead},
    outcome::{Answer, Outcome},
};

const JSON: &str = "application/json; charset=utf-8";
/// The model of leads.
pub const MODEL: &str = "/json/2/crm.lead";

/// What of a person stands in which field. Region and country are records of their own there, and stay out.
const PROPERTIES: [(Field, &str); 6] = [
    (Field::Name, "contact_name"),
    (Field::Email, "email_from"),
    (Field::Phone, "phone"),
    (Field::Street, "street"),
    (Field::Postcode, "zip"),
    (Field::City, "city"),
];

/// What to ask next.
pub(super) fn next(target: &Target, lead: &Lead, answers: &[Answer]) -> Next {
    if let Some(refused) = answers.iter().find(|answer| !answer.is_yes()) {
        return Next::Done(Outcome::of(refused));
    }
    let Some(found) = answers.first() else { return search(target, lead) };
    let Some(ids) = ids_of(found) else {
        return Next::strange("its search did not answer with a list of ids");
    };
    match (answers.len(), lead.kind(), ids.is_empty()) {
        (1, Kind::CustomerDeleted, false) => call(target, "unlink", &json!({ "ids": ids })),
        (1, Kind::CustomerDeleted, true) => Next::delivered(),
        (1, _, true) => call(target, "create", &json!({ "vals_list": [values(lead, true)] })),
        (1, _, false) => call(target, "write", &json!({ "ids": ids, "vals": values(lead, false) })),
        _ => Next::delivered(),
    }
}

/// Looks also among those that were archived.
fn search(target: &Target, lead: &Lead) -> Next {
    let body = json!({
        "context": { "active_test": false },
        "domain": [[field_name(OwnField::Subject), "=", lead.subject()]],
    });
    call(target, "search", &body)
}

fn call(target: &Target, method: &str, body: &Value) -> Next {
    let request = Request::to(target, Method::Post, &format!("{MODEL}/{method}")).with_json(JSON, body);
    Next::Send(match &target.database {
        Some(database) => request.saying("x-odoo-database", database),
        None => request,
    })
}

fn ids_of(answer: &Answer) -> Option<Vec<u64>> {
    if answer.whole { serde_json::from_slice(&answer.body).ok() } else { None }
}

/// Fields of one's own begin with `x_` in Odoo.
fn field_name(field: OwnField) -> String {
    format!("x_{}", field.name())
}

/// The values of the record; a new one needs a type.
pub fn values(lead: &Lead, new: bool) -> Map<String, Value> {
    let own = FIELDS.into_iter().filter_map(|field| Some((field_name(field), field.of(lead)?.into())));
    let mut values: Map<String, Value> = own.collect();
    values.insert("description".to_owned(), description(lead).into());
    values.insert("name".to_owned(), title(lead).into());
    if new {
        values.insert("type".to_owned(), "lead".into());
        values.insert("referred".to_owned(), "Bespeak".into());
    }
    // An amount is a number there, in the company's currency; which it is of stands in the description.
    let amount = lead.fact().money().and_then(|money| decimal(money).parse::<serde_json::Number>().ok());
    values.extend(amount.map(|amount| ("expected_revenue".to_owned(), Value::from(amount))));
    let cleared: &[Field] = match lead.fact() {
        Fact::CustomerCorrected { cleared } => cleared,
        _ => &[],
    };
    for (field, name) in PROPERTIES {
        match lead.person().get(field) {
            Some(detail) => drop(values.insert(name.to_owned(), detail.into())),
            // Nothing is `false` there.
            None if cleared.contains(&field) => drop(values.insert(name.to_owned(), false.into())),
            None => {}
        }
    }
    values
}
