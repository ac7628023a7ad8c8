//! The bytes inside a backup, as `docs/backup.md` describes them. All numbers are big-endian.

use std::io::{self, BufRead, Read, Write};

use bespeak_store::{Family, MAX_COMMIT, MAX_KEY};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{FileError, Head, VERSION};

/// The home's secrets.
const SECRETS: u8 = 1;
/// A document.
const DOCUMENT: u8 = 2;
/// The end.
const END: u8 = 3;
/// The longest first line. Source: wild guess; it takes about 250 bytes.
const MAX_HEAD: usize = 4_096;
/// The most bytes of secrets: what a vault holds at most.
const MAX_SECRETS: usize = bespeak_vault::MAX_CONTENTS;

/// Writes a backup.
pub(crate) struct Writer<W> {
    out: W,
    hash: Sha256,
    documents: u64,
}

impl<W: Write> Writer<W> {
    /// Begins with the first line and the secrets of the home.
    pub(crate) fn begin(out: W, head: &Head, secrets: &[u8]) -> io::Result<Self> {
        let mut writer = Self { out, hash: Sha256::new(), documents: 0 };
        writer.put(&serde_json::to_vec(head)?)?;
        writer.put(b"\n")?;
        writer.put(&[SECRETS])?;
        writer.put(&length(secrets)?.to_be_bytes())?;
        writer.put(secrets)?;
        Ok(writer)
    }

    /// Adds a document.
    pub(crate) fn document(&mut self, family: Family, key: &[u8], body: &[u8]) -> io::Result<()> {
        self.documents += 1;
        self.put(&[DOCUMENT, family.0])?;
        self.put(&length(key)?.to_be_bytes())?;
        self.put(&length(body)?.to_be_bytes())?;
        self.put(key)?;
        self.put(body)
    }

    /// Ends it; `unread` documents of the home could not be read.
    pub(crate) fn end(mut self, unread: u64) -> io::Result<W> {
        let documents = self.documents;
        self.put(&[END])?;
        self.put(&documents.to_be_bytes())?;
        self.put(&unread.to_be_bytes())?;
        self.out.write_all(&self.hash.finalize())?;
        Ok(self.out)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.out.write_all(bytes)
    }
}

fn length(bytes: &[u8]) -> io::Result<u32> {
    u32::try_from(bytes.len()).map_err(io::Error::other)
}

/// A document as it lies in a backup.
pub(super) struct Document {
    pub(super) family: Family,
    pub(super) key: Vec<u8>,
    pub(super) body: Vec<u8>,
}

/// What a whole backup said at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) documents: u64,
    pub(super) unread: u64,
}

/// What comes next.
pub(super) enum Next {
    Document(Document),
    End(End),
}

/// Reads a backup.
pub(super) struct Reader<R> {
    from: R,
    hash: Sha256,
    documents: u64,
}

impl<R: BufRead> Reader<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, hash: Sha256::new(), documents: 0 }
    }

    /// The first line.
    pub(super) fn head(&mut self) -> Result<Head, FileError> {
        let mut line = Vec::new();
        (&mut self.from).take(MAX_HEAD as u64).read_until(b'\n', &mut line)?;
        self.hash.update(&line);
        let versioned: Versioned = serde_json::from_slice(&line).map_err(|_| FileError::NotABackup)?;
        match versioned.bespeak_backup {
            VERSION => serde_json::from_slice(&line).map_err(|_| FileError::NotABackup),
            found if found > VERSION => Err(FileError::Newer { found }),
            _ => Err(FileError::NotABackup),
        }
    }

    /// The secrets, which follow it.
    pub(super) fn secrets(&mut self) -> Result<Zeroizing<Vec<u8>>, FileError> {
        match self.array()? {
            [SECRETS] => Ok(Zeroizing::new(self.bytes(MAX_SECRETS)?)),
            _ => Err(FileError::Damaged),
        }
    }

    /// The next document, or the end, which is checked.
    pub(super) fn next(&mut self) -> Result<Next, FileError> {
        match self.array()? {
            [DOCUMENT] => {
                let [family] = self.array()?;
                let (key, body) = (self.length(MAX_KEY)?, self.length(MAX_COMMIT)?);
                let (key, body) = (self.sized(key)?, self.sized(body)?);
                self.documents += 1;
                Ok(Next::Document(Document { family: Family(family), key, body }))
            }
            [END] => self.end().map(Next::End),
            _ => Err(FileError::Damaged),
        }
    }

    fn end(&mut self) -> Result<End, FileError> {
        let (documents, unread) = (u64::from_be_bytes(self.array()?), u64::from_be_bytes(self.array()?));
        let hash: [u8; 32] = std::mem::take(&mut self.hash).finalize().into();
        let same = self.array::<32>()? == hash && documents == self.documents;
        // Reading to the end is what makes age check it.
        let nothing_more = self.from.read(&mut [0])? == 0;
        if same && nothing_more { Ok(End { documents, unread }) } else { Err(FileError::Damaged) }
    }

    fn bytes(&mut self, most: usize) -> Result<Vec<u8>, FileError> {
        let length = self.length(most)?;
        self.sized(length)
    }

    fn length(&mut self, most: usize) -> Result<usize, FileError> {
        let length = usize::try_from(u32::from_be_bytes(self.array()?)).unwrap_or(usize::MAX);
        if length > most { Err(FileError::Damaged) } else { Ok(length) }
    }

    fn sized(&mut self, length: usize) -> Result<Vec<u8>, FileError> {
        let mut bytes = vec![0; length];
        self.from.read_exact(&mut bytes)?;
        self.hash.update(&bytes);
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], FileError> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes)?;
        self.hash.update(bytes);
        Ok(bytes)
    }
}

#[derive(Deserialize)]
struct Versioned {
    bespeak_backup: u32,
}

#[cfg(test)]
mod tests;
