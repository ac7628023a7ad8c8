//! The files of a home: for their owner alone, and never half written.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::HomeError;

/// Whether there is something of this name.
pub(super) fn exists(path: &Path) -> Result<bool, HomeError> {
    path.try_exists().map_err(HomeError::files(path))
}

/// Makes a folder for its owner alone, with its parents, each of them durable.
pub(super) fn make_folder(path: &Path) -> Result<(), HomeError> {
    let missing: Vec<_> = path.ancestors().take_while(|folder| !folder.exists()).collect();
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).and_then(|()| owner_only(path)).map_err(HomeError::files(path))?;
    for parent in missing.iter().filter_map(|folder| folder.parent()) {
        sync_folder(parent)?;
    }
    Ok(())
}

#[cfg(unix)]
fn owner_only(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn owner_only(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The permissions of a file or folder, when others than its owner have any.
#[cfg(unix)]
pub(super) fn exposed(facts: &Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = facts.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
pub(super) fn exposed(_: &Metadata) -> Option<u32> {
    None
}

/// Reads a file of at most `most` bytes (one more is read, so that a longer one is noticed), and its permissions if others
/// have any.
pub(super) fn read(path: &Path, most: usize) -> io::Result<(Zeroizing<Vec<u8>>, Option<u32>)> {
    let file = File::open(path)?;
    let facts = file.metadata()?;
    // Room for all of it, so that no copy is left behind by growing.
    let room = usize::try_from(facts.len()).unwrap_or(most).min(most) + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes, exposed(&facts)))
}

/// The name under which a file is written before it gets its own.
pub(super) fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

/// Puts a file in place, in place of an older one: after a crash there is the old one or the new one, whole.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), HomeError> {
    let new = unfinished(path);
    remove(&new)?;
    write_new(&new, bytes).map_err(HomeError::files(&new))?;
    rename(&new, path)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives a file or folder another name, durably.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), HomeError> {
    fs::rename(from, to).map_err(HomeError::files(from))?;
    for folder in
        [to.parent(), from.parent().filter(|folder| Some(*folder) != to.parent())].into_iter().flatten()
    {
        sync_folder(folder)?;
    }
    Ok(())
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(path: &Path) -> Result<(), HomeError> {
    // The parent of a plain name is empty: the folder one is in.
    let folder = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    // Elsewhere than on Unix a folder cannot be opened as a file; names are durable with their file there.
    if cfg!(unix) {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(HomeError::files(folder))
    } else {
        Ok(())
    }
}

/// Removes a file; it need not be there.
pub(super) fn remove(path: &Path) -> Result<(), HomeError> {
    unless_missing(fs::remove_file(path)).map_err(HomeError::files(path))
}

/// Removes a folder and all in it; it need not be there.
pub(super) fn remove_folder(path: &Path) -> Result<(), HomeError> {
    unless_missing(fs::remove_dir_all(path)).map_err(HomeError::files(path))
}

fn unless_missing(outcome: io::Result<()>) -> io::Result<()> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Copies a file into a new one, durably, but for its name.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), HomeError> {
    let copied = || {
        fs::copy(from, to)?;
        File::open(to)?.sync_all()
    };
    copied().map_err(HomeError::files(from))
}

/// Copies the files that lie directly in a folder into a new one, durably.
pub(super) fn copy_folder(from: &Path, to: &Path) -> Result<(), HomeError> {
    make_folder(to)?;
    let entries = fs::read_dir(from).map_err(HomeError::files(from))?;
    for entry in entries {
        let entry = entry.map_err(HomeError::files(from))?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    sync_folder(to)
}
