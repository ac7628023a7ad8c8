//! Two intentions of one customer, cast by way of a relay, and all that follows from them up to the order, share no
//! key, queue, id or address in any byte that leaves her node. Edge of the claim: the relay sees that both were
//! gossiped by the node that is connected to it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "unlinkable/customer.rs"]
mod customer;
#[path = "unlinkable/relay.rs"]
mod relay;
#[path = "unlinkable/trace.rs"]
mod trace;
#[path = "unlinkable/vendor.rs"]
mod vendor;

use bespeak_tests::until;
use customer::{Customer, Secrets};
use relay::RecordingRelay;
use trace::{Trace, constants, shared, traces};
use vendor::RecordingVendor;

/// The network everybody in these tests is on.
const NETWORK: &str = "unlinkable";
/// What is wanted: the same by both customers.
const WISHES: [(&str, &str); 2] =
    [("red folding bicycle", "vehicles.bicycles"), ("garden hose of rubber", "garden")];

/// What left the nodes of two customers, each of whom ordered twice.
struct Record {
    /// Hers, one for each intention.
    hers: [Trace; 2],
    /// The other's.
    other: [Trace; 2],
    /// What anybody would have said.
    constants: Vec<Vec<u8>>,
    secrets: Secrets,
    relay: RecordingRelay,
}

/// She orders, the other one orders twice, she orders again, from one vendor or from two; everything is written down.
async fn record(vendors: usize) -> Record {
    let folder = tempfile::tempdir().unwrap();
    let relay = RecordingRelay::start().await;
    let mut shops = Vec::new();
    for number in 0..vendors {
        shops.push(RecordingVendor::start(u8::try_from(number).unwrap(), &relay.addresses()).await);
    }
    let her = Customer::start(&folder.path().join("her"), &relay.addresses()).await;
    let other = Customer::start(&folder.path().join("other"), &relay.addresses()).await;
    let (first, second) = (&shops[0], &shops[vendors - 1]);
    let one = her.orders(WISHES[0], first).await;
    let others = [other.orders(WISHES[0], first).await, other.orders(WISHES[1], second).await];
    let two = her.orders(WISHES[1], second).await;
    // What is wholly ordered is wanted no more, and everybody is told.
    let told = WISHES.len() * 4;
    until("the withdrawals arrive", || async { (relay.log().gossip.len() >= told).then_some(()) }).await;
    let all = traces(&relay, &shops);
    let of = |intention| all.get(&intention).cloned().expect("there is a trace of every intention");
    let record = Record {
        hers: [of(one), of(two)],
        other: others.map(of),
        constants: constants(&relay),
        secrets: her.secrets(),
        relay,
    };
    for customer in [&her, &other] {
        customer.stop().await;
    }
    for shop in &shops {
        shop.stop().await;
    }
    record.relay.stop().await;
    record
}

impl Record {
    /// What anybody would have said, and what another customer did say.
    fn innocent(&self) -> Vec<Vec<u8>> {
        let others = self.other.iter().flat_map(Trace::everything);
        others.chain(self.constants.iter().cloned()).collect()
    }

    fn check(&self) {
        for trace in self.hers.iter().chain(&self.other) {
            trace.is_complete();
        }
        let [one, two] = &self.hers;
        let found = shared(&one.everything(), &two.everything(), &self.innocent());
        assert!(found.is_empty(), "in the traces of both intentions: {found:#?}");
        self.check_transports();
        self.check_addresses();
    }

    /// Every queue and every relation is dealt with from an identity of its own, none of them the market's.
    fn check_transports(&self) {
        let all: Vec<_> = self.hers.iter().flat_map(|trace| &trace.transports).collect();
        let mut used: Vec<&String> = all.iter().map(|(_, peer)| peer).collect();
        used.sort();
        used.dedup();
        // An intention's queue, and a relation with its queue at the relay and its mail at the vendor.
        assert_eq!(used.len(), 2 * self.hers.len(), "{all:?}");
        assert!(
            used.iter().all(|peer| **peer != self.secrets.peer),
            "the market's identity asks for mail: {all:?}"
        );
        for trace in &self.hers {
            assert_eq!(
                trace.transports.iter().map(|(what, _)| *what).collect::<Vec<_>>(),
                ["intention's queue", "relation"]
            );
        }
    }

    /// Where she listens, what her node is called in the market and her own lasting key are in no byte.
    fn check_addresses(&self) {
        let secrets = self.secrets.all();
        for bytes in self.hers.iter().flat_map(Trace::everything).chain(self.relay.all_bytes()) {
            for (what, secret) in &secrets {
                assert!(!contains(&bytes, secret), "{what} is in what leaves her node");
            }
        }
        let port = &self.secrets.port;
        let came_from = self.relay.addresses_of(&self.secrets.peer);
        assert!(!came_from.is_empty(), "she was connected");
        assert!(came_from.iter().all(|address| !address.contains(&format!("/{port}"))), "{came_from:?}");
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_intentions_answered_by_two_vendors_share_nothing() {
    record(2).await.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_intentions_answered_by_one_vendor_share_nothing() {
    let record = record(1).await;
    record.check();
    the_comparison_can_fail(&record);
}

/// What is of one intention is found to be of one: in what the relay saw and what the vendor read of it; and so is
/// each single key, queue or id if the second trace should hold it as well.
fn the_comparison_can_fail(record: &Record) {
    let [one, two] = &record.hers;
    let innocent = record.innocent();
    assert!(
        !shared(&one.wire, &one.plain, &innocent).is_empty(),
        "the key, the queue, the id of one intention"
    );
    assert!(!shared(&one.wire, &one.wire, &innocent).is_empty());
    for (what, secret) in one.names() {
        let mut with = two.everything();
        with.push([b"here: ".as_slice(), &secret].concat());
        assert!(!shared(&one.everything(), &with, &innocent).is_empty(), "{what} would not be found");
    }
}
