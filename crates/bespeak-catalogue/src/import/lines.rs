//! Lines: a text's lines, one at a time and bounded, however they end.

use std::io::{self, BufRead};

use crate::import::skip::Why;
use crate::import::{ImportError, MAX_LINES};

/// The most bytes of one line or record; what follows is passed over up to the next. Source: wild guess, eight
/// times the longest line of a catalogue of 19,406 goods with all their attributes (31 kB).
pub const MAX_LINE_BYTES: usize = 256 * 1024;

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// Its text, without its end.
    Text(&'a str),
    /// It cannot be used.
    Bad(Why),
}

/// Reads lines that end with `\n`, `\r\n` or `\r`; holds no more than one.
pub(crate) struct Lines<R> {
    source: R,
    held: Vec<u8>,
    too_long: bool,
    after_return: bool,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    /// The lines of a text.
    pub(crate) fn of(source: R) -> Self {
        Self { source, held: Vec::new(), too_long: false, after_return: false, number: 0 }
    }

    /// The next line with its number, from 1; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, Line<'_>)>, ImportError> {
        let line = self.number;
        if line >= MAX_LINES {
            return Err(ImportError::TooLong);
        }
        match self.read() {
            Ok(false) => Ok(None),
            Ok(true) => {
                self.number += 1;
                Ok(Some((self.number, self.line())))
            }
            Err(source) => Err(ImportError::Read { line, source }),
        }
    }

    /// Takes the next line in, as far as it is not too long.
    fn read(&mut self) -> io::Result<bool> {
        self.held.clear();
        self.too_long = false;
        let mut any = false;
        loop {
            let buffered = self.source.fill_buf()?;
            let Some(first) = buffered.first() else { return Ok(any) };
            if std::mem::take(&mut self.after_return) && *first == b'\n' {
                self.source.consume(1);
                continue;
            }
            any = true;
            let end = buffered.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let length = end.unwrap_or(buffered.len());
            self.too_long |= self.held.len() + length > MAX_LINE_BYTES;
            if !self.too_long {
                self.held.extend_from_slice(buffered.get(..length).unwrap_or_default());
            }
            self.after_return = end.is_some_and(|end| buffered.get(end) == Some(&b'\r'));
            self.source.consume(length + usize::from(end.is_some()));
            if end.is_some() {
                return Ok(true);
            }
        }
    }

    /// The line that was taken in.
    fn line(&self) -> Line<'_> {
        if self.too_long {
            return Line::Bad(Why::TooLong);
        }
        match std::str::from_utf8(&self.held) {
            Ok(text) => Line::Text(text),
            Err(_) => Line::Bad(Why::NotText),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lines_end_as_they_like() {
        let mut lines = Lines::of(b"a\nb\r\nc\r\rd\n\r\ne".as_slice());
        let mut read = Vec::new();
        while let Some((number, Line::Text(text))) = lines.next().unwrap() {
            read.push(format!("{number}{text}"));
        }
        assert_eq!(read, ["1a", "2b", "3c", "4", "5d", "6", "7e"]);
    }
}
