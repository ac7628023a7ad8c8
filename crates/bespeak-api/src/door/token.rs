//! The secret that opens the port.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Bytes of randomness in a token. Source: as many as a key of the ciphers in use here.
const TOKEN_BYTES: usize = 32;
/// Most bytes of the file that are read: the hex digits of a token, and a line's end or two.
const FILE_BYTES: u64 = 80;

/// The file in a home that holds the token.
pub const TOKEN_FILE: &str = "api-token";
/// The same while it is written.
const UNFINISHED: &str = "api-token.new";

/// A token, of which only the digest is kept in memory. Comparing digests takes the same time wherever two
/// tokens differ, as far as a caller can choose.
#[derive(Clone)]
pub struct Token([u8; 32]);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file cannot be read or written.
    #[error("the file {path} cannot be used: {cause}", path = path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Others can read the file.
    #[error("others can read {path}: delete it, a new token is made at the next start", path = path.display())]
    Open {
        /// Which file.
        path: PathBuf,
    },
    /// The file holds something else.
    #[error("{path} holds no token: delete it, a new one is made at the next start", path = path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
    },
    /// The system gives no randomness.
    #[error("the system gives no randomness: {0}")]
    Random(String),
}

impl Token {
    /// The token of a text.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// Whether `text` is this token.
    pub fn is(&self, text: &str) -> bool {
        Self::of(text).0 == self.0
    }

    /// The token of a home: read from its file, or made and written (mode 0600) when there is none.
    ///
    /// # Errors
    /// When the file cannot be used, can be read by others, or holds something else.
    pub fn of_home(home: &Path) -> Result<Self, TokenError> {
        let path = home.join(TOKEN_FILE);
        match File::open(&path) {
            Ok(file) => read(file, &path),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => create(&path),
            Err(cause) => Err(TokenError::File { path, cause }),
        }
    }
}

fn read(file: File, path: &Path) -> Result<Token, TokenError> {
    let failed = |cause| TokenError::File { path: path.to_owned(), cause };
    if file.metadata().map_err(failed)?.permissions().mode() & 0o077 != 0 {
        return Err(TokenError::Open { path: path.to_owned() });
    }
    let mut text = String::new();
    file.take(FILE_BYTES).read_to_string(&mut text).map_err(failed)?;
    let text = text.trim();
    if text.len() != TOKEN_BYTES * 2 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(TokenError::Unreadable { path: path.to_owned() });
    }
    Ok(Token::of(text))
}

fn create(path: &Path) -> Result<Token, TokenError> {
    let failed = |cause| TokenError::File { path: path.to_owned(), cause };
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|cause| TokenError::Random(cause.to_string()))?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    // Under another name until it is whole: a crash must not leave an empty file, which no start would take.
    let unfinished = path.with_file_name(UNFINISHED);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&unfinished).map_err(failed)?;
    file.set_permissions(Permissions::from_mode(0o600)).map_err(failed)?;
    writeln!(file, "{text}").and_then(|()| file.sync_all()).map_err(failed)?;
    std::fs::rename(&unfinished, path).map_err(failed)?;
    Ok(Token::of(&text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_a_crash_left_of_a_token_is_no_hindrance() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join(UNFINISHED), "half a tok").unwrap();
        let made = Token::of_home(home.path()).unwrap();
        let text = std::fs::read_to_string(home.path().join(TOKEN_FILE)).unwrap();
        assert!(made.is(text.trim()) && Token::of_home(home.path()).unwrap().is(text.trim()));
        assert!(!home.path().join(UNFINISHED).exists());
        let mode = std::fs::metadata(home.path().join(TOKEN_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
