//! The store's key, and the keys derived from it.

use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use hkdf::Hkdf;
use hkdf::hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The 32-byte secret everything in a store is sealed with. It is wiped from memory when dropped, and prints nothing.
///
/// Separate keys for the journal and for the index are derived from it with HKDF-SHA256 (RFC 5869).
pub struct StoreKey(Zeroizing<[u8; 32]>);

impl StoreKey {
    /// Takes the secret. It must come from a proper source of randomness or derivation; any 32 bytes are accepted.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn journal(&self) -> JournalKey {
        JournalKey(derive(&[], &self.0, &[b"bespeak/store/journal/1"]))
    }

    pub(crate) fn index(&self) -> IndexKey {
        IndexKey(derive(&[], &self.0, &[b"bespeak/store/index/1"]))
    }
}

/// Seals the journal: each segment has a key of its own, from this one and the segment's salt.
pub(crate) struct JournalKey(Zeroizing<[u8; 32]>);

impl JournalKey {
    pub(crate) fn segment(&self, number: u32, salt: &[u8; 32]) -> XChaCha20Poly1305 {
        let key = derive(salt, &self.0, &[b"segment", &number.to_le_bytes()]);
        XChaCha20Poly1305::new((&*key).into())
    }

    /// What a segment's header carries so that a wrong key is known before anything is touched.
    pub(crate) fn check(&self, number: u32, salt: &[u8; 32]) -> [u8; 16] {
        let full = derive(salt, &self.0, &[b"check", &number.to_le_bytes()]);
        first16(&*full)
    }
}

/// Tags the index's values, so that damage or another home's index is noticed.
pub(crate) struct IndexKey(Zeroizing<[u8; 32]>);

impl IndexKey {
    /// A tag over a key and a value of the index.
    pub(crate) fn tag(&self, key: &[u8], value: &[u8]) -> [u8; 16] {
        // HMAC takes keys of any length, so this constructor cannot fail; the fallback is never reached.
        let Ok(mut mac) = <Hmac<Sha256> as hkdf::hmac::KeyInit>::new_from_slice(&*self.0) else {
            unreachable!("HMAC takes keys of any length")
        };
        mac.update(&(key.len() as u64).to_le_bytes());
        mac.update(key);
        mac.update(value);
        first16(&mac.finalize().into_bytes())
    }
}

fn derive(salt: &[u8], secret: &[u8; 32], info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    if Hkdf::<Sha256>::new(Some(salt), secret).expand_multi_info(info, &mut *out).is_err() {
        unreachable!("HKDF-SHA256 gives up to 8,160 bytes (RFC 5869)")
    }
    out
}

fn first16(bytes: &[u8]) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&bytes[..16]);
    out
}
