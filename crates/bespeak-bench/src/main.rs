//! Prints one measurement and the floor beside it.

use std::{path::PathBuf, process::ExitCode};

use bespeak_bench::{damage, delivery, torture};
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
    /// Damage the files of homes that have lived: nothing may panic, no loss may be silent.
    Damage {
        /// How often a bit is turned or an end cut off.
        #[arg(long, default_value_t = 1000)]
        flips: u32,
        /// The choices follow from it.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Kill real programs under load: nothing acknowledged may be lost, nothing may be done twice, every start succeeds.
    Torture {
        /// How often one of them is killed.
        #[arg(long, default_value_t = 100)]
        kills: u32,
        /// The choices follow from it.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// The folder of `bespeak` and `bespeak-relay` [default: built now, beside this program]
        #[arg(long, value_name = "DIR")]
        programs: Option<PathBuf>,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match measure(Arguments::parse().measurement).await {
        Ok((table, passed)) => {
            use std::io::Write;
            let said = writeln!(std::io::stdout(), "{table}").is_ok();
            if said && passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "the measurement failed: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What is printed, and whether what must hold held.
async fn measure(measurement: Measurement) -> Result<(String, bool), Box<dyn std::error::Error>> {
    match measurement {
        Measurement::Delivery { nodes, intentions } => {
            let table = delivery::compare(usize::from(nodes), usize::from(intentions)).await?;
            Ok((table, true))
        }
        Measurement::Damage { flips, seed } => {
            let tally = damage::run(flips, seed).await?;
            Ok((tally.to_string(), tally.is_clean()))
        }
        Measurement::Torture { kills, seed, programs } => {
            let programs = programs.map_or_else(torture::programs::beside, Ok)?;
            let tally = torture::run(&torture::Options { kills, seed, programs }).await?;
            Ok((tally.to_string(), tally.is_clean()))
        }
    }
}
