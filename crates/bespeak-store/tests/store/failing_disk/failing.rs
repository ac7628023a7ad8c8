//! The disk that refuses.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bespeak_store::{Disk, DiskFile};

use crate::volume::{EIO, ENOSPC, EROFS};

/// Full, broken, read-only.
pub(super) const CODES: [i32; 3] = [ENOSPC, EIO, EROFS];

/// What alters the disk, counted; the calls from `first` on (as many as `left` says) fail.
struct Plan {
    until: AtomicI64,
    left: AtomicI64,
    code: i32,
}

/// Refuses some of the calls that another disk would take.
#[derive(Clone)]
pub(super) struct Failing(Arc<Plan>, Arc<dyn Disk>);

impl Failing {
    pub(super) fn new(disk: impl Disk, first: i64, many: i64, code: i32) -> Self {
        Self(Arc::new(Plan { until: first.into(), left: many.into(), code }), Arc::new(disk))
    }

    pub(super) fn repair(&self) {
        self.0.left.store(0, Ordering::SeqCst);
    }

    /// Whether it has come to the first call that fails.
    pub(super) fn has_begun(&self) -> bool {
        self.0.until.load(Ordering::SeqCst) < 0
    }

    fn step(&self) -> io::Result<()> {
        let waiting = self.0.until.fetch_sub(1, Ordering::SeqCst) > 0;
        if waiting || self.0.left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return Ok(());
        }
        Err(io::Error::from_raw_os_error(self.0.code))
    }
}

/// A file of it.
struct File(Box<dyn DiskFile>, Failing);

impl Disk for Failing {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.step()?;
        Ok(Box::new(File(self.1.create(path)?, self.clone())))
    }
    fn open(&self, path: &Path, write: bool) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(File(self.1.open(path, write)?, self.clone())))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        self.1.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        self.1.remove(path)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        self.1.sync_dir(path)
    }
    fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        self.1.list(path)
    }
}

impl DiskFile for File {
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        // A write that fails leaves a part behind.
        let Err(error) = self.1.step() else { return self.0.write_at(offset, bytes) };
        self.0.write_at(offset, &bytes[..bytes.len() / 2])?;
        Err(error)
    }
    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.read_at(offset, bytes)
    }
    fn sync(&self) -> io::Result<()> {
        self.1.step()?;
        self.0.sync()
    }
    fn set_len(&self, length: u64) -> io::Result<()> {
        self.1.step()?;
        self.0.set_len(length)
    }
    fn length(&self) -> io::Result<u64> {
        self.0.length()
    }
}
