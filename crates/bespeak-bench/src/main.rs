//! Prints one measurement and the floor beside it.

use std::process::ExitCode;

use bespeak_bench::delivery;
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
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { measurement: Measurement::Delivery { nodes, intentions } } = Arguments::parse();
    match delivery::compare(usize::from(nodes), usize::from(intentions)).await {
        Ok(table) => {
            use std::io::Write;
            if writeln!(std::io::stdout(), "{table}").is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "the measurement failed: {error}");
            ExitCode::FAILURE
        }
    }
}
