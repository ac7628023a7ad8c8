//! An export in one piece: a tar.

use std::io::{self, Read};

use tar::{Archive, Builder, EntryType, Header};

use crate::file::{File, FileError, Room, shown};

/// The media type of a tar. Source: none is registered; this is what programs call it.
pub const MEDIA_TYPE: &str = "application/x-tar";

/// Why bytes are no export in one piece.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It ends too soon, or is no tar.
    #[error("the tar is cut short or damaged: {0}")]
    Broken(#[from] io::Error),
    /// It holds a link or something else that is no file.
    #[error("the tar holds “{0}”, which is no plain file; an export has no links")]
    NoFile(String),
    /// A file that may not be.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Packs files, readable by their owner alone; their times say nothing.
///
/// # Errors
/// When there are more bytes than an export may have.
pub fn pack(files: &[File]) -> Result<Vec<u8>, ArchiveError> {
    let mut room = Room::default();
    let mut tar = Builder::new(Vec::new());
    for file in files {
        room.take(file.bytes.len())?;
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o600);
        header.set_mtime(0);
        header.set_size(file.bytes.len() as u64);
        tar.append_data(&mut header, &file.path, file.bytes.as_slice())?;
    }
    Ok(tar.into_inner()?)
}

/// Unpacks files into memory; nothing is written anywhere.
///
/// # Errors
/// [`ArchiveError`].
pub fn unpack(bytes: &[u8]) -> Result<Vec<File>, ArchiveError> {
    let (mut room, mut files) = (Room::default(), Vec::new());
    for entry in Archive::new(bytes).entries()? {
        let mut entry = entry?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        match entry.header().entry_type() {
            EntryType::Directory => continue,
            EntryType::Regular => {}
            _ => return Err(ArchiveError::NoFile(shown(&path))),
        }
        let size = usize::try_from(entry.size()).unwrap_or(usize::MAX);
        room.take(size)?;
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        if content.len() != size {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        files.push(File::new(path, content)?);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn files() -> Vec<File> {
        let file = |path: &str, bytes: &[u8]| File::new(path, bytes.to_vec()).unwrap();
        let long = format!("records/introduction/{}.cose", "b".repeat(120));
        vec![file("a.txt", b"one"), file("empty", b""), file(&long, &[7; 2000])]
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        assert_eq!(unpack(&pack(&files()).unwrap()).unwrap(), files());
        assert_eq!(unpack(&[]).unwrap(), Vec::new());
    }

    #[test]
    fn a_cut_tar_gives_an_error_or_fewer_files() {
        let whole = pack(&files()).unwrap();
        for length in (0..whole.len()).step_by(97) {
            if let Ok(found) = unpack(&whole[..length]) {
                assert_eq!(found, files()[..found.len()], "cut at {length}");
            }
        }
        assert!(unpack(&[1; 600]).is_err());
    }

    #[test]
    fn links_and_paths_that_climb_are_refused() {
        for (kind, path) in [
            (EntryType::Symlink, "a"),
            (EntryType::Link, "a"),
            (EntryType::Fifo, "a"),
            (EntryType::Regular, "../a"),
        ] {
            let mut header = Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(0);
            // The library itself writes no such name; a stranger's tar may hold it.
            header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_cksum();
            let mut tar = Builder::new(Vec::new());
            tar.append(&header, io::empty()).unwrap();
            assert!(unpack(&tar.into_inner().unwrap()).is_err(), "{kind:?} {path}");
        }
    }
}
