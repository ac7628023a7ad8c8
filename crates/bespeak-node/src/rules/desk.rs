//! The desk: the rule book that holds now, and what waits on it for a person's approval.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use bespeak_identity::RecordId;
use bespeak_model::intention::Intention;

use super::{DecisionView, RuleBook};

/// Most offers that wait for approval. Source: wild guess; what a person gets through in a week. Those over it are found
/// again when the rules or goods change.
const WAITING: usize = 10_000;

/// Shared by the loop, which decides, and the handle, which shows and changes.
#[derive(Default)]
pub(crate) struct Desk {
    book: RwLock<Arc<RuleBook>>,
    waiting: Mutex<BTreeMap<RecordId<Intention>, DecisionView>>,
}

impl Desk {
    /// With the book that was kept.
    pub(crate) fn new(book: RuleBook) -> Self {
        Self { book: RwLock::new(Arc::new(book)), waiting: Mutex::default() }
    }

    pub(crate) fn book(&self) -> Arc<RuleBook> {
        Arc::clone(&self.book.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Another book; what waits is decided anew by it.
    pub(crate) fn replace(&self, book: Arc<RuleBook>) {
        *self.book.write().unwrap_or_else(PoisonError::into_inner) = book;
        self.waiting().clear();
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<RecordId<Intention>, DecisionView>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This waits for a person.
    pub(crate) fn wait(&self, view: DecisionView) {
        let mut waiting = self.waiting();
        if waiting.len() < WAITING {
            waiting.insert(view.intention, view);
        }
    }

    /// It waits no longer.
    pub(crate) fn done(&self, intention: RecordId<Intention>) {
        self.waiting().remove(&intention);
    }

    /// What waits.
    pub(crate) fn all(&self) -> Vec<DecisionView> {
        self.waiting().values().cloned().collect()
    }
}
