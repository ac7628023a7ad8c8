//! A vendor that shows everything: what reaches it, and what it reads and keeps.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bespeak_agent::{
    Agent,
    command::{Command, DraftLine, OfferDraft, Placement, Reply, VendorCommand},
    document::Kept,
    output::{Arrival, Input, Outputs, Post},
};
use bespeak_identity::{Purpose, RecordId, Seed};
use bespeak_model::{
    intention::Intention,
    offer::PaymentRule,
    order::Order,
    time::{Span, Time},
};
use bespeak_net::{MarketIdentity, Net, NetConfig, NetEvent, TransportIdentity, Verdict};
use bespeak_protocol::{
    drop::{DropReply, DropRequest},
    market,
};
use bespeak_tests::{LISTEN, until};
use serde_bytes::ByteBuf;
use tokio::sync::mpsc;

use super::{
    NETWORK,
    relay::{Asked, now},
};

/// The vendor.
#[derive(Clone)]
pub(crate) struct RecordingVendor {
    net: Net,
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    agent: Agent,
    wake_at: Option<Time>,
    kept: Vec<Kept>,
    asked: Vec<Asked>,
}

impl RecordingVendor {
    pub(crate) async fn start(number: u8, relay: &[String]) -> Self {
        let seed = || Seed::from_entropy([0x70 | number; 32]);
        let network = || NETWORK.parse().unwrap();
        let party = seed().sign_key(Purpose::Party);
        let mut config = NetConfig::new(MarketIdentity::Fixed(*party.to_bytes()), NETWORK);
        config.listen = vec![LISTEN.to_owned()];
        config.peers = relay.to_vec();
        config.topics = market::topics(&network());
        config.be_found = true;
        let (net, events) = Net::start(config).await.unwrap();
        let reached = || async { net.relays().iter().any(|relay| relay.reserved).then_some(()) };
        until("customers reach the vendor through the relay", reached).await;
        let name = format!("vendor {number}").parse().unwrap();
        let agent = Agent::vendor(seed(), network(), name, [0x60 | number; 32]);
        let inner = Inner { agent, wake_at: None, kept: Vec::new(), asked: Vec::new() };
        let vendor = Self { net, inner: Arc::new(Mutex::new(inner)) };
        let _ = vendor.step(Input::Wake);
        tokio::spawn(vendor.clone().run(events));
        vendor
    }

    async fn run(self, mut events: mpsc::Receiver<NetEvent>) {
        let mut tick = tokio::time::interval(Duration::from_millis(200));
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.heard(event),
                    None => return,
                },
                _ = tick.tick() => {
                    let due = self.inner.lock().unwrap().wake_at.take_if(|at| *at <= now()).is_some();
                    if due {
                        let _ = self.step(Input::Wake);
                    }
                }
            }
        }
    }

    fn heard(&self, event: NetEvent) {
        match event {
            NetEvent::Gossip { topic, bytes, token, .. } => {
                let verdict = match self.step(Input::Gossip { topic, bytes }).judge {
                    Some(market::Verdict::Accept) => Verdict::Accept,
                    Some(market::Verdict::Reject) => Verdict::Reject,
                    Some(market::Verdict::Ignore) | None => Verdict::Ignore,
                };
                self.net.judge(token, verdict);
            }
            NetEvent::Request { peer, request: bytes, reply } => {
                let request = DropRequest::from_bytes(&bytes).expect("honest nodes ask well");
                self.inner.lock().unwrap().asked.push(Asked { peer, bytes, request: request.clone() });
                let said = match request {
                    DropRequest::Put { queue, envelope, .. } => {
                        let _ = self.step(Input::Mail { queue, envelope: envelope.into_vec() });
                        DropReply::Stored {}
                    }
                    _ => DropReply::About { holds_mail: false },
                };
                self.net.reply(reply, said.to_bytes().unwrap()).unwrap();
            }
            _ => {}
        }
    }

    /// Takes something in, and does what follows, except what is for the caller.
    fn step(&self, input: Input) -> Outputs {
        let mut inner = self.inner.lock().unwrap();
        let mut outputs = inner.agent.handle(input, now());
        inner.kept.append(&mut outputs.keep.clone());
        inner.wake_at = outputs.wake_at.or(inner.wake_at);
        for post in std::mem::take(&mut outputs.send) {
            tokio::spawn(self.clone().post(post));
        }
        outputs
    }

    async fn post(self, post: Post) {
        let place = &post.drops[0];
        let hosts: Vec<String> = place.hosts.iter().map(|host| host.as_str().to_owned()).collect();
        let put =
            DropRequest::Put { queue: place.queue, envelope: ByteBuf::from(post.envelope), stamp: None };
        let identity = TransportIdentity(post.transport);
        let reply = self.net.request(&identity, &hosts, put.to_bytes().unwrap()).await;
        let stored = reply.is_ok_and(|reply| DropReply::from_bytes(&reply) == Ok(DropReply::Stored {}));
        if let Some(held) = post.report {
            let to = if stored { Arrival::Drop } else { Arrival::Nowhere };
            let _ = self.step(Input::Posted { thread: post.thread, held, to });
        }
    }

    fn command(&self, command: VendorCommand) -> Reply {
        let mut outputs = self.step(Input::Command(Command::Vendor(command)));
        outputs.reply.take().expect("a wish is answered").expect("the wish is granted")
    }

    /// Waits for an intention, and offers one thing for it.
    pub(crate) async fn offers(&self, intention: RecordId<Intention>) {
        until("the vendor hears the intention", || async {
            self.inner.lock().unwrap().agent.wish(intention).map(drop)
        })
        .await;
        let line = DraftLine {
            line: 0,
            name: "The very thing".parse().unwrap(),
            sku: Some("T-1".parse().unwrap()),
            quantity: None,
            unit_price: "99 EUR".parse().unwrap(),
        };
        let draft = OfferDraft {
            intention,
            lines: vec![line],
            alternatives: Vec::new(),
            delivery: None,
            valid: Span::THREE_DAYS,
            firm: true,
            payment: PaymentRule::Open,
            text: None,
            placement: Placement::at(self.net.listen_addresses()),
            terms: None,
            deliver_by: None,
            mandate: None,
        };
        assert!(matches!(self.command(VendorCommand::Offer(Box::new(draft))), Reply::Offered(_)));
    }

    /// Waits for an order, and accepts it.
    pub(crate) async fn accepts(&self, order: RecordId<Order>) {
        until("the vendor sees the order", || async {
            self.inner.lock().unwrap().agent.order(order).map(drop)
        })
        .await;
        assert_eq!(self.command(VendorCommand::AcceptOrder { order }), Reply::Done);
    }

    /// What it kept.
    pub(crate) fn kept(&self) -> Vec<Kept> {
        self.inner.lock().unwrap().kept.clone()
    }

    /// What it was asked.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.inner.lock().unwrap().asked.clone()
    }

    pub(crate) async fn stop(&self) {
        self.net.shutdown().await;
    }
}
