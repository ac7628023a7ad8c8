//! Real programs under load are killed again and again: what was acknowledged is there, nothing is there twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "market/process.rs"]
mod process;

use bespeak_bench::torture::{self, Options};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_five_kills_lose_nothing_and_double_nothing() {
    let programs = process::program("bespeak").parent().expect("a folder").to_owned();
    let tally = torture::run(&Options { kills: 25, seed: 1, programs }).await.unwrap();
    assert!(tally.is_clean(), "{tally}");
    assert_eq!(tally.kills, 25, "{tally}");
    assert!(tally.acknowledged > 25 && tally.repeated > 0 && tally.completed > 0, "it was no load: {tally}");
}
