//! How a home is protected and opened.

use std::{fmt, path::PathBuf};

use bespeak_identity::Seed;
use bespeak_vault::{Cost, Guard, Opened, Passphrase, Vault};
use zeroize::Zeroizing;

use super::{HomeError, contents::words_of};

/// With what a home is opened. Never printed.
#[derive(Clone)]
pub enum Unlock {
    /// Its passphrase.
    Passphrase(Passphrase),
    /// The 24 words of its party.
    Words(Zeroizing<String>),
    /// Nothing: its owner chose no passphrase.
    Open,
}

/// What protects a home. Never printed.
#[derive(Clone)]
pub enum Protection {
    /// A passphrase, and what trying one costs.
    Passphrase(Passphrase, Cost),
    /// The permissions of its files alone.
    Open,
}

impl Protection {
    /// A passphrase at the usual cost.
    pub fn passphrase(passphrase: Passphrase) -> Self {
        Self::Passphrase(passphrase, Cost::DEFAULT)
    }

    pub(super) fn guard(&self) -> Guard<'_> {
        match self {
            Self::Passphrase(passphrase, cost) => Guard::Passphrase(passphrase, *cost),
            Self::Open => Guard::Open,
        }
    }
}

/// What must be asked for before a home can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// Its passphrase, or the 24 words.
    Passphrase,
}

/// What the owner of an opened home should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Others can get at a file or folder; what lies in it is sealed.
    Exposed {
        /// The file or folder.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A copy of the home as an earlier version left it, with its key in the clear.
    OldCopy {
        /// The folder.
        path: PathBuf,
    },
    /// Some of what an earlier version kept could not be read when it was brought over.
    NotBroughtOver {
        /// The file that lists it.
        list: PathBuf,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exposed { path, mode } => write!(
                f,
                "others on this machine can get at {} (mode {mode:o}); what lies in it is sealed, but make it yours alone with `chmod go-rwx`",
                path.display()
            ),
            Self::OldCopy { path } => write!(
                f,
                "{} holds a copy of this home from before it had a vault, with its key in the clear; once all is well, delete it: rm -r {}",
                path.display(),
                path.display()
            ),
            Self::NotBroughtOver { list } => {
                write!(
                    f,
                    "some of what was kept could not be read when this home got its vault; {} lists it",
                    list.display()
                )
            }
        }
    }
}

/// Opens a vault.
pub(super) fn open(
    vault: &Vault,
    with: &Unlock,
    error: impl FnOnce(bespeak_vault::VaultError) -> HomeError,
) -> Result<Opened, HomeError> {
    let opened = match with {
        Unlock::Passphrase(passphrase) => vault.unlock(&bespeak_vault::Unlock::Passphrase(passphrase)),
        Unlock::Words(phrase) => {
            let secret = words_of(&Seed::from_phrase(phrase)?);
            vault.unlock(&bespeak_vault::Unlock::Words(&secret))
        }
        Unlock::Open => vault.unlock(&bespeak_vault::Unlock::Open),
    };
    opened.map_err(error)
}
