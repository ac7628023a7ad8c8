//! What a person types.

use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::{Cost, VaultError};

/// Characters a chosen passphrase has at least. Source: NIST SP 800-63B, section 3.1.1.2.
pub(crate) const MIN_CHARACTERS: usize = 8;
/// Bytes of any passphrase at most. Source: wild guess; a page of text, so that nobody pipes in a film.
pub(crate) const MAX_BYTES: usize = 1024;

/// A passphrase, in the normal form NFKC, so that it is the same from every keyboard. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes what was typed.
    ///
    /// # Errors
    /// When it is longer than 1,024 bytes. Whether it is long enough is asked when it is to lock something.
    pub fn new(typed: &str) -> Result<Self, VaultError> {
        if typed.len() > MAX_BYTES {
            return Err(VaultError::Long);
        }
        // Room for all of it, so that no half-written copy is left behind by growing.
        let length = typed.nfkc().map(char::len_utf8).sum();
        let mut normal = Zeroizing::new(String::with_capacity(length));
        normal.extend(typed.nfkc());
        Ok(Self(normal))
    }

    /// Whether it may lock something, so that a person is told at once.
    ///
    /// # Errors
    /// When it has fewer than 8 characters.
    pub fn check_chosen(&self) -> Result<(), VaultError> {
        if self.0.chars().count() < MIN_CHARACTERS { Err(VaultError::Short) } else { Ok(()) }
    }

    /// The key made from it by argon2id.
    pub(crate) fn stretch(&self, salt: &[u8; 32], cost: Cost) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        let Cost { memory_kib, passes, lanes } = cost;
        let no_memory = VaultError::NoMemory { memory_kib };
        let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(|_| VaultError::Damaged)?;
        // Taken here, so that a refusal is an error and the last blocks, which tell the key, are wiped.
        let mut memory = Zeroizing::new(Vec::new());
        memory.try_reserve_exact(params.block_count()).map_err(|_| no_memory)?;
        memory.resize(params.block_count(), Block::new());
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(
                self.0.as_bytes(),
                salt,
                key.as_mut_slice(),
                memory.as_mut_slice(),
            )
            .map_err(|_| no_memory)?;
        Ok(key)
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}
