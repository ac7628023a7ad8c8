//! What is checked of each request on the port, before anything else is done with it.
//!
//! A page of another site may make a person's browser send requests here; a name that such a site owns may be
//! made to point to this machine. Hence: an exact `Host`, an exact `Origin` where there is one, a token that no
//! page can know, no cross-origin headers, and no media type that a form can send.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::token::Token;
use crate::problem::Problem;

/// What a browser may do with an answer: nothing. Source: the strictest policy that CSP Level 3 can say.
const CONTENT_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

/// The media types that a page of another site can send without asking. Source: the Fetch standard,
/// “CORS-safelisted request-header”.
const FORM_TYPES: [&str; 3] = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];

/// Who may come in by the port.
#[derive(Clone, Debug)]
pub struct Guard {
    hosts: Arc<[String]>,
    origins: Arc<[String]>,
    token: Token,
}

impl Guard {
    /// A guard of the door bound to `address`.
    pub fn new(address: SocketAddr, token: Token) -> Self {
        let hosts = [address.to_string(), format!("localhost:{}", address.port())];
        let origins = hosts.iter().map(|host| format!("http://{host}")).collect();
        Self { hosts: hosts.into(), origins, token }
    }

    /// Lets a request in, or says why not. The cheap checks that tell nothing come first; the token is last.
    ///
    /// # Errors
    /// A problem with status 400, 401, 403 or 415.
    pub fn check(&self, request: &Request) -> Result<(), Problem> {
        self.check_host(request)?;
        self.check_origin(request.headers())?;
        check_media_type(request.method(), request.headers())?;
        self.check_token(request.headers())
    }

    fn check_host(&self, request: &Request) -> Result<(), Problem> {
        let known = |host: &str| self.hosts.iter().any(|own| own == host);
        let named = only_one(request.headers(), &header::HOST)
            .map_err(|()| Problem::unreadable("Send exactly one Host header."))?;
        let target = request.uri().authority().map(|authority| authority.as_str());
        match named {
            Some(host) if known(host) && target.is_none_or(known) => Ok(()),
            _ => Err(forbidden("This door answers only to its own address in the Host header.")),
        }
    }

    fn check_origin(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let origin = only_one(headers, &header::ORIGIN)
            .map_err(|()| Problem::unreadable("Send at most one Origin header."))?;
        let site = only_one(headers, &HeaderName::from_static("sec-fetch-site"))
            .map_err(|()| Problem::unreadable("Send at most one Sec-Fetch-Site header."))?;
        let from_here = origin.is_none_or(|origin| self.origins.iter().any(|own| own == origin));
        if from_here && matches!(site, None | Some("same-origin" | "none")) {
            return Ok(());
        }
        Err(forbidden("Requests from pages of other sites are not answered."))
    }

    fn check_token(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let given = only_one(headers, &header::AUTHORIZATION).ok().flatten();
        match given.and_then(|value| value.strip_prefix("Bearer ")) {
            Some(token) if self.token.is(token) => Ok(()),
            _ => Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "Send the token of the file “api-token” in the node's home: Authorization: Bearer TOKEN.",
            )),
        }
    }
}

fn forbidden(detail: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, detail)
}

fn check_media_type(method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    if matches!(*method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    let refused = || Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send application/json.");
    let said = only_one(headers, &header::CONTENT_TYPE).map_err(|()| refused())?;
    let essence = said.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    if FORM_TYPES.iter().any(|form| essence.eq_ignore_ascii_case(form)) { Err(refused()) } else { Ok(()) }
}

/// The value of a header that may come once; an error when it comes twice or is not readable.
fn only_one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        (Some(_), Some(_)) => Err(()),
    }
}

/// The middleware of the port.
pub async fn guarded(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    match guard.check(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => {
            let unauthorized = problem.status == StatusCode::UNAUTHORIZED.as_u16();
            let mut response = problem.into_response();
            if unauthorized {
                let challenge = HeaderValue::from_static("Bearer");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            response
        }
    }
}

/// The headers that go with every answer of either door.
pub async fn with_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
