//! Bytes that no honest node writes: CBOR in any form, and signatures over whatever one likes.

use bespeak_identity::{SignKey, drisl};
use ipld_core::ipld::Ipld;
use serde::Serialize;

/// Kinds of CBOR items (RFC 8949 §3.1).
pub(crate) const UNSIGNED: u8 = 0;
pub(crate) const NEGATIVE: u8 = 1;
pub(crate) const BYTES: u8 = 2;
pub(crate) const TEXT: u8 = 3;
pub(crate) const ARRAY: u8 = 4;
pub(crate) const MAP: u8 = 5;
pub(crate) const TAG: u8 = 6;

/// A head in its shortest form.
pub(crate) fn head(kind: u8, value: u64) -> Vec<u8> {
    let first = kind << 5;
    match value {
        0..=23 => vec![first | value as u8],
        24..=0xff => vec![first | 24, value as u8],
        0x100..=0xffff => [&[first | 25], (value as u16).to_be_bytes().as_slice()].concat(),
        0x1_0000..=0xffff_ffff => [&[first | 26], (value as u32).to_be_bytes().as_slice()].concat(),
        _ => long_head(kind, value),
    }
}

/// A head in its longest form, whatever the value.
pub(crate) fn long_head(kind: u8, value: u64) -> Vec<u8> {
    [&[kind << 5 | 27], value.to_be_bytes().as_slice()].concat()
}

/// A byte string.
pub(crate) fn bytes(content: &[u8]) -> Vec<u8> {
    [head(BYTES, content.len() as u64), content.to_vec()].concat()
}

/// A text, which need not be UTF-8.
pub(crate) fn text(content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    [head(TEXT, content.len() as u64), content.to_vec()].concat()
}

/// Lists in lists.
pub(crate) fn nested(depth: usize) -> Vec<u8> {
    [vec![0x81; depth], vec![0xf6]].concat()
}

/// A float of 64 bits.
pub(crate) fn float(value: f64) -> Vec<u8> {
    [&[0xfb], value.to_be_bytes().as_slice()].concat()
}

/// A map whose parts can be put together wrongly.
#[derive(Clone)]
pub(crate) struct Map(pub(crate) Vec<(String, Vec<u8>)>);

impl Map {
    /// The parts of a value that is encoded as a map.
    pub(crate) fn of(value: &impl Serialize) -> Self {
        let Ok(Ipld::Map(map)) = drisl::from_slice(&drisl::to_vec(value).unwrap()) else { panic!("a map") };
        let mut parts: Vec<_> =
            map.into_iter().map(|(key, value)| (key, drisl::to_vec(&value).unwrap())).collect();
        parts.sort_by_key(|(key, _)| text(key));
        Self(parts)
    }

    /// With a part more, or another one, in its place.
    pub(crate) fn with(mut self, key: &str, value: impl Into<Vec<u8>>) -> Self {
        self = self.without(key);
        self.0.push((key.to_owned(), value.into()));
        self.0.sort_by_key(|(key, _)| text(key));
        self
    }

    /// With a value that has an honest encoding.
    pub(crate) fn with_value(self, key: &str, value: &(impl Serialize + ?Sized)) -> Self {
        self.with(key, drisl::to_vec(value).unwrap())
    }

    /// With a part less.
    pub(crate) fn without(mut self, key: &str) -> Self {
        self.0.retain(|(known, _)| known != key);
        self
    }

    fn body(&self) -> Vec<u8> {
        self.0.iter().flat_map(|(key, value)| [text(key), value.clone()].concat()).collect()
    }

    /// As it should be.
    pub(crate) fn whole(&self) -> Vec<u8> {
        [head(MAP, self.0.len() as u64), self.body()].concat()
    }

    /// Without saying how many parts there are.
    pub(crate) fn indefinite(&self) -> Vec<u8> {
        [vec![0xbf], self.body(), vec![0xff]].concat()
    }

    /// Saying how many parts there are in nine bytes.
    pub(crate) fn long_winded(&self) -> Vec<u8> {
        [long_head(MAP, self.0.len() as u64), self.body()].concat()
    }

    /// With its first part twice.
    pub(crate) fn doubled(&self) -> Vec<u8> {
        let mut twice = self.clone();
        twice.0.insert(0, self.0[0].clone());
        twice.whole()
    }

    /// With its parts the other way round.
    pub(crate) fn unsorted(&self) -> Vec<u8> {
        let mut turned = self.clone();
        turned.0.reverse();
        turned.whole()
    }
}

/// The order of the group of Ed25519, little-endian (RFC 8032 §5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The neutral point, of order one, as a key or as the first half of a signature.
pub(crate) const NEUTRAL: [u8; 32] = {
    let mut point = [0; 32];
    point[0] = 1;
    point
};

/// The same signature with the order of the group added to its second half: the same equation holds.
pub(crate) fn with_order_added(mut signature: [u8; 64]) -> [u8; 64] {
    let mut carry = 0;
    for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    signature
}

/// A COSE_Sign1 in which every part can be chosen.
#[derive(Clone)]
pub(crate) struct Envelope {
    pub(crate) kind: String,
    pub(crate) algorithm: i64,
    pub(crate) signer: [u8; 32],
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: [u8; 64],
    pub(crate) unprotected: Vec<u8>,
}

impl Envelope {
    /// As an honest party would sign the payload, whatever it is.
    pub(crate) fn signed(kind: &str, payload: Vec<u8>, key: &SignKey) -> Self {
        let mut envelope = Self {
            kind: kind.to_owned(),
            algorithm: -19,
            signer: *key.public().as_bytes(),
            payload,
            signature: [0; 64],
            unprotected: head(MAP, 0),
        };
        envelope.signature = key.sign(&envelope.message());
        envelope
    }

    /// What is signed (RFC 9052 §4.4).
    pub(crate) fn message(&self) -> Vec<u8> {
        let parts = [bytes(&self.protected()), bytes(&[]), bytes(&self.payload)].concat();
        [head(ARRAY, 4), text("Signature1"), parts].concat()
    }

    fn protected(&self) -> Vec<u8> {
        let algorithm = head(NEGATIVE, (-1 - self.algorithm) as u64);
        let signer = bytes(&[&[0xed, 0x01], self.signer.as_slice()].concat());
        let kind = text(format!("application/vnd.bespeak.{}+cbor", self.kind));
        [head(MAP, 3), vec![1], algorithm, vec![4], signer, vec![16], kind].concat()
    }

    /// The record's bytes.
    pub(crate) fn whole(&self) -> Vec<u8> {
        let (protected, payload) = (bytes(&self.protected()), bytes(&self.payload));
        let parts = [protected, self.unprotected.clone(), payload, bytes(&self.signature)].concat();
        [head(TAG, 18), head(ARRAY, 4), parts].concat()
    }
}

/// What is said on a topic: a record of a kind.
pub(crate) fn announcement(kind: &str, record: &[u8]) -> Map {
    let parts = [("v", vec![1]), ("kind", text(kind)), ("record", bytes(record))];
    Map(parts.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}
