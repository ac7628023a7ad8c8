//! The only place that knows sled.
//!
//! How it is held, from measurements: one writer, synchronous flushes, batches of at most 100, small values, and a boundary
//! around every call, as sled 0.34 panics on damaged files.

use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Keys in a batch at most, the mark among them. Measured: batches of 1,000 took gigabytes of memory, batches of 100 did
/// not.
pub(crate) const BATCH: usize = 100;

/// What the engine said when it failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Fault(pub(crate) String);

/// A key with its value, as bytes.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// An open sled, in a directory of its own.
pub(crate) struct Engine {
    tree: Option<sled::Db>,
    dir: PathBuf,
    #[cfg(test)]
    spoilt: bool,
}

impl Engine {
    /// Opens what is there, or begins a new one. `cache` is in bytes.
    pub(crate) fn open(dir: &Path, cache: u64) -> Result<Self, Fault> {
        crate::disk::create_dir(dir).map_err(|e| Fault(e.to_string()))?;
        // Background flushes are off: the writer flushes, and what is not flushed is taken from the journal again.
        let config = sled::Config::new().path(dir).cache_capacity(cache).flush_every_ms(None);
        let tree = guarded("opening", || config.open())?;
        owner_only(dir);
        Ok(Self {
            tree: Some(tree),
            dir: dir.to_owned(),
            #[cfg(test)]
            spoilt: false,
        })
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    fn tree(&self) -> Result<&sled::Db, Fault> {
        self.tree.as_ref().ok_or_else(|| Fault("closed".into()))
    }

    fn call<T>(&self, doing: &str, call: impl FnOnce() -> sled::Result<T>) -> Result<T, Fault> {
        guarded(doing, || {
            #[cfg(test)]
            assert!(!self.spoilt, "spoilt by a test");
            call()
        })
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let tree = self.tree()?;
        self.call("reading", || tree.get(key)).map(|found| found.map(|value| value.to_vec()))
    }

    /// At most `limit` pairs in the order of their keys, beginning at `from`, as long as keys begin with `prefix`.
    pub(crate) fn page(&self, from: Bound<&[u8]>, prefix: &[u8], limit: usize) -> Result<Vec<Pair>, Fault> {
        let tree = self.tree()?;
        self.call("scanning", || {
            let all = tree.range::<&[u8], _>((from, Bound::Unbounded)).take(limit);
            let pairs = all.map(|pair| pair.map(|(k, v)| (k.to_vec(), v.to_vec())));
            pairs.take_while(|pair| pair.as_ref().map_or(true, |(k, _)| k.starts_with(prefix))).collect()
        })
    }

    /// Applies at most [`BATCH`] changes at once; `None` removes.
    pub(crate) fn apply(&self, changes: Vec<(Vec<u8>, Option<Vec<u8>>)>) -> Result<(), Fault> {
        debug_assert!(changes.len() <= BATCH, "{} changes in a batch", changes.len());
        let tree = self.tree()?;
        let mut batch = sled::Batch::default();
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        self.call("writing", || tree.apply_batch(batch))
    }

    /// From now on every call panics inside the boundary.
    #[cfg(test)]
    pub(crate) fn spoil(&mut self) {
        self.spoilt = true;
    }

    /// Writes out what is buffered.
    pub(crate) fn flush(&self) -> Result<(), Fault> {
        let tree = self.tree()?;
        let flushed = self.call("flushing", || tree.flush().map(|_| ()));
        owner_only(&self.dir);
        flushed
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let tree = self.tree.take();
        if catch_unwind(AssertUnwindSafe(|| drop(tree))).is_err() {
            tracing::warn!(target: "bespeak::store", "index_panicked_on_closing");
        }
        owner_only(&self.dir);
    }
}

fn guarded<T>(doing: &str, call: impl FnOnce() -> sled::Result<T>) -> Result<T, Fault> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Fault(format!("{doing} the index: {error}"))),
        Err(_) => Err(Fault(format!("{doing} the index: the engine panicked"))),
    }
}

/// sled makes its files and folders as the process's mask says, some of them later on; the directory is closed to others
/// already, this closes them too.
fn owner_only(dir: &Path) {
    #[cfg(unix)]
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        let mode = if kind.is_dir() { 0o700 } else { 0o600 };
        if kind.is_dir() || kind.is_file() {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
            let _ = std::fs::set_permissions(entry.path(), mode);
        }
    }
    #[cfg(not(unix))]
    let _ = dir;
}
