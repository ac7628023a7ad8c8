//! Backups: a whole home in one encrypted file, from which it can be made again on another machine.
//!
//! The file is an age file for a passphrase, so that any age program opens it; `docs/backup.md` describes what is in it
//! byte by byte. [`crate::Node::backup`] makes one while the node runs, [`restore`] makes a home from one, and [`verify`]
//! reads one through without writing anything.

use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    iter,
    path::Path,
};

use age::{Decryptor, Encryptor, secrecy::SecretString};
use bespeak_identity::{PhraseError, PublicKey, Seed};
use bespeak_model::{network::Network, time::Time};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::home::{Contents, Role};

mod error;
mod frame;
mod restore;
mod verify;

pub use error::{BackupError, FileError};
pub use restore::{Restored, restore};
pub use verify::{Verified, verify};

use frame::Reader;
pub(crate) use frame::Writer;

/// The media type. Source: none is registered; age files are known by it.
pub const MEDIA_TYPE: &str = "application/age";

/// The format written here, and the newest that is read.
const VERSION: u32 = 1;
/// Work of scrypt for a passphrase, as the power of two. Source: age's own default; 256 MiB and about a second.
const PASSPHRASE_WORK: u8 = 18;
/// The same for the 24 words. Source: they are 256 random bits, which no work makes harder to guess; age's least is 1.
const WORDS_WORK: u8 = 10;
/// Work beyond which a file is refused. Source: 1 GiB, the most that a vault may ask for.
const MOST_WORK: u8 = 20;
/// Characters a chosen passphrase has at least. Source: NIST SP 800-63B, section 3.1.1.2.
const LEAST_CHARACTERS: usize = 8;

/// What a backup is encrypted to, and opened with. Never printed.
#[derive(Clone)]
pub struct BackupSecret {
    text: Zeroizing<String>,
    work: u8,
}

impl BackupSecret {
    /// The 24 words of the party, in any case, with any white space between them.
    ///
    /// # Errors
    /// When they are no recovery phrase.
    pub fn words(typed: &str) -> Result<Self, PhraseError> {
        Ok(Self::of_seed(&Seed::from_phrase(typed)?))
    }

    pub(crate) fn of_seed(seed: &Seed) -> Self {
        Self { text: seed.phrase(), work: WORDS_WORK }
    }

    /// A passphrase, as it was typed.
    pub fn passphrase(typed: Zeroizing<String>) -> Self {
        Self { text: typed, work: PASSPHRASE_WORK }
    }

    /// Refuses a passphrase that is too short to protect anything.
    ///
    /// # Errors
    /// When it has fewer than 8 characters.
    pub fn check_chosen(&self) -> Result<(), BackupError> {
        if self.text.chars().count() < LEAST_CHARACTERS { Err(BackupError::Short) } else { Ok(()) }
    }

    fn exposed(&self) -> SecretString {
        SecretString::from(self.text.as_str())
    }

    /// What encrypts to it.
    pub(crate) fn encryptor(&self) -> io::Result<Encryptor> {
        let mut recipient = age::scrypt::Recipient::new(self.exposed());
        recipient.set_work_factor(self.work);
        Encryptor::with_recipients(iter::once(&recipient as &dyn age::Recipient)).map_err(io::Error::other)
    }

    fn decrypt<R: Read>(&self, file: R) -> Result<impl Read + use<R>, FileError> {
        let mut identity = age::scrypt::Identity::new(self.exposed());
        identity.set_max_work_factor(MOST_WORK);
        let file = Decryptor::new(file)?;
        Ok(file.decrypt(iter::once(&identity as &dyn age::Identity))?)
    }
}

impl fmt::Debug for BackupSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackupSecret(..)")
    }
}

/// The first line of a backup: what it is, before any secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    bespeak_backup: u32,
    party: PublicKey,
    role: Role,
    network: Network,
    made_at: Time,
    software: String,
}

impl Head {
    pub(crate) fn new(contents: &Contents, made_at: Time) -> Self {
        Self {
            bespeak_backup: VERSION,
            party: contents.party(),
            role: contents.role,
            network: contents.network.clone(),
            made_at,
            software: concat!("bespeak ", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// A backup that was opened: its first line, its secrets, and the documents that follow.
struct Opened<R> {
    head: Head,
    contents: Contents,
    reader: Reader<R>,
}

fn open(path: &Path, secret: &BackupSecret) -> Result<Opened<impl BufRead + use<>>, FileError> {
    let file = BufReader::new(File::open(path)?);
    let mut reader = Reader::new(BufReader::new(secret.decrypt(file)?));
    let head = reader.head()?;
    let contents = Contents::from_bytes(&reader.secrets()?)?;
    if (head.party, head.role, &head.network) != (contents.party(), contents.role, &contents.network) {
        return Err(FileError::Damaged);
    }
    Ok(Opened { head, contents, reader })
}
