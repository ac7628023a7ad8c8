//! `bespeak passphrase`: what a home is opened with. It needs no node, and disturbs none.

use std::path::{Path, PathBuf};

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
    #[command(flatten)]
    new: Chosen,
}

/// What shall open a home from now on.
#[derive(Debug, Args)]
pub(crate) struct Chosen {
    /// A file with the new passphrase on its first line; - for standard input
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
    /// Have no passphrase from now on: whoever can read the home's files can act as you
    #[arg(long, conflicts_with = "new_passphrase_file")]
    no_passphrase: bool,
}

impl Chosen {
    /// Refuses standard input for two files.
    pub(crate) fn check_against(&self, others: &[Option<&Path>]) -> Result<(), Failure> {
        let standard_input = |file: Option<&Path>| file.is_some_and(|file| file == Path::new("-"));
        if standard_input(self.new_passphrase_file.as_deref()) && others.iter().copied().any(standard_input) {
            return Err(Failure::usage(
                "Standard input can be one of the files only; name another for the rest.",
            ));
        }
        Ok(())
    }

    /// As [`secret::protection`].
    pub(crate) async fn protection(
        &self,
        session: &Session,
        ends: &mut Ends,
    ) -> Result<Option<Protection>, Failure> {
        secret::protection(self.new_passphrase_file.as_deref(), self.no_passphrase, session, ends).await
    }
}

pub(crate) async fn run(asked: Passphrase, session: &Session) -> Result<(), Failure> {
    let Passphrase::Change(change) = asked;
    let old = change.old_passphrase_file.as_deref();
    let words = change.words_file.as_deref();
    change.new.check_against(&[old, words])?;
    let mut ends = Ends::new()?;
    let given = Given { option: "--old-passphrase-file", passphrase: old, words, credential: None };
    // Tried before a new one is asked for.
    let (_, old) = secret::open(given, session, &mut ends).await?;
    let protection = change.new.protection(session, &mut ends).await?;
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
