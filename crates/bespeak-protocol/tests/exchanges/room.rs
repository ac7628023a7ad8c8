//! Who gives way when a queue or a host is full: the loud to the quiet, never the last envelope of anybody.

use std::collections::BTreeMap;

use bespeak_model::{queue::QueueId, reason::RefusalCode};
use bespeak_protocol::drop::{
    DropReply, DropRequest, Errand, Host, HostStep, Proof, Quotas, Sender, Stored, limits::MAX_QUEUE_ITEMS,
};
use proptest::prelude::*;
use serde_bytes::ByteBuf;
use sha2::{Digest, Sha256};

use crate::common::*;

/// Bytes of every envelope here.
const BYTES: usize = 100;

/// A host with these queues open, and what it was told to keep.
struct World {
    host: Host,
    kept: BTreeMap<(QueueId, u64), Stored>,
    number: u64,
}

fn sender(place: u64, peer: u64) -> Sender {
    Sender { place, peer }
}

impl World {
    fn new(quotas: Quotas, owners: std::ops::Range<u8>) -> Self {
        let mut host = Host::new(HOST.to_owned(), start(), quotas);
        for owner in owners {
            let proof = Proof::new(&key(owner), HOST, &Errand::Get { after: 0 });
            let get = DropRequest::Get { queue: queue(owner), after: 0, wait: 0, proof };
            assert!(matches!(host.handle(&get, [0; 32], sender(0, 0), start()), HostStep::Open { .. }));
        }
        Self { host, kept: BTreeMap::new(), number: 0 }
    }

    /// Leaves a new envelope; with what gave way to it, if it was taken.
    fn put(&mut self, owner: u8, from: Sender) -> Option<Vec<Stored>> {
        self.number += 1;
        let envelope = [self.number.to_be_bytes().to_vec(), vec![0; BYTES - 8]].concat();
        let digest = Sha256::digest(&envelope).into();
        let put = DropRequest::Put { queue: queue(owner), envelope: ByteBuf::from(envelope), stamp: None };
        match self.host.handle(&put, digest, from, start()) {
            HostStep::Keep { mail, gone } => {
                let gone =
                    gone.into_iter().map(|gone| self.kept.remove(&gone).expect("it was there")).collect();
                self.kept.insert((mail.queue, mail.id), mail);
                Some(gone)
            }
            HostStep::Reply(DropReply::Refused { code: RefusalCode::TooLarge }) => None,
            other => panic!("{other:?}"),
        }
    }

    fn count(&self, owner: u8, from: Sender) -> usize {
        self.kept.values().filter(|mail| mail.queue == queue(owner) && mail.from == from).count()
    }

    fn of_place(&self, owner: u8, place: u64) -> usize {
        self.kept.values().filter(|mail| mail.queue == queue(owner) && mail.from.place == place).count()
    }
}

#[test]
fn in_a_full_queue_whoever_has_little_takes_the_place_of_the_loudest_newest() {
    let mut world = World::new(Quotas::default(), 20..21);
    (0..MAX_QUEUE_ITEMS).for_each(|_| assert_eq!(world.put(20, sender(1, 1)), Some(vec![])));
    assert_eq!(world.put(20, sender(1, 1)), None, "nobody takes the place of his own");
    let newest = *world.kept.values().next_back().unwrap();
    assert_eq!(world.put(20, sender(1, 2)), Some(vec![newest]), "of the same network");
    let gone = world.put(20, sender(2, 3)).unwrap();
    assert_eq!(gone.iter().map(|mail| mail.from).collect::<Vec<_>>(), [sender(1, 1)], "of another");
    assert_eq!(world.kept.len(), MAX_QUEUE_ITEMS);
}

#[test]
fn fifty_identities_of_one_network_leave_room_for_all_others() {
    let mut world = World::new(Quotas::default(), 20..21);
    for round in 0..1000 {
        let _ = world.put(20, sender(1, round % 50));
        if round % 20 == 0 {
            assert!(world.put(20, sender(2 + round, 1000 + round)).is_some(), "an honest sender, {round}");
        }
    }
    for round in (0..1000).step_by(20) {
        assert_eq!(world.count(20, sender(2 + round, 1000 + round)), 1, "what was stored stays");
    }
}

#[test]
fn new_identities_of_one_network_do_not_keep_another_network_out() {
    let mut world = World::new(Quotas::default(), 20..21);
    for peer in 0..60 {
        for _ in 0..2 {
            assert!(world.put(20, sender(1, peer)).is_some());
        }
    }
    for peer in 60..200 {
        let _ = world.put(20, sender(1, peer));
    }
    assert_eq!(
        world.put(20, sender(1, 200)),
        None,
        "all have one, and there are no more places in this network"
    );
    // The queue is full of one network, half of it for others.
    for n in 0..MAX_QUEUE_ITEMS as u64 / 2 {
        assert!(world.put(20, sender(2 + n, 1000 + n)).is_some(), "{n}");
    }
    assert_eq!(world.put(20, sender(500, 500)), None);
    assert_eq!(world.of_place(20, 1), MAX_QUEUE_ITEMS / 2);
}

#[test]
fn a_full_host_takes_from_the_fullest_queues() {
    let quotas = Quotas { total_bytes: 100 * BYTES as u64, ..Quotas::default() };
    let mut world = World::new(quotas, 20..23);
    (0..60).for_each(|_| assert!(world.put(20, sender(1, 1)).is_some()));
    (0..40).for_each(|_| assert!(world.put(21, sender(2, 2)).is_some()));
    assert_eq!(world.put(20, sender(1, 1)), None, "the fullest itself grows no more");
    for n in 0..20 {
        let gone = world.put(22, sender(3, 3)).unwrap();
        assert_eq!(gone.iter().map(|mail| mail.queue).collect::<Vec<_>>(), [queue(20)], "{n}");
    }
    // All are equal now, or nearly: nobody takes from anybody who would then have less.
    for _ in 0..100 {
        let _ = world.put(22, sender(3, 3));
    }
    let counts =
        [world.count(20, sender(1, 1)), world.count(21, sender(2, 2)), world.count(22, sender(3, 3))];
    assert!(counts.iter().all(|count| (33..=34).contains(count)), "{counts:?}");
    assert_eq!(world.host.total_bytes(), 100 * BYTES as u64);
}

#[test]
fn a_host_full_of_single_envelopes_takes_no_more_and_loses_none() {
    let quotas = Quotas { total_bytes: 10 * BYTES as u64, ..Quotas::default() };
    let mut world = World::new(quotas, 20..22);
    (0..10).for_each(|n| assert!(world.put(20, sender(n, n)).is_some()));
    assert_eq!(world.put(21, sender(50, 50)), None);
    assert_eq!(world.host.envelopes(), 10);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes from whomever: nothing passes its bound, a sender's only envelope in a queue stays, and whoever
    /// displaces has no more than whom he displaced.
    #[test]
    fn room_is_shared(puts in prop::collection::vec((20..24_u8, 0..3_u64, 0..6_u64), 0..400)) {
        let quotas = Quotas { queue_items: 12, total_bytes: 30 * BYTES as u64, ..Quotas::default() };
        let mut world = World::new(quotas, 20..24);
        for (owner, place, peer) in puts {
            let from = sender(place, 10 * place + peer);
            let before: Vec<Stored> = world.kept.values().copied().collect();
            let Some(gone) = world.put(owner, from) else { continue };
            for mail in gone {
                let same_sender = |other: &&Stored| (other.queue, other.from) == (mail.queue, mail.from);
                let same_place =
                    |other: &&Stored| (other.queue, other.from.place) == (mail.queue, mail.from.place);
                let crowd = mail.from.place != place && before.iter().filter(same_place).count() > 6;
                prop_assert!(before.iter().filter(same_sender).count() > 1 || crowd, "an only envelope went");
                if mail.queue == queue(owner) && mail.from.place == place {
                    prop_assert!(world.count(owner, from) <= world.count(owner, mail.from) + 1);
                } else if mail.queue == queue(owner) {
                    prop_assert!(world.of_place(owner, place) <= world.of_place(owner, mail.from.place) + 1);
                } else {
                    let size = |wanted| before.iter().filter(|other| other.queue == wanted).count();
                    prop_assert!(size(queue(owner)) < size(mail.queue), "a fuller queue took from one less full");
                }
            }
            prop_assert!(world.host.total_bytes() <= quotas.total_bytes);
            prop_assert_eq!(world.host.total_bytes(), (world.kept.len() * BYTES) as u64);
            prop_assert_eq!(world.host.envelopes(), world.kept.len());
            prop_assert!((20..24).all(|owner| world.kept.keys().filter(|(of, _)| *of == queue(owner)).count() <= 12));
        }
    }
}
