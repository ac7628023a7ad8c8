//! A whole market in one terminal: a relay, three vendors and a customer, each a real node with a home of its own,
//! told step by step as it happens. Every step goes through the same API that the other commands use.

mod actor;
mod story;
mod tell;

use std::{path::Path, time::Duration};

use bespeak_node::{Relay, RelayOptions};

use self::actor::{Actor, Role};
use self::tell::say;

/// Loopback only: nothing of a demonstration leaves the machine.
const LISTEN: &str = "/ip4/127.0.0.1/tcp/0";
/// The network of the demonstration.
const NETWORK: &str = "demo";

/// A whole market in one terminal.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  bespeak demo\n  bespeak demo --once")]
pub(crate) struct Demo {
    /// End after the story instead of leaving the nodes running
    #[arg(long)]
    once: bool,
}

/// What went wrong, in a sentence.
type Failure = String;

/// Who takes part.
struct Market {
    relay: Relay,
    /// Answers by hand.
    radhaus: Actor,
    /// Answers by rule.
    klapprad: Actor,
    /// Sells other things.
    gartenwelt: Actor,
    /// Wants two folding e-bikes.
    anna: Actor,
}

/// Tells the story; then, unless it is told to end, leaves the nodes running until the program is interrupted.
///
/// # Errors
/// When a node does not start, or a step does not come out as it should.
pub(crate) async fn run(asked: &Demo) -> Result<(), Failure> {
    let folder = tempfile::Builder::new()
        .prefix("bespeak-demo-")
        .tempdir()
        .map_err(|error| format!("no temporary folder could be made for the five homes: {error}"))?;
    let market = tokio::select! {
        market = open(folder.path()) => market?,
        () = interrupted() => return Ok(()),
    };
    let told = tokio::select! {
        told = story::tell(&market) => told,
        () = interrupted() => Ok(()),
    };
    if told.is_ok() && !asked.once {
        tell::commands(&market);
        interrupted().await;
        say("");
    }
    market.close().await;
    told
}

async fn open(folder: &Path) -> Result<Market, Failure> {
    say("A market of five nodes, each with a home of its own, on this machine only.\n");
    let options = RelayOptions {
        home: folder.join("relay"),
        network: Some(NETWORK.parse().map_err(|error| format!("the network: {error}"))?),
        listen: vec![LISTEN.to_owned()],
        peers: Vec::new(),
    };
    let relay = Relay::start(options).await.map_err(|error| format!("the relay does not start: {error}"))?;
    let peers = relay.listen_addresses();
    say(&format!("  relay       meeting point and holder of sealed mail, at {}", peers.join(", ")));
    let start = |role, folder_name: &'static str, name| {
        Actor::start(role, folder.join(folder_name), name, peers.clone())
    };
    let radhaus = start(Role::Vendor, "radhaus", "Radhaus Nord").await?;
    let klapprad = start(Role::Vendor, "klapprad", "Klapprad & Co").await?;
    let gartenwelt = start(Role::Vendor, "gartenwelt", "Gartenwelt").await?;
    let anna = start(Role::Customer, "anna", "Anna").await?;
    for actor in [&radhaus, &klapprad, &gartenwelt, &anna] {
        actor.await_peer().await?;
    }
    Ok(Market { relay, radhaus, klapprad, gartenwelt, anna })
}

impl Market {
    async fn close(self) {
        let Self { relay, radhaus, klapprad, gartenwelt, anna } = self;
        for actor in [anna, gartenwelt, klapprad, radhaus] {
            actor.stop().await;
        }
        relay.shutdown().await;
    }
}

/// Waits for Ctrl-C or SIGTERM.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

/// How long a step may take. Source: wild guess; each takes milliseconds on a quiet machine.
const PATIENCE: Duration = Duration::from_secs(60);
