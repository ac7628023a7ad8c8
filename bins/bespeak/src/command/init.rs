//! `bespeak init`: making a home. The one command besides `run` that needs no node.

use bespeak_api::words::{Name, Network};
use bespeak_node::{InitOptions, Initialised, Protection, Role, home};
use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::print;
use crate::session::Session;

/// Make a home.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak init --role customer
  bespeak --home ~/shop init --role vendor --name 'Radhaus Mitte'
  bespeak init --role customer --network test --json")]
pub(crate) struct Init {
    /// Whether it wants things (customer) or offers them (vendor)
    #[arg(long, value_name = "customer|vendor")]
    role: Role,
    /// What people call you; only a vendor's name is ever told
    #[arg(long)]
    name: Option<Name>,
    /// The network to join; two networks never hear each other
    #[arg(long, default_value = "main")]
    network: Network,
}

pub(crate) fn run(asked: &Init, session: &Session) -> Result<(), Failure> {
    let options = InitOptions { role: asked.role, name: asked.name.clone(), network: asked.network.clone() };
    let made = home::init(session.home(), &options, &Protection::Open).map_err(Failure::failed)?;
    if session.json() {
        print::json(&json!({
            "party": made.party.to_string(),
            "role": made.role,
            "home": made.home,
            "network": asked.network,
            "recovery_phrase": made.recovery_phrase.as_str(),
        }));
    } else {
        print::text(&in_words(&made, &session.with_home()));
    }
    Ok(())
}

fn in_words(made: &Initialised, with_home: &str) -> String {
    let words: Vec<_> = made.recovery_phrase.split(' ').collect();
    let rows: Vec<_> = words.chunks(6).map(|row| format!("  {}", row.join(" "))).collect();
    format!(
        "A {}'s home was made in {}.\nParty: {}\n\n\
         These 24 words restore it. They are shown this once: write them down and keep them from others.\n\n{}\n\n\
         Next: bespeak run{with_home}",
        made.role,
        made.home.display(),
        made.party,
        rows.join("\n")
    )
}
