//! Bodies come whole, within a bound, within a time.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bespeak_model::reason::RefusalCode;
use bespeak_node::{data::MAX_ITEM, export::MAX_EXPORT, rules::MAX_TEXT};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::problem::Problem;

/// Largest catalogue that is taken at once, in bytes. Source: three times the 20 MB of a catalogue of 19,406
/// products.
pub const MAX_IMPORT: usize = 64 * 1024 * 1024;
/// Largest other body, in bytes. Source: wild guess; a market message has at most 16 KiB, a record to inspect
/// at most 64 KiB.
pub const MAX_BODY: usize = 256 * 1024;
/// How long a client may take to send a body. Source: wild guess; 64 MiB take a second on this machine.
const BODY_TIME: Duration = Duration::from_secs(30);

/// Largest export that is taken in, in bytes. Source: the files of an export, and for each of some 100,000 a header of 512
/// bytes and as many to fill its last block.
pub const MAX_TAKEN_IN: usize = MAX_EXPORT + 128 * 1024 * 1024;

/// Largest body that holds rules, in bytes. Source: their text, each tenth byte of it escaped.
const MAX_RULES: usize = MAX_TEXT + MAX_TEXT / 10;

/// The paths whose bodies may be large, and how large.
const LARGE: [(&str, usize); 6] = [
    ("/v1/catalogue/import", MAX_IMPORT),
    ("/v1/import", MAX_TAKEN_IN),
    ("/v1/data", MAX_ITEM),
    ("/v1/rules", MAX_RULES),
    ("/v1/rules/test", MAX_RULES),
    ("/v1/rules/try", MAX_RULES),
];

/// Reads the body of a request that may have one, and hands it on in one piece.
pub async fn bounded(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if matches!(parts.method, Method::GET | Method::HEAD) {
        return next.run(Request::from_parts(parts, Body::empty())).await;
    }
    let large = LARGE.iter().find(|(path, _)| *path == parts.uri.path());
    let limit = large.map_or(MAX_BODY, |(_, limit)| *limit);
    match collect(body, limit, BODY_TIME).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(problem) => problem.into_response(),
    }
}

/// The whole body, when it has at most `limit` bytes and comes within `time`.
///
/// # Errors
/// 413, 408 or 400.
async fn collect(body: Body, limit: usize, time: Duration) -> Result<Bytes, Problem> {
    let all = tokio::time::timeout(time, Limited::new(body, limit).collect());
    match all.await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(cause)) if cause.is::<LengthLimitError>() => Err(Problem::refused(
            RefusalCode::TooLarge,
            format!("The body has more than {limit} bytes; send it in smaller parts."),
        )),
        Ok(Err(_)) => Err(Problem::unreadable("The body broke off; send the request again.")),
        Err(_) => Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "The body came too slowly; send it again.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bodies_end_somewhere() {
        let fits = collect(Body::from(vec![0; 10]), 10, BODY_TIME).await;
        assert_eq!(fits.map(|bytes| bytes.len()), Ok(10));
        let large = collect(Body::from(vec![0; 11]), 10, BODY_TIME).await;
        assert_eq!(large.map_err(|problem| problem.status), Err(413));
    }

    #[tokio::test]
    async fn a_body_that_never_ends_is_given_up() {
        let silent = Body::from_stream(tokio_stream::pending::<Result<Bytes, std::io::Error>>());
        let answer = collect(silent, 10, Duration::from_millis(20)).await;
        assert_eq!(answer.map_err(|problem| problem.status), Err(408));
    }
}
