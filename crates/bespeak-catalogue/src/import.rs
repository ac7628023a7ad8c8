//! Import: goods read from the files that shops have, record by record, so that a file of any size is read in
//! little memory, and a record that cannot be used is named and passed over.
//!
//! [`Import`] says how a file is to be read and reads it; the modules below each know one form.

use std::io::{self, Read};

use bespeak_model::money::Currency;
use bespeak_model::time::Time;

use crate::goods::{Feed, Goods, Sku};

mod clean;
mod field;
mod format;
mod icecat;
mod intake;
mod json_ld;
mod jsonl;
mod lines;
mod mapping;
mod markup;
mod merchant;
mod seen;
mod shopify;
mod skip;
mod source;
mod table;

pub use format::{Format, UnknownFormat};
pub use json_ld::MAX_DOCUMENT_BYTES;
pub use lines::MAX_LINE_BYTES;
pub use mapping::{MAX_MAPPING_BYTES, Mapping, MappingError};
pub use seen::Seen;
pub use skip::Why;

use intake::Intake;
use lines::Lines;
use source::Source;

/// The most lines that are read of one file. Source: wild guess, ten times a chain with a million articles;
/// it keeps an endless file from being read for ever.
pub const MAX_LINES: u64 = 10_000_000;
/// The most skipped records that a report names; the others are counted. Source: wild guess, more than a
/// person reads.
pub const MAX_NAMED: usize = 100;

/// What a file leaves unsaid.
#[derive(Debug, Clone, Copy)]
pub struct ImportDefaults {
    /// The currency of prices that name none.
    pub currency: Currency,
    /// When the file is read: what the goods' `updated` becomes.
    pub now: Time,
}

/// How a file is to be read.
#[derive(Debug, Clone)]
pub struct Import<'a> {
    /// How it is written.
    pub format: Format,
    /// What it is called; tells the format where its content does not.
    pub name: Option<&'a str>,
    /// What its columns mean: for [`Format::Csv`], which [`Format::Auto`] becomes where this is given.
    pub mapping: Option<&'a Mapping>,
    /// Which feed it is: what the goods' `feed` becomes.
    pub feed: Option<Feed>,
    /// What it leaves unsaid.
    pub defaults: ImportDefaults,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read of the file as it lies there: packed, if it is packed.
    pub bytes: u64,
    /// Goods read.
    pub read: u64,
    /// Records passed over.
    pub skipped: u64,
}

/// A record that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The number of its first line in the file, from 1.
    pub line: u64,
    /// The goods' number, where it could be read.
    pub sku: Option<Sku>,
    /// What was wrong with it.
    pub why: Why,
}

/// What became of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Goods that were read and handed on.
    pub read: u64,
    /// The first [`MAX_NAMED`] records that were passed over.
    pub skipped: Vec<Skipped>,
    /// How many records were passed over in all.
    pub skipped_count: u64,
    /// How many of those may be about goods whose number could not be read.
    pub unnamed: u64,
    /// The numbers of all goods in the file, usable or not.
    pub seen: Seen,
}

/// Why a file cannot be read, or no further. Goods that were handed on before stay handed on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file broke off: a damaged gzip, a failing disk.
    #[error("the file cannot be read beyond line {line}: {source}")]
    Read {
        /// The last line that was read whole.
        line: u64,
        /// What happened.
        source: io::Error,
    },
    /// The file ends before what it began is ended: a download that was cut off.
    #[error("the file breaks off at line {line}: {what} is not ended")]
    BrokenOff {
        /// The last line.
        line: u64,
        /// What is not ended.
        what: &'static str,
    },
    /// Nothing tells how the file is written.
    #[error(
        "the file's format is not known; give JSON lines, Google Merchant's columns or XML, Shopify's columns, \
         schema.org JSON-LD, or say with a mapping file what the columns mean"
    )]
    Format,
    /// Text in an encoding that nothing in the file names.
    #[error("the file looks like {0} without a mark that says so; save it as UTF-8")]
    Encoding(&'static str),
    /// A column without which nothing can be read.
    #[error("the first line names no column “{0}”")]
    Column(String),
    /// The format needs to be told what the columns mean.
    #[error("of a CSV file of one's own a mapping file must say what the columns mean")]
    NoMapping,
    /// A JSON document of more than [`MAX_DOCUMENT_BYTES`].
    #[error(
        "the JSON document on line {line} has more than {MAX_DOCUMENT_BYTES} bytes; write JSON lines, or divide it"
    )]
    Document {
        /// Where it begins.
        line: u64,
    },
    /// More than [`MAX_LINES`] lines.
    #[error("the file has more than {MAX_LINES} lines; import it in parts")]
    TooLong,
}

impl<'a> Import<'a> {
    /// A file of which nothing is said but what it leaves unsaid itself.
    pub fn new(defaults: ImportDefaults) -> Self {
        Self { format: Format::Auto, name: None, mapping: None, feed: None, defaults }
    }

    /// Reads goods from `source`, plain or gzip, and hands each to `each`; tells `progress` now and then.
    ///
    /// A record that cannot be used is reported with its line and reason, and the next is read. Of a number
    /// that stands twice in the file, the first counts.
    ///
    /// # Errors
    /// When the source cannot be read or breaks off, its format is not known, or it is too long; see
    /// [`ImportError`].
    pub fn read(
        &self,
        source: impl Read,
        mut each: impl FnMut(Goods),
        mut progress: impl FnMut(Progress),
    ) -> Result<ImportReport, ImportError> {
        let source = Source::open(source, self.mapping.and_then(Mapping::encoding))?;
        let format = self.found(&source);
        let mut intake = Intake::new(&source, self.feed.clone(), &mut each, &mut progress);
        let text = source.text;
        match format {
            Format::Auto => {
                return if intake.is_blank(text)? { Ok(intake.end()) } else { Err(ImportError::Format) };
            }
            Format::Jsonl => jsonl::read(Lines::of(text), &self.defaults, &mut intake)?,
            Format::MerchantTsv => merchant::read_tsv(Lines::of(text), &self.defaults, &mut intake)?,
            Format::MerchantXml => merchant::read_xml(text, &self.defaults, &mut intake)?,
            Format::ShopifyCsv => shopify::read(Lines::of(text), &self.defaults, &mut intake)?,
            Format::JsonLd => json_ld::read(text, &self.defaults, &mut intake)?,
            Format::Csv => {
                let mapping = self.mapping.ok_or(ImportError::NoMapping)?;
                mapping::read(mapping, Lines::of(text), &self.defaults, &mut intake)?;
            }
        }
        Ok(intake.end())
    }

    /// The format: the one that was said, else told by a mapping, the content, the name.
    fn found(&self, source: &Source<'_>) -> Format {
        match (self.format, self.mapping) {
            (Format::Auto, Some(_)) => Format::Csv,
            (Format::Auto, None) => {
                let told = Format::of_head(&source.head());
                told.or_else(|| Format::of_name(self.name?)).unwrap_or(Format::Auto)
            }
            (format, _) => format,
        }
    }
}

/// Reads goods from `source`, plain or gzip, and hands each to `each`: [`Import::read`] without more ado.
///
/// # Errors
/// As [`Import::read`].
pub fn read(
    source: impl Read,
    format: Format,
    defaults: &ImportDefaults,
    each: impl FnMut(Goods),
) -> Result<ImportReport, ImportError> {
    Import { format, ..Import::new(*defaults) }.read(source, each, |_| {})
}
