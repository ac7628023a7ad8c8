//! The strict reading and writing of CBOR heads that both the payload check and the COSE envelopes stand on.
//!
//! Only what RFC 8949 §4.2 calls deterministic gets through: shortest heads, definite lengths. What a head may
//! *mean* is decided by the callers.

use crate::DecodeError;

/// Major type 0.
pub(crate) const UNSIGNED: u8 = 0;
/// Major type 1.
pub(crate) const NEGATIVE: u8 = 1;
/// Major type 2.
pub(crate) const BYTES: u8 = 2;
/// Major type 3.
pub(crate) const TEXT: u8 = 3;
/// Major type 4.
pub(crate) const ARRAY: u8 = 4;
/// Major type 5.
pub(crate) const MAP: u8 = 5;
/// Major type 6.
pub(crate) const TAG: u8 = 6;

/// One item, or the beginning of one: the heads of arrays, maps and tags come without what they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item<'a> {
    Integer(i128),
    Bytes(&'a [u8]),
    Text(&'a str),
    Array(u64),
    Map(u64),
    Tag(u64),
    Bool(bool),
    Null,
}

/// A place in a slice of CBOR.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The offset of the next byte.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// What was read since `start`.
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    /// Fails unless everything has been read.
    pub(crate) fn end(&self) -> Result<(), DecodeError> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(DecodeError::Trailing { at: self.at }) }
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8], DecodeError> {
        let ended = DecodeError::Ended { at: self.bytes.len() };
        let end = usize::try_from(len).ok().and_then(|len| self.at.checked_add(len)).ok_or(ended.clone())?;
        let taken = self.bytes.get(self.at..end).ok_or(ended)?;
        self.at = end;
        Ok(taken)
    }

    /// Reads the argument of a head whose low five bits are `short`, in its only allowed length.
    fn argument(&mut self, short: u8, at: usize) -> Result<u64, DecodeError> {
        let (len, least) = match short {
            0..=23 => return Ok(u64::from(short)),
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            31 => return Err(DecodeError::Indefinite { at }),
            _ => return Err(DecodeError::Reserved { at }),
        };
        let value = self.take(len)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        if value < least { Err(DecodeError::NotShortest { at }) } else { Ok(value) }
    }

    /// Reads the next item or head.
    pub(crate) fn item(&mut self) -> Result<Item<'a>, DecodeError> {
        let at = self.at;
        let head = self.take(1)?[0];
        let (major, short) = (head >> 5, head & 0x1f);
        if major > TAG {
            return simple(short, at);
        }
        let argument = self.argument(short, at)?;
        Ok(match major {
            UNSIGNED => Item::Integer(i128::from(argument)),
            NEGATIVE => Item::Integer(-1 - i128::from(argument)),
            BYTES => Item::Bytes(self.take(argument)?),
            TEXT => {
                let text = std::str::from_utf8(self.take(argument)?);
                Item::Text(text.map_err(|_| DecodeError::NotUtf8 { at })?)
            }
            ARRAY => Item::Array(argument),
            MAP => Item::Map(argument),
            _ => Item::Tag(argument),
        })
    }
}

/// Major type 7: false, true and null are all we know.
fn simple<'a>(short: u8, at: usize) -> Result<Item<'a>, DecodeError> {
    match short {
        20 => Ok(Item::Bool(false)),
        21 => Ok(Item::Bool(true)),
        22 => Ok(Item::Null),
        25..=27 => Err(DecodeError::Float { at }),
        31 => Err(DecodeError::Indefinite { at }),
        _ => Err(DecodeError::Simple { at }),
    }
}

/// Writes a head in its shortest form.
pub(crate) fn head(out: &mut Vec<u8>, major: u8, argument: u64) {
    let major = major << 5;
    let bytes = argument.to_be_bytes();
    match argument {
        0..=23 => out.push(major | bytes[7]),
        24..=0xff => out.extend_from_slice(&[major | 24, bytes[7]]),
        0x100..=0xffff => {
            out.push(major | 25);
            out.extend_from_slice(&bytes[6..]);
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 26);
            out.extend_from_slice(&bytes[4..]);
        }
        _ => {
            out.push(major | 27);
            out.extend_from_slice(&bytes);
        }
    }
}

/// Writes a byte string.
pub(crate) fn bytes(out: &mut Vec<u8>, value: &[u8]) {
    head(out, BYTES, value.len() as u64);
    out.extend_from_slice(value);
}

/// Writes a text string.
pub(crate) fn text(out: &mut Vec<u8>, value: &str) {
    head(out, TEXT, value.len() as u64);
    out.extend_from_slice(value.as_bytes());
}
