//! Real programs under load: killed again and again, and flooded with junk. What was acknowledged is there, nothing is
//! there twice, and honest mail comes through.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "torture/mail.rs"]
mod mail;
#[path = "market/process.rs"]
mod process;

use bespeak_bench::{
    flood,
    torture::{self, Options},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_five_kills_lose_nothing_and_double_nothing() {
    let programs = process::programs().to_owned();
    let tally = torture::run(&Options { kills: 25, seed: 1, programs }).await.unwrap();
    assert!(tally.is_clean(), "{tally}");
    assert_eq!(tally.kills, 25, "{tally}");
    assert!(tally.acknowledged > 25 && tally.repeated > 0 && tally.completed > 0, "it was no load: {tally}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_junk_keeps_no_honest_mail_out() {
    let programs = process::programs().to_owned();
    let tally =
        flood::run(&flood::Options { blobs: 5_000, identities: 50, boxes: 8, programs }).await.unwrap();
    assert_eq!(tally.broken(), Vec::<String>::new(), "{tally}");
    assert_eq!(tally.junk.all(), 5_000, "{tally}");
    let junk = tally.junk;
    assert!(
        junk.unknown > 0 && junk.not_understood > 0 && junk.cut_off > 0 && junk.stored > 0,
        "it was no flood: {tally}"
    );
    assert!(junk.no_room + junk.too_often > 0, "nothing was full: {tally}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_that_a_relay_said_is_stored_outlives_its_kills() {
    mail::outlives_kills().await;
}
