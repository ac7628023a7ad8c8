//! What is said to each CRM, beside small samples of what its documents say is taken there.
//!
//! The samples under `shapes/` were written for this test from the documents that each module of `shapes` names. A sample
//! says what a request holds at the least: every key of it must be in the request, with the same value.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::slice::from_ref;

use bespeak_identity::RecordId;
use bespeak_leads::{
    Answer, Fact, Field, Lead, Outcome, Person, Target,
    outcome::Fault,
    shapes::{self, Method, Next, Request, suitecrm},
};
use bespeak_model::offer::Offer;
use common::{agreed, anna, by, early, now, placed, target, wish};
use serde_json::Value;

fn ask(target: &Target, lead: &Lead, answers: &[Answer]) -> Request {
    match shapes::next(target, lead, now(), answers) {
        Next::Send(request) => request,
        Next::Done(outcome) => panic!("it is over: {outcome:?}"),
    }
}

fn end(target: &Target, lead: &Lead, answers: &[Answer]) -> Outcome {
    match shapes::next(target, lead, now(), answers) {
        Next::Send(request) => panic!("it goes on: {request:?}"),
        Next::Done(outcome) => outcome,
    }
}

fn yes(body: &str) -> Answer {
    Answer { body: body.as_bytes().to_vec(), ..Answer::bare(200) }
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn header<'a>(request: &'a Request, name: &str) -> Vec<&'a str> {
    request.headers.iter().filter(|(known, _)| *known == name).map(|(_, value)| value.expose()).collect()
}

/// Everything in `sample` is in `said`.
fn holds(said: &Value, sample: &Value, path: &str) {
    match (said, sample) {
        (Value::Object(said), Value::Object(sample)) => {
            for (key, value) in sample {
                let path = format!("{path}.{key}");
                holds(said.get(key).unwrap_or_else(|| panic!("{path} is missing in {said:?}")), value, &path);
            }
        }
        (Value::Array(said), Value::Array(sample)) => {
            assert_eq!(said.len(), sample.len(), "{path}");
            for (index, (said, sample)) in said.iter().zip(sample).enumerate() {
                holds(said, sample, &format!("{path}[{index}]"));
            }
        }
        _ => assert_eq!(said, sample, "{path}"),
    }
}

/// The request as its sample has it, `{"method", "url", "body"}`; the words in capitals stand for ids.
fn is_as(request: &Request, sample: &str) {
    let ids = |payload: &[u8]| RecordId::<Offer>::of_payload(payload).to_string();
    let subject = ids(b"wish");
    let sample = sample
        .replace("SUBJECT", &subject)
        .replace("RECORD", &suitecrm::record_id(&subject))
        .replace("THREAD", &ids(b"offer"))
        .replace("ORDER", &ids(b"order"));
    let sample: Value = serde_json::from_str(&sample).unwrap();
    assert_eq!(
        (request.method.as_str(), request.url.as_str()),
        (sample["method"].as_str().unwrap(), sample["url"].as_str().unwrap(),)
    );
    match sample.get("body") {
        Some(wanted) => holds(&body(request), wanted, "body"),
        None => assert!(request.body.is_empty()),
    }
}

/// Nothing of a person is in a request.
fn names_nobody(request: &Request) {
    let text = String::from_utf8(request.body.clone()).unwrap();
    for field in Field::ALL {
        let detail = anna().get(field).unwrap().to_owned();
        // Two letters are in any text.
        assert!(detail.len() < 3 || !text.contains(&detail), "{} is in {text}", field.as_str());
    }
}

fn hub() -> Target {
    target("url = \"https://api.hubapi.com\"\nshape = \"hubspot\"\nauth = \"Bearer abc\"")
}

#[test]
fn hubspot_gets_a_contact_a_deal_and_the_line_between() {
    let (hub, lead) = (hub(), agreed(placed()));
    let contact = ask(&hub, &lead, &[]);
    is_as(&contact, include_str!("shapes/hubspot-contact.json"));
    assert_eq!(header(&contact, "authorization"), ["Bearer abc"]);
    assert_eq!(header(&contact, "content-type"), ["application/json"]);
    let made = yes(r#"{"status":"COMPLETE","results":[{"id":"512","properties":{},"new":true}]}"#);
    let deal = ask(&hub, &lead, from_ref(&made));
    is_as(&deal, include_str!("shapes/hubspot-deal.json"));
    let other = yes(r#"{"results":[{"id":"77"}]}"#);
    let line = ask(&hub, &lead, &[made.clone(), other.clone()]);
    is_as(&line, include_str!("shapes/hubspot-association.json"));
    assert_eq!(end(&hub, &lead, &[made, other, Answer::bare(200)]), Outcome::Delivered);
}

#[test]
fn hubspot_gets_a_deal_without_a_contact_while_terms_are_only_proffered() {
    let (hub, lead) = (hub(), early(wish()));
    let deal = ask(&hub, &lead, &[]);
    is_as(&deal, include_str!("shapes/hubspot-deal-early.json"));
    names_nobody(&deal);
    assert_eq!(end(&hub, &lead, &[yes("{}")]), Outcome::Delivered);
}

#[test]
fn hubspot_says_no_in_several_ways() {
    let (hub, lead) = (hub(), agreed(placed()));
    assert_eq!(end(&hub, &lead, &[Answer::bare(401)]), Outcome::failed(Fault::Status(401)));
    let strange = |outcome| matches!(outcome, Outcome::Failed { fault: Fault::Answer(_), .. });
    // Some of a batch failed, and that is told as a success of another kind.
    let partly = Answer { status: 207, ..yes(r#"{"numErrors":1,"errors":[{"status":"error"}]}"#) };
    assert!(strange(end(&hub, &lead, from_ref(&partly))));
    let no_id = [yes(r#"{"results":[{"id":"../../x"}]}"#), yes(r#"{"results":[{"id":"1"}]}"#)];
    assert!(strange(end(&hub, &lead, &no_id)));
}

#[test]
fn hubspot_corrects_and_deletes_under_the_same_subject() {
    let hub = hub();
    let corrected = by(
        Fact::CustomerCorrected { cleared: vec![Field::Phone] },
        Person::default().with(Field::City, "Potsdam".parse::<bespeak_model::text::Text<200>>().unwrap()),
    );
    is_as(&ask(&hub, &corrected, &[]), include_str!("shapes/hubspot-correct.json"));
    let deleted = agreed(Fact::CustomerDeleted {});
    let first = ask(&hub, &deleted, &[]);
    is_as(&first, include_str!("shapes/hubspot-delete.json"));
    // Somebody who is not there need not be deleted; what of her is in the deal goes all the same.
    let second = ask(&hub, &deleted, &[Answer::bare(404)]);
    is_as(&second, include_str!("shapes/hubspot-delete-deal.json"));
    names_nobody(&second);
    assert_eq!(end(&hub, &deleted, &[Answer::bare(204), Answer::bare(404)]), Outcome::Delivered);
    assert_eq!(end(&hub, &deleted, &[Answer::bare(403)]), Outcome::failed(Fault::Status(403)));
}

fn odoo() -> Target {
    target("url = \"https://crm.example.com/\"\nshape = \"odoo\"\nauth = \"bearer abc\"\ndatabase = \"mine\"")
}

#[test]
fn odoo_is_searched_before_anything_is_made() {
    let (odoo, lead) = (odoo(), agreed(placed()));
    let search = ask(&odoo, &lead, &[]);
    is_as(&search, include_str!("shapes/odoo-search.json"));
    assert_eq!(header(&search, "x-odoo-database"), ["mine"]);
    assert_eq!(header(&search, "authorization"), ["bearer abc"]);
    is_as(&ask(&odoo, &lead, &[yes("[]")]), include_str!("shapes/odoo-create.json"));
    is_as(&ask(&odoo, &lead, &[yes("[25]")]), include_str!("shapes/odoo-write.json"));
    assert_eq!(end(&odoo, &lead, &[yes("[]"), yes("[26]")]), Outcome::Delivered);
    assert_eq!(end(&odoo, &lead, &[Answer::bare(401)]), Outcome::failed(Fault::Status(401)));
    assert_eq!(end(&odoo, &lead, &[yes("[]"), Answer::bare(422)]), Outcome::failed(Fault::Status(422)));
    let page = end(&odoo, &lead, &[yes("<html>log in</html>")]);
    assert!(matches!(page, Outcome::Failed { fault: Fault::Answer(_), .. }), "{page:?}");
    names_nobody(&ask(&odoo, &early(wish()), &[yes("[]")]));
}

#[test]
fn odoo_corrects_and_deletes_under_the_same_subject() {
    let odoo = odoo();
    let corrected = by(Fact::CustomerCorrected { cleared: vec![Field::Email] }, Person::default());
    is_as(&ask(&odoo, &corrected, &[yes("[25]")]), include_str!("shapes/odoo-correct.json"));
    let deleted = agreed(Fact::CustomerDeleted {});
    is_as(&ask(&odoo, &deleted, &[]), include_str!("shapes/odoo-search.json"));
    is_as(&ask(&odoo, &deleted, &[yes("[25,26]")]), include_str!("shapes/odoo-unlink.json"));
    assert_eq!(end(&odoo, &deleted, &[yes("[25,26]"), yes("true")]), Outcome::Delivered);
    assert_eq!(end(&odoo, &deleted, &[yes("[]")]), Outcome::Delivered);
}

fn suite() -> Target {
    target(
        "url = \"https://crm.example.com\"\nshape = \"suitecrm\"\nclient = { id = \"me\", secret = \"abc\" }",
    )
}

#[test]
fn suitecrm_changes_a_record_and_makes_it_where_there_is_none() {
    let (suite, lead) = (suite(), agreed(placed()));
    let token = ask(&suite, &lead, &[]);
    is_as(&token, include_str!("shapes/suitecrm-token.json"));
    assert_eq!(header(&token, "authorization"), Vec::<&str>::new());
    let got = yes(r#"{"token_type":"Bearer","expires_in":3600,"access_token":"eyJ.x.y"}"#);
    let change = ask(&suite, &lead, from_ref(&got));
    is_as(&change, include_str!("shapes/suitecrm-update.json"));
    assert_eq!(header(&change, "authorization"), ["Bearer eyJ.x.y"]);
    assert_eq!(header(&change, "content-type"), ["application/vnd.api+json"]);
    let make = ask(&suite, &lead, &[got.clone(), Answer::bare(404)]);
    is_as(&make, include_str!("shapes/suitecrm-create.json"));
    assert_eq!(end(&suite, &lead, &[got.clone(), Answer::bare(200)]), Outcome::Delivered);
    assert_eq!(end(&suite, &lead, &[got.clone(), Answer::bare(400), Answer::bare(201)]), Outcome::Delivered);
    let failed = end(&suite, &lead, &[got.clone(), Answer::bare(400), Answer::bare(400)]);
    assert_eq!(failed, Outcome::failed(Fault::Status(400)));
    assert_eq!(end(&suite, &lead, &[Answer::bare(401)]), Outcome::failed(Fault::Status(401)));
    assert_eq!(end(&suite, &lead, &[got.clone(), Answer::bare(500)]), Outcome::failed(Fault::Status(500)));
    // Under terms that let nobody's name out, the name that the module needs is no name.
    let early = ask(&suite, &early(wish()), &[got, Answer::bare(404)]);
    names_nobody(&early);
    assert_eq!(body(&early)["data"]["attributes"]["last_name"], "Customer");
}

#[test]
fn suitecrm_empties_a_record_before_it_hides_it() {
    let suite = target("url = \"https://crm.example.com\"\nshape = \"suitecrm\"\nauth = \"Bearer abc\"");
    let deleted = agreed(Fact::CustomerDeleted {});
    let emptied = ask(&suite, &deleted, &[]);
    is_as(&emptied, include_str!("shapes/suitecrm-empty.json"));
    assert_eq!(header(&emptied, "authorization"), ["Bearer abc"]);
    is_as(&ask(&suite, &deleted, &[Answer::bare(200)]), include_str!("shapes/suitecrm-delete.json"));
    assert_eq!(end(&suite, &deleted, &[Answer::bare(404)]), Outcome::Delivered);
    assert_eq!(end(&suite, &deleted, &[Answer::bare(200), Answer::bare(200)]), Outcome::Delivered);
    assert_eq!(end(&suite, &deleted, &[Answer::bare(403)]), Outcome::failed(Fault::Status(403)));
    let corrected =
        by(Fact::CustomerCorrected { cleared: vec![Field::Email, Field::Name] }, Person::default());
    let said = body(&ask(&suite, &corrected, &[]));
    assert_eq!(said["data"]["attributes"]["email1"], "");
    assert_eq!(said["data"]["attributes"]["last_name"], "Customer");
    assert!(said["data"]["attributes"].get("phone_work").is_none());
}

#[test]
fn suitecrm_names_a_record_always_alike() {
    let id = suitecrm::record_id("wish");
    assert_eq!(id, suitecrm::record_id("wish"));
    assert_ne!(id, suitecrm::record_id("wish2"));
    let parts: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!(parts, [8, 4, 4, 4, 12]);
    assert_eq!((id.chars().nth(14), id.chars().nth(19)), (Some('8'), Some('a')));
}

#[test]
fn every_shape_carries_the_terms_and_no_words_that_are_not_allowed() {
    let text = bespeak_model::text::Private::new("meet me at the mill".parse().unwrap());
    let lead = agreed(Fact::MessageReceived { text: Some(text) });
    let hook = "url = \"https://example.com/\"\nauth = \"x\"".to_owned();
    for more in ["", "text = true"] {
        let targets = [
            (target(&format!("{hook}\n{more}")), vec![]),
            (
                target(&format!("url = \"https://a.example\"\nshape = \"hubspot\"\nauth = \"x\"\n{more}")),
                vec![yes("{}")],
            ),
            (
                target(&format!("url = \"https://a.example\"\nshape = \"odoo\"\nauth = \"x\"\n{more}")),
                vec![yes("[]")],
            ),
            (
                target(&format!("url = \"https://a.example\"\nshape = \"suitecrm\"\nauth = \"x\"\n{more}")),
                vec![],
            ),
        ];
        for (target, answers) in targets {
            let said = String::from_utf8(ask(&target, &lead, &answers).body).unwrap();
            for part in ["SD-BASE", "https://w3id.org/dpv/standards/ieee/7012#ServiceDelivery", "2027-04-15"]
            {
                assert!(said.contains(part), "{part} is not in {said}");
            }
            assert_eq!(said.contains("mill"), !more.is_empty(), "{said}");
        }
    }
}

#[test]
fn nothing_of_a_request_is_printed() {
    let request = ask(&suite(), &agreed(placed()), &[]);
    let printed = format!("{request:?}");
    assert!(!printed.contains("abc") && printed.contains("POST"), "{printed}");
    assert_eq!(Method::Get.as_str(), "GET");
}

#[test]
fn nobody_is_asked_without_end() {
    let answers = vec![yes("[]"); 6];
    assert!(matches!(end(&odoo(), &agreed(placed()), &answers), Outcome::Failed { .. }));
}
