//! Real nodes: a relay, vendors, and a customer who casts.

use std::{collections::BTreeMap, time::Instant};

use bespeak_agent::notice::Notice;
use bespeak_node::{Node, Role};
use futures::StreamExt;
use tokio::sync::mpsc;

use super::MeasureError;
use crate::{
    figures::Durations,
    market::{Market, PATIENCE, PAUSE, want},
};

/// Casts intentions at one node and measures when each other node has heard each.
///
/// # Errors
/// When a node does not start, or not everything arrives.
pub async fn measure(count: usize, intentions: usize) -> Result<Durations, MeasureError> {
    let mut market = Market::open().await?;
    let customer = market.start("customer", Role::Customer).await?;
    let mut vendors = Vec::new();
    for number in 0..count {
        vendors.push(market.start(&format!("vendor-{number}"), Role::Vendor).await?);
    }
    market.meet(&customer, &vendors).await?;
    let measured = cast(&customer, &vendors, intentions).await;
    market.close().await;
    measured
}

async fn cast(customer: &Node, vendors: &[Node], intentions: usize) -> Result<Durations, MeasureError> {
    let (heard, mut hearing) = mpsc::unbounded_channel();
    let ears: Vec<_> = vendors
        .iter()
        .map(|vendor| {
            let (heard, mut events) = (heard.clone(), Box::pin(vendor.events(None)));
            tokio::spawn(async move {
                while let Some((_, notice)) = events.next().await {
                    if let Notice::IntentionHeard { intention } = notice {
                        let _ = heard.send((intention, Instant::now()));
                    }
                }
            })
        })
        .collect();
    let mut started = BTreeMap::new();
    for _ in 0..intentions {
        let begun = Instant::now();
        started.insert(want(customer, "folding e-bike", "vehicles").await?, begun);
        tokio::time::sleep(PAUSE).await;
    }
    let expected = intentions * vendors.len();
    let mut all = Vec::with_capacity(expected);
    let end = tokio::time::sleep(PATIENCE);
    tokio::pin!(end);
    while all.len() < expected {
        tokio::select! {
            Some((intention, at)) = hearing.recv() => {
                all.extend(started.get(&intention).map(|begun| at.duration_since(*begun)));
            }
            () = &mut end => {
                let seconds = PATIENCE.as_secs();
                return Err(MeasureError::Lost { arrived: all.len(), expected, seconds });
            }
        }
    }
    ears.iter().for_each(tokio::task::JoinHandle::abort);
    Ok(Durations::new(all))
}
