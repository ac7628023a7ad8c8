//! A small market on loopback: a relay, a vendor, a customer with her mail at the relay and one with her mail at home.
//! Somebody asks all of them all the time how they are.

use std::{
    sync::{
        Once,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bespeak_identity::RecordId;
use bespeak_model::{intention::Intention, offer::PaymentRule, time::Span};
use bespeak_net::{MarketIdentity, Net, NetConfig, TransportIdentity};
use bespeak_node::{Node, OfferItem, OfferRequest, Relay, Role};
use bespeak_protocol::drop::{DropReply, DropRequest};
use bespeak_tests::{cast, start_as, start_node, start_relay, until};
use tokio::{task::JoinSet, time::timeout};

use super::rogue::NETWORK;

/// How long a node may take to say how it is, whatever is done to it. Source: wild guess; far above what a loaded
/// machine needs, far below what a person takes for dead.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// Pause between two such questions. Source: wild guess.
const GLANCE: Duration = Duration::from_millis(50);

static PANICS: AtomicUsize = AtomicUsize::new(0);
static HOOK: Once = Once::new();

/// Counts every panic of any thread or task of this process.
fn count_panics() {
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            PANICS.fetch_add(1, Ordering::Relaxed);
            before(info);
        }));
    });
}

/// The market.
pub(crate) struct World {
    /// The meeting point.
    pub(crate) relay: Relay,
    /// The vendor; knows the relay.
    pub(crate) vendor: Node,
    /// A customer who knows the relay.
    pub(crate) customer: Node,
    /// A customer who knows the vendor alone, and keeps her mail at home.
    pub(crate) homebody: Node,
    watchers: JoinSet<()>,
    panics: usize,
    _folder: tempfile::TempDir,
}

impl World {
    /// Opens it; when this returns an honest trade has worked for both customers.
    pub(crate) async fn open() -> Self {
        count_panics();
        let panics = PANICS.load(Ordering::Relaxed);
        let folder = tempfile::tempdir().unwrap();
        let relay = start_relay(folder.path().join("relay"), NETWORK).await;
        let meeting = relay.listen_addresses();
        let start = async |name: &str, role, peers: &[String]| {
            start_node(&folder.path().join(name), role, Some("hunted"), NETWORK, peers).await
        };
        let vendor = start("vendor", Role::Vendor, &meeting).await;
        let customer = start("customer", Role::Customer, &meeting).await;
        let (home, meets) = (folder.path().join("homebody"), vendor.listen_addresses());
        let homebody = start_as(&home, Role::Customer, Some("hunted"), NETWORK, &meets, true).await;
        let mut world =
            Self { relay, vendor, customer, homebody, watchers: JoinSet::new(), panics, _folder: folder };
        world.watch().await;
        world.trades("before anything happened").await;
        world
    }

    async fn watch(&mut self) {
        for node in [&self.vendor, &self.customer, &self.homebody].map(Node::clone) {
            self.watchers.spawn(async move {
                loop {
                    let asked = timeout(ANSWERS_WITHIN, node.status()).await;
                    assert!(asked.is_ok(), "{node:?} does not say how it is");
                    tokio::time::sleep(GLANCE).await;
                }
            });
        }
        let (asker, _events) = Net::start(NetConfig::new(MarketIdentity::Fresh, NETWORK)).await.unwrap();
        for hosts in [self.relay.listen_addresses(), self.vendor.listen_addresses()] {
            let asker = asker.clone();
            let identity = TransportIdentity(std::array::from_fn(|n| hosts[0].as_bytes()[n]));
            self.watchers.spawn(async move {
                let about = DropRequest::About {}.to_bytes().unwrap();
                loop {
                    let asked =
                        timeout(ANSWERS_WITHIN, asker.request(&identity, &hosts, about.clone())).await;
                    let reply = asked.expect("a host answers in time").expect("a host answers");
                    assert!(matches!(DropReply::from_bytes(&reply), Ok(DropReply::About { .. })));
                    tokio::time::sleep(GLANCE).await;
                }
            });
        }
    }

    /// Everybody who can be attacked, by name and address.
    pub(crate) fn targets(&self) -> [(&'static str, String); 3] {
        let first = |addresses: Vec<String>| addresses.first().expect("it listens").clone();
        [
            ("the relay", first(self.relay.listen_addresses())),
            ("the vendor", first(self.vendor.listen_addresses())),
            ("the customer", first(self.homebody.listen_addresses())),
        ]
    }

    /// Fails if anybody panicked, or did not answer in time.
    pub(crate) fn is_well(&mut self, after: &str) {
        assert_eq!(PANICS.load(Ordering::Relaxed), self.panics, "panics, {after}");
        if let Some(ended) = self.watchers.try_join_next() {
            panic!("{after}: {ended:?}");
        }
    }

    /// Each customer casts an intention, the vendor hears it and offers, the offer arrives.
    pub(crate) async fn trades(&mut self, when: &str) {
        for customer in [&self.customer, &self.homebody] {
            let intention = cast(customer, when, "vehicles.bicycles").await;
            self.heard(intention).await;
            self.vendor.offer(offer(intention)).await.expect("an offer can be made");
            until("the offer arrives", || async {
                let offers = customer.offers(Some(intention)).await;
                (!offers.is_empty()).then_some(())
            })
            .await;
        }
        self.is_well(when);
    }

    /// Waits until the vendor has heard an intention.
    pub(crate) async fn heard(&self, intention: RecordId<Intention>) {
        until("the vendor hears an intention", || async {
            self.vendor.inbox().await.into_iter().find(|view| view.intention == intention)
        })
        .await;
    }

    /// Ends everybody.
    pub(crate) async fn close(mut self) {
        self.is_well("at the end");
        self.watchers.shutdown().await;
        for node in [&self.customer, &self.homebody, &self.vendor] {
            node.shutdown().await;
        }
        self.relay.shutdown().await;
        assert_eq!(PANICS.load(Ordering::Relaxed), self.panics, "panics at the end");
    }
}

/// An offer of one named thing.
pub(crate) fn offer(intention: RecordId<Intention>) -> OfferRequest {
    let items =
        vec![OfferItem::Named { name: "Cargo bicycle".parse().unwrap(), price: "1499 EUR".parse().unwrap() }];
    let (valid, payment) = (Span::THREE_DAYS, PaymentRule::Open);
    OfferRequest { intention, items, delivery: None, valid, firm: true, payment, text: None }
}
