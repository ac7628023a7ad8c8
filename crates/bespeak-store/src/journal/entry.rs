//! One entry of a segment: a commit, or the part of one that is still live.
//!
//! Head, 48 bytes: `magic 4 · sequence u64 · body length u32 · changes u32 · nonce 20 · crc32 of the body u32 · crc32 of the
//! head u32`. Body: for each change `length u32 · sealed change`. All little-endian. Each change is sealed by itself, so that
//! one document is read without unsealing its neighbours; its place (segment, sequence, position, count) is associated data,
//! its nonce is the entry's 20 bytes and its position (XChaCha20-Poly1305, 24 bytes in all). The entry's 20 bytes are 16
//! random ones, the same for all entries written with one sync, and the entry's place among those: so what a power cut left
//! of an unfinished write can be told from damage.
//! The head has a checksum of its own so that a damaged length is known; the magic lets a reader find the next entry.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::header::Fields;
use crate::change::{self, Change};
use crate::error::WriteError;
use crate::index::Location;

pub(crate) const MAGIC: [u8; 4] = [0xB5, b'e', 0xE1, b'\n'];
pub(crate) const HEAD: usize = 48;
/// Poly1305's tag (RFC 8439).
const TAG: usize = 16;
/// The longest body: the largest commit with each change's overhead (20 bytes sealed, 4 inside), rounded up. Longer lengths
/// are damage.
pub(crate) const MAX_BODY: usize = change::MAX_COMMIT + 64 * change::MAX_CHANGES;
/// The sequence number of entries that are the journal's own notes, not commits.
pub(crate) const NOTE: u64 = 0;

/// The highest number of a commit: 2⁶² cannot be reached by counting; larger ones are damage.
pub(crate) const MAX_SEQUENCE: u64 = 1 << 62;

/// An entry's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) sequence: u64,
    pub(crate) length: usize,
    pub(crate) count: u32,
    pub(crate) nonce: [u8; 20],
    pub(crate) body_crc: u32,
}

impl Head {
    /// Reads a head; `None` if it is none or damaged.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..HEAD)?;
        let mut fields = Fields(bytes);
        if fields.take::<4>() != MAGIC
            || crc32fast::hash(&bytes[..HEAD - 4]).to_le_bytes() != bytes[HEAD - 4..]
        {
            return None;
        }
        let head = Self {
            sequence: u64::from_le_bytes(fields.take()),
            length: u32::from_le_bytes(fields.take()) as usize,
            count: u32::from_le_bytes(fields.take()),
            nonce: fields.take(),
            body_crc: u32::from_le_bytes(fields.take()),
        };
        (head.length <= MAX_BODY && head.sequence <= MAX_SEQUENCE).then_some(head)
    }

    fn encode(&self) -> [u8; HEAD] {
        let mut out = [0; HEAD];
        out[..4].copy_from_slice(&MAGIC);
        out[4..12].copy_from_slice(&self.sequence.to_le_bytes());
        out[12..16].copy_from_slice(&(self.length as u32).to_le_bytes());
        out[16..20].copy_from_slice(&self.count.to_le_bytes());
        out[20..40].copy_from_slice(&self.nonce);
        out[40..44].copy_from_slice(&self.body_crc.to_le_bytes());
        let crc = crc32fast::hash(&out[..HEAD - 4]);
        out[44..].copy_from_slice(&crc.to_le_bytes());
        out
    }

    /// What the entries written with one sync have in common, and the place of this one among them. Earlier versions of this
    /// software drew both anew for each entry: those are taken for written each by itself.
    pub(crate) fn group(&self) -> ([u8; 16], u32) {
        let mut fields = Fields(&self.nonce);
        (fields.take(), u32::from_le_bytes(fields.take()))
    }

    /// The bytes of the whole entry.
    pub(crate) fn total(&self) -> u64 {
        (HEAD + self.length) as u64
    }
}

/// Entries written with one sync.
pub(crate) struct Group {
    random: [u8; 16],
    next: u32,
}

impl Group {
    pub(crate) fn new() -> Result<Self, WriteError> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|_| WriteError::NoRandomness)?;
        Ok(Self { random, next: 0 })
    }

    /// One that no other entry has.
    fn nonce(&mut self) -> [u8; 20] {
        let mut nonce = [0; 20];
        nonce[..16].copy_from_slice(&self.random);
        nonce[16..].copy_from_slice(&self.next.to_le_bytes());
        self.next += 1;
        nonce
    }
}

/// Where an entry is being written.
pub(crate) struct Place<'a> {
    pub(crate) cipher: &'a XChaCha20Poly1305,
    pub(crate) segment: u32,
    pub(crate) sequence: u64,
}

/// Seals changes into one entry at the end of `out`, whose first byte lies at `start` of the segment.
/// Returns where each change will be found.
pub(crate) fn seal(
    place: &Place<'_>,
    group: &mut Group,
    changes: &[Change],
    start: u64,
    out: &mut Vec<u8>,
) -> Result<Vec<Location>, WriteError> {
    let mut plain = Zeroizing::new(Vec::new());
    let mut sealed = Sealing::begin(place, group.nonce(), changes.len(), start, out);
    let mut places = Vec::with_capacity(changes.len());
    for one in changes {
        plain.clear();
        change::encode(one, &mut plain);
        let mut location = sealed.add(&plain)?;
        location.removed = one.body().is_none();
        places.push(location);
    }
    sealed.finish();
    Ok(places)
}

/// Seals one note of the journal's own.
pub(crate) fn seal_note(place: &Place<'_>, note: &[u8], out: &mut Vec<u8>) -> Result<(), WriteError> {
    let mut sealed = Sealing::begin(place, Group::new()?.nonce(), 1, 0, out);
    sealed.add(note)?;
    sealed.finish();
    Ok(())
}

struct Sealing<'a> {
    place: &'a Place<'a>,
    count: u32,
    nonce: [u8; 20],
    /// Where the entry begins, in the segment and in `out`.
    start: u64,
    from: usize,
    position: u32,
    out: &'a mut Vec<u8>,
}

impl<'a> Sealing<'a> {
    fn begin(place: &'a Place<'a>, nonce: [u8; 20], count: usize, start: u64, out: &'a mut Vec<u8>) -> Self {
        let from = out.len();
        out.extend_from_slice(&[0; HEAD]);
        Self { place, count: count as u32, nonce, start, from, position: 0, out }
    }

    fn add(&mut self, plain: &[u8]) -> Result<Location, WriteError> {
        let (place, position) = (self.place, self.position);
        let mut location = Location {
            segment: place.segment,
            sequence: place.sequence,
            position,
            count: self.count,
            nonce: self.nonce,
            offset: self.start + (self.out.len() - self.from) as u64 + 4,
            length: 0,
            removed: false,
        };
        let sealed =
            place.cipher.encrypt(&nonce_of(&location), Payload { msg: plain, aad: &bound_to(&location) });
        let Ok(sealed) = sealed else { unreachable!("XChaCha20-Poly1305 seals up to 256 GiB (RFC 8439)") };
        location.length = sealed.len() as u32;
        self.out.extend_from_slice(&location.length.to_le_bytes());
        self.out.extend_from_slice(&sealed);
        self.position += 1;
        Ok(location)
    }

    fn finish(self) {
        let (head, body) = self.out[self.from..].split_at_mut(HEAD);
        let sequence = self.place.sequence;
        let body_crc = crc32fast::hash(body);
        head.copy_from_slice(
            &Head { sequence, length: body.len(), count: self.count, nonce: self.nonce, body_crc }.encode(),
        );
    }
}

/// Unseals what lies at a place; `None` when it is not what was sealed there. The bytes are wiped when dropped.
pub(crate) fn unseal(
    cipher: &XChaCha20Poly1305,
    location: &Location,
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let payload = Payload { msg: sealed, aad: &bound_to(location) };
    cipher.decrypt(&nonce_of(location), payload).ok().map(Zeroizing::new)
}

/// The places of an entry's changes, with their sealed bytes; `None` for a body that is not laid out as one.
pub(crate) fn parts<'a>(
    segment: u32,
    start: u64,
    head: &Head,
    body: &'a [u8],
) -> Option<Vec<(Location, &'a [u8])>> {
    // Each part has at least its length and a tag, so a count cannot ask for more room than the body has.
    if head.count as usize > body.len() / (4 + TAG) {
        return None;
    }
    let mut out = Vec::with_capacity(head.count as usize);
    let mut rest = body;
    for position in 0..head.count {
        let (prefix, tail) = rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*prefix);
        let (sealed, tail) = tail.split_at_checked(length as usize)?;
        let offset = start + (HEAD + body.len() - rest.len() + 4) as u64;
        let (sequence, count, nonce) = (head.sequence, head.count, head.nonce);
        out.push((
            Location { segment, sequence, position, count, nonce, offset, length, removed: false },
            sealed,
        ));
        rest = tail;
    }
    rest.is_empty().then_some(out)
}

fn nonce_of(location: &Location) -> XNonce {
    let mut nonce = [0; 24];
    nonce[..20].copy_from_slice(&location.nonce);
    nonce[20..].copy_from_slice(&location.position.to_le_bytes());
    nonce.into()
}

fn bound_to(location: &Location) -> [u8; 35] {
    let mut out = [0; 35];
    out[..15].copy_from_slice(b"bespeak/entry/1");
    out[15..19].copy_from_slice(&location.segment.to_le_bytes());
    out[19..27].copy_from_slice(&location.sequence.to_le_bytes());
    out[27..31].copy_from_slice(&location.position.to_le_bytes());
    out[31..].copy_from_slice(&location.count.to_le_bytes());
    out
}
