//! Intake: what is done with each record, whatever form it came in.

use std::cell::Cell;
use std::io::BufRead;
use std::rc::Rc;

use crate::goods::{Feed, Goods};
use crate::import::lines::{Line, Lines};
use crate::import::skip::{Fault, Why};
use crate::import::source::Source;
use crate::import::{ImportError, ImportReport, MAX_NAMED, Progress, Skipped};

/// Bytes of a file between two words of progress. Source: wild guess; a gigabyte says four thousand.
const STEP: u64 = 256 * 1024;

/// An import under way.
pub(crate) struct Intake<'a> {
    report: ImportReport,
    feed: Option<Feed>,
    each: &'a mut dyn FnMut(Goods),
    progress: &'a mut dyn FnMut(Progress),
    bytes: Rc<Cell<u64>>,
    told: u64,
}

impl<'a> Intake<'a> {
    pub(crate) fn new(
        source: &Source<'_>,
        feed: Option<Feed>,
        each: &'a mut dyn FnMut(Goods),
        progress: &'a mut dyn FnMut(Progress),
    ) -> Self {
        let bytes = Rc::clone(&source.bytes);
        Self { report: ImportReport::default(), feed, each, progress, bytes, told: 0 }
    }

    /// Takes what a record was made into.
    pub(crate) fn take(&mut self, line: u64, made: Result<Goods, Fault>) {
        match made {
            Ok(goods) => self.put(line, goods),
            Err(fault) => self.skip(line, fault),
        }
        if self.bytes.get() - self.told >= STEP {
            self.tell();
        }
    }

    fn put(&mut self, line: u64, mut goods: Goods) {
        if let Err(first) = self.report.seen.take(&goods.sku, line) {
            let why = Why::Duplicate { sku: goods.sku.clone(), first };
            return self.skip(line, Fault { sku: Some(goods.sku), why });
        }
        self.report.read += 1;
        goods.feed.clone_from(&self.feed);
        (self.each)(goods);
    }

    /// Passes a record over.
    pub(crate) fn skip(&mut self, line: u64, fault: impl Into<Fault>) {
        let Fault { sku, why } = fault.into();
        match &sku {
            // What the shop does not sell is not among its goods.
            Some(_) if matches!(why, Why::NotForSale(_)) => {}
            Some(sku) => self.report.seen.note(sku),
            None => self.report.unnamed += u64::from(why.hides_number()),
        }
        self.report.skipped_count += 1;
        if self.report.skipped.len() < MAX_NAMED {
            self.report.skipped.push(Skipped { line, sku, why });
        }
    }

    /// Was there neither goods nor anything to pass over?
    pub(crate) fn is_empty(&self) -> bool {
        self.report.read == 0 && self.report.skipped_count == 0
    }

    fn tell(&mut self) {
        self.told = self.bytes.get();
        let ImportReport { read, skipped_count: skipped, .. } = self.report;
        (self.progress)(Progress { bytes: self.told, read, skipped });
    }

    /// Is there nothing but space in this text?
    pub(crate) fn is_blank(&mut self, text: impl BufRead) -> Result<bool, ImportError> {
        let mut lines = Lines::of(text);
        while let Some((_, line)) = lines.next()? {
            if !matches!(line, Line::Text(text) if text.trim().is_empty()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// All is read.
    pub(crate) fn end(mut self) -> ImportReport {
        self.tell();
        self.report
    }
}
