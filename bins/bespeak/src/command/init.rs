//! `bespeak init`: making a home. It needs no node.

use std::path::PathBuf;

use bespeak_api::words::{Name, Network};
use bespeak_node::{Home, HomeError, InitOptions, Initialised, Protection, Role, home};
use clap::Args;
use serde_json::json;

use super::run::Ends;
use crate::failure::Failure;
use crate::print;
use crate::secret;
use crate::session::Session;

/// Make a home.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak init --role customer
  bespeak --home ~/shop init --role vendor --name 'Radhaus Mitte'
  bespeak init --role customer --network test --json
  bespeak init --role customer --passphrase-file secret.txt
  bespeak init --role customer --no-passphrase

At a terminal it asks for a passphrase, twice. Where nobody can be asked (in scripts, with --json)
and nothing is said of one, the home has none, with a warning on standard error.")]
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
    /// A file with the passphrase on its first line; - for standard input
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Have no passphrase: whoever can read the home's files can act as you
    #[arg(long, conflicts_with = "passphrase_file")]
    no_passphrase: bool,
}

pub(crate) async fn run(asked: &Init, session: &Session) -> Result<(), Failure> {
    // Before somebody thinks of a passphrase in vain.
    if Home::is_in(session.home()) {
        return Err(Failure::failed(HomeError::Exists { path: session.home().to_owned() }));
    }
    let file = asked.passphrase_file.as_deref();
    let chosen = secret::protection(file, asked.no_passphrase, session, &mut Ends::new()?).await?;
    let protection = chosen.unwrap_or(Protection::Open);
    let options = InitOptions { role: asked.role, name: asked.name.clone(), network: asked.network.clone() };
    let made = home::init(session.home(), &options, &protection).map_err(Failure::failed)?;
    if matches!(protection, Protection::Open) {
        secret::warn_of_open_home(session);
    }
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
