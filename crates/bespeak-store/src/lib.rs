//! The memory of a node: documents kept as bytes under keys, in families.
//!
//! A sealed, checksummed, numbered and synced **journal** is the truth (`journal/`); an **index** tells where in it each
//! document lies (`index/`), and is made anew from it whenever it is missing, behind, damaged, or panics. The engine of the
//! index, sled, is named in `index/engine.rs` and nowhere else, and none of its types leaves this crate. Nothing here knows
//! what the documents say: no import of the protocol or the model belongs in this crate.
//!
//! Start reading at [`Store`], then `writer.rs` (how a commit becomes durable), `journal/mod.rs`, `index/mod.rs`; opening and
//! what it finds is `open.rs` with `journal/survey.rs`.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let home = tempfile::tempdir()?;
//! use bespeak_store::{Change, Family, Options, Store, StoreKey};
//!
//! const NOTES: Family = Family(1);
//! let (store, report) = Store::open(home.path(), StoreKey::from_bytes([7; 32]), Options::default())?;
//! assert!(report.damaged.is_empty());
//! store.commit_blocking(vec![Change::Keep { family: NOTES, key: b"1".into(), body: b"buy chairs".into() }])?;
//! assert_eq!(store.get(NOTES, b"1")?, Some(b"buy chairs".to_vec()));
//! # Ok(())
//! # }
//! ```

mod change;
mod compactor;
mod disk;
mod error;
mod index;
mod journal;
mod key;
mod lock;
mod open;
mod progress;
mod report;
mod shared;
mod store;
#[cfg(test)]
mod tests;
mod writer;

pub use change::{Change, Family, MAX_CHANGES, MAX_COMMIT, MAX_KEY};
pub use compactor::Compaction;
pub use disk::{Disk, DiskFile, RealDisk};
pub use error::{CommitError, CompactError, DiskError, OpenError, ReadError};
pub use key::StoreKey;
pub use lock::HomeLock;
pub use open::Options;
pub use progress::{Progress, Stage, Watch};
pub use report::{Damage, DamageKind, IndexState, OpeningReport, TornTail};
pub use store::{Page, Scan, Store};
