//! CBOR as people can read it: diagnostic notation (RFC 8949 §8), indented.

use std::fmt::Write;

use cid::Cid;

use crate::DecodeError;
use crate::cbor::{Item, Reader};
use crate::drisl;

/// Prints a payload in diagnostic notation, two spaces for each level.
///
/// # Errors
/// [`DecodeError`] when the bytes do not pass [`drisl::check`].
pub fn diagnostic(bytes: &[u8]) -> Result<String, DecodeError> {
    drisl::check(bytes)?;
    print(bytes, 0)
}

/// Prints one item of any tags and keys, for envelopes too.
pub(crate) fn print(bytes: &[u8], level: usize) -> Result<String, DecodeError> {
    let mut out = String::new();
    let mut reader = Reader::new(bytes);
    item(&mut out, &mut reader, level)?;
    reader.end()?;
    Ok(out)
}

fn item(out: &mut String, reader: &mut Reader<'_>, level: usize) -> Result<(), DecodeError> {
    let at = reader.at();
    if level > 2 * drisl::MAX_DEPTH {
        return Err(DecodeError::TooDeep { at });
    }
    match reader.item()? {
        Item::Integer(value) => push(out, format_args!("{value}")),
        Item::Bytes(value) => out.push_str(&hex(value)),
        Item::Text(value) => quote(out, value),
        Item::Bool(value) => push(out, format_args!("{value}")),
        Item::Null => out.push_str("null"),
        Item::Array(len) => list(out, reader, len, level)?,
        Item::Map(len) => map(out, reader, len, level)?,
        Item::Tag(tag) => {
            push(out, format_args!("{tag}("));
            let start = reader.at();
            item(out, reader, level + 1)?;
            out.push(')');
            name_link(out, tag, reader.since(start));
        }
    }
    Ok(())
}

fn list(out: &mut String, reader: &mut Reader<'_>, len: u64, level: usize) -> Result<(), DecodeError> {
    out.push('[');
    for index in 0..len {
        separate(out, index, level + 1);
        item(out, reader, level + 1)?;
    }
    close(out, len, level, ']');
    Ok(())
}

fn map(out: &mut String, reader: &mut Reader<'_>, len: u64, level: usize) -> Result<(), DecodeError> {
    out.push('{');
    for index in 0..len {
        separate(out, index, level + 1);
        item(out, reader, level + 1)?;
        out.push_str(": ");
        item(out, reader, level + 1)?;
    }
    close(out, len, level, '}');
    Ok(())
}

/// A link's id as people know it, as a comment behind the link.
fn name_link(out: &mut String, tag: u64, item: &[u8]) {
    if tag == 42
        && let Ok(Item::Bytes([0, cid @ ..])) = Reader::new(item).item()
        && let Ok(cid) = Cid::try_from(cid)
    {
        push(out, format_args!(" / {cid} /"));
    }
}

fn separate(out: &mut String, index: u64, level: usize) {
    if index > 0 {
        out.push(',');
    }
    newline(out, level);
}

fn close(out: &mut String, len: u64, level: usize, bracket: char) {
    if len > 0 {
        newline(out, level);
    }
    out.push(bracket);
}

pub(crate) fn newline(out: &mut String, level: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", level));
}

/// A byte string in diagnostic notation.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut out = String::from("h'");
    for byte in bytes {
        push(&mut out, format_args!("{byte:02x}"));
    }
    out.push('\'');
    out
}

/// Quotes as JSON does. Control characters and those that change the direction of writing are escaped: what a
/// stranger wrote must not rearrange the reader's terminal.
pub(crate) fn quote(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                push(out, format_args!("\\u{:04x}", u32::from(char)));
            }
            _ if char.is_control() => push(out, format_args!("\\u{:04x}", u32::from(char))),
            _ => out.push(char),
        }
    }
    out.push('"');
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}
