//! What can go wrong, one enum for each operation.

use std::io;

/// What the operating system refused, and what was being done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{doing}: {kind}{}", code.map(|c| format!(" (os error {c})")).unwrap_or_default())]
pub struct DiskError {
    /// What was being done, for people.
    pub doing: &'static str,
    /// What kind of failure it was, such as `StorageFull`.
    pub kind: io::ErrorKind,
    /// The operating system's number for it, where there is one.
    pub code: Option<i32>,
}

impl DiskError {
    pub(crate) fn new(doing: &'static str, error: &io::Error) -> Self {
        Self { doing, kind: error.kind(), code: error.raw_os_error() }
    }
}

/// For `map_err`: names what was being done.
pub(crate) fn doing(what: &'static str) -> impl Fn(io::Error) -> DiskError {
    move |error| DiskError::new(what, &error)
}

/// Why a store could not be opened. Nothing in the journal has been altered, except after `Disk`, where a torn tail may
/// already have been cut.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Another process, or another `Store` of this one, has the home open.
    #[error("the home is in use by another process{}", pid.map(|p| format!(" (number {p})")).unwrap_or_default())]
    Busy {
        /// Its process number, if it could be read.
        pid: Option<u32>,
    },
    /// The journal is readable, but was sealed with another key.
    #[error("the key does not open this journal")]
    WrongKey,
    /// The journal was written by a later version of this software.
    #[error("journal segment {segment} has format {version}; this software reads up to {known}")]
    Newer {
        /// The number of the segment.
        segment: u32,
        /// The format it has.
        version: u16,
        /// The newest format known here.
        known: u16,
    },
    /// The operating system gave no random numbers.
    #[error("no randomness to be had from the operating system")]
    NoRandomness,
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// Why a commit was not kept. None of its changes is visible, and none will be while this process runs; if the disk refused
/// and the process ends before what was written could be cut back, they may be found at the next start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// More bytes than a commit may have.
    #[error("a commit of {bytes} bytes; at most {limit} are allowed")]
    TooLarge {
        /// Bytes of all keys and bodies.
        bytes: usize,
        /// The bound, [`MAX_COMMIT`](crate::MAX_COMMIT).
        limit: usize,
    },
    /// More changes than a commit may have.
    #[error("a commit of {changes} changes; at most {limit} are allowed")]
    TooMany {
        /// How many there were.
        changes: usize,
        /// The bound, [`MAX_CHANGES`](crate::MAX_CHANGES).
        limit: usize,
    },
    /// A key longer than a key may be.
    #[error("a key of {bytes} bytes; at most {limit} are allowed")]
    KeyTooLong {
        /// Its length.
        bytes: usize,
        /// The bound, [`MAX_KEY`](crate::MAX_KEY).
        limit: usize,
    },
    /// The disk refused; reading goes on, and a later commit succeeds once the disk takes writes again.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The operating system gave no random numbers.
    #[error("no randomness to be had from the operating system")]
    NoRandomness,
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
}

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The document was kept, but its place in the journal is damaged. Other documents are not touched by this.
    #[error("the document is damaged in journal segment {segment} at byte {offset} (number {sequence})")]
    Damaged {
        /// The number of the segment.
        segment: u32,
        /// Where in it, in bytes.
        offset: u64,
        /// The number of the commit.
        sequence: u64,
    },
    /// The index failed, and could not be rebuilt.
    #[error("the index cannot be read: {why}")]
    Index {
        /// What it said.
        why: String,
    },
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
}

/// Why nothing was compacted. What was there is unharmed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompactError {
    /// Something could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The operating system gave no random numbers.
    #[error("no randomness to be had from the operating system")]
    NoRandomness,
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
}

/// What writing to the journal can meet.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("no randomness to be had from the operating system")]
    NoRandomness,
}

impl From<WriteError> for CommitError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Disk(e) => Self::Disk(e),
            WriteError::NoRandomness => Self::NoRandomness,
        }
    }
}

impl From<WriteError> for CompactError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Disk(e) => Self::Disk(e),
            WriteError::NoRandomness => Self::NoRandomness,
        }
    }
}

impl From<WriteError> for OpenError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Disk(e) => Self::Disk(e),
            WriteError::NoRandomness => Self::NoRandomness,
        }
    }
}
