//! A client of the socket: what the command line speaks.

mod download;
mod events;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderValue, Method, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;

pub use download::Download;
pub use events::{Event, Events};

use crate::door::SOCKET_FILE;
use crate::idempotency::KEY_HEADER;
use crate::problem::Problem;

/// How long an answer may take. Source: wild guess; the import of a large catalogue takes ten seconds or so.
const ANSWER_TIME: Duration = Duration::from_secs(300);

/// A client of the node that runs on a home.
#[derive(Clone, Debug)]
pub struct Client {
    socket: PathBuf,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No node runs on that home.
    #[error("no node is running on this home")]
    NotRunning,
    /// The node said no.
    #[error("{0}")]
    Refused(Box<Problem>),
    /// The conversation broke off or cannot be understood.
    #[error("the node does not answer as it should: {0}")]
    Broken(String),
}

impl Client {
    /// A client of the node on `home`; nothing is sent yet.
    pub fn new(home: &Path) -> Self {
        Self { socket: home.join(SOCKET_FILE) }
    }

    /// Reads something.
    ///
    /// # Errors
    /// When no node runs, it says no, or its answer cannot be understood.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        decode(&self.get_bytes(path).await?)
    }

    /// Reads something that is not JSON.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn get_bytes(&self, path: &str) -> Result<Bytes, ClientError> {
        let response = self.send(request(Method::GET, path, None, Bytes::new())?).await?;
        whole(response).await
    }

    /// Asks for something to be done.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.with_json(Method::POST, path, body).await
    }

    /// Asks for something to be done once, however often it is asked under this key.
    ///
    /// # Errors
    /// As [`Client::get`], and when another request was made under the key.
    pub async fn post_once<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        let key = HeaderValue::from_str(key).map_err(broken)?;
        let mut request = request(Method::POST, path, Some("application/json"), encode(body)?)?;
        request.headers_mut().insert(KEY_HEADER, key);
        decode(&whole(self.send(request).await?).await?)
    }

    /// Sets something.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.with_json(Method::PUT, path, body).await
    }

    /// Sends bytes that are not JSON.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn post_bytes<T: DeserializeOwned>(&self, path: &str, body: Vec<u8>) -> Result<T, ClientError> {
        let response =
            self.send(request(Method::POST, path, Some("application/octet-stream"), body.into())?).await?;
        decode(&whole(response).await?)
    }

    /// Asks for something that comes in pieces.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn download(&self, path: &str, body: &impl Serialize) -> Result<Download, ClientError> {
        let request = request(Method::POST, path, Some("application/json"), encode(body)?)?;
        let response = self.send(request).await?;
        Ok(Download::new(succeeded(response).await?.into_body()))
    }

    /// Has something removed.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        decode(&whole(self.send(request(Method::DELETE, path, None, Bytes::new())?).await?).await?)
    }

    /// Follows what happens from now on, or from just after event `after`.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn events(&self, after: Option<u64>) -> Result<Events, ClientError> {
        let path = after.map_or("/v1/events".to_owned(), |after| format!("/v1/events?after={after}"));
        let response = self.send(request(Method::GET, &path, None, Bytes::new())?).await?;
        Ok(Events::new(succeeded(response).await?.into_body()))
    }

    async fn with_json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        let request = request(method, path, Some("application/json"), encode(body)?)?;
        decode(&whole(self.send(request).await?).await?)
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, ClientError> {
        let stream = UnixStream::connect(&self.socket).await.map_err(unreachable)?;
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.map_err(broken)?;
        tokio::spawn(async move {
            // What went wrong shows in the answer, or in its absence.
            let _ = connection.await;
        });
        let answer = tokio::time::timeout(ANSWER_TIME, sender.send_request(request)).await;
        answer.map_err(|_| ClientError::Broken("no answer within five minutes".to_owned()))?.map_err(broken)
    }
}

fn request(
    method: Method,
    path: &str,
    media_type: Option<&'static str>,
    body: Bytes,
) -> Result<Request<Full<Bytes>>, ClientError> {
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().map_err(broken)?;
    request.headers_mut().insert(header::HOST, HeaderValue::from_static("bespeak"));
    if let Some(media_type) = media_type {
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    Ok(request)
}

fn encode(body: &impl Serialize) -> Result<Bytes, ClientError> {
    Ok(serde_json::to_vec(body).map_err(broken)?.into())
}

/// Text as one segment of a path: everything but letters, digits, `-`, `_` and `.` is escaped.
pub fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

fn broken(cause: impl std::fmt::Display) -> ClientError {
    ClientError::Broken(cause.to_string())
}

/// A socket that is absent or that nobody listens on means that no node runs.
fn unreachable(cause: io::Error) -> ClientError {
    match cause.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused | io::ErrorKind::NotADirectory => {
            ClientError::NotRunning
        }
        _ => broken(cause),
    }
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ClientError> {
    serde_json::from_slice(bytes).map_err(broken)
}

/// The response when it is a success; otherwise the problem it carries.
async fn succeeded(response: Response<Incoming>) -> Result<Response<Incoming>, ClientError> {
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status();
    let bytes = response.into_body().collect().await.map_err(broken)?.to_bytes();
    let problem = serde_json::from_slice(&bytes);
    Err(ClientError::Refused(Box::new(
        problem.unwrap_or_else(|_| Problem::new(status, String::from_utf8_lossy(&bytes).into_owned())),
    )))
}

async fn whole(response: Response<Incoming>) -> Result<Bytes, ClientError> {
    let body = succeeded(response).await?.into_body();
    Ok(body.collect().await.map_err(broken)?.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::segment;

    #[test]
    fn a_segment_stays_one() {
        assert_eq!(segment("bafyrei-x_1.2"), "bafyrei-x_1.2");
        assert_eq!(segment("../a b?c#d/é"), "..%2Fa%20b%3Fc%23d%2F%C3%A9");
    }
}
