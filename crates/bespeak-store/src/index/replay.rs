//! Filling the index from the journal.

use super::{Fault, Location, State, key_of};
use crate::change;
use crate::error::DiskError;
use crate::journal::Journal;
use crate::journal::ledger::Numbers;
use crate::key::IndexKey;
use crate::progress::Course;
use crate::report::{Damage, DamageKind};

/// Entries collected before they are moved into the engine; about 200 bytes each. A wild guess.
const COLLECT: usize = 10_000;

/// What can stop a replay.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayError {
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error(transparent)]
    Index(#[from] Fault),
}

/// Which part of the journal.
pub(super) struct Part<'a> {
    /// Commits after this one.
    pub(super) after: u64,
    /// Commits not to be believed.
    pub(super) void: &'a Numbers,
}

impl Part<'_> {
    /// The segments it lies in, with their bytes.
    fn segments(&self, journal: &Journal) -> Vec<(u32, u64)> {
        let segments = journal.segments();
        let newer = |c: &Numbers| c.last().is_none_or(|range| *range.end() > self.after);
        segments
            .iter()
            .filter(|(_, s)| self.after == 0 || s.harmed || newer(&s.covered))
            .map(|(number, s)| (*number, s.bytes))
            .collect()
    }

    /// Bytes to be read for it.
    pub(super) fn bytes(&self, journal: &Journal) -> u64 {
        self.segments(journal).iter().map(|(_, bytes)| bytes).sum()
    }
}

impl State {
    /// Takes in commits from the journal. Returns what does not unseal.
    pub(super) fn replay(
        &mut self,
        secret: &IndexKey,
        journal: &Journal,
        part: &Part<'_>,
        course: &mut Course<'_>,
    ) -> Result<Vec<Damage>, ReplayError> {
        let (mut damaged, mut before) = (Vec::new(), 0);
        for (number, bytes) in part.segments(journal) {
            let unsealable = journal.visit(number, &mut |location, plain| {
                course.at(before + location.offset);
                self.take_in(secret, part, location, plain)
            })?;
            damaged.extend(unsealable.iter().filter(|l| !part.void.contains(&l.sequence)).map(seal_damage));
            before += bytes;
        }
        self.drain(secret)?;
        Ok(damaged)
    }

    fn take_in(
        &mut self,
        secret: &IndexKey,
        part: &Part<'_>,
        location: &Location,
        plain: &[u8],
    ) -> Result<(), ReplayError> {
        if location.sequence <= part.after || part.void.contains(&location.sequence) {
            return Ok(());
        }
        let Some(change) = change::peek(plain) else { return Ok(()) };
        let removed = change.body.is_none();
        self.offer(key_of(change.family, change.key), Location { removed, ..location.clone() });
        if self.pending.len() >= COLLECT {
            self.drain(secret)?;
        }
        Ok(())
    }
}

fn seal_damage(location: &Location) -> Damage {
    Damage {
        segment: location.segment,
        offset: location.offset,
        bytes: u64::from(location.length),
        numbers: Some((location.sequence, location.sequence)),
        what: DamageKind::Seal,
    }
}
