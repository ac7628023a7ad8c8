//! Meeting, losing and refusing peers; starting and stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use std::time::{Duration, Instant};

use bespeak_net::{DialError, MarketIdentity, Net, NetEvent, PublishError, StartError};
use common::*;

#[tokio::test(flavor = "multi_thread")]
async fn peers_see_each_other_and_listeners_name_their_peer() {
    let (a, mut a_events) = start(&[TCP, QUIC], &[]).await;
    let addresses = a.listen_addresses();
    assert_eq!(addresses.len(), 2);
    assert!(
        addresses.iter().all(|address| address.ends_with(&format!("/p2p/{}", a.peer()))),
        "{addresses:?}"
    );
    assert!(addresses.iter().all(|address| !address.contains("/0/")), "{addresses:?}");

    let (b, mut b_events) = start(&[], &addresses).await;
    assert_eq!(connected(&mut a_events).await, b.peer());
    assert_eq!(connected(&mut b_events).await, a.peer());
    assert_eq!((a.peer_count(), b.peers()[0].peer.clone()), (1, a.peer()));
    b.shutdown().await;
    assert_eq!(disconnected(&mut a_events).await, b.peer());
    until("nobody left", || a.peer_count() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fixed_identity_stays_and_a_fresh_one_does_not() {
    let fixed = |secret| {
        let mut fixed = config(&[], &[]);
        fixed.identity = MarketIdentity::Fixed(secret);
        Net::start(fixed)
    };
    let peer = fixed([0; 32]).await.unwrap().0.peer();
    assert_eq!(peer, "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN");
    assert_ne!(fixed([1; 32]).await.unwrap().0.peer(), peer);
    assert_ne!(start(&[], &[]).await.0.peer(), start(&[], &[]).await.0.peer());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_of_another_network_is_told_apart_and_cut_off() {
    let (here, mut here_events) = start(&[TCP], &[]).await;
    let mut elsewhere = config(&[], &here.listen_addresses());
    elsewhere.network = "elsewhere".to_owned();
    let (there, mut there_events) = Net::start(elsewhere).await.unwrap();
    let other = |event| match event {
        NetEvent::OtherNetwork { peer, network } => Some((peer, network)),
        NetEvent::Connected { .. } => panic!("taken for a peer"),
        _ => None,
    };
    // Whichever asks first cuts the other off.
    tokio::select! {
        (peer, network) = event(&mut here_events, "stranger", other) => {
            assert_eq!((peer, network.as_deref()), (there.peer(), Some("elsewhere")));
        }
        (peer, network) = event(&mut there_events, "stranger", other) => {
            assert_eq!((peer, network.as_deref()), (here.peer(), Some("test")));
        }
    }
    assert_eq!((here.peer_count(), there.peer_count()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_named() {
    for address in [TCP, QUIC] {
        let (first, _events) = start(&[address], &[]).await;
        let taken = first.listen_addresses()[0].clone();
        let error = Net::start(config(&[&taken], &[])).await.unwrap_err();
        assert!(matches!(&error, StartError::AddressInUse { address } if *address == taken), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_named() {
    for bad in ["", "localhost:80", "/ip4/127.0.0.1/udp/1", "/ip4/1.2.3/tcp/1"] {
        for config in [config(&[bad], &[]), config(&[], &[bad.to_owned()])] {
            let error = Net::start(config).await.unwrap_err();
            assert!(matches!(&error, StartError::Address { address, .. } if address == bad), "{error}");
        }
    }
    let mut unnamed = config(&[], &[]);
    unnamed.network = "no/slashes".to_owned();
    assert!(matches!(Net::start(unnamed).await.unwrap_err(), StartError::NetworkName { .. }));
    // An address of this machine that it does not have.
    let error = Net::start(config(&["/ip4/192.0.2.1/tcp/0"], &[])).await.unwrap_err();
    assert!(matches!(error, StartError::Listen { .. }), "{error}");
}

/// A peer goes and comes back on the same port; the other finds it again by itself.
async fn comes_back(address: &str, named: bool) {
    let secret = MarketIdentity::Fixed([7; 32]);
    let mut first = config(&[address], &[]);
    first.identity = secret.clone();
    let (host, _host_events) = Net::start(first).await.unwrap();
    let place = host.listen_addresses()[0].clone();
    let bare = place.split("/p2p/").next().unwrap().to_owned();

    let known = if named { place.clone() } else { bare.clone() };
    let (guest, mut guest_events) = start(&[], &[known]).await;
    assert_eq!(connected(&mut guest_events).await, host.peer());
    host.shutdown().await;
    assert_eq!(disconnected(&mut guest_events).await, host.peer());
    event(&mut guest_events, "failed dial", |event| {
        matches!(event, NetEvent::Unreachable { .. }).then_some(())
    })
    .await;

    let mut again = config(&[&bare], &[]);
    again.identity = secret;
    let (host, host_events) = Net::start(again).await.unwrap();
    let heard = listen(&host, host_events, accept);
    assert_eq!(connected(&mut guest_events).await, host.peer());
    guest.publish(TOPIC, b"again").await.unwrap();
    until("gossip flows again", || heard.has(b"again")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_restarts_is_found_again_over_tcp() {
    comes_back(TCP, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_restarts_is_found_again_over_quic() {
    comes_back(QUIC, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_own_address_among_the_known_is_no_harm() {
    let (first, _events) = start(&[TCP], &[]).await;
    let bare = first.listen_addresses()[0].split("/p2p/").next().unwrap().to_owned();
    first.shutdown().await;
    let (second, events) = start(&[&bare], std::slice::from_ref(&bare)).await;
    let heard = listen(&second, events, accept);
    let (peer, _peer_events) = start(&[], &[bare]).await;
    peer.publish(TOPIC, b"hello").await.unwrap();
    until("gossip", || heard.has(b"hello")).await;
    // Gossip may come before it is known who sent it.
    until("the one peer", || second.peer_count() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dialling_says_who_is_there_or_why_not() {
    let (a, _a_events) = start(&[TCP], &[]).await;
    let (b, mut b_events) = start(&[], &[]).await;
    let place = a.listen_addresses()[0].clone();
    assert_eq!(b.dial(&place).await.unwrap(), a.peer());
    assert_eq!(connected(&mut b_events).await, a.peer());

    assert!(matches!(b.dial("nonsense").await.unwrap_err(), DialError::Address { .. }));
    let stranger = b.peer();
    let wrong = format!("{}/p2p/{stranger}", place.split("/p2p/").next().unwrap());
    let (c, _c_events) = start(&[], &[]).await;
    let error = c.dial(&wrong).await.unwrap_err();
    assert!(
        matches!(&error, DialError::Unreachable { reason, .. } if reason.contains("another peer")),
        "{error}"
    );
    a.shutdown().await;
    let error = c.dial(&place).await.unwrap_err();
    assert!(matches!(&error, DialError::Unreachable { reason, .. } if reason.contains("refused")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_peer_stays_out_and_a_disconnected_one_may_return() {
    let (a, mut a_events) = start(&[TCP], &[]).await;
    let (b, mut b_events) = start(&[], &a.listen_addresses()).await;
    assert_eq!(connected(&mut a_events).await, b.peer());
    // Each learns for itself who the other is.
    assert_eq!(connected(&mut b_events).await, a.peer());
    a.disconnect(&b.peer()).await;
    assert_eq!(disconnected(&mut b_events).await, a.peer());
    // Known peers are redialled.
    assert_eq!(connected(&mut a_events).await, b.peer());
    a.block(&b.peer()).await;
    assert_eq!(disconnected(&mut a_events).await, b.peer());
    // Its redials come to nothing: each connection is closed before it is known for a peer.
    let (c, _c_events) = start(&[], &a.listen_addresses()).await;
    assert_eq!(connected(&mut a_events).await, c.peer());
    b.dial(&a.listen_addresses()[0]).await.ok();
    until("only c is there", || a.peers().iter().all(|p| p.peer == c.peer()) && b.peer_count() == 0).await;
    a.block("not a peer id").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_connections_than_allowed_are_refused() {
    let mut small = config(&[TCP], &[]);
    small.limits.connections_in = 2;
    let (host, _events) = Net::start(small).await.unwrap();
    let mut guests = Vec::new();
    for _ in 0..5 {
        guests.push(start(&[], &host.listen_addresses()).await);
    }
    until("two guests", || host.peer_count() == 2).await;
    let inside = || guests.iter().filter(|(net, _)| net.peer_count() == 1).count();
    until("two know, three do not", || inside() == 2).await;
    // Those who go make room for others, by redialling.
    let leaving = guests.iter().position(|(net, _)| net.peer_count() == 1).unwrap();
    guests.remove(leaving).0.shutdown().await;
    until("another one came in", || guests.iter().filter(|(net, _)| net.peer_count() == 1).count() == 2)
        .await;
    until("two again", || host.peer_count() == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_frees_ports_ends_calls_and_does_not_wait_long() {
    let (host, mut host_events) = start(&[TCP, QUIC], &[]).await;
    let (_guest, mut guest_events) = start(&[], &host.listen_addresses()).await;
    connected(&mut guest_events).await;
    let places = host.listen_addresses();
    let begin = Instant::now();
    host.shutdown().await;
    assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
    disconnected(&mut guest_events).await;
    assert!(host.listen_addresses().is_empty() && host.peers().is_empty());
    assert_eq!(host.publish(TOPIC, b"x").await, Err(PublishError::Closed));
    assert_eq!(host.dial(&places[0]).await, Err(DialError::Closed));
    host.shutdown().await;
    while host_events.recv().await.is_some() {}

    let again = Net::start(config(&[&places[0], &places[1]], &[])).await.unwrap();
    assert_eq!(again.0.listen_addresses().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_handle_takes_the_wires_down() {
    let (host, mut events) = start(&[TCP], &[]).await;
    drop(host.clone());
    assert_eq!(host.listen_addresses().len(), 1);
    drop(host);
    let ended = async { while events.recv().await.is_some() {} };
    tokio::time::timeout(PATIENCE, ended).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_listener_is_not_betrayed_by_the_port_of_calls() {
    let (tcp, mut tcp_events) = start(&[TCP], &[]).await;
    let (quic, mut quic_events) = start(&[QUIC], &[]).await;
    let known: Vec<String> = [tcp.listen_addresses(), quic.listen_addresses()].concat();
    for hide in [true, false] {
        let mut caller = config(&[TCP, QUIC], &known);
        caller.hide_listen_addresses = hide;
        let (caller, _caller_events) = Net::start(caller).await.unwrap();
        let own = caller.listen_addresses().join(" ");
        for events in [&mut tcp_events, &mut quic_events] {
            let from = event(events, "call", |event| match event {
                NetEvent::Connected { peer, address } if peer == caller.peer() => Some(address),
                _ => None,
            })
            .await;
            let place = from.split("/p2p/").next().unwrap().to_owned();
            assert_eq!(own.contains(&format!("{place}/")), !hide, "{from} of {own}");
        }
    }
}
