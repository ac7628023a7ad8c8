//! What leaves a home in files and comes back: records as they were signed, views for other programs, personal data,
//! and the manifest over them, signed by the owner.
//!
//! Here lives the form of an export: which files there are ([`build`]), how they travel in one piece ([`archive`]) and
//! lie in a folder ([`folder`]), and everything that must hold before one is believed ([`open()`]). What may not: who
//! asks for it, and where what comes in is kept (the node), how it is asked for (the API).
//!
//! Start reading at [`build`], then `open.rs`. The format is told in `docs/export.md`.

pub mod archive;
pub mod build;
pub mod data;
pub mod file;
pub mod folder;
pub mod json_ld;
pub mod manifest;
pub mod open;
mod record;
mod table;
mod vcard;

pub use build::{Whole, files};
pub use data::{DataError, DataId, Item, Meta};
pub use file::{File, FileError, MAX_EXPORT};
pub use open::{Contents, Here, Incoming, OpenError, open};
pub use record::{KINDS, RecordFault, known_kind, verify};

/// The version of the format; a newer one is refused with a sentence.
pub const VERSION: u8 = 1;
