//! What the handle may read without asking the driver: addresses and peers.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::event::{Carried, PeerInfo, RelayInfo, Standing};

#[derive(Debug, Default)]
pub(crate) struct View(Mutex<Shown>);

#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub(crate) listening: Vec<String>,
    pub(crate) peers: BTreeMap<String, PeerInfo>,
    /// How many peers are in the mesh of any topic.
    pub(crate) mesh: usize,
    /// Relays met since the start, by PeerId, connected or not.
    pub(crate) relays: BTreeMap<String, RelayInfo>,
    pub(crate) standing: Standing,
    pub(crate) anchors: Vec<String>,
    pub(crate) carried: Carried,
}

impl View {
    /// Held for a few instructions only; what a panic left behind is still a list.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
