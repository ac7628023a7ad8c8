//! Sealing to a key: HPKE (RFC 9180) in base mode, with X25519, HKDF-SHA256 and ChaCha20-Poly1305.

use bespeak_identity::{Entropy, SealPublic, SealSecret};
use hpke::{
    Deserializable, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256,
};
use zeroize::Zeroizing;

type Kem = X25519HkdfSha256;

/// Bytes of an encapsulated key. Source: RFC 9180, 7.1.
const ENCAPSULATED: usize = 32;

/// Seals; `None` when the key is no key. `info` says what for: it opens for nothing else.
pub(super) fn seal(plaintext: &[u8], to: &SealPublic, info: &[u8], entropy: &mut Entropy) -> Option<Vec<u8>> {
    let key = <Kem as hpke::Kem>::PublicKey::from_bytes(to.as_bytes()).ok()?;
    let (encapsulated, ciphertext) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeS::Base,
        &key,
        info,
        plaintext,
        b"",
        entropy.rng(),
    )
    .ok()?;
    Some([encapsulated.to_bytes().as_slice(), &ciphertext].concat())
}

/// Opens; `None` when it is not sealed to this key for this purpose.
pub(super) fn open(sealed: &[u8], secret: &SealSecret, info: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (encapsulated, ciphertext) = sealed.split_at_checked(ENCAPSULATED)?;
    let key = <Kem as hpke::Kem>::PrivateKey::from_bytes(secret.to_bytes().as_slice()).ok()?;
    let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(encapsulated).ok()?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        &key,
        &encapsulated,
        info,
        ciphertext,
        b"",
    )
    .map(Zeroizing::new)
    .ok()
}
