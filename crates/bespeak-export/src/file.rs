//! One file of an export, and the names it may have.

/// Largest export, in bytes of its files together: 512 MiB. Source: wild guess; some 100,000 records, and all the
/// personal data that a home takes, leave half of it free. It is held in memory.
pub const MAX_EXPORT: usize = 512 << 20;

/// Longest path, in bytes. Source: the longest that is written here, `records/introduction/<id>.cose`, has 84; room for
/// those of later versions.
const MAX_PATH: usize = 255;

/// A file, with the path by which the manifest names it: relative, parts joined by `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where in the export it lies.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Why a file cannot be part of an export.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The path is absolute, climbs out, or is written in a way that could mean another.
    #[error("“{0}” is no path inside an export")]
    Path(String),
    /// There is more than may be.
    #[error(
        "the export has more than {} MiB; take large personal data out with `bespeak data remove`",
        MAX_EXPORT >> 20
    )]
    TooLarge,
}

impl File {
    /// A file with a path that stays inside.
    ///
    /// # Errors
    /// [`FileError::Path`].
    pub fn new(path: impl Into<String>, bytes: Vec<u8>) -> Result<Self, FileError> {
        let path = path.into();
        if stays_inside(&path) { Ok(Self { path, bytes }) } else { Err(FileError::Path(shown(&path))) }
    }
}

/// Names of letters, digits, `-`, `_` and `.`, none of them `.` or `..`: the same file on every system.
fn stays_inside(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let part = |part: &str| !part.is_empty() && part != "." && part != ".." && part.chars().all(plain);
    path.len() <= MAX_PATH && path.split('/').all(part)
}

/// A stranger's path, cut to what fits into a sentence.
pub(crate) fn shown(path: &str) -> String {
    path.chars().filter(|c| !c.is_control()).take(100).collect()
}

/// Counts bytes up to the bound.
#[derive(Debug, Default)]
pub(crate) struct Room(usize);

impl Room {
    /// Takes room for so many bytes more.
    pub(crate) fn take(&mut self, bytes: usize) -> Result<(), FileError> {
        self.0 = self.0.saturating_add(bytes);
        if self.0 > MAX_EXPORT { Err(FileError::TooLarge) } else { Ok(()) }
    }

    /// How much there still is.
    pub(crate) fn left(&self) -> u64 {
        MAX_EXPORT.saturating_sub(self.0) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_climbs_out() {
        for good in ["README.md", "records/offer/bafyreia.cose", "data/data-00/meta.json", "a/.b"] {
            assert!(File::new(good, Vec::new()).is_ok(), "{good}");
        }
        for bad in
            ["", "/etc/passwd", "../x", "a/../b", "a/..", "./a", "a//b", "a/", "a\\b", "C:x", "a\0b", "ä"]
        {
            assert!(File::new(bad, Vec::new()).is_err(), "{bad}");
        }
        assert!(File::new("x".repeat(MAX_PATH + 1), Vec::new()).is_err());
    }

    #[test]
    fn there_is_room_for_so_much_and_no_more() {
        let mut room = Room::default();
        assert_eq!(room.take(MAX_EXPORT), Ok(()));
        assert_eq!((room.left(), room.take(1)), (0, Err(FileError::TooLarge)));
        assert_eq!(room.take(usize::MAX), Err(FileError::TooLarge));
    }
}
