//! Asking and answering drops.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use std::collections::HashSet;
use std::net::{TcpListener, UdpSocket};
use std::time::{Duration, Instant};

use bespeak_net::{
    MAX_REPLY, MAX_REQUEST, Net, NetEvent, ReplyError, ReplyToken, RequestError, TransportIdentity,
};
use common::*;
use tokio::sync::mpsc::Receiver;

fn identity(n: u8) -> TransportIdentity {
    TransportIdentity([n; 32])
}

async fn requested(events: &mut Receiver<NetEvent>) -> (String, Vec<u8>, ReplyToken) {
    event(events, "request", |event| match event {
        NetEvent::Request { peer, request, reply } => Some((peer, request, reply)),
        _ => None,
    })
    .await
}

/// Answers every request with its own bytes, and hands on who asked.
fn echo(net: &Net, mut events: Receiver<NetEvent>) -> tokio::sync::mpsc::UnboundedReceiver<String> {
    let (askers, seen) = tokio::sync::mpsc::unbounded_channel();
    let net = net.clone();
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if let NetEvent::Request { peer, request, reply } = event {
                askers.send(peer).ok();
                net.reply(reply, request).unwrap();
            }
        }
    });
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn each_identity_is_somebody_else_to_the_host() {
    let (host, events) = start(&[TCP, QUIC], &[]).await;
    let mut askers = echo(&host, events);
    // The customer is also connected in the market.
    let (customer, mut customer_events) = start(&[], &host.listen_addresses()[..1]).await;
    connected(&mut customer_events).await;

    let mut seen = Vec::new();
    for (n, address) in [(1, 0), (2, 0), (1, 1), (3, 1)] {
        let place = [host.listen_addresses()[address].clone()];
        let reply = customer.request(&identity(n), &place, vec![n; 3]).await.unwrap();
        assert_eq!(reply, vec![n; 3]);
        seen.push(askers.recv().await.unwrap());
    }
    assert_eq!(seen[0], seen[2], "one identity, two peers");
    let different: HashSet<&String> = seen.iter().collect();
    assert_eq!(different.len(), 3, "{seen:?}");
    assert!(!seen.contains(&customer.peer()), "the market's identity was used for a drop");
    assert_eq!(host.peer_count(), 1, "askers are not peers of the market");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_request_and_reply_pass_both_ways() {
    for address in [TCP, QUIC] {
        let (host, mut events) = start(&[address], &[]).await;
        let (net, _events) = start(&[], &[]).await;
        let place = host.listen_addresses();
        let asked =
            tokio::spawn(async move { net.request(&identity(1), &place, vec![5; MAX_REQUEST]).await });
        let (_, request, token) = requested(&mut events).await;
        assert_eq!(request, vec![5; MAX_REQUEST]);
        host.reply(token, vec![6; MAX_REPLY]).unwrap();
        assert_eq!(asked.await.unwrap().unwrap(), vec![6; MAX_REPLY]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused_before_it_is_sent() {
    let (host, mut events) = start(&[TCP], &[]).await;
    let (net, _events) = start(&[], &[]).await;
    let place = host.listen_addresses();
    let error = net.request(&identity(1), &place, vec![0; MAX_REQUEST + 1]).await.unwrap_err();
    assert_eq!(error, RequestError::TooLarge { bytes: MAX_REQUEST + 1, most: MAX_REQUEST });

    let asked = tokio::spawn(async move { net.request(&identity(1), &place, vec![1]).await });
    let (_, _, token) = requested(&mut events).await;
    let error = host.reply(token, vec![0; MAX_REPLY + 1]).unwrap_err();
    assert_eq!(error, ReplyError::TooLarge { bytes: MAX_REPLY + 1, most: MAX_REPLY });
    assert!(matches!(asked.await.unwrap(), Err(RequestError::Refused { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_long_polls_wait_while_others_are_answered() {
    let (host, mut events) = start(&[TCP], &[]).await;
    let (net, _events) = start(&[], &[]).await;
    let place = host.listen_addresses();
    let mut polls = Vec::new();
    for n in 0..100u8 {
        let (net, place) = (net.clone(), place.clone());
        // Twenty-five identities with four polls each.
        polls.push(tokio::spawn(async move { net.request(&identity(n % 25), &place, vec![n]).await }));
    }
    let mut tokens = Vec::new();
    while tokens.len() < 100 {
        let (_, request, token) = requested(&mut events).await;
        tokens.push((request, token));
    }
    let (quick, waiting) = (net.clone(), place.clone());
    let asked = tokio::spawn(async move { quick.request(&identity(200), &waiting, b"now".to_vec()).await });
    let (_, _, token) = requested(&mut events).await;
    host.reply(token, b"at once".to_vec()).unwrap();
    assert_eq!(asked.await.unwrap().unwrap(), b"at once");
    assert!(polls.iter().all(|poll| !poll.is_finished()), "a poll ended by itself");

    // Later than any heartbeat, tick or sweep.
    tokio::time::sleep(Duration::from_secs(6)).await;
    for (request, token) in tokens.into_iter().rev() {
        assert!(token.is_open());
        host.reply(token, request).unwrap();
    }
    for (n, poll) in polls.into_iter().enumerate() {
        assert_eq!(poll.await.unwrap().unwrap(), vec![n as u8]);
    }
}

/// The connection breaks while a request waits; the late reply harms nobody, and the asker may come back.
async fn asker_gone(listen_on: &str) -> RequestError {
    let (host, mut events) = start(&[listen_on], &[]).await;
    let (net, _events) = start(&[], &[]).await;
    let place = host.listen_addresses();
    let asking = net.clone();
    let asked = tokio::spawn(async move { asking.request(&identity(1), &place, vec![1]).await });
    let (peer, _, token) = requested(&mut events).await;
    assert!(token.is_open());
    host.disconnect(&peer).await;
    let error = asked.await.unwrap().unwrap_err();
    until("the token knows", || !token.is_open()).await;
    host.reply(token, vec![2]).unwrap();

    // The same identity comes back on a new connection, as soon as it has noticed that the old one is gone.
    let _askers = echo(&host, events);
    let begin = Instant::now();
    while let Err(error) = net.request(&identity(1), &host.listen_addresses(), vec![3]).await {
        assert!(begin.elapsed() < PATIENCE, "{error:?}");
    }
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn an_asker_who_has_gone_is_passed_over() {
    let error = asker_gone(QUIC).await;
    assert!(matches!(&error, RequestError::Unreachable { tried } if tried.len() == 1), "{error:?}");
    let error = asker_gone(TCP).await;
    assert!(matches!(&error, RequestError::Unreachable { .. } | RequestError::Refused { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_does_not_answer_refuses() {
    let (host, mut events) = start(&[TCP], &[]).await;
    let (net, _events) = start(&[], &[]).await;
    let place = host.listen_addresses();
    let asked = tokio::spawn(async move { net.request(&identity(1), &place, vec![1]).await });
    let (_, _, token) = requested(&mut events).await;
    drop(token);
    let error = asked.await.unwrap().unwrap_err();
    assert!(matches!(&error, RequestError::Refused { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_unanswered_requests_than_allowed_are_refused() {
    let mut small = config(&[TCP], &[]);
    small.limits.unanswered = 3;
    let (host, mut events) = Net::start(small).await.unwrap();
    let (net, _events) = start(&[], &[]).await;
    let mut tokens = Vec::new();
    for n in 0..3 {
        let (net, place) = (net.clone(), host.listen_addresses());
        tokio::spawn(async move { net.request(&identity(n), &place, vec![1]).await });
        tokens.push(requested(&mut events).await);
    }
    let error = net.request(&identity(9), &host.listen_addresses(), vec![1]).await.unwrap_err();
    assert!(matches!(error, RequestError::Refused { .. }), "{error:?}");
    tokens.clear();
    let (again, place) = (net.clone(), host.listen_addresses());
    let asked = tokio::spawn(async move { again.request(&identity(9), &place, vec![1]).await });
    let (_, _, token) = requested(&mut events).await;
    host.reply(token, vec![4]).unwrap();
    assert_eq!(asked.await.unwrap().unwrap(), vec![4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_asker_leaves_others_their_share_of_unanswered_requests() {
    let mut small = config(&[TCP], &[]);
    (small.limits.unanswered, small.limits.unanswered_per_peer) = (8, 2);
    let (host, mut events) = Net::start(small).await.unwrap();
    let (net, _events) = start(&[], &[]).await;
    let mut tokens = Vec::new();
    for who in [1, 1, 2] {
        let asker = net.clone();
        let (net, place) = (net.clone(), host.listen_addresses());
        tokio::spawn(async move { net.request(&identity(who), &place, vec![1]).await });
        tokens.push(requested(&mut events).await);
        if tokens.len() == 2 {
            let error = asker.request(&identity(1), &host.listen_addresses(), vec![1]).await.unwrap_err();
            assert!(matches!(error, RequestError::Refused { .. }), "{error:?}");
        }
    }
    assert_ne!(tokens[0].0, tokens[2].0, "another asker is let in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_port_is_found_out_and_the_next_address_is_tried() {
    let closed = {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("/ip4/127.0.0.1/tcp/{}", held.local_addr().unwrap().port())
    };
    let (host, events) = start(&[TCP], &[]).await;
    let _askers = echo(&host, events);
    let (net, _events) = start(&[], &[]).await;
    let stranger =
        format!("{}/p2p/{}", host.listen_addresses()[0].split("/p2p/").next().unwrap(), net.peer());
    let mut places = vec!["nonsense".to_owned(), closed, stranger];
    let begin = Instant::now();
    let Err(RequestError::Unreachable { tried }) = net.request(&identity(1), &places, vec![7]).await else {
        panic!("somebody answered");
    };
    assert_eq!(tried.iter().map(|t| &t.address).collect::<Vec<_>>(), places.iter().collect::<Vec<_>>());
    assert!(tried[1].reason.contains("refused") && tried[2].reason.contains("another peer"), "{tried:?}");
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    places.extend(host.listen_addresses());
    assert_eq!(net.request(&identity(1), &places, vec![7]).await.unwrap(), vec![7]);
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_hosts_are_given_up_in_bounded_time() {
    // They take the call and never say a word.
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let places = vec![
        format!("/ip4/127.0.0.1/tcp/{}", tcp.local_addr().unwrap().port()),
        format!("/ip4/127.0.0.1/udp/{}/quic-v1", udp.local_addr().unwrap().port()),
        format!("/ip4/127.0.0.1/tcp/{}", tcp.local_addr().unwrap().port()),
    ];
    let (net, _events) = start(&[], &[]).await;
    let begin = Instant::now();
    let error = net.request(&identity(1), &places, vec![7]).await.unwrap_err();
    assert!(begin.elapsed() < Duration::from_secs(12), "{:?}", begin.elapsed());
    let RequestError::Unreachable { tried } = error else { panic!("{error:?}") };
    assert_eq!(tried.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_restarts_is_asked_again() {
    for address in [TCP, QUIC] {
        let (host, events) = start(&[address], &[]).await;
        let _askers = echo(&host, events);
        let bare = host.listen_addresses()[0].split("/p2p/").next().unwrap().to_owned();
        let (net, _events) = start(&[], &[]).await;
        let place = [bare.clone()];
        assert_eq!(net.request(&identity(1), &place, vec![1]).await.unwrap(), vec![1]);
        host.shutdown().await;
        let error = net.request(&identity(1), &place, vec![1]).await.unwrap_err();
        assert!(matches!(error, RequestError::Unreachable { .. }), "{error:?}");
        let (host, events) = start(&[&bare], &[]).await;
        let _askers = echo(&host, events);
        assert_eq!(net.request(&identity(1), &place, vec![2]).await.unwrap(), vec![2]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_identities_than_swarms_take_turns() {
    let (host, events) = start(&[TCP], &[]).await;
    let _askers = echo(&host, events);
    let mut small = config(&[], &[]);
    small.limits.requests = 3;
    let (net, _events) = Net::start(small).await.unwrap();
    let mut asked = Vec::new();
    for n in 0..12 {
        let (net, place) = (net.clone(), host.listen_addresses());
        asked.push(tokio::spawn(async move { net.request(&identity(n), &place, vec![n]).await }));
    }
    for (n, asked) in asked.into_iter().enumerate() {
        assert_eq!(asked.await.unwrap().unwrap(), vec![n as u8]);
    }
    net.shutdown().await;
    let error = net.request(&identity(1), &host.listen_addresses(), vec![1]).await.unwrap_err();
    assert_eq!(error, RequestError::Closed);
}
