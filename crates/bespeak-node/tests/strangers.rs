//! What strangers may send: asked for what is not theirs to know, or flooded with what is no message.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_identity::{Nonce, Unverified};
use bespeak_model::{intention::Intention, network::Network, queue::QueueId};
use bespeak_net::{MarketIdentity, Net, NetConfig, RequestError, TransportIdentity};
use bespeak_node::{Node, Role};
use bespeak_protocol::{
    drop::{DropReply, DropRequest, Errand, Proof},
    market,
};
use serde_bytes::ByteBuf;

mod common;
use common::{Place, cast, heard, until, wish};

/// Somebody who speaks the protocols and keeps no rule.
async fn stranger(peers: &[String]) -> Net {
    let mut config = NetConfig::new(MarketIdentity::Fresh, "main");
    config.topics = market::topics(&Network::main());
    config.peers = peers.to_vec();
    let (net, mut events) = Net::start(config).await.unwrap();
    tokio::spawn(async move { while events.recv().await.is_some() {} });
    net
}

async fn asks(net: &Net, host: &[String], request: Vec<u8>) -> Result<DropReply, RequestError> {
    let reply = net.request(&TransportIdentity([3; 32]), host, request).await?;
    Ok(DropReply::from_bytes(&reply).unwrap())
}

fn put(queue: QueueId, bytes: usize) -> Vec<u8> {
    DropRequest::Put { queue, envelope: ByteBuf::from(vec![7; bytes]), stamp: None }.to_bytes().unwrap()
}

fn refused(reply: &DropReply, code: &str) -> bool {
    matches!(reply, DropReply::Refused { code: said } if said.as_str() == code)
}

/// The queue of an intention is public. A node that answered for it would say whose it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_customers_node_does_not_betray_her_by_her_queue() {
    let place = Place::new();
    let relay = place.relay().await;
    let peers = relay.listen_addresses();
    let vendor = place.node("vendor", Role::Vendor, &peers).await;
    let customer = place.node("customer", Role::Customer, &peers).await;
    let intention = cast(&customer, wish(&customer, "cargo bicycle").await).await;
    heard(&vendor, intention).await;
    let record = vendor.record(&intention.to_string()).await.unwrap();
    let signed = Unverified::<Intention>::from_bytes(record).unwrap().verify().unwrap();
    let queue = signed.drops[0].queue;

    let net = stranger(&[]).await;
    let probe = put(queue, 4096);
    let at_customer = asks(&net, &customer.listen_addresses(), probe.clone()).await.unwrap();
    let at_vendor = asks(&net, &vendor.listen_addresses(), probe.clone()).await.unwrap();
    assert_eq!(at_customer, at_vendor, "she answers like everybody else");
    assert!(refused(&at_customer, "not_found"), "{at_customer:?}");
    assert_eq!(asks(&net, &peers, probe).await.unwrap(), DropReply::Stored {}, "the relay takes it");

    net.shutdown().await;
    customer.shutdown().await;
    vendor.shutdown().await;
    relay.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_gives_mail_to_its_owner_alone() {
    let place = Place::new();
    let relay = place.relay().await;
    let hosts = relay.listen_addresses();
    let net = stranger(&[]).await;
    let owner = bespeak_identity::SignKey::from_bytes(&[5; 32]);
    let thief = bespeak_identity::SignKey::from_bytes(&[6; 32]);
    let queue = QueueId::from_bytes(*owner.public().as_bytes());
    let get = |key: &bespeak_identity::SignKey, after, wait| {
        let proof = Proof::new(key, &relay.peer(), &Errand::Get { after });
        DropRequest::Get { queue, after, wait, proof }.to_bytes().unwrap()
    };
    assert!(refused(&asks(&net, &hosts, put(queue, 4096)).await.unwrap(), "not_found"), "nobody opened it");
    let nothing = DropReply::Mail { items: Vec::new() };
    assert_eq!(asks(&net, &hosts, get(&owner, 0, 0)).await.unwrap(), nothing);

    // One waits while the other leaves mail.
    let (waited, stored) = tokio::join!(asks(&net, &hosts, get(&owner, 0, 20)), async {
        asks(&stranger(&[]).await, &hosts, put(queue, 4096)).await
    });
    assert_eq!(stored.unwrap(), DropReply::Stored {});
    let DropReply::Mail { items } = waited.unwrap() else { panic!("no mail") };
    assert_eq!((items.len(), items[0].envelope.len()), (1, 4096));
    assert!(refused(&asks(&net, &hosts, get(&thief, 0, 0)).await.unwrap(), "not_party"));

    let ids = vec![items[0].id];
    let ack = |key: &bespeak_identity::SignKey| {
        let proof = Proof::new(key, &relay.peer(), &Errand::Ack { ids: &ids });
        DropRequest::Ack { queue, ids: ids.clone(), proof }.to_bytes().unwrap()
    };
    assert!(refused(&asks(&net, &hosts, ack(&thief)).await.unwrap(), "not_party"));
    assert_eq!(relay.mail_count(), 1);
    assert_eq!(asks(&net, &hosts, ack(&owner)).await.unwrap(), DropReply::Done {});
    assert_eq!(relay.mail_count(), 0);
    net.shutdown().await;
    relay.shutdown().await;
}

async fn is_cut_off(net: &Net, node: &Node) {
    until("the stranger is cut off", || async { (net.peer_count() == 0).then_some(()) }).await;
    assert!(node.status().await.intentions_live == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_publishes_what_is_no_message_is_cut_off() {
    let place = Place::new();
    let vendor = place.node("vendor", Role::Vendor, &[]).await;
    let net = stranger(&vendor.listen_addresses()).await;
    until("they meet", || async { (net.peer_count() == 1).then_some(()) }).await;
    let topics = market::topics(&Network::main());
    for number in 0u8..20 {
        let nonce = Nonce::from_bytes([number; 16]);
        let bytes = [nonce.as_bytes().as_slice(), b"no message"].concat();
        // Once cut off there is nobody to publish to.
        let publish = net.publish(&topics[0], &bytes);
        if tokio::time::timeout(std::time::Duration::from_secs(5), publish).await.is_err() {
            break;
        }
    }
    is_cut_off(&net, &vendor).await;
    net.shutdown().await;
    vendor.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_what_is_no_request_is_refused_and_cut_off() {
    let place = Place::new();
    let (vendor, relay) = (place.node("vendor", Role::Vendor, &[]).await, place.relay().await);
    for host in [vendor.listen_addresses(), relay.listen_addresses()] {
        let net = stranger(&[]).await;
        let mut bad = vec![vec![], vec![0xff; 100], vec![0x9f; 20_000], b"{}".to_vec(), vec![0x5b; 9]];
        bad.extend((0..20).map(|cut| put(QueueId::from_bytes([1; 32]), 4096)[..cut * 100 + 1].to_vec()));
        let mut cut_off = false;
        for request in bad {
            match asks(&net, &host, request).await {
                Ok(reply) => assert!(refused(&reply, "unsupported_version"), "{reply:?}"),
                Err(_) => cut_off = true,
            }
        }
        assert!(cut_off, "it is no longer answered");
        net.shutdown().await;
    }
    let net = stranger(&[]).await;
    let about = DropRequest::About {}.to_bytes().unwrap();
    let identity = TransportIdentity([4; 32]);
    for (host, holds_mail) in [(vendor.listen_addresses(), false), (relay.listen_addresses(), true)] {
        let reply = net.request(&identity, &host, about.clone()).await.unwrap();
        assert_eq!(
            DropReply::from_bytes(&reply).unwrap(),
            DropReply::About { holds_mail },
            "others are served"
        );
    }
    net.shutdown().await;
    vendor.shutdown().await;
    relay.shutdown().await;
}
