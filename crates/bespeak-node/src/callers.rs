//! Who is at the other end of a conversation now: an answer goes straight over the connection on which a word came.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bespeak_protocol::thread::ThreadId;

/// Conversations whose caller is remembered. Source: wild guess; more than are ever connected at once, about 150 bytes
/// each.
const MOST: usize = 10_000;

/// The PeerId that spoke last in each conversation, until it was answered once. It is noted only for words that were sealed
/// for the conversation: somebody else who knows its queue gets nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Callers(Arc<Mutex<HashMap<ThreadId, String>>>);

impl Callers {
    fn lock(&self) -> MutexGuard<'_, HashMap<ThreadId, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A word of this conversation came from there.
    pub(crate) fn note(&self, thread: ThreadId, peer: &str) {
        let mut callers = self.lock();
        if callers.len() >= MOST && !callers.contains_key(&thread) {
            callers.clear();
        }
        callers.insert(thread, peer.to_owned());
    }

    /// Who spoke, for one answer: whoever handed an envelope over need not be who sealed it, and what it would swallow is said
    /// again by another way.
    pub(crate) fn take(&self, thread: ThreadId) -> Option<String> {
        self.lock().remove(&thread)
    }
}

#[cfg(test)]
mod tests {
    use bespeak_identity::RecordId;

    use super::*;

    fn thread(number: usize) -> ThreadId {
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&number.to_be_bytes());
        ThreadId::opened_by(RecordId::from_digest(digest))
    }

    #[test]
    fn who_spoke_last_is_told_once() {
        let (callers, [one, other]) = (Callers::default(), [thread(1), thread(2)]);
        assert_eq!(callers.take(one), None);
        callers.note(one, "first");
        callers.note(one, "last");
        assert_eq!(callers.take(other), None, "another conversation");
        assert_eq!(callers.take(one).as_deref(), Some("last"));
        assert_eq!(callers.take(one), None);
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let callers = Callers::default();
        for number in 0..=MOST {
            callers.note(thread(number), "peer");
        }
        assert!(callers.lock().len() <= MOST);
        assert_eq!(callers.take(thread(MOST)).as_deref(), Some("peer"), "the newest is kept");
    }
}
