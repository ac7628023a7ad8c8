//! Why a vault cannot be made, read or opened.

use crate::{
    cost::Cost,
    layout::{MAX_CONTENTS, VERSION},
    passphrase::{MAX_BYTES, MIN_CHARACTERS},
};

/// Why a vault cannot be made, read or opened. Nothing in it tells a secret: this may end in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// What was given does not open it. Which part was wrong is not told.
    #[error("that does not open the vault: the passphrase or the words are wrong, or its lock is damaged")]
    Refused,
    /// It was opened, but is not what was written.
    #[error("the vault is damaged: its bytes are not the ones that were written")]
    Damaged,
    /// The bytes are no vault.
    #[error("this is no vault: it should begin with {:?}", crate::layout::MAGIC_WORDS)]
    NoVault,
    /// It was written by a later version.
    #[error("the vault has format {found}; this software reads up to {VERSION}: use the newer one")]
    Newer {
        /// The format it has.
        found: u16,
    },
    /// Trying a passphrase would take too much.
    #[error(
        "the vault asks for {asked} to try a passphrase; at most {most} are allowed: it is damaged, or somebody changed it"
    )]
    Excessive {
        /// What it asks for.
        asked: Cost,
        /// The most that is allowed.
        most: Cost,
    },
    /// Trying a passphrase would be too cheap.
    #[error(
        "the vault asks for only {asked} to try a passphrase; at least {least} are needed: it is damaged, or somebody changed it"
    )]
    Weak {
        /// What it asks for.
        asked: Cost,
        /// The least that is allowed.
        least: Cost,
    },
    /// A passphrase that somebody chose is too short.
    #[error("the passphrase is too short: take at least {MIN_CHARACTERS} characters, better several words")]
    Short,
    /// A passphrase is too long.
    #[error("the passphrase is too long: at most {MAX_BYTES} bytes are taken")]
    Long,
    /// A vault nobody could open was asked for, or one with two slots of a kind.
    #[error("a vault needs at least one slot, and at most one of each kind")]
    Slots,
    /// The content is too large.
    #[error("a vault holds at most {MAX_CONTENTS} bytes")]
    TooLarge,
    /// There is not enough memory to try the passphrase.
    #[error("there is not enough free memory to try the passphrase: {memory_kib} KiB are needed")]
    NoMemory {
        /// How much is needed, in KiB.
        memory_kib: u32,
    },
    /// The system gave no random numbers.
    #[error("the system gave no random numbers")]
    NoRandomness,
}
