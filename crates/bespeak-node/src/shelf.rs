//! How this node uses its store: which families there are, and under which keys.
//!
//! Keys lie in the store's index in the clear, so every key that could tell something is replaced by a keyed hash.

use std::path::Path;

use bespeak_agent::document::{Kept, Slot};
use bespeak_identity::EncodeError;
use bespeak_store::{
    Change, CommitError, Family, OpenError, OpeningReport, Options, ReadError, Store, StoreKey,
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::wires::Ports;

mod copy;
mod done;
mod drawers;
mod form;
mod whole;

pub use copy::CopyError;
pub(crate) use copy::Filling;
pub(crate) use drawers::DataUnread;
pub use form::FormError;
pub(crate) use whole::Kind;

/// The agent's log, under growing numbers.
const EVENTS: Family = Family(1);
/// The agent's live things, under their digest.
const LIVE: Family = Family(2);
/// The agent's newest state of each thing that has one.
const LATEST: Family = Family(3);
/// A vendor's goods.
const GOODS: Family = Family(4);
/// What the node remembers of itself.
const SETTINGS: Family = Family(5);
/// What personal data is called, under the hash of its id.
const DATA: Family = Family(6);
/// Personal data itself, under the same key: a list need not read it.
const CONTENT: Family = Family(7);
/// Records that came in by an import, by their type.
const ARCHIVE: Family = Family(8);
/// What came of requests that are to be done once.
const DONE: Family = Family(9);

const PORTS: &[u8] = b"ports";
const RULES: &[u8] = b"rules";
/// Peers of the last run. A copy of the home is another machine's, and does without.
const ANCHORS: &[u8] = b"anchors";
const LAST_BACKUP: &[u8] = b"last backup";

/// The store of one home, and the key that hides its keys.
#[derive(Clone)]
pub(crate) struct Shelf {
    store: Store,
    hiding: Zeroizing<[u8; 32]>,
}

/// What came of reading everything the agent kept.
#[derive(Default)]
pub(crate) struct Recalled {
    /// Documents that are damaged, which the store has noted too; the rest is still told.
    pub(crate) damaged: Vec<String>,
    /// Documents that are whole and cannot be understood, and why.
    pub(crate) unreadable: Vec<String>,
    pub(crate) next_event: u64,
}

/// What hides the keys of documents where nothing else is said.
pub(crate) fn hiding_of(secret: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    let hash = Sha256::new().chain_update(b"bespeak/node/hide/1").chain_update(secret).finalize();
    Zeroizing::new(hash.into())
}

impl Shelf {
    /// Opens the store of a home, with the secret it is sealed with; blocks.
    pub(crate) fn open(
        home: &Path,
        secret: &[u8; 32],
        options: Options,
    ) -> Result<(Self, OpeningReport), OpenError> {
        Self::open_hidden(home, secret, hiding_of(secret), options)
    }

    /// The same, where the keys of documents are hidden by a key of their own.
    pub(crate) fn open_hidden(
        home: &Path,
        secret: &[u8; 32],
        hiding: Zeroizing<[u8; 32]>,
        options: Options,
    ) -> Result<(Self, OpeningReport), OpenError> {
        let key = StoreKey::from_bytes(*secret);
        let (store, report) = Store::open(home, key, options)?;
        Ok((Self { store, hiding }, report))
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    fn hidden(&self, family: Family, key: &[u8]) -> Vec<u8> {
        let hash =
            Sha256::new().chain_update(self.hiding.as_slice()).chain_update([family.0]).chain_update(key);
        hash.finalize().to_vec()
    }

    /// The change that keeps a document of the agent; `next_event` grows with each entry of its log.
    ///
    /// # Errors
    /// When it is larger than any record may be.
    pub(crate) fn keep(&self, kept: &Kept, next_event: &mut u64) -> Result<Change, EncodeError> {
        let body = kept.to_bytes()?;
        let (family, key) = self.place(&kept.slot()).unwrap_or_else(|| {
            let number = *next_event;
            *next_event += 1;
            (EVENTS, number.to_be_bytes().to_vec())
        });
        Ok(Change::Keep { family, key, body })
    }

    /// The change that forgets a document; none for entries of the log, which stay.
    pub(crate) fn forget(&self, slot: &Slot) -> Option<Change> {
        self.place(slot).map(|(family, key)| Change::Remove { family, key })
    }

    fn place(&self, slot: &Slot) -> Option<(Family, Vec<u8>)> {
        match slot {
            Slot::Event => None,
            Slot::Live(key) => Some((LIVE, self.hidden(LIVE, key))),
            Slot::Latest(key) => Some((LATEST, self.hidden(LATEST, key))),
        }
    }

    /// Reads everything the agent kept, in the order in which it must be told; blocks.
    pub(crate) fn recall(&self, mut tell: impl FnMut(Kept)) -> Result<Recalled, ReadError> {
        let mut recalled = Recalled::default();
        for family in [LIVE, EVENTS, LATEST] {
            for entry in self.store.scan(family, &[])? {
                let Some((key, body)) = readable(entry, &mut recalled.damaged)? else { continue };
                if let (EVENTS, Ok(number)) = (family, <[u8; 8]>::try_from(key.as_slice())) {
                    recalled.next_event = u64::from_be_bytes(number).saturating_add(1);
                }
                match Kept::from_bytes(&body) {
                    Ok(kept) => tell(kept),
                    Err(error) => recalled.unreadable.push(error.to_string()),
                }
            }
        }
        Ok(recalled)
    }

    /// The change that keeps goods, in their own bytes.
    pub(crate) fn keep_goods(&self, sku: &str, body: Vec<u8>) -> Change {
        Change::Keep { family: GOODS, key: self.hidden(GOODS, sku.as_bytes()), body }
    }

    /// The change that forgets goods.
    pub(crate) fn forget_goods(&self, sku: &str) -> Change {
        Change::Remove { family: GOODS, key: self.hidden(GOODS, sku.as_bytes()) }
    }

    /// All goods; blocks.
    pub(crate) fn goods(&self) -> Result<Vec<Vec<u8>>, ReadError> {
        let (mut bodies, mut damaged) = (Vec::new(), Vec::new());
        for entry in self.store.scan(GOODS, &[])? {
            bodies.extend(readable(entry, &mut damaged)?.map(|(_, body)| body));
        }
        for why in damaged {
            tracing::error!(target: "bespeak::node", why, "goods_damaged");
        }
        Ok(bodies)
    }

    /// The ports bound last time; none when they cannot be read. Blocks.
    pub(crate) fn ports(&self) -> Ports {
        let body = self.store.get(SETTINGS, &self.hidden(SETTINGS, PORTS));
        body.ok().flatten().and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default()
    }

    /// The vendor's rule book, packed. Blocks.
    pub(crate) fn rules(&self) -> Result<Option<Vec<u8>>, ReadError> {
        self.store.get(SETTINGS, &self.hidden(SETTINGS, RULES))
    }

    /// The change that keeps a rule book.
    pub(crate) fn keep_rules(&self, packed: Vec<u8>) -> Change {
        Change::Keep { family: SETTINGS, key: self.hidden(SETTINGS, RULES), body: packed }
    }

    /// Peers of the last run, where the next begins.
    pub(crate) fn anchors(&self) -> Vec<String> {
        let body = self.store.get(SETTINGS, &self.hidden(SETTINGS, ANCHORS));
        body.ok().flatten().and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default()
    }

    pub(crate) fn keep_anchors(&self, anchors: &[String]) -> Change {
        // A list of texts: JSON can say it.
        let body = serde_json::to_vec(anchors).unwrap_or_default();
        Change::Keep { family: SETTINGS, key: self.hidden(SETTINGS, ANCHORS), body }
    }

    pub(crate) async fn keep_ports(&self, ports: &Ports) -> Result<(), CommitError> {
        // A map from text to numbers: JSON can say it.
        let body = serde_json::to_vec(ports).unwrap_or_default();
        let key = self.hidden(SETTINGS, PORTS);
        self.store.commit(vec![Change::Keep { family: SETTINGS, key, body }]).await
    }
}

/// Passes over a damaged document, noting it; any other failure ends the reading.
fn readable<T>(entry: Result<T, ReadError>, damaged: &mut Vec<String>) -> Result<Option<T>, ReadError> {
    match entry {
        Ok(entry) => Ok(Some(entry)),
        Err(error @ ReadError::Damaged { .. }) => {
            damaged.push(error.to_string());
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
