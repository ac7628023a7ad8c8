//! Mail by way of a relay: how much of it is taken in durably and handed to its owner, and how long that takes, beside what
//! request-response alone and what the disk alone would take for as many bytes.

pub mod disk;
pub mod raw;
pub mod relay;

use std::{path::Path, time::Duration};

use crate::{
    delivery::MeasureError,
    figures::{Durations, milliseconds},
};

/// Bytes of an envelope. Source: they are padded to 4 or 16 KiB.
pub const SIZES: [usize; 2] = [4 * 1024, 16 * 1024];
/// Envelopes on their way at once.
pub const FLIGHTS: [usize; 2] = [1, 32];
/// Connections over which they go: a connection carries 32 requests at a time, and one that has just ended still counts.
pub(crate) const CONNECTIONS: usize = 2;

/// Things of one kind that were done.
#[derive(Clone, Debug)]
pub struct Done {
    /// How long each took.
    pub took: Durations,
    /// From the beginning of the first to the end of the last.
    pub in_all: Duration,
}

impl Done {
    fn per_second(&self) -> f64 {
        self.took.len() as f64 / self.in_all.as_secs_f64().max(f64::EPSILON)
    }
}

/// Measures everything in one run and prints it as a table. The relay's home is made in `folder`.
///
/// # Errors
/// When something cannot be set up, or mail is lost.
pub async fn compare(folder: &Path, envelopes: usize) -> Result<String, MeasureError> {
    let mut text = format!(
        "mail by way of a relay on loopback, its home on the disk of {}; {envelopes} envelopes of each kind\n\n\
         | envelope | in flight | | a second | p50, ms | p99, ms | p50 to the sum of both floors |\n\
         |---|---|---|---|---|---|---|\n",
        folder.display()
    );
    for bytes in SIZES {
        for flight in FLIGHTS {
            let place = folder.to_owned();
            let synced = tokio::task::spawn_blocking(move || disk::write(&place, bytes, envelopes)).await;
            let synced = synced.map_err(MeasureError::set_up)??;
            let raw = raw::ask(bytes, flight, envelopes).await?;
            let relay::Mail { stored, delivered, refused } =
                relay::carry(folder, bytes, flight, envelopes).await?;
            let middle = |done: &Done| done.took.percentile(50).as_secs_f64();
            let floors = middle(&synced) + middle(&raw);
            for (name, done, compared) in [
                ("bare write and fdatasync, one by one", &synced, false),
                ("request_response alone", &raw, false),
                ("accepted, durable", &stored, true),
                ("at its owner", &delivered, true),
            ] {
                let ratio = middle(done) / floors.max(f64::EPSILON);
                text += &format!(
                    "| {} KiB | {flight} | {name} | {:.0} | {} | {} | {} |\n",
                    bytes / 1024,
                    done.per_second(),
                    milliseconds(done.took.percentile(50)),
                    milliseconds(done.took.percentile(99)),
                    if compared { format!("{ratio:.1}") } else { String::new() }
                );
            }
            if refused > 0 {
                text += &format!("| | | refused and sent again: {refused} | | | | |\n");
            }
        }
    }
    Ok(text)
}
