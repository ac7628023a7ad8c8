//! `bespeak restore`: a home from a backup. It needs no node.

use std::path::PathBuf;

use bespeak_node::Protection;
use bespeak_node::backup::{BackupError, restore};
use clap::Args;

use super::backup::secret::Opens;
use crate::failure::Failure;
use crate::render;
use crate::session::{Session, odd};

/// Make a home from a backup.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak restore anna.age --home anna-again --words-file words.txt
  bespeak restore anna.age --home anna-again --passphrase-file passphrase.txt --json

The home must not be there yet, or be an empty folder. It is there whole when this is done, or not at all. When its node
runs, it asks the other side of every conversation what was said since the backup, and signs nothing there before it was
answered: open orders go on. Do not run the old home any more, if it still exists.")]
pub(crate) struct Restore {
    /// The backup
    file: PathBuf,
    #[command(flatten)]
    opens: Opens,
}

pub(crate) fn run(asked: &Restore, session: &Session) -> Result<(), Failure> {
    let secret = asked.opens.secret()?;
    let made = restore(&asked.file, &secret, session.home(), &Protection::Open).map_err(not_made)?;
    let made = serde_json::to_value(made).map_err(odd)?;
    session.show(&made, |made| Ok(render::restored(made, &session.with_home())))
}

fn not_made(error: BackupError) -> Failure {
    if error.is_usage() { Failure::usage(error) } else { Failure::failed(error) }
}
