//! The one form of CBOR that is signed: DRISL, the deterministic CBOR of the AT-Protocol world, without floats.
//!
//! A value has exactly one encoding here, so an id names a meaning and not a spelling: definite lengths, shortest
//! heads, text keys in order and without doubles, integers of 64 bits, no floats, `false`, `true` and `null` as
//! the only simple values, and tag 42 (a link) as the only tag. [`check`] looks at bytes from outside before
//! anything is decoded from them; it allocates nothing. Encoding and decoding of types is `serde_ipld_dagcbor`'s.
//!
//! Two traps for types that are signed: a byte field without `serde_bytes` becomes an array of numbers, and serde's
//! `flatten`, `untagged` and `tag = …` decode through a buffer that forgets the format is binary, so that keys,
//! nonces and ids inside them are not understood.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cbor::{Item, Reader};

pub use crate::diagnostic::diagnostic;

/// The longest payload, in bytes. A gossiped record has 16 KiB at most and sealed blobs 16 KiB; an order with
/// many lines and its co-signed terms may be larger (wild guess: four times).
pub const MAX_LEN: usize = 64 * 1024;

/// How deep arrays and maps may nest (wild guess: our records need about 6). Bounds the stack while decoding.
pub const MAX_DEPTH: usize = 32;

/// The tag of a link (dag-cbor).
const LINK_TAG: u64 = 42;

/// Why a value cannot be encoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The value cannot be written as CBOR at all.
    #[error("cannot be written as CBOR: {reason}")]
    Write {
        /// What the encoder says.
        reason: String,
    },
    /// The value was written, but is outside the profile (a float, too large, too deep …).
    #[error("outside the profile: {0}")]
    Profile(#[source] DecodeError),
}

/// Why bytes are refused; `at` is the offset of the item at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// More bytes than [`MAX_LEN`].
    #[error("{len} bytes are more than the {max} allowed")]
    TooLong {
        /// Bytes there are.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// The bytes end inside an item.
    #[error("ends too early, at byte {at}")]
    Ended {
        /// Where they end.
        at: usize,
    },
    /// Bytes follow after the end of the value.
    #[error("bytes after the end, at byte {at}")]
    Trailing {
        /// The first of them.
        at: usize,
    },
    /// A head is longer than it need be.
    #[error("not the shortest form, at byte {at}")]
    NotShortest {
        /// Offset of the item.
        at: usize,
    },
    /// An indefinite length, or the break that ends one.
    #[error("indefinite length, at byte {at}")]
    Indefinite {
        /// Offset of the item.
        at: usize,
    },
    /// A head that RFC 8949 keeps for later.
    #[error("a reserved head, at byte {at}")]
    Reserved {
        /// Offset of the item.
        at: usize,
    },
    /// A floating-point number.
    #[error("a float, at byte {at}")]
    Float {
        /// Offset of the item.
        at: usize,
    },
    /// A simple value other than false, true and null.
    #[error("an unknown simple value, at byte {at}")]
    Simple {
        /// Offset of the item.
        at: usize,
    },
    /// An integer below −2⁶³.
    #[error("an integer below -2^63, at byte {at}")]
    IntegerRange {
        /// Offset of the item.
        at: usize,
    },
    /// Text that is not UTF-8.
    #[error("text that is not UTF-8, at byte {at}")]
    NotUtf8 {
        /// Offset of the item.
        at: usize,
    },
    /// A tag other than 42.
    #[error("tag {tag}, at byte {at}")]
    Tag {
        /// The tag.
        tag: u64,
        /// Offset of the item.
        at: usize,
    },
    /// A link that is not a CIDv1 of dag-cbor or raw bytes by sha2-256.
    #[error("not a link we know, at byte {at}")]
    Link {
        /// Offset of the item.
        at: usize,
    },
    /// A key of a map that is not text.
    #[error("a key that is not text, at byte {at}")]
    KeyNotText {
        /// Offset of the key.
        at: usize,
    },
    /// A key of a map that does not come after the one before it: out of order, or there twice.
    #[error("a key out of order or there twice, at byte {at}")]
    KeyOrder {
        /// Offset of the key.
        at: usize,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested too deep, at byte {at}")]
    TooDeep {
        /// Offset of the item.
        at: usize,
    },
    /// Good CBOR, but not the document that is wanted.
    #[error("not the document wanted: {reason}")]
    Shape {
        /// What the decoder says.
        reason: String,
    },
}

/// Encodes a value; what comes out passes [`check`].
///
/// # Errors
/// [`EncodeError`] when the value holds something the profile has no place for.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, EncodeError> {
    let bytes = serde_ipld_dagcbor::to_vec(value)
        .map_err(|error| EncodeError::Write { reason: error.to_string() })?;
    check(&bytes).map_err(EncodeError::Profile)?;
    Ok(bytes)
}

/// Decodes a value that fills the whole of `bytes`, which must pass [`check`]. Unknown keys are passed over.
///
/// # Errors
/// [`DecodeError`]; [`DecodeError::Shape`] when the bytes are good but describe something else.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    check(bytes)?;
    serde_ipld_dagcbor::from_slice(bytes).map_err(|error| DecodeError::Shape { reason: error.to_string() })
}

/// Whether `bytes` are exactly one value of the profile in its one encoding.
///
/// # Errors
/// The first fault found.
pub fn check(bytes: &[u8]) -> Result<(), DecodeError> {
    if bytes.len() > MAX_LEN {
        return Err(DecodeError::TooLong { len: bytes.len(), max: MAX_LEN });
    }
    let mut reader = Reader::new(bytes);
    check_item(&mut reader, 0)?;
    reader.end()
}

fn check_item(reader: &mut Reader<'_>, depth: usize) -> Result<(), DecodeError> {
    let at = reader.at();
    match reader.item()? {
        Item::Integer(value) if value < i128::from(i64::MIN) => Err(DecodeError::IntegerRange { at }),
        Item::Array(_) | Item::Map(_) if depth == MAX_DEPTH => Err(DecodeError::TooDeep { at }),
        Item::Array(len) => (0..len).try_for_each(|_| check_item(reader, depth + 1)),
        Item::Map(len) => check_map(reader, len, depth + 1),
        Item::Tag(LINK_TAG) => match reader.item()? {
            Item::Bytes(link) if is_link(link) => Ok(()),
            _ => Err(DecodeError::Link { at }),
        },
        Item::Tag(tag) => Err(DecodeError::Tag { tag, at }),
        Item::Integer(_) | Item::Bytes(_) | Item::Text(_) | Item::Bool(_) | Item::Null => Ok(()),
    }
}

fn check_map(reader: &mut Reader<'_>, len: u64, depth: usize) -> Result<(), DecodeError> {
    let mut last: &[u8] = &[];
    for _ in 0..len {
        let at = reader.at();
        let Item::Text(_) = reader.item()? else {
            return Err(DecodeError::KeyNotText { at });
        };
        // Encoded keys in bytewise order (RFC 8949 §4.2.1): for text, the shorter first.
        let key = reader.since(at);
        if key <= last {
            return Err(DecodeError::KeyOrder { at });
        }
        last = key;
        check_item(reader, depth)?;
    }
    Ok(())
}

/// A zero byte, then CID version 1, codec dag-cbor or raw, sha2-256, 32 bytes.
fn is_link(bytes: &[u8]) -> bool {
    bytes.len() == 37
        && (bytes.starts_with(&[0, 0x01, 0x71, 0x12, 0x20])
            || bytes.starts_with(&[0, 0x01, 0x55, 0x12, 0x20]))
}
