//! gossipsub's heartbeat stops on a quiet swarm; ours must not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::*;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

static BEATS: AtomicUsize = AtomicUsize::new(0);

/// gossipsub says this once in every heartbeat when scoring is on, and nowhere else.
const SAID_ONCE_A_BEAT: &str = "Mesh message deliveries";

struct Count;

struct Said(bool);

impl tracing::field::Visit for Said {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
        self.0 |= field.name() == "message" && format!("{value:?}").starts_with(SAID_ONCE_A_BEAT);
    }
}

impl<S: tracing::Subscriber> Layer<S> for Count {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut said = Said(false);
        event.record(&mut said);
        BEATS.fetch_add(usize::from(said.0), Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_quiet_node_keeps_its_heartbeat() {
    tracing_subscriber::registry().with(Count.with_filter(LevelFilter::TRACE)).init();
    // Nobody connected: nothing else wakes the swarm.
    let (_net, _events) = start(&[TCP], &[]).await;
    until("the first beat", || BEATS.load(Ordering::Relaxed) > 0).await;
    let before = BEATS.load(Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let beats = BEATS.load(Ordering::Relaxed) - before;
    assert!((6..=11).contains(&beats), "{beats} of 10 heartbeats");
}
