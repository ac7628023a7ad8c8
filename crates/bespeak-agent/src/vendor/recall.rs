//! Making the same vendor again from what it kept.

use bespeak_identity::{Side, Unverified};
use bespeak_model::intention::Intention;
use bespeak_protocol::{conversation::Facts, market::News};

use super::Vendor;
use crate::{
    document::Kept,
    relation::{Beginnings, Relation},
};

impl Vendor {
    /// Takes back one document. What does not verify was damaged where it lay; the store names damage, and the rest of
    /// the memory stands without it.
    pub(super) fn recall(&mut self, document: Kept) {
        match document {
            Kept::Heard { record, .. } => {
                let record = Unverified::<Intention>::from_bytes(record.into_vec()).map(Unverified::recall);
                if let Ok(Ok(record)) = record {
                    self.market.recall(&mut self.gate, News::Intention(Box::new(record)));
                }
            }
            Kept::Buried { record, .. } => {
                if let Ok(Ok(record)) = Unverified::from_bytes(record.into_vec()).map(Unverified::recall) {
                    self.market.recall(&mut self.gate, News::Withdrawal(Box::new(record)));
                }
            }
            Kept::Opened { intention, card, keys, drops, thread } => {
                let intention = Unverified::from_bytes(intention.into_vec()).map(Unverified::verify);
                let card = Unverified::from_bytes(card.into_vec()).map(Unverified::verify);
                if let (Ok(Ok(intention)), Ok(Ok(card))) = (intention, card) {
                    let queue = self.queue_key(&intention);
                    self.adopt(Relation::new(Beginnings {
                        side: Side::Vendor,
                        thread,
                        facts: Facts { intention },
                        card,
                        keys,
                        vendor_drops: drops,
                        key: self.key.clone(),
                        queue,
                        transport: self.transport(),
                    }));
                }
            }
            Kept::Restored { .. } => self.relations.values_mut().for_each(Relation::lose),
            Kept::Auto(settings) => self.auto = settings,
            Kept::Mandated { thread, mandate, at, total } => self.mandates.recall(thread, mandate, at, total),
            other => self.recall_in_conversation(other),
        }
    }

    fn recall_in_conversation(&mut self, document: Kept) {
        let thread = match &document {
            Kept::Introduced { thread, .. }
            | Kept::Said { thread, .. }
            | Kept::Confirmed { thread, .. }
            | Kept::Posted { thread, .. }
            | Kept::Asked { thread, .. }
            | Kept::Resumed { thread, .. }
            | Kept::Rewound { thread, .. }
            | Kept::Whole { thread }
            | Kept::Turned { thread, .. } => thread,
            _ => return,
        };
        let Some(relation) = self.relations.get_mut(thread) else {
            return;
        };
        relation.recall_document(document);
    }
}
