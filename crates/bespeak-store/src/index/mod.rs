//! The index: for each key, where its document lies in the journal.
//!
//! The newest commits are in `pending`, in memory; the writer moves them into the engine batch by batch. What was lost with
//! the memory is taken from the journal at the next start. If the engine cannot be had, `pending` is the whole index.

mod engine;
mod location;
mod mark;
mod open;
mod replay;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::change::Family;
use crate::journal::Tip;
use crate::key::IndexKey;
use crate::progress::Watch;
use engine::{BATCH, Engine};
use mark::{MARK, Mark, Totals};

pub(crate) use engine::Fault;
pub(crate) use location::Location;
pub(crate) use open::{Facts, Opened};
pub(crate) use replay::ReplayError;

/// Keys of the engine that are documents' begin with this; the mark's does not.
const DOCUMENT: u8 = 1;

/// How the engine is opened.
pub(crate) struct Setting {
    /// Where its directories are.
    pub(crate) root: PathBuf,
    /// The engine's cache, in bytes.
    pub(crate) cache: u64,
    pub(crate) key: IndexKey,
    pub(crate) watch: Option<Watch>,
}

/// The index, read from any thread, changed by the writer alone.
pub(crate) struct Index {
    setting: Setting,
    state: RwLock<State>,
    /// Held while a batch is in the engine and in `pending` both, when neither can be counted.
    moving: Mutex<()>,
}

/// What the index consists of.
struct State {
    engine: Option<Engine>,
    /// Newer than the engine. `None` takes an entry out of the index altogether.
    pending: BTreeMap<Vec<u8>, Option<Location>>,
    /// Of the engine alone.
    totals: Totals,
    /// What the engine's mark says.
    marked: Tip,
    layout: u32,
    /// The newest commit that is in `pending` or the engine.
    tip: Tip,
    /// The mark is behind, even if nothing is pending.
    stale: bool,
    closed: bool,
}

/// A batch that has been applied to the engine, and is to be taken out of `pending`.
struct Applied {
    keys: Vec<Vec<u8>>,
    totals: Totals,
    marked: Tip,
    all: bool,
}

impl State {
    fn new(engine: Option<Engine>) -> Self {
        let (pending, totals) = (BTreeMap::new(), Totals::default());
        let (marked, tip) = (Tip::NONE, Tip::NONE);
        Self { engine, pending, totals, marked, layout: 0, tip, stale: true, closed: false }
    }

    fn locate(&self, secret: &IndexKey, key: &[u8]) -> Result<Option<Location>, Fault> {
        if self.closed {
            return Err(Fault("the index is closed".into()));
        }
        match self.pending.get(key) {
            Some(found) => Ok(found.clone()),
            None => Ok(self.stored(secret, key)?.map(|(location, _)| location)),
        }
    }

    /// What the engine has for a key, with its bytes.
    fn stored(&self, secret: &IndexKey, key: &[u8]) -> Result<Option<(Location, Vec<u8>)>, Fault> {
        let Some(engine) = &self.engine else { return Ok(None) };
        let Some(bytes) = engine.get(key)? else { return Ok(None) };
        let location = decode(secret, key, &bytes)?;
        Ok(Some((location, bytes)))
    }

    /// Adds what is newer than what is pending.
    fn offer(&mut self, key: Vec<u8>, location: Location) {
        let older = self
            .pending
            .get(&key)
            .is_some_and(|old| old.as_ref().is_some_and(|o| o.is_newer_than(&location)));
        if !older {
            self.pending.insert(key, Some(location));
        }
    }

    /// Applies one batch of `pending` to the engine, with the mark. `None` when there is nothing to do.
    fn apply_batch(&self, secret: &IndexKey) -> Result<Option<Applied>, Fault> {
        let Some(engine) = &self.engine else { return Ok(None) };
        if self.pending.is_empty() && !self.stale {
            return Ok(None);
        }
        let (mut totals, mut changes, mut keys) =
            (self.totals.clone(), Vec::with_capacity(BATCH), Vec::new());
        // One place is the mark's.
        for (key, new) in self.pending.iter().take(BATCH - 1) {
            keys.push(key.clone());
            let old = self.stored(secret, key)?;
            if let Some(change) = self.step(secret, key, old, new.as_ref(), &mut totals) {
                changes.push((key.clone(), change));
            }
        }
        let all = keys.len() == self.pending.len();
        let marked = if all { self.tip.clone() } else { self.marked.clone() };
        let mark = Mark { tip: marked.clone(), layout: self.layout, count: totals.count, sum: totals.sum };
        changes.push((MARK.to_vec(), Some(mark.encode(secret))));
        engine.apply(changes)?;
        Ok(Some(Applied { keys, totals, marked, all }))
    }

    /// What becomes of one entry, counted.
    #[expect(clippy::option_option, reason = "no change, or a change to a value or to none")]
    fn step(
        &self,
        secret: &IndexKey,
        key: &[u8],
        old: Option<(Location, Vec<u8>)>,
        new: Option<&Location>,
        totals: &mut Totals,
    ) -> Option<Option<Vec<u8>>> {
        if let (Some((old, _)), Some(new)) = (&old, new)
            && old.is_newer_than(new)
        {
            return None;
        }
        if let Some((location, bytes)) = &old {
            totals.take(key, location, bytes);
        }
        let bytes = new.map(|location| {
            let bytes = location.encode(secret, key);
            totals.add(key, location, &bytes);
            bytes
        });
        Some(bytes)
    }

    fn settle(&mut self, applied: Applied) {
        for key in &applied.keys {
            self.pending.remove(key);
        }
        self.totals = applied.totals;
        self.marked = applied.marked;
        self.stale = !applied.all;
    }

    /// Moves everything pending into the engine.
    fn drain(&mut self, secret: &IndexKey) -> Result<(), Fault> {
        while let Some(applied) = self.apply_batch(secret)? {
            self.settle(applied);
        }
        Ok(())
    }

    /// Live documents: of one family, or of all.
    fn count(&self, secret: &IndexKey, family: Option<Family>) -> Result<u64, Fault> {
        let mut count: u64 = match family {
            Some(family) => self.totals.families[usize::from(family.0)],
            None => self.totals.families.iter().sum(),
        };
        let asked = |key: &[u8]| family.is_none_or(|f| key.get(1) == Some(&f.0));
        for (key, new) in self.pending.iter().filter(|(key, _)| asked(key)) {
            let was = self.stored(secret, key)?.is_some_and(|(old, _)| !old.removed);
            let is = new.as_ref().is_some_and(|new| !new.removed);
            count = (count + u64::from(is)).saturating_sub(u64::from(was));
        }
        Ok(count)
    }

    /// At most `limit` entries in order, removals left out. Short pages are the last ones.
    fn page(
        &self,
        secret: &IndexKey,
        from: Bound<&[u8]>,
        prefix: &[u8],
        limit: usize,
    ) -> Result<Page, Fault> {
        if self.closed {
            return Err(Fault("the index is closed".into()));
        }
        let mut out = Vec::new();
        let mut from = from.map(<[u8]>::to_vec);
        while out.len() < limit {
            let stored = match &self.engine {
                Some(engine) => engine.page(from.as_ref().map(Vec::as_slice), prefix, limit)?,
                None => Vec::new(),
            };
            // Up to the last key of a full page; beyond it the engine may have more.
            let until = stored.last().filter(|_| stored.len() == limit).map(|(key, _)| key.clone());
            self.merge(secret, stored, (&from, until.as_ref()), prefix, &mut out)?;
            match until {
                Some(key) => from = Bound::Excluded(key),
                None => break,
            }
        }
        out.truncate(limit);
        Ok(out)
    }

    fn merge(
        &self,
        secret: &IndexKey,
        stored: Vec<engine::Pair>,
        (from, until): (&Bound<Vec<u8>>, Option<&Vec<u8>>),
        prefix: &[u8],
        out: &mut Page,
    ) -> Result<(), Fault> {
        let mut merged = BTreeMap::new();
        for (key, bytes) in stored {
            let location = decode(secret, &key, &bytes)?;
            merged.insert(key, Some(location));
        }
        let to = until.map_or(Bound::Unbounded, Bound::Included);
        let newer = self.pending.range::<Vec<u8>, _>((from.as_ref(), to));
        for (key, location) in newer.take_while(|(key, _)| key.starts_with(prefix)) {
            merged.insert(key.clone(), location.clone());
        }
        let live =
            merged.into_iter().filter_map(|(key, location)| Some((key, location.filter(|l| !l.removed)?)));
        out.extend(live);
        Ok(())
    }
}

/// Entries of the index with their keys as the engine has them.
pub(crate) type Page = Vec<(Vec<u8>, Location)>;

fn decode(secret: &IndexKey, key: &[u8], bytes: &[u8]) -> Result<Location, Fault> {
    Location::decode(secret, key, bytes).ok_or_else(|| Fault("an entry of the index is damaged".into()))
}

/// The engine's key for a document.
pub(crate) fn key_of(family: Family, key: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(key.len() + 2);
    out.extend_from_slice(&[DOCUMENT, family.0]);
    out.extend_from_slice(key);
    out
}

impl Index {
    fn new(setting: Setting, state: State) -> Self {
        Self { setting, state: state.into(), moving: Mutex::new(()) }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a document lies; removals are told as what they are.
    pub(crate) fn locate(&self, key: &[u8]) -> Result<Option<Location>, Fault> {
        self.read().locate(&self.setting.key, key)
    }

    /// At most `limit` live entries whose keys (as the engine has them) begin with `prefix`, after `after`.
    pub(crate) fn page(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Page, Fault> {
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        self.read().page(&self.setting.key, from, prefix, limit)
    }

    /// Live documents: of one family, or of all.
    pub(crate) fn count(&self, family: Option<Family>) -> Result<u64, Fault> {
        let _still = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        self.read().count(&self.setting.key, family)
    }

    /// Takes in what a group of commits placed. From here on it is found.
    pub(crate) fn put(&self, entries: Vec<(Vec<u8>, Location)>, tip: Tip) {
        let mut state = self.write();
        for (key, location) in entries {
            state.offer(key, location);
        }
        state.tip = tip;
        state.stale = true;
    }

    /// Entries not yet in the engine; 0 if there is no engine.
    pub(crate) fn waiting(&self) -> usize {
        let state = self.read();
        if state.engine.is_some() { state.pending.len() } else { 0 }
    }

    /// Moves a batch into the engine. True if there may be more.
    pub(crate) fn drain_batch(&self) -> Result<bool, Fault> {
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let applied = self.read().apply_batch(&self.setting.key)?;
        let Some(applied) = applied else { return Ok(false) };
        self.write().settle(applied);
        Ok(true)
    }

    /// Writes out what the engine buffers.
    pub(crate) fn flush(&self) -> Result<(), Fault> {
        self.read().engine.as_ref().map_or(Ok(()), Engine::flush)
    }

    /// Points entries that still are where `old` says to their new places, or takes them out.
    pub(crate) fn relocate(&self, moves: Vec<Move>, layout: u32) -> Result<(), Fault> {
        let mut state = self.write();
        for Move { key, old, new } in moves {
            if state.locate(&self.setting.key, &key)?.as_ref() != Some(&old) {
                continue;
            }
            if new.is_none() && state.engine.is_none() {
                state.pending.remove(&key);
            } else {
                state.pending.insert(key, new);
            }
        }
        state.layout = layout;
        state.stale = true;
        Ok(())
    }

    /// Those of `victims` of which `moves` do not move or take out all that the index points to.
    /// Everything must be in the engine, or nothing.
    pub(crate) fn left_behind(&self, moves: &[Move], victims: &[u32]) -> Result<Vec<u32>, Fault> {
        let mut left = self.usage().live;
        for one in moves {
            if self.locate(&one.key)?.as_ref() == Some(&one.old)
                && let Some(bytes) = left.get_mut(&one.old.segment)
            {
                *bytes = bytes.saturating_sub(u64::from(one.old.length));
            }
        }
        Ok(victims
            .iter()
            .copied()
            .filter(|number| left.get(number).is_some_and(|bytes| *bytes > 0))
            .collect())
    }

    /// Moves everything into the engine and writes it out.
    pub(crate) fn settle_all(&self) -> Result<(), Fault> {
        while self.drain_batch()? {}
        self.flush()
    }

    /// Makes every call of the engine fail, as a panicking one does.
    #[cfg(test)]
    pub(crate) fn spoil(&self) {
        if let Some(engine) = &mut self.write().engine {
            engine.spoil();
        }
    }

    /// Closes the engine; nothing is found any more.
    pub(crate) fn shut(&self) {
        let engine = {
            let mut state = self.write();
            state.closed = true;
            state.pending.clear();
            state.engine.take()
        };
        drop(engine);
    }

    /// Sealed bytes of each segment that are still pointed to, and whether removals are more than half of all entries.
    pub(crate) fn usage(&self) -> Usage {
        let state = self.read();
        let mut usage = Usage {
            live: state.totals.live.clone(),
            removals: state.totals.removals,
            entries: state.totals.count,
        };
        for location in state.pending.values().flatten() {
            *usage.live.entry(location.segment).or_default() += u64::from(location.length);
            usage.entries += 1;
            usage.removals += u64::from(location.removed);
        }
        usage
    }
}

/// What the index points to.
pub(crate) struct Usage {
    pub(crate) live: std::collections::HashMap<u32, u64>,
    pub(crate) removals: u64,
    pub(crate) entries: u64,
}

/// An entry that a compaction moved, or whose removal it forgot.
pub(crate) struct Move {
    pub(crate) key: Vec<u8>,
    pub(crate) old: Location,
    pub(crate) new: Option<Location>,
}
