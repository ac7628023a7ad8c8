//! Copying a whole store into one with another key, under which the keys of documents are hidden otherwise.

use bespeak_agent::document::Kept;
use bespeak_catalogue::Goods;
use bespeak_store::{Change, CommitError, Family, OpenError, ReadError};

use super::{
    ARCHIVE, CONTENT, DATA, GOODS, LATEST, LIVE, PORTS, RULES, SETTINGS, Shelf, drawers::ContentKeys,
    readable,
};

/// Documents and bytes copied with one sync. Source: a tenth of what the store allows in one commit.
const BATCH: usize = 1_000;
const BATCH_BYTES: usize = 1 << 20;

/// Why a store could not be copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// One of the two cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The old one cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The new one cannot be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The new one holds another number of documents than were copied.
    #[error("{copied} documents were copied, but {found} arrived")]
    Incomplete {
        /// How many were copied.
        copied: u64,
        /// How many there are.
        found: u64,
    },
}

impl Shelf {
    /// Copies every document into an empty store, and tells which could not be read. Blocks.
    pub(crate) fn copy_into(&self, new: &Self) -> Result<Vec<String>, CopyError> {
        let (mut damaged, mut filling) = (Vec::new(), Filling::of(new));
        let contents = self.contents_in(new)?;
        for family in (0..=u8::MAX).map(Family) {
            for entry in self.store.scan(family, &[])? {
                let Some((key, body)) = readable(entry, &mut damaged)? else { continue };
                let key = self.key_in(new, &contents, family, &key, &body);
                filling.put(family, key, body)?;
            }
        }
        filling.finish()?;
        Ok(damaged)
    }

    /// The key of a document in the new store. What cannot be understood goes under a key of its own, and is kept.
    fn key_in(&self, new: &Self, contents: &ContentKeys, family: Family, key: &[u8], body: &[u8]) -> Vec<u8> {
        let named = match family {
            LIVE | LATEST => Kept::from_bytes(body).ok().and_then(|kept| new.place(&kept.slot())),
            GOODS => serde_json::from_slice::<Goods>(body)
                .ok()
                .map(|goods| (GOODS, new.hidden(GOODS, goods.sku.as_str().as_bytes()))),
            SETTINGS => {
                let moved = [PORTS, RULES].into_iter().find(|name| key == self.hidden(SETTINGS, name));
                moved.map(|name| (SETTINGS, new.hidden(SETTINGS, name)))
            }
            CONTENT => contents.get(key).map(|key| (CONTENT, key.clone())),
            DATA | ARCHIVE => self.drawer_key_in(new, family, key, body).map(|key| (family, key)),
            _ => Some((family, key.to_vec())),
        };
        let named = named.filter(|(place, _)| *place == family);
        named.map_or_else(|| new.hidden(family, key), |(_, key)| key)
    }
}

/// Documents on their way into an empty store, many with each sync.
pub(crate) struct Filling<'a> {
    shelf: &'a Shelf,
    batch: Vec<Change>,
    bytes: usize,
    copied: u64,
}

impl<'a> Filling<'a> {
    pub(crate) fn of(shelf: &'a Shelf) -> Self {
        Self { shelf, batch: Vec::new(), bytes: 0, copied: 0 }
    }

    /// Puts one in; blocks.
    pub(crate) fn put(&mut self, family: Family, key: Vec<u8>, body: Vec<u8>) -> Result<(), CopyError> {
        self.copied += 1;
        self.bytes += key.len() + body.len();
        self.batch.push(Change::Keep { family, key, body });
        if self.batch.len() >= BATCH || self.bytes >= BATCH_BYTES {
            self.shelf.store.commit_blocking(std::mem::take(&mut self.batch))?;
            self.bytes = 0;
        }
        Ok(())
    }

    /// Makes sure that all have arrived, and says how many; blocks.
    pub(crate) fn finish(self) -> Result<u64, CopyError> {
        let Self { shelf, batch, copied, .. } = self;
        shelf.store.commit_blocking(batch)?;
        let found = shelf.store.report().records;
        if found == copied { Ok(copied) } else { Err(CopyError::Incomplete { copied, found }) }
    }
}
