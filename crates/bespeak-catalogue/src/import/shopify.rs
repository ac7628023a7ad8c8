//! Shopify's export of products: one row a variant, those of one product joined by its handle. Only the first
//! row of a product says what all have in common; rows that bring nothing but a further picture are no goods.

use std::collections::{HashMap, VecDeque};
use std::io::BufRead;

use bespeak_model::attribute::Attribute;
use bespeak_model::gtin::{Gtin, GtinError};

use crate::goods::{Goods, Sku};
use crate::import::field::{self, Attributes};
use crate::import::intake::Intake;
use crate::import::lines::Lines;
use crate::import::merchant;
use crate::import::skip::{Fault, Why};
use crate::import::table::Table;
use crate::import::{ImportDefaults, ImportError};

/// Products remembered for variants that stand elsewhere in the file than right below. Source: wild guess; a
/// sorted export scatters the rows of one, and this many are some 12 MB.
const REMEMBERED: usize = 4_096;
/// How the only variant of a product without options is called.
const NO_OPTION: &str = "Default Title";

/// The columns of newer exports, and what they were called before; both are read.
const RENAMED: [(&str, &str); 19] = [
    ("url handle", "handle"),
    ("description", "body (html)"),
    ("sku", "variant sku"),
    ("barcode", "variant barcode"),
    ("price", "variant price"),
    ("option1 name", "option1 name"),
    ("inventory tracker", "variant inventory tracker"),
    ("inventory quantity", "variant inventory qty"),
    ("continue selling when out of stock", "variant inventory policy"),
    ("weight value (grams)", "variant grams"),
    ("published on online store", "published"),
    ("product type", "type"),
    ("product category", "product category"),
    ("google shopping / google product category", "google product category"),
    ("google shopping / mpn", "mpn"),
    ("google shopping / gender", "gender"),
    ("google shopping / age group", "age group"),
    ("google shopping / condition", "condition"),
    ("product vendor", "vendor"),
];

/// Columns that become attributes, and how they are called then.
const ATTRIBUTES: [(&str, &str); 5] = [
    ("type", "product_type"),
    ("tags", "tags"),
    ("mpn", "mpn"),
    ("gender", "gender"),
    ("age group", "age_group"),
];

/// Reads every row.
pub(crate) fn read(
    lines: Lines<impl BufRead>,
    defaults: &ImportDefaults,
    intake: &mut Intake<'_>,
) -> Result<(), ImportError> {
    let mut table = Table::of(lines, ',', '"');
    let columns = Columns::of(table.header()?)?;
    let mut products = Products::default();
    while let Some((number, cells)) = table.next()? {
        match cells {
            Err(why) => intake.skip(number, why),
            Ok(cells) => {
                if let Some(made) = products.goods(&Row { columns: &columns, cells: &cells }, defaults) {
                    intake.take(number, made);
                }
            }
        }
    }
    Ok(())
}

/// The columns' names, in lower case and as they were called first.
struct Columns {
    names: Vec<String>,
    /// Columns with values of the shop's own making, and how those are called.
    own: Vec<(usize, String)>,
}

impl Columns {
    fn of(header: Vec<String>) -> Result<Self, ImportError> {
        let named = |name: &String| {
            let lower = name.to_lowercase();
            RENAMED.iter().find(|(new, _)| *new == lower).map_or(lower, |(_, old)| (*old).to_owned())
        };
        let names: Vec<String> = header.iter().map(named).collect();
        for (needed, shown) in [("handle", "Handle"), ("title", "Title")] {
            if !names.is_empty() && !names.iter().any(|name| name == needed) {
                return Err(ImportError::Column(shown.to_owned()));
            }
        }
        // `Colour (product.metafields.shopify.color-pattern)`
        let own = names.iter().enumerate().filter_map(|(at, name)| {
            let (said, _) = name.split_once("(product.metafields.")?;
            Some((at, said.trim().to_owned()))
        });
        Ok(Self { own: own.collect(), names })
    }
}

struct Row<'a> {
    columns: &'a Columns,
    cells: &'a [String],
}

impl<'a> Row<'a> {
    fn cell(&self, name: &str) -> Option<&'a str> {
        let at = self.columns.names.iter().position(|column| column == name)?;
        self.at(at)
    }

    fn at(&self, at: usize) -> Option<&'a str> {
        self.cells.get(at).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// A number behind the apostrophe that keeps spreadsheets from changing it.
    fn number(&self, name: &str) -> Option<&'a str> {
        self.cell(name).map(|text| text.trim_start_matches('\'')).filter(|text| !text.is_empty())
    }

    fn option(&self, index: usize) -> Option<&'a str> {
        self.cell(&format!("option{index} value"))
    }

    fn options(&self) -> impl Iterator<Item = (usize, &'a str)> {
        (1..=3).filter_map(|index| Some((index, self.option(index)?)))
    }

    /// Does it bring goods, and not just a picture?
    fn is_variant(&self) -> bool {
        let said = ["title", "variant sku", "variant price", "variant barcode"];
        said.iter().any(|name| self.cell(name).is_some()) || self.options().next().is_some()
    }
}

/// What all variants of a product have in common.
#[derive(Clone)]
struct Product {
    /// The goods without what is a variant's own.
    common: Goods,
    option_names: [Option<String>; 3],
    not_for_sale: Option<&'static str>,
}

/// The products of the file, as far back as is remembered.
#[derive(Default)]
struct Products {
    by_handle: HashMap<String, Result<Product, Why>>,
    order: VecDeque<String>,
}

impl Products {
    /// The goods of a row; `None` where it has none.
    fn goods(&mut self, row: &Row<'_>, defaults: &ImportDefaults) -> Option<Result<Goods, Fault>> {
        if !row.is_variant() {
            return None;
        }
        let Some(handle) = row.cell("handle") else { return Some(Err(Why::Missing("handle").into())) };
        if row.cell("title").is_some() {
            self.remember(handle, Product::of(row, defaults));
        }
        Some(variant(handle, self.by_handle.get(handle), row, defaults))
    }

    fn remember(&mut self, handle: &str, product: Result<Product, Why>) {
        if self.by_handle.insert(handle.to_owned(), product).is_none() {
            self.order.push_back(handle.to_owned());
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_handle.remove(&oldest);
        }
    }
}

impl Product {
    fn of(row: &Row<'_>, defaults: &ImportDefaults) -> Result<Self, Why> {
        let mut attributes = Attributes::default();
        for (column, name) in ATTRIBUTES {
            row.cell(column).into_iter().for_each(|value| attributes.put_text(name, value));
        }
        for (at, name) in &row.columns.own {
            row.at(*at).into_iter().for_each(|value| attributes.put_read(name, value));
        }
        let category = merchant::category(row.cell("google product category"), row.cell("product category"));
        let common = Goods {
            // Each variant has its own; this one is never seen.
            sku: field::sku("-")?,
            title: field::title(row.cell("title").unwrap_or_default())?,
            description: row.cell("body (html)").and_then(field::prose),
            brand: row.cell("vendor").and_then(field::one_line),
            gtins: Vec::new(),
            price: None,
            category: category.or_else(|| row.cell("type").and_then(field::free_category)),
            attributes: attributes.0,
            condition: row.cell("condition").map(field::condition).transpose()?,
            available: None,
            link: None,
            feed: None,
            updated: defaults.now,
        };
        let option_names = [1, 2, 3].map(|index| row.cell(&format!("option{index} name")).map(str::to_owned));
        Ok(Self { common, option_names, not_for_sale: not_for_sale(row) })
    }
}

fn not_for_sale(row: &Row<'_>) -> Option<&'static str> {
    match row.cell("status").map(str::to_lowercase).as_deref() {
        Some("draft") => return Some("it is a draft"),
        Some("archived") => return Some("it is archived"),
        Some("unlisted") => return Some("it is not listed"),
        _ => {}
    }
    row.cell("published")
        .is_some_and(|text| text.eq_ignore_ascii_case("false"))
        .then_some("it is not published")
}

fn variant(
    handle: &str,
    product: Option<&Result<Product, Why>>,
    row: &Row<'_>,
    defaults: &ImportDefaults,
) -> Result<Goods, Fault> {
    let sku = sku(handle, row)?;
    Fault::at(&sku, || {
        let product = product.ok_or(Why::Missing("title: no row of this handle has one"))?.as_ref();
        let product = product.map_err(Why::clone)?;
        if let Some(why) = product.not_for_sale {
            return Err(Why::NotForSale(why));
        }
        let mut goods = Goods { sku: sku.clone(), ..product.common.clone() };
        goods.price =
            row.number("variant price").map(|text| field::price(text, defaults.currency)).transpose()?;
        goods.available = available(row)?;
        let mut attributes = Attributes::default();
        options(product, row, &mut attributes);
        goods.gtins = barcode(row, &mut attributes)?.into_iter().collect();
        weight(row, &mut attributes);
        goods.attributes.drain(..).for_each(|attribute: Attribute| attributes.put(attribute));
        goods.attributes = attributes.0;
        Ok(goods)
    })
}

/// The variant's number, or where it has none the handle with the options.
fn sku(handle: &str, row: &Row<'_>) -> Result<Sku, Why> {
    match row.number("variant sku") {
        Some(sku) => field::sku(sku),
        None => {
            let options = row.options().filter(|(_, value)| *value != NO_OPTION);
            field::sku(&options.fold(handle.to_owned(), |name, (_, value)| format!("{name}/{value}")))
        }
    }
}

fn options(product: &Product, row: &Row<'_>, attributes: &mut Attributes) {
    for (index, value) in row.options().filter(|(_, value)| *value != NO_OPTION) {
        let own = row.cell(&format!("option{index} name"));
        let common = product.option_names.get(index - 1).and_then(Option::as_deref);
        let fallback = format!("option{index}");
        attributes.put_read(own.or(common).unwrap_or(&fallback), value);
    }
}

/// What is counted, and not sold on when it is out of stock.
fn available(row: &Row<'_>) -> Result<Option<u64>, Why> {
    let sold_on = row.cell("variant inventory policy").map(str::to_lowercase);
    let sold_on = sold_on.is_some_and(|text| matches!(text.as_str(), "continue" | "true"));
    let Some(count) = row.cell("variant inventory qty").filter(|_| !sold_on) else { return Ok(None) };
    if row.cell("variant inventory tracker").is_none() {
        return Ok(None);
    }
    let count: i64 =
        count.parse().map_err(|_| Why::Kind { field: "inventory quantity", expected: "a whole number" })?;
    // Shopify counts below nothing where more was sold than there was.
    Ok(Some(u64::try_from(count).unwrap_or_default()))
}

/// A bar code is a GTIN where it has the form of one; then its check digit must be right. Others are kept as
/// they stand.
fn barcode(row: &Row<'_>, attributes: &mut Attributes) -> Result<Option<Gtin>, Why> {
    let Some(code) = row.number("variant barcode") else { return Ok(None) };
    match field::gtin(code) {
        Err(Why::Gtin(GtinError::Form(_))) => {
            attributes.put_text("barcode", code);
            Ok(None)
        }
        other => other.map(Some),
    }
}

fn weight(row: &Row<'_>, attributes: &mut Attributes) {
    if let Some(grams) =
        row.cell("variant grams").filter(|grams| grams.bytes().any(|b| matches!(b, b'1'..=b'9')))
    {
        attributes.put_read("weight", &format!("{grams} g"));
    }
}
