//! Being reached through relays, answering straight, and finding each other on relays' lists.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use bespeak_net::{
    Hosting, MarketIdentity, Net, NetConfig, NetEvent, PeerError, Reach, RequestError, TransportIdentity,
};
use common::{PATIENCE, QUIC, TCP, config, event, until};
use tokio::sync::mpsc::Receiver;

type Events = Receiver<NetEvent>;

async fn relay_at(listen: &[&str], peers: &[String]) -> (Net, Events) {
    relay_with(Hosting::default(), listen, peers).await
}

async fn relay_with(hosting: Hosting, listen: &[&str], peers: &[String]) -> (Net, Events) {
    let mut config = config(listen, peers);
    config.be_found = true;
    config.hosting = Some(hosting);
    Net::start(config).await.unwrap()
}

async fn vendor(secret: u8, peers: &[String]) -> (Net, Events) {
    let mut config = config(&[TCP], peers);
    config.identity = MarketIdentity::Fixed([secret; 32]);
    config.be_found = true;
    Net::start(config).await.unwrap()
}

/// A node that listens nowhere, as one behind a translator that nobody gets through.
async fn unreachable(peers: &[String]) -> (Net, Events) {
    let mut config = config(&[], peers);
    config.be_found = true;
    Net::start(config).await.unwrap()
}

/// Answers every request with its own bytes.
fn echo(net: &Net, mut events: Events) -> tokio::task::JoinHandle<()> {
    let net = net.clone();
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if let NetEvent::Request { request, reply, .. } = event {
                net.reply(reply, request).unwrap();
            }
        }
    })
}

/// The way to a peer through a relay.
fn circuit(relay: &Net, peer: &Net) -> String {
    format!("{}/p2p-circuit/p2p/{}", relay.listen_addresses()[0], peer.peer())
}

async fn reserved(net: &Net, count: usize) {
    until("a circuit", || net.relays().iter().filter(|relay| relay.reserved).count() >= count).await;
}

fn identity(n: u8) -> TransportIdentity {
    TransportIdentity([n; 32])
}

#[tokio::test]
async fn who_listens_nowhere_is_reached_through_a_relay() {
    for wire in [TCP, QUIC] {
        let (relay, _relay_events) = relay_at(&[wire], &[]).await;
        let (hidden, events) = unreachable(&relay.listen_addresses()).await;
        let _echo = echo(&hidden, events);
        reserved(&hidden, 1).await;
        let (customer, _events) = Net::start(NetConfig::new(MarketIdentity::Fresh, "test")).await.unwrap();
        let way = circuit(&relay, &hidden);
        let reply = customer.request(&identity(1), &[way], vec![7]).await.unwrap();
        assert_eq!(reply, [7], "over {wire}");
        assert_eq!(relay.carried().circuits, 1);
        assert_eq!(relay.carried().reservations, 1);
        assert_eq!(customer.peer_count(), 0, "her market knows nothing of it");
        assert_eq!(hidden.peer_count(), 1, "and she is no peer of the market");
    }
}

#[tokio::test]
async fn whom_nobody_holds_a_circuit_for_is_said_to_be_unreachable_at_once() {
    let (relay, _events) = relay_at(&[TCP], &[]).await;
    let (stranger, _stranger_events) = vendor(1, &[]).await;
    let (customer, _customer_events) =
        Net::start(NetConfig::new(MarketIdentity::Fresh, "test")).await.unwrap();
    let asked = std::time::Instant::now();
    let error = customer.request(&identity(1), &[circuit(&relay, &stranger)], vec![7]).await.unwrap_err();
    assert!(matches!(error, RequestError::Unreachable { .. }), "{error:?}");
    assert!(asked.elapsed() < PATIENCE / 8, "it waited {:?}", asked.elapsed());
    until("the refusal is counted", || relay.carried().circuits_refused_total == 1).await;
}

#[tokio::test]
async fn a_vendor_answers_over_the_connection_it_was_called_on_and_dials_nobody() {
    let (relay, _relay_events) = relay_at(&[TCP], &[]).await;
    let (vendor, mut vendor_events) = vendor(2, &relay.listen_addresses()).await;
    reserved(&vendor, 1).await;
    let (customer, mut customer_events) =
        Net::start(NetConfig::new(MarketIdentity::Fresh, "test")).await.unwrap();
    let (asking, way) = (customer.clone(), circuit(&relay, &vendor));
    let asked = tokio::spawn(async move { asking.request(&identity(3), &[way], vec![1]).await });
    let caller = event(&mut vendor_events, "request", |event| match event {
        NetEvent::Request { peer, request, reply } => {
            vendor.reply(reply, request).unwrap();
            Some(peer)
        }
        _ => None,
    })
    .await;
    assert_eq!(asked.await.unwrap().unwrap(), [1]);
    assert_eq!(Some(caller.clone()), Net::peer_of(&identity(3)));
    let (answering, to) = (vendor.clone(), caller.clone());
    let sent = tokio::spawn(async move { answering.send(&to, vec![9]).await });
    event(&mut customer_events, "straight word", |event| match event {
        NetEvent::Straight { identity, peer, request, reply } => {
            assert_eq!((identity, peer), (caller.clone(), vendor.peer()));
            customer.reply(reply, request).unwrap();
            Some(())
        }
        _ => None,
    })
    .await;
    assert_eq!(sent.await.unwrap().unwrap(), [9]);
    let nobody = Net::peer_of(&identity(77)).unwrap();
    assert_eq!(vendor.send(&nobody, vec![9]).await, Err(PeerError::NotConnected));
}

#[tokio::test]
async fn with_consent_a_circuit_becomes_a_direct_connection_and_without_it_does_not() {
    let (relay, _relay_events) = relay_at(&[TCP, QUIC], &[]).await;
    let (vendor, events) = vendor(4, &relay.listen_addresses()[..1]).await;
    let _echo = echo(&vendor, events);
    reserved(&vendor, 1).await;
    let (customer, _events) = Net::start(NetConfig::new(MarketIdentity::Fresh, "test")).await.unwrap();
    let way = [circuit(&relay, &vendor)];
    customer.request(&identity(5), &way, vec![1]).await.unwrap();
    assert_eq!(relay.carried().circuits, 1);
    customer.request_seen(&identity(6), &way, vec![1]).await.unwrap();
    until("the circuit of her who is seen is left", || {
        relay.carried().circuits_total == 2 && relay.carried().circuits == 1
    })
    .await;
    assert_eq!(customer.request_seen(&identity(6), &way, vec![2]).await.unwrap(), [2]);
    assert_eq!(customer.request(&identity(5), &way, vec![3]).await.unwrap(), [3]);
    assert_eq!(relay.carried().circuits, 1, "hers who is not seen stays");
}

#[tokio::test]
async fn a_conversation_outlives_its_circuit() {
    let hosting = Hosting { circuit_bytes: 64 * 1024, ..Hosting::default() };
    let (relay, _relay_events) = relay_with(hosting, &[TCP], &[]).await;
    let (vendor, events) = vendor(7, &relay.listen_addresses()).await;
    let _echo = echo(&vendor, events);
    reserved(&vendor, 1).await;
    let (customer, _events) = Net::start(NetConfig::new(MarketIdentity::Fresh, "test")).await.unwrap();
    let way = [circuit(&relay, &vendor)];
    let mut answered = 0;
    for _ in 0..60 {
        // Cut in the middle of a request, it is asked again, as the node does.
        answered += usize::from(customer.request(&identity(8), &way, vec![8; 8 * 1024]).await.is_ok());
        if answered == 20 {
            break;
        }
    }
    assert_eq!(answered, 20, "320 KiB crossed circuits of 64 KiB");
    assert!(relay.carried().circuits_total >= 4, "{:?}", relay.carried());
}

#[tokio::test]
async fn a_relay_carries_as_many_as_it_says_and_no_more() {
    let hosting = Hosting { reservations: 2, circuits: 2, ..Hosting::default() };
    let (relay, _relay_events) = relay_with(hosting, &[TCP], &[]).await;
    let mut vendors = Vec::new();
    for n in 10..13 {
        let (vendor, events) = vendor(n, &relay.listen_addresses()).await;
        let echo = echo(&vendor, events);
        vendors.push((vendor, echo));
    }
    until("the third is refused", || relay.carried().reservations_refused_total > 0).await;
    assert_eq!(relay.carried().reservations, 2);
    let held = |net: &Net| net.relays().iter().any(|relay| relay.reserved);
    let (busy, _echo) = vendors.iter().find(|(vendor, _)| held(vendor)).unwrap();
    let (customer, _events) = Net::start(NetConfig::new(MarketIdentity::Fresh, "test")).await.unwrap();
    let way = [circuit(&relay, busy)];
    let mut through = 0;
    for n in 20..25 {
        through += usize::from(customer.request(&identity(n), &way, vec![1]).await.is_ok());
    }
    assert_eq!(through, 2, "circuits in all");
    assert_eq!(relay.carried().circuits_refused_total, 3);
}

#[tokio::test]
async fn a_relay_that_comes_back_is_used_again() {
    let mut config = config(&[TCP], &[]);
    config.identity = MarketIdentity::Fixed([99; 32]);
    (config.be_found, config.hosting) = (true, Some(Hosting::default()));
    let (relay, _events) = Net::start(config.clone()).await.unwrap();
    let address = relay.listen_addresses().remove(0);
    let (vendor, _vendor_events) = vendor(13, std::slice::from_ref(&address)).await;
    reserved(&vendor, 1).await;
    relay.shutdown().await;
    until("it is noticed", || vendor.relays().iter().all(|relay| !relay.reserved && !relay.connected)).await;
    config.listen = vec![address.split("/p2p/").next().unwrap().to_owned()];
    let (_relay, _events) = Net::start(config).await.unwrap();
    reserved(&vendor, 1).await;
}

#[tokio::test]
async fn vendors_find_relays_and_each_other_on_a_list_and_a_customer_meets_whom_she_named() {
    let (first, _first_events) = relay_at(&[TCP], &[]).await;
    let (second, _second_events) = relay_at(&[TCP], &first.listen_addresses()).await;
    let (one, _one_events) = vendor(14, &first.listen_addresses()).await;
    let (other, _other_events) = vendor(15, &first.listen_addresses()).await;
    let is_peer = |net: &Net, who: &Net| net.peers().iter().any(|peer| peer.peer == who.peer());
    until("vendors know both relays", || {
        is_peer(&one, &second) && is_peer(&other, &second) && is_peer(&one, &other)
    })
    .await;
    let mut hidden = config(&[TCP], &first.listen_addresses());
    hidden.hide_listen_addresses = true;
    let (customer, _customer_events) = Net::start(hidden).await.unwrap();
    until("a customer meets her relay", || is_peer(&customer, &first)).await;
    // As long as the vendors took to find each other, and some more.
    until("lines to begin with next time", || customer.anchors().len() == 1).await;
    assert_eq!(customer.peer_count(), 1, "whoever is on a list of relays may be a vendor: she dials nobody");
    let named =
        |net: &Net| net.relays().into_iter().map(|relay| (relay.peer, relay.named)).collect::<Vec<_>>();
    assert_eq!(named(&customer), [(first.peer(), true)]);
    // It may have been the one that called: then its own address is not known.
    assert!(!named(&one).contains(&(second.peer(), true)), "a relay that was found was named by nobody");
    assert!(one.relays().iter().all(|relay| relay.named || !relay.reserved), "and is not asked for circuits");
}

#[tokio::test]
async fn a_node_learns_whether_others_can_dial_it() {
    let (relay, _relay_events) = relay_at(&[TCP], &[]).await;
    let (vendor, _events) = vendor(16, &relay.listen_addresses()).await;
    until("a relay got through", || vendor.standing().reach == Reach::Public).await;
    assert_eq!(vendor.standing().translation, bespeak_net::Translation::None);
    assert!(vendor.listen_addresses()[0].starts_with(&vendor.standing().external[0]));
    until("the trial is over", || {
        let peers = vendor.peers();
        peers.len() == 1 && peers[0].outbound
    })
    .await;
}
