//! Prints one measurement and the floor beside it.

use std::{io::Write, path::PathBuf, process::ExitCode, time::Duration};

use bespeak_bench::{damage, delivery, flood, idle, mail, reconcile, relevance, rest, store, torture};
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
        #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        records: u32,
        /// On which disk to measure; this folder is left as it was.
        #[arg(long, default_value = ".")]
        folder: PathBuf,
    },
    /// Starts a node in a home, prints how long that took, and ends; a part of the measurement above.
    #[command(hide = true)]
    OpenHome { home: PathBuf },
    /// What two nodes say to find out what one of them missed, beside bare negentropy.
    Reconcile {
        /// How many intentions each has.
        #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        items: u32,
        /// In how many they differ, half on each side.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(2..=20_000))]
        differ: u32,
    },
    /// How well the catalogue's search ranks what people have judged, beside plain BM25 over the same goods.
    Relevance {
        /// The folder with the catalogue and its judgements; they are not part of the project.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
    },
    /// How much mail a relay takes in and hands on in a second, and how long that takes, beside bare requests and a bare
    /// write and sync.
    Mail {
        /// How many envelopes of each kind.
        #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        envelopes: u32,
        /// On which disk the relay keeps them; this folder is left as it was.
        #[arg(long, default_value = ".")]
        folder: PathBuf,
    },
    /// What a relay's clients cost it while they do nothing, each with a reservation of a circuit.
    RelayIdle {
        /// How many clients.
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(1..=4_000))]
        clients: u16,
        /// How many seconds they do nothing.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// They follow the market's topics too, as customers do.
        #[arg(long)]
        follow: bool,
        /// The folder of `bespeak-relay` [default: built now, beside this program]
        #[arg(long, value_name = "DIR")]
        programs: Option<PathBuf>,
    },
    /// What a customer's node takes while nothing happens, beside a bare libp2p node with all behaviours.
    Rest {
        /// How many minutes.
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=1_440))]
        minutes: u64,
        /// The folder of `bespeak` and `bespeak-relay` [default: built now, beside this program]
        #[arg(long, value_name = "DIR")]
        programs: Option<PathBuf>,
    },
    /// Connects with a peer and rests; a part of the measurement above.
    #[command(hide = true)]
    BareNode { peer: String },
    /// Damage the files of homes that have lived: nothing may panic, no loss may be silent.
    Damage {
        /// How often a bit is turned or an end cut off.
        #[arg(long, default_value_t = 1000)]
        flips: u32,
        /// The choices follow from it.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Pour junk into a relay while honest mail comes: that is taken, and disk and memory stay within their bounds.
    Flood {
        /// How many pieces of junk.
        #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(100..=10_000_000))]
        blobs: u32,
        /// From how many identities.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=400))]
        identities: u16,
        /// Into how many letter boxes.
        #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=40))]
        boxes: u16,
        /// The folder of `bespeak-relay` [default: built now, beside this program]
        #[arg(long, value_name = "DIR")]
        programs: Option<PathBuf>,
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
            let said = writeln!(std::io::stdout(), "{table}").is_ok();
            if said && passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
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
        Measurement::Store { records, folder } => {
            Ok((store::compare(&folder, records as usize).await?, true))
        }
        Measurement::OpenHome { home } => {
            let begun = store::start::open(&home).await?;
            Ok((serde_json::to_string(&begun)?, true))
        }
        Measurement::Reconcile { items, differ } => {
            Ok((reconcile::compare(items as usize, differ as usize)?, true))
        }
        Measurement::Relevance { data } => Ok((relevance::compare(&data)?, true)),
        Measurement::Mail { envelopes, folder } => {
            Ok((mail::compare(&folder, envelopes as usize).await?, true))
        }
        Measurement::RelayIdle { clients, seconds, follow, programs } => {
            let programs = programs.map_or_else(torture::programs::beside, Ok)?;
            let rest = Duration::from_secs(seconds);
            let options = idle::Options { clients: usize::from(clients), rest, follow, programs };
            Ok((idle::run(&options).await?, true))
        }
        Measurement::Rest { minutes, programs } => {
            let programs = programs.map_or_else(torture::programs::beside, Ok)?;
            let options = rest::Options::new(programs, Duration::from_secs(60 * minutes))?;
            Ok((rest::run(&options).await?, true))
        }
        Measurement::BareNode { peer } => {
            rest::bare::rest(&peer).await?;
            Ok((String::new(), false))
        }
        Measurement::Damage { flips, seed } => {
            let tally = damage::run(flips, seed).await?;
            Ok((tally.to_string(), tally.is_clean()))
        }
        Measurement::Flood { blobs, identities, boxes, programs } => {
            let programs = programs.map_or_else(torture::programs::beside, Ok)?;
            let (blobs, identities, boxes) = (blobs as usize, usize::from(identities), usize::from(boxes));
            let tally = flood::run(&flood::Options { blobs, identities, boxes, programs }).await?;
            Ok((tally.to_string(), tally.broken().is_empty()))
        }
        Measurement::Torture { kills, seed, programs } => {
            let programs = programs.map_or_else(torture::programs::beside, Ok)?;
            let tally = torture::run(&torture::Options { kills, seed, programs }).await?;
            Ok((tally.to_string(), tally.is_clean()))
        }
    }
}
