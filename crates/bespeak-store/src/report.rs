//! What was found when the store was opened, and since.

/// The state of a store. Whatever was lost is named here; an empty `damaged` and no `torn_tail` mean that nothing is known to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningReport {
    /// Documents kept now.
    pub records: u64,
    /// Files of the journal.
    pub segments: u64,
    /// Their length together.
    pub bytes: u64,
    /// How many of these bytes the index points to; what is dead goes with a compaction. While commits wait for the index it
    /// is an upper bound.
    pub live: u64,
    /// The end of the journal that a crash left half written, and that was cut. Nothing in it had been acknowledged, unless
    /// the disk lost what it had promised to keep.
    pub torn_tail: Option<TornTail>,
    /// What cannot be read, in the order of the journal, then as found.
    pub damaged: Vec<Damage>,
    /// How the index was found.
    pub index: IndexState,
}

impl OpeningReport {
    /// How many commits are nowhere; those that are there and harmed do not count.
    pub fn missing_commits(&self) -> u64 {
        let missing = self.damaged.iter().filter(|damage| damage.what == DamageKind::Missing);
        missing.filter_map(|damage| damage.numbers).map(|(first, last)| last.saturating_sub(first) + 1).sum()
    }
}

/// A half-written end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// The number of the segment.
    pub segment: u32,
    /// Where it was cut, in bytes.
    pub offset: u64,
    /// How many bytes were cut.
    pub bytes: u64,
    /// The number of the last commit before it.
    pub after: u64,
}

/// Something that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The number of the segment; 0 when the numbers are missing altogether, as when a file is gone.
    pub segment: u32,
    /// Where in it, in bytes.
    pub offset: u64,
    /// How many bytes; 0 when unknown.
    pub bytes: u64,
    /// The commits lost or harmed, first and last, where they can be told.
    pub numbers: Option<(u64, u64)>,
    /// What it is.
    pub what: DamageKind,
}

impl Damage {
    /// Whether the other is the same, or a place inside of this one: a document of an entry that is damaged already.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let end = |damage: &Self| damage.offset.saturating_add(damage.bytes);
        let inside = self.segment == other.segment && self.offset <= other.offset && end(other) <= end(self);
        self == other || (inside && self.what == DamageKind::Entry && other.what == DamageKind::Seal)
    }
}

/// Kinds of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DamageKind {
    /// Bytes inside a segment are not what was written; what follows them was read.
    Entry,
    /// A segment's header is unreadable, or made with another key: nothing in the segment can be unsealed.
    Header,
    /// One of a header's two copies is unreadable; nothing is lost.
    HeaderCopy,
    /// A segment ends before its end.
    Cut,
    /// Commits of these numbers are nowhere.
    Missing,
    /// The bytes are whole, but do not unseal.
    Seal,
}

/// How the index was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexState {
    /// It was there and right; at most the newest commits were added to it.
    Current,
    /// It was made anew from the journal.
    Rebuilt {
        /// Why.
        why: String,
    },
    /// It could not be kept on disk and is held in memory; everything works, opening takes longer.
    InMemory {
        /// Why.
        why: String,
    },
}
