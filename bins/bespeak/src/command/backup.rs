//! `bespeak backup`: the whole home in one encrypted file, and reading one through.

mod file;
pub(crate) mod secret;

use std::path::{Path, PathBuf};

use bespeak_api::request;
use bespeak_node::backup::verify;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::failure::Failure;
use crate::render;
use crate::session::Session;
use file::Unfinished;
use secret::Opens;

/// Back the whole home up.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "Examples:
  bespeak backup anna.age
  bespeak backup anna.age --force
  bespeak backup anna.age --passphrase-file passphrase.txt
  bespeak backup verify anna.age --words-file words.txt

The file is an age file. The 24 words of the home open it, or the passphrase where one is given; any age program does. It
holds the keys of the home and everything it keeps: whoever opens it is you. Make one while orders are open, and keep it
on another machine. What is said afterwards the other sides give back; what began afterwards, nobody can.")]
pub(crate) struct Backup {
    #[command(subcommand)]
    other: Option<Other>,
    /// Where to write it
    #[arg(required = true)]
    file: Option<PathBuf>,
    /// Encrypt it to the first line of this file instead of the 24 words; - for standard input
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Replace a file that is there; the old one stays until the new one is whole
    #[arg(long)]
    force: bool,
}

/// What else is done with backups.
#[derive(Debug, Subcommand)]
enum Other {
    /// Read a backup through, and say what it holds and how old it is; nothing is written
    #[command(after_help = "Examples:
  bespeak backup verify anna.age --words-file words.txt
  bespeak backup verify anna.age --passphrase-file passphrase.txt --json")]
    Verify(Verify),
}

/// Read a backup through.
#[derive(Debug, Args)]
struct Verify {
    /// The backup
    file: PathBuf,
    #[command(flatten)]
    opens: Opens,
}

pub(crate) async fn run(asked: Backup, session: &Session) -> Result<(), Failure> {
    match (asked.other, asked.file) {
        (Some(Other::Verify(asked)), _) => verified(&asked, session),
        (None, Some(file)) => back_up(&file, asked.passphrase_file.as_deref(), asked.force, session).await,
        (None, None) => Err(Failure::usage("Name the file to write.")),
    }
}

async fn back_up(
    file: &Path,
    passphrase: Option<&Path>,
    force: bool,
    session: &Session,
) -> Result<(), Failure> {
    let passphrase = passphrase.map(secret::first_line).transpose()?;
    let mut unfinished = Unfinished::beside(file, force)?;
    let asked = request::Backup::to(passphrase.as_ref().map(|typed| typed.as_str()));
    let mut download = session.download("/v1/backup", &asked).await?;
    while let Some(piece) = download.next().await.map_err(cut)? {
        unfinished.add(&piece)?;
    }
    let bytes = unfinished.finish()?;
    let opens = if passphrase.is_some() { "The passphrase opens" } else { "The 24 words of this home open" };
    let sentence = format!("{} KiB in {}. {opens} it.", bytes.div_ceil(1024), file.display());
    session.done(&json!({ "file": file, "bytes": bytes }), &sentence)
}

fn cut(error: impl std::fmt::Display) -> Failure {
    Failure::failed(format!("The backup broke off, and nothing was kept of it: {error}."))
}

fn verified(asked: &Verify, session: &Session) -> Result<(), Failure> {
    let found = verify(&asked.file, &asked.opens.secret()?).map_err(Failure::failed)?;
    let found = serde_json::to_value(found).map_err(crate::session::odd)?;
    session.show(&found, |found| Ok(render::verified(found)))
}
