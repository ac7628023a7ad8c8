//! The thread that compacts: it copies what is live out of mostly dead segments, and asks the writer to put the copy in
//! their place.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use tokio::sync::oneshot;

use crate::change::{self, Change};
use crate::error::{CompactError, DiskError, ReadError, WriteError};
use crate::index::{Location, Move, key_of};
use crate::journal::compact::{self, Output};
use crate::shared::Shared;
use crate::writer::Command;

/// A closed segment of which at most this many hundredths are live is compacted by itself. A wild guess: a third of the work
/// is copying then.
const BY_ITSELF: u64 = 30;
/// The same when asked to compact. A wild guess: each pass at least halves what it takes.
const ASKED: u64 = 50;

/// What a compaction did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compaction {
    /// How many segments were replaced; 0 when there was nothing worth doing.
    pub segments: usize,
    /// Their bytes together.
    pub bytes_before: u64,
    /// The bytes of the segment in their place.
    pub bytes_after: u64,
}

/// Why a compaction is looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trigger {
    Rotation,
    Asked,
}

/// What the compactor is asked to do.
pub(crate) enum Request {
    Look(Trigger),
    Compact(oneshot::Sender<Result<Compaction, CompactError>>),
    Stop,
}

pub(crate) struct Compactor {
    pub(crate) shared: Arc<Shared>,
    pub(crate) writer: Sender<Command>,
    pub(crate) by_itself: bool,
}

/// The writer outlives the compactor, and closes when it ends, however that happens.
impl Drop for Compactor {
    fn drop(&mut self) {
        let _ = self.writer.send(Command::Close);
    }
}

impl Compactor {
    /// Works until it is told to stop.
    pub(crate) fn run(&self, requests: &Receiver<Request>) {
        while let Ok(request) = requests.recv() {
            match request {
                Request::Stop => break,
                Request::Look(trigger) if self.by_itself => {
                    if let Err(error) = self.compact(trigger) {
                        tracing::warn!(target: "bespeak::store", %error, "compaction_failed");
                    }
                }
                Request::Look(_) => {}
                Request::Compact(answer) => {
                    let _ = answer.send(self.compact(Trigger::Asked));
                }
            }
        }
    }

    fn compact(&self, trigger: Trigger) -> Result<Compaction, CompactError> {
        let closed = self.ask(|answer| Command::Settle { answer })?;
        let victims = self.victims(&closed, trigger);
        if victims.is_empty() {
            return Ok(Compaction::default());
        }
        let mut copy = Copying {
            shared: &self.shared,
            forget_below: compact::forgettable_below(&self.shared.journal, &victims),
            output: Output::begin(&self.shared.journal, &victims)?,
            moves: Vec::new(),
            group: Vec::new(),
        };
        if let Err(error) = victims.iter().try_for_each(|number| copy.segment(*number)) {
            copy.output.abandon();
            return Err(error);
        }
        let before = self.bytes(&victims);
        let (written, moves) = (copy.output.finish()?, copy.moves);
        let after = written.segment.bytes;
        self.ask(|answer| Command::Install { written, moves, answer })??;
        tracing::info!(target: "bespeak::store", segments = victims.len(), before, after, "compacted");
        Ok(Compaction { segments: victims.len(), bytes_before: before, bytes_after: after })
    }

    fn victims(&self, closed: &[u32], trigger: Trigger) -> Vec<u32> {
        let usage = self.shared.index.usage();
        let live = |number: u32| usage.live.get(&number).copied().unwrap_or(0);
        let share = if trigger == Trigger::Asked { ASKED } else { BY_ITSELF };
        let forget = usage.removals * 2 > usage.entries;
        compact::victims(&self.shared.journal, closed, &live, share, forget)
    }

    fn bytes(&self, numbers: &[u32]) -> u64 {
        let segments = self.shared.journal.segments();
        numbers.iter().filter_map(|n| segments.get(n)).map(|s| s.bytes).sum()
    }

    fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T, CompactError> {
        let (answer, answered) = oneshot::channel();
        self.writer.send(command(answer)).map_err(|_| CompactError::Closed)?;
        futures_executor::block_on(answered).map_err(|_| CompactError::Closed)
    }
}

/// A compaction under way.
struct Copying<'a> {
    shared: &'a Shared,
    /// Removals of commits before this one are forgotten.
    forget_below: u64,
    output: Output,
    moves: Vec<Move>,
    /// The live changes of the entry at hand, with where they lie now.
    group: Vec<(Change, Location)>,
}

/// What can stop a copy.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Stop(#[from] CompactError);

impl From<DiskError> for Stop {
    fn from(error: DiskError) -> Self {
        Self(error.into())
    }
}

impl Copying<'_> {
    fn segment(&mut self, number: u32) -> Result<(), CompactError> {
        let journal = self.shared.journal.clone();
        let visited = journal.visit(number, &mut |location, plain| self.change(location, plain));
        let unsealable = visited.map_err(|Stop(error)| error)?;
        if let Some(location) = unsealable.first() {
            return Err(CompactError::Read(self.shared.note_damage(location)));
        }
        Ok(self.close_group()?)
    }

    fn change(&mut self, location: &Location, plain: &[u8]) -> Result<(), Stop> {
        if self.shared.is_closed() {
            return Err(Stop(CompactError::Closed));
        }
        if self.group.first().is_some_and(|(_, l)| l.nonce != location.nonce) {
            self.close_group().map_err(CompactError::from)?;
        }
        let Some(peek) = change::peek(plain) else { return Ok(()) };
        let location = Location { removed: peek.body.is_none(), ..location.clone() };
        let key = key_of(peek.family, peek.key);
        let found =
            self.shared.index.locate(&key).map_err(|f| CompactError::Read(ReadError::Index { why: f.0 }))?;
        if found.as_ref() != Some(&location) {
            return Ok(());
        }
        if location.removed && location.sequence < self.forget_below {
            self.moves.push(Move { key, old: location, new: None });
        } else if let Some(change) = change::decode(plain) {
            self.group.push((change, location));
        }
        Ok(())
    }

    fn close_group(&mut self) -> Result<(), WriteError> {
        let Some((_, first)) = self.group.first() else { return Ok(()) };
        let sequence = first.sequence;
        let (changes, olds): (Vec<_>, Vec<_>) = self.group.drain(..).unzip();
        let places = self.output.add(sequence, &changes)?;
        for ((change, old), new) in changes.iter().zip(olds).zip(places) {
            self.moves.push(Move { key: key_of(change.family(), change.key()), old, new: Some(new) });
        }
        Ok(())
    }
}
