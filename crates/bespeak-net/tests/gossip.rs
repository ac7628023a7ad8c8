//! Publishing, judging, forwarding.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use std::time::{Duration, Instant};

use bespeak_net::{MAX_MESSAGE, Net, NetEvent, PublishError, Verdict};
use common::*;

async fn two_gossip(listen_on: &str) {
    let (a, _a_events) = start(&[listen_on], &[]).await;
    let (b, mut b_events) = start(&[], &a.listen_addresses()).await;
    b.publish(TOPIC, b"from b").await.unwrap();
    a.publish(TOPIC, b"from a").await.unwrap();
    let (topic, bytes, from, token) = event(&mut b_events, "gossip", |event| match event {
        NetEvent::Gossip { topic, bytes, from, token } => Some((topic, bytes, from, token)),
        _ => None,
    })
    .await;
    assert_eq!((topic.as_str(), bytes.as_slice()), (TOPIC, b"from a".as_slice()));
    assert_eq!(from, a.peer());
    b.judge(token, Verdict::Accept);
    until("b shows that a follows the topic", || {
        b.peers().iter().any(|p| p.peer == a.peer() && p.topics == 1)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_gossip_over_tcp() {
    two_gossip(TCP).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_gossip_over_quic() {
    two_gossip(QUIC).await;
}

/// 50 messages of one node reach all others, each once.
async fn all_delivered(nodes: Vec<(Net, Heard)>) {
    let mut sent = Vec::new();
    for n in 0..50 {
        let bytes = format!("message {n}").into_bytes();
        let at = Instant::now();
        nodes[0].0.publish(TOPIC, &bytes).await.unwrap();
        sent.push((bytes, at));
    }
    until("all messages everywhere", || nodes[1..].iter().all(|(_, heard)| heard.count() >= 50)).await;
    let took =
        |heard: &Heard| sent.iter().map(|(bytes, at)| heard.at(bytes).unwrap().duration_since(*at)).max();
    let slowest = nodes[1..].iter().filter_map(|(_, heard)| took(heard)).max().unwrap();
    // 0.6 s at the meeting point on a quiet machine: one heartbeat and a little.
    assert!(slowest < Duration::from_secs(10), "slowest delivery {slowest:?}");
    assert!(nodes[1..].iter().all(|(_, heard)| heard.count() == 50), "a message came twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_nodes_that_know_one_meeting_point_hear_everything() {
    let (hub, hub_events) = start(&[TCP, QUIC], &[]).await;
    listen(&hub, hub_events, accept);
    let mut nodes = Vec::new();
    for n in 0..20 {
        let address = hub.listen_addresses()[n % 2].clone();
        let (net, events) = start(&[], &[address]).await;
        let heard = listen(&net, events, accept);
        nodes.push((net, heard));
    }
    until("everybody at the hub", || hub.peers().iter().filter(|p| p.topics == 1).count() == 20).await;
    all_delivered(nodes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_nodes_that_know_a_few_hear_everything() {
    let mut nodes: Vec<(Net, Heard)> = Vec::new();
    for n in 0..20usize {
        // The one before, and two further back: connected, with paths of several hops.
        let known = [n.checked_sub(1), n.checked_sub(5), n.checked_sub(11)];
        let peers: Vec<String> =
            known.into_iter().flatten().map(|k| nodes[k].0.listen_addresses()[0].clone()).collect();
        let (net, events) = start(&[TCP], &peers).await;
        let heard = listen(&net, events, accept);
        nodes.push((net, heard));
    }
    until("everybody connected", || nodes.iter().all(|(net, _)| net.peers().iter().any(|p| p.topics == 1)))
        .await;
    until("the last one connected", || nodes[19].0.peer_count() >= 3).await;
    all_delivered(nodes).await;
}

/// a – b – c: what b says of "bad" decides what c hears.
async fn stops_at(verdict: Verdict) {
    let (b, b_events) = start(&[TCP], &[]).await;
    let b_heard = listen(&b, b_events, move |bytes| if bytes == b"bad" { verdict } else { Verdict::Accept });
    let (a, _a_events) = start(&[], &b.listen_addresses()).await;
    let (c, c_events) = start(&[], &b.listen_addresses()).await;
    let c_heard = listen(&c, c_events, accept);
    until("both at b", || b.peers().iter().filter(|p| p.topics == 1).count() == 2).await;

    a.publish(TOPIC, b"bad").await.unwrap();
    until("bad at b", || b_heard.has(b"bad")).await;
    // Later messages arrive, and several heartbeats of offers have passed with the last of them.
    let start = Instant::now();
    for n in 0..4 {
        let good = format!("good {n}").into_bytes();
        a.publish(TOPIC, &good).await.unwrap();
        until("good at c", || c_heard.has(&good)).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert!(start.elapsed() >= Duration::from_secs(2));
    assert!(!c_heard.has(b"bad"), "{verdict:?} was forwarded");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rejected_is_not_forwarded() {
    stops_at(Verdict::Reject).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ignored_is_not_forwarded() {
    stops_at(Verdict::Ignore).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_whose_messages_are_rejected_is_cut_off_for_good() {
    let (judge, judge_events) = start(&[TCP], &[]).await;
    let heard = listen(&judge, judge_events, |_| Verdict::Reject);
    let (liar, mut liar_events) = start(&[], &judge.listen_addresses()).await;
    // On a busy machine an early lie fades before the next is judged: a liar goes on, at its pace, until it is thrown out.
    let tongue = liar.clone();
    let lying = tokio::spawn(async move {
        for n in 0_u32.. {
            let _ = tongue.publish(TOPIC, format!("lie {n}").as_bytes()).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert_eq!(disconnected(&mut liar_events).await, judge.peer());
    lying.abort();
    assert!(heard.count() >= 2, "cut off after {} rejections", heard.count());
    until("it is gone", || judge.peer_count() == 0).await;
    liar.dial(&judge.listen_addresses()[0]).await.ok();
    until("it is refused", || judge.peer_count() == 0 && liar.peer_count() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_waits_for_somebody_to_follow_the_topic() {
    let (early, _early_events) = start(&[TCP], &[]).await;
    let publisher = early.clone();
    let published = tokio::spawn(async move { publisher.publish(TOPIC, b"early").await });
    let (late, late_events) = start(&[], &early.listen_addresses()).await;
    let heard = listen(&late, late_events, accept);
    assert_eq!(published.await.unwrap(), Ok(()));
    until("the early message at the late node", || heard.has(b"early")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_to_nobody_ends() {
    let mut alone = config(&[], &[]);
    alone.limits.publish_wait = Duration::from_millis(300);
    let (net, _events) = Net::start(alone).await.unwrap();
    let start = Instant::now();
    let error = net.publish(TOPIC, b"hello?").await.unwrap_err();
    assert!(matches!(error, PublishError::NoPeers { .. }), "{error}");
    assert!(start.elapsed() >= Duration::from_millis(300) && start.elapsed() < Duration::from_secs(5));
    let error = net.publish("/bespeak/1/test/other", b"x").await.unwrap_err();
    assert!(matches!(error, PublishError::UnknownTopic { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_message_passes_and_those_after_it_too() {
    for address in [TCP, QUIC] {
        let (a, a_events) = start(&[address], &[]).await;
        let heard = listen(&a, a_events, accept);
        let (b, _b_events) = start(&[], &a.listen_addresses()).await;
        for n in 0..20u8 {
            let largest = vec![n; MAX_MESSAGE];
            b.publish(TOPIC, &largest).await.unwrap();
        }
        b.publish(TOPIC, b"small").await.unwrap();
        until("all of them", || heard.count() == 21).await;
        let error = b.publish(TOPIC, &vec![9; MAX_MESSAGE + 1]).await.unwrap_err();
        assert_eq!(error, PublishError::TooLarge { bytes: MAX_MESSAGE + 1, most: MAX_MESSAGE });
        assert_eq!(b.publish(TOPIC, b"small").await, Err(PublishError::Duplicate));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_does_not_listen_does_not_stop_the_wires() {
    let mut deaf = config(&[TCP], &[]);
    deaf.limits.events = 4;
    let (deaf, deaf_events) = Net::start(deaf).await.unwrap();
    let (b, _b_events) = start(&[], &deaf.listen_addresses()).await;
    for n in 0..100 {
        b.publish(TOPIC, format!("{n}").as_bytes()).await.unwrap();
    }
    until("the deaf node still sees its peer", || deaf.peers().iter().any(|p| p.topics == 1)).await;
    assert!(deaf_events.len() <= 4);
    deaf.shutdown().await;
    until("it says goodbye", || b.peer_count() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_dropped_unjudged_give_their_room_back() {
    let mut few = config(&[TCP], &[]);
    few.limits.unjudged_per_peer = 2;
    let (a, mut a_events) = Net::start(few).await.unwrap();
    let (b, _b_events) = start(&[], &a.listen_addresses()).await;
    for n in 0..20 {
        b.publish(TOPIC, format!("{n}").as_bytes()).await.unwrap();
        let gossip = |event| matches!(event, NetEvent::Gossip { .. }).then_some(());
        event(&mut a_events, "gossip", gossip).await;
    }
}
