//! JSON-LD: products in the words of schema.org, in the scripts of a web page or in a file of their own.
//!
//! A document is read whole, for its nodes may name one another; how large it may be is bounded.

use std::io::{BufRead, Read};

use serde_json::Value;

use crate::import::intake::Intake;
use crate::import::markup::{Elements, Kind};
use crate::import::skip::Why;
use crate::import::{ImportDefaults, ImportError};

mod graph;
mod node;
mod offer;
mod product;
mod unit;

use graph::Graph;

/// The most bytes of one JSON document. Source: wild guess; some ten thousand goods, which take five times as
/// much while they are read.
pub const MAX_DOCUMENT_BYTES: usize = 16 * 1024 * 1024;
/// How a script says that it is JSON-LD; source: RFC 6839 and the JSON-LD recommendation.
const LINKED_DATA: &str = "application/ld+json";

/// Reads a page or a file.
pub(crate) fn read(
    mut text: impl BufRead,
    defaults: &ImportDefaults,
    intake: &mut Intake<'_>,
) -> Result<(), ImportError> {
    let head = text.fill_buf().map_err(|source| ImportError::Read { line: 0, source })?;
    let is_page = head.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
    if is_page {
        page(text, defaults, intake)?
    } else {
        file(text, defaults, intake)?
    }
    if intake.is_empty() {
        // An empty answer would leave people to guess.
        intake.skip(1, Why::Missing("product in the words of schema.org"));
    }
    Ok(())
}

fn page(text: impl BufRead, defaults: &ImportDefaults, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    let mut scripts = Elements::of(text, Kind::Html("script"), MAX_DOCUMENT_BYTES);
    while let Some(script) = scripts.next()? {
        if !script.tag.to_ascii_lowercase().contains(LINKED_DATA) {
            continue;
        }
        match script.body {
            Ok(body) => {
                // One that breaks off is named; the page goes on.
                let _ = document(script.line, &body, defaults, intake);
            }
            Err(Why::TooLong) => return Err(ImportError::Document { line: script.line }),
            Err(why) => intake.skip(script.line, why),
        }
    }
    Ok(())
}

fn file(text: impl BufRead, defaults: &ImportDefaults, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    let mut bytes = Vec::new();
    let bound = MAX_DOCUMENT_BYTES as u64 + 1;
    text.take(bound).read_to_end(&mut bytes).map_err(|source| ImportError::Read { line: 0, source })?;
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(ImportError::Document { line: 1 });
    }
    match String::from_utf8(bytes) {
        Ok(body) => match document(1, &body, defaults, intake) {
            Some(line) => Err(ImportError::BrokenOff { line, what: "the JSON document" }),
            None => Ok(()),
        },
        Err(_) => {
            intake.skip(1, Why::NotText);
            Ok(())
        }
    }
}

/// Takes the goods of a document that begins on `line`; says on which line it breaks off, if it does.
fn document(line: u64, body: &str, defaults: &ImportDefaults, intake: &mut Intake<'_>) -> Option<u64> {
    let mut values: Vec<Value> = Vec::new();
    let mut broken = None;
    for value in serde_json::Deserializer::from_str(body).into_iter() {
        match value {
            Ok(value) => values.push(value),
            Err(error) => {
                let at = line + (error.line() as u64).saturating_sub(1);
                broken = error.is_eof().then_some(at);
                intake.skip(at, Why::Json(error.to_string()));
                break;
            }
        }
    }
    let graph = Graph::of(&values);
    for article in graph.articles() {
        intake.take(line, article.goods(&graph, defaults));
    }
    broken
}
