//! An item of a feed: its fields, by name.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::import::skip::Why;

/// The most elements inside one another. Source: wild guess; a feed has three, a description in XHTML ten.
const DEPTH: usize = 32;
/// The most fields of an item. Source: wild guess, ten times what Google Merchant knows.
const FIELDS: usize = 1_000;
/// Prefixes of other vocabularies in feeds, whose titles and prices are not the goods'.
const FOREIGN: [&str; 6] = ["atom", "content", "dc", "itunes", "media", "sy"];

/// An item.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Item {
    fields: Vec<Field>,
    /// What `product_detail` says: names and values.
    pub(crate) details: Vec<(String, String)>,
}

#[derive(Debug, PartialEq, Eq)]
struct Field {
    name: String,
    prefixed: bool,
    text: String,
}

impl Item {
    /// The first field of this name that says something, a prefixed one (`g:id`) before the feed's own (`id`).
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let named = |prefixed: bool| {
            let all =
                self.fields.iter().filter(move |field| field.prefixed == prefixed && field.name == name);
            all.map(|field| field.text.trim()).find(|text| !text.is_empty())
        };
        named(true).or_else(|| named(false))
    }
}

/// Reads what stands inside an item.
pub(crate) fn item(xml: &str) -> Result<Item, Why> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().allow_dangling_amp = true;
    let mut reading = Reading::default();
    loop {
        match reader.read_event().map_err(bad)? {
            Event::Start(tag) => reading.begin(&tag)?,
            Event::Empty(tag) => {
                reading.begin(&tag)?;
                reading.end();
            }
            Event::End(_) => reading.end(),
            Event::Text(text) => reading.say(&text),
            Event::CData(text) => reading.say(&text),
            Event::GeneralRef(name) => reading.say(&meant(&name)),
            Event::Eof if reading.path.is_empty() => return Ok(reading.item),
            Event::Eof => return Err(Why::Xml("an element is not closed".to_owned())),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn bad(error: quick_xml::Error) -> Why {
    Why::Xml(error.to_string())
}

/// What a reference stands for; one that XML does not know is left for the cleaning of text.
fn meant(name: &BytesRef<'_>) -> String {
    match name.resolve_char_ref() {
        Ok(Some(c)) => c.to_string(),
        _ => match &**name {
            "amp" => "&".to_owned(),
            "lt" => "<".to_owned(),
            "gt" => ">".to_owned(),
            "quot" => "\"".to_owned(),
            "apos" => "'".to_owned(),
            other => format!("&{other};"),
        },
    }
}

#[derive(Default)]
struct Reading {
    item: Item,
    /// The local names of the elements that are open.
    path: Vec<String>,
    /// Whether the outermost has a prefix, and what it says.
    prefixed: bool,
    text: String,
    detail: (String, String),
}

impl Reading {
    fn begin(&mut self, tag: &BytesStart<'_>) -> Result<(), Why> {
        if self.path.len() >= DEPTH || self.item.fields.len() >= FIELDS {
            return Err(Why::Xml("it has too many elements, or too many inside one another".to_owned()));
        }
        let name = tag.local_name().as_ref().to_ascii_lowercase();
        if self.path.is_empty() {
            self.text.clear();
            self.detail = Default::default();
            let prefix = tag.name().prefix().map(|prefix| prefix.as_ref().to_ascii_lowercase());
            self.prefixed = prefix.is_some();
            let foreign = prefix.is_some_and(|prefix| FOREIGN.contains(&prefix.as_str()));
            if name == "link" && !foreign {
                self.text = href(tag).unwrap_or_default();
            }
            self.path.push(if foreign { String::new() } else { name });
        } else {
            self.path.push(name);
        }
        Ok(())
    }

    fn say(&mut self, text: &str) {
        self.text.push_str(text);
        match (self.path.first().map(String::as_str), self.path.get(1).map(String::as_str)) {
            (Some("product_detail"), Some("attribute_name")) => self.detail.0.push_str(text),
            (Some("product_detail"), Some("attribute_value")) => self.detail.1.push_str(text),
            _ => {}
        }
    }

    fn end(&mut self) {
        let Some(name) = self.path.pop() else { return };
        if !self.path.is_empty() {
            return;
        }
        if name == "product_detail" {
            self.item.details.push(std::mem::take(&mut self.detail));
        } else {
            let text = std::mem::take(&mut self.text);
            self.item.fields.push(Field { name, prefixed: self.prefixed, text });
        }
    }
}

/// Where a link of Atom leads, if it is to the goods themselves.
fn href(tag: &BytesStart<'_>) -> Option<String> {
    let value = |name: &str| {
        let found = tag.attributes().flatten().find(|attribute| attribute.key.as_ref() == name)?;
        Some(found.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
    };
    let to_goods = value("rel").is_none_or(|rel| rel == "alternate");
    value("href").filter(|_| to_goods)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn fields_are_read_with_what_is_in_them() {
        let item = item(concat!(
            "<title>own &amp; only</title><g:title>Caf&#233; &nbsp;set</g:title><media:title>x</media:title>",
            "<link rel='self' href='a'/><link href='https://example.org/?a=1&amp;b'/>",
            "<content type='xhtml'><div>two <b>parts</b></div></content><g:empty/>",
            "<g:description><![CDATA[<p>5 < 6</p>]]> & more</g:description>",
            "<g:product_detail><g:section_name>A</g:section_name><g:attribute_name>Weight</g:attribute_name>",
            "<g:attribute_value>2 kg</g:attribute_value></g:product_detail>",
        ))
        .unwrap();
        assert_eq!(item.field("title"), Some("Café &nbsp;set"));
        assert_eq!(item.field("link"), Some("https://example.org/?a=1&b"));
        assert_eq!(item.field("content"), Some("two parts"));
        assert_eq!(item.field("description"), Some("<p>5 < 6</p> & more"));
        assert_eq!((item.field("empty"), item.field("")), (None, Some("x")));
        assert_eq!(item.details, [("Weight".to_owned(), "2 kg".to_owned())]);
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for xml in ["<a>", "<a></b>", "<a b=></a", &"<a>".repeat(40), &"<a/>".repeat(2_000)] {
            assert!(matches!(item(xml), Err(Why::Xml(_))), "{xml}");
        }
    }
}
