//! Markup: the elements of some names in a stream of XML or HTML, one at a time and bounded.
//!
//! This finds where elements begin and end and no more. What is inside one is parsed on its own, so that one
//! that is broken or too large costs only itself.

use std::io::BufRead;

use crate::import::skip::Why;
use crate::import::{ImportError, MAX_LINES};

pub(crate) mod item;
mod scan;

use scan::Scan;

/// Which elements are looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Those of these local names, in XML.
    Xml(&'static [&'static str]),
    /// Those of this name in HTML; what is inside is no markup, as in scripts.
    Html(&'static str),
}

/// One element.
#[derive(Debug)]
pub(crate) struct Element {
    /// The line on which it begins, from 1.
    pub(crate) line: u64,
    /// Its opening tag, without `<` and `>`.
    pub(crate) tag: String,
    /// What is inside.
    pub(crate) body: Result<String, Why>,
}

/// Reads elements; holds no more than one, and of that no more than it may have.
pub(crate) struct Elements<R> {
    source: R,
    scan: Scan,
}

impl<R: BufRead> Elements<R> {
    /// The elements of a text, each with at most `most` bytes inside.
    pub(crate) fn of(source: R, kind: Kind, most: usize) -> Self {
        Self { source, scan: Scan::new(kind, most) }
    }

    /// The next element; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Element>, ImportError> {
        loop {
            let line = self.scan.line;
            if line > MAX_LINES {
                return Err(ImportError::TooLong);
            }
            let buffered = self.source.fill_buf().map_err(|source| ImportError::Read { line, source })?;
            if buffered.is_empty() {
                let open = self.scan.open();
                return open.map_or(Ok(None), |what| Err(ImportError::BrokenOff { line, what }));
            }
            let mut used = 0;
            let found = buffered.iter().find_map(|byte| {
                used += 1;
                self.scan.step(*byte)
            });
            self.source.consume(used);
            if found.is_some() {
                return Ok(found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    /// Where each begins, and what is inside.
    type Bodies = Vec<(u64, Result<String, Why>)>;

    fn bodies(text: &str, kind: Kind) -> (Bodies, bool) {
        let mut elements = Elements::of(text.as_bytes(), kind, 40);
        let mut found = Vec::new();
        loop {
            match elements.next() {
                Ok(Some(element)) => found.push((element.line, element.body)),
                end => return (found, end.is_ok()),
            }
        }
    }

    #[test]
    fn elements_of_xml_are_found_whatever_stands_around() {
        let xml = "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a '<item>'>]>\n<rss a='>'><!-- <item>x</item> -->\n\
                   <item>a<![CDATA[</item>]]></item ><g:item x=\">\">b</g:item><item/></rss>";
        let (found, whole) = bodies(xml, Kind::Xml(&["item"]));
        assert_eq!(found, [(3, Ok("a<![CDATA[</item>]]>".to_owned())), (3, Ok("b".to_owned()))]);
        assert!(whole);
    }

    #[test]
    fn what_is_cut_off_is_known() {
        for cut in ["<rss><item>a", "<rss><item>a</item>", "<rss><item>a</item><!-- </rss>"] {
            assert!(!bodies(cut, Kind::Xml(&["item"])).1, "{cut}");
        }
        assert!(bodies("", Kind::Xml(&["item"])).1);
        assert!(!bodies("<script>var", Kind::Html("script")).1);
    }

    #[test]
    fn what_is_too_large_costs_only_itself() {
        let xml = format!("<rss><item>{}</item><item>b</item></rss>", "x<a>".repeat(100));
        let (found, whole) = bodies(&xml, Kind::Xml(&["item"]));
        assert_eq!(found, [(1, Err(Why::TooLong)), (1, Ok("b".to_owned()))]);
        assert!(whole);
    }

    #[test]
    fn scripts_end_at_their_tag_only() {
        let html = "<p>1 < 2\n<SCRIPT type=x>{\"a\":\"<b>'</b>\"}</Script >\n<!-- <script>no</script> --><script>c</script>";
        let (found, whole) = bodies(html, Kind::Html("script"));
        assert_eq!(found, [(2, Ok("{\"a\":\"<b>'</b>\"}".to_owned())), (3, Ok("c".to_owned()))]);
        assert!(whole);
    }

    proptest! {
        #[test]
        fn anything_ends(text in "[<>/!\\-\\[\\]ait =\"'?]{0,200}") {
            let _ = bodies(&text, Kind::Xml(&["a", "i"]));
            let _ = bodies(&text, Kind::Html("a"));
        }
    }
}
