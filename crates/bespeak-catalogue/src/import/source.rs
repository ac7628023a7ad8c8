//! Source: the bytes of a file as UTF-8 text, unpacked and decoded on the way, and counted.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};
use flate2::bufread::MultiGzDecoder;

use crate::import::ImportError;

/// How a gzip file begins; source: RFC 1952.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// Bytes in which a file's encoding is looked for. Source: the 1,024 bytes in which HTML must name it.
const MARKED: usize = 1024;
/// Bytes of text from which a format is told. Source: wild guess, more than the head of any web page that is
/// there for its goods.
const HEAD: usize = 64 * 1024;
/// Bytes decoded at once. Source: the size of the standard library's buffers.
const DECODED: usize = 8 * 1024;

/// Text to read goods from; holds no more of it than its head and a few buffers.
pub(crate) struct Source<'a> {
    /// What is to be read.
    pub(crate) text: Peeked<Box<dyn BufRead + 'a>>,
    /// Bytes taken from the file so far, as it lies there: packed, if it is packed.
    pub(crate) bytes: Rc<Cell<u64>>,
}

impl<'a> Source<'a> {
    /// Begins to read; `encoding` is what the owner says, a mark in the file goes before it.
    pub(crate) fn open(
        source: impl Read + 'a,
        encoding: Option<&'static Encoding>,
    ) -> Result<Self, ImportError> {
        let bytes = Rc::new(Cell::new(0));
        let counted = Counted { source, bytes: Rc::clone(&bytes) };
        let raw = Peeked::new(BufReader::new(counted), GZIP.len());
        let plain: Box<dyn BufRead + 'a> = if raw.head() == GZIP {
            Box::new(BufReader::new(MultiGzDecoder::new(raw)))
        } else {
            Box::new(raw)
        };
        let marked = Peeked::new(plain, MARKED);
        let (encoding, mark) = encoding_of(marked.head(), encoding)?;
        let mut text: Box<dyn BufRead + 'a> = Box::new(marked);
        text.consume(mark);
        if encoding != UTF_8 {
            text = Box::new(Decoded::new(text, encoding));
        }
        Ok(Self { text: Peeked::new(text, HEAD), bytes })
    }

    /// The beginning of the text, as far as it can be read.
    pub(crate) fn head(&self) -> String {
        String::from_utf8_lossy(self.text.head()).into_owned()
    }
}

/// The encoding of a text, and how long the mark is that says so.
fn encoding_of(
    head: &[u8],
    told: Option<&'static Encoding>,
) -> Result<(&'static Encoding, usize), ImportError> {
    if let Some(marked) = Encoding::for_bom(head) {
        return Ok(marked);
    }
    if let Some(encoding) = told.or_else(|| declared(head)) {
        return Ok((encoding, 0));
    }
    match head {
        [0, second, ..] if *second != 0 => Err(ImportError::Encoding("UTF-16")),
        [first, 0, ..] if *first != 0 => Err(ImportError::Encoding("UTF-16")),
        _ => Ok((UTF_8, 0)),
    }
}

/// The encoding that an XML declaration or a web page's head names.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    if !head.trim_start().starts_with('<') {
        return None;
    }
    let (_, named) = head.split_once("encoding=").or_else(|| head.split_once("charset="))?;
    let label = named.trim_start_matches(['"', '\'']).split(['"', '\'', '?', '>', ' ', '/', ';']).next()?;
    Encoding::for_label_no_replacement(label.as_bytes())
}

/// Counts what is read.
struct Counted<R> {
    source: R,
    bytes: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(into)?;
        self.bytes.set(self.bytes.get() + length as u64);
        Ok(length)
    }
}

/// A reader whose beginning was looked at. Where that failed, what came before the failure is still read first.
pub(crate) struct Peeked<R> {
    head: Vec<u8>,
    at: usize,
    failed: Option<io::Error>,
    rest: R,
}

impl<R: BufRead> Peeked<R> {
    fn new(mut rest: R, length: usize) -> Self {
        let mut head = Vec::new();
        let failed = rest.by_ref().take(length as u64).read_to_end(&mut head).err();
        Self { head, at: 0, failed, rest }
    }

    fn head(&self) -> &[u8] {
        self.head.get(self.at..).unwrap_or_default()
    }
}

impl<R: BufRead> Read for Peeked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(into)?;
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Peeked<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at < self.head.len() {
            return Ok(self.head.get(self.at..).unwrap_or_default());
        }
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.rest.fill_buf(),
        }
    }

    fn consume(&mut self, length: usize) {
        if self.at < self.head.len() { self.at += length } else { self.rest.consume(length) }
    }
}

/// Another encoding as UTF-8. What cannot be decoded becomes a byte that is no UTF-8, so that whoever reads
/// the line or record names it.
struct Decoded<R> {
    source: R,
    decoder: Decoder,
    held: Box<[u8; DECODED]>,
    at: usize,
    end: usize,
    done: bool,
}

/// A byte that never stands in UTF-8; source: RFC 3629.
const NO_TEXT: u8 = 0xff;

impl<R: BufRead> Decoded<R> {
    fn new(source: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self { source, decoder, held: Box::new([0; DECODED]), at: 0, end: 0, done: false }
    }

    fn decode(&mut self) -> io::Result<()> {
        let raw = self.source.fill_buf()?;
        let last = raw.is_empty();
        let room = self.held.len() - 1;
        let place = self.held.get_mut(..room).unwrap_or_default();
        let (result, taken, put) = self.decoder.decode_to_utf8_without_replacement(raw, place, last);
        self.source.consume(taken);
        (self.at, self.end) = (0, put);
        match result {
            DecoderResult::InputEmpty => self.done = last,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                if let Some(byte) = self.held.get_mut(put) {
                    *byte = NO_TEXT;
                    self.end += 1;
                }
            }
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(into)?;
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at >= self.end && !self.done {
            self.decode()?;
        }
        Ok(self.held.get(self.at..self.end).unwrap_or_default())
    }

    fn consume(&mut self, length: usize) {
        self.at += length;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use encoding_rs::{UTF_16LE, WINDOWS_1252};
    use proptest::prelude::*;

    use super::*;

    fn text(bytes: &[u8], told: Option<&'static Encoding>) -> Vec<u8> {
        let mut text = Vec::new();
        Source::open(bytes, told).unwrap().text.read_to_end(&mut text).unwrap();
        text
    }

    #[test]
    fn the_encoding_is_as_marked_as_told_or_as_declared() {
        assert_eq!(text(b"\xef\xbb\xbfa\xc3\xa4", None), "aä".as_bytes());
        assert_eq!(text(b"\xff\xfea\0\xe4\0", None), "aä".as_bytes());
        assert_eq!(text(b"\xfe\xff\0a\0\xe4", None), "aä".as_bytes());
        assert_eq!(text(b"\xe4\x80", Some(WINDOWS_1252)), "ä€".as_bytes());
        let xml = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe4</a>";
        assert!(text(xml, None).ends_with("<a>ä</a>".as_bytes()));
        assert!(text(b"<meta charset=windows-1252>\xe4", None).ends_with("ä".as_bytes()));
        assert_eq!(text(b"\xff\xfea\0\0\xd8b\0", None), b"a\xffb");
    }

    #[test]
    fn utf_16_without_a_mark_is_refused() {
        for bytes in [b"a\0b\0", b"\0a\0b"] {
            assert!(matches!(Source::open(&bytes[..], None), Err(ImportError::Encoding("UTF-16"))));
        }
        assert_eq!(text(b"a\0b\0", Some(UTF_16LE)), b"ab");
    }

    proptest! {
        #[test]
        fn text_comes_through_whole(written in "\\PC{0,9000}") {
            let wide: Vec<u8> = written.encode_utf16().flat_map(u16::to_le_bytes).collect();
            prop_assert_eq!(text(&[b"\xff\xfe".as_slice(), &wide].concat(), None), written.as_bytes());
            prop_assert_eq!(text(written.as_bytes(), Some(UTF_8)), written.as_bytes());
        }
    }
}
