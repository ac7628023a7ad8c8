//! What an agent kept: the store of a node, without its disk.

use std::collections::{BTreeMap, BTreeSet};

use bespeak_agent::document::{Kept, Slot};
use bespeak_identity::{RecordId, Unverified};
use bespeak_protocol::{channel::message::Message, thread::ThreadId};

use crate::dice::Dice;

/// Documents as bytes, in the three kinds of places that there are.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    live: BTreeMap<Vec<u8>, Vec<u8>>,
    events: Vec<Vec<u8>>,
    latest: BTreeMap<Vec<u8>, Vec<u8>>,
    said: BTreeSet<(ThreadId, RecordId<Message>)>,
}

impl Memory {
    /// Keeps a document.
    pub fn keep(&mut self, kept: &Kept) {
        let Ok(bytes) = kept.to_bytes() else {
            return;
        };
        if let Kept::Said { thread, record, .. } = kept
            && let Ok(record) = Unverified::<Message>::from_bytes(record.to_vec())
        {
            self.said.insert((*thread, record.id()));
        }
        match kept.slot() {
            Slot::Live(name) => {
                self.live.insert(name, bytes);
            }
            Slot::Event => self.events.push(bytes),
            Slot::Latest(name) => {
                self.latest.insert(name, bytes);
            }
        }
    }

    /// Forgets what is in a place; what happened stays.
    pub fn forget(&mut self, slot: &Slot) {
        match slot {
            Slot::Live(name) => {
                self.live.remove(name);
            }
            Slot::Latest(name) => {
                self.latest.remove(name);
            }
            Slot::Event => {}
        }
    }

    /// Whether a message is among the documents.
    pub fn holds(&self, thread: ThreadId, message: RecordId<Message>) -> bool {
        self.said.contains(&(thread, message))
    }

    /// Loses the last thing that happened, as a store may not.
    #[cfg(test)]
    pub(crate) fn lose_last_event(&mut self) {
        self.events.pop();
    }

    /// Everything, as a node reads it back: what is live in no order at all, then what happened in its order, then the
    /// last state of what turns, in no order again.
    pub fn recall(&self, dice: &mut Dice) -> Vec<Kept> {
        let mut live: Vec<_> = self.live.values().collect();
        let mut latest: Vec<_> = self.latest.values().collect();
        dice.shuffle(&mut live);
        dice.shuffle(&mut latest);
        let all = live.into_iter().chain(&self.events).chain(latest);
        all.filter_map(|bytes| Kept::from_bytes(bytes).ok()).collect()
    }
}
