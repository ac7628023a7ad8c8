//! What is kept beside the agent's memory: personal data, and records that came in by an import.

use std::collections::HashMap;

use bespeak_agent::export::Held;
use bespeak_export::{DataId, Item, KINDS, Meta, data::DataError};
use bespeak_protocol::thread::ThreadId;
use bespeak_store::{Change, CommitError, Family, ReadError};
use serde::{Deserialize, Serialize};

use super::{ARCHIVE, CONTENT, DATA, Shelf, readable};

/// The version of what stands above an archived record.
const VERSION: u8 = 1;

/// What is known of an archived record, on the line above its bytes.
#[derive(Serialize, Deserialize)]
struct Label {
    v: u8,
    id: String,
    /// Its place in the log of the export it came with.
    n: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thread: Option<ThreadId>,
}

/// Why personal data cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataUnread {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("it cannot be read: {0}")]
    Description(#[from] serde_json::Error),
    #[error(transparent)]
    Item(#[from] DataError),
}

/// Where the content of personal data lies in one store, and where in another: it does not say itself what it is of.
pub(super) type ContentKeys = HashMap<Vec<u8>, Vec<u8>>;

impl Shelf {
    /// The places of the contents of all items in another store; blocks.
    pub(super) fn contents_in(&self, new: &Self) -> Result<ContentKeys, ReadError> {
        let places = |meta: Meta| (self.item_keys(&meta.id).1, new.item_keys(&meta.id).1);
        Ok(self.items()?.into_iter().map(places).collect())
    }

    /// The key in another store of what is said of an item, or of an archived record; none when it cannot be understood.
    pub(super) fn drawer_key_in(
        &self,
        new: &Self,
        family: Family,
        key: &[u8],
        body: &[u8],
    ) -> Option<Vec<u8>> {
        if family == DATA {
            let meta: Meta = serde_json::from_slice(body).ok()?;
            return Some(new.item_keys(&meta.id).0);
        }
        let kind = KINDS.into_iter().find(|kind| key.starts_with(&self.hidden(ARCHIVE, kind.as_bytes())))?;
        let (_, held) = labelled(kind, body).ok()?;
        Some(new.archive_key(kind, &held.id))
    }

    /// Keeps an item; blocks.
    pub(crate) fn keep_item(&self, item: &Item) -> Result<(), CommitError> {
        let Item { meta, content } = item;
        // A map of texts and numbers: JSON can say it.
        let description = serde_json::to_vec(meta).unwrap_or_default();
        let (key, content_key) = self.item_keys(&meta.id);
        self.store.commit_blocking(vec![
            Change::Keep { family: DATA, key, body: description },
            Change::Keep { family: CONTENT, key: content_key, body: content.clone() },
        ])
    }

    /// Forgets an item; blocks.
    pub(crate) fn forget_item(&self, id: &DataId) -> Result<(), CommitError> {
        let (key, content_key) = self.item_keys(id);
        self.store.commit_blocking(vec![
            Change::Remove { family: DATA, key },
            Change::Remove { family: CONTENT, key: content_key },
        ])
    }

    fn item_keys(&self, id: &DataId) -> (Vec<u8>, Vec<u8>) {
        let id = id.as_str().as_bytes();
        (self.hidden(DATA, id), self.hidden(CONTENT, id))
    }

    /// What is said of all items, the oldest first; blocks. What cannot be read is named in the log and left out.
    pub(crate) fn items(&self) -> Result<Vec<Meta>, ReadError> {
        let (mut items, mut unread): (Vec<Meta>, Vec<String>) = (Vec::new(), Vec::new());
        for entry in self.store.scan(DATA, &[])? {
            let Some((_, body)) = readable(entry, &mut unread)? else { continue };
            match serde_json::from_slice(&body) {
                Ok(meta) => items.push(meta),
                Err(error) => unread.push(error.to_string()),
            }
        }
        tell_unread(unread);
        items.sort_by(|one, other| (one.added_at, &one.id).cmp(&(other.added_at, &other.id)));
        Ok(items)
    }

    /// One item with its content, if there is one; blocks.
    pub(crate) fn item(&self, id: &DataId) -> Result<Option<Item>, DataUnread> {
        let (key, content_key) = self.item_keys(id);
        let (Some(meta), Some(content)) =
            (self.store.get(DATA, &key)?, self.store.get(CONTENT, &content_key)?)
        else {
            return Ok(None);
        };
        Ok(Some(Item::again(serde_json::from_slice(&meta)?, content)?))
    }

    /// The change that keeps a record that came in, and its place among them.
    pub(crate) fn archive(&self, n: u64, held: &Held) -> Change {
        let label = Label { v: VERSION, id: held.id.clone(), n, thread: held.thread };
        // As above: JSON can say it, on one line.
        let mut body = serde_json::to_vec(&label).unwrap_or_default();
        body.push(b'\n');
        body.extend_from_slice(&held.bytes);
        Change::Keep { family: ARCHIVE, key: self.archive_key(held.kind, &held.id), body }
    }

    /// All of a type lie together, so that they are found without reading the others.
    fn archive_key(&self, kind: &str, id: &str) -> Vec<u8> {
        [self.hidden(ARCHIVE, kind.as_bytes()), self.hidden(ARCHIVE, id.as_bytes())].concat()
    }

    /// The records of one type that came in, each with its place; blocks. What cannot be read is named in the log and
    /// left out.
    pub(crate) fn archived(&self, kind: &'static str) -> Result<Vec<(u64, Held)>, ReadError> {
        let (mut held, mut unread) = (Vec::new(), Vec::new());
        for entry in self.store.scan(ARCHIVE, &self.hidden(ARCHIVE, kind.as_bytes()))? {
            let Some((_, body)) = readable(entry, &mut unread)? else { continue };
            match labelled(kind, &body) {
                Ok(record) => held.push(record),
                Err(why) => unread.push(why),
            }
        }
        tell_unread(unread);
        Ok(held)
    }

    /// One of them; blocks.
    pub(crate) fn archived_one(&self, kind: &'static str, id: &str) -> Result<Option<Held>, ReadError> {
        let body = self.store.get(ARCHIVE, &self.archive_key(kind, id))?;
        let read = |body: Vec<u8>| {
            let found = labelled(kind, &body).inspect_err(|why| tell_unread(vec![why.clone()]));
            Some(found.ok()?.1)
        };
        Ok(body.and_then(read))
    }
}

fn labelled(kind: &'static str, body: &[u8]) -> Result<(u64, Held), String> {
    let end = body.iter().position(|byte| *byte == b'\n').ok_or("an archived record without its label")?;
    let (label, rest) = body.split_at(end);
    let label: Label = serde_json::from_slice(label).map_err(|error| error.to_string())?;
    if label.v > VERSION {
        return Err(format!("an archived record of version {}, which this program does not know", label.v));
    }
    let bytes = rest.get(1..).unwrap_or_default().to_vec();
    Ok((label.n, Held { kind, id: label.id, thread: label.thread, bytes }))
}

fn tell_unread(unread: Vec<String>) {
    for why in unread {
        tracing::error!(target: "bespeak::node", why, "kept_document_unreadable");
    }
}
