//! What is sent was kept first: the one queue through which documents go to the store, and after which effects happen.
//!
//! The loop goes on while documents are being synced; everything that gathers in the meantime goes with the next
//! sync. Effects happen in the order in which they were queued, each after the documents queued with it and before
//! it are durable. When the disk refuses, nothing queued since then happens: the loop is told, and starts again from
//! what is kept.

use std::{io::ErrorKind, sync::Arc};

use bespeak_agent::output::{Hindrance, Refusal};
use bespeak_store::{Change, CommitError, Store};
use tokio::sync::{mpsc, watch};

/// Work waiting for the disk. Source: wild guess; at most a few MiB. Beyond it the loop waits.
const QUEUE: usize = 1_024;

/// Changes and bytes gathered into one commit, unless one work alone has more. Source: a tenth of what the store allows,
/// so that one sync stays short.
const GATHER_CHANGES: usize = 1_000;
const GATHER_BYTES: usize = 1 << 20;

/// The disk refused, or the node is stopping.
#[derive(Clone, Debug, thiserror::Error)]
#[error("nothing can be kept: {why}{}", hindrance.map(what_to_do).unwrap_or_default())]
pub(crate) struct NotKept {
    why: Arc<str>,
    hindrance: Option<Hindrance>,
}

impl NotKept {
    pub(crate) fn new(why: impl Into<Arc<str>>) -> Self {
        Self { why: why.into(), hindrance: None }
    }

    /// What the owner is told.
    pub(crate) fn refusal(&self) -> Refusal {
        Refusal::hindered(self.hindrance, self.to_string())
    }
}

impl From<&CommitError> for NotKept {
    fn from(error: &CommitError) -> Self {
        let CommitError::Disk(disk) = error else { return Self::new(error.to_string()) };
        let (hindrance, what) = match disk.kind {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => (Hindrance::DiskFull, "the disk is full"),
            ErrorKind::ReadOnlyFilesystem => (Hindrance::DiskReadOnly, "the disk is read-only"),
            _ => (Hindrance::DiskFailing, "the disk cannot be written"),
        };
        Self { why: format!("{what} ({error})").into(), hindrance: Some(hindrance) }
    }
}

/// What the owner is told of changes that the store did not keep.
pub(crate) fn not_kept(error: &CommitError) -> Refusal {
    NotKept::from(error).refusal()
}

fn what_to_do(hindrance: Hindrance) -> &'static str {
    match hindrance {
        Hindrance::DiskFull => "; make room, and the node goes on by itself",
        Hindrance::DiskReadOnly => "; make it writable, and the node goes on by itself",
        Hindrance::DiskFailing => {
            "; look at the disk, and make a backup; the node goes on by itself when it can"
        }
    }
}

/// What happens once it is known whether the documents are kept; it must not wait for anything.
pub(crate) type Then = Box<dyn FnOnce(Result<(), NotKept>) + Send>;

/// Documents, and what happens after they are kept.
pub(crate) struct Work {
    /// The life of the machine that caused it: grows with each start from what is kept.
    pub(crate) life: u64,
    /// Or why they cannot be written down; then nothing after them can be kept either.
    pub(crate) changes: Result<Vec<Change>, NotKept>,
    pub(crate) then: Then,
}

/// The loop's end of the queue.
pub(crate) struct Committer {
    queue: mpsc::Sender<Work>,
    /// The life that may go on, and why the last one ended.
    pub(crate) ended: watch::Receiver<(u64, Option<NotKept>)>,
    task: tokio::task::JoinHandle<()>,
}

impl Committer {
    pub(crate) fn start(store: Store) -> Self {
        let (queue, work) = mpsc::channel(QUEUE);
        let (life, ended) = watch::channel((0, None));
        let task = tokio::spawn(run(store, work, life));
        Self { queue, ended, task }
    }

    pub(crate) async fn push(&self, work: Work) {
        if let Err(mpsc::error::SendError(work)) = self.queue.send(work).await {
            (work.then)(Err(NotKept::new("the node is stopping")));
        }
    }

    /// Waits until everything queued is done.
    pub(crate) async fn drain(self) {
        drop(self.queue);
        if let Err(error) = self.task.await {
            tracing::error!(target: "bespeak::node", %error, "committer_failed");
        }
    }
}

async fn run(store: Store, mut work: mpsc::Receiver<Work>, life: watch::Sender<(u64, Option<NotKept>)>) {
    let mut left_over = None;
    loop {
        let first = match left_over.take() {
            Some(work) => work,
            None => match work.recv().await {
                Some(work) => work,
                None => return,
            },
        };
        let Batch { changes, thens, broken, next } = gather(first, &mut work, life.borrow().0);
        left_over = next;
        let kept = store.commit(changes).await.map_err(|error| NotKept::from(&error));
        if let Err(why) = &kept {
            end_life(&life, why);
        }
        for then in thens {
            then(kept.clone());
        }
        if let Some((why, then)) = broken {
            end_life(&life, &why);
            then(Err(why));
        }
    }
}

fn end_life(life: &watch::Sender<(u64, Option<NotKept>)>, why: &NotKept) {
    tracing::error!(target: "bespeak::node", %why, "commit_failed");
    life.send_modify(|(life, last)| {
        *life += 1;
        *last = Some(why.clone());
    });
}

/// What goes with one sync.
#[derive(Default)]
struct Batch {
    changes: Vec<Change>,
    thens: Vec<Then>,
    /// What could not be written down, and ends the batch.
    broken: Option<(NotKept, Then)>,
    /// What would have made it too large: it begins the next.
    next: Option<Work>,
}

/// Takes what is there, up to the bounds; work of an ended life fails at once.
fn gather(first: Work, more: &mut mpsc::Receiver<Work>, life: u64) -> Batch {
    let (mut batch, mut bytes) = (Batch::default(), 0);
    let mut next = Some(first);
    while let Some(work) = next {
        if !batch.thens.is_empty() && !fits(&work, batch.changes.len(), bytes) {
            batch.next = Some(work);
            return batch;
        }
        match work.changes {
            _ if work.life != life => (work.then)(Err(NotKept::new("something before this was not kept"))),
            Ok(changes) => {
                bytes += changes.iter().map(size).sum::<usize>();
                batch.changes.extend(changes);
                batch.thens.push(work.then);
            }
            Err(why) => {
                batch.broken = Some((why, work.then));
                return batch;
            }
        }
        next = more.try_recv().ok();
    }
    batch
}

/// Whether there is room for a work beside what was gathered before it.
fn fits(work: &Work, changes: usize, bytes: usize) -> bool {
    let Ok(more) = &work.changes else { return true };
    changes + more.len() <= GATHER_CHANGES && bytes + more.iter().map(size).sum::<usize>() <= GATHER_BYTES
}

fn size(change: &Change) -> usize {
    match change {
        Change::Keep { key, body, .. } => key.len() + body.len(),
        Change::Remove { key, .. } => key.len(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use bespeak_store::Family;

    use super::*;

    fn work(changes: usize, bytes: usize) -> Work {
        let change = |_| Change::Keep { family: Family(1), key: Vec::new(), body: vec![0; bytes] };
        Work { life: 0, changes: Ok((0..changes).map(change).collect()), then: Box::new(|_| {}) }
    }

    /// How many changes go with each sync.
    fn batches(works: Vec<Work>) -> Vec<usize> {
        let (queue, mut waiting) = mpsc::channel(QUEUE);
        works.into_iter().for_each(|work| queue.try_send(work).ok().unwrap());
        let (mut batches, mut next) = (Vec::new(), None);
        while let Some(first) = next.take().or_else(|| waiting.try_recv().ok()) {
            let batch = gather(first, &mut waiting, 0);
            batches.push(batch.changes.len());
            next = batch.next;
        }
        batches
    }

    #[test]
    fn what_gathers_stays_below_what_the_store_takes_whatever_comes_last() {
        let most = GATHER_CHANGES;
        assert_eq!(batches(vec![work(most - 1, 0), work(most, 0), work(1, 0)]), [most - 1, most, 1]);
        assert_eq!(batches(vec![work(1, 0), work(9 * most, 0), work(1, 0)]), [1, 9 * most, 1]);
        assert_eq!(batches((0..most + 1).map(|_| work(1, 0)).collect()), [most, 1]);
        assert_eq!(batches(vec![work(1, GATHER_BYTES - 1), work(1, 1), work(1, 1)]), [2, 1]);
    }
}
