//! The one thread that writes: it takes what is queued, writes it in one go, syncs once, makes it visible, and answers all.
//! When nothing is waiting it moves what is pending into the index's engine.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::change::Change;
use crate::compactor::{Request, Trigger};
use crate::error::{CommitError, CompactError, ReadError, WriteError};
use crate::index::{Facts, Fault, Move, key_of};
use crate::journal::Tip;
use crate::journal::append::{Appended, Appender};
use crate::journal::compact::Written;
use crate::shared::Shared;

/// Bytes written with one sync at most, unless a single commit is larger. A wild guess: it bounds what a commit waits for others.
const GROUP: usize = 4 << 20;
/// Entries that may wait in memory to be moved into the engine before commits are held up by it. A wild guess.
const PENDING: usize = 4096;
/// How long nothing must come before pending entries are moved. A wild guess, so that a burst is answered first.
const IDLE: Duration = Duration::from_millis(5);
/// Batches after which the engine is written out; what is not is taken from the journal at the next start. A wild guess.
const FLUSH: u32 = 100;

/// What the writer is asked to do.
pub(crate) enum Command {
    Commit(Commit),
    /// The index failed a reader, which knew of `rebuilds` rebuilds.
    Repair {
        why: Fault,
        rebuilds: u64,
        answer: oneshot::Sender<Result<(), ReadError>>,
    },
    /// Moves everything into the engine; tells which segments are closed, and will never be written to again. Only the writer
    /// can tell: it may begin a new one at any time.
    Settle {
        answer: oneshot::Sender<Vec<u32>>,
    },
    /// Puts a compacted segment in the place of its victims.
    Install {
        written: Written,
        moves: Vec<Move>,
        answer: oneshot::Sender<Result<(), CompactError>>,
    },
    Close,
}

/// A queued commit.
pub(crate) struct Commit {
    pub(crate) changes: Vec<Change>,
    pub(crate) bytes: usize,
    pub(crate) answer: oneshot::Sender<Result<(), CommitError>>,
    /// Its share of the queue's room, given back when it is answered.
    pub(crate) _room: OwnedSemaphorePermit,
}

pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) appender: Appender,
    pub(crate) tip: Tip,
    pub(crate) layout: u32,
    pub(crate) compactor: Sender<Request>,
    pub(crate) batches: u32,
}

impl Writer {
    /// Works until it is told to close.
    pub(crate) fn run(&mut self, queue: &Receiver<Command>) {
        let mut idle = false;
        loop {
            let waiting = self.shared.index.waiting() > 0;
            let next = match (waiting, idle) {
                (false, _) => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
                (true, false) => queue.recv_timeout(IDLE),
                (true, true) => queue.try_recv().map_err(|e| match e {
                    TryRecvError::Empty => RecvTimeoutError::Timeout,
                    TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
                }),
            };
            idle = matches!(next, Err(RecvTimeoutError::Timeout));
            match next {
                Ok(Command::Close) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(command) => {
                    if self.handle(command, queue) {
                        break;
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.drain(),
            }
        }
        self.end();
    }

    /// True if it came upon the order to close.
    fn handle(&mut self, command: Command, queue: &Receiver<Command>) -> bool {
        match command {
            Command::Commit(first) => {
                let after = self.commit_group(first, queue);
                return after.is_some_and(|command| self.handle(command, queue));
            }
            Command::Repair { why, rebuilds, answer } => {
                let _ = answer.send(self.repair(why, rebuilds));
            }
            Command::Settle { answer } => {
                self.settle();
                let active = self.appender.active();
                let closed =
                    self.shared.journal.segments().keys().copied().filter(|n| Some(*n) != active).collect();
                let _ = answer.send(closed);
            }
            Command::Install { written, moves, answer } => {
                let _ = answer.send(self.install(written, moves));
            }
            Command::Close => return true,
        }
        false
    }

    /// Commits the first and what is queued behind it. Returns the first other command met.
    fn commit_group(&mut self, first: Commit, queue: &Receiver<Command>) -> Option<Command> {
        let (mut bytes, mut other) = (first.bytes, None);
        let mut group = vec![first];
        while bytes < GROUP {
            match queue.try_recv() {
                Ok(Command::Commit(commit)) => {
                    bytes += commit.bytes;
                    group.push(commit);
                }
                Ok(command) => {
                    other = Some(command);
                    break;
                }
                Err(_) => break,
            }
        }
        self.commit(group);
        while self.shared.index.waiting() > PENDING {
            self.drain();
        }
        other
    }

    fn commit(&mut self, group: Vec<Commit>) {
        let (changes, waiters): (Vec<_>, Vec<_>) =
            group.into_iter().map(|commit| (commit.changes, (commit.answer, commit._room))).unzip();
        let outcome = self.append(&changes);
        for (answer, room) in waiters {
            drop(room);
            let _ = answer.send(outcome.clone().map_err(CommitError::from));
        }
    }

    fn append(&mut self, changes: &[Vec<Change>]) -> Result<(), WriteError> {
        let outcome = self.appender.append(changes);
        if let Err(error) = &outcome {
            tracing::error!(target: "bespeak::store", %error, "commit_failed");
        }
        let Appended { places, tip, rotated } = outcome?;
        let keys = changes.iter().flatten().map(|change| key_of(change.family(), change.key()));
        self.shared.index.put(keys.zip(places.into_iter().flatten()).collect(), tip.clone());
        self.tip = tip;
        if rotated {
            let _ = self.compactor.send(Request::Look(Trigger::Rotation));
        }
        Ok(())
    }

    fn drain(&mut self) {
        match self.shared.index.drain_batch() {
            Ok(_) => self.batches += 1,
            Err(fault) => self.rebuild(fault),
        }
        if self.batches >= FLUSH {
            self.batches = 0;
            if let Err(fault) = self.shared.index.flush() {
                self.rebuild(fault);
            }
        }
    }

    fn settle(&mut self) {
        if let Err(fault) = self.shared.index.settle_all() {
            self.rebuild(fault);
        }
    }

    fn rebuild(&mut self, why: Fault) {
        if let Err(error) = self.try_rebuild(why) {
            tracing::error!(target: "bespeak::store", %error, "index_not_rebuilt");
        }
    }

    fn try_rebuild(&mut self, why: Fault) -> Result<(), ReadError> {
        let mut void = self.shared.journal.void();
        if let Some(range) = self.appender.given_up() {
            void.insert(range);
        }
        let facts = Facts { journal: &self.shared.journal, tip: &self.tip, layout: self.layout, void: &void };
        let (how, damaged) = self.shared.index.rebuild(&facts, why)?;
        self.shared.rebuilds.fetch_add(1, Ordering::AcqRel);
        let mut findings = self.shared.findings();
        findings.index = how;
        for one in damaged {
            if !findings.damaged.contains(&one) {
                findings.damaged.push(one);
            }
        }
        Ok(())
    }

    fn repair(&mut self, why: Fault, rebuilds: u64) -> Result<(), ReadError> {
        if self.shared.rebuilds.load(Ordering::Acquire) > rebuilds {
            return Ok(());
        }
        self.try_rebuild(why)
    }

    /// The order matters: the new segment is durable under its name before anything points to it, and everything points to
    /// it before the old ones are deleted.
    fn install(&mut self, written: Written, moves: Vec<Move>) -> Result<(), CompactError> {
        let (journal, index) = (self.shared.journal.clone(), &self.shared.index);
        let left = index.settle_all().and_then(|()| index.left_behind(&moves, &written.victims));
        if !matches!(&left, Ok(left) if left.is_empty()) {
            let _ = journal.disk.remove(&journal.unfinished(written.number));
            return Err(self.not_installed(left));
        }
        journal.publish(written.number, &*written.reader.file)?;
        journal.segments().insert(written.number, written.segment);
        self.layout = written.number;
        let pointed = index.relocate(moves, written.number).and_then(|()| index.settle_all());
        if let Err(fault) = pointed {
            self.try_rebuild(fault)?;
        }
        journal.delete(&written.victims)?;
        Ok(())
    }

    /// What is live and could not be copied is damaged: its segments are left alone from now on.
    fn not_installed(&self, left: Result<Vec<u32>, Fault>) -> CompactError {
        let why = match left {
            Err(fault) => fault.0,
            Ok(left) => {
                left.into_iter().for_each(|segment| self.shared.note_harm(segment));
                "a compaction did not find all that is live".into()
            }
        };
        CompactError::Read(ReadError::Index { why })
    }

    fn end(&mut self) {
        if let Err(fault) = self.shared.index.settle_all() {
            tracing::warn!(target: "bespeak::store", %fault, "index_not_settled");
        }
        self.shared.closed.store(true, Ordering::Release);
        self.shared.index.shut();
    }
}
