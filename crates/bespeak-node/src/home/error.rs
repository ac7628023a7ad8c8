//! Why a home could not be made, opened or changed.

use std::{
    io,
    path::{Path, PathBuf},
};

use bespeak_identity::PhraseError;
use bespeak_store::OpenError;
use bespeak_vault::VaultError;

use super::{
    before::{config::ConfigError, key::KeyFileError},
    contents::ContentsError,
};
use crate::shelf::CopyError;

/// Why a home could not be made, opened or changed.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// There is one already.
    #[error("{} is already a home; choose another folder, or remove this one if its keys are no longer needed", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds something else.
    #[error("{} is not empty; a home needs a folder of its own", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// There is none.
    #[error("{} is no home; make one with `init`", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// It was made by an earlier version, and has no vault yet.
    #[error("{} was made by an earlier version and has no vault yet; start its node once, which gives it one", path.display())]
    Before {
        /// The folder.
        path: PathBuf,
    },
    /// Others can get at a home that no passphrase protects.
    #[error(
        "others on this machine can get at {} (mode {mode:o}), and no passphrase protects the keys in it; make it yours alone with `chmod go-rwx`, and think about who may have read it",
        path.display()
    )]
    Exposed {
        /// The file or folder.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The vault cannot be read or opened, or a new one not be made.
    #[error("{}: {source}", path.display())]
    Vault {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: VaultError,
    },
    /// The vault was opened, but what it says cannot be understood.
    #[error("{}: {source}", path.display())]
    Contents {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ContentsError,
    },
    /// The words given are no recovery phrase.
    #[error(transparent)]
    Words(#[from] PhraseError),
    /// The settings of an earlier version cannot be read.
    #[error("{}: {source}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ConfigError,
    },
    /// The key file of an earlier version cannot be used.
    #[error("{}: {source}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: KeyFileError,
    },
    /// Another process is at work in it.
    #[error("{} is in use by another process{}; stop it first", path.display(),
        pid.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    Busy {
        /// The folder.
        path: PathBuf,
        /// Its process, where known.
        pid: Option<u32>,
    },
    /// The store of an earlier version could not be brought over; it is as it was.
    #[error("what {} keeps could not be brought into a vault, and is left as it was: {source}", path.display())]
    Copy {
        /// The folder.
        path: PathBuf,
        /// What went wrong.
        source: CopyError,
    },
    /// The system gave no random numbers.
    #[error("the system gave no random numbers, so no key was made")]
    NoRandomness,
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Files {
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
}

impl HomeError {
    /// Whether no further try can work before somebody changes the words of the command or the home they name.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Exists { .. }
            | Self::NotEmpty { .. }
            | Self::Missing { .. }
            | Self::Before { .. }
            | Self::Exposed { .. }
            | Self::Contents { .. }
            | Self::Words(_) => true,
            Self::Vault { source, .. } => {
                !matches!(source, VaultError::NoMemory { .. } | VaultError::NoRandomness)
            }
            Self::Config { source, .. } => !matches!(source, ConfigError::Files(_)),
            Self::Key { source, .. } => !matches!(source, KeyFileError::Files(_)),
            Self::Busy { .. } | Self::Copy { .. } | Self::NoRandomness | Self::Files { .. } => false,
        }
    }

    pub(super) fn files(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        |source| Self::Files { path, source }
    }

    pub(super) fn vault(path: &Path) -> impl FnOnce(VaultError) -> Self + use<> {
        let path = path.to_owned();
        |source| Self::Vault { path, source }
    }

    pub(super) fn store(path: &Path) -> impl FnOnce(OpenError) -> Self + use<> {
        let path = path.to_owned();
        |source| match source {
            OpenError::Busy { pid } => Self::Busy { path, pid },
            other => Self::Copy { path, source: CopyError::Open(other) },
        }
    }
}
