//! Google Merchant's tab-separated feed: the first line names the columns, in any order; unknown ones are
//! passed over.

use bespeak_model::attribute::Attribute;
use bespeak_model::category::{self, Slug};
use bespeak_model::money::Money;

use crate::goods::Goods;
use crate::import::field::{self, Attributes};
use crate::import::skip::Why;
use crate::import::{ImportDefaults, ImportError};

/// Columns that become attributes of the same name.
const ATTRIBUTES: [&str; 12] = [
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
];

/// Where each column stands.
#[derive(Debug)]
pub(crate) struct Columns(Vec<String>);

impl Columns {
    /// The columns that the first line names; fails without `id` and `title`.
    pub(crate) fn of(line: &str) -> Result<Self, ImportError> {
        let row = row(line).map_err(|_| ImportError::Format)?;
        let names: Vec<String> =
            row.iter().map(|name| name.trim().to_lowercase().replace(' ', "_")).collect();
        for needed in ["id", "title"] {
            if !names.iter().any(|name| name == needed) {
                return Err(ImportError::Column(needed));
            }
        }
        Ok(Self(names))
    }
}

/// The cells of a row, quoted or not.
fn row(line: &str) -> Result<csv::StringRecord, Why> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .has_headers(false)
        .flexible(true)
        .from_reader(line.as_bytes());
    let mut row = csv::StringRecord::new();
    reader.read_record(&mut row).map_err(|error| Why::Row(error.to_string()))?;
    Ok(row)
}

/// The goods of one row.
pub(crate) fn goods(columns: &Columns, line: &str, defaults: &ImportDefaults) -> Result<Goods, Why> {
    let row = row(line)?;
    let cell = |name: &str| {
        let at = columns.0.iter().position(|column| column == name)?;
        row.get(at).map(str::trim).filter(|text| !text.is_empty())
    };
    if row.len() > columns.0.len() {
        return Err(Why::Row(format!("it has {} cells for {} columns", row.len(), columns.0.len())));
    }
    Ok(Goods {
        sku: field::sku(cell("id").unwrap_or_default())?,
        title: field::title(cell("title").unwrap_or_default())?,
        description: cell("description").and_then(field::prose),
        brand: cell("brand").and_then(field::one_line),
        gtins: cell("gtin").map(field::gtin).transpose()?.into_iter().collect(),
        price: price(cell("price"), defaults)?,
        category: category(cell("google_product_category"), cell("product_type")),
        attributes: attributes(&cell),
        condition: cell("condition").map(field::condition).transpose()?,
        available: cell("availability").and_then(available),
        link: cell("link").and_then(field::one_line),
        updated: defaults.now,
    })
}

fn price(cell: Option<&str>, defaults: &ImportDefaults) -> Result<Option<Money>, Why> {
    cell.map(|text| field::price(text, defaults.currency)).transpose()
}

/// Google's own category, by id or path, else the shop's; what cannot be mapped is left out.
fn category(google: Option<&str>, own: Option<&str>) -> Option<Slug> {
    let by_google = |text: &str| {
        let is_id = text.bytes().all(|b| b.is_ascii_digit());
        category::from_foreign(&if is_id { format!("google:{text}") } else { text.to_owned() })
    };
    google.and_then(by_google).or_else(|| own.and_then(category::from_foreign))
}

/// Only that there is none is told of stock.
fn available(cell: &str) -> Option<u64> {
    matches!(cell.to_lowercase().replace(' ', "_").as_str(), "out_of_stock").then_some(0)
}

fn attributes<'a>(cell: &impl Fn(&str) -> Option<&'a str>) -> Vec<Attribute> {
    let mut attributes = Attributes::default();
    for name in ATTRIBUTES {
        match cell(name) {
            // A maker's number is never a quantity, even where it is all digits.
            Some(value) if matches!(name, "mpn" | "product_type") => attributes.put_text(name, value),
            Some(value) => attributes.put_read(name, value),
            None => {}
        }
    }
    attributes.0
}
