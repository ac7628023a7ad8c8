//! The key file: a first line that names its format, then the seed in hexadecimal.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use zeroize::Zeroizing;

const HEADING: &str = "bespeak key 1";

/// Longest key file, in bytes. Source: the two lines take 79.
const MAX_KEY_FILE: u64 = 256;

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Others can read it.
    #[error(
        "others on this machine can read the key (mode {mode:o}); make it yours alone with `chmod 600`, and think about who may have read it"
    )]
    Exposed {
        /// Its permissions.
        mode: u32,
    },
    /// A format of a later version.
    #[error("starts with {found:?}; this software reads {HEADING:?}")]
    Format {
        /// Its first line.
        found: String,
    },
    /// Not 32 bytes in hexadecimal.
    #[error("holds no key: the second line should be 64 hexadecimal digits")]
    Malformed,
    /// The file system refused.
    #[error(transparent)]
    Files(#[from] io::Error),
}

pub(in crate::home) fn read(path: &Path) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
    let mut file = File::open(path)?;
    check_mode(&file)?;
    let mut text = Zeroizing::new(String::with_capacity(MAX_KEY_FILE as usize));
    file.by_ref().take(MAX_KEY_FILE).read_to_string(&mut text)?;
    parse(&text)
}

#[cfg(unix)]
fn check_mode(file: &File) -> Result<(), KeyFileError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyFileError::Exposed { mode }) }
}

#[cfg(not(unix))]
fn check_mode(_: &File) -> Result<(), KeyFileError> {
    Ok(())
}

fn parse(text: &str) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
    let mut lines = text.lines();
    let heading = lines.next().unwrap_or_default();
    if heading != HEADING {
        return Err(KeyFileError::Format { found: heading.chars().take(40).collect() });
    }
    let digits = lines.next().unwrap_or_default().trim().as_bytes();
    if digits.len() != 64 {
        return Err(KeyFileError::Malformed);
    }
    let mut seed = Zeroizing::new([0; 32]);
    for (byte, pair) in seed.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair
            .iter()
            .try_fold(0, |sum, digit| Some(sum << 4 | value(*digit)?))
            .ok_or(KeyFileError::Malformed)?;
    }
    Ok(seed)
}

fn value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| value.try_into().ok())
}
