//! A disk that refuses whatever alters it, with an error of the operating system, or takes its time, as long as it is
//! told to; and the wait for what comes of that.

use std::{
    future::Future,
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI32, Ordering},
    },
    time::{Duration, Instant},
};

use bespeak_store::{Disk, DiskFile, RealDisk};

/// POSIX: input or output failed; no room; read-only.
pub(crate) const EIO: i32 = 5;
pub(crate) const ENOSPC: i32 = 28;
pub(crate) const EROFS: i32 = 30;

/// Longest wait for something that must come. A wild guess, long enough for a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// Asks again and again until there is an answer.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(start.elapsed() < DEADLINE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[derive(Clone, Default)]
pub(crate) struct Refusing {
    /// The error it refuses with; 0 when it does not.
    code: Arc<AtomicI32>,
    held_up: Arc<AtomicBool>,
}

impl Refusing {
    pub(crate) fn refuse(&self, code: i32) {
        self.code.store(code, Ordering::SeqCst);
    }

    pub(crate) fn repair(&self) {
        self.refuse(0);
    }

    /// Nothing becomes durable meanwhile.
    pub(crate) fn hold_up(&self, held_up: bool) {
        self.held_up.store(held_up, Ordering::SeqCst);
    }

    fn check(&self) -> io::Result<()> {
        match self.code.load(Ordering::SeqCst) {
            0 => Ok(()),
            code => Err(io::Error::from_raw_os_error(code)),
        }
    }

    fn file(&self, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(RefusingFile { disk: self.clone(), file })
    }
}

struct RefusingFile {
    disk: Refusing,
    file: Box<dyn DiskFile>,
}

impl Disk for Refusing {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.check()?;
        Ok(self.file(RealDisk.create(path)?))
    }

    fn open(&self, path: &Path, write: bool) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.file(RealDisk.open(path, write)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.check()?;
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.check()?;
        RealDisk.remove(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.check()?;
        RealDisk.sync_dir(path)
    }
}

impl DiskFile for RefusingFile {
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.disk.check()?;
        self.file.write_at(offset, bytes)
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.check()?;
        while self.disk.held_up.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.file.sync()
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.disk.check()?;
        self.file.set_len(length)
    }

    fn length(&self) -> io::Result<u64> {
        self.file.length()
    }
}
