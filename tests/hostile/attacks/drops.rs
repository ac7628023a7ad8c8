//! Attacks by way of drops.

use std::time::Duration;

use bespeak_identity::Unverified;
use bespeak_model::{intention::Intention, queue::QueueId, reason::RefusalCode};
use bespeak_node::Node;
use bespeak_protocol::drop::{DropReply, DropRequest, limits::MAX_QUEUE_ITEMS};
use bespeak_tests::{PATIENCE, cast, until};
use tokio::time::timeout;

use super::super::{
    requests::{self, Own, junk as junk_of, put, raw, refused, told},
    rogue::{Link, Raw, Rogue},
    world::World,
};

/// What a host is called in proofs.
fn name(address: &str) -> &str {
    address.rsplit_once("/p2p/").expect("an address with a name").1
}

/// How often a wrong request is sent at once. Source: a host parts after the fifth.
const AGAIN: usize = 8;
/// Seconds for which requests are parked. Source: wild guess; an honest trade takes about two.
const PARKED: u16 = 10;

/// Bytes that no version sends, each by a peer that sends nothing else: refused, and in the end the peer is cut off.
pub(crate) async fn malformed(world: &mut World) {
    for (target, address) in world.targets() {
        for (what, body) in requests::malformed() {
            let mut rogue = Rogue::meet(&address).await;
            // The peer may be cut off before it has its answers.
            let answers: Vec<_> = (0..AGAIN).map(|_| rogue.ask(Raw::framed(&body))).collect();
            rogue.is_cut_off(&format!("{target} {what}")).await;
            drop(answers);
        }
        world.is_well(target);
    }
}

/// What a later version may say: refused in words, held against nobody.
pub(crate) async fn unknown(world: &mut World) {
    for (target, address) in world.targets() {
        let rogue = Rogue::meet(&address).await;
        for _ in 0..3 {
            for (what, request) in requests::unknown(name(&address)) {
                let answer = rogue.told(request.raw()).await.expect("the host answers");
                let reply = DropReply::from_bytes(&answer[4..]).expect("the answer is readable");
                assert!(matches!(reply, DropReply::Refused { .. }), "{target}, {what}: {reply:?}");
            }
        }
        assert!(matches!(told(&rogue, &DropRequest::About {}).await, DropReply::About { .. }));
        assert_eq!(rogue.link(), Link::Up, "{target} parted with an honest peer");
        world.is_well(target);
    }
}

/// Lengths over the bound, requests that break off, requests that come a byte a second.
pub(crate) async fn broken(world: &mut World) {
    let about = raw(&DropRequest::About {});
    for (target, address) in world.targets() {
        let rogue = Rogue::meet(&address).await;
        for length in [20 * 1024 + 1, 1 << 24, u32::MAX] {
            let raw = Raw::bytes([length.to_be_bytes().as_slice(), &[0xf6; 1000]].concat());
            let answer = rogue.told(raw).await;
            assert!(
                answer.as_ref().is_err() || answer.as_ref().is_ok_and(Vec::is_empty),
                "{target}: {answer:?}"
            );
        }
        let whole = raw(&put(QueueId::from_bytes([7; 32]), vec![1; 4096]));
        for at in (0..about.bytes.len()).chain([100, 1000, 4000]) {
            let _ = rogue
                .told(if at < about.bytes.len() { about.clone().cut(at) } else { whole.clone().cut(at) })
                .await;
        }
        // These take longer than the test; everybody else must not notice.
        let slow: Vec<_> = (0..30).map(|_| rogue.ask(whole.clone().slowly(Duration::from_secs(1)))).collect();
        let other = Rogue::meet(&address).await;
        assert!(matches!(told(&other, &DropRequest::About {}).await, DropReply::About { .. }));
        world.trades(&format!("while somebody speaks slowly to {target}")).await;
        drop(slow);
    }
}

/// The queues in which a customer's offers arrive, as everybody can read them in her intentions.
async fn queues_of(customer: &Node) -> Vec<QueueId> {
    let mut queues = Vec::new();
    for view in customer.intentions().await {
        let record = customer.record(&view.intention.to_string()).await.expect("her own record");
        let read = Unverified::<Intention>::from_bytes(record).expect("a record");
        queues.extend(read.claim().drops.iter().map(|drop| drop.queue));
    }
    queues
}

/// Fetching and deleting needs the queue's own key, and this host's name; leaving needs an open queue.
pub(crate) async fn strangers(world: &mut World) {
    let hers = queues_of(&world.customer).await.pop().expect("she has a queue");
    let at_home = queues_of(&world.homebody).await.pop().expect("she has a queue");
    for (target, address) in world.targets() {
        let (rogue, own, host) = (Rogue::meet(&address).await, Own::new(2), name(&address));
        let elsewhere = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";
        let wrong = [
            own.misdirected(own.get(host, 0), hers),
            own.misdirected(own.ack(host, vec![1, 2]), hers),
            own.misdirected(own.get(host, 0), at_home),
            own.misdirected(own.get(host, 0), QueueId::from_bytes([0; 32])),
            own.get(elsewhere, 0),
            own.ack(elsewhere, vec![1]),
        ];
        for request in &wrong {
            let code = refused(&rogue, request).await;
            // A node that holds no mail for others knows of no queue.
            let expected = if target == "the relay" { RefusalCode::NotParty } else { RefusalCode::NotFound };
            assert_eq!(code, expected, "{target}: {request:?}");
        }
        for envelope in junk_of(3) {
            assert_eq!(
                refused(&rogue, &put(QueueId::from_bytes([5; 32]), envelope)).await,
                RefusalCode::NotFound
            );
        }
        // Who could ask every node for a customer's queue would find her.
        if target == "the customer" {
            assert_eq!(refused(&rogue, &put(hers, vec![1; 4096])).await, RefusalCode::NotFound);
        }
        world.is_well(target);
    }
}

/// A queue holds so much and no more; the same envelope takes room once.
pub(crate) async fn quota(world: &mut World) {
    let (_, address) =
        world.targets().into_iter().find(|(target, _)| *target == "the relay").expect("a relay");
    let (rogue, own, host) = (Rogue::meet(&address).await, Own::new(4), name(&address));
    assert!(matches!(told(&rogue, &own.get(host, 0)).await, DropReply::Mail { items } if items.is_empty()));
    let before = world.relay.mail_count();
    for _ in 0..20 {
        assert_eq!(told(&rogue, &put(own.queue, vec![1; 16 * 1024])).await, DropReply::Stored {});
    }
    assert_eq!(world.relay.mail_count(), before + 1, "twenty times the same");
    for n in 1..MAX_QUEUE_ITEMS {
        let envelope = [n.to_be_bytes().to_vec(), vec![2; 16 * 1024 - 8]].concat();
        assert_eq!(told(&rogue, &put(own.queue, envelope)).await, DropReply::Stored {}, "number {n}");
    }
    for n in 0..200_u64 {
        let over = put(own.queue, [n.to_be_bytes().to_vec(), vec![3; 4088]].concat());
        assert_eq!(refused(&rogue, &over).await, RefusalCode::TooLarge);
    }
    assert_eq!(world.relay.mail_count(), before + MAX_QUEUE_ITEMS as u64);
    let mut emptied = 0;
    while let DropReply::Mail { items } = told(&rogue, &own.get(host, 0)).await {
        if items.is_empty() {
            break;
        }
        let ids: Vec<u64> = items.iter().map(|item| item.id).chain([0, 1, u64::MAX]).collect();
        assert_eq!(told(&rogue, &own.ack(host, ids)).await, DropReply::Done {});
        emptied += items.len();
    }
    assert_eq!(emptied, MAX_QUEUE_ITEMS);
    until("the relay's room is free again", || async { (world.relay.mail_count() <= before).then_some(()) })
        .await;
}

/// Sealed junk, by the hundreds, in queues whose owners are there: it is thrown away, and offers still arrive.
pub(crate) async fn junk(world: &mut World) {
    let relay = world.relay.listen_addresses().remove(0);
    let home = world.homebody.listen_addresses().remove(0);
    let (hers, at_home) = (queues_of(&world.customer).await, queues_of(&world.homebody).await);
    for customer in [&world.customer, &world.homebody] {
        // What is cast is kept after all that came before: from here on nothing honest is on its way.
        cast(customer, "before the junk", "vehicles.bicycles").await;
    }
    let (kept_by_her, kept_at_home) = (records(&world.customer).await, records(&world.homebody).await);
    for (address, queues) in [(relay, &hers), (home, &at_home)] {
        let rogue = Rogue::meet(&address).await;
        for n in 0..20 {
            for envelope in junk_of(n) {
                for queue in queues {
                    let reply = told(&rogue, &put(*queue, envelope.clone())).await;
                    let full = DropReply::Refused { code: RefusalCode::TooLarge };
                    assert!(reply == DropReply::Stored {} || reply == full, "{reply:?}");
                }
            }
        }
        assert_eq!(rogue.link(), Link::Up, "whoever leaves mail need not know what is in it");
    }
    until("she has fetched it all", || async { (world.relay.mail_count() == 0).then_some(()) }).await;
    assert_eq!(records(&world.customer).await, kept_by_her, "junk is not kept");
    assert_eq!(records(&world.homebody).await, kept_at_home, "junk is not kept");
}

async fn records(node: &Node) -> u64 {
    node.status().await.store.records
}

/// Requests that wait for mail, more than anybody needs; the relay serves others all the same.
pub(crate) async fn parked(world: &mut World) {
    let (_, address) =
        world.targets().into_iter().find(|(target, _)| *target == "the relay").expect("a relay");
    let host = name(&address).to_owned();
    let mut crowd = Vec::new();
    let mut answers = Vec::new();
    for n in 0..10_u64 {
        let rogue = Rogue::meet(&address).await;
        for m in 0..30 {
            answers.push(rogue.ask(raw(&Own::new(1000 + 100 * n + m).get(&host, PARKED))));
        }
        crowd.push(rogue);
    }
    world.trades("while three hundred requests are parked").await;
    // Each of them is answered when its time is up, with nothing.
    for answer in answers {
        let answer = timeout(PATIENCE, answer).await.expect("a long poll ends").expect("the rogue lives");
        let reply = DropReply::from_bytes(&answer.expect("the relay answers")[4..]).expect("a reply");
        assert_eq!(reply, DropReply::Mail { items: Vec::new() });
    }
    drop(crowd);
}
