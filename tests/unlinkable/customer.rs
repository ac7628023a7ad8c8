//! A customer: a real node, and what nobody may learn of it.

use std::path::Path;

use bespeak_identity::{PublicKey, RecordId};
use bespeak_model::intention::Intention;
use bespeak_node::{
    Node, Role,
    command::{Command, CustomerCommand, EitherCommand, Reply},
};
use bespeak_tests::{cast, start_node, until};

use super::{NETWORK, vendor::RecordingVendor};

/// The customer.
pub(crate) struct Customer(Node);

/// What nobody may learn of a customer.
pub(crate) struct Secrets {
    /// What her node is called in the market.
    pub(crate) peer: String,
    /// The port where she listens.
    pub(crate) port: String,
    party: PublicKey,
}

impl Secrets {
    /// Her lasting key, her node's name, her address: as text, and as bytes.
    pub(crate) fn all(&self) -> Vec<(&'static str, Vec<u8>)> {
        let peer: libp2p::PeerId = self.peer.parse().unwrap();
        let address = format!("/ip4/127.0.0.1/tcp/{}", self.port);
        let binary: libp2p::Multiaddr = address.parse().unwrap();
        // A PeerId of an Ed25519 key ends in the key.
        let peer_key = peer.to_bytes().split_off(6);
        vec![
            ("her lasting key", self.party.as_bytes().to_vec()),
            ("her lasting key, in text", self.party.to_string().into_bytes()),
            ("her market PeerId", self.peer.clone().into_bytes()),
            ("her market key", peer_key),
            ("her address", address.into_bytes()),
            ("her address, in bytes", binary.to_vec()),
        ]
    }
}

impl Customer {
    pub(crate) async fn start(path: &Path, relay: &[String]) -> Self {
        Self(start_node(path, Role::Customer, None, NETWORK, relay).await)
    }

    async fn does(&self, command: Command) -> Reply {
        self.0.command(command).await.expect("the wish is granted")
    }

    /// Wants something, is offered it, says a word, orders it, sees the order accepted.
    pub(crate) async fn orders(
        &self,
        (title, category): (&str, &str),
        vendor: &RecordingVendor,
    ) -> RecordId<Intention> {
        let intention = cast(&self.0, title, category).await;
        vendor.offers(intention).await;
        let offer = until("the offer arrives", || async { self.0.offers(Some(intention)).await.pop() }).await;
        let text = "Is it in stock?".parse().unwrap();
        self.does(Command::Either(EitherCommand::Say { thread: offer.thread, text })).await;
        let placement = self.0.placement().await.expect("a place for mail");
        let accept =
            CustomerCommand::Accept { offer: offer.offer, choose: Vec::new(), anyway: false, placement };
        let Reply::Ordered { order, .. } = self.does(Command::Customer(accept)).await else {
            panic!("an order is placed");
        };
        vendor.accepts(order).await;
        until("the acceptance arrives", || async {
            self.0.order(order).await.filter(|order| order.phase == "accepted")
        })
        .await;
        intention
    }

    /// What nobody may learn.
    pub(crate) fn secrets(&self) -> Secrets {
        let address = self.0.listen_addresses().remove(0);
        let port = address.split('/').nth(4).expect("/ip4/HOST/tcp/PORT").to_owned();
        Secrets { peer: self.0.peer(), port, party: self.0.party() }
    }

    pub(crate) async fn stop(&self) {
        self.0.shutdown().await;
    }
}
