//! The door at which Prometheus reads a relay's numbers.
//!
//! Whoever can reach it may read: there is nothing in it that names anybody. It answers few at a time, each once, none for
//! long, and makes the numbers anew once a second at most, so that a flood of requests takes nothing from the relay.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bespeak_node::Relay;
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, sync::Semaphore, time::timeout};

/// Where they are.
const PATH: &str = "/metrics";
/// The text form of OpenMetrics 1.0.
const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Readers at a time; more wait. Source: wild guess; there is one.
const MOST: usize = 8;
/// How long one may take. Source: wild guess; Prometheus gives up after ten seconds by itself.
const TIME: Duration = Duration::from_secs(3);
/// Longest head of a request, in bytes. Source: the least that hyper takes.
const HEAD: usize = 8 * 1024;
/// Pause after each reader, or a failed accept. Source: wild guess; two hundred a second are far more than anybody needs.
const PAUSE: Duration = Duration::from_millis(5);
/// How old the numbers may be. Source: wild guess; they are read every fifteen seconds or so.
const FRESH: Duration = Duration::from_secs(1);

/// An open door.
pub(crate) struct Door {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
}

impl Door {
    /// Opens it.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self { address: listener.local_addr()?, listener })
    }

    /// Serves for ever.
    pub(crate) async fn serve(self, relay: Arc<Relay>) -> Infallible {
        let (places, numbers) = (Arc::new(Semaphore::new(MOST)), Arc::new(Numbers::new(relay)));
        loop {
            let place = Arc::clone(&places).acquire_owned().await;
            if let Ok((stream, _)) = self.listener.accept().await {
                let numbers = Arc::clone(&numbers);
                tokio::spawn(async move {
                    let answer = service_fn(|request| std::future::ready(answer(&numbers, &request)));
                    let mut http = http1::Builder::new();
                    http.timer(TokioTimer::new()).keep_alive(false).max_buf_size(HEAD);
                    // A reader who breaks off or takes too long is no matter.
                    let _ = timeout(TIME, http.serve_connection(TokioIo::new(stream), answer)).await;
                    drop(place);
                });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

struct Numbers {
    relay: Arc<Relay>,
    last: Mutex<(Instant, Bytes)>,
}

impl Numbers {
    fn new(relay: Arc<Relay>) -> Self {
        let text = relay.metrics().into();
        Self { relay, last: Mutex::new((Instant::now(), text)) }
    }

    fn text(&self) -> Bytes {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.0.elapsed() >= FRESH {
            *last = (Instant::now(), self.relay.metrics().into());
        }
        last.1.clone()
    }
}

fn answer(numbers: &Numbers, request: &Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, kind, body) = match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, PATH) => (StatusCode::OK, KIND, numbers.text()),
        (_, PATH) => (StatusCode::METHOD_NOT_ALLOWED, "text/plain", Bytes::from_static(b"GET only\n")),
        _ => (StatusCode::NOT_FOUND, "text/plain", Bytes::from_static(b"the numbers are at /metrics\n")),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    Ok(response)
}
