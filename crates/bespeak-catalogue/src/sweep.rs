//! Sweep: what a feed that is the whole stock removes. A plan only; whoever keeps the goods carries it out.

use crate::catalogue::Catalogue;
use crate::goods::{Feed, Sku};
use crate::import::ImportReport;

/// The share of a feed's goods that may go without a question: one in this many. Source: wild guess; half a
/// stock is not sold out between two feeds, and half a file is what a bad day at its maker looks like.
const MOST: usize = 2;

/// A run of a feed that is the whole stock: begun before its goods are taken in, ended after the last.
#[derive(Debug, Clone)]
pub struct Sweep {
    feed: Feed,
    before: usize,
}

/// Why nothing is removed, unless the owner confirms it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SweepRefusal {
    /// The feed has no goods at all.
    #[error("the feed holds no goods, and all {gone} that came from it would be removed")]
    Empty {
        /// How many would go.
        gone: usize,
    },
    /// More than half of what came from it would go.
    #[error(
        "{gone} of the {before} goods that came from this feed are no longer in it; more than half would be removed"
    )]
    TooMany {
        /// How many would go.
        gone: usize,
        /// How many came from the feed before.
        before: usize,
    },
    /// Records that could not be read may be about the goods that would go.
    #[error(
        "{gone} goods are not found in the feed, but the numbers of {unread} of its records cannot be read"
    )]
    Unread {
        /// How many would go.
        gone: usize,
        /// How many records have no readable number.
        unread: u64,
    },
}

impl Sweep {
    /// Begins a run: notes how many goods came from this feed before.
    pub fn begin(catalogue: &Catalogue, feed: Feed) -> Self {
        let before = of_feed(catalogue, &feed).count();
        Self { feed, before }
    }

    /// The goods to remove: those that came from this feed and are not in it any more. What came from other
    /// feeds, or by hand, stays; so do goods whose record in the feed could not be used.
    ///
    /// A feed that broke off has no report, and removes nothing.
    ///
    /// # Errors
    /// When the feed is empty, more than half of its goods would go, or some of its records could not be read
    /// at all, and the owner has not `confirmed` that.
    pub fn end(
        &self,
        catalogue: &Catalogue,
        report: &ImportReport,
        confirmed: bool,
    ) -> Result<Vec<Sku>, SweepRefusal> {
        let missing = of_feed(catalogue, &self.feed).filter(|sku| !report.seen.contains(sku));
        let gone: Vec<Sku> = missing.cloned().collect();
        match self.doubt(gone.len(), report) {
            Some(doubt) if !confirmed => Err(doubt),
            _ => Ok(gone),
        }
    }

    fn doubt(&self, gone: usize, report: &ImportReport) -> Option<SweepRefusal> {
        if gone == 0 {
            return None;
        }
        if report.seen.is_empty() {
            return Some(SweepRefusal::Empty { gone });
        }
        if gone > self.before / MOST {
            return Some(SweepRefusal::TooMany { gone, before: self.before });
        }
        (report.unnamed > 0).then_some(SweepRefusal::Unread { gone, unread: report.unnamed })
    }
}

fn of_feed<'a>(catalogue: &'a Catalogue, feed: &'a Feed) -> impl Iterator<Item = &'a Sku> {
    catalogue.iter().filter(|goods| goods.feed.as_ref() == Some(feed)).map(|goods| &goods.sku)
}
