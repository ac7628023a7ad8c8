//! Google Merchant's feed: as tab-separated columns, which the first line names in any order, or as the items
//! of RSS and Atom. What is not known is passed over.

use std::io::BufRead;

use bespeak_model::attribute::Attribute;
use bespeak_model::category::{self, Slug};
use bespeak_model::money::Money;

use crate::goods::{Goods, Sku};
use crate::import::field::{self, Attributes};
use crate::import::intake::Intake;
use crate::import::lines::{Lines, MAX_LINE_BYTES};
use crate::import::markup::item::{Item, item};
use crate::import::markup::{Elements, Kind};
use crate::import::skip::{Fault, Why};
use crate::import::table::Table;
use crate::import::{ImportDefaults, ImportError};

/// Columns that become attributes of the same name.
const ATTRIBUTES: [&str; 13] = [
    "mpn",
    "color",
    "size",
    "material",
    "pattern",
    "gender",
    "age_group",
    "product_type",
    "shipping_weight",
    "product_weight",
    "energy_efficiency_class",
    "multipack",
    "item_group_id",
];
/// Those whose values are never quantities, even where they are all digits.
const WORDS: [&str; 3] = ["mpn", "product_type", "item_group_id"];

/// Reads the rows of a tab-separated file; its first line names the columns.
pub(crate) fn read_tsv(
    lines: Lines<impl BufRead>,
    defaults: &ImportDefaults,
    intake: &mut Intake<'_>,
) -> Result<(), ImportError> {
    let mut table = Table::of(lines, '\t', '"');
    let columns: Vec<String> =
        table.header()?.iter().map(|name| name.to_lowercase().replace(' ', "_")).collect();
    for needed in ["id", "title"] {
        if !columns.is_empty() && !columns.iter().any(|name| name == needed) {
            return Err(ImportError::Column(needed.to_owned()));
        }
    }
    while let Some((number, row)) = table.next()? {
        let made = row.map_err(Fault::from).and_then(|row| {
            let cell = |name: &str| {
                let at = columns.iter().position(|column| column == name)?;
                row.get(at).map(|text| text.trim()).filter(|text| !text.is_empty())
            };
            goods(&cell, &details(cell("product_detail")), defaults)
        });
        intake.take(number, made);
    }
    Ok(())
}

/// Reads the items of RSS, the entries of Atom.
pub(crate) fn read_xml(
    text: impl BufRead,
    defaults: &ImportDefaults,
    intake: &mut Intake<'_>,
) -> Result<(), ImportError> {
    let mut items = Elements::of(text, Kind::Xml(&["item", "entry"]), MAX_LINE_BYTES);
    while let Some(element) = items.next()? {
        let made = element.body.and_then(|body| item(&body)).map_err(Fault::from);
        intake.take(element.line, made.and_then(|item| from_item(&item, defaults)));
    }
    Ok(())
}

fn from_item(item: &Item, defaults: &ImportDefaults) -> Result<Goods, Fault> {
    let cell = |name: &str| {
        let other: &[&str] = if name == "description" { &["summary", "content"] } else { &[] };
        item.field(name).or_else(|| other.iter().find_map(|name| item.field(name)))
    };
    goods(&cell, &item.details, defaults)
}

/// `section:name:value` or `name:value`, between commas.
fn details(cell: Option<&str>) -> Vec<(String, String)> {
    let all = cell.unwrap_or_default().split(',').filter_map(|detail| {
        let (name, value) = detail.rsplit_once(':')?;
        let name = name.rsplit_once(':').map_or(name, |(_, name)| name);
        Some((name.to_owned(), value.to_owned()))
    });
    all.collect()
}

/// The goods of one record, whose fields `cell` finds.
fn goods<'a>(
    cell: &impl Fn(&str) -> Option<&'a str>,
    details: &[(String, String)],
    defaults: &ImportDefaults,
) -> Result<Goods, Fault> {
    let sku = field::sku(cell("id").unwrap_or_default())?;
    Fault::at(&sku, || numbered(sku.clone(), cell, details, defaults))
}

fn numbered<'a>(
    sku: Sku,
    cell: &impl Fn(&str) -> Option<&'a str>,
    details: &[(String, String)],
    defaults: &ImportDefaults,
) -> Result<Goods, Why> {
    Ok(Goods {
        sku,
        title: field::title(cell("title").unwrap_or_default())?,
        description: cell("description").and_then(field::prose),
        brand: cell("brand").and_then(field::one_line),
        gtins: cell("gtin").map(field::gtin).transpose()?.into_iter().collect(),
        price: price(cell("price"), defaults)?,
        category: category(cell("google_product_category"), cell("product_type")),
        attributes: attributes(cell, details),
        condition: cell("condition").map(field::condition).transpose()?,
        available: cell("availability").and_then(available),
        link: cell("link").and_then(field::one_line),
        feed: None,
        updated: defaults.now,
    })
}

fn price(cell: Option<&str>, defaults: &ImportDefaults) -> Result<Option<Money>, Why> {
    cell.map(|text| field::price(text, defaults.currency)).transpose()
}

/// Google's own category, by id or path, else the shop's; what cannot be mapped is left out.
pub(crate) fn category(google: Option<&str>, own: Option<&str>) -> Option<Slug> {
    let by_google = |text: &str| {
        let is_id = text.bytes().all(|b| b.is_ascii_digit());
        category::from_foreign(&if is_id { format!("google:{text}") } else { text.to_owned() })
    };
    google.and_then(by_google).or_else(|| own.and_then(field::free_category))
}

/// Only that there is none is told of stock.
fn available(cell: &str) -> Option<u64> {
    matches!(cell.to_lowercase().replace(' ', "_").as_str(), "out_of_stock").then_some(0)
}

fn attributes<'a>(cell: &impl Fn(&str) -> Option<&'a str>, details: &[(String, String)]) -> Vec<Attribute> {
    let mut attributes = Attributes::default();
    for name in ATTRIBUTES {
        match cell(name) {
            Some(value) if WORDS.contains(&name) => attributes.put_text(name, value),
            Some(value) => attributes.put_read(name, value),
            None => {}
        }
    }
    details.iter().for_each(|(name, value)| attributes.put_read(name, value));
    attributes.0
}
