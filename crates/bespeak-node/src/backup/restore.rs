//! Making a home from a backup.

use std::path::{Path, PathBuf};

use bespeak_identity::PublicKey;
use bespeak_model::time::Time;
use bespeak_store::Options;
use serde::Serialize;

use super::{BackupError, BackupSecret, Opened, frame::Next, open};
use crate::{
    home::{Protection, Rebuilding, Role},
    life::{self, Maker},
    shelf::{CopyError, Filling, Shelf},
};

/// A home that was made from a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// The party's public key.
    pub party: PublicKey,
    /// What the node is for.
    pub role: Role,
    /// The folder.
    pub home: PathBuf,
    /// How many documents came from the backup.
    pub documents: u64,
    /// When the backup was made.
    pub made_at: Time,
}

/// Makes a home from a backup, with a vault of its own. It is there whole, or not at all; it blocks.
///
/// What was said after the backup was made is not known to it: it signs nothing in a conversation before its node has
/// asked the other side.
///
/// # Errors
/// When the file cannot be used, there is a home already, or the new one cannot be kept.
pub fn restore(
    file: &Path,
    secret: &BackupSecret,
    home: &Path,
    protection: &Protection,
) -> Result<Restored, BackupError> {
    // Nothing moves in it while it is filled.
    let quiet = Options { compact_by_itself: false, ..Options::default() };
    restore_on(file, secret, home, protection, quiet)
}

fn restore_on(
    file: &Path,
    secret: &BackupSecret,
    home: &Path,
    protection: &Protection,
    options: Options,
) -> Result<Restored, BackupError> {
    let mut rebuilding = Rebuilding::at(home)?;
    let Opened { head, contents, mut reader } = open(file, secret).map_err(BackupError::file(file))?;
    let maker = Maker::of(&contents).ok_or(BackupError::Relay)?;
    let new = rebuilding.begin(&contents, protection)?;
    let (shelf, _) = Shelf::open_hidden(new.path(), &new.store_secret(), new.hiding(), options)
        .map_err(CopyError::from)?;
    let mut filling = Filling::of(&shelf);
    while let Next::Document(document) = reader.next().map_err(BackupError::file(file))? {
        filling.put(document.family, document.key, document.body)?;
    }
    let documents = filling.finish()?;
    shelf.form().map_err(|error| BackupError::file(file)(error.into()))?;
    take_up(&shelf, maker, head.made_at)?;
    // The last to hold it: it is closed, and the home is free to be moved.
    drop(shelf);
    let home = rebuilding.finish()?;
    Ok(Restored { party: head.party, role: head.role, home, documents, made_at: head.made_at })
}

/// Notes that this memory is a copy, so that the other sides are asked first. This is the new device epoch.
fn take_up(shelf: &Shelf, maker: Maker, made_at: Time) -> Result<(), BackupError> {
    let changes = life::restored(maker, shelf).map_err(|error| BackupError::Begin(error.to_string()))?;
    Ok(shelf.keep_last_backup(made_at, changes).map_err(CopyError::from)?)
}

#[cfg(test)]
mod tests;
