//! A peer that speaks real libp2p and keeps to nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use std::time::Duration;

use bespeak_net::{MAX_MESSAGE, Net, NetEvent, Verdict};
use common::*;
use futures::StreamExt;
use libp2p::gossipsub::{
    self, AllowAllSubscriptionFilter, IdentTopic, IdentityTransform, MessageAuthenticity, ValidationMode,
};
use libp2p::swarm::{NetworkBehaviour, Swarm, SwarmEvent};
use libp2p::{Multiaddr, SwarmBuilder, identify, noise, tcp, yamux};
use tokio::time::timeout;

type Gossip = gossipsub::Behaviour<IdentityTransform, AllowAllSubscriptionFilter>;

#[derive(NetworkBehaviour)]
struct Rogue {
    gossip: Gossip,
    identify: identify::Behaviour,
}

/// Says it belongs to the network, then does as it likes.
fn rogue(
    who: impl FnOnce(&libp2p::identity::Keypair) -> MessageAuthenticity,
    mode: ValidationMode,
) -> Swarm<Rogue> {
    let config = gossipsub::ConfigBuilder::default()
        .validation_mode(mode)
        .max_transmit_size(60 * 1024)
        .heartbeat_interval(Duration::from_millis(200))
        .message_id_fn(|message: &gossipsub::Message| message.data.clone().into())
        .build()
        .unwrap();
    SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|key| Rogue {
            gossip: Gossip::new(who(key), config).unwrap(),
            identify: identify::Behaviour::new(identify::Config::new(
                "/bespeak/1/test".to_owned(),
                key.public(),
            )),
        })
        .unwrap()
        .with_swarm_config(|config| config.with_idle_connection_timeout(PATIENCE * 2))
        .build()
}

fn anonymous() -> Swarm<Rogue> {
    rogue(|_| MessageAuthenticity::Anonymous, ValidationMode::Anonymous)
}

fn dial(swarm: &mut Swarm<Rogue>, net: &Net) {
    let address: Multiaddr = net.listen_addresses()[0].parse().unwrap();
    swarm.dial(address).unwrap();
}

/// Runs the rogue until `pick` takes one of its events.
async fn rogue_event<T>(
    swarm: &mut Swarm<Rogue>,
    what: &str,
    mut pick: impl FnMut(SwarmEvent<RogueEvent>) -> Option<T>,
) -> T {
    let wanted = async {
        loop {
            if let Some(found) = pick(swarm.select_next_some().await) {
                return found;
            }
        }
    };
    timeout(PATIENCE, wanted).await.unwrap_or_else(|_| panic!("no {what}"))
}

async fn subscribed(swarm: &mut Swarm<Rogue>) {
    rogue_event(swarm, "subscription", |event| {
        matches!(event, SwarmEvent::Behaviour(RogueEvent::Gossip(gossipsub::Event::Subscribed { .. })))
            .then_some(())
    })
    .await;
}

/// Keeps the rogue talking in the background.
fn run(mut swarm: Swarm<Rogue>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            swarm.select_next_some().await;
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_unknown_topics_leave_no_trace() {
    let (net, events) = start(&[TCP], &[]).await;
    let heard = listen(&net, events, accept);
    let mut swarm = anonymous();
    for n in 0..10_000 {
        // In portions, since one hello with all of them would be too long to be sent.
        if n == 500 {
            dial(&mut swarm, &net);
            subscribed(&mut swarm).await;
        }
        swarm.behaviour_mut().gossip.subscribe(&IdentTopic::new(format!("/made/up/{n}"))).unwrap();
    }
    swarm.behaviour_mut().gossip.subscribe(&IdentTopic::new(TOPIC)).unwrap();
    let rogue = run(swarm);
    until("our topic alone", || net.peers().first().is_some_and(|peer| peer.topics == 1)).await;

    let (honest, _honest_events) = start(&[], &net.listen_addresses()).await;
    honest.publish(TOPIC, b"still here").await.unwrap();
    until("gossip goes on", || heard.has(b"still here")).await;
    assert!(net.peers().iter().all(|peer| peer.topics <= 1));
    rogue.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_over_the_bound_are_never_heard_and_end_the_acquaintance() {
    let (net, events) = start(&[TCP], &[]).await;
    let heard = listen(&net, events, accept);
    let mut swarm = anonymous();
    let topic = IdentTopic::new(TOPIC);
    swarm.behaviour_mut().gossip.subscribe(&topic).unwrap();
    dial(&mut swarm, &net);
    subscribed(&mut swarm).await;
    for n in 0..4 {
        swarm.behaviour_mut().gossip.publish(topic.clone(), vec![n; MAX_MESSAGE + 1]).ok();
    }
    rogue_event(&mut swarm, "end", |event| {
        matches!(event, SwarmEvent::ConnectionClosed { .. }).then_some(())
    })
    .await;
    until("it is gone", || net.peer_count() == 0).await;
    assert_eq!(heard.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_with_an_author_are_never_heard() {
    let (net, events) = start(&[TCP], &[]).await;
    let heard = listen(&net, events, accept);
    let signed = |key: &libp2p::identity::Keypair| MessageAuthenticity::Signed(key.clone());
    let mut swarm = rogue(signed, ValidationMode::Permissive);
    let topic = IdentTopic::new(TOPIC);
    swarm.behaviour_mut().gossip.subscribe(&topic).unwrap();
    dial(&mut swarm, &net);
    subscribed(&mut swarm).await;
    for n in 0..10 {
        swarm.behaviour_mut().gossip.publish(topic.clone(), format!("by me {n}")).ok();
    }
    // The sweep finds it beyond hope.
    rogue_event(&mut swarm, "end", |event| {
        matches!(event, SwarmEvent::ConnectionClosed { .. }).then_some(())
    })
    .await;
    until("it is gone", || net.peer_count() == 0).await;
    assert_eq!(heard.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_one_peer_leaves_others_their_share() {
    let mut small = config(&[TCP], &[]);
    small.limits.events = 64;
    small.limits.unjudged_per_peer = 32;
    let (net, mut events) = Net::start(small).await.unwrap();
    let mut swarm = anonymous();
    let topic = IdentTopic::new(TOPIC);
    swarm.behaviour_mut().gossip.subscribe(&topic).unwrap();
    dial(&mut swarm, &net);
    subscribed(&mut swarm).await;
    for n in 0..1000 {
        swarm.behaviour_mut().gossip.publish(topic.clone(), format!("flood {n}")).ok();
    }
    let rogue = run(swarm);
    // The node is busy elsewhere; meanwhile the flood fills its share, and no more.
    until("the flood is here", || events.len() >= 32).await;
    let (honest, _honest_events) = start(&[], &net.listen_addresses()).await;
    honest.publish(TOPIC, b"honest").await.unwrap();
    let mut flood = 0;
    event(&mut events, "honest message", |event| match event {
        NetEvent::Gossip { bytes, token, .. } => {
            net.judge(token, Verdict::Ignore);
            flood += usize::from(bytes != b"honest");
            (bytes == b"honest").then_some(())
        }
        _ => None,
    })
    .await;
    assert!((32..1000).contains(&flood), "{flood} messages of the flood");
    rogue.abort();
}

async fn what_identify_says(hide: bool) -> identify::Info {
    let mut hidden = config(&[TCP, QUIC], &[]);
    hidden.hide_listen_addresses = hide;
    let (net, _events) = Net::start(hidden).await.unwrap();
    let mut swarm = anonymous();
    dial(&mut swarm, &net);
    rogue_event(&mut swarm, "identify", |event| match event {
        SwarmEvent::Behaviour(RogueEvent::Identify(identify::Event::Received { info, .. })) => Some(info),
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn identify_says_the_network_and_no_more_than_allowed() {
    let hidden = what_identify_says(true).await;
    assert_eq!(
        (hidden.agent_version.as_str(), hidden.protocol_version.as_str()),
        ("bespeak", "/bespeak/1/test")
    );
    assert_eq!(hidden.listen_addrs, []);
    let shown = what_identify_says(false).await;
    assert_eq!(shown.agent_version, "bespeak");
    assert_eq!(shown.listen_addrs.len(), 2);
}
