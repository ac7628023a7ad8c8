//! `bespeak restore`: a home from a backup. It needs no node.

use std::path::PathBuf;

use bespeak_node::backup::{BackupError, restore};
use bespeak_node::{Home, HomeError, Protection};
use clap::Args;

use super::backup::secret::Opens;
use super::passphrase::Chosen;
use super::run::Ends;
use crate::failure::Failure;
use crate::render;
use crate::secret;
use crate::session::{Session, odd};

/// Make a home from a backup.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak restore anna.age --home anna-again --words-file words.txt
  bespeak restore anna.age --home anna-again --passphrase-file passphrase.txt --json
  bespeak restore anna.age --home anna-again --words-file words.txt --new-passphrase-file new.txt

At a terminal it asks for a passphrase for the new home, twice. Where nobody can be asked (in scripts,
with --json) and nothing is said of one, the home has none, with a warning on standard error.

The home must not be there yet, or be an empty folder. It is there whole when this is done, or not at all. When its node
runs, it asks the other side of every conversation what was said since the backup, and signs nothing there before it was
answered: open orders go on. Do not run the old home any more, if it still exists.")]
pub(crate) struct Restore {
    /// The backup
    file: PathBuf,
    #[command(flatten)]
    opens: Opens,
    #[command(flatten)]
    new: Chosen,
}

pub(crate) async fn run(asked: &Restore, session: &Session) -> Result<(), Failure> {
    asked.new.check_against(&[asked.opens.file()])?;
    // Before somebody thinks of a passphrase in vain.
    if Home::is_in(session.home()) {
        return Err(Failure::usage(HomeError::Exists { path: session.home().to_owned() }));
    }
    let opens = asked.opens.secret()?;
    let chosen = asked.new.protection(session, &mut Ends::new()?).await?;
    let protection = chosen.unwrap_or(Protection::Open);
    let made = restore(&asked.file, &opens, session.home(), &protection).map_err(not_made)?;
    if matches!(protection, Protection::Open) {
        secret::warn_of_open_home(session);
    }
    let made = serde_json::to_value(made).map_err(odd)?;
    session.show(&made, |made| Ok(render::restored(made, &session.with_home())))
}

fn not_made(error: BackupError) -> Failure {
    if error.is_usage() { Failure::usage(error) } else { Failure::failed(error) }
}
