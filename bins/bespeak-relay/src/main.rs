//! `bespeak-relay`: a host that helps others meet and holds sealed mail.
//!
//! It parses words, starts a [`Relay`], and ends it on SIGTERM or SIGINT; everything else is `bespeak-node`'s.

use std::{path::PathBuf, process::ExitCode};

use bespeak_node::{Relay, RelayOptions, StartError, model::network::Network};
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

mod say;

#[derive(Parser)]
#[command(version, about = "Helps Bespeak nodes meet, and holds sealed mail that it cannot read", long_about = None)]
#[command(
    after_help = "Example:\n  bespeak-relay run --home /var/lib/bespeak-relay --listen /ip4/0.0.0.0/tcp/4001\n\n\
        Exit codes: 0 done, 1 failed, 2 not understood, or not possible as it is written."
)]
struct Words {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run in the foreground until SIGTERM or Ctrl-C
    #[command(
        after_help = "Examples:\n  bespeak-relay run --home ./relay\n  bespeak-relay run --home ./relay --listen /ip4/127.0.0.1/udp/4001/quic-v1 --json"
    )]
    Run(Run),
}

#[derive(clap::Args)]
struct Run {
    /// Its folder; made at the first start
    #[arg(long, value_name = "DIR", env = "BESPEAK_RELAY_HOME")]
    home: PathBuf,
    /// An address to listen on, such as /ip4/0.0.0.0/tcp/4001; may be given more than once
    #[arg(long, value_name = "MULTIADDR")]
    listen: Vec<String>,
    /// The address of another relay; may be given more than once
    #[arg(long, value_name = "MULTIADDR")]
    peer: Vec<String>,
    /// The network it is for: letters a-z, digits and '-'; "main" at the first start
    #[arg(long, value_name = "NAME")]
    network: Option<Network>,
    /// Print one JSON document when ready, as `bespeak run` does, and nothing else
    #[arg(long)]
    json: bool,
    /// Say more on standard error
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
}

fn main() -> ExitCode {
    // clap itself ends with 2 on words it cannot read, and 0 after help.
    let Command::Run(run) = Words::parse().command;
    log(run.verbose);
    bespeak_node::secrecy::no_core_dumps();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("the system gave no threads: {error}"), 1),
    };
    match runtime.block_on(serve(run)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Start(error)) => failed(&error.to_string(), if error.is_usage() { 2 } else { 1 }),
        Err(Failure::Ended) => failed("the relay ended by itself; what it wrote before this says why", 1),
        Err(Failure::Signals(error)) => failed(&format!("signals cannot be watched: {error}"), 1),
    }
}

enum Failure {
    Start(StartError),
    Signals(std::io::Error),
    Ended,
}

fn failed(sentence: &str, code: u8) -> ExitCode {
    say::error(sentence);
    ExitCode::from(code)
}

fn log(verbose: u8) {
    let level = ["warn", "info,libp2p=warn", "debug,libp2p=info"][usize::from(verbose.min(2))];
    let filter = EnvFilter::try_from_env("BESPEAK_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

async fn serve(run: Run) -> Result<(), Failure> {
    // Watched before the start, so that a signal during it is not lost.
    let mut end = Signals::new().map_err(Failure::Signals)?;
    let Run { home, listen, peer, network, json, .. } = run;
    let relay =
        Relay::start(RelayOptions { home, network, listen, peers: peer }).await.map_err(Failure::Start)?;
    if json {
        say::ready_json(&relay);
    } else {
        say::ready(&relay);
    }
    let ended = tokio::select! {
        () = end.wait() => Ok(()),
        () = relay.ended() => Err(Failure::Ended),
    };
    relay.shutdown().await;
    ended
}

/// The signals that end the relay.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// The signals that end the relay.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn wait(&mut self) {
        // Without a console there is no Ctrl-C to wait for; then only the system ends it.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Words;
    use clap::Parser;

    /// The words of every line of the documents that call this program.
    fn calls() -> Vec<Vec<String>> {
        let documents = [
            include_str!("../../../README.md"),
            include_str!("../../../deploy/README.md"),
            include_str!("../../../deploy/bespeak-relay.service"),
        ];
        let text = documents.join("\n").replace("\\\n", " ");
        let lines = text.lines().map(|line| line.trim_start_matches("ExecStart=/usr/local/bin/"));
        lines.filter(|line| line.starts_with("bespeak-relay ")).filter_map(shlex::split).collect()
    }

    #[test]
    fn every_command_in_the_documents_can_be_typed() {
        let calls = calls();
        assert!(calls.len() >= 2, "the README and the service start a relay: {calls:?}");
        for words in calls {
            let parsed = Words::try_parse_from(&words);
            assert!(parsed.is_ok(), "{words:?}: {}", parsed.err().map(|e| e.to_string()).unwrap_or_default());
        }
    }
}
