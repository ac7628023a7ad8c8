//! The one room that touches a wire: it sends a request and brings back the beginning of the answer.
//!
//! hyper over a connection that is made here, and rustls: both are in the house already, and what a client such as reqwest
//! would bring on top (redirects, cookies, proxies from the environment, a pool) is what must not be done here. A connection
//! is made for each request: leads are few, and a connection that is not kept cannot be stale.
//!
//! What it never does: follow a redirect, send in the clear to another machine unless told to, dial a link-local address,
//! read the environment for a proxy, read more than [`MAX_BODY`] of an answer, or wait longer than its deadlines.

use std::{sync::Arc, time::Duration};

use bespeak_model::time::Time;
use http_body_util::{BodyExt, Full};
use hyper::{
    Response,
    body::{Bytes, Incoming},
    header::{HOST, RETRY_AFTER, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use url::{Position, Url};

use crate::{
    address,
    config::Target,
    lead::Lead,
    outcome::{Answer, Fault, Outcome, RetryAfter},
    shapes::{self, Next, Request},
};

mod dial;
mod trust;

pub use trust::{Trust, TrustError};

/// How long a name, a connection and a handshake may take together. Source: wild guess; half of the whole.
const CONNECT: Duration = Duration::from_secs(10);
/// How long everything may take. Source: Standard Webhooks 1.0.0, request timeouts: 15 to 30 s.
const TOTAL: Duration = Duration::from_secs(20);
/// How much of an answer is read. Source: wild guess; ids and tokens are at its beginning.
pub const MAX_BODY: usize = 4_096;
/// How much an answer's head may have. Source: what common servers send at the most, 8 KiB, twice.
const MAX_HEAD: usize = 16_384;
/// Who speaks.
const AGENT: &str = concat!("bespeak/", env!("CARGO_PKG_VERSION"));

/// How long is waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a name, a connection and a handshake.
    pub connect: Duration,
    /// For everything.
    pub total: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect: CONNECT, total: TOTAL }
    }
}

/// Sends requests.
#[derive(Clone)]
pub struct Poster {
    tls: TlsConnector,
    patience: Patience,
}

impl std::fmt::Debug for Poster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Poster({:?})", self.patience)
    }
}

impl Poster {
    /// One that trusts whom `trust` says; reads the machine's certificates, so it blocks for a moment.
    ///
    /// # Errors
    /// When there is nobody to trust.
    pub fn new(trust: &Trust, patience: Patience) -> Result<Self, TrustError> {
        Ok(Self { tls: TlsConnector::from(Arc::new(trust::config(trust)?)), patience })
    }

    /// Brings a lead to a target, with as many requests as its shape takes. `now` is when: it is signed.
    pub async fn deliver(&self, target: &Target, lead: &Lead, now: Time) -> Outcome {
        let mut answers = Vec::new();
        loop {
            match shapes::next(target, lead, now, &answers) {
                Next::Done(outcome) => return outcome,
                Next::Send(request) => match self.send(&request).await {
                    Ok(answer) => answers.push(answer),
                    Err(fault) => return Outcome::failed(fault),
                },
            }
        }
    }

    /// Sends one request.
    ///
    /// # Errors
    /// When no answer came: the address is none, nobody is there, time ran out.
    pub async fn send(&self, request: &Request) -> Result<Answer, Fault> {
        let url = address::read(&request.url, request.allow_http);
        let url = url.map_err(|why| Fault::Address(why.to_string()))?;
        let start = Instant::now();
        let (connect, end) = (start + self.patience.connect, start + self.patience.total);
        let late = |wait: Duration| Fault::TimedOut(wait.as_secs().max(1));
        let dialled = timeout_at(connect, dial::dial(&url, request.allow_http, &self.tls)).await;
        let stream = dialled.map_err(|_| late(self.patience.connect))??;
        let response = timeout_at(end, exchange(stream, &url, request)).await;
        let response = response.map_err(|_| late(self.patience.total))??;
        Ok(answer(response, end).await)
    }
}

async fn exchange(stream: dial::Wire, url: &Url, request: &Request) -> Result<Response<Incoming>, Fault> {
    let mut builder = hyper::client::conn::http1::Builder::new();
    builder.max_buf_size(MAX_HEAD);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // Ends with the response: whoever drops that closes the wire.
    tokio::spawn(async move {
        // What went wrong is told to whoever waits for the answer.
        let _ = connection.await;
    });
    sender.send_request(written(url, request)?).await.map_err(broken)
}

fn broken(error: hyper::Error) -> Fault {
    Fault::Unreachable(error.to_string())
}

fn written(url: &Url, request: &Request) -> Result<hyper::Request<Full<Bytes>>, Fault> {
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let mut builder = hyper::Request::builder()
        .method(request.method.as_str())
        .uri(&url[Position::BeforePath..Position::AfterQuery])
        .header(HOST, host)
        .header(USER_AGENT, AGENT);
    for (name, value) in &request.headers {
        let mut value = hyper::header::HeaderValue::from_str(value.expose())
            .map_err(|error| Fault::Address(error.to_string()))?;
        value.set_sensitive(true);
        builder = builder.header(*name, value);
    }
    let body = Full::new(Bytes::from(request.body.clone()));
    builder.body(body).map_err(|error| Fault::Address(error.to_string()))
}

/// The status counts as soon as it is there; of the body what comes in time, and not more than is wanted.
async fn answer(response: Response<Incoming>, end: Instant) -> Answer {
    let (head, mut incoming) = response.into_parts();
    let retry_after = head.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let (mut body, mut whole) = (Vec::new(), false);
    while body.len() <= MAX_BODY {
        match timeout_at(end, incoming.frame()).await {
            Ok(None) => {
                whole = true;
                break;
            }
            Ok(Some(Ok(frame))) => body.extend_from_slice(frame.data_ref().map_or(&[], |data| data)),
            Ok(Some(Err(_))) | Err(_) => break,
        }
    }
    whole &= body.len() <= MAX_BODY;
    body.truncate(MAX_BODY);
    Answer { status: head.status.as_u16(), retry_after: retry_after.and_then(RetryAfter::read), body, whole }
}
