//! What handlers take in: JSON bodies, query parameters and shortened ids, with problems in place of
//! plain-text rejections.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use bespeak_agent::Refusal;
use bespeak_agent::output::Hindrance;
use bespeak_identity::RecordId;
use bespeak_node::{IdKind, Node, ResolveError};
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// A JSON body; an empty body is an empty object.
#[derive(Debug)]
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let media_type = request.headers().get(header::CONTENT_TYPE).cloned();
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|_| Problem::unreadable("The body broke off; send the request again."))?;
        if body.is_empty() {
            return read(b"{}");
        }
        let essence = media_type.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = essence.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send application/json."));
        }
        read(&body)
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<Asked<T>, Problem> {
    serde_json::from_slice(body).map(Asked).map_err(|error| {
        let said = error.to_string();
        // Where in the body it was is of no use to a person who wrote a command.
        let sentence = said.rsplit_once(" at line ").map_or(said.as_str(), |(sentence, _)| sentence);
        Problem::unreadable(sentence)
    })
}

/// The parameters after the `?`.
#[derive(Debug)]
pub(crate) struct Params<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::from_request_parts(parts, state).await;
        query.map(|Query(params)| Self(params)).map_err(|error| Problem::unreadable(error.body_text()))
    }
}

/// The full id of a text that may be a prefix.
///
/// # Errors
/// 404 when nothing fits, 400 when several do.
pub(crate) async fn full_id(node: &Node, kind: IdKind, text: &str) -> Result<String, Problem> {
    let shown: String = text.chars().take(80).collect();
    node.resolve(kind, text).await.map_err(|error| match error {
        ResolveError::NotFound => {
            Problem::not_found(format!("There is no {} “{shown}” here; {}.", noun(kind), where_to_look(kind)))
        }
        ResolveError::Ambiguous(count) => {
            Problem::unreadable(format!("“{shown}” is the beginning of {count} ids; write more of it."))
        }
    })
}

/// The typed id of a text that may be a prefix.
///
/// # Errors
/// As [`full_id`].
pub(crate) async fn record_id<T>(node: &Node, kind: IdKind, text: &str) -> Result<RecordId<T>, Problem> {
    let full = full_id(node, kind, text).await?;
    full.parse().map_err(|_| Problem::internal(format!("The id “{full}” cannot be read.")))
}

fn noun(kind: IdKind) -> &'static str {
    match kind {
        IdKind::Intention => "intention",
        IdKind::Offer => "offer",
        IdKind::Order => "order",
        IdKind::Receipt => "receipt",
        IdKind::Thread => "conversation",
        IdKind::Any => "record",
    }
}

fn where_to_look(kind: IdKind) -> &'static str {
    match kind {
        IdKind::Intention => "see `bespeak intention list` (a customer) or `bespeak inbox` (a vendor)",
        IdKind::Offer => "see `bespeak offers`",
        IdKind::Order => "see `bespeak order list`",
        IdKind::Receipt => "see `bespeak receipt list`",
        IdKind::Thread => {
            "every offer and order names its thread, see `bespeak offers` and `bespeak order list`"
        }
        IdKind::Any => "ids are shown by the lists of intentions, offers, orders and receipts",
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = refusal.hindrance.map(|hindrance| match hindrance {
            Hindrance::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
            Hindrance::DiskReadOnly | Hindrance::DiskFailing => StatusCode::SERVICE_UNAVAILABLE,
        });
        let Some(status) = status else { return Self::refused(refusal.code, refusal.detail) };
        Self { code: Some(refusal.code), ..Self::new(status, refusal.detail) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_refuses_is_no_fault_of_the_program() {
        let told = |hindrance| Problem::from(Refusal::hindered(hindrance, "nothing can be kept"));
        let statuses = [
            (Some(Hindrance::DiskFull), 507),
            (Some(Hindrance::DiskReadOnly), 503),
            (Some(Hindrance::DiskFailing), 503),
            (None, 500),
        ];
        for (hindrance, status) in statuses {
            let problem = told(hindrance);
            assert_eq!((problem.status, problem.detail.as_str()), (status, "nothing can be kept"));
            assert_eq!(problem.code, Some(bespeak_model::reason::RefusalCode::Internal));
        }
    }
}
