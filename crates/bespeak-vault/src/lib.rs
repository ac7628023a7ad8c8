//! The lock of a home: a random master key, wrapped in slots, and what is sealed under it.
//!
//! A [`Vault`] is bytes in and bytes out. It holds one random [`MasterKey`], locked away once for each way to open it
//! ([`Guard`]): a passphrase, the secret behind a recovery phrase, or nothing at all; and a small sealed content that
//! only the master key opens. A passphrase can so be changed without anything else being sealed anew. What may not live
//! here: files, what the content says, and any other crate of the house.
//!
//! Start reading at [`Vault`], then `slot.rs` (how the master key is wrapped) and `layout.rs` (the bytes).
//!
//! ```
//! # fn main() -> Result<(), bespeak_vault::VaultError> {
//! use bespeak_vault::{Cost, Guard, Limits, Passphrase, Unlock, Vault};
//!
//! // Far too cheap for anything but an example.
//! let cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };
//! let limits = Limits { least: cost, ..Limits::STANDARD };
//! let passphrase = Passphrase::new("correct horse battery")?;
//! let (vault, _) = Vault::create(b"a secret", &[Guard::Passphrase(&passphrase, cost)])?;
//!
//! let read = Vault::from_bytes(&vault.to_bytes(), &limits)?;
//! let opened = read.unlock(&Unlock::Passphrase(&passphrase))?;
//! assert_eq!(opened.contents.as_slice(), b"a secret");
//! # Ok(())
//! # }
//! ```

mod cost;
mod crypt;
mod error;
mod layout;
mod master;
mod passphrase;
mod slot;
mod vault;

pub use cost::{Cost, Limits};
pub use error::VaultError;
pub use layout::{MAX_BYTES, MAX_CONTENTS};
pub use master::MasterKey;
pub use passphrase::Passphrase;
pub use slot::{SlotInfo, SlotKind};
pub use vault::{Guard, Opened, Secret, Unlock, Vault};
