//! The three primitives: derivation, sealing, and randomness.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::VaultError;

/// The nonce of XChaCha20-Poly1305, in bytes (draft-irtf-cfrg-xchacha).
pub(crate) const NONCE: usize = 24;
/// Its tag (RFC 8439).
pub(crate) const TAG: usize = 16;

pub(crate) fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| VaultError::NoRandomness)?;
    Ok(bytes)
}

pub(crate) fn derive(salt: &[u8], secret: &[u8; 32], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    if Hkdf::<Sha256>::new(Some(salt), secret).expand(info, key.as_mut_slice()).is_err() {
        unreachable!("HKDF-SHA256 gives up to 8,160 bytes (RFC 5869)")
    }
    key
}

pub(crate) fn seal(key: &[u8; 32], nonce: &[u8; NONCE], plain: &[u8], bound_to: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: plain, aad: bound_to };
    let Ok(sealed) = cipher(key).encrypt(&XNonce::from(*nonce), payload) else {
        unreachable!("XChaCha20-Poly1305 seals up to 256 GiB (RFC 8439)")
    };
    sealed
}

/// What was sealed; nothing when key, nonce, bytes or what they are bound to differ.
pub(crate) fn open(
    key: &[u8; 32],
    nonce: &[u8; NONCE],
    sealed: &[u8],
    bound_to: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let payload = Payload { msg: sealed, aad: bound_to };
    cipher(key).decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.into())
}
