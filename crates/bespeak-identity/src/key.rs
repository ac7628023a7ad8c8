//! Keys that sign, and their public names.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use multibase::Base;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_bytes::ByteArray;
use zeroize::Zeroizing;

use crate::SIGNATURE_LEN;

/// An Ed25519 key that signs. Wiped when dropped; prints only its public side.
#[derive(Clone)]
pub struct SignKey(SigningKey);

impl SignKey {
    /// Takes the 32 secret bytes (RFC 8032 §5.1.5); every value is a key.
    pub fn from_bytes(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// The 32 secret bytes, for sealed storage.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public side.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs a message; the same message always gives the same signature.
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_LEN] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for SignKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignKey({})", self.public())
    }
}

/// An Ed25519 public key: a point in its one canonical encoding that is not of small order. In CBOR the bytes
/// `ed 01` ‖ key, in JSON and for people `did:key:z6Mk…`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

/// Why bytes or text are not a usable public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The bytes do not have the length of a key.
    #[error("a key has {expected} bytes, not {found}")]
    Length {
        /// Bytes wanted.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// The text is not `did:key:z…`, or the base58 part cannot be read.
    #[error("not a did:key in base58btc")]
    NotDidKey,
    /// The multicodec in front of the key names another kind of key.
    #[error("not the multicodec of this kind of key")]
    WrongKind,
    /// The bytes are no point of the curve in its canonical encoding.
    #[error("not a point of the curve in canonical form")]
    NotAPoint,
    /// The point has small order: one signature would hold for many messages, or a secret would be known.
    #[error("a weak key (small order)")]
    Weak,
}

const DID_KEY: &str = "did:key:";

/// Multicodec 0xed, ed25519-pub, as a varint (multicodec table).
const ED25519_PUB: [u8; 2] = [0xed, 0x01];

/// A did:key of an Ed25519 key has 56 characters; base58 is quadratic, so nothing much longer is decoded.
const MAX_DID_LEN: usize = 64;

/// Characters of a name that go into a log line (wild guess: 58⁸ is beyond chance in one log).
const SHORT: usize = 8;

/// What stands before the key in a PeerId: multihash identity of 36 bytes, then the protobuf of an Ed25519 key.
const PEER_ID: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

impl PublicKey {
    /// A key behind its multicodec: 2 + 32 bytes.
    pub const MULTIKEY_LEN: usize = 34;

    /// Checks 32 bytes and takes them as a key.
    ///
    /// # Errors
    /// [`KeyError::NotAPoint`] and [`KeyError::Weak`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        if !below_field_order(bytes) {
            return Err(KeyError::NotAPoint);
        }
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPoint)?;
        if key.is_weak() { Err(KeyError::Weak) } else { Ok(Self(*bytes)) }
    }

    /// The 32 bytes of the key.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// `ed 01` ‖ key, as it stands in records.
    pub fn multikey(&self) -> [u8; Self::MULTIKEY_LEN] {
        let mut bytes = [0; Self::MULTIKEY_LEN];
        bytes[..2].copy_from_slice(&ED25519_PUB);
        bytes[2..].copy_from_slice(&self.0);
        bytes
    }

    /// Reads `ed 01` ‖ key.
    ///
    /// # Errors
    /// Any [`KeyError`] but [`KeyError::NotDidKey`].
    pub fn from_multikey(bytes: &[u8]) -> Result<Self, KeyError> {
        let wrong = KeyError::Length { expected: Self::MULTIKEY_LEN, found: bytes.len() };
        let (codec, key) = bytes.split_first_chunk::<2>().ok_or(wrong)?;
        let key: &[u8; 32] = key.try_into().map_err(|_| wrong)?;
        if *codec != ED25519_PUB {
            return Err(KeyError::WrongKind);
        }
        Self::from_bytes(key)
    }

    /// Whether `signature` is this key's over `message`, by the strict rules: S below the group order, R and the
    /// key not of small order, no cofactor.
    pub fn verify(&self, message: &[u8], signature: &[u8; SIGNATURE_LEN]) -> bool {
        VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
    }

    /// The PeerId of a node that speaks under this key itself: the identity hash of the key in libp2p's wrapping.
    pub fn peer_id(&self) -> String {
        let wrapped: Vec<u8> = [PEER_ID.as_slice(), &self.0].concat();
        Base::Base58Btc.encode(wrapped)
    }

    /// The last eight characters of the did:key, for logs.
    pub fn short(&self) -> String {
        let did = self.to_string();
        did[did.len() - SHORT..].to_owned()
    }
}

/// Whether y, the lower 255 bits, is below p = 2²⁵⁵ − 19 (RFC 8032 §5.1.3 step 1; the library does not look).
fn below_field_order(bytes: &[u8; 32]) -> bool {
    bytes[31] & 0x7f != 0x7f || bytes[1..31].iter().any(|byte| *byte != 0xff) || bytes[0] < 0xed
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{DID_KEY}{}", multibase::encode(Base::Base58Btc, self.multikey()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let key = text.strip_prefix(DID_KEY).ok_or(KeyError::NotDidKey)?;
        Self::from_multikey(&decode_multibase(key)?)
    }
}

/// Decodes `z` + base58btc of at most [`MAX_DID_LEN`] characters.
pub(crate) fn decode_multibase(text: &str) -> Result<Vec<u8>, KeyError> {
    if text.len() > MAX_DID_LEN {
        return Err(KeyError::NotDidKey);
    }
    match multibase::decode(text) {
        Ok((Base::Base58Btc, bytes)) => Ok(bytes),
        _ => Err(KeyError::NotDidKey),
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(&self.multikey())
        }
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
        } else {
            let bytes = ByteArray::<{ Self::MULTIKEY_LEN }>::deserialize(deserializer)?;
            Self::from_multikey(bytes.as_slice()).map_err(de::Error::custom)
        }
    }
}
