//! The one room that touches a wire, against real servers on this machine.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::{sync::Arc, time::Duration};

use bespeak_leads::{
    Fault, Outcome, Poster, Target,
    outcome::RetryAfter,
    post::{MAX_BODY, Patience, Trust},
    secret::Verifier,
    webhook::{self, Headers},
};
use common::{agreed, now, placed, target};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
    time::Instant,
};
use tokio_rustls::TlsAcceptor;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/// What a server does once it has read a request.
#[derive(Clone)]
enum Does {
    /// Writes this and closes.
    Writes(Vec<u8>),
    /// Writes this and then says nothing more.
    Hangs(Vec<u8>),
    /// Writes this, then one byte each 20 ms without end.
    Drips(Vec<u8>),
}

fn writes(text: &str) -> Does {
    Does::Writes(text.as_bytes().to_vec())
}

/// A server, and the requests it got.
struct Server {
    port: u16,
    got: mpsc::UnboundedReceiver<Vec<u8>>,
}

impl Server {
    async fn start(does: Does) -> Self {
        Self::start_with(does, None).await
    }

    async fn start_with(does: Does, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, got) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (does, tell, tls) = (does.clone(), tell.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, does, tell).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, does, tell).await;
                            }
                        }
                    }
                });
            }
        });
        Self { port, got }
    }

    fn target(&self) -> Target {
        target(&format!("url = \"http://127.0.0.1:{}/hook?x=1\"\nsecrets = [\"{SECRET}\"]", self.port))
    }

    fn requests(&mut self) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| self.got.try_recv().ok()).collect()
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    does: Does,
    tell: mpsc::UnboundedSender<Vec<u8>>,
) {
    let Some(request) = request(&mut stream).await else { return };
    let _ = tell.send(request);
    match does {
        Does::Writes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Does::Hangs(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.flush().await;
            std::future::pending::<()>().await;
        }
        Does::Drips(bytes) => {
            let _ = stream.write_all(&bytes).await;
            while stream.write_all(b"x").await.is_ok() {
                let _ = stream.flush().await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

/// One request: its head, and as much of a body as it says.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4_096];
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&part[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let length = header(&bytes, "content-length").map_or(0, |text| text.parse().unwrap());
        if bytes.len() >= end + 4 + length {
            return Some(bytes);
        }
    }
}

fn header(request: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(request);
    let lines = text.split("\r\n").take_while(|line| !line.is_empty());
    let mut found =
        lines.filter_map(|line| line.split_once(": ").filter(|(known, _)| known.eq_ignore_ascii_case(name)));
    found.next().map(|(_, value)| value.to_owned())
}

fn body(request: &[u8]) -> &[u8] {
    let end = request.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    &request[end + 4..]
}

/// A poster that waits for a moment only.
fn poster() -> Poster {
    trusting(&Trust::Only(certificate().0))
}

fn trusting(trust: &Trust) -> Poster {
    let patience = Patience { connect: Duration::from_millis(400), total: Duration::from_millis(800) };
    Poster::new(trust, patience).unwrap()
}

/// A certificate of this machine in PEM, and a server that has it.
fn certificate() -> (String, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.key_pair.serialize_der()));
    let config = rustls::ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (made.cert.pem(), TlsAcceptor::from(Arc::new(config)))
}

async fn deliver(does: Does) -> Outcome {
    let server = Server::start(does).await;
    poster().deliver(&server.target(), &agreed(placed()), now()).await
}

fn status(status: u16) -> Outcome {
    Outcome::failed(Fault::Status(status))
}

#[tokio::test]
async fn a_lead_arrives_and_its_receiver_can_verify_it() {
    let mut server = Server::start(writes(OK)).await;
    let lead = agreed(placed());
    for _ in 0..2 {
        assert_eq!(poster().deliver(&server.target(), &lead, now()).await, Outcome::Delivered);
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    let text = String::from_utf8_lossy(&requests[0]);
    assert!(text.starts_with("POST /hook?x=1 HTTP/1.1\r\n"), "{text}");
    assert_eq!(header(&requests[0], "host").unwrap(), format!("127.0.0.1:{}", server.port));
    assert_eq!(header(&requests[0], "content-type").unwrap(), "application/cloudevents+json; charset=utf-8");
    let said = |name: &str| header(&requests[0], name).unwrap();
    let headers = Headers {
        id: said("webhook-id"),
        timestamp: said("webhook-timestamp"),
        signature: said("webhook-signature"),
    };
    let known: [Verifier; 1] = [SECRET.parse().unwrap()];
    assert_eq!(webhook::verify(&known, &headers, body(&requests[0]), now()), Ok(()));
    assert_eq!(headers.id, lead.id().as_str());
    // The same lead is the same message.
    assert_eq!(body(&requests[0]), body(&requests[1]));
    let event: serde_json::Value = serde_json::from_slice(body(&requests[0])).unwrap();
    assert_eq!(
        (event["specversion"].as_str(), event["type"].as_str()),
        (Some("1.0"), Some("bespeak.lead.order-placed.v1"))
    );
}

#[tokio::test]
async fn a_target_says_no_in_its_own_words() {
    assert_eq!(deliver(writes("HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n")).await, status(500));
    assert_eq!(deliver(writes("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n")).await, Outcome::Gone);
    let later = deliver(writes("HTTP/1.1 503 Later\r\nretry-after: 120\r\ncontent-length: 0\r\n\r\n")).await;
    let retry_after = Some(RetryAfter::Seconds(120));
    assert_eq!(later, Outcome::Failed { fault: Fault::Status(503), retry_after });
}

#[tokio::test]
async fn nothing_is_sent_after_a_redirect() {
    let mut there = Server::start(writes(OK)).await;
    for code in [301, 302, 307, 308] {
        let answer = format!(
            "HTTP/1.1 {code} Moved\r\nlocation: http://127.0.0.1:{}/\r\ncontent-length: 0\r\n\r\n",
            there.port
        );
        assert_eq!(deliver(writes(&answer)).await, Outcome::failed(Fault::Redirect(code)));
    }
    assert_eq!(there.requests(), Vec::<Vec<u8>>::new());
}

#[tokio::test]
async fn who_hangs_is_left_at_the_deadline() {
    for does in [
        Does::Hangs(Vec::new()),
        Does::Hangs(b"HTTP/1.1 200 OK\r\n".to_vec()),
        Does::Drips(b"HTTP/1.1 200 O".to_vec()),
    ] {
        let start = Instant::now();
        let outcome = deliver(does).await;
        assert!(matches!(outcome, Outcome::Failed { fault: Fault::TimedOut(_), .. }), "{outcome:?}");
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn a_yes_counts_though_its_body_never_ends() {
    let mut huge = b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n".to_vec();
    huge.extend(vec![b'x'; 1 << 20]);
    let slow = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffff\r\n".to_vec();
    for does in [Does::Hangs(huge), Does::Drips(slow)] {
        let start = Instant::now();
        assert_eq!(deliver(does).await, Outcome::Delivered);
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn of_a_body_only_the_beginning_is_read() {
    let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 1 << 20).into_bytes();
    answer.extend(vec![b'7'; 1 << 20]);
    let server = Server::start(Does::Writes(answer)).await;
    let target = server.target();
    let bespeak_leads::shapes::Next::Send(request) =
        bespeak_leads::shapes::next(&target, &agreed(placed()), now(), &[])
    else {
        panic!("nothing to send")
    };
    let got = poster().send(&request).await.unwrap();
    assert_eq!((got.status, got.body.len(), got.whole), (200, MAX_BODY, false));
    let server = Server::start(writes(OK)).await;
    let request = bespeak_leads::shapes::Request { url: server.target().url, ..request };
    let got = poster().send(&request).await.unwrap();
    assert_eq!((got.status, got.body.as_slice(), got.whole), (200, &b"{}"[..], true));
}

#[tokio::test]
async fn what_is_no_answer_is_no_success() {
    let head = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(100_000));
    for text in ["", "SSH-2.0-OpenSSH_9.9\r\n", "HTTP/1.1 abc\r\n\r\n", head.as_str()] {
        let outcome = deliver(writes(text)).await;
        assert!(matches!(outcome, Outcome::Failed { fault: Fault::Unreachable(_), .. }), "{outcome:?}");
    }
}

#[tokio::test]
async fn where_nobody_is_nobody_is_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let nobody = target(&format!("url = \"http://127.0.0.1:{port}/\"\nauth = \"x\""));
    let outcome = poster().deliver(&nobody, &agreed(placed()), now()).await;
    assert!(matches!(outcome, Outcome::Failed { fault: Fault::Unreachable(_), .. }), "{outcome:?}");
}

#[tokio::test]
async fn nothing_goes_where_nothing_may_go() {
    // As if somebody had written it past the checks of the settings.
    let mut wrong = target("url = \"https://example.com/\"\nauth = \"x\"");
    for url in [
        "http://example.com/",
        "https://169.254.169.254/latest/",
        "https://me:you@example.com/",
        "file:///etc/passwd",
    ] {
        wrong.url = url.to_owned();
        let outcome = poster().deliver(&wrong, &agreed(placed()), now()).await;
        assert!(matches!(outcome, Outcome::Failed { fault: Fault::Address(_), .. }), "{url}: {outcome:?}");
    }
}

#[tokio::test]
async fn who_cannot_prove_who_it_is_gets_nothing() {
    let (pem, acceptor) = certificate();
    let mut server = Server::start_with(writes(OK), Some(acceptor)).await;
    for host in ["localhost", "127.0.0.1"] {
        let target = target(&format!("url = \"https://{host}:{}/\"\nauth = \"x\"", server.port));
        let known = trusting(&Trust::Only(pem.clone()));
        assert_eq!(known.deliver(&target, &agreed(placed()), now()).await, Outcome::Delivered);
        // Another authority's word is not this one's.
        let outcome = poster().deliver(&target, &agreed(placed()), now()).await;
        assert!(matches!(outcome, Outcome::Failed { fault: Fault::Tls(_), .. }), "{outcome:?}");
    }
    assert_eq!(server.requests().len(), 2);
    // One that speaks no TLS at all.
    let clear = Server::start(writes(OK)).await;
    let target = target(&format!("url = \"https://127.0.0.1:{}/\"\nauth = \"x\"", clear.port));
    let outcome = poster().deliver(&target, &agreed(placed()), now()).await;
    assert!(
        matches!(outcome, Outcome::Failed { fault: Fault::TimedOut(_) | Fault::Tls(_), .. }),
        "{outcome:?}"
    );
    assert!(Poster::new(&Trust::Only("no certificate".to_owned()), Patience::default()).is_err());
}

#[tokio::test]
async fn a_crm_is_asked_step_by_step_over_the_wire() {
    // Whatever it is asked it answers with a list of one id: found, then written.
    let mut server = Server::start(writes("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n[25]")).await;
    let odoo = target(&format!(
        "url = \"http://127.0.0.1:{}\"\nshape = \"odoo\"\nauth = \"bearer abc\"",
        server.port
    ));
    assert_eq!(poster().deliver(&odoo, &agreed(placed()), now()).await, Outcome::Delivered);
    let asked: Vec<String> = server
        .requests()
        .iter()
        .map(|request| String::from_utf8_lossy(request).lines().next().unwrap().to_owned())
        .collect();
    assert_eq!(asked, ["POST /json/2/crm.lead/search HTTP/1.1", "POST /json/2/crm.lead/write HTTP/1.1"]);
}
