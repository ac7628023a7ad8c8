//! An export as it lies in a folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::file::{File, FileError, Room, shown};

/// Why a folder cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is something in it.
    #[error("{} is not empty; an export needs a new or empty folder", .0.display())]
    NotEmpty(PathBuf),
    /// There is none.
    #[error("{} is no folder; name one that `bespeak export` wrote", .0.display())]
    Missing(PathBuf),
    /// A link or something else that is neither file nor folder.
    #[error("{} is a link or no plain file; an export has none of these", .0.display())]
    NoFile(PathBuf),
    /// A name that no file of an export has, or too much of it.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file system refused.
    #[error("{}: {source}{}", path.display(), full(source))]
    Files {
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
}

fn full(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; what was written was removed again",
        _ => "",
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_owned();
    |source| FolderError::Files { path, source }
}

/// Writes files into a new or empty folder, for its owner alone. When that fails, what was written is removed again.
///
/// # Errors
/// [`FolderError`].
pub fn write(folder: &Path, files: &[File]) -> Result<(), FolderError> {
    let there = claim(folder)?;
    let written = files.iter().try_for_each(|file| write_one(folder, file));
    if written.is_err() {
        // The failure itself is what is told; a remnant that cannot be removed is seen in the folder.
        let _ = if there { clear(folder) } else { fs::remove_dir_all(folder) };
    }
    written
}

/// Makes sure that a folder can be written to: that it is empty, or not there. Says whether it is there.
///
/// # Errors
/// [`FolderError`].
pub fn check_free(folder: &Path) -> Result<bool, FolderError> {
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            Some(_) => Err(FolderError::NotEmpty(folder.to_owned())),
            None => Ok(true),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(folder)(error)),
    }
}

/// Makes the folder if it is not there, for its owner alone; says whether it was.
fn claim(folder: &Path) -> Result<bool, FolderError> {
    let there = check_free(folder)?;
    let made = if there { for_owner(folder) } else { make(folder) };
    made.map_err(failed(folder))?;
    Ok(there)
}

fn clear(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
    }
    Ok(())
}

fn write_one(folder: &Path, file: &File) -> Result<(), FolderError> {
    // Checked when the file was made; said again where it counts.
    let File { path, bytes } = File::new(file.path.as_str(), Vec::new()).map(|_| file)?;
    let path = folder.join(path);
    if let Some(parent) = path.parent() {
        make(parent).map_err(failed(parent))?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let write = || io::Write::write_all(&mut options.open(&path)?, bytes);
    write().map_err(failed(&path))
}

fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
fn for_owner(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn for_owner(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Reads every file of a folder, in the order of their paths.
///
/// # Errors
/// [`FolderError`]; links are not followed.
pub fn read(folder: &Path) -> Result<Vec<File>, FolderError> {
    if !folder.is_dir() {
        return Err(FolderError::Missing(folder.to_owned()));
    }
    let (mut files, mut room) = (Vec::new(), Room::default());
    collect(folder, "", &mut room, &mut files)?;
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

fn collect(folder: &Path, inside: &str, room: &mut Room, files: &mut Vec<File>) -> Result<(), FolderError> {
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let entry = entry.map_err(failed(folder))?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(failed(folder))?);
        let name = entry.file_name();
        let name = name.to_str().ok_or_else(|| FileError::Path(shown(&name.to_string_lossy())))?;
        let inner = if inside.is_empty() { name.to_owned() } else { format!("{inside}/{name}") };
        if kind.is_dir() {
            collect(&path, &inner, room, files)?;
        } else if kind.is_file() {
            files.push(File::new(inner, read_one(&path, room)?)?);
        } else {
            return Err(FolderError::NoFile(path));
        }
    }
    Ok(())
}

/// At most one byte more than there is room for, whatever the file claims.
fn read_one(path: &Path, room: &mut Room) -> Result<Vec<u8>, FolderError> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed(path))?;
    io::Read::read_to_end(&mut io::Read::take(file, room.left() + 1), &mut bytes).map_err(failed(path))?;
    room.take(bytes.len())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn files() -> Vec<File> {
        ["README.md", "records/offer/a.cose", "records/order/b.cose"]
            .map(|path| File::new(path, path.as_bytes().to_vec()).unwrap())
            .into()
    }

    #[test]
    fn what_is_written_is_read() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("new/export");
        write(&folder, &files()).unwrap();
        assert_eq!(read(&folder).unwrap(), files());
        assert!(matches!(write(&folder, &files()), Err(FolderError::NotEmpty(_))));
        write(place.path().join("empty").as_path(), &[]).unwrap();
        write(place.path().join("empty").as_path(), &files()).unwrap();
        assert!(matches!(read(&place.path().join("none")), Err(FolderError::Missing(_))));
    }

    #[cfg(unix)]
    #[test]
    fn it_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("export");
        write(&folder, &files()).unwrap();
        let mode = |path: &str| fs::metadata(folder.join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(""), mode("records/offer"), mode("README.md")), (0o700, 0o700, 0o600));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_refused() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("export");
        write(&folder, &files()).unwrap();
        std::os::unix::fs::symlink(place.path(), folder.join("outside")).unwrap();
        assert!(matches!(read(&folder), Err(FolderError::NoFile(_))));
    }

    #[test]
    fn what_cannot_be_finished_is_removed() {
        let place = tempfile::tempdir().unwrap();
        let mut twice = files();
        twice.push(twice[0].clone());
        let folder = place.path().join("export");
        assert!(matches!(write(&folder, &twice), Err(FolderError::Files { .. })));
        assert!(!folder.exists(), "a folder that was not there is gone again");
        fs::create_dir(&folder).unwrap();
        assert!(write(&folder, &twice).is_err());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "one that was there is empty again");
    }
}
