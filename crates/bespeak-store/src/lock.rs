//! One process at a time in a home.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use crate::disk::owner_only;
use crate::error::{OpenError, doing};

/// Held as long as the store is open; the operating system lets go of it when the process ends, however it ends. Others who
/// change a home take it as well.
pub struct HomeLock {
    file: File,
}

impl HomeLock {
    /// Takes the lock of a home, which must exist.
    ///
    /// # Errors
    /// [`OpenError::Busy`] when a process has it, and when the disk refuses.
    pub fn take(home: &Path) -> Result<Self, OpenError> {
        let locking = doing("locking the home");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        owner_only(&mut options);
        let mut file = options.open(home.join("lock")).map_err(&locking)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::Busy { pid: holder(&mut file) }),
            Err(TryLockError::Error(e)) => return Err(locking(e).into()),
        }
        // The number only helps people; a full disk must not keep a home from being opened.
        if let Err(error) = write_holder(&mut file) {
            tracing::warn!(target: "bespeak::store", %error, "lock_holder_not_written");
        }
        Ok(Self { file })
    }

    /// Says who has the lock of a home, without altering anything in it. It takes the lock for an instant, and lets go.
    ///
    /// # Errors
    /// [`OpenError::Busy`] when a process has it, and when the disk refuses.
    pub fn is_free(home: &Path) -> Result<(), OpenError> {
        let locking = doing("looking at the home's lock");
        let mut file = match File::open(home.join("lock")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other.map_err(&locking)?,
        };
        match file.try_lock() {
            Ok(()) => {
                drop(Self { file });
                Ok(())
            }
            Err(TryLockError::WouldBlock) => Err(OpenError::Busy { pid: holder(&mut file) }),
            Err(TryLockError::Error(e)) => Err(locking(e).into()),
        }
    }
}

impl Drop for HomeLock {
    /// Closing the file would do, were it not for programs that are being started at the same moment: until they run,
    /// they hold a copy of it.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

fn write_holder(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    // 16: more than the digits of any process number.
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
