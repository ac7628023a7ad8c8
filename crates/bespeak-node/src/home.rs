//! A home: the folder in which one party lives on this machine. `docs/home.md` describes its files byte by byte.
//!
//! ```text
//! vault                  role, name, network and the root seed, sealed
//! journal/ index/ lock   the store's
//! api.sock api-token     the local API's
//! before-vault/          what an earlier version left, if it did
//! ```

use std::{
    fmt,
    path::{Path, PathBuf},
};

use bespeak_identity::{PublicKey, Seed};
use bespeak_model::{card::Name, network::Network};
use bespeak_vault::{Limits, MAX_BYTES, MasterKey, Opened, Vault};
use zeroize::Zeroizing;

mod before;
mod contents;
mod error;
mod files;
mod init;
mod migrate;
mod rebuild;
mod role;
mod unlock;

pub use before::{config::ConfigError, key::KeyFileError};
pub use bespeak_vault::{Cost, Passphrase, SlotInfo, SlotKind, VaultError};
pub(crate) use contents::Contents;
pub use contents::ContentsError;
pub use error::HomeError;
pub use init::{InitOptions, Initialised, init};
pub(crate) use rebuild::Rebuilding;
pub use role::{Role, UnknownRole};
pub use unlock::{Needs, Protection, Unlock, Warning};

pub use crate::shelf::CopyError;
use crate::shelf::hiding_of;

const VAULT: &str = "vault";

/// What there is under a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No home.
    Missing,
    /// A home of an earlier version.
    Before,
    /// The same, whose new files are whole and not yet all in place.
    Decided,
    /// A home.
    Ready,
}

fn state(path: &Path) -> Result<State, HomeError> {
    if files::exists(&path.join(migrate::MIGRATED))? {
        return Ok(State::Decided);
    }
    if files::exists(&path.join(VAULT))? {
        return Ok(State::Ready);
    }
    // An empty key file is what a crash left of making a home: nobody was ever shown its words.
    let key = std::fs::metadata(path.join(before::KEY)).is_ok_and(|facts| facts.len() > 0);
    Ok(if key { State::Before } else { State::Missing })
}

/// What a folder is, for those who only look.
pub(crate) enum Folder {
    /// No home.
    Missing,
    /// A home of an earlier version.
    Before,
    /// A home.
    Ready,
}

/// What a folder is.
pub(crate) fn folder(path: &Path) -> Result<Folder, HomeError> {
    Ok(match state(path)? {
        State::Missing => Folder::Missing,
        State::Before => Folder::Before,
        // Its vault is whole; the next start moves it into place.
        State::Decided | State::Ready => Folder::Ready,
    })
}

/// The copy of a home as an earlier version left it, if it is still there.
pub(crate) fn old_copy(home: &Path) -> Option<PathBuf> {
    Some(home.join(migrate::OLD_COPY)).filter(|copy| copy.exists())
}

/// The role of a home of an earlier version, when its settings and its key can be read.
pub(crate) fn settings_before(home: &Path) -> Result<Role, HomeError> {
    Ok(before::Before::read(home)?.options.role)
}

/// The vault of a home that is up to date, and where others can get at what lies in it.
fn read_vault(home: &Path) -> Result<(Vault, Option<(PathBuf, u32)>), HomeError> {
    let path = home.join(VAULT);
    let (bytes, mode) = files::read(&path, MAX_BYTES).map_err(HomeError::files(&path))?;
    let vault = Vault::from_bytes(&bytes, &Limits::STANDARD).map_err(HomeError::vault(&path))?;
    let folder = std::fs::metadata(home).map_err(HomeError::files(home))?;
    let of_folder = || files::exposed(&folder).map(|mode| (home.to_owned(), mode));
    let exposed = mode.map(|mode| (path, mode)).or_else(of_folder);
    match exposed {
        Some((path, mode)) if vault.has(SlotKind::Open) => Err(HomeError::Exposed { path, mode }),
        exposed => Ok((vault, exposed)),
    }
}

/// The key that seals the store, and the keys in it.
fn store_secret(master: &MasterKey) -> Zeroizing<[u8; 32]> {
    master.derive("store")
}

/// What protects a home, without opening it.
///
/// # Errors
/// When there is no home, or one of an earlier version, or its vault cannot be read.
pub fn slots(path: &Path) -> Result<Vec<SlotInfo>, HomeError> {
    let path = std::path::absolute(path).map_err(HomeError::files(path))?;
    match state(&path)? {
        State::Missing => Err(HomeError::Missing { path }),
        State::Before | State::Decided => Err(HomeError::Before { path }),
        State::Ready => Ok(read_vault(&path)?.0.slots()),
    }
}

/// Protects a home otherwise; the 24 words go on opening it. A node may be running in it meanwhile.
///
/// Copies of the vault made before can still be opened as before, and a home that lay open may have been read: what was
/// sealed under its key is not sealed anew.
///
/// # Errors
/// When `old` does not open the home, the new passphrase is too short, an open home could be read by others, or the file
/// system refuses; then everything is as it was.
pub fn change_passphrase(path: &Path, old: &Unlock, new: &Protection) -> Result<(), HomeError> {
    let path = std::path::absolute(path).map_err(HomeError::files(path))?;
    let (mut vault, exposed, opened) = open_vault(&path, old)?;
    let unneeded = match (new, exposed) {
        (Protection::Open, Some((path, mode))) => return Err(HomeError::Exposed { path, mode }),
        (Protection::Open, None) => SlotKind::Passphrase,
        (Protection::Passphrase(..), _) => SlotKind::Open,
    };
    let file = path.join(VAULT);
    vault
        .guard(&opened.key, new.guard())
        .and_then(|()| vault.unguard(&opened.key, unneeded))
        .map_err(HomeError::vault(&file))?;
    files::replace(&file, &vault.to_bytes())
}

type OpenVault = (Vault, Option<(PathBuf, u32)>, Opened);

fn open_vault(path: &Path, with: &Unlock) -> Result<OpenVault, HomeError> {
    if state(path)? == State::Missing {
        return Err(HomeError::Missing { path: path.to_owned() });
    }
    migrate::bring_up_to_date(path)?;
    let (vault, exposed) = read_vault(path)?;
    let opened = unlock::open(&vault, with, HomeError::vault(&path.join(VAULT)))?;
    Ok((vault, exposed, opened))
}

/// An open home: what its vault holds.
pub struct Home {
    path: PathBuf,
    contents: Contents,
    master: MasterKey,
    warnings: Vec<Warning>,
}

/// Without the keys, and without the name.
impl fmt::Debug for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Home").field("path", &self.path).field("role", &self.role()).finish_non_exhaustive()
    }
}

impl Home {
    /// Whether there is a home in this folder, usable or not.
    pub fn is_in(path: &Path) -> bool {
        !matches!(state(path), Ok(State::Missing))
    }

    /// What must be asked for before a home can be opened.
    ///
    /// # Errors
    /// When there is none, or its vault cannot be read.
    pub fn needs(path: &Path) -> Result<Needs, HomeError> {
        let path = std::path::absolute(path).map_err(HomeError::files(path))?;
        match state(&path)? {
            State::Missing => Err(HomeError::Missing { path }),
            State::Before | State::Decided => Ok(Needs::Nothing),
            State::Ready if read_vault(&path)?.0.has(SlotKind::Open) => Ok(Needs::Nothing),
            State::Ready => Ok(Needs::Passphrase),
        }
    }

    /// Opens a home; one of an earlier version is given a vault first, which nothing protects yet. It is locked only when
    /// a node starts in it. With a passphrase this takes seconds; it blocks.
    ///
    /// # Errors
    /// When there is none, that does not open it, or others can read it and no passphrase protects it.
    pub fn open(path: &Path, with: &Unlock) -> Result<Self, HomeError> {
        let path = std::path::absolute(path).map_err(HomeError::files(path))?;
        let (_, exposed, opened) = open_vault(&path, with)?;
        let contents = Contents::from_bytes(&opened.contents)
            .map_err(|source| HomeError::Contents { path: path.join(VAULT), source })?;
        let warnings = warnings(&path, exposed)?;
        Ok(Self { path, contents, master: opened.key, warnings })
    }

    /// Opens a home that no passphrase protects, or makes it when there is none: for what starts unattended.
    ///
    /// # Errors
    /// As [`init`] and [`Home::open`].
    pub fn open_or_init(path: &Path, options: &InitOptions) -> Result<Self, HomeError> {
        match Self::open(path, &Unlock::Open) {
            Err(HomeError::Missing { .. }) => {
                init(path, options, &Protection::Open)?;
                Self::open(path, &Unlock::Open)
            }
            other => other,
        }
    }

    /// The folder, absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What its owner should know.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// What the node is for.
    pub fn role(&self) -> Role {
        self.contents.role
    }

    /// What people call its owner.
    pub fn name(&self) -> Option<&Name> {
        self.contents.name.as_ref()
    }

    /// The network it joins.
    pub fn network(&self) -> &Network {
        &self.contents.network
    }

    /// The party's public key.
    pub fn party(&self) -> PublicKey {
        self.contents.party()
    }

    pub(crate) fn contents(&self) -> &Contents {
        &self.contents
    }

    /// What its vault holds, and what hides the keys of its documents: everything another home of the party needs.
    pub(crate) fn to_carry(&self) -> Contents {
        self.contents.with_hiding(&self.hiding())
    }

    /// The key that hides the keys of its documents.
    pub(crate) fn hiding(&self) -> Zeroizing<[u8; 32]> {
        self.contents.hiding().unwrap_or_else(|| hiding_of(&self.store_secret()))
    }

    /// The root of every key that others see.
    pub(crate) fn seed(&self) -> Seed {
        self.contents.seed()
    }

    /// The secret of the store.
    pub(crate) fn store_secret(&self) -> Zeroizing<[u8; 32]> {
        store_secret(&self.master)
    }
}

fn warnings(home: &Path, exposed: Option<(PathBuf, u32)>) -> Result<Vec<Warning>, HomeError> {
    let mut warnings: Vec<_> =
        exposed.map(|(path, mode)| Warning::Exposed { path, mode }).into_iter().collect();
    let copy = home.join(migrate::OLD_COPY);
    if files::exists(&copy)? {
        let list = copy.join(migrate::NOT_BROUGHT_OVER);
        warnings.extend(files::exists(&list)?.then_some(Warning::NotBroughtOver { list }));
        warnings.push(Warning::OldCopy { path: copy });
    }
    Ok(warnings)
}

#[cfg(test)]
mod tests;
