//! A host of sealed mail: what it keeps, for whom, and how much.

use std::collections::{BTreeMap, BTreeSet};

use bespeak_identity::SignKey;
use bespeak_model::{queue::QueueId, reason::RefusalCode, time::Time};
use bespeak_protocol::drop::{
    DropReply, DropRequest, Errand, Host, HostStep, MailItem, Proof, Quotas, Sender, Stored, limits,
};
use proptest::prelude::*;
use serde_bytes::ByteBuf;
use sha2::{Digest, Sha256};

use crate::common::*;

fn host() -> Host {
    Host::new(HOST.to_owned(), start(), Quotas::default())
}

/// These tests know of one sender; of several, those of who gives way.
const SENDER: Sender = Sender { place: 1, peer: 1 };

fn put(host: &mut Host, owner: u8, envelope: Vec<u8>, now: Time) -> HostStep {
    let digest = Sha256::digest(&envelope).into();
    let request = DropRequest::Put { queue: queue(owner), envelope: ByteBuf::from(envelope), stamp: None };
    host.handle(&request, digest, SENDER, now)
}

fn get_with(host: &mut Host, queue: QueueId, key: &SignKey, proven: (&str, u64), after: u64) -> HostStep {
    let proof = Proof::new(key, proven.0, &Errand::Get { after: proven.1 });
    host.handle(&DropRequest::Get { queue, after, wait: 0, proof }, [0; 32], SENDER, start())
}

fn get(host: &mut Host, owner: u8, after: u64, now: Time) -> HostStep {
    let proof = Proof::new(&key(owner), HOST, &Errand::Get { after });
    host.handle(&DropRequest::Get { queue: queue(owner), after, wait: 0, proof }, [0; 32], SENDER, now)
}

fn ack(host: &mut Host, owner: u8, ids: &[u64]) -> HostStep {
    let proof = Proof::new(&key(owner), HOST, &Errand::Ack { ids });
    host.handle(&DropRequest::Ack { queue: queue(owner), ids: ids.to_vec(), proof }, [0; 32], SENDER, start())
}

fn refused(code: RefusalCode) -> HostStep {
    HostStep::Reply(DropReply::Refused { code })
}

/// A host with this owner's queue open.
fn open(owner: u8) -> Host {
    let mut host = host();
    let none = HostStep::Reply(DropReply::Mail { items: vec![] });
    assert_eq!(
        get(&mut host, owner, 0, start()),
        HostStep::Open { queue: queue(owner), closed: vec![], then: Box::new(none) }
    );
    host
}

fn kept(step: HostStep) -> Stored {
    match step {
        HostStep::Keep { mail, gone } if gone.is_empty() => mail,
        other => panic!("not kept: {other:?}"),
    }
}

#[test]
fn mail_for_nobody_is_not_kept() {
    assert_eq!(put(&mut host(), 20, vec![1], start()), refused(RefusalCode::NotFound));
    assert_eq!(host().queues(), 0);
}

#[test]
fn a_proof_serves_its_owner_its_host_and_its_errand_alone() {
    let mut host = open(20);
    let none = HostStep::Reply(DropReply::Mail { items: vec![] });
    let not_party = refused(RefusalCode::NotParty);
    assert_eq!(get_with(&mut host, queue(20), &key(20), (HOST, 5), 5), none);
    assert_eq!(get_with(&mut host, queue(20), &key(21), (HOST, 5), 5), not_party, "another's key");
    assert_eq!(
        get_with(&mut host, queue(20), &key(20), ("12D3KooWother", 5), 5),
        not_party,
        "for another host"
    );
    assert_eq!(get_with(&mut host, queue(20), &key(20), (HOST, 4), 5), not_party, "for another id");
    assert_eq!(get_with(&mut host, queue(21), &key(20), (HOST, 5), 5), not_party, "for another queue");
    assert_eq!(host.queues(), 1, "and no queue is opened by it");

    let stored = kept(put(&mut host, 20, vec![7], start()));
    let as_ack = |proof| DropRequest::Ack { queue: queue(20), ids: vec![stored.id], proof };
    let of_get = Proof::new(&key(20), HOST, &Errand::Get { after: stored.id });
    assert_eq!(
        host.handle(&as_ack(of_get), [0; 32], SENDER, start()),
        not_party,
        "a proof to fetch deletes nothing"
    );
    let of_more = Proof::new(&key(20), HOST, &Errand::Ack { ids: &[stored.id, 9] });
    assert_eq!(host.handle(&as_ack(of_more), [0; 32], SENDER, start()), not_party);
    assert_eq!(host.total_bytes(), 1);
}

#[test]
fn a_queue_that_is_no_key_belongs_to_nobody() {
    let mut small_order = [0; 32];
    small_order[0] = 1;
    for bytes in [[0; 32], small_order, [0xff; 32]] {
        let step = get_with(&mut host(), QueueId::from_bytes(bytes), &key(20), (HOST, 0), 0);
        assert_eq!(step, refused(RefusalCode::NotParty));
    }
}

#[test]
fn case_03_the_same_envelope_again_is_kept_once() {
    let mut host = open(20);
    let stored = kept(put(&mut host, 20, vec![7; 100], start()));
    assert_eq!(put(&mut host, 20, vec![7; 100], later(9)), HostStep::Reply(DropReply::Stored {}));
    assert_eq!(host.total_bytes(), 100);
    assert_eq!(get(&mut host, 20, 0, start()), HostStep::Read { queue: queue(20), ids: vec![stored.id] });
}

/// Any point of the curve has the shape of a queue; only the few that are asked for need a secret.
fn many_queues(host: &mut Host, count: usize, asked_at: Time) {
    for number in 0..count {
        let mut name = [9; 32];
        name[..8].copy_from_slice(&number.to_be_bytes());
        host.recall_queue(QueueId::from_bytes(name), asked_at);
    }
}

#[test]
fn empty_queues_that_nobody_asks_for_give_way_when_there_is_no_room() {
    let mut host = open(20);
    assert_eq!(get(&mut host, 20, 0, later(HOUR)), HostStep::Reply(DropReply::Mail { items: vec![] }));
    let HostStep::Open { .. } = get(&mut host, 21, 0, start()) else { panic!("not opened") };
    kept(put(&mut host, 21, vec![7], start()));
    many_queues(&mut host, limits::MAX_QUEUES - 2, later(60));
    assert_eq!(
        get(&mut host, 22, 0, later(60 + limits::QUEUE_REST - 1)),
        refused(RefusalCode::RateLimited),
        "whoever asked a moment ago is still there"
    );
    let step = get(&mut host, 22, 0, later(HOUR));
    let HostStep::Open { closed, .. } = step else { panic!("not opened: {step:?}") };
    assert_eq!(closed.len(), limits::MADE_ROOM);
    assert!(!closed.contains(&queue(20)), "its owner asked just now");
    assert!(!closed.contains(&queue(21)), "it holds mail");
    assert!(closed.iter().all(|gone| !host.knows(gone)));
    assert_eq!(host.queues(), limits::MAX_QUEUES - limits::MADE_ROOM + 1);
}

#[test]
fn what_turns_out_to_be_damaged_takes_no_room_any_more() {
    let mut host = open(20);
    let stored = kept(put(&mut host, 20, vec![7; 100], start()));
    assert_eq!(host.remove(&queue(20), &[stored.id, stored.id, 4]), [stored.id]);
    assert_eq!(host.total_bytes(), 0);
    assert_eq!(get(&mut host, 20, 0, start()), HostStep::Reply(DropReply::Mail { items: vec![] }));
}

#[test]
fn a_queue_is_bounded_in_count_and_size() {
    let mut host = open(20);
    let number = |n: usize| n.to_be_bytes().to_vec();
    for n in 0..limits::MAX_QUEUE_ITEMS {
        kept(put(&mut host, 20, number(n), start()));
    }
    assert_eq!(put(&mut host, 20, number(9999), start()), refused(RefusalCode::TooLarge));
    assert_eq!(
        put(&mut host, 20, number(0), start()),
        HostStep::Reply(DropReply::Stored {}),
        "it is there already"
    );

    let mut host = open(20);
    let big = |n: usize| [number(n), vec![0; limits::MAX_ENVELOPE - 8]].concat();
    for n in 0..limits::MAX_QUEUE_BYTES / limits::MAX_ENVELOPE {
        kept(put(&mut host, 20, big(n), start()));
    }
    assert_eq!(put(&mut host, 20, vec![1], start()), refused(RefusalCode::TooLarge));
}

#[test]
fn mail_is_fetched_oldest_first_in_bounded_parts() {
    let mut host = open(20);
    let ids: Vec<u64> = (0..40_u8).map(|n| kept(put(&mut host, 20, vec![n], start())).id).collect();
    let mut after = 0;
    let mut seen = Vec::new();
    while let HostStep::Read { ids, .. } = get(&mut host, 20, after, start()) {
        assert!(ids.len() <= limits::MAX_ITEMS);
        after = *ids.last().unwrap();
        seen.extend(ids);
    }
    assert_eq!(seen, ids);
}

#[test]
fn a_queue_full_of_the_largest_envelopes_is_fetched_in_replies_that_can_be_sent() {
    let mut host = open(20);
    let largest = |n: usize| [n.to_be_bytes().to_vec(), vec![0; limits::MAX_ENVELOPE - 8]].concat();
    let full = limits::MAX_QUEUE_BYTES / limits::MAX_ENVELOPE;
    let kept: Vec<Stored> = (0..full).map(|n| kept(put(&mut host, 20, largest(n), start()))).collect();
    let (mut after, mut seen) = (0, Vec::new());
    while let HostStep::Read { ids, .. } = get(&mut host, 20, after, start()) {
        let item = |id: &u64| {
            let number = kept.iter().position(|stored| stored.id == *id).unwrap();
            MailItem { id: *id, envelope: ByteBuf::from(largest(number)) }
        };
        let reply = DropReply::Mail { items: ids.iter().map(item).collect() };
        let bytes = reply.to_bytes().expect("a reply keeps to its bound");
        assert_eq!(DropReply::from_bytes(&bytes), Ok(reply));
        after = *ids.last().expect("a reply that says there is mail has some");
        seen.extend(ids);
    }
    assert_eq!(seen, kept.iter().map(|stored| stored.id).collect::<Vec<_>>());
}

#[test]
fn nobody_empties_another_s_queue() {
    let mut host = open(20);
    let _ = get(&mut host, 21, 0, start());
    let stored = kept(put(&mut host, 20, vec![1], start()));
    assert_eq!(ack(&mut host, 21, &[stored.id]), HostStep::Reply(DropReply::Done {}));
    assert_eq!(host.total_bytes(), 1);
    assert_eq!(
        ack(&mut host, 20, &[stored.id, stored.id, 5]),
        HostStep::Delete { queue: queue(20), ids: vec![stored.id] }
    );
    assert_eq!(
        ack(&mut host, 20, &[stored.id]),
        HostStep::Reply(DropReply::Done {}),
        "an acknowledgement again is answered again"
    );
    assert_eq!(host.total_bytes(), 0);
}

#[test]
fn what_nobody_fetches_and_nobody_asks_for_goes() {
    let mut host = open(20);
    let stored = kept(put(&mut host, 20, vec![1, 2], start()));
    assert_eq!(host.expire(later(limits::MAIL_LIFE - 1)), (vec![], vec![]));
    assert_eq!(host.expire(later(limits::MAIL_LIFE)), (vec![(queue(20), stored.id)], vec![]));
    assert_eq!(host.total_bytes(), 0);
    let _ = get(&mut host, 20, 0, later(limits::QUEUE_LIFE - 1));
    assert_eq!(host.expire(later(limits::QUEUE_LIFE)), (vec![], vec![]), "asked for in the last moment");
    assert_eq!(host.expire(later(2 * limits::QUEUE_LIFE - 1)), (vec![], vec![queue(20)]));
    assert_eq!(host.queues(), 0);
}

#[test]
fn case_29_after_a_restart_no_id_comes_again() {
    let mut host = open(20);
    let ids: Vec<u64> = (0..5_u8).map(|n| kept(put(&mut host, 20, vec![n], start())).id).collect();
    let _ = ack(&mut host, 20, &ids);
    let mut again = Host::new(HOST.to_owned(), later(1), Quotas::default());
    again.recall_queue(queue(20), start());
    let fresh = kept(put(&mut again, 20, vec![9], later(1))).id;
    assert!(fresh > *ids.last().unwrap(), "whoever asks after the last id sees the new mail");
    assert_eq!(
        get(&mut again, 20, *ids.last().unwrap(), later(1)),
        HostStep::Read { queue: queue(20), ids: vec![fresh] }
    );
}

#[test]
fn bounds_of_requests_and_replies_hold_both_ways() {
    let put =
        |length| DropRequest::Put { queue: queue(20), envelope: ByteBuf::from(vec![0; length]), stamp: None };
    assert!(put(limits::MAX_ENVELOPE).to_bytes().is_ok());
    for wrong in [put(0), put(limits::MAX_ENVELOPE + 1)] {
        assert!(wrong.to_bytes().is_err());
        assert!(DropRequest::from_bytes(&bespeak_identity::drisl::to_vec(&wrong).unwrap()).is_err());
    }
    let proof = Proof::new(&key(20), HOST, &Errand::Get { after: 0 });
    let waiting = |wait| DropRequest::Get { queue: queue(20), after: 0, wait, proof: proof.clone() };
    assert!(waiting(limits::MAX_WAIT).to_bytes().is_ok());
    assert!(waiting(limits::MAX_WAIT + 1).to_bytes().is_err());
    let acks = |count| DropRequest::Ack { queue: queue(20), ids: vec![1; count], proof: proof.clone() };
    assert!(acks(limits::MAX_ACK).to_bytes().is_ok());
    assert!(acks(limits::MAX_ACK + 1).to_bytes().is_err());
    let mail = |count: usize, length| {
        let item = MailItem { id: 1, envelope: ByteBuf::from(vec![0; length]) };
        let bytes = bespeak_identity::drisl::to_vec(&DropReply::Mail { items: vec![item; count] }).unwrap();
        DropReply::from_bytes(&bytes)
    };
    assert!(mail(limits::MAX_ITEMS, 100).is_ok());
    assert!(mail(limits::MAX_ITEMS + 1, 100).is_err());
    assert!(mail(1, limits::MAX_ENVELOPE + 1).is_err());
    assert!(DropRequest::from_bytes(&vec![0; limits::MAX_REQUEST + 1]).is_err());
    assert!(DropReply::from_bytes(&vec![0; limits::MAX_REPLY + 1]).is_err());
}

/// What may happen to a host.
#[derive(Clone, Debug)]
enum Event {
    Put { owner: u8, content: u8 },
    Get { owner: u8 },
    Ack { owner: u8, which: prop::sample::Index },
    Pass { seconds: u64 },
    Restart,
}

fn event() -> impl Strategy<Value = Event> {
    let owner = || 20..23_u8;
    prop_oneof![
        6 => (owner(), any::<u8>()).prop_map(|(owner, content)| Event::Put { owner, content }),
        4 => owner().prop_map(|owner| Event::Get { owner }),
        3 => (owner(), any::<prop::sample::Index>()).prop_map(|(owner, which)| Event::Ack { owner, which }),
        1 => (1..40 * DAY).prop_map(|seconds| Event::Pass { seconds }),
        1 => Just(Event::Restart),
    ]
}

/// The plainest host there can be: a list of letters, and what was kept of them for a restart.
#[derive(Default)]
struct Plain {
    queues: BTreeMap<u8, Time>,
    letters: BTreeMap<(u8, u64), (u8, Time)>,
    used: BTreeSet<(u8, u64)>,
}

impl Plain {
    fn ids(&self, owner: u8) -> Vec<u64> {
        self.letters.range((owner, 0)..=(owner, u64::MAX)).map(|((_, id), _)| *id).collect()
    }
}

fn restarted(plain: &Plain, now: Time) -> Host {
    let mut host = Host::new(HOST.to_owned(), now, Quotas::default());
    plain.queues.iter().for_each(|(owner, asked_at)| host.recall_queue(queue(*owner), *asked_at));
    for ((owner, id), (content, at)) in &plain.letters {
        let digest = Sha256::digest([*content; 10]).into();
        host.recall(Stored { queue: queue(*owner), id: *id, digest, bytes: 10, at: *at, from: SENDER });
    }
    host
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The host does what the plain one does: keeps each letter once, gives it to its owner until it is acknowledged or
    /// old, never gives an id twice, and counts its bytes right.
    #[test]
    fn a_host_is_a_list_of_letters(events in prop::collection::vec(event(), 0..60)) {
        let (mut host, mut plain, mut now) = (host(), Plain::default(), start());
        for event in events {
            now = now.saturating_add(1);
            match event {
                Event::Put { owner, content } => {
                    let there = plain.letters.range((owner, 0)..=(owner, u64::MAX)).any(|(_, (held, _))| *held == content);
                    let step = put(&mut host, owner, vec![content; 10], now);
                    if !plain.queues.contains_key(&owner) {
                        prop_assert_eq!(step, refused(RefusalCode::NotFound));
                    } else if there {
                        prop_assert_eq!(step, HostStep::Reply(DropReply::Stored {}));
                    } else {
                        let stored = kept(step);
                        prop_assert!(plain.used.insert((owner, stored.id)), "id {} twice", stored.id);
                        prop_assert!(plain.ids(owner).iter().all(|id| *id < stored.id), "not in order");
                        plain.letters.insert((owner, stored.id), (content, now));
                    }
                }
                Event::Get { owner } => {
                    let step = get(&mut host, owner, 0, now);
                    let mut expected = plain.ids(owner);
                    expected.truncate(limits::MAX_ITEMS);
                    let known = plain.queues.insert(owner, now).is_some();
                    match step {
                        HostStep::Read { ids, .. } => prop_assert_eq!(ids, expected),
                        HostStep::Open { .. } => prop_assert!(!known && expected.is_empty()),
                        HostStep::Reply(DropReply::Mail { items }) => prop_assert!(known && items.is_empty() && expected.is_empty()),
                        other => prop_assert!(false, "{:?}", other),
                    }
                }
                Event::Ack { owner, which } => {
                    let ids = plain.ids(owner);
                    if let Some(id) = (!ids.is_empty()).then(|| ids[which.index(ids.len())]) {
                        prop_assert_eq!(ack(&mut host, owner, &[id]), HostStep::Delete { queue: queue(owner), ids: vec![id] });
                        plain.letters.remove(&(owner, id));
                    }
                }
                Event::Pass { seconds } => {
                    now = now.saturating_add(seconds);
                    let (mail, queues) = host.expire(now);
                    let old = |at: &Time| now.seconds_since(*at) >= limits::MAIL_LIFE;
                    let before = plain.letters.len();
                    plain.letters.retain(|_, (_, at)| !old(at));
                    prop_assert_eq!(mail.len(), before - plain.letters.len());
                    let letters = &plain.letters;
                    plain.queues.retain(|owner, asked_at| {
                        let holds = letters.keys().any(|(of, _)| of == owner);
                        holds || now.seconds_since(*asked_at) < limits::QUEUE_LIFE
                    });
                    prop_assert!(queues.iter().all(|gone| plain.queues.keys().all(|owner| queue(*owner) != *gone)));
                }
                Event::Restart => host = restarted(&plain, now),
            }
            prop_assert_eq!(host.total_bytes(), 10 * plain.letters.len() as u64);
            prop_assert_eq!(host.queues(), plain.queues.len());
        }
    }
}
