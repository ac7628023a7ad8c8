//! Fifty intentions reach twenty real nodes, all of them, half of the deliveries within two seconds; the floor beside it is
//! measured too. How long the slowest takes on a quiet machine is a figure: `bespeak-bench delivery`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use bespeak_bench::delivery::{nodes, raw};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_intentions_reach_twenty_nodes() {
    let deliveries = nodes::measure(20, 50).await.expect("everything arrives");
    assert_eq!(deliveries.len(), 1000);
    let half = deliveries.percentile(50);
    assert!(half < Duration::from_secs(2), "half took {half:?}, the slowest {:?}", deliveries.longest());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn raw_gossipsub_reaches_every_listener() {
    let deliveries = raw::measure(5, 10).await.expect("everything arrives");
    assert_eq!(deliveries.len(), 50);
}
