//! How far an opening has come, for whoever waits for it.

use std::sync::Arc;

/// Bytes after which progress is told again. 1 MiB, some milliseconds of reading: a wild guess.
const STEP: u64 = 1 << 20;

/// What is being done. Stages come in this order; one with nothing to do is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The whole journal is read, and its sums are checked.
    Reading,
    /// The index is compared with the journal.
    Checking,
    /// What the index has not seen yet is added to it.
    CatchingUp,
    /// The index is made anew.
    Rebuilding,
}

/// How far a stage has come, in bytes of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Which stage.
    pub stage: Stage,
    /// Bytes done; it begins with 0, never falls, and ends with `total`.
    pub done: u64,
    /// Bytes to do; the same throughout a stage.
    pub total: u64,
}

/// Is told of progress, on the thread that does the work: it should not take long.
pub type Watch = Arc<dyn Fn(Progress) + Send + Sync>;

/// One stage under way. Without [`Course::end`] it failed, and stays where it is.
pub(crate) struct Course<'a> {
    watch: Option<&'a Watch>,
    now: Progress,
}

impl<'a> Course<'a> {
    pub(crate) fn begin(watch: Option<&'a Watch>, stage: Stage, total: u64) -> Self {
        let watch = watch.filter(|_| total > 0);
        let course = Self { watch, now: Progress { stage, done: 0, total } };
        course.tell();
        course
    }

    /// What was done in all. Work that is begun again, or that turns out larger, does not go backwards or too far.
    pub(crate) fn at(&mut self, done: u64) {
        if done.min(self.now.total) >= self.now.done.saturating_add(STEP) {
            self.now.done = done.min(self.now.total);
            self.tell();
        }
    }

    pub(crate) fn end(mut self) {
        if self.now.done < self.now.total {
            self.now.done = self.now.total;
            self.tell();
        }
    }

    fn tell(&self) {
        if let Some(watch) = self.watch {
            watch(self.now);
        }
    }
}
