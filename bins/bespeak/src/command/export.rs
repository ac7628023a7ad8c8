//! `bespeak export` and `bespeak import`: everything, out and in.

use std::path::PathBuf;

use bespeak_node::export::{folder, pack, unpack};
use clap::Args;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::session::Session;

/// Take everything along.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak export my-export
  bespeak export my-export --json

The folder's README.md explains each file. Nothing in it is encrypted, and it holds no keys: to go on with open
business on another machine, make a backup.")]
pub(crate) struct Export {
    /// A new or empty folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Take an export in.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak import my-export
  bespeak import my-export --json

The export must be of the same network, and of this home's party: one made from the same 24 words. Its signature, every
hash and every record are verified before anything is kept. What is here already stays as it is, so that a second time
changes nothing.")]
pub(crate) struct Import {
    /// A folder that `bespeak export` wrote
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(crate) async fn export(asked: &Export, session: &Session) -> Result<(), Failure> {
    folder::check_free(&asked.folder).map_err(Failure::failed)?;
    let packed = session.get_bytes("/v1/export").await?;
    let files = unpack(&packed).map_err(Failure::failed)?;
    folder::write(&asked.folder, &files).map_err(Failure::failed)?;
    let bytes: usize = files.iter().map(|file| file.bytes.len()).sum();
    let said = json!({ "folder": asked.folder, "files": files.len(), "bytes": bytes });
    let sentence = format!("{} files in {}; README.md explains them.", files.len(), asked.folder.display());
    session.done(&said, &sentence)
}

pub(crate) async fn import(asked: &Import, session: &Session) -> Result<(), Failure> {
    let files = folder::read(&asked.folder).map_err(Failure::failed)?;
    let packed = pack(&files).map_err(Failure::failed)?;
    let taken = session.post_bytes("/v1/import", packed).await?;
    session.show(&taken, |taken| {
        let count = |key: &str| taken.get(key).and_then(Value::as_u64).unwrap_or_default();
        Ok(format!("{} taken in; {} were here already.", count("added"), count("known")))
    })
}
