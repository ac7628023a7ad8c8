//! Where the rule book lies: packed, as one document, so that it changes in one step or not at all.

use std::io::{Read, Write};

use bespeak_store::{Change, CommitError};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};

use super::{MAX_TEXT, RuleBook};
use crate::shelf::Shelf;

/// Reads the rule book that was kept; an empty one where there is none, a silent one where it cannot be read. Blocks.
pub(crate) fn recall(shelf: &Shelf) -> RuleBook {
    let read = match shelf.rules() {
        Ok(None) => Ok(RuleBook::default()),
        Ok(Some(packed)) => {
            unpack(&packed).and_then(|text| RuleBook::read(text).map_err(|error| error.to_string()))
        }
        Err(error) => Err(error.to_string()),
    };
    read.unwrap_or_else(|error| {
        // Without its rules a vendor must not answer as if there were none; a person is asked instead.
        tracing::error!(target: "bespeak::node", error, "rules_unreadable");
        RuleBook::silent()
    })
}

fn unpack(packed: &[u8]) -> Result<String, String> {
    let mut text = String::new();
    let unpacked = GzDecoder::new(packed).take(MAX_TEXT as u64 + 1).read_to_string(&mut text);
    unpacked.map(|_| text).map_err(|error| error.to_string())
}

/// Keeps a rule book; blocks.
///
/// # Errors
/// When it cannot be kept.
pub(crate) fn keep(shelf: &Shelf, text: &str) -> Result<(), CommitError> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    // Writing into memory does not fail.
    let packed = packer.write_all(text.as_bytes()).and_then(|()| packer.finish()).unwrap_or_default();
    let change: Change = shelf.keep_rules(packed);
    shelf.store().commit_blocking(vec![change])
}
