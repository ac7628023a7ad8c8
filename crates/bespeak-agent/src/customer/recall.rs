//! Making the same customer again from what she kept.

use bespeak_identity::Unverified;
use bespeak_protocol::{channel::opening::Opening, enclosed::Enclosed};

use super::Customer;
use crate::{document::Kept, relation::Relation};

impl Customer {
    /// Takes back one document. What does not verify was damaged where it lay; the store names damage, and the rest of
    /// the memory stands without it.
    pub(super) fn recall(&mut self, document: Kept) {
        match document {
            Kept::Cast { record } => {
                if let Ok(Ok(record)) = Unverified::from_bytes(record.into_vec()).map(Unverified::verify) {
                    self.remember(record);
                }
            }
            Kept::Withdrawn { record } => {
                if let Ok(Ok(record)) = Unverified::from_bytes(record.into_vec()).map(Unverified::verify) {
                    self.bury(record);
                }
            }
            Kept::Superseded { old, new } => self.supersede(old, new),
            Kept::Told { intention, stage } => {
                if let Some(own) = self.own.get_mut(&intention) {
                    own.told = own.told.max(stage);
                }
            }
            Kept::Opened { thread, intention, card, keys, drops } => {
                let intention = Unverified::from_bytes(intention.into_vec()).map(Unverified::verify);
                let card = Unverified::from_bytes(card.into_vec()).map(Unverified::verify);
                if let (Ok(Ok(intention)), Ok(Ok(card))) = (intention, card) {
                    let opening = Opening { card: Enclosed::new(&card), messages: Vec::new(), keys, drops };
                    self.adopt(self.begin(thread, intention, card, &opening));
                }
            }
            Kept::Introduced { thread, .. }
            | Kept::Said { thread, .. }
            | Kept::Confirmed { thread, .. }
            | Kept::Posted { thread, .. }
            | Kept::Revealed { thread, .. }
            | Kept::Asked { thread, .. }
            | Kept::Resumed { thread, .. }
            | Kept::Rewound { thread, .. }
            | Kept::Whole { thread }
            | Kept::Turned { thread, .. } => {
                if let Some(relation) = self.relations.get_mut(&thread) {
                    relation.recall_document(document);
                }
            }
            Kept::Restored { .. } => self.relations.values_mut().for_each(Relation::lose),
            Kept::Heard { .. } | Kept::Buried { .. } | Kept::Auto(_) | Kept::Mandated { .. } => {}
        }
    }
}
