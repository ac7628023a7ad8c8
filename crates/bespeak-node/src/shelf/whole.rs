//! Everything a store holds, for a backup, and when the last one was made.

use std::io;

use bespeak_agent::document::Kept;
use bespeak_model::time::Time;
use bespeak_store::{Change, CommitError, Family};

use super::{ARCHIVE, DATA, DONE, EVENTS, GOODS, LAST_BACKUP, LATEST, LIVE, SETTINGS, Shelf, readable};

/// What a document is.
pub(crate) enum Kind {
    /// The agent's.
    Kept(Box<Kept>),
    /// Meant to be the agent's, but not to be understood, and why.
    Unreadable(String),
    /// An article of a vendor.
    Goods,
    /// An item of personal data.
    Data,
    /// A record that came in by an import.
    Archived,
    /// Anything else.
    Other,
}

impl Kind {
    /// What a document of this family is.
    pub(crate) fn of(family: Family, body: &[u8]) -> Self {
        match family {
            LIVE | EVENTS | LATEST => match Kept::from_bytes(body) {
                Ok(kept) => Self::Kept(Box::new(kept)),
                Err(error) => Self::Unreadable(error.to_string()),
            },
            GOODS => Self::Goods,
            DATA => Self::Data,
            ARCHIVE => Self::Archived,
            _ => Self::Other,
        }
    }
}

impl Shelf {
    /// Hands over every document, and says how many could not be read; blocks. The node may go on meanwhile: of what the
    /// agent's log says, all is handed over up to some point, and no later state of anything is older than that.
    pub(crate) fn each(
        &self,
        mut take: impl FnMut(Family, &[u8], &[u8]) -> io::Result<()>,
    ) -> io::Result<u64> {
        // What a request did is handed over behind the request: none counts as done whose effects are not here.
        let first = [DONE, LIVE, EVENTS, LATEST];
        let others = (0..=u8::MAX).map(Family).filter(|family| !first.contains(family));
        let mut damaged = Vec::new();
        for family in first.into_iter().chain(others) {
            for entry in self.store.scan(family, &[]).map_err(io::Error::other)? {
                let entry = readable(entry, &mut damaged).map_err(io::Error::other)?;
                if let Some((key, body)) = entry {
                    take(family, &key, &body)?;
                }
            }
        }
        for why in &damaged {
            tracing::error!(target: "bespeak::node", why, "not_in_backup");
        }
        Ok(damaged.len() as u64)
    }

    /// When the last backup was made; none when there was none, or that cannot be read. Blocks.
    pub(crate) fn last_backup(&self) -> Option<Time> {
        let body = self.store.get(SETTINGS, &self.hidden(SETTINGS, LAST_BACKUP));
        serde_json::from_slice(&body.ok()??).ok()
    }

    /// The change that keeps when the last backup was made.
    fn backed_up(&self, at: Time) -> Change {
        // A time is a text: JSON can say it.
        let body = serde_json::to_vec(&at).unwrap_or_default();
        Change::Keep { family: SETTINGS, key: self.hidden(SETTINGS, LAST_BACKUP), body }
    }

    /// Keeps when the last backup was made, and what else is to change; blocks.
    pub(crate) fn keep_last_backup(&self, at: Time, mut more: Vec<Change>) -> Result<(), CommitError> {
        more.push(self.backed_up(at));
        self.store.commit_blocking(more)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use bespeak_store::Options;

    use super::*;

    #[test]
    fn no_request_counts_as_done_whose_effects_are_not_in_the_copy() {
        let home = tempfile::tempdir().unwrap();
        let (shelf, _) = Shelf::open(home.path(), &[7; 32], Options::default()).unwrap();
        let keep = |family| Change::Keep { family, key: vec![1], body: vec![1] };
        let all = [DATA, LATEST, EVENTS, LIVE, DONE, GOODS];
        shelf.store.commit_blocking(all.map(keep).to_vec()).unwrap();
        let mut order = Vec::new();
        let note = |family, _: &[u8], _: &[u8]| {
            order.push(family);
            Ok(())
        };
        shelf.each(note).unwrap();
        assert_eq!(order, [DONE, LIVE, EVENTS, LATEST, GOODS, DATA]);
    }
}
