//! Who gets in, and what happens to who asks twice, too much, or too slowly.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::{get, post};
use axum::{Router, middleware};
use bespeak_api::body::{MAX_BODY, bounded};
use bespeak_api::client::{Client, ClientError};
use bespeak_api::door::guard::{Guard, guarded};
use bespeak_api::door::token::Token;
use bespeak_api::door::{Doors, ServeError, Serving, serve_router};
use bespeak_api::idempotency::{KEY_HEADER, REPLAYED_HEADER, Remembered, once};
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tower::ServiceExt;

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn house() -> (Router, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let counted = post(move |body: String| async move {
        let done = counter.fetch_add(1, Ordering::SeqCst) + 1;
        if body == "fail" {
            (StatusCode::INTERNAL_SERVER_ERROR, "broken".to_owned())
        } else {
            (StatusCode::OK, format!("\"{body} {done}\""))
        }
    });
    let router = Router::new()
        .route("/v1/here", get(|| async { "\"here\"" }).put(|| async { "\"put\"" }))
        .route("/v1/count", counted)
        .layer(middleware::from_fn_with_state(Remembered::default(), once))
        .layer(middleware::from_fn(bounded))
        .layer(axum::extract::DefaultBodyLimit::disable());
    (router, count)
}

fn guarded_house(address: SocketAddr) -> Router {
    let guard = Guard::new(address, Token::of(SECRET));
    house().0.layer(middleware::from_fn_with_state(guard, guarded))
}

/// One header's values in a case, and whether they are right.
type Choice = (&'static [&'static str], bool);

const HOSTS: &[Choice] = &[
    (&["127.0.0.1:4711"], true),
    (&["localhost:4711"], true),
    (&["evil.com"], false),
    (&["evil.com:4711"], false),
    (&["localhost.evil.com:4711"], false),
    (&["127.0.0.1.evil.com:4711"], false),
    (&["[::1]:4711"], false),
    (&["[::1]"], false),
    (&["127.0.0.1"], false),
    (&["127.0.0.1:4712"], false),
    (&["127.0.0.2:4711"], false),
    (&["0.0.0.0:4711"], false),
    (&["LOCALHOST:4711 "], false),
    (&[""], false),
    (&[], false),
    (&["127.0.0.1:4711", "127.0.0.1:4711"], false),
    (&["127.0.0.1:4711", "evil.com"], false),
    (&["user@127.0.0.1:4711"], false),
];
const ORIGINS: &[Choice] = &[
    (&[], true),
    (&["http://127.0.0.1:4711"], true),
    (&["http://localhost:4711"], true),
    (&["null"], false),
    (&["http://evil.com"], false),
    (&["https://127.0.0.1:4711"], false),
    (&["http://127.0.0.1"], false),
    (&["http://127.0.0.1:4711.evil.com"], false),
    (&["http://localhost:47110"], false),
    (&[""], false),
    (&["http://127.0.0.1:4711", "http://evil.com"], false),
];
const TOKENS: &[Choice] = &[
    (&["Bearer 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"], true),
    (&[], false),
    (&[""], false),
    (&["Bearer "], false),
    (&["Bearer 1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"], false),
    (&["Bearer 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"], false),
    (&["Bearer 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"], false),
    (&["Bearer 0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"], false),
    (&["Basic 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"], false),
    (&["0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"], false),
    (&["Bearer x", "Bearer 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"], false),
];

/// Every host with every origin and every token: only what is right in all three is let in.
#[tokio::test]
async fn host_origin_and_token_are_each_exact() {
    let house = guarded_house("127.0.0.1:4711".parse().unwrap());
    let (mut cases, mut let_in) = (0, 0);
    for (hosts, host_right) in HOSTS {
        for (origins, origin_right) in ORIGINS {
            for (tokens, token_right) in TOKENS {
                let mut request = Request::get("/v1/here");
                let headers = [("host", hosts), ("origin", origins), ("authorization", tokens)];
                for (name, values) in headers {
                    for value in *values {
                        request = request.header(name, *value);
                    }
                }
                let response = house.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
                let right = *host_right && *origin_right && *token_right;
                let case = format!("host {hosts:?} origin {origins:?} token {tokens:?}");
                assert_eq!(response.status() == StatusCode::OK, right, "{case}: {}", response.status());
                assert!(response.headers().keys().all(|name| !name.as_str().starts_with("access-control")));
                cases += 1;
                let_in += usize::from(response.status().is_success());
            }
        }
    }
    assert_eq!((cases, let_in), (18 * 11 * 11, 2 * 3), "60 cases are asked for");
}

async fn status_of(house: &Router, request: Request<Body>) -> StatusCode {
    house.clone().oneshot(request).await.unwrap().status()
}

fn invited(method: &str, uri: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(uri)
        .header("host", "127.0.0.1:4711")
        .header("authorization", format!("Bearer {SECRET}"))
}

#[tokio::test]
async fn forms_queries_and_other_targets_are_refused() {
    let house = guarded_house("127.0.0.1:4711".parse().unwrap());
    for form in [
        "text/plain",
        "TEXT/PLAIN; charset=utf-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        for (method, path) in [("POST", "/v1/count"), ("PUT", "/v1/here")] {
            let request = invited(method, path).header("content-type", form).body(Body::from("{}")).unwrap();
            assert_eq!(status_of(&house, request).await, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{form}");
        }
    }
    let in_query = Request::get(format!("/v1/here?token={SECRET}&access_token={SECRET}"))
        .header("host", "127.0.0.1:4711")
        .body(Body::empty())
        .unwrap();
    assert_eq!(status_of(&house, in_query).await, StatusCode::UNAUTHORIZED);
    let absolute = invited("GET", "http://evil.com/v1/here").body(Body::empty()).unwrap();
    assert_eq!(status_of(&house, absolute).await, StatusCode::FORBIDDEN);
    let from_elsewhere = invited("GET", "/v1/here").header("sec-fetch-site", "cross-site");
    assert_eq!(status_of(&house, from_elsewhere.body(Body::empty()).unwrap()).await, StatusCode::FORBIDDEN);
    let preflight = Request::options("/v1/count")
        .header("host", "127.0.0.1:4711")
        .header("origin", "http://evil.com")
        .header("access-control-request-method", "POST")
        .body(Body::empty())
        .unwrap();
    assert_eq!(status_of(&house, preflight).await, StatusCode::FORBIDDEN);
    for path in ["/v1/..%2fhere", "/v1/%2e%2e/here", "/../v1/here"] {
        let request = invited("GET", path).body(Body::empty()).unwrap();
        assert_eq!(status_of(&house, request).await, StatusCode::NOT_FOUND, "{path}");
    }
}

struct Open {
    home: tempfile::TempDir,
    serving: Serving,
    count: Arc<AtomicUsize>,
}

async fn open(port: bool) -> Open {
    let home = tempfile::tempdir().unwrap();
    let (router, count) = house();
    let port = port.then(|| "127.0.0.1:0".parse().unwrap());
    let doors = Doors { home: home.path().to_owned(), port };
    let serving = serve_router(router, &doors, watch::Sender::new(false)).await.unwrap();
    Open { home, serving, count }
}

/// Sends bytes as they are and reads until the other side closes.
async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn the_port_answers_as_it_should_over_the_wire() {
    let open = open(true).await;
    let address = open.serving.address().unwrap();
    let token = std::fs::read_to_string(open.home.path().join("api-token")).unwrap();
    let token = token.trim();
    let mode = std::fs::metadata(open.home.path().join("api-token")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let ask = |host: String, token: String| {
        format!("GET /v1/here HTTP/1.1\r\n{host}authorization: Bearer {token}\r\nconnection: close\r\n\r\n")
    };
    let right = raw(address, ask(format!("host: {address}\r\n"), token.to_owned()).as_bytes()).await;
    assert!(right.starts_with("HTTP/1.1 200"), "{right}");
    for header in [
        "content-security-policy: default-src 'none'",
        "x-content-type-options: nosniff",
        "cache-control: no-store",
    ] {
        assert!(right.to_lowercase().contains(header), "{header} in {right}");
    }
    assert!(!right.to_lowercase().contains("access-control"));
    let hosts = ["", "host: evil.com\r\n", "host: \r\n", "host: a\r\nhost: b\r\n"];
    for host in hosts {
        let answer = raw(address, ask(host.to_owned(), token.to_owned()).as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{host:?}: {answer}");
        assert!(answer.contains("application/problem+json"), "{answer}");
        assert!(answer.contains("nosniff"), "{answer}");
    }
    let wrong = raw(address, ask(format!("host: {address}\r\n"), "wrong".to_owned()).as_bytes()).await;
    assert!(
        wrong.starts_with("HTTP/1.1 401") && wrong.to_lowercase().contains("www-authenticate: bearer"),
        "{wrong}"
    );
    open.serving.stop().await;
    assert!(TcpStream::connect(address).await.is_err(), "the door is closed");
}

#[tokio::test]
async fn the_port_is_on_this_machine_only() {
    let home = tempfile::tempdir().unwrap();
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let doors = Doors { home: home.path().to_owned(), port: Some(address.parse().unwrap()) };
        let refused = serve_router(house().0, &doors, watch::Sender::new(false)).await;
        assert!(matches!(refused, Err(ServeError::NotLoopback(_))), "{address}");
    }
}

#[tokio::test]
async fn a_token_that_others_can_read_is_not_used() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("api-token");
    std::fs::write(&path, SECRET).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(Token::of_home(home.path()).is_err());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(Token::of_home(home.path()).unwrap().is(SECRET));
    std::fs::write(&path, "short").unwrap();
    assert!(Token::of_home(home.path()).is_err());
}

#[tokio::test]
async fn the_socket_is_for_its_owner() {
    let open = open(false).await;
    let mode = std::fs::metadata(open.serving.socket()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let client = Client::new(open.home.path());
    let here: String = client.get("/v1/here").await.unwrap();
    assert_eq!(here, "here");
    let nothing = client.get::<String>("/v1/nothing").await;
    assert!(matches!(nothing, Err(ClientError::Refused(_))), "{nothing:?}");
    assert!(!open.home.path().join("api-token").exists(), "no port, no token");
}

#[tokio::test]
async fn a_socket_left_behind_is_replaced_and_an_absent_one_is_no_node() {
    let home = tempfile::tempdir().unwrap();
    let client = Client::new(home.path());
    assert!(matches!(client.get::<String>("/v1/here").await, Err(ClientError::NotRunning)));
    // As a killed process leaves it.
    drop(std::os::unix::net::UnixListener::bind(home.path().join("api.sock")).unwrap());
    assert!(matches!(client.get::<String>("/v1/here").await, Err(ClientError::NotRunning)));
    let doors = Doors { home: home.path().to_owned(), port: None };
    let serving = serve_router(house().0, &doors, watch::Sender::new(false)).await.unwrap();
    assert_eq!(client.get::<String>("/v1/here").await.unwrap(), "here");
    serving.stop().await;
    assert!(matches!(client.get::<String>("/v1/here").await, Err(ClientError::NotRunning)));
}

async fn post_count(house: &Router, key: Option<&str>, body: &str) -> (StatusCode, String, bool) {
    let mut request = Request::post("/v1/count");
    if let Some(key) = key {
        request = request.header(KEY_HEADER, key);
    }
    let response = house.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let (status, again) = (response.status(), response.headers().contains_key(REPLAYED_HEADER));
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned(), again)
}

#[tokio::test]
async fn a_key_makes_a_post_happen_once() {
    let (house, count) = house();
    let first = post_count(&house, Some("k1"), "a").await;
    let second = post_count(&house, Some("k1"), "a").await;
    assert_eq!(first, (StatusCode::OK, "\"a 1\"".to_owned(), false));
    assert_eq!(second, (StatusCode::OK, "\"a 1\"".to_owned(), true));
    let other = post_count(&house, Some("k1"), "b").await;
    assert_eq!(other.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert_eq!(post_count(&house, Some("k2"), "a").await.1, "\"a 2\"");
    assert_eq!(post_count(&house, None, "a").await.1, "\"a 3\"");
    let long = "k".repeat(256);
    for key in ["", " ", &long] {
        assert_eq!(post_count(&house, Some(key), "a").await.0, StatusCode::BAD_REQUEST, "{key:?}");
    }
    assert_eq!(post_count(&house, Some("k3"), "fail").await.0, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(count.load(Ordering::SeqCst), 4);
    post_count(&house, Some("k3"), "fail").await;
    assert_eq!(count.load(Ordering::SeqCst), 5, "a fault is tried again");
}

#[tokio::test]
async fn a_hundred_at_once_with_one_key_happen_once() {
    let (house, count) = house();
    let all = (0..100).map(|_| post_count(&house, Some("same"), "a"));
    let answers = futures::future::join_all(all).await;
    assert!(answers.iter().all(|(status, body, _)| *status == StatusCode::OK && body == "\"a 1\""));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn bodies_are_bounded() {
    let open = open(false).await;
    let client = Client::new(open.home.path());
    let fits: String = client.post_bytes("/v1/count", vec![b'a'; 1_000]).await.unwrap();
    assert_eq!(fits.len(), 1_002);
    let large = client.post_bytes::<String>("/v1/count", vec![b'a'; MAX_BODY + 1]).await;
    match large {
        Err(ClientError::Refused(problem)) => {
            assert_eq!(problem.status, 413);
            assert_eq!(problem.code.map(|code| code.to_string()).as_deref(), Some("too_large"));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(open.count.load(Ordering::SeqCst), 1);
}

/// A hundred clients that send one byte and nothing more: others are answered at once, and the slow are cut
/// off in the end.
#[tokio::test]
async fn slow_clients_keep_nobody_waiting() {
    let open = open(true).await;
    let address = open.serving.address().unwrap();
    let mut slow = Vec::new();
    for _ in 0..100 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"G").await.unwrap();
        slow.push(stream);
    }
    let client = Client::new(open.home.path());
    let before = Instant::now();
    for _ in 0..20 {
        assert_eq!(client.get::<String>("/v1/here").await.unwrap(), "here");
    }
    assert!(before.elapsed() < Duration::from_secs(5), "{:?}", before.elapsed());
    for stream in &mut slow {
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "a client that sends nothing is cut off");
    }
}
