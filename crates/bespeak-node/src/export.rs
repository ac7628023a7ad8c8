//! Everything an owner holds, in files that leave and come back.

pub use bespeak_export::{
    File, MAX_EXPORT,
    archive::{MEDIA_TYPE, pack, unpack},
    folder, json_ld,
};
use serde::Serialize;

/// What came of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TakenIn {
    /// What was not here before: records, personal data, goods.
    pub added: u64,
    /// What was here already, and was left as it is.
    pub known: u64,
}

impl TakenIn {
    /// Counts one thing.
    pub(crate) fn count(&mut self, is_new: bool) {
        if is_new { self.added += 1 } else { self.known += 1 }
    }
}
