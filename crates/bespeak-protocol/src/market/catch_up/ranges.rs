//! Comparing by ranges: negentropy's words, kept in one place.

use negentropy::{Id, Negentropy, NegentropyStorageVector};

use super::limits::MAX_RANGES;
use crate::market::live::{Digest, Live};

/// A comparison that is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no comparison: {0}")]
pub struct RangesError(String);

impl From<negentropy::Error> for RangesError {
    fn from(error: negentropy::Error) -> Self {
        Self(error.to_string())
    }
}

fn names(live: &[&Live], topic: &str) -> Result<NegentropyStorageVector, RangesError> {
    let mut names = NegentropyStorageVector::new();
    for (at, digest) in live.iter().flat_map(|live| live.of(topic)) {
        names.insert(at.unix(), Id::from_byte_array(*digest))?;
    }
    names.seal()?;
    Ok(names)
}

/// Answers a comparison of a topic.
///
/// # Errors
/// When the bytes are not negentropy's.
pub fn compare(live: &[&Live], topic: &str, ranges: &[u8]) -> Result<Vec<u8>, RangesError> {
    Ok(Negentropy::owned(names(live, topic)?, MAX_RANGES as u64)?.reconcile(ranges)?)
}

/// The asking side of one comparison.
#[derive(Debug)]
pub(super) struct Comparison(Negentropy<'static, NegentropyStorageVector>);

impl Comparison {
    /// Compares what is had of a topic; with what is to be asked first.
    pub(super) fn begin(live: &[&Live], topic: &str) -> Result<(Self, Vec<u8>), RangesError> {
        let mut comparison = Negentropy::owned(names(live, topic)?, MAX_RANGES as u64)?;
        let first = comparison.initiate()?;
        Ok((Self(comparison), first))
    }

    /// Goes on with an answer; adds what turns out to be missing, and says what to ask next, if anything.
    pub(super) fn go_on(
        &mut self,
        ranges: &[u8],
        missing: &mut Vec<Digest>,
    ) -> Result<Option<Vec<u8>>, RangesError> {
        let (mut had, mut needed) = (Vec::new(), Vec::new());
        let next = self.0.reconcile_with_ids(ranges, &mut had, &mut needed)?;
        // They come out of a table whose order is chance.
        needed.sort_unstable();
        missing.extend(needed.iter().map(|id| **id));
        Ok(next)
    }
}
