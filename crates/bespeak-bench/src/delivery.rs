//! From a customer's cast to the ears of many vendors: the whole node, and raw gossipsub with the same topology and
//! message size beside it.
//!
//! Both are stars: everybody knows one meeting point. A duration runs from the call that casts (for the node: it signs,
//! keeps durably and publishes) until a listener has it (for the node: validated, kept durably and told).

pub mod nodes;
pub mod raw;

use crate::figures::{Durations, milliseconds};

/// Size of a raw message in bytes. Source: the announcement of a plain intention, measured at 560 to 640.
pub const RAW_MESSAGE: usize = 600;

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// Something could not be set up.
    #[error("{0}")]
    SetUp(String),
    /// Something did not arrive.
    #[error("{arrived} of {expected} deliveries arrived within {seconds} s")]
    Lost {
        /// How many did.
        arrived: usize,
        /// How many should have.
        expected: usize,
        /// How long it was waited.
        seconds: u64,
    },
}

impl MeasureError {
    pub(crate) fn set_up(error: impl std::fmt::Display) -> Self {
        Self::SetUp(error.to_string())
    }
}

/// Measures both in one run and prints them as a table.
///
/// # Errors
/// When something cannot be set up or does not arrive.
pub async fn compare(nodes: usize, intentions: usize) -> Result<String, MeasureError> {
    let raw = raw::measure(nodes, intentions).await?;
    let ours = nodes::measure(nodes, intentions).await?;
    let row = |name: &str, all: &Durations| {
        format!(
            "| {name} | {} | {} | {} | {} |",
            all.len(),
            milliseconds(all.percentile(50)),
            milliseconds(all.percentile(99)),
            milliseconds(all.longest())
        )
    };
    let ratio = ours.percentile(50).as_secs_f64() / raw.percentile(50).as_secs_f64().max(f64::EPSILON);
    Ok(format!(
        "{intentions} messages from one node to {nodes} others by way of one meeting point, milliseconds\n\n\
         | | deliveries | p50 | p99 | longest |\n|---|---|---|---|---|\n{}\n{}\n\nratio of the medians: {ratio:.1}",
        row("raw gossipsub", &raw),
        row("cast → heard, both ends durable", &ours)
    ))
}
