//! The journal's directory on a volume, without an operating system: it runs everywhere, and fast.

use std::io;
use std::path::{Path, PathBuf};

use bespeak_store::{Disk, DiskFile};

use super::drive::{Drive, Step};
use super::{Code, Number, ROOT};

/// A file of the directory.
struct Open(Drive, Number);

fn os(code: Code) -> io::Error {
    io::Error::from_raw_os_error(code)
}

fn name(path: &Path) -> io::Result<&std::ffi::OsStr> {
    path.file_name().ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

impl Disk for Drive {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let name = name(path)?;
        let number = self.alter(Step::Change, |volume| volume.create(ROOT, name)).map_err(os)?;
        Ok(Box::new(Open(self.clone(), number)))
    }
    fn open(&self, path: &Path, _: bool) -> io::Result<Box<dyn DiskFile>> {
        let name = name(path)?;
        let number = self.look(|volume| volume.lookup(ROOT, name)).map_err(os)?;
        Ok(Box::new(Open(self.clone(), number)))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (from, to) = (name(from)?, name(to)?);
        self.alter(Step::Change, |volume| volume.rename(ROOT, from, to)).map_err(os)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        let name = name(path)?;
        self.alter(Step::Change, |volume| volume.unlink(ROOT, name)).map_err(os)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        // The directories above lie elsewhere, and are there.
        if !path.ends_with("journal") {
            return Ok(());
        }
        self.alter(Step::Sync, |volume| volume.sync(ROOT)).map_err(os)
    }
    fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        let names = self.look(|volume| volume.list(ROOT)).map_err(os)?;
        Ok(names.into_iter().map(|(name, _)| path.join(name)).collect())
    }
}

impl DiskFile for Open {
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.alter(Step::Change, |volume| volume.write(self.1, offset, bytes)).map_err(os)
    }
    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<usize> {
        let found = self.0.look(|volume| volume.read(self.1, offset, bytes.len())).map_err(os)?;
        bytes[..found.len()].copy_from_slice(&found);
        Ok(found.len())
    }
    fn sync(&self) -> io::Result<()> {
        self.0.alter(Step::Sync, |volume| volume.sync(self.1)).map_err(os)
    }
    fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.alter(Step::Change, |volume| volume.set_length(self.1, length)).map_err(os)
    }
    fn length(&self) -> io::Result<u64> {
        Ok(self.0.look(|volume| volume.length(self.1)).map_err(os)?.unwrap_or(0))
    }
}
