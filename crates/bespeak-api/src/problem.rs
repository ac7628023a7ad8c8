//! Errors as they leave the house: `application/problem+json` (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bespeak_model::reason::RefusalCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The media type of a problem; source: RFC 9457.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request was not granted. `detail` is a sentence that says what to do; `code` is of the one list of
/// refusals and absent where the request itself could not be read or was not let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the code says what kind it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// The phrase of the status.
    pub title: String,
    /// The HTTP status, 400 to 599.
    pub status: u16,
    /// What is wrong and what to do, in one sentence.
    pub detail: String,
    /// The refusal, from the one list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "not_found")]
    pub code: Option<RefusalCode>,
}

impl Problem {
    /// A problem without a code.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank".to_owned(),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            code: None,
        }
    }

    /// The request cannot be read.
    pub fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// A refusal with its code; the status follows from the code.
    pub fn refused(code: RefusalCode, detail: impl Into<String>) -> Self {
        Self { code: Some(code), ..Self::new(status_of(code), detail) }
    }

    /// There is nothing by that name.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::refused(RefusalCode::NotFound, detail)
    }

    /// A fault of this node.
    pub fn internal(detail: impl Into<String>) -> Self {
        Self::refused(RefusalCode::Internal, detail)
    }
}

/// The HTTP status that fits a refusal.
fn status_of(code: RefusalCode) -> StatusCode {
    match code {
        RefusalCode::NotFound => StatusCode::NOT_FOUND,
        RefusalCode::NotParty | RefusalCode::Blocked | RefusalCode::StampRequired => StatusCode::FORBIDDEN,
        RefusalCode::NotAllowedByState
        | RefusalCode::QuoteExpired
        | RefusalCode::QuoteMismatch
        | RefusalCode::QuantityUnavailable
        | RefusalCode::Conflict
        | RefusalCode::Duplicate => StatusCode::CONFLICT,
        RefusalCode::Expired => StatusCode::GONE,
        RefusalCode::InvalidSignature
        | RefusalCode::UnsupportedVersion
        | RefusalCode::PaymentUnsupported
        | RefusalCode::TermsRequired => StatusCode::UNPROCESSABLE_ENTITY,
        RefusalCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        RefusalCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        RefusalCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Problem {}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(&self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        response
    }
}
