//! The person's program: `bespeak run` is a node, everything else commands a running one through its API.
//!
//! `cli.rs` holds the words, `command/` one module for each group of them, `render.rs` what people read.
//! Nothing is decided about a trade here, and nothing is done that the API cannot do.

mod ask;
mod cli;
mod command;
mod demo;
mod failure;
mod opening;
mod print;
mod render;
mod secret;
mod session;
mod terminal;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::cli::Cli;
use crate::failure::{FAILED, Failure, USAGE};
use crate::session::Session;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return not_understood(&error),
    };
    log_to_standard_error(cli.global.verbose);
    bespeak_node::secrecy::no_core_dumps();
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

/// Help and versions are answers; anything else clap explains on standard error, and with `--json` a document says the
/// same on standard output.
fn not_understood(error: &clap::Error) -> ExitCode {
    // A terminal that is gone is no reason to fail in another way.
    let _ = error.print();
    if !error.use_stderr() {
        return ExitCode::SUCCESS;
    }
    if json_is_asked_for(std::env::args_os()) {
        print::json(&Failure::usage(sentence_of(error)).document());
    }
    ExitCode::from(USAGE)
}

/// What clap has not understood as a whole may still ask for JSON; after `--` it does not.
fn json_is_asked_for(words: impl Iterator<Item = OsString>) -> bool {
    words.take_while(|word| word != "--").any(|word| word == "--json")
}

/// What is wrong, without the usage that follows it.
fn sentence_of(error: &clap::Error) -> String {
    let text = error.to_string();
    let told = text.split("\nUsage:").next().unwrap_or_default();
    let told = told.trim_start_matches("error: ").split("\nFor more information").next().unwrap_or_default();
    let parts = told.split("\n\n").map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
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
