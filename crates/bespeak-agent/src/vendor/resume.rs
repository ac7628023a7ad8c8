//! After a loss of memory: the customers are asked before anything is signed.

use bespeak_model::time::Time;

use super::Vendor;
use crate::{document::Kept, output::Outputs, relation::Relation};

impl Vendor {
    /// This home is a copy from the past. What waits for a customer's first answer still can be answered.
    pub(super) fn restored(&mut self, now: Time, out: &mut Outputs) {
        out.keep.push(Kept::Restored { at: now });
        for relation in self.relations.values_mut() {
            relation.lose();
            if relation.is_met() {
                out.forget.push(relation.ratchet_slot());
            }
        }
    }

    /// Asks those customers who must be asked, once it is known where they can answer.
    pub(super) fn ask_again(&mut self, now: Time, out: &mut Outputs) {
        let Some(placement) = &self.placement else {
            return;
        };
        for relation in self.relations.values_mut().filter(|relation: &&mut Relation| relation.must_ask(now))
        {
            let drops = placement.drops(relation.queue_id()).ok();
            relation.ask(drops, now, &mut self.entropy, out);
        }
    }
}
