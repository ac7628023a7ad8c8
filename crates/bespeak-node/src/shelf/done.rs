//! What came of requests that are to be done once, under the hash of the key their sender chose.

use bespeak_store::{Change, ReadError};

use super::{DONE, Shelf, readable};

/// A place, and what lies there.
type Placed = (Vec<u8>, Vec<u8>);

impl Shelf {
    /// What is kept under a key; blocks.
    pub(crate) fn done(&self, key: &str) -> Result<Option<Vec<u8>>, ReadError> {
        self.store.get(DONE, &self.hidden(DONE, key.as_bytes()))
    }

    /// The change that keeps something under a key, and where it then lies.
    pub(crate) fn keep_done(&self, key: &str, body: Vec<u8>) -> (Vec<u8>, Change) {
        let key = self.hidden(DONE, key.as_bytes());
        (key.clone(), Change::Keep { family: DONE, key, body })
    }

    /// The change that forgets what lies in such a place.
    pub(crate) fn forget_done(place: Vec<u8>) -> Change {
        Change::Remove { family: DONE, key: place }
    }

    /// All of them; blocks. What is damaged is named in the log and left out.
    pub(crate) fn all_done(&self) -> Result<Vec<Placed>, ReadError> {
        let (mut all, mut damaged) = (Vec::new(), Vec::new());
        for entry in self.store.scan(DONE, &[])? {
            all.extend(readable(entry, &mut damaged)?);
        }
        for why in damaged {
            tracing::error!(target: "bespeak::node", why, "idempotency_key_damaged");
        }
        Ok(all)
    }
}
