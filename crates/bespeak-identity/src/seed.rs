//! The root of a person's keys, and the 24 words that restore it.

use std::fmt;

use bip39::{Error, Language, Mnemonic};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use crate::{Purpose, SealSecret, SignKey};

/// The root of all of a person's keys: 32 bytes, wiped when dropped, never printed.
pub struct Seed(Zeroizing<[u8; 32]>);

/// Separates our derivations from any other use of the same words.
const SALT: &[u8] = b"bespeak/1";

/// 24 words carry 32 bytes and a checksum of one (BIP-39).
const WORDS: usize = 24;

/// Why a recovery phrase cannot be used. The words themselves are left out: this may end in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    /// There are too few or too many words.
    #[error("a recovery phrase has {WORDS} words, not {found}")]
    WordCount {
        /// How many there are.
        found: usize,
    },
    /// A word is not in the English list of BIP-39.
    #[error(
        "word {position} of the recovery phrase is not in the list of recovery words; check its spelling"
    )]
    UnknownWord {
        /// Which word, counted from 1.
        position: usize,
    },
    /// Every word exists, but together they do not fit: one is wrong or two are exchanged.
    #[error("the words are all known but do not fit together: one is wrong, or two are exchanged")]
    Checksum,
}

impl Seed {
    /// Takes 32 bytes that the caller drew from a good source.
    pub fn from_entropy(mut bytes: [u8; 32]) -> Self {
        let seed = Self(Zeroizing::new(bytes));
        bytes.zeroize();
        seed
    }

    /// Reads 24 English BIP-39 words, in any case, with any white space between them.
    ///
    /// # Errors
    /// [`PhraseError`] says whether the number, the spelling or the checksum is wrong.
    pub fn from_phrase(phrase: &str) -> Result<Self, PhraseError> {
        let lower = Zeroizing::new(phrase.to_lowercase());
        let found = lower.split_whitespace().count();
        if found != WORDS {
            return Err(PhraseError::WordCount { found });
        }
        let words =
            Mnemonic::parse_in_normalized(Language::English, &lower).map_err(|error| match error {
                Error::UnknownWord(index) => PhraseError::UnknownWord { position: index + 1 },
                Error::BadWordCount(found) => PhraseError::WordCount { found },
                _ => PhraseError::Checksum,
            })?;
        let (mut entropy, _) = words.to_entropy_array();
        let mut seed = Zeroizing::new([0; 32]);
        seed.copy_from_slice(&entropy[..32]);
        entropy.zeroize();
        Ok(Self(seed))
    }

    /// The 24 words that restore this seed: to be shown once and written down.
    pub fn phrase(&self) -> Zeroizing<String> {
        #[expect(
            clippy::expect_used,
            reason = "BIP-39 takes 32 bytes always; nothing from outside is involved"
        )]
        let words = Mnemonic::from_entropy_in(Language::English, self.0.as_slice()).expect("32 bytes");
        // Room for 24 words of at most 8 letters, so that no half-written copy is left behind by growing.
        let mut phrase = Zeroizing::new(String::with_capacity(WORDS * 9));
        for word in words.words() {
            if !phrase.is_empty() {
                phrase.push(' ');
            }
            phrase.push_str(word);
        }
        phrase
    }

    /// Derives 32 bytes for a purpose: HKDF-SHA256 (RFC 5869) with the salt `bespeak/1`.
    pub fn derive(&self, purpose: Purpose<'_>) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        #[expect(
            clippy::expect_used,
            reason = "HKDF-SHA256 gives up to 8,160 bytes; 32 are asked for, always"
        )]
        Hkdf::<Sha256>::new(Some(SALT), self.0.as_slice())
            .expand(&purpose.info(), key.as_mut_slice())
            .expect("32 bytes");
        key
    }

    /// Derives a signing key.
    pub fn sign_key(&self, purpose: Purpose<'_>) -> SignKey {
        SignKey::from_bytes(&self.derive(purpose))
    }

    /// Derives a key that messages can be sealed to.
    pub fn seal_key(&self, purpose: Purpose<'_>) -> SealSecret {
        SealSecret::from_bytes(&self.derive(purpose))
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}
