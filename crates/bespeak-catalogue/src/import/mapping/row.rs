//! A row read by a mapping.

use bespeak_model::attribute::Attribute;
use bespeak_model::category::Slug;
use bespeak_model::money::{Currency, Money};

use super::{AttributeOf, Column, ColumnsOf, Mapping};
use crate::goods::{Goods, Sku};
use crate::import::field::{self, Attributes};
use crate::import::skip::{Fault, Why};
use crate::import::{ImportDefaults, ImportError};

/// Where each column stands in this file.
pub(super) struct Rows<'a> {
    mapping: &'a Mapping,
    defaults: &'a ImportDefaults,
    columns: Places,
    attributes: Vec<(&'a AttributeOf, Option<usize>)>,
}

/// The places of a row, from 0.
struct Places {
    sku: Option<usize>,
    title: Option<usize>,
    description: Option<usize>,
    brand: Option<usize>,
    gtin: Option<usize>,
    price: Option<usize>,
    currency: Option<usize>,
    category: Option<usize>,
    condition: Option<usize>,
    available: Option<usize>,
    link: Option<usize>,
}

impl<'a> Rows<'a> {
    /// Finds the columns in the first line.
    ///
    /// # Errors
    /// When a column that the mapping names is not there.
    pub(super) fn of(
        mapping: &'a Mapping,
        header: &[String],
        defaults: &'a ImportDefaults,
    ) -> Result<Self, ImportError> {
        let place = |column: &Option<Column>| column.as_ref().map(|one| place(one, header)).transpose();
        let columns = Places::of(&mapping.columns, place)?;
        let attributes = mapping.attributes.iter().map(|one| Ok((one, place(&one.column)?)));
        let attributes = attributes.collect::<Result<_, ImportError>>()?;
        Ok(Self { mapping, defaults, columns, attributes })
    }

    /// The goods of a row.
    pub(super) fn goods(&self, row: &[String]) -> Result<Goods, Fault> {
        let sku = field::sku(cell(row, self.columns.sku).unwrap_or_default())?;
        Fault::at(&sku, || self.numbered(sku.clone(), row))
    }

    fn numbered(&self, sku: Sku, row: &[String]) -> Result<Goods, Why> {
        let (columns, constants) = (&self.columns, &self.mapping.constants);
        let said = |at: Option<usize>| cell(row, at);
        let condition = said(columns.condition).map(field::condition).transpose()?;
        Ok(Goods {
            sku,
            title: field::title(said(columns.title).unwrap_or_default())?,
            description: said(columns.description).and_then(field::prose),
            brand: said(columns.brand).and_then(field::one_line).or_else(|| constants.brand.clone()),
            gtins: said(columns.gtin).map(field::gtin).transpose()?.into_iter().collect(),
            price: said(columns.price).map(|text| self.price(text, row)).transpose()?,
            category: said(columns.category)
                .and_then(|text| self.category(text))
                .or_else(|| constants.category.clone()),
            attributes: self.attributes(row),
            condition: condition.or(constants.condition),
            available: self.available(said(columns.available))?.or(constants.available),
            link: said(columns.link).and_then(field::one_line),
            feed: None,
            updated: self.defaults.now,
        })
    }

    fn price(&self, text: &str, row: &[String]) -> Result<Money, Why> {
        let currency = match cell(row, self.columns.currency) {
            Some(code) => Currency::new(&code.to_uppercase())?,
            None => self.mapping.currency.unwrap_or(self.defaults.currency),
        };
        let number = self.number(text);
        if self.mapping.minor_units {
            let expected = "a whole number of the currency's smallest unit";
            let amount = number.parse().map_err(|_| Why::Kind { field: "price", expected })?;
            return field::minor_units(amount, currency);
        }
        field::price(&number, currency)
    }

    /// A number with a point, without what divides thousands.
    fn number(&self, text: &str) -> String {
        let thousands = if self.mapping.decimal == ',' { '.' } else { ',' };
        let kept =
            text.chars().filter(|c| *c != thousands && !matches!(c, '\'' | '’' | '\u{a0}' | '\u{202f}'));
        let number: String = kept.map(|c| if c == self.mapping.decimal { '.' } else { c }).collect();
        let spaced = number.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b' '));
        if spaced { number.replace(' ', "") } else { number }
    }

    fn category(&self, text: &str) -> Option<Slug> {
        let own = self.mapping.categories.get(&text.trim().to_lowercase());
        own.cloned().or_else(|| field::free_category(text))
    }

    /// A count, or words for some and none.
    fn available(&self, text: Option<&str>) -> Result<Option<u64>, Why> {
        let Some(text) = text else { return Ok(None) };
        match text.to_lowercase().replace(' ', "_").as_str() {
            "yes" | "true" | "in_stock" => return Ok(None),
            "no" | "false" | "out_of_stock" => return Ok(Some(0)),
            _ => {}
        }
        let number = self.number(text);
        let whole = number.split('.').next().unwrap_or_default();
        let rest = number.get(whole.len()..).unwrap_or_default();
        let expected = "a whole number, yes or no";
        let wrong = || Why::Kind { field: "available", expected };
        if !rest.bytes().all(|b| matches!(b, b'.' | b'0')) {
            return Err(wrong());
        }
        // A shop that sold more than it had has none.
        let count: i64 = whole.parse().map_err(|_| wrong())?;
        Ok(Some(u64::try_from(count).unwrap_or_default()))
    }

    fn attributes(&self, row: &[String]) -> Vec<Attribute> {
        let mut attributes = Attributes::default();
        for (attribute, at) in &self.attributes {
            let said = cell(row, *at).or(attribute.value.as_deref());
            let Some(said) = said else { continue };
            let number = Some(self.number(said)).filter(|number| is_number(number));
            match (number, &attribute.unit) {
                (Some(number), Some(unit)) => attributes.put_measure(&attribute.name, &number, unit),
                (Some(number), None) => attributes.put_read(&attribute.name, &number),
                (None, _) => attributes.put_read(&attribute.name, said),
            }
        }
        attributes.0
    }
}

impl Places {
    fn of(
        columns: &ColumnsOf,
        place: impl Fn(&Option<Column>) -> Result<Option<usize>, ImportError>,
    ) -> Result<Self, ImportError> {
        Ok(Self {
            sku: place(&columns.sku)?,
            title: place(&columns.title)?,
            description: place(&columns.description)?,
            brand: place(&columns.brand)?,
            gtin: place(&columns.gtin)?,
            price: place(&columns.price)?,
            currency: place(&columns.currency)?,
            category: place(&columns.category)?,
            condition: place(&columns.condition)?,
            available: place(&columns.available)?,
            link: place(&columns.link)?,
        })
    }
}

/// Where a column stands.
fn place(column: &Column, header: &[String]) -> Result<usize, ImportError> {
    let missing = |name: String| ImportError::Column(name);
    match column {
        Column::Number(number) => {
            let at = number.checked_sub(1).filter(|at| header.is_empty() || *at < header.len());
            at.ok_or_else(|| missing(number.to_string()))
        }
        Column::Name(name) => {
            let asked = name.trim().to_lowercase();
            let found = header.iter().position(|one| one.to_lowercase() == asked);
            found.ok_or_else(|| missing(name.clone()))
        }
    }
}

fn cell(row: &[String], at: Option<usize>) -> Option<&str> {
    row.get(at?).map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}
