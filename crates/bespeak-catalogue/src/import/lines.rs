//! Lines: a file's lines, one at a time and bounded, from plain text or gzip.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::read::MultiGzDecoder;

use crate::import::skip::Why;
use crate::import::{ImportError, MAX_LINES};

/// The most bytes of one line; what follows is passed over up to the next line. Source: wild guess, eight
/// times the longest line of a catalogue of 19,406 goods with all their attributes (31 kB).
pub const MAX_LINE_BYTES: usize = 256 * 1024;
/// How a gzip file begins; source: RFC 1952.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// What some programs put before UTF-8 text; source: RFC 3629.
const MARK: &str = "\u{feff}";

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// Its text, without its end.
    Text(&'a str),
    /// It cannot be used.
    Bad(Why),
}

/// Reads lines; holds no more than one.
pub(crate) struct Lines<'a> {
    source: Box<dyn BufRead + 'a>,
    held: Vec<u8>,
    number: u64,
}

impl<'a> Lines<'a> {
    /// Begins to read, unpacking gzip where the source begins like one.
    pub(crate) fn open(mut source: impl Read + 'a) -> io::Result<Self> {
        let mut first = Vec::new();
        source.by_ref().take(GZIP.len() as u64).read_to_end(&mut first)?;
        let packed = first == GZIP;
        let whole = Cursor::new(first).chain(source);
        let source: Box<dyn BufRead + 'a> = if packed {
            Box::new(BufReader::new(MultiGzDecoder::new(whole)))
        } else {
            Box::new(BufReader::new(whole))
        };
        Ok(Self { source, held: Vec::new(), number: 0 })
    }

    /// The next line with its number, from 1; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, Line<'_>)>, ImportError> {
        let line = self.number;
        if line >= MAX_LINES {
            return Err(ImportError::TooLong);
        }
        match self.read() {
            Ok(None) => Ok(None),
            Ok(Some(())) => Ok(Some((self.number, self.line()))),
            Err(source) => Err(ImportError::Read { line, source }),
        }
    }

    /// Takes the next line in, as far as it is not too long.
    fn read(&mut self) -> io::Result<Option<()>> {
        self.held.clear();
        let bound = MAX_LINE_BYTES as u64 + 1;
        if self.source.by_ref().take(bound).read_until(b'\n', &mut self.held)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.is_too_long() && !self.held.ends_with(b"\n") {
            self.skip_to_end()?;
        }
        Ok(Some(()))
    }

    fn is_too_long(&self) -> bool {
        self.held.len() > MAX_LINE_BYTES
    }

    /// The line that was taken in.
    fn line(&self) -> Line<'_> {
        if self.is_too_long() {
            return Line::Bad(Why::TooLong);
        }
        let Ok(text) = std::str::from_utf8(&self.held) else {
            return Line::Bad(Why::NotText);
        };
        let text = if self.number == 1 { text.strip_prefix(MARK).unwrap_or(text) } else { text };
        Line::Text(text.trim_end_matches(['\n', '\r']))
    }

    fn skip_to_end(&mut self) -> io::Result<()> {
        loop {
            let buffered = self.source.fill_buf()?;
            if buffered.is_empty() {
                return Ok(());
            }
            if let Some(end) = buffered.iter().position(|byte| *byte == b'\n') {
                self.source.consume(end + 1);
                return Ok(());
            }
            let length = buffered.len();
            self.source.consume(length);
        }
    }
}
