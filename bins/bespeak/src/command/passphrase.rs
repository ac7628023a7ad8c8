//! `bespeak passphrase`: what a home is opened with. It needs no node, and disturbs none.

use std::path::PathBuf;

use bespeak_node::{Protection, home};
use clap::{Args, Subcommand};
use serde_json::json;

use super::run::Ends;
use super::vault;
use crate::failure::Failure;
use crate::secret::{self, Given};
use crate::session::Session;

/// What a home is opened with.
#[derive(Debug, Subcommand)]
pub(crate) enum Passphrase {
    /// Set another passphrase, a first one, or none; the 24 words go on opening the home
    #[command(after_help = "Examples:
  bespeak passphrase change
  bespeak passphrase change --old-passphrase-file old.txt --new-passphrase-file new.txt
  bespeak passphrase change --words-file words.txt
  bespeak passphrase change --no-passphrase

At a terminal it asks for what is not given. It needs no running node, and one that runs goes on.
Copies of the home that were made before still open with the old passphrase.")]
    Change(Change),
}

/// Set another passphrase.
#[derive(Debug, Args)]
pub(crate) struct Change {
    /// A file with the old passphrase on its first line; - for standard input
    #[arg(long, value_name = "FILE")]
    old_passphrase_file: Option<PathBuf>,
    /// A file with the 24 words, when the old passphrase is forgotten; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "old_passphrase_file")]
    words_file: Option<PathBuf>,
    /// A file with the new passphrase on its first line; - for standard input
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
    /// Have no passphrase from now on: whoever can read the home's files can act as you
    #[arg(long, conflicts_with = "new_passphrase_file")]
    no_passphrase: bool,
}

pub(crate) async fn run(asked: Passphrase, session: &Session) -> Result<(), Failure> {
    let Passphrase::Change(change) = asked;
    let old = change.old_passphrase_file.as_deref();
    let new = change.new_passphrase_file.as_deref();
    let standard_input = |file: Option<&std::path::Path>| file.is_some_and(|file| file.as_os_str() == "-");
    if standard_input(new) && (standard_input(old) || standard_input(change.words_file.as_deref())) {
        return Err(Failure::usage(
            "Standard input can be one of the files only; name another for the rest.",
        ));
    }
    let mut ends = Ends::new()?;
    let given = Given {
        option: "--old-passphrase-file",
        passphrase: old,
        words: change.words_file.as_deref(),
        credential: None,
    };
    // Tried before a new one is asked for.
    let (_, old) = secret::open(given, session, &mut ends).await?;
    let protection = secret::protection(new, change.no_passphrase, session, &mut ends).await?;
    let new = protection.ok_or_else(|| {
        Failure::usage(
            "What shall protect the home? Name a file with the new passphrase with --new-passphrase-file FILE, or say \
             --no-passphrase, or type it at a terminal, without --json.",
        )
    })?;
    home::change_passphrase(session.home(), &old, &new).map_err(Failure::failed)?;
    let sentence = match new {
        Protection::Open => {
            secret::warn_of_open_home(session);
            "Done: nothing needs to be typed any more."
        }
        Protection::Passphrase(..) => "Done: the new passphrase opens it from now on.",
    };
    let slots = vault::described(session)?;
    session.done(&json!({ "home": session.home(), "slots": slots }), sentence)
}
