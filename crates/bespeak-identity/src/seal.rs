//! Keys that messages are sealed to. The sealing itself (HPKE) belongs to the protocol.

use std::fmt;
use std::str::FromStr;

use multibase::Base;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_bytes::ByteArray;
use x25519_dalek::{PublicKey as Point, StaticSecret};
use zeroize::Zeroizing;

use crate::KeyError;
use crate::key::decode_multibase;

/// An X25519 secret that opens what was sealed to its public side. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct SealSecret(StaticSecret);

impl SealSecret {
    /// Takes 32 secret bytes (RFC 7748 §5; clamped when used).
    pub fn from_bytes(secret: &[u8; 32]) -> Self {
        Self(StaticSecret::from(*secret))
    }

    /// The 32 secret bytes, for HPKE and for sealed storage.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public side.
    pub fn public(&self) -> SealPublic {
        // A clamped scalar times the base point is never of low order.
        SealPublic(Point::from(&self.0).to_bytes())
    }
}

impl fmt::Debug for SealSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealSecret({})", self.public())
    }
}

/// An X25519 public key that is not of low order, so that a secret shared with it is a secret. In CBOR its 32
/// bytes, in JSON and for people multibase `z6LS…`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SealPublic([u8; 32]);

/// Multicodec 0xec, x25519-pub, as a varint (multicodec table).
const X25519_PUB: [u8; 2] = [0xec, 0x01];

/// The u-coordinates of low order below 2²⁵⁵ (RFC 7748 §7 and the list its references give): 0, 1, two of order
/// eight, p − 1, p and p + 1. A test multiplies each and sees zero.
const LOW_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    first(1, 0, 0),
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda,
        0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04,
        0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
    ],
    first(0xec, 0xff, 0x7f),
    first(0xed, 0xff, 0x7f),
    first(0xee, 0xff, 0x7f),
];

const fn first(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

impl SealPublic {
    /// Checks 32 bytes and takes them as a key.
    ///
    /// # Errors
    /// [`KeyError::Weak`] for a point of low order (the all-zero key among them), [`KeyError::NotAPoint`] when
    /// the top bit is set: it is ignored in use, so the same key would have two names.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        if bytes[31] & 0x80 != 0 {
            return Err(KeyError::NotAPoint);
        }
        if LOW_ORDER.contains(bytes) { Err(KeyError::Weak) } else { Ok(Self(*bytes)) }
    }

    /// The 32 bytes of the key.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for SealPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [X25519_PUB.as_slice(), &self.0].concat();
        f.write_str(&multibase::encode(Base::Base58Btc, bytes))
    }
}

impl fmt::Debug for SealPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealPublic({self})")
    }
}

impl FromStr for SealPublic {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bytes = decode_multibase(text)?;
        let key = bytes.strip_prefix(&X25519_PUB).ok_or(KeyError::WrongKind)?;
        let key = key.try_into().map_err(|_| KeyError::Length { expected: 32, found: key.len() })?;
        Self::from_bytes(key)
    }
}

impl Serialize for SealPublic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for SealPublic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
        } else {
            let bytes = ByteArray::<32>::deserialize(deserializer)?.into_array();
            Self::from_bytes(&bytes).map_err(de::Error::custom)
        }
    }
}
