//! What is committed: documents kept and removed, and how one change is laid out before it is sealed.

use crate::error::CommitError;

/// The longest key, in bytes. A wild guess: record ids are about 40 bytes; sled slows down on long keys.
pub const MAX_KEY: usize = 1024;
/// The most bytes (keys and bodies together) in one commit: 16 MiB. A wild guess; a whole commit is held in memory at once.
pub const MAX_COMMIT: usize = 16 << 20;
/// The most changes in one commit. A wild guess: it bounds how long one commit can hold up the others.
pub const MAX_CHANGES: usize = 10_000;

/// A kind of documents kept apart from others; which numbers mean what is up to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Family(pub u8);

/// One change of a commit.
///
/// **Keys lie in the index in the clear** (they must keep their order to be scanned): pass only keys that tell nothing, such
/// as record ids, numbers, or keyed hashes of names. Bodies are always sealed.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// Keeps `body` under `key`, in place of what was there.
    Keep {
        /// The family.
        family: Family,
        /// At most [`MAX_KEY`] bytes; may be empty.
        key: Vec<u8>,
        /// The document's bytes.
        body: Vec<u8>,
    },
    /// Removes what is under `key`; nothing happens if there is nothing.
    Remove {
        /// The family.
        family: Family,
        /// At most [`MAX_KEY`] bytes.
        key: Vec<u8>,
    },
}

/// Prints the shape of a change, never its contents.
impl std::fmt::Debug for Change {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = if self.body().is_some() { "Keep" } else { "Remove" };
        out.debug_struct(word)
            .field("family", &self.family().0)
            .field("bytes", &self.size())
            .finish_non_exhaustive()
    }
}

impl Change {
    pub(crate) fn family(&self) -> Family {
        match self {
            Self::Keep { family, .. } | Self::Remove { family, .. } => *family,
        }
    }

    pub(crate) fn key(&self) -> &[u8] {
        match self {
            Self::Keep { key, .. } | Self::Remove { key, .. } => key,
        }
    }

    pub(crate) fn body(&self) -> Option<&[u8]> {
        match self {
            Self::Keep { body, .. } => Some(body),
            Self::Remove { .. } => None,
        }
    }

    pub(crate) fn size(&self) -> usize {
        self.key().len() + self.body().map_or(0, <[u8]>::len)
    }
}

/// Refuses what is over the bounds, before it is queued. Returns the bytes in the commit.
pub(crate) fn check(changes: &[Change]) -> Result<usize, CommitError> {
    if changes.len() > MAX_CHANGES {
        return Err(CommitError::TooMany { changes: changes.len(), limit: MAX_CHANGES });
    }
    if let Some(long) = changes.iter().map(|c| c.key().len()).find(|len| *len > MAX_KEY) {
        return Err(CommitError::KeyTooLong { bytes: long, limit: MAX_KEY });
    }
    let bytes = changes.iter().fold(0usize, |sum, c| sum.saturating_add(c.size()));
    if bytes > MAX_COMMIT {
        return Err(CommitError::TooLarge { bytes, limit: MAX_COMMIT });
    }
    Ok(bytes)
}

const KEEP: u8 = 1;
const REMOVE: u8 = 2;
/// Kind, family, length of the key.
const PREFIX: usize = 4;

/// `kind u8 · family u8 · key length u16 · key · body`, little-endian.
pub(crate) fn encode(change: &Change, out: &mut Vec<u8>) {
    let key = change.key();
    let length = u16::try_from(key.len()).unwrap_or(u16::MAX);
    out.push(if change.body().is_some() { KEEP } else { REMOVE });
    out.push(change.family().0);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(key);
    out.extend_from_slice(change.body().unwrap_or_default());
}

/// A change as it lies in unsealed bytes.
pub(crate) struct Peek<'a> {
    pub(crate) family: Family,
    pub(crate) key: &'a [u8],
    /// `None` for a removal.
    pub(crate) body: Option<&'a [u8]>,
}

/// Looks at what [`encode`] wrote; `None` when it is something else.
pub(crate) fn peek(bytes: &[u8]) -> Option<Peek<'_>> {
    let (prefix, rest) = bytes.split_at_checked(PREFIX)?;
    let length = usize::from(u16::from_le_bytes([prefix[2], prefix[3]]));
    let (key, body) = rest.split_at_checked(length)?;
    let family = Family(prefix[1]);
    match prefix[0] {
        KEEP => Some(Peek { family, key, body: Some(body) }),
        REMOVE if body.is_empty() => Some(Peek { family, key, body: None }),
        _ => None,
    }
}

/// Reads what [`encode`] wrote; `None` when it is something else.
pub(crate) fn decode(bytes: &[u8]) -> Option<Change> {
    let Peek { family, key, body } = peek(bytes)?;
    let key = key.to_vec();
    Some(match body {
        Some(body) => Change::Keep { family, key, body: body.to_vec() },
        None => Change::Remove { family, key },
    })
}
