//! What was asked of whom, what it should do, and whether it was acknowledged.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::world::Who;

/// What a request does, in a form that can be counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effect {
    /// An intention of this title.
    Intention(String),
    /// An offer with this text.
    Offer(String),
    /// An order for this intention.
    Order(String),
    /// A step of an order, said by oneself; the detail holds this text.
    Step { order: String, what: &'static str, detail: String },
    /// A line of conversation, said by oneself.
    Message { thread: String, text: String },
    /// An item of personal data of this name.
    Item(String),
    /// Goods of this number.
    Goods(String),
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) number: usize,
    pub(crate) who: Who,
    pub(crate) effect: Effect,
    pub(crate) acknowledged: bool,
    /// It was answered with a no.
    pub(crate) refused: bool,
    /// How often it was sent.
    pub(crate) sent: u32,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match (self.acknowledged, self.refused) {
            (true, _) => "acknowledged",
            (_, true) => "refused",
            _ => "not answered",
        };
        write!(f, "{:?}, sent {} times, {state}", self.effect, self.sent)
    }
}

/// Everything that was asked.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    entries: Vec<Entry>,
    completed: usize,
    /// What was found wrong already.
    blamed: BTreeSet<usize>,
}

impl Ledger {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what is about to be asked.
    pub(crate) fn ask(&self, who: Who, effect: Effect) -> usize {
        let entries = &mut self.book().entries;
        let number = entries.len();
        entries.push(Entry { number, who, effect, acknowledged: false, refused: false, sent: 0 });
        number
    }

    /// It is being sent, perhaps once more.
    pub(crate) fn sent(&self, number: usize) {
        if let Some(entry) = self.book().entries.get_mut(number) {
            entry.sent += 1;
        }
    }

    /// It was answered with success.
    pub(crate) fn acknowledge(&self, number: usize) {
        if let Some(entry) = self.book().entries.get_mut(number) {
            entry.acknowledged = true;
        }
    }

    /// It was refused: nothing may have come of it.
    pub(crate) fn refuse(&self, number: usize) {
        if let Some(entry) = self.book().entries.get_mut(number) {
            entry.refused = true;
        }
    }

    /// A deal has come to its receipt.
    pub(crate) fn complete(&self) {
        self.book().completed += 1;
    }

    /// What was asked of one of them.
    pub(crate) fn of(&self, who: Who) -> Vec<Entry> {
        self.book().entries.iter().filter(|entry| entry.who == who).cloned().collect()
    }

    /// Whether this is the first time that it is found wrong.
    pub(crate) fn blame(&self, entry: &Entry) -> bool {
        self.book().blamed.insert(entry.number)
    }

    pub(crate) fn acknowledged(&self) -> usize {
        self.book().entries.iter().filter(|entry| entry.acknowledged).count()
    }

    pub(crate) fn repeated(&self) -> usize {
        self.book().entries.iter().filter(|entry| entry.acknowledged && entry.sent > 1).count()
    }

    pub(crate) fn completed(&self) -> usize {
        self.book().completed
    }
}
