//! Why a backup could not be made, read or used.

use std::{
    io,
    path::{Path, PathBuf},
};

use age::DecryptError;

use crate::{
    home::{ContentsError, HomeError},
    shelf::{CopyError, FormError},
};

/// Why a backup could not be made or used; each has one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The passphrase is too short to protect anything.
    #[error("the passphrase is too short: take at least 8 characters, better four or more words")]
    Short,
    /// The file cannot be used.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: FileError,
    },
    /// The home cannot be made.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// What the backup holds cannot be kept.
    #[error("what the backup holds could not be kept, and nothing was made: {0}")]
    Copy(#[from] CopyError),
    /// No agent could be made from it.
    #[error("the home cannot be taken up again, and nothing was made: {0}")]
    Begin(String),
    /// The backup is of a node without an agent.
    #[error("this is the backup of a relay, which keeps nothing that could be taken up again")]
    Relay,
}

impl BackupError {
    /// Whether no further try can work before somebody changes the words of the command.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Short => true,
            Self::Home(error) => error.is_usage(),
            _ => false,
        }
    }

    pub(super) fn file(path: &Path) -> impl FnOnce(FileError) -> Self + use<> {
        let path = path.to_owned();
        |source| Self::File { path, source }
    }
}

/// Why a file cannot be used as a backup.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is something else.
    #[error("it is no backup; `bespeak backup FILE` makes one")]
    NotABackup,
    /// It is encrypted to something else.
    #[error("these words, or this passphrase, do not open it")]
    Refused,
    /// Less of it is there than was written, or something else.
    #[error("it was cut short or altered after it was made; use another copy of it")]
    Damaged,
    /// It asks for more work than anybody means.
    #[error("it asks for more than 1 GiB of memory to be opened; it is no backup of Bespeak's")]
    Costly,
    /// It is of a later version.
    #[error("it has version {found}, and this software reads up to {}: use the newer one", super::VERSION)]
    Newer {
        /// Its version.
        found: u32,
    },
    /// What it says of the home is of a later version, or of none.
    #[error("{0}")]
    Contents(#[from] ContentsError),
    /// Its documents are of a later version.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The file system refused.
    #[error("{0}")]
    Files(io::Error),
}

/// age says by its kinds of errors whether the bytes are wrong or could not be had.
impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => Self::Damaged,
            _ => Self::Files(error),
        }
    }
}

impl From<DecryptError> for FileError {
    fn from(error: DecryptError) -> Self {
        match error {
            DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => Self::Refused,
            DecryptError::InvalidMac => Self::Damaged,
            DecryptError::ExcessiveWork { .. } => Self::Costly,
            DecryptError::Io(error) => error.into(),
            _ => Self::NotABackup,
        }
    }
}
