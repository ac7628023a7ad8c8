//! The person's program: `bespeak run` is a node, everything else commands a running one through its API.
//!
//! `cli.rs` holds the words, `command/` one module for each group of them, `render.rs` what people read.
//! Nothing is decided about a trade here, and nothing is done that the API cannot do.

mod ask;
mod cli;
mod command;
mod demo;
mod failure;
mod print;
mod render;
mod session;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::cli::Cli;
use crate::failure::{FAILED, Failure};
use crate::session::Session;

fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_standard_error(cli.global.verbose);
    let json = cli.global.json;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(start(cli)),
        Err(cause) => Err(Failure::said(FAILED, format!("The system gives no threads: {cause}."))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.show(json);
            ExitCode::from(failure.code())
        }
    }
}

async fn start(cli: Cli) -> Result<(), Failure> {
    let session = Session::new(&cli.global)?;
    command::run(cli.command, &session).await
}

/// Logs are for people: they go to standard error, warnings only unless `-v` asks for more.
fn log_to_standard_error(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let others = if verbose > 2 { "debug" } else { "warn" };
    let ours =
        ["api", "node", "net", "store", "catalogue", "agent"].map(|part| format!("bespeak_{part}={level}"));
    let default = format!("{others},bespeak={level},{}", ours.join(","));
    let filter = EnvFilter::try_from_env("BESPEAK_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colours = !plain && std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).init();
}
