//! The measurements of how nodes reach each other, each a short one: that it works, not what it shows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "market/process.rs"]
mod process;

use std::time::Duration;

use bespeak_bench::{
    idle, mail,
    reconcile::{
        bare, ours,
        sets::{Sets, Spread},
    },
    rest,
};

#[test]
fn what_one_lacks_is_found_for_little_by_us_and_by_negentropy_alone() {
    for spread in [Spread::OverTopics, Spread::OneTopic] {
        let sets = Sets::new(20_000, 40, spread).unwrap();
        assert_eq!(sets.each_lacks(), 20);
        let told = ours::pull(&sets).unwrap();
        assert_eq!((told.comparing.missing, told.fetching.missing), (20, 20));
        let rounds = told.comparing.questions;
        assert!(rounds <= 5 * sets.topics.len(), "{rounds} round trips for {} topics", sets.topics.len());
        // 20,000 names of 32 bytes are 640,000 bytes.
        let bytes = told.comparing.asked + told.comparing.answered;
        assert!(bytes < 200_000, "{bytes} bytes");
        for frame in [0, 4096] {
            assert_eq!(bare::reconcile(&sets, frame).unwrap().missing, 20);
        }
    }
    assert!(Sets::new(5, 20, Spread::OneTopic).is_err(), "more differ than there are");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_is_carried_by_a_relay_and_its_floors_are_measured() {
    let folder = tempfile::tempdir().unwrap();
    for (bytes, flight) in [(4096, 1), (16 * 1024, 8)] {
        let mail = mail::relay::carry(folder.path(), bytes, flight, 40).await.expect("nothing is lost");
        assert_eq!((mail.stored.took.len(), mail.delivered.took.len()), (40, 40));
        assert_eq!(mail::raw::ask(bytes, flight, 40).await.expect("all is answered").took.len(), 40);
        assert_eq!(mail::disk::write(folder.path(), bytes, 40).expect("the disk takes it").took.len(), 40);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_with_idle_clients_is_measured() {
    for follow in [false, true] {
        let rest = Duration::from_secs(1);
        let programs = process::programs().to_owned();
        let options = idle::Options { clients: 8, rest, follow, programs };
        let idle::Told { stand, alone, full, .. } = idle::measure(&options).await.expect("they connect");
        assert_eq!((stand.connected, stand.reserved, stand.refused, stand.gone), (8, 8, 0, 0));
        assert!(alone > 1 << 20 && full.iter().all(|full| *full > alone / 2), "{alone}, {full:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customers_node_at_rest_is_measured() {
    let (settling, time) = (Duration::from_secs(1), Duration::from_secs(2));
    let options = rest::Options { programs: process::programs().to_owned(), bare: None, settling, time };
    let (ours, beside) = rest::measure(&options).await.expect("it rests");
    assert!(beside.is_none() && ours.time >= time && ours.resident > 1 << 20, "{ours:?}");
    // Gossip, pings and the wait for mail: a little, and in so short a time perhaps nothing.
    assert!(ours.counted.sent < 1 << 20 && ours.counted.received < 1 << 20, "{ours:?}");
}
