//! Import: goods read from the files that shops have, line by line, so that a file of any size is read in
//! little memory, and a line that cannot be used is named and passed over.

use std::collections::HashMap;
use std::io::{self, Read};
use std::str::FromStr;

use bespeak_model::money::Currency;
use bespeak_model::time::Time;

use crate::goods::{Goods, Sku};

mod clean;
mod field;
mod icecat;
mod jsonl;
mod lines;
mod merchant;
mod skip;

pub use lines::MAX_LINE_BYTES;
pub use skip::Why;

use lines::{Line, Lines};

/// The most lines that are read of one file. Source: wild guess, ten times a chain with a million articles;
/// it keeps an endless file from being read for ever.
pub const MAX_LINES: u64 = 10_000_000;
/// The most skipped lines that a report names; the others are counted. Source: wild guess, more than a
/// person reads.
pub const MAX_NAMED: usize = 100;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Told from the first line that is not empty.
    #[default]
    Auto,
    /// One JSON object a line: our own plain shape, or Icecat's.
    Jsonl,
    /// Google Merchant's tab-separated columns, named in the first line.
    MerchantTsv,
}

/// A format that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a catalogue's format is auto, jsonl or merchant-tsv")]
pub struct UnknownFormat;

impl FromStr for Format {
    type Err = UnknownFormat;
    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        match text {
            "auto" => Ok(Self::Auto),
            "jsonl" => Ok(Self::Jsonl),
            "merchant-tsv" => Ok(Self::MerchantTsv),
            _ => Err(UnknownFormat),
        }
    }
}

/// What a file leaves unsaid.
#[derive(Debug, Clone, Copy)]
pub struct ImportDefaults {
    /// The currency of prices that name none.
    pub currency: Currency,
    /// When the file is read: what the goods' `updated` becomes.
    pub now: Time,
}

/// A line that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its number in the file, from 1.
    pub line: u64,
    /// What was wrong with it.
    pub why: Why,
}

/// What became of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Goods that were read and handed on.
    pub read: u64,
    /// The first [`MAX_NAMED`] lines that were passed over.
    pub skipped: Vec<Skipped>,
    /// How many lines were passed over in all.
    pub skipped_count: u64,
}

impl ImportReport {
    fn skip(&mut self, line: u64, why: Why) {
        self.skipped_count += 1;
        if self.skipped.len() < MAX_NAMED {
            self.skipped.push(Skipped { line, why });
        }
    }
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
    /// The first line is neither JSON nor a row of column names.
    #[error(
        "the file's format is not known; write one JSON object a line, or Google Merchant's columns with tabs"
    )]
    Format,
    /// A column without which nothing can be read.
    #[error("the first line names no column “{0}”")]
    Column(&'static str),
    /// More than [`MAX_LINES`] lines.
    #[error("the file has more than {MAX_LINES} lines; import it in parts")]
    TooLong,
}

/// Reads goods from `source`, plain or gzip, and hands each to `each`.
///
/// A line that cannot be used is reported with its number and reason, and the next is read. Of a number that
/// stands twice in the file, the first counts.
///
/// # Errors
/// When the source cannot be read, its format is not known, or it is too long; see [`ImportError`].
pub fn read(
    source: impl Read,
    format: Format,
    defaults: &ImportDefaults,
    mut each: impl FnMut(Goods),
) -> Result<ImportReport, ImportError> {
    let mut lines = Lines::open(source).map_err(|source| ImportError::Read { line: 0, source })?;
    let mut import = Import { report: ImportReport::default(), seen: HashMap::new(), each: &mut each };
    let mut reader: Option<Reader> = None;
    while let Some((number, line)) = lines.next()? {
        let text = match line {
            Line::Text(text) if text.trim().is_empty() => continue,
            Line::Text(text) => text,
            Line::Bad(why) => {
                import.report.skip(number, why);
                continue;
            }
        };
        match &reader {
            Some(reader) => import.take(number, reader.goods(text, defaults)),
            None => match reader.insert(Reader::open(format, text)?) {
                Reader::Merchant(_) => {}
                json @ Reader::Json => import.take(number, json.goods(text, defaults)),
            },
        }
    }
    Ok(import.report)
}

/// An import under way.
struct Import<'a, F> {
    report: ImportReport,
    /// On which line each number stood first.
    seen: HashMap<Sku, u64>,
    each: &'a mut F,
}

impl<F: FnMut(Goods)> Import<'_, F> {
    fn take(&mut self, line: u64, goods: Result<Goods, Why>) {
        let goods = match goods {
            Ok(goods) => goods,
            Err(why) => return self.report.skip(line, why),
        };
        if let Some(first) = self.seen.get(&goods.sku) {
            let first = *first;
            return self.report.skip(line, Why::Duplicate { sku: goods.sku, first });
        }
        self.seen.insert(goods.sku.clone(), line);
        self.report.read += 1;
        (self.each)(goods);
    }
}

/// How the lines of this file are read.
enum Reader {
    Json,
    Merchant(merchant::Columns),
}

impl Reader {
    /// The reader that the first line asks for; of the Merchant format that line holds the columns' names.
    fn open(format: Format, first: &str) -> Result<Self, ImportError> {
        match format {
            Format::Jsonl => Ok(Self::Json),
            Format::MerchantTsv => merchant::Columns::of(first).map(Self::Merchant),
            Format::Auto if first.trim_start().starts_with('{') => Ok(Self::Json),
            Format::Auto if first.contains('\t') => merchant::Columns::of(first).map(Self::Merchant),
            Format::Auto => Err(ImportError::Format),
        }
    }

    fn goods(&self, line: &str, defaults: &ImportDefaults) -> Result<Goods, Why> {
        match self {
            Self::Json => jsonl::goods(line, defaults),
            Self::Merchant(columns) => merchant::goods(columns, line, defaults),
        }
    }
}
