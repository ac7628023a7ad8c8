//! Runs worlds from seeds and says which of them break a law.

use std::{io::Write, process::ExitCode};

use bespeak_sim::{Failure, run, run::tell, tally::Tally};
use clap::Parser;

/// Simulates markets: many agents in one thread, a bad network, crashes; laws after every step.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds to run.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Runs this seed alone.
    #[arg(long)]
    seed: Option<u64>,
    /// Tells every event.
    #[arg(long)]
    verbose: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seeds = match arguments.seed {
        Some(seed) => seed..seed.saturating_add(1),
        None => arguments.from..arguments.from.saturating_add(arguments.seeds),
    };
    let (mut all, mut failures) = (Tally::default(), Vec::new());
    for seed in seeds {
        match one(seed, arguments.verbose) {
            Ok(tally) => all.join(&tally),
            Err(failure) => {
                say(&failure.to_string());
                failures.push(failure.seed);
            }
        }
    }
    say(&all.to_string());
    if failures.is_empty() {
        say("every law held");
        ExitCode::SUCCESS
    } else {
        say(&format!("a law was broken by {} seeds: {failures:?}", failures.len()));
        ExitCode::FAILURE
    }
}

fn one(seed: u64, verbose: bool) -> Result<Tally, Failure> {
    if !verbose {
        return run(seed);
    }
    let mut story = Vec::new();
    let ended = tell(seed, Some(&mut story));
    story.iter().for_each(|line| say(line));
    ended
}

/// Whoever reads may have gone away; then nobody misses it.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
