//! Nodes on loopback, and waiting with a deadline.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code, unreachable_pub)]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bespeak_net::{MarketIdentity, Net, NetConfig, NetEvent, Verdict};
use tokio::sync::mpsc::Receiver;

pub const TOPIC: &str = "/bespeak/1/test/home";
pub const TCP: &str = "/ip4/127.0.0.1/tcp/0";
pub const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";

/// Long enough for a busy machine; a test that needs it has failed.
pub const PATIENCE: Duration = Duration::from_secs(40);

pub fn config(listen: &[&str], peers: &[String]) -> NetConfig {
    let mut config = NetConfig::new(MarketIdentity::Fresh, "test");
    config.listen = listen.iter().map(|s| (*s).to_owned()).collect();
    config.peers = peers.to_vec();
    config.topics = vec![TOPIC.to_owned()];
    config
}

pub async fn start(listen: &[&str], peers: &[String]) -> (Net, Receiver<NetEvent>) {
    Net::start(config(listen, peers)).await.unwrap()
}

/// The first event that `pick` takes; others are dropped.
pub async fn event<T>(
    events: &mut Receiver<NetEvent>,
    what: &str,
    mut pick: impl FnMut(NetEvent) -> Option<T>,
) -> T {
    let wanted = async {
        loop {
            let event = events.recv().await.unwrap_or_else(|| panic!("the wires ended before {what}"));
            if let Some(found) = pick(event) {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, wanted).await.unwrap_or_else(|_| panic!("no {what} in {PATIENCE:?}"))
}

/// Waits until the condition holds.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "not in {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub async fn connected(events: &mut Receiver<NetEvent>) -> String {
    event(events, "peer", |event| match event {
        NetEvent::Connected { peer, .. } => Some(peer),
        _ => None,
    })
    .await
}

pub async fn disconnected(events: &mut Receiver<NetEvent>) -> String {
    event(events, "goodbye", |event| match event {
        NetEvent::Disconnected { peer } => Some(peer),
        _ => None,
    })
    .await
}

/// What a node has heard, with the moment of each.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Log>>);

type Log = Vec<(Vec<u8>, Instant)>;

impl Heard {
    pub fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    pub fn has(&self, bytes: &[u8]) -> bool {
        self.at(bytes).is_some()
    }

    pub fn at(&self, bytes: &[u8]) -> Option<Instant> {
        self.0.lock().unwrap().iter().find(|(heard, _)| heard == bytes).map(|(_, at)| *at)
    }
}

/// Judges all gossip by a rule, and writes down what comes.
pub fn listen(
    net: &Net,
    mut events: Receiver<NetEvent>,
    rule: impl Fn(&[u8]) -> Verdict + Send + 'static,
) -> Heard {
    let (net, heard) = (net.clone(), Heard::default());
    let kept = heard.clone();
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if let NetEvent::Gossip { bytes, token, .. } = event {
                net.judge(token, rule(&bytes));
                kept.0.lock().unwrap().push((bytes, Instant::now()));
            }
        }
    });
    heard
}

pub fn accept(_: &[u8]) -> Verdict {
    Verdict::Accept
}
