//! What the store's threads and handles have in common.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::change::Change;
use crate::error::{DiskError, ReadError};
use crate::index::{Index, Location, key_of};
use crate::journal::{Fetched, Journal};
use crate::report::{Damage, DamageKind, IndexState, TornTail};

/// The parts that readers, the writer and the compactor share.
pub(crate) struct Shared {
    pub(crate) journal: Arc<Journal>,
    pub(crate) index: Index,
    pub(crate) findings: Mutex<Findings>,
    pub(crate) closed: AtomicBool,
    /// How many times the index was made anew since the store was opened.
    pub(crate) rebuilds: AtomicU64,
}

/// The part of the report that is not counted anew each time.
pub(crate) struct Findings {
    pub(crate) torn_tail: Option<TornTail>,
    pub(crate) damaged: Vec<Damage>,
    pub(crate) index: IndexState,
}

/// What was found where the index pointed to.
pub(crate) enum Body {
    Found(Vec<u8>),
    /// The segment is gone.
    Gone,
    /// Another document lies there: the index is wrong.
    Wrong,
    Damaged,
}

impl Shared {
    pub(crate) fn findings(&self) -> MutexGuard<'_, Findings> {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Reads the document the index has under `key` (as the engine has it).
    pub(crate) fn body(&self, key: &[u8], location: &Location) -> Result<Body, DiskError> {
        Ok(match self.journal.fetch(location)? {
            Fetched::Gone => Body::Gone,
            Fetched::Damaged => Body::Damaged,
            Fetched::Change(Change::Keep { family, key: own, body }) if key_of(family, &own) == key => {
                Body::Found(body)
            }
            Fetched::Change(_) => Body::Wrong,
        })
    }

    /// Remembers what was found damaged, once, and keeps its segment from being compacted.
    pub(crate) fn note_damage(&self, location: &Location) -> ReadError {
        let Location { segment, offset, sequence, .. } = *location;
        let numbers = Some((sequence, sequence));
        self.note(Damage {
            segment,
            offset,
            bytes: u64::from(location.length),
            numbers,
            what: DamageKind::Seal,
        });
        ReadError::Damaged { segment, offset, sequence }
    }

    /// Remembers that something in a segment is damaged; the next opening will tell what.
    pub(crate) fn note_harm(&self, segment: u32) {
        self.note(Damage { segment, offset: 0, bytes: 0, numbers: None, what: DamageKind::Entry });
    }

    fn note(&self, damage: Damage) {
        if let Some(segment) = self.journal.segments().get_mut(&damage.segment) {
            (segment.harmed, segment.least) = (true, 0);
        }
        let mut findings = self.findings();
        if !findings.damaged.iter().any(|known| known.covers(&damage)) {
            tracing::error!(target: "bespeak::store", ?damage, "document_damaged");
            findings.damaged.push(damage);
        }
    }
}
