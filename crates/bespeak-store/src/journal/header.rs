//! The start of a segment: 8 KiB, the header twice, so that one bad sector does not cost a whole segment.
//!
//! `magic 8 · version u16 · kind u16 · number u32 · base u64 · valid through u64 · salt 32 · key check 16 · crc32 u32`,
//! little-endian, at byte 0 and again at byte 4096; the rest is zero. The magic, the version and the place of the checksum
//! stay as they are in every later format, so that this software can tell a later one from damage.

/// Where the first entry begins: two disk blocks of 4 KiB.
pub(crate) const HEADER: u64 = 8192;
/// Where the second copy begins.
const COPY: usize = 4096;
const MAGIC: &[u8; 8] = b"BSPKJRNL";
/// The newest format this software reads, and the one it writes.
pub(crate) const VERSION: u16 = 1;
const LENGTH: usize = 84;

/// What a segment was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Commits in the order they came.
    Plain,
    /// What was still live of older segments.
    Compacted,
}

/// A segment's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) kind: Kind,
    pub(crate) number: u32,
    /// The number of the first commit it may hold.
    pub(crate) base: u64,
    /// Commits after this one and before `base` were given up after a failed write: whatever is left of them is void.
    pub(crate) valid_through: u64,
    pub(crate) salt: [u8; 32],
    pub(crate) check: [u8; 16],
}

/// What the start of a file holds.
pub(crate) enum Found {
    /// A header; `whole` when both copies are.
    Header { header: Header, whole: bool },
    /// A header of a format not known here.
    Newer(u16),
    /// Nothing readable.
    Nothing,
}

pub(crate) fn encode(header: &Header) -> Vec<u8> {
    let mut one = Vec::with_capacity(LENGTH);
    one.extend_from_slice(MAGIC);
    one.extend_from_slice(&VERSION.to_le_bytes());
    one.extend_from_slice(&u16::from(header.kind == Kind::Compacted).to_le_bytes());
    one.extend_from_slice(&header.number.to_le_bytes());
    one.extend_from_slice(&header.base.to_le_bytes());
    one.extend_from_slice(&header.valid_through.to_le_bytes());
    one.extend_from_slice(&header.salt);
    one.extend_from_slice(&header.check);
    one.extend_from_slice(&crc32fast::hash(&one).to_le_bytes());
    let mut out = vec![0; HEADER as usize];
    out[..LENGTH].copy_from_slice(&one);
    out[COPY..COPY + LENGTH].copy_from_slice(&one);
    out
}

/// Reads the first [`HEADER`] bytes of a file, or as many as there are.
pub(crate) fn decode(bytes: &[u8]) -> Found {
    let first = one(bytes.get(..LENGTH));
    let second = one(bytes.get(COPY..COPY + LENGTH));
    let padding =
        |from: usize, to: usize| bytes.get(from..to).is_some_and(|b| b.iter().all(|byte| *byte == 0));
    let whole = padding(LENGTH, COPY) && padding(COPY + LENGTH, HEADER as usize);
    match (first, second) {
        (One::Newer(v), _) | (_, One::Newer(v)) => Found::Newer(v),
        (One::Good(a), One::Good(b)) => Found::Header { whole: whole && a == b, header: a },
        (One::Good(header), One::Bad) | (One::Bad, One::Good(header)) => {
            Found::Header { header, whole: false }
        }
        (One::Bad, One::Bad) => Found::Nothing,
    }
}

enum One {
    Good(Header),
    Newer(u16),
    Bad,
}

fn one(bytes: Option<&[u8]>) -> One {
    let Some(bytes) = bytes else { return One::Bad };
    let mut fields = Fields(bytes);
    let (magic, version) = (fields.take::<8>(), u16::from_le_bytes(fields.take()));
    if &magic != MAGIC || crc32fast::hash(&bytes[..LENGTH - 4]).to_le_bytes() != bytes[LENGTH - 4..] {
        return One::Bad;
    }
    if version > VERSION {
        return One::Newer(version);
    }
    let kind = if u16::from_le_bytes(fields.take()) == 0 { Kind::Plain } else { Kind::Compacted };
    One::Good(Header {
        kind,
        number: u32::from_le_bytes(fields.take()),
        base: u64::from_le_bytes(fields.take()),
        valid_through: u64::from_le_bytes(fields.take()),
        salt: fields.take(),
        check: fields.take(),
    })
}

/// Takes fields of fixed length from the front; zeros once the bytes are used up.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl Fields<'_> {
    pub(crate) fn take<const N: usize>(&mut self) -> [u8; N] {
        match self.0.split_first_chunk::<N>() {
            Some((field, rest)) => {
                self.0 = rest;
                *field
            }
            None => {
                self.0 = &[];
                [0; N]
            }
        }
    }
}
