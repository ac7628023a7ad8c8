//! What opens a backup: read from files or standard input, never from an argument.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use bespeak_node::backup::BackupSecret;
use clap::Args;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The most bytes that are read of a secret. Source: 24 words take 215 at most, a passphrase may have 1,024.
const MAX_SECRET: u64 = 4_096;

/// What opens a backup.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Opens {
    /// A file with the 24 words of its home; - for standard input
    #[arg(long, value_name = "FILE")]
    words_file: Option<PathBuf>,
    /// A file with the passphrase it was made with, on the first line; - for standard input
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Opens {
    /// The file that is named.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.words_file.as_deref().or(self.passphrase_file.as_deref())
    }

    pub(crate) fn secret(&self) -> Result<BackupSecret, Failure> {
        match (&self.words_file, &self.passphrase_file) {
            (Some(words), _) => BackupSecret::words(&read(words)?).map_err(Failure::failed),
            (None, Some(passphrase)) => Ok(BackupSecret::passphrase(first_line(passphrase)?)),
            (None, None) => Err(Failure::usage(
                "Name a file with the 24 words (--words-file) or the passphrase (--passphrase-file).",
            )),
        }
    }
}

/// The first line of a file, which may not be empty.
pub(crate) fn first_line(file: &Path) -> Result<Zeroizing<String>, Failure> {
    let text = read(file)?;
    let line = Zeroizing::new(text.lines().next().unwrap_or_default().to_owned());
    if line.is_empty() {
        return Err(Failure::failed(format!(
            "The first line of {} is empty; a passphrase is wanted there.",
            file.display()
        )));
    }
    Ok(line)
}

fn read(file: &Path) -> Result<Zeroizing<String>, Failure> {
    // Room for all of it, so that no copy is left behind by growing.
    let mut text = Zeroizing::new(String::with_capacity(MAX_SECRET as usize));
    let read = if file == Path::new("-") {
        io::stdin().lock().take(MAX_SECRET).read_to_string(&mut text)
    } else {
        File::open(file).and_then(|file| file.take(MAX_SECRET).read_to_string(&mut text))
    };
    read.map_err(|cause| Failure::failed(format!("{} cannot be read: {cause}.", file.display())))?;
    Ok(text)
}
