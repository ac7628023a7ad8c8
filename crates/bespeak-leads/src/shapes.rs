//! How a lead is said to each kind of target: what is asked next, given what was answered so far.
//!
//! [`next`] is a pure function. A webhook takes one request; a CRM takes a few, because its record is found before it is
//! changed. Every sequence can be repeated from its beginning without a second record coming of it: a record is named by
//! the lead's subject, which is the same for every fact of one matter.

use bespeak_model::{money::Money, time::Time};

use crate::{
    config::{Shape, Target},
    event,
    lead::{Fact, Lead},
    outcome::{Answer, Fault, Outcome},
    secret::Hidden,
    webhook,
};

mod fields;
pub mod hubspot;
pub mod odoo;
pub mod suitecrm;

pub use fields::{FIELDS, OwnField};

/// Most requests for one lead. Source: counted; HubSpot takes three, SuiteCRM with its token as well.
const MAX_STEPS: usize = 6;

/// What is done at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Make, or call.
    Post,
    /// Put there.
    Put,
    /// Change.
    Patch,
    /// Take away.
    Delete,
}

impl Method {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// One request. Its headers print nothing, and neither does its body.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// What is done.
    pub method: Method,
    /// Where.
    pub url: String,
    /// What is said about the body, and by whom.
    pub headers: Vec<(&'static str, Hidden)>,
    /// What is said.
    pub body: Vec<u8>,
    /// Whether it may go in the clear to another machine.
    pub allow_http: bool,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request({} {}, {} bytes)", self.method.as_str(), self.url, self.body.len())
    }
}

impl Request {
    /// A request to a target, at `path` behind its address, with its `Authorization`.
    fn to(target: &Target, method: Method, path: &str) -> Self {
        let url =
            format!("{}{path}", if path.is_empty() { &target.url } else { target.url.trim_end_matches('/') });
        let request =
            Self { method, url, headers: Vec::new(), body: Vec::new(), allow_http: target.allow_http };
        match &target.auth {
            Some(auth) => request.hiding("authorization", auth.clone()),
            None => request,
        }
    }

    fn hiding(mut self, name: &'static str, value: Hidden) -> Self {
        self.headers.push((name, value));
        self
    }

    /// A header; what cannot stand in one (nothing that is made here) is left out.
    fn saying(self, name: &'static str, value: &str) -> Self {
        match value.parse() {
            Ok(value) => self.hiding(name, value),
            Err(_) => self,
        }
    }

    fn with_body(mut self, media_type: &str, body: Vec<u8>) -> Self {
        self.body = body;
        self.saying("content-type", media_type)
    }

    fn with_json(self, media_type: &str, body: &serde_json::Value) -> Self {
        self.with_body(media_type, body.to_string().into_bytes())
    }
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask this.
    Send(Request),
    /// It is over.
    Done(Outcome),
}

impl Next {
    fn delivered() -> Self {
        Self::Done(Outcome::Delivered)
    }

    /// It said yes and something strange besides.
    fn strange(what: &str) -> Self {
        Self::Done(Outcome::failed(Fault::Answer(what.to_owned())))
    }
}

/// What to ask a target next about a lead, after these answers. A lead whose day is over, or a form of more steps than
/// there can be, ends in a failure.
pub fn next(target: &Target, lead: &Lead, now: Time, answers: &[Answer]) -> Next {
    let lead = &if target.text { lead.clone() } else { lead.without_words() };
    if answers.len() >= MAX_STEPS {
        return Next::strange("it asked for more and more");
    }
    match target.shape {
        Shape::CloudEvents => webhook(target, lead, now, answers),
        Shape::HubSpot => hubspot::next(target, lead, answers),
        Shape::Odoo => odoo::next(target, lead, answers),
        Shape::SuiteCrm => suitecrm::next(target, lead, answers),
    }
}

fn webhook(target: &Target, lead: &Lead, now: Time, answers: &[Answer]) -> Next {
    if let Some(answer) = answers.first() {
        return Next::Done(Outcome::of(answer));
    }
    let body = event::body(lead);
    let headers = webhook::sign(&target.secrets, lead.id().as_str(), now, &body);
    let request = Request::to(target, Method::Post, "")
        .with_body(event::MEDIA_TYPE, body)
        .saying(webhook::ID, &headers.id)
        .saying(webhook::TIMESTAMP, &headers.timestamp)
        // Without secrets it is empty, and left out.
        .saying(webhook::SIGNATURE, &headers.signature);
    Next::Send(request)
}

/// An amount as CRMs take it: `1399.00`.
fn decimal(money: Money) -> String {
    money.to_string().split(' ').next().unwrap_or_default().to_owned()
}

/// What a record of this lead is called.
fn title(lead: &Lead) -> String {
    match (lead.fact(), &lead.about().title) {
        (Fact::CustomerDeleted {}, _) => "Deleted at the customer's request".to_owned(),
        (Fact::Test {}, _) => "Test by Bespeak".to_owned(),
        (_, Some(title)) => title.to_string(),
        (Fact::IntentionMatched(wish), None) => wish.title.to_string(),
        (fact, None) => {
            fact.lines().first().map_or_else(|| "Bespeak".to_owned(), |line| line.name.to_string())
        }
    }
}

/// What a person reads of it: the kind of the fact, its reason, the lines, and what was said.
fn description(lead: &Lead) -> String {
    let mut lines = vec![lead.kind().to_string()];
    lines.extend(lead.fact().reason().map(|reason| format!("reason: {reason}")));
    lines.extend(lead.fact().money().map(|money| format!("amount: {money}")));
    lines.extend(lead.fact().lines().iter().map(|line| {
        let sku = line.sku.as_ref().map(|sku| format!(" ({sku})")).unwrap_or_default();
        format!("{} {}{sku}", line.quantity, line.name)
    }));
    if let Fact::MessageReceived { text: Some(text) } = lead.fact() {
        lines.push(text.expose().to_string());
    }
    lines.join("\n")
}
