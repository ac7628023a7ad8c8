//! Damage to the files of a home: one bit turned, or the end cut off. The measurements damage whole homes with it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// All files under a directory, but for the lock and what is no file of bytes, as a socket.
pub(crate) fn files(home: &Path) -> io::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for entry in fs::read_dir(home)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            out.extend(files(&entry.path())?);
        } else if kind.is_file() && entry.file_name() != "lock" {
            out.push(entry.path());
        }
    }
    out.sort();
    Ok(out)
}

/// Copies a home as it lies on disk.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for file in files(from)? {
        let target = to.join(file.strip_prefix(from).map_err(io::Error::other)?);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(file, target)?;
    }
    Ok(())
}

/// Turns one bit of a file, or cuts it; says what was done. `roll` gives a number below the one it is given.
pub(crate) fn hurt(file: &Path, cut: bool, mut roll: impl FnMut(u64) -> u64) -> io::Result<String> {
    let mut bytes = fs::read(file)?;
    // sled's file is mostly empty; half of the time its used part is hit.
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let reach = if roll(2) == 0 { used } else { bytes.len() };
    let at = usize::try_from(roll(reach as u64)).unwrap_or(0);
    let bit = roll(8);
    if cut {
        bytes.truncate(at);
    } else if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << bit;
    }
    fs::write(file, bytes)?;
    Ok(format!("{} {} at {at}, bit {bit}", file.display(), if cut { "cut" } else { "turned" }))
}
