//! A whole market in one terminal: a relay, three vendors and a customer, each a real node with a home of its own,
//! told step by step as it happens. Every step goes through the same API that the other commands use.

mod actor;
mod story;
mod tell;

use std::{path::Path, time::Duration};

use bespeak_node::{Relay, RelayOptions};

use self::actor::{Actor, Role};
use crate::command::run::Ends;
use crate::failure::Failure;
use crate::print;
use crate::session::Session;

/// Loopback only: nothing of a demonstration leaves the machine.
const LISTEN: &str = "/ip4/127.0.0.1/tcp/0";
/// The network of the demonstration.
const NETWORK: &str = "demo";
/// How long a step may take. Source: wild guess; each takes milliseconds on a quiet machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A whole market in one terminal.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  bespeak demo\n  bespeak demo --once")]
pub(crate) struct Demo {
    /// End after the story instead of leaving the nodes running
    #[arg(long)]
    once: bool,
}

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

/// Tells the story; then, unless it is told to end, leaves the nodes running until the program is interrupted. An
/// interrupt ends it at any time.
///
/// # Errors
/// When a node does not start, or a step does not come out as it should.
pub(crate) async fn run(asked: &Demo, session: &Session) -> Result<(), Failure> {
    if session.json() {
        return Err(Failure::usage("The demo tells people a story; leave out --json."));
    }
    // Before anything is started: an interrupt at any moment is kept until it is asked for.
    let mut ends = Ends::new()?;
    let folder = tempfile::Builder::new().prefix("bespeak-demo-").tempdir().map_err(|error| {
        Failure::failed(format!("no temporary folder could be made for the five homes: {error}"))
    })?;
    let market = open(folder.path()).await?;
    let told = tokio::select! {
        told = story::tell(&market) => Some(told),
        () = ends.one() => None,
    };
    if matches!(told, Some(Ok(()))) && !asked.once {
        tell::commands(&market);
        ends.one().await;
    }
    market.close().await;
    told.unwrap_or(Ok(()))
}

async fn open(folder: &Path) -> Result<Market, Failure> {
    print::text("A market of five nodes, each with a home of its own, on this machine only.\n");
    let options = RelayOptions {
        network: Some(NETWORK.parse().map_err(Failure::failed)?),
        listen: vec![LISTEN.to_owned()],
        ..RelayOptions::new(folder.join("relay"))
    };
    let relay = Relay::start(options)
        .await
        .map_err(|error| Failure::failed(format!("the relay does not start: {error}")))?;
    let peers = relay.listen_addresses();
    print::text(&format!("  relay       meeting point and holder of sealed mail, at {}", peers.join(", ")));
    let start = |role, folder_name: &'static str, name| {
        Actor::start(role, folder.join(folder_name), name, peers.clone())
    };
    let radhaus = start(Role::Vendor, "radhaus", "Radhaus Nord").await?;
    let klapprad = start(Role::Vendor, "klapprad", "Klapprad & Co").await?;
    let gartenwelt = start(Role::Vendor, "gartenwelt", "Gartenwelt").await?;
    let anna = start(Role::Customer, "anna", "Anna").await?;
    Ok(Market { relay, radhaus, klapprad, gartenwelt, anna })
}

impl Market {
    /// Waits until everybody has somebody to talk to.
    async fn meet(&self) -> Result<(), Failure> {
        for actor in [&self.radhaus, &self.klapprad, &self.gartenwelt, &self.anna] {
            actor.await_peer().await?;
        }
        Ok(())
    }

    async fn close(self) {
        let Self { relay, radhaus, klapprad, gartenwelt, anna } = self;
        for actor in [anna, gartenwelt, klapprad, radhaus] {
            actor.stop().await;
        }
        relay.shutdown().await;
    }
}
