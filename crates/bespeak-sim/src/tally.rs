//! What happened in a run, counted, so that a test can tell whether anything did.

use std::collections::BTreeMap;

/// Counts by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<String, u64>);

impl Tally {
    /// It happened once more.
    pub fn count(&mut self, what: &str) {
        self.add(what, 1);
    }

    /// It happened so many times more.
    pub fn add(&mut self, what: &str, times: u64) {
        if let Some(count) = self.0.get_mut(what) {
            *count += times;
        } else {
            self.0.insert(what.to_owned(), times);
        }
    }

    /// How often it happened.
    pub fn of(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or(0)
    }

    /// How often everything happened whose name begins so.
    pub fn beginning_with(&self, beginning: &str) -> u64 {
        self.0.iter().filter(|(what, _)| what.starts_with(beginning)).map(|(_, times)| times).sum()
    }

    /// Takes over another's counts.
    pub fn join(&mut self, other: &Self) {
        for (what, times) in &other.0 {
            self.add(what, *times);
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|(what, times)| writeln!(f, "{times:>8}  {what}"))
    }
}
