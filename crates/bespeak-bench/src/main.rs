//! Prints one measurement and the floor beside it.

use std::{io::Write, path::PathBuf, process::ExitCode};

use bespeak_bench::{
    delivery::{self, MeasureError},
    store,
};
use clap::{Parser, Subcommand};

/// Measures a part of Bespeak beside the floor it stands on.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    measurement: Measurement,
}

#[derive(Subcommand)]
enum Measurement {
    /// How long an intention takes from being cast to being heard by every vendor's node, beside raw gossipsub.
    Delivery {
        /// How many nodes listen.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=100))]
        nodes: u16,
        /// How many intentions are cast.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000))]
        intentions: u16,
    },
    /// What a durable commit costs beside a bare write and sync, how many there are in a second, and how long a node
    /// with many live records takes to start.
    Store {
        /// How many live records.
        #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        records: u32,
        /// On which disk to measure; this folder is left as it was.
        #[arg(long, default_value = ".")]
        folder: PathBuf,
    },
    /// Starts a node in a home, prints how long that took, and ends; a part of the measurement above.
    #[command(hide = true)]
    OpenHome { home: PathBuf },
}

#[tokio::main]
async fn main() -> ExitCode {
    match measure(Arguments::parse().measurement).await {
        Ok(text) if writeln!(std::io::stdout(), "{text}").is_ok() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "the measurement failed: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(measurement: Measurement) -> Result<String, MeasureError> {
    match measurement {
        Measurement::Delivery { nodes, intentions } => {
            delivery::compare(usize::from(nodes), usize::from(intentions)).await
        }
        Measurement::Store { records, folder } => store::compare(&folder, records as usize).await,
        Measurement::OpenHome { home } => {
            let begun = store::start::open(&home).await?;
            serde_json::to_string(&begun).map_err(|error| MeasureError::SetUp(error.to_string()))
        }
    }
}
