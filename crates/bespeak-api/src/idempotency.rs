//! `Idempotency-Key`: a request that is sent again is answered again, and done once.
//!
//! The table lives as long as the process, is bounded, and forgets after a day. Faults of the node (5xx) are
//! not kept: trying again is what they are for. What a command did outlives the process: the node keeps its key in one
//! commit with its effects. Imports and personal data need no such key, the same is kept once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header::CONTENT_TYPE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bespeak_node::{Before, Node, Once};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use crate::problem::Problem;
use crate::route::{BACKUP, answer_of};

/// The header; source: draft-ietf-httpapi-idempotency-key-header.
pub const KEY_HEADER: &str = "idempotency-key";
/// Said of an answer that was given before.
pub const REPLAYED_HEADER: &str = "idempotency-replayed";

/// Longest key, in bytes. Source: the draft names no bound; twice a UUID is enough, 255 is what others allow.
const MAX_KEY: usize = 255;
/// Most keys that are remembered. Source: wild guess, a few hundred bytes each; the oldest goes first.
const MAX_KEYS: usize = 4_096;
/// How long a key is remembered. Source: what others do (Stripe: 24 h).
const LIFETIME: Duration = Duration::from_secs(24 * 3_600);
/// Largest answer that is kept, in bytes. Source: wild guess; answers to a POST hold a few ids.
const MAX_ANSWER: usize = 64 * 1024;

/// What was answered to which key.
#[derive(Clone, Debug, Default)]
pub struct Remembered {
    table: Arc<Mutex<Table>>,
    /// Who knows what was answered before this process.
    node: Option<Node>,
}

impl Remembered {
    /// What was answered by this node, by this process and by those before it.
    pub fn by(node: Node) -> Self {
        Self { table: Arc::default(), node: Some(node) }
    }
}

#[derive(Debug, Default)]
struct Table {
    slots: HashMap<String, Slot>,
}

#[derive(Clone, Debug)]
struct Slot {
    since: Instant,
    request: [u8; 32],
    /// Locked while the first request is under way, so that a second one waits for its answer.
    answer: Arc<Mutex<Option<Answer>>>,
}

#[derive(Clone, Debug)]
struct Answer {
    status: StatusCode,
    media_type: Option<HeaderValue>,
    body: Bytes,
}

impl Table {
    /// The slot of a key, new or old.
    fn slot(&mut self, key: &str, request: [u8; 32], now: Instant) -> Slot {
        self.slots.retain(|_, slot| now.duration_since(slot.since) < LIFETIME);
        if !self.slots.contains_key(key) && self.slots.len() >= MAX_KEYS {
            let oldest = self.slots.iter().min_by_key(|(_, slot)| slot.since).map(|(key, _)| key.clone());
            oldest.and_then(|key| self.slots.remove(&key));
        }
        let fresh = || Slot { since: now, request, answer: Arc::default() };
        self.slots.entry(key.to_owned()).or_insert_with(fresh).clone()
    }
}

impl Answer {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        response.headers_mut().remove(CONTENT_TYPE);
        if let Some(media_type) = self.media_type {
            response.headers_mut().insert(CONTENT_TYPE, media_type);
        }
        replayed(response)
    }
}

/// The middleware: for every POST that carries a key.
pub async fn once(State(remembered): State<Remembered>, request: Request, next: Next) -> Response {
    // A backup changes nothing, and is too large to be remembered.
    if request.method() != Method::POST || request.uri().path() == BACKUP {
        return next.run(request).await;
    }
    match key_of(request.headers()) {
        Ok(None) => next.run(request).await,
        Ok(Some(key)) => match keyed(&remembered, &key, request, next).await {
            Ok(response) => response,
            Err(problem) => problem.into_response(),
        },
        Err(problem) => problem.into_response(),
    }
}

/// The key of a request: one, of 1 to 255 printable ASCII characters.
fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(KEY_HEADER).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if values.next().is_some() || text.is_empty() || text.len() > MAX_KEY {
        return Err(Problem::unreadable("Send one Idempotency-Key of 1 to 255 printable characters."));
    }
    Ok(Some(text.to_owned()))
}

async fn keyed(
    remembered: &Remembered,
    key: &str,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    // The body is whole and bounded already.
    let body = body.collect().await.map_err(|_| Problem::unreadable("The body broke off."))?.to_bytes();
    let digest = digest_of(&parts.uri.to_string(), &body);
    let slot = remembered.table.lock().await.slot(key, digest, Instant::now());
    if slot.request != digest {
        return Err(other());
    }
    let mut answer = slot.answer.lock_owned().await;
    if let Some(given) = answer.as_ref() {
        return Ok(given.clone().into_response());
    }
    let doing = Once::new(key, digest);
    if let Some(node) = &remembered.node {
        match node.done_before(&doing).await? {
            Before::Unknown => {}
            Before::Other => return Err(other()),
            Before::Done(reply) => return Ok(replayed(answer_of(node, reply).await?)),
        }
    }
    // In a task of its own: a client that goes away does not leave a thing half done and unanswered.
    let work = tokio::spawn(async move {
        let response = doing.during(next.run(Request::from_parts(parts, Body::from(body)))).await;
        let (response, kept) = keep(response).await?;
        *answer = kept;
        Ok(response)
    });
    work.await
        .map_err(|_| Problem::internal("The node failed while it did this; look before trying again."))?
}

/// The key is taken.
fn other() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "This Idempotency-Key was used for another request; use a new key for a new request.",
    )
}

fn replayed(mut response: Response) -> Response {
    response.headers_mut().insert(REPLAYED_HEADER, HeaderValue::from_static("true"));
    response
}

fn digest_of(target: &str, body: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(u64::try_from(target.len()).unwrap_or(u64::MAX).to_be_bytes());
    digest.update(target);
    digest.update(body);
    digest.finalize().into()
}

/// The response, and what is to be remembered of it.
async fn keep(response: Response) -> Result<(Response, Option<Answer>), Problem> {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map_err(|_| Problem::internal("The answer broke off."))?.to_bytes();
    let keeps = !parts.status.is_server_error() && body.len() <= MAX_ANSWER;
    let answer = keeps.then(|| Answer {
        status: parts.status,
        media_type: parts.headers.get(CONTENT_TYPE).cloned(),
        body: body.clone(),
    });
    Ok((Response::from_parts(parts, Body::from(body)), answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_bounded_and_forgets() {
        let mut table = Table::default();
        let start = Instant::now();
        for n in 0..=MAX_KEYS {
            let _ = table.slot(&format!("key {n}"), [0; 32], start + Duration::from_millis(n as u64));
        }
        assert_eq!(table.slots.len(), MAX_KEYS);
        assert!(!table.slots.contains_key("key 0"), "the oldest goes first");
        let _ = table.slot("another", [1; 32], start + LIFETIME + LIFETIME);
        assert_eq!(table.slots.len(), 1, "a day later all are forgotten");
    }
}
