//! Mapping: what the columns of a table of one's own mean, as its owner says it in TOML.

use std::collections::BTreeMap;
use std::io::BufRead;

use bespeak_model::attribute::{AttributeName, UnitWord};
use bespeak_model::category::{self, Slug};
use bespeak_model::intention::GoodsCondition;
use bespeak_model::money::Currency;
use bespeak_model::text::Text;
use encoding_rs::Encoding;
use serde::Deserialize;

use crate::import::intake::Intake;
use crate::import::lines::Lines;
use crate::import::table::Table;
use crate::import::{ImportDefaults, ImportError};

mod row;

/// The most bytes of a mapping. Source: wild guess, a thousand columns.
pub const MAX_MAPPING_BYTES: usize = 64 * 1024;

/// Why a mapping cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// Longer than any that means something.
    #[error("the mapping has more than {MAX_MAPPING_BYTES} bytes")]
    TooLong,
    /// It is not TOML, or says something that is not known.
    #[error("the mapping cannot be read: {0}")]
    Toml(String),
    /// A field that goods must have has no column.
    #[error("the mapping names no column for “{0}” under [columns]")]
    Missing(&'static str),
    /// A delimiter, a quote or a decimal sign that is none.
    #[error("“{0}” cannot stand for {1}; write one character")]
    Character(String, &'static str),
    /// An encoding that nobody knows.
    #[error(
        "“{0}” is no encoding; write utf-8, utf-16le, utf-16be, windows-1252, iso-8859-1 or another of the Encoding Standard"
    )]
    Encoding(String),
    /// A value that cannot be what it should be.
    #[error("under [{table}], “{key}”: {why}")]
    Value {
        /// Where it stands.
        table: &'static str,
        /// What it says something of.
        key: String,
        /// What is wrong with it.
        why: String,
    },
}

/// What the columns of a table mean; see `docs/catalogue.md`.
#[derive(Debug, Clone)]
pub struct Mapping {
    encoding: Option<&'static Encoding>,
    delimiter: char,
    quote: char,
    header: bool,
    decimal: char,
    minor_units: bool,
    currency: Option<Currency>,
    columns: ColumnsOf,
    constants: Constants,
    categories: BTreeMap<String, Slug>,
    attributes: Vec<AttributeOf>,
}

/// A column: by its name in the first line, or by its number from 1.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Column {
    Number(usize),
    Name(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    file: File,
    columns: ColumnsOf,
    #[serde(default)]
    price: PriceOf,
    #[serde(default)]
    constants: Said,
    #[serde(default)]
    categories: BTreeMap<String, String>,
    #[serde(default)]
    attributes: Vec<AttributeOf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    encoding: Option<String>,
    delimiter: String,
    quote: String,
    header: bool,
    decimal: String,
}

impl Default for File {
    fn default() -> Self {
        let (delimiter, quote, decimal) = (",".to_owned(), "\"".to_owned(), ".".to_owned());
        Self { encoding: None, delimiter, quote, header: true, decimal }
    }
}

/// Which column is which field.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ColumnsOf {
    sku: Option<Column>,
    title: Option<Column>,
    description: Option<Column>,
    brand: Option<Column>,
    gtin: Option<Column>,
    price: Option<Column>,
    currency: Option<Column>,
    category: Option<Column>,
    condition: Option<Column>,
    available: Option<Column>,
    link: Option<Column>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PriceOf {
    currency: Option<String>,
    minor_units: bool,
}

/// What is the same for all goods, as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Said {
    brand: Option<String>,
    category: Option<String>,
    condition: Option<String>,
    available: Option<u64>,
}

/// What is the same for all goods whose row does not say it.
#[derive(Debug, Clone, Default)]
struct Constants {
    brand: Option<Text<80>>,
    category: Option<Slug>,
    condition: Option<GoodsCondition>,
    available: Option<u64>,
}

/// A column that becomes an attribute, or a value that all goods have.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct AttributeOf {
    name: String,
    column: Option<Column>,
    value: Option<String>,
    unit: Option<String>,
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// When it is no TOML, says something that is not known, or what it says cannot be; see [`MappingError`].
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        if text.len() > MAX_MAPPING_BYTES {
            return Err(MappingError::TooLong);
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let written: Written =
            toml::from_str(text).map_err(|error| MappingError::Toml(error.to_string().trim().to_owned()))?;
        let Written { file, columns, price, constants, categories, attributes } = written;
        for (field, column) in [("sku", &columns.sku), ("title", &columns.title)] {
            column.as_ref().ok_or(MappingError::Missing(field))?;
        }
        attributes.iter().try_for_each(check_attribute)?;
        Ok(Self {
            encoding: file.encoding.as_deref().map(encoding).transpose()?,
            delimiter: delimiter(&file.delimiter)?,
            quote: one(&file.quote, "a quote")?,
            header: file.header,
            decimal: decimal(&file.decimal)?,
            minor_units: price.minor_units,
            currency: price.currency.as_deref().map(currency).transpose()?,
            columns,
            constants: constants.checked()?,
            categories: categories.into_iter().map(category_of).collect::<Result<_, _>>()?,
            attributes,
        })
    }

    /// The encoding it says the file has.
    pub(crate) fn encoding(&self) -> Option<&'static Encoding> {
        self.encoding
    }
}

fn encoding(label: &str) -> Result<&'static Encoding, MappingError> {
    let found = Encoding::for_label_no_replacement(label.as_bytes());
    found.ok_or_else(|| MappingError::Encoding(label.to_owned()))
}

fn one(text: &str, what: &'static str) -> Result<char, MappingError> {
    let mut all = text.chars();
    match (all.next(), all.next()) {
        (Some(c), None) if !c.is_alphanumeric() && c != '\n' && c != '\r' => Ok(c),
        _ => Err(MappingError::Character(text.to_owned(), what)),
    }
}

fn delimiter(text: &str) -> Result<char, MappingError> {
    if text == "tab" { Ok('\t') } else { one(text, "a delimiter") }
}

fn decimal(text: &str) -> Result<char, MappingError> {
    match text {
        "." => Ok('.'),
        "," => Ok(','),
        _ => Err(MappingError::Character(text.to_owned(), "a decimal sign")),
    }
}

fn currency(code: &str) -> Result<Currency, MappingError> {
    let wrong = |error| value("price", "currency", error);
    Currency::new(code).map_err(wrong)
}

fn value(table: &'static str, key: &str, why: impl ToString) -> MappingError {
    MappingError::Value { table, key: key.to_owned(), why: why.to_string() }
}

fn category_of((own, ours): (String, String)) -> Result<(String, Slug), MappingError> {
    let slug = category::parse(&ours).map_err(|error| value("categories", &own, error))?;
    Ok((own.trim().to_lowercase(), slug))
}

fn check_attribute(attribute: &AttributeOf) -> Result<(), MappingError> {
    let wrong = |why: &str| value("attributes", &attribute.name, why);
    if AttributeName::folded(&attribute.name).is_none() {
        return Err(wrong("a name has letters from a to z or digits"));
    }
    if attribute.unit.as_deref().is_some_and(|unit| UnitWord::new(unit).is_err()) {
        return Err(wrong("a unit is a short word that begins with a letter"));
    }
    if attribute.column.is_some() == attribute.value.is_some() {
        return Err(wrong("it has either a column or a value"));
    }
    Ok(())
}

impl Said {
    fn checked(self) -> Result<Constants, MappingError> {
        let Self { brand, category, condition, available } = self;
        let brand = brand.map(|text| Text::new(&text).map_err(|error| value("constants", "brand", error)));
        let category = category
            .map(|text| category::parse(&text).map_err(|error| value("constants", "category", error)));
        let condition = condition.map(|text| {
            let wrong = || value("constants", "condition", "it is new, refurbished or used");
            text.parse().map_err(|_| wrong())
        });
        Ok(Constants {
            brand: brand.transpose()?,
            category: category.transpose()?,
            condition: condition.transpose()?,
            available,
        })
    }
}

/// Reads every row.
pub(crate) fn read(
    mapping: &Mapping,
    lines: Lines<impl BufRead>,
    defaults: &ImportDefaults,
    intake: &mut Intake<'_>,
) -> Result<(), ImportError> {
    let mut table = Table::of(lines, mapping.delimiter, mapping.quote);
    let header = if mapping.header { table.header()? } else { Vec::new() };
    if mapping.header && header.is_empty() {
        return Ok(());
    }
    let rows = row::Rows::of(mapping, &header, defaults)?;
    while let Some((number, row)) = table.next()? {
        match row {
            Ok(cells) => intake.take(number, rows.goods(&cells)),
            Err(why) => intake.skip(number, why),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const LEAST: &str = "[columns]\nsku = \"a\"\ntitle = 2\n";

    #[test]
    fn the_least_is_a_number_and_a_title() {
        assert!(Mapping::parse(LEAST).is_ok());
        assert_eq!(Mapping::parse("[columns]\nsku = 1").unwrap_err(), MappingError::Missing("title"));
    }

    #[test]
    fn what_is_not_known_or_cannot_be_is_refused() {
        for wrong in [
            "[colums]\nsku = 1",
            "[file]\ndelimeter = \";\"",
            "[file]\ndelimiter = \"ab\"",
            "[file]\ndelimiter = \"x\"",
            "[file]\nencoding = \"ebcdic\"",
            "[file]\ndecimal = \";\"",
            "[price]\ncurrency = \"euro\"",
            "[price]\nunit = 1",
            "[constants]\ncategory = \"xyzzy\"",
            "[constants]\ncondition = \"odd\"",
            "[constants]\nbrand = \"\"",
            "[categories]\n\"Own\" = \"xyzzy\"",
            "[[attributes]]\nname = \"\"\ncolumn = 1",
            "[[attributes]]\nname = \"a\"",
            "[[attributes]]\nname = \"a\"\ncolumn = 1\nvalue = \"b\"",
            "[[attributes]]\nname = \"a\"\ncolumn = -1",
            "[[attributes]]\nname = \"a\"\ncolumn = 1\nunit = \"2x\"",
        ] {
            assert!(Mapping::parse(&format!("{LEAST}{wrong}")).is_err(), "{wrong}");
        }
        assert_eq!(Mapping::parse(&" ".repeat(100_000)).unwrap_err(), MappingError::TooLong);
    }
}
