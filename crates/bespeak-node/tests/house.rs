//! Homes, ports, ends and starts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::TcpListener;

use bespeak_node::{
    IdKind, Node, NodeOptions, Notice, Relay, RelayOptions, ResolveError, Role, StartError,
    command::{Command, CustomerCommand},
};
use futures::StreamExt;

mod common;
use common::{Place, cast, heard, loopback, named, offers_of, options, relay_at, until, wish};

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_on_one_home_are_one_too_many() {
    let place = Place::new();
    let first = place.node("customer", Role::Customer, &[]).await;
    match Node::start(place.home("customer", Role::Customer), options(&[])).await {
        Err(StartError::Busy { pid, .. }) => assert_eq!(pid, Some(std::process::id())),
        other => panic!("{other:?}"),
    }
    first.shutdown().await;
    first.shutdown().await;
    assert!(first.intentions().await.is_empty());
    place.node("customer", Role::Customer, &[]).await.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_is_kept_over_a_restart_unless_it_is_taken() {
    let place = Place::new();
    let first = place.node("vendor", Role::Vendor, &[]).await;
    let (peer, addresses) = (first.peer(), first.listen_addresses());
    first.shutdown().await;
    let second = place.node("vendor", Role::Vendor, &[]).await;
    assert_eq!((second.peer(), second.listen_addresses()), (peer.clone(), addresses.clone()));
    second.shutdown().await;

    let port: u16 = addresses[0].split('/').nth(4).unwrap().parse().unwrap();
    let taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let third = place.node("vendor", Role::Vendor, &[]).await;
    assert_eq!(third.peer(), peer);
    assert_ne!(third.listen_addresses(), addresses);
    third.shutdown().await;

    drop(taken);
    let fourth = place.node("vendor", Role::Vendor, &[]).await;
    assert_eq!(fourth.listen_addresses(), addresses, "the port that others know is not forgotten");
    fourth.shutdown().await;
    let _taken = TcpListener::bind(("127.0.0.1", port)).unwrap();

    let listen = vec![format!("/ip4/127.0.0.1/tcp/{port}")];
    let options = NodeOptions { listen, ..options(&[]) };
    let fixed = Node::start(place.home("vendor", Role::Vendor), options).await;
    assert!(
        matches!(fixed, Err(StartError::AddressInUse { .. })),
        "a port that was asked for does not give way"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_address_is_named_and_leaves_the_home_free() {
    let place = Place::new();
    for (listen, peers) in
        [(vec!["localhost:4001".to_owned()], vec![]), (loopback(), vec!["/ip4/1.2.3.4".to_owned()])]
    {
        let home = place.home("customer", Role::Customer);
        let error =
            Node::start(home, NodeOptions { listen, peers, ..NodeOptions::default() }).await.unwrap_err();
        assert!(matches!(error, StartError::Address { .. }), "{error}");
    }
    place.node("customer", Role::Customer, &[]).await.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_is_for_one_role_and_one_network() {
    let place = Place::new();
    place.relay().await.shutdown().await;
    let home = bespeak_node::Home::open(&place.path("relay"), &bespeak_node::Unlock::Open).unwrap();
    let node = Node::start(home, NodeOptions::default()).await;
    assert!(matches!(node, Err(StartError::Role { role: Role::Relay, .. })));
    let network = Some("test".parse().unwrap());
    let options = RelayOptions { network, listen: loopback(), ..RelayOptions::new(place.path("relay")) };
    assert!(matches!(Relay::start(options).await, Err(StartError::Network { .. })));
    place.home("vendor", Role::Vendor);
    let options = RelayOptions { listen: loopback(), ..RelayOptions::new(place.path("vendor")) };
    assert!(matches!(Relay::start(options).await, Err(StartError::Role { role: Role::Vendor, .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_keeps_mail_over_a_restart() {
    let place = Place::new();
    let relay = place.relay().await;
    let peers = relay.listen_addresses();
    let vendor = place.node("vendor", Role::Vendor, &peers).await;
    let customer = place.node("customer", Role::Customer, &peers).await;
    let intention = cast(&customer, wish(&customer, "cargo bicycle").await).await;
    heard(&vendor, intention).await;
    customer.shutdown().await;

    vendor.offer(named(intention, "Cargo bicycle", "1499 EUR")).await.unwrap();
    until("the relay has the mail", || async { (relay.mail_count() == 1).then_some(()) }).await;
    relay.shutdown().await;
    vendor.shutdown().await;

    let relay = place.relay().await;
    assert_eq!(relay.mail_count(), 1);
    let customer = place.node("customer", Role::Customer, &peers).await;
    assert_eq!(offers_of(&customer, intention, 1).await.len(), 1);
    until("what was fetched is deleted", || async { (relay.mail_count() == 0).then_some(()) }).await;
    customer.shutdown().await;
    relay.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_was_away_gets_its_copy_when_it_is_back() {
    let place = Place::new();
    let (one, other) = (place.relay().await, relay_at(&place.path("other")).await);
    let peers = [one.listen_addresses(), other.listen_addresses()].concat();
    let vendor = place.node("vendor", Role::Vendor, &peers).await;
    let customer = place.node("customer", Role::Customer, &peers).await;
    until("both relays are there for her", || async {
        (customer.placement().await.ok()?.hosts.len() == 2).then_some(())
    })
    .await;
    let intention = cast(&customer, wish(&customer, "cargo bicycle").await).await;
    heard(&vendor, intention).await;
    customer.shutdown().await;
    other.shutdown().await;

    vendor.offer(named(intention, "Cargo bicycle", "1499 EUR")).await.unwrap();
    until("the host that is there has the mail", || async { (one.mail_count() == 1).then_some(()) }).await;
    let other = relay_at(&place.path("other")).await;
    assert_eq!(other.mail_count(), 0);
    until("the host that is back has it as well", || async { (other.mail_count() == 1).then_some(()) }).await;
    one.shutdown().await;

    let customer = place.node("customer", Role::Customer, &peers).await;
    assert_eq!(offers_of(&customer, intention, 1).await.len(), 1, "the loss of the first host is no loss");
    customer.shutdown().await;
    vendor.shutdown().await;
    other.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_relay_a_customer_shows_no_address() {
    let place = Place::new();
    let relay = place.relay().await;
    let peers = relay.listen_addresses();
    let vendor = place.node("vendor", Role::Vendor, &peers).await;
    let customer = place.node("customer", Role::Customer, &peers).await;
    assert_eq!(customer.placement().await.unwrap().hosts, std::slice::from_ref(&peers));
    let intention = cast(&customer, wish(&customer, "cargo bicycle").await).await;
    heard(&vendor, intention).await;
    let record = vendor.record(&intention.to_string()).await.unwrap();
    let text = String::from_utf8_lossy(&record).into_owned();
    assert!(text.contains(&peers[0]), "the relay is where offers go");
    let port = customer.listen_addresses()[0].split('/').nth(4).unwrap().to_owned();
    assert!(!text.contains(&customer.peer()) && !text.contains(&format!("/tcp/{port}")));
    customer.shutdown().await;
    vendor.shutdown().await;
    relay.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_her_relay_is_away_a_customer_shows_no_address_either() {
    let place = Place::new();
    let closed = {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("/ip4/127.0.0.1/tcp/{}", held.local_addr().unwrap().port())
    };
    let vendor = place.node("vendor", Role::Vendor, &[]).await;
    let peers = [vendor.listen_addresses(), vec![closed.clone()]].concat();
    let customer = place.node("customer", Role::Customer, &peers).await;
    let refusal = customer.placement().await.unwrap_err();
    assert!(refusal.detail.contains(&closed), "{refusal}");
    customer.shutdown().await;

    let alone = place.node("customer", Role::Customer, &[]).await;
    assert_eq!(
        alone.placement().await.unwrap().hosts.len(),
        1,
        "she has no relay to wait for, and may be seen"
    );
    alone.shutdown().await;
    let customer = place.node("customer", Role::Customer, &vendor.listen_addresses()).await;
    let refusal = customer.placement().await.unwrap_err();
    assert!(refusal.detail.contains("--relay") && refusal.detail.contains("--reveal"), "{refusal}");
    customer.shutdown().await;
    let customer = place.seen("customer", &vendor.listen_addresses()).await;
    assert_eq!(customer.placement().await.unwrap().hosts.len(), 1, "the vendor said that it is no relay");
    customer.shutdown().await;
    vendor.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_well_until_it_has_ended_and_then_says_so() {
    let place = Place::new();
    let (node, relay) = (place.node("vendor", Role::Vendor, &[]).await, place.relay().await);
    node.health().await.unwrap();
    tokio::join!(node.shutdown(), node.ended());
    tokio::join!(relay.shutdown(), relay.ended());
    assert!(node.health().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_says_what_happens_and_finds_what_is_shortened() {
    let place = Place::new();
    let vendor = place.node("vendor", Role::Vendor, &[]).await;
    let customer = place.seen("customer", &vendor.listen_addresses()).await;
    let mut events = Box::pin(vendor.events(None));
    let intention = cast(&customer, wish(&customer, "cargo bicycle").await).await;
    let (number, notice) = events.next().await.unwrap();
    assert_eq!(notice, Notice::IntentionHeard { intention });
    let again = Box::pin(vendor.events(Some(number - 1))).next().await.unwrap();
    assert_eq!(again, (number, notice));

    let full = intention.to_string();
    for short in [&full[..14], &full[7..14], &full] {
        assert_eq!(customer.resolve(IdKind::Intention, short).await.as_ref(), Ok(&full));
    }
    assert_eq!(customer.resolve(IdKind::Order, &full).await, Err(ResolveError::NotFound));
    let status = vendor.status().await;
    assert_eq!((status.intentions_live, status.role.as_str()), (1, "vendor"));
    assert!(status.heard.starts_with("Connected to 1 peer. "), "{}", status.heard);

    let reason = "changed_mind".parse().unwrap();
    let withdraw = CustomerCommand::Withdraw { intention, reason };
    customer.command(Command::Customer(withdraw.clone())).await.unwrap();
    let told = events.next().await.unwrap().1;
    assert_eq!(told, Notice::IntentionWithdrawn { intention });
    assert!(vendor.command(Command::Customer(withdraw)).await.is_err(), "a vendor has no wishes");
    customer.shutdown().await;
    vendor.shutdown().await;
    assert!(events.next().await.is_none());
}
