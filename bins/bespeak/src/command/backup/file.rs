//! A file that is there whole, or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A file that is being written under another name. Unless it is finished, nothing of it stays.
pub(super) struct Unfinished {
    file: File,
    partial: PathBuf,
    place: PathBuf,
    bytes: u64,
    finished: bool,
}

impl Unfinished {
    /// Begins one; what is in its place is replaced only with `force`, and only once it is whole.
    pub(super) fn beside(place: &Path, force: bool) -> Result<Self, Failure> {
        if place.is_dir() {
            return Err(Failure::failed(format!("{} is a folder; name a file.", place.display())));
        }
        if !force && place.exists() {
            return Err(Failure::failed(format!(
                "{} is there already; choose another name, or replace it with --force.",
                place.display()
            )));
        }
        let mut partial = place.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        // What an earlier try left may be readable by others: it is not written into.
        let file = match fs::remove_file(&partial) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial),
        };
        let file = file.map_err(failed(&partial))?;
        Ok(Self { file, partial, place: place.to_owned(), bytes: 0, finished: false })
    }

    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes).map_err(failed(&self.partial))
    }

    /// Puts it in its place, durably, and says how many bytes it has.
    pub(super) fn finish(mut self) -> Result<u64, Failure> {
        self.file.sync_all().map_err(failed(&self.partial))?;
        fs::rename(&self.partial, &self.place).map_err(failed(&self.place))?;
        self.finished = true;
        let folder = self.place.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))?;
        Ok(self.bytes)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.finished {
            // When it cannot be removed either, its name says what it is.
            let _ = fs::remove_file(&self.partial);
        }
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    let path = path.display().to_string();
    move |cause| Failure::failed(format!("{path}: {cause}."))
}
