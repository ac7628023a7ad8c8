//! Format: how a file is written, as it is said, or told from its content or its name.

use std::str::FromStr;

use serde_json::Value;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Told from the content, or where that does not tell from the name.
    #[default]
    Auto,
    /// One JSON object a line: our own plain shape, or Icecat's.
    Jsonl,
    /// Google Merchant's tab-separated columns, named in the first line.
    MerchantTsv,
    /// Google Merchant's feed as RSS 2.0 or Atom.
    MerchantXml,
    /// Shopify's export of products.
    ShopifyCsv,
    /// schema.org products as JSON-LD, in a web page or in a file.
    JsonLd,
    /// Any other table, of which a mapping says what the columns mean.
    Csv,
}

/// A format that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a catalogue's format is auto, jsonl, merchant-tsv, merchant-xml, shopify-csv, json-ld or csv")]
pub struct UnknownFormat;

impl Format {
    /// All of them, each with its name.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Auto, "auto"),
        (Self::Jsonl, "jsonl"),
        (Self::MerchantTsv, "merchant-tsv"),
        (Self::MerchantXml, "merchant-xml"),
        (Self::ShopifyCsv, "shopify-csv"),
        (Self::JsonLd, "json-ld"),
        (Self::Csv, "csv"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(format, _)| *format == self).map_or("auto", |(_, name)| name)
    }

    /// The format that the beginning of a file tells; `None` where it tells nothing.
    pub(crate) fn of_head(head: &str) -> Option<Self> {
        let head = head.trim_start();
        match head.chars().next()? {
            '<' => of_markup(head),
            '{' | '[' => Some(of_json(head)),
            _ => of_columns(head.lines().next()?),
        }
    }

    /// The format of files that are called like this; `None` of `.csv`, `.json` and other names for many.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "tsv" => Some(Self::MerchantTsv),
            "xml" | "rss" | "atom" => Some(Self::MerchantXml),
            "jsonld" | "html" | "htm" | "xhtml" => Some(Self::JsonLd),
            _ => None,
        }
    }
}

/// A feed names its root before anything else; a page with goods has scripts.
fn of_markup(head: &str) -> Option<Format> {
    let lower = head.to_ascii_lowercase();
    let at = |what: &str| lower.find(what).unwrap_or(usize::MAX);
    let feed = ["<rss", "<feed", "<rdf:rdf", "<atom:feed"].into_iter().map(at).min()?;
    let page = ["<html", "<!doctype html", "<head", "<body", "<script"].into_iter().map(at).min()?;
    match (feed, page) {
        (usize::MAX, usize::MAX) => None,
        (feed, page) => Some(if feed < page { Format::MerchantXml } else { Format::JsonLd }),
    }
}

/// A first line that is an object of its own begins JSON lines, unless it speaks JSON-LD.
fn of_json(head: &str) -> Format {
    let first = head.lines().next().unwrap_or_default();
    let speaks =
        |text: &str| ["\"@context\"", "\"@graph\"", "\"@type\""].iter().any(|key| text.contains(key));
    match serde_json::from_str(first) {
        Ok(Value::Object(object)) => {
            let linked = object.keys().any(|key| matches!(key.as_str(), "@context" | "@graph" | "@type"));
            if linked { Format::JsonLd } else { Format::Jsonl }
        }
        Ok(_) => Format::JsonLd,
        Err(_) if head.starts_with('[') || speaks(head) => Format::JsonLd,
        Err(_) => Format::Jsonl,
    }
}

fn of_columns(first: &str) -> Option<Format> {
    if first.contains('\t') {
        return Some(Format::MerchantTsv);
    }
    let names: Vec<String> =
        first.split(',').map(|name| name.trim().trim_matches('"').to_lowercase()).collect();
    let has = |name: &str| names.iter().any(|one| one == name);
    ((has("handle") || has("url handle")) && has("title")).then_some(Format::ShopifyCsv)
}

impl FromStr for Format {
    type Err = UnknownFormat;
    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(format, _)| *format).ok_or(UnknownFormat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_tells() {
        for (head, told) in [
            ("{\"sku\":\"1\"}\n", Some(Format::Jsonl)),
            ("\n {\"sku\":\"1\",\"title\":\"a \\\"@type\\\" b\"}\n", Some(Format::Jsonl)),
            ("{\"@context\":\"https://schema.org\"}", Some(Format::JsonLd)),
            ("{\n  \"@graph\": [", Some(Format::JsonLd)),
            ("[{\"sku\":", Some(Format::JsonLd)),
            ("<?xml version=\"1.0\"?>\n<rss version=\"2.0\">", Some(Format::MerchantXml)),
            (
                "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><summary>&lt;html",
                Some(Format::MerchantXml),
            ),
            ("<!DOCTYPE html><html><link href=feed.xml>", Some(Format::JsonLd)),
            ("<svg>", None),
            ("id\ttitle\n", Some(Format::MerchantTsv)),
            ("Handle,Title,Vendor\n", Some(Format::ShopifyCsv)),
            ("Title,URL handle,Vendor\n", Some(Format::ShopifyCsv)),
            ("sku;name;price\n", None),
            ("", None),
        ] {
            assert_eq!(Format::of_head(head), told, "{head}");
        }
    }

    #[test]
    fn the_name_tells_where_only_one_format_is_called_so() {
        assert_eq!(Format::of_name("feed.XML.gz"), Some(Format::MerchantXml));
        assert_eq!(Format::of_name("goods.jsonl"), Some(Format::Jsonl));
        assert_eq!(Format::of_name("goods.csv"), None);
        assert_eq!(Format::of_name("goods"), None);
    }

    #[test]
    fn every_format_has_a_name() {
        for (format, name) in Format::ALL {
            assert_eq!((format.name(), name.parse()), (name, Ok(format)));
        }
        assert_eq!("xml".parse::<Format>(), Err(UnknownFormat));
    }
}
