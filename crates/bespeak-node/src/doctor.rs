//! How a node and its home stand, line by line, for a person: what is found, whether it is well, and what mends it.
//!
//! Here are pure functions from facts to [`Line`]s, a module for each noun. A running node gathers the facts in
//! `node/doctor.rs`; [`examine`] gathers what can be seen of a home when no node runs, without anything that opens it.

use serde::Serialize;

mod alone;
mod backup;
mod clock;
mod disk;
mod files;
mod home;
mod network;
mod store;
mod words;

pub use alone::examine;
pub(crate) use backup::backup;
pub(crate) use clock::{clock, newest_file};
pub(crate) use disk::{Disk, disk};
pub(crate) use files::permissions;
pub(crate) use home::{home, is_open, old_copy, vault};
pub(crate) use network::{DropHost, Network, Relay, network};
pub(crate) use store::{Store, store};

/// How it stands with something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Fine,
    /// It works, and its owner should know.
    Attention,
    /// Something does not work, or is lost.
    Broken,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What, in a word: several lines may be about the same.
    pub what: &'static str,
    /// How it stands with it.
    pub state: State,
    /// The same in a sentence.
    pub says: String,
    /// What to type or do; there is something wherever it is not fine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

impl Line {
    fn fine(what: &'static str, says: impl Into<String>) -> Self {
        Self { what, state: State::Fine, says: says.into(), mend: None }
    }

    fn attention(what: &'static str, says: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what, state: State::Attention, says: says.into(), mend: Some(mend.into()) }
    }

    fn broken(what: &'static str, says: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what, state: State::Broken, says: says.into(), mend: Some(mend.into()) }
    }
}

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Examination {
    /// Line by line.
    pub lines: Vec<Line>,
}

/// The program, and where it is at home; the first line of every examination.
pub(crate) fn version(network: Option<&str>) -> Line {
    let on = network.map(|name| format!(", on the network “{name}”")).unwrap_or_default();
    Line::fine("version", format!("Bespeak {}{on}.", env!("CARGO_PKG_VERSION")))
}

/// A running node.
pub(crate) fn running(process: u32) -> Line {
    Line::fine("node", format!("A node runs on this home, as process {process}."))
}
