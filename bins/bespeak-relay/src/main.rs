//! `bespeak-relay`: a host that helps others meet and holds sealed mail.
//!
//! It parses words, starts a [`Relay`], and ends it on SIGTERM or SIGINT; everything else is `bespeak-node`'s.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use bespeak_node::{Relay, RelayOptions, StartError, model::network::Network};
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

mod config;
mod metrics;
mod say;

use config::{ConfigError, Metrics, Settings};
use metrics::Door;

#[derive(Parser)]
#[command(version, about = "Helps Bespeak nodes meet, and holds sealed mail that it cannot read", long_about = None)]
#[command(
    after_help = "Examples:\n  bespeak-relay run --home /var/lib/bespeak-relay\n  bespeak-relay config > relay.toml\n\n\
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
        after_help = "Examples:\n  bespeak-relay run --home ./relay\n  bespeak-relay run --config relay.toml --metrics 127.0.0.1:9464\n  bespeak-relay run --home ./relay --listen /ip4/127.0.0.1/udp/4001/quic-v1 --json"
    )]
    Run(Box<Run>),
    /// Print a configuration with every option at its default
    #[command(after_help = "Example:\n  bespeak-relay config > relay.toml")]
    Config,
}

#[derive(clap::Args)]
struct Run {
    /// A configuration, as `bespeak-relay config` prints one; what is said here counts more
    #[arg(long, value_name = "FILE", env = "BESPEAK_RELAY_CONFIG")]
    config: Option<PathBuf>,
    /// Its folder; made at the first start
    #[arg(long, value_name = "DIR", env = "BESPEAK_RELAY_HOME")]
    home: Option<PathBuf>,
    /// An address to listen on, such as /ip4/0.0.0.0/tcp/4001; may be given more than once [default: everywhere, port 7373]
    #[arg(long, value_name = "MULTIADDR")]
    listen: Vec<String>,
    /// An address to tell others, behind a router that forwards the port; may be given more than once
    #[arg(long, value_name = "MULTIADDR")]
    external: Vec<String>,
    /// Ask the router for these ports (UPnP)
    #[arg(long)]
    upnp: bool,
    /// The address of another relay; may be given more than once
    #[arg(long, value_name = "MULTIADDR")]
    peer: Vec<String>,
    /// The network it is for: letters a-z, digits and '-'; "main" at the first start
    #[arg(long, value_name = "NAME")]
    network: Option<Network>,
    /// Serve its numbers for Prometheus there, such as 127.0.0.1:9464, or "off" [default: off]
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<Metrics>,
    /// Let that be an address that other machines can reach
    #[arg(long)]
    metrics_anywhere: bool,
    /// Print one JSON document when ready, as `bespeak run` does, and nothing else
    #[arg(long)]
    json: bool,
    /// Say more on standard error
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
}

fn main() -> ExitCode {
    // clap itself ends with 2 on words it cannot read, and 0 after help.
    let run = match Words::parse().command {
        Command::Run(run) => run,
        Command::Config => {
            return if say::text(&config::sample()) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
    };
    log(run.verbose);
    bespeak_node::secrecy::no_core_dumps();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("the system gave no threads: {error}"), 1),
    };
    match runtime.block_on(serve(*run)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Words(sentence)) => failed(&sentence, 2),
        Err(Failure::Metrics(address, error)) => failed(
            &format!("the metrics cannot be served on {address}: {error}; choose another with --metrics"),
            1,
        ),
        Err(Failure::Start(error)) => failed(&error.to_string(), if error.is_usage() { 2 } else { 1 }),
        Err(Failure::Ended) => failed("the relay ended by itself; what it wrote before this says why", 1),
        Err(Failure::Signals(error)) => failed(&format!("signals cannot be watched: {error}"), 1),
    }
}

enum Failure {
    /// Of the command line or the configuration.
    Words(String),
    Metrics(SocketAddr, std::io::Error),
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

/// What the command line says, and where it is silent the configuration.
fn settle(run: Run) -> Result<(RelayOptions, Option<SocketAddr>), ConfigError> {
    let said = run.config.as_deref().map_or_else(|| Ok(Settings::default()), config::read)?;
    let Some(home) = run.home.or(said.home).filter(|home| !home.as_os_str().is_empty()) else {
        let sentence =
            "a relay needs a folder of its own: name it with --home, or as `home` in its configuration";
        return Err(ConfigError(sentence.to_owned()));
    };
    let first =
        |words: Vec<String>, file: Option<Vec<String>>| if words.is_empty() { file } else { Some(words) };
    let metrics = match run.metrics.or(said.metrics) {
        Some(Metrics::At(address)) => Some(address),
        Some(Metrics::Off) | None => None,
    };
    let anywhere = run.metrics_anywhere || said.metrics_anywhere.unwrap_or(false);
    if let Some(address) = metrics.filter(|address| !anywhere && !address.ip().is_loopback()) {
        return Err(ConfigError(format!(
            "other machines can reach {address}, and nobody is asked who they are there: use 127.0.0.1 or [::1], or allow it with --metrics-anywhere"
        )));
    }
    let options = RelayOptions {
        home,
        network: run.network.or(said.network),
        listen: first(run.listen, said.listen).unwrap_or_else(everywhere),
        upnp: run.upnp || said.upnp.unwrap_or_default(),
        external: first(run.external, said.external).unwrap_or_default(),
        peers: first(run.peer, said.peers).unwrap_or_default(),
        limits: said.limits,
    };
    Ok((options, metrics))
}

/// Every interface of the machine; one without IPv6 has none of that.
fn everywhere() -> Vec<String> {
    let six = std::net::TcpListener::bind((std::net::Ipv6Addr::LOCALHOST, 0)).is_ok();
    config::LISTEN
        .into_iter()
        .filter(|address| six || !address.starts_with("/ip6/"))
        .map(str::to_owned)
        .collect()
}

async fn serve(run: Run) -> Result<(), Failure> {
    // Watched before the start, so that a signal during it is not lost.
    let mut end = Signals::new().map_err(Failure::Signals)?;
    let json = run.json;
    let (options, metrics) = settle(run).map_err(|ConfigError(sentence)| Failure::Words(sentence))?;
    let door = match metrics {
        Some(address) => Some(Door::open(address).await.map_err(|error| Failure::Metrics(address, error))?),
        None => None,
    };
    let relay = Arc::new(Relay::start(options).await.map_err(Failure::Start)?);
    let metrics = door.as_ref().map(|door| door.address);
    if json {
        say::ready_json(&relay, metrics);
    } else {
        say::ready(&relay, metrics);
    }
    if let Some(door) = door {
        tokio::spawn(door.serve(Arc::clone(&relay)));
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
mod tests;
