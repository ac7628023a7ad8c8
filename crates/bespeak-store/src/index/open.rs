//! Opening the index: is what lies there right, or must it be made anew?

use std::collections::BTreeSet;
use std::ops::Bound;
use std::path::{Path, PathBuf};

use super::mark::{MARK, Mark, Totals};
use super::replay::Part;
use super::{DOCUMENT, Engine, Fault, Index, ReplayError, Setting, State, decode};
use crate::error::DiskError;
use crate::journal::ledger::Numbers;
use crate::journal::{Journal, Tip};
use crate::progress::{Course, Stage};
use crate::report::{Damage, IndexState};

/// Entries looked at in one call of the engine. A wild guess.
const PAGE: usize = 1000;

/// An index as found, before anything is altered.
pub(crate) struct Opened {
    setting: Setting,
    /// Or why it must be made anew.
    found: Result<State, Fault>,
    /// The newest commit the index has seen, even if it must be made anew: the journal must have it.
    pub(crate) seen: u64,
}

/// What the journal says of itself, to compare the index with.
pub(crate) struct Facts<'a> {
    pub(crate) journal: &'a Journal,
    pub(crate) tip: &'a Tip,
    pub(crate) layout: u32,
    pub(crate) void: &'a Numbers,
}

impl Opened {
    /// Opens the newest index that is there and looks at all of it.
    pub(crate) fn look(setting: Setting, facts: &Facts<'_>) -> Self {
        let Some(dir) = generations(&setting.root).pop() else {
            return Self { setting, found: Err(Fault("there was none".into())), seen: 0 };
        };
        let mut seen = 0;
        let found =
            Engine::open(&dir, setting.cache).and_then(|engine| check(&setting, engine, facts, &mut seen));
        Self { setting, found, seen }
    }

    /// Brings it up to the journal, or makes it anew. Returns it with how it was found and what does not unseal.
    pub(crate) fn catch_up(self, facts: &Facts<'_>) -> Result<(Index, IndexState, Vec<Damage>), DiskError> {
        let Self { setting, found, .. } = self;
        let why = match found {
            Ok(mut state) => {
                let part = Part { after: state.marked.sequence, void: facts.void };
                // A mark made half-way claims no more than the one there was: the replay may yet fail.
                state.tip = state.marked.clone();
                let bytes = part.bytes(facts.journal);
                let mut course = Course::begin(setting.watch.as_ref(), Stage::CatchingUp, bytes);
                match state.replay(&setting.key, facts.journal, &part, &mut course) {
                    Ok(damaged) => {
                        course.end();
                        state.tip = facts.tip.clone();
                        state.stale = state.tip != state.marked;
                        let keep = state.engine.as_ref().map(|engine| engine.dir().to_owned());
                        remove_others(&setting.root, keep.as_deref());
                        return Ok((Index::new(setting, state), IndexState::Current, damaged));
                    }
                    Err(ReplayError::Disk(error)) => return Err(error),
                    Err(ReplayError::Index(fault)) => fault,
                }
            }
            Err(fault) => fault,
        };
        let (state, how, damaged) = anew(&setting, facts, why)?;
        let new = *facts.tip == Tip::NONE && matches!(how, IndexState::Rebuilt { .. });
        let how = if new { IndexState::Current } else { how };
        Ok((Index::new(setting, state), how, damaged))
    }
}

impl Index {
    /// Makes the index anew while the store is open.
    pub(crate) fn rebuild(
        &self,
        facts: &Facts<'_>,
        why: Fault,
    ) -> Result<(IndexState, Vec<Damage>), DiskError> {
        let (state, how, damaged) = anew(&self.setting, facts, why)?;
        let old = std::mem::replace(&mut *self.write(), state);
        drop(old);
        let keep = self.read().engine.as_ref().map(|engine| engine.dir().to_owned());
        remove_others(&self.setting.root, keep.as_deref());
        Ok((how, damaged))
    }
}

/// Fills a new engine from the journal, or the memory if no engine is to be had.
fn anew(
    setting: &Setting,
    facts: &Facts<'_>,
    why: Fault,
) -> Result<(State, IndexState, Vec<Damage>), DiskError> {
    if facts.tip.sequence == 0 {
        tracing::debug!(target: "bespeak::store", "index_made");
    } else {
        tracing::warn!(target: "bespeak::store", %why, "index_rebuilt");
    }
    let part = Part { after: 0, void: facts.void };
    let mut course = Course::begin(setting.watch.as_ref(), Stage::Rebuilding, part.bytes(facts.journal));
    let filled = fill_anew(setting, facts, &part, why, &mut course)?;
    course.end();
    Ok(filled)
}

fn fill_anew(
    setting: &Setting,
    facts: &Facts<'_>,
    part: &Part<'_>,
    why: Fault,
    course: &mut Course<'_>,
) -> Result<(State, IndexState, Vec<Damage>), DiskError> {
    let dir = next_generation(&setting.root);
    let filled = Engine::open(&dir, setting.cache).map_err(ReplayError::Index).and_then(|engine| {
        let mut state = State::new(Some(engine));
        let damaged = fill(&mut state, setting, facts, part, course)?;
        Ok((state, damaged))
    });
    match filled {
        Ok((state, damaged)) => {
            remove_others(&setting.root, Some(&dir));
            Ok((state, IndexState::Rebuilt { why: why.0 }, damaged))
        }
        Err(ReplayError::Disk(error)) => Err(error),
        Err(ReplayError::Index(fault)) => {
            tracing::warn!(target: "bespeak::store", why = %fault, "index_in_memory");
            let mut state = State::new(None);
            match fill(&mut state, setting, facts, part, course) {
                Ok(damaged) => Ok((state, IndexState::InMemory { why: fault.0 }, damaged)),
                Err(ReplayError::Disk(error)) => Err(error),
                Err(ReplayError::Index(_)) => {
                    unreachable!("an index in memory has no engine that could fail")
                }
            }
        }
    }
}

fn fill(
    state: &mut State,
    setting: &Setting,
    facts: &Facts<'_>,
    part: &Part<'_>,
    course: &mut Course<'_>,
) -> Result<Vec<Damage>, ReplayError> {
    state.layout = facts.layout;
    let damaged = state.replay(&setting.key, facts.journal, part, course)?;
    // Only now: a mark before the end would call a half-filled index whole.
    state.tip = facts.tip.clone();
    state.stale = true;
    state.drain(&setting.key)?;
    if let Some(engine) = &state.engine {
        engine.flush()?;
    }
    Ok(damaged)
}

/// Looks at every entry: a lost or altered one is known by its tag or by the sum.
fn check(setting: &Setting, engine: Engine, facts: &Facts<'_>, seen: &mut u64) -> Result<State, Fault> {
    let bytes = engine.get(MARK)?.ok_or_else(|| Fault("it was unfinished".into()))?;
    let mark = Mark::decode(&setting.key, &bytes)
        .ok_or_else(|| Fault("it is of another home, or damaged".into()))?;
    *seen = mark.tip.sequence;
    let totals = add_up(setting, &engine, facts.journal)?;
    if (totals.count, totals.sum) != (mark.count, mark.sum) {
        return Err(Fault("entries were missing".into()));
    }
    if mark.layout != facts.layout {
        return Err(Fault("it was older than the last compaction".into()));
    }
    if mark.tip != Tip::NONE && !facts.journal.has_head(&mark.tip) {
        return Err(Fault("it speaks of a commit the journal does not have".into()));
    }
    let mut state = State::new(Some(engine));
    (state.totals, state.marked, state.layout) = (totals, mark.tip, mark.layout);
    Ok(state)
}

fn add_up(setting: &Setting, engine: &Engine, journal: &Journal) -> Result<Totals, Fault> {
    let (segments, bytes): (BTreeSet<u32>, u64) = {
        let segments = journal.segments();
        (segments.keys().copied().collect(), segments.values().map(|s| s.bytes).sum())
    };
    let mut course = Course::begin(setting.watch.as_ref(), Stage::Checking, bytes);
    let (mut totals, mut done) = (Totals::default(), 0);
    let mut from = Bound::Included(vec![DOCUMENT]);
    loop {
        let page = engine.page(from.as_ref().map(Vec::as_slice), &[DOCUMENT], PAGE)?;
        for (key, bytes) in &page {
            let location = decode(&setting.key, key, bytes)?;
            if !segments.contains(&location.segment) {
                return Err(Fault(format!("it speaks of segment {}, which is gone", location.segment)));
            }
            totals.add(key, &location, bytes);
            done += u64::from(location.length);
        }
        match page.into_iter().next_back() {
            Some((last, _)) => from = Bound::Excluded(last),
            None => break,
        }
        course.at(done);
    }
    course.end();
    Ok(totals)
}

/// The engine's directories, the newest last.
fn generations(root: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    let mut found: Vec<(u64, PathBuf)> =
        entries.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path()))).collect();
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

fn next_generation(root: &Path) -> PathBuf {
    let newest = generations(root).pop();
    let number = newest.and_then(|path| path.file_name()?.to_str()?.parse::<u64>().ok()).unwrap_or(0);
    root.join(number.saturating_add(1).to_string())
}

fn remove_others(root: &Path, keep: Option<&Path>) {
    for dir in generations(root) {
        if Some(dir.as_path()) != keep
            && let Err(error) = std::fs::remove_dir_all(&dir)
        {
            tracing::warn!(target: "bespeak::store", %error, "old_index_not_deleted");
        }
    }
}
