//! Scanning: where tags, comments and elements begin and end, byte by byte.

use super::{Element, Kind};
use crate::import::skip::Why;

/// Bytes kept of a tag. Source: wild guess, more than any opening tag that says something here.
const TAG: usize = 4 * 1024;

/// Where the scan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between tags.
    Text,
    /// After `<`, in a tag, perhaps inside quotes.
    Tag { quote: Option<u8> },
    /// In a document type, perhaps inside its brackets.
    Type { inside: bool },
    /// In something that ends with these bytes.
    Until(&'static [u8]),
}

/// An element that has begun.
#[derive(Debug)]
struct Open {
    name: String,
    line: u64,
    tag: String,
    body: Vec<u8>,
    too_long: bool,
}

#[derive(Debug)]
pub(super) struct Scan {
    /// The line, from 1.
    pub(super) line: u64,
    kind: Kind,
    most: usize,
    state: State,
    /// The tag so far, or the last bytes of what is passed over.
    tag: Vec<u8>,
    before: u8,
    open: Option<Open>,
    /// The first element's name, until it ends.
    root: Option<String>,
    begun: bool,
}

impl Scan {
    pub(super) fn new(kind: Kind, most: usize) -> Self {
        Self {
            line: 1,
            kind,
            most,
            state: State::Text,
            tag: Vec::new(),
            before: 0,
            open: None,
            root: None,
            begun: false,
        }
    }

    /// What has begun and not ended.
    pub(super) fn open(&self) -> Option<&'static str> {
        match (&self.open, self.kind) {
            (Some(_), Kind::Html(_)) => Some("a script"),
            (Some(_), Kind::Xml(_)) => Some("an item"),
            (None, Kind::Xml(_)) if self.root.is_some() => Some("the feed"),
            _ => None,
        }
    }

    /// Takes one byte; gives an element that ends with it.
    pub(super) fn step(&mut self, byte: u8) -> Option<Element> {
        if byte == b'\r' || (byte == b'\n' && self.before != b'\r') {
            self.line += 1;
        }
        self.before = byte;
        if let Some(open) = &mut self.open {
            open.too_long |= open.body.len() > self.most + TAG;
            if open.too_long { open.body = Vec::new() } else { open.body.push(byte) }
        }
        match self.state {
            State::Text => {
                if byte == b'<' {
                    self.tag.clear();
                    self.state = State::Tag { quote: None };
                }
                None
            }
            State::Tag { quote } => self.in_tag(byte, quote),
            State::Type { inside } => {
                self.state = match byte {
                    b'>' if !inside => State::Text,
                    b'[' => State::Type { inside: true },
                    b']' => State::Type { inside: false },
                    _ => self.state,
                };
                None
            }
            State::Until(end) => {
                self.tag.push(byte);
                if self.tag.ends_with(end) {
                    self.state = State::Text;
                } else if self.tag.len() > TAG {
                    let last = self.tag.len() - end.len();
                    self.tag.drain(..last);
                }
                None
            }
        }
    }

    /// Is what stands here no markup, up to the element's closing tag?
    fn is_raw(&self) -> bool {
        self.open.is_some() && matches!(self.kind, Kind::Html(_))
    }

    fn in_tag(&mut self, byte: u8, quote: Option<u8>) -> Option<Element> {
        if self.is_raw() {
            return self.in_raw_tag(byte);
        }
        match (byte, quote) {
            (b'>', None) => {
                self.state = State::Text;
                return self.end_tag();
            }
            (b'"' | b'\'', None) => self.state = State::Tag { quote: Some(byte) },
            (_, Some(open)) if byte == open => self.state = State::Tag { quote: None },
            _ => {}
        }
        if self.tag.is_empty() && !(byte.is_ascii_alphabetic() || matches!(byte, b'/' | b'!' | b'?' | b'_')) {
            self.state = State::Text;
            return None;
        }
        self.keep(byte);
        let passed = match self.tag.as_slice() {
            b"!--" => State::Until(b"-->"),
            b"![CDATA[" => State::Until(b"]]>"),
            b"?" => State::Until(b"?>"),
            b"!D" | b"!d" => State::Type { inside: false },
            _ => return None,
        };
        self.tag.clear();
        self.state = passed;
        None
    }

    /// After `<` in a script: only its own closing tag means something.
    fn in_raw_tag(&mut self, byte: u8) -> Option<Element> {
        match byte {
            b'<' => self.tag.clear(),
            b'>' => {
                self.state = State::Text;
                return self.end_tag();
            }
            _ => self.keep(byte),
        }
        None
    }

    fn keep(&mut self, byte: u8) {
        if self.tag.len() < TAG {
            self.tag.push(byte);
        }
    }

    /// A tag is complete.
    fn end_tag(&mut self) -> Option<Element> {
        let tag = String::from_utf8_lossy(&self.tag).into_owned();
        match tag.strip_prefix('/') {
            Some(closing) => self.close(closing),
            None => {
                self.begin(&tag);
                None
            }
        }
    }

    fn begin(&mut self, tag: &str) {
        let name = name_of(tag);
        let empty = tag.ends_with('/');
        if !std::mem::replace(&mut self.begun, true) && !empty {
            self.root = Some(name.to_owned());
        }
        let wanted = match self.kind {
            Kind::Xml(names) => names.contains(&local(name)),
            Kind::Html(wanted) => name.eq_ignore_ascii_case(wanted),
        };
        if wanted && !empty && self.open.is_none() {
            let (name, tag) = (name.to_owned(), tag.to_owned());
            self.open = Some(Open { name, line: self.line, tag, body: Vec::new(), too_long: false });
        }
    }

    fn close(&mut self, closing: &str) -> Option<Element> {
        let name = name_of(closing);
        let same = |open: &Open| match self.kind {
            Kind::Xml(_) => open.name == name,
            Kind::Html(_) => open.name.eq_ignore_ascii_case(name),
        };
        if !self.open.as_ref().is_some_and(same) {
            if self.open.is_none() && self.root.as_deref() == Some(name) {
                self.root = None;
            }
            return None;
        }
        let Open { line, tag, mut body, too_long, .. } = self.open.take()?;
        // Its closing tag, with `<` and `>`.
        body.truncate(body.len().saturating_sub(self.tag.len() + 2));
        let body = if too_long || body.len() > self.most {
            Err(Why::TooLong)
        } else {
            String::from_utf8(body).map_err(|_| Why::NotText)
        };
        Some(Element { line, tag, body })
    }
}

/// The name at the beginning of a tag.
fn name_of(tag: &str) -> &str {
    let end = tag.find(|c: char| c.is_ascii_whitespace() || c == '/').unwrap_or(tag.len());
    tag.get(..end).unwrap_or_default()
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}
