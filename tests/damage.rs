//! Bits turn and ends are cut off in the files of whole homes: nothing panics, every loss is named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_bench::damage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_damaged_homes_lose_nothing_in_silence() {
    let tally = damage::run(200, 1).await.unwrap();
    assert!(tally.is_clean(), "{tally}");
    let reached = [tally.refused, tally.named, tally.index_rebuilt];
    assert!(reached.iter().all(|times| *times > 5), "the damage did not reach what it should: {tally}");
    assert_eq!(tally.flips, 200, "{tally}");
}
