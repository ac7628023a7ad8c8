//! Which form the documents of a home have: one number for all families, kept among them.

use bespeak_store::{Change, CommitError, ReadError};

use super::{SETTINGS, Shelf};

/// The form that this software reads and writes. It grows when a document can say what this software would not
/// understand: with words unread, a node could sign what contradicts them.
pub(crate) const FORM: u32 = 1;

const KEY: &[u8] = b"form";

/// Why the documents of a home are left alone.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    /// They are of a later version.
    #[error("its documents have form {found}; this software reads up to {FORM}: use the newer one")]
    Newer {
        /// Their form.
        found: u32,
    },
    /// It cannot be told.
    #[error("the form of its documents cannot be read: {0}")]
    Read(#[from] ReadError),
}

impl Shelf {
    /// Refuses documents of a later form; `None` where nothing is said of it yet. Where that is damaged, what else is
    /// damaged tells of it. Blocks.
    pub(crate) fn form(&self) -> Result<Option<u32>, FormError> {
        let body = match self.store.get(SETTINGS, &self.hidden(SETTINGS, KEY)) {
            Err(ReadError::Damaged { .. }) => None,
            read => read?,
        };
        let form = body.and_then(|body| Some(u32::from_be_bytes(body.try_into().ok()?)));
        match form {
            Some(found) if found > FORM => Err(FormError::Newer { found }),
            form => Ok(form),
        }
    }

    /// Notes the form in which documents are written from now on; blocks.
    pub(crate) fn keep_form(&self) -> Result<(), CommitError> {
        let key = self.hidden(SETTINGS, KEY);
        self.store.commit_blocking(vec![Change::Keep {
            family: SETTINGS,
            key,
            body: FORM.to_be_bytes().to_vec(),
        }])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use bespeak_store::Options;

    use super::*;

    #[test]
    fn a_later_form_is_refused_and_none_is_the_first() {
        let home = tempfile::tempdir().unwrap();
        let (shelf, _) = Shelf::open(home.path(), &[7; 32], Options::default()).unwrap();
        assert_eq!(shelf.form().unwrap(), None);
        shelf.keep_form().unwrap();
        assert_eq!(shelf.form().unwrap(), Some(FORM));
        let key = shelf.hidden(SETTINGS, KEY);
        let body = (FORM + 1).to_be_bytes().to_vec();
        shelf.store.commit_blocking(vec![Change::Keep { family: SETTINGS, key, body }]).unwrap();
        let refused = shelf.form().unwrap_err();
        assert!(matches!(refused, FormError::Newer { found } if found == FORM + 1));
        assert!(refused.to_string().contains("use the newer one"));
    }
}
