//! After a loss of memory: the vendors are asked before anything is signed.

use bespeak_identity::{Purpose, RecordId};
use bespeak_model::{intention::Intention, reason::RefusalCode, time::Time};
use bespeak_protocol::thread::ThreadId;

use super::Customer;
use crate::{
    document::Kept,
    output::{Outputs, Refusal},
    relation::Relation,
};

impl Customer {
    /// This home is a copy from the past.
    pub(super) fn restored(&mut self, now: Time, out: &mut Outputs) {
        out.keep.push(Kept::Restored { at: now });
        for relation in self.relations.values_mut() {
            relation.lose();
            out.forget.push(relation.ratchet_slot());
        }
    }

    /// Asks those vendors who must be asked, once it is known where they can answer. One to whom she never spoke is
    /// asked when she wants to speak, not before: the question introduces her.
    pub(super) fn ask_again(&mut self, now: Time, out: &mut Outputs) {
        let Some(placement) = self.placement.clone() else {
            return;
        };
        let due = |relation: &&Relation| relation.must_ask(now);
        let threads: Vec<_> = self.relations.values().filter(due).map(|relation| relation.thread).collect();
        // A refused wish leaves no trace: the question follows at the next wake-up.
        let refused = matches!(out.reply, Some(Err(_)));
        for thread in threads.into_iter().filter(|_| !refused) {
            if self.greet(thread, Some(&placement), out).is_ok()
                && let Some(relation) = self.relations.get_mut(&thread)
            {
                let drops = placement.drops(relation.queue_id()).ok();
                relation.ask(drops, now, &mut self.entropy, out);
            }
        }
    }

    /// Whether everything that may have been ordered of an intention is known. Where it is not, the vendors are asked.
    pub(super) fn check_memory(&mut self, intention: RecordId<Intention>) -> Result<(), Refusal> {
        let about = |relation: &&mut Relation| relation.facts.intention.id() == intention;
        let mut unknown = 0;
        for relation in self.relations.values_mut().filter(about).filter(|relation| !relation.is_whole()) {
            relation.wanted = true;
            unknown += 1;
        }
        if unknown == 0 {
            return Ok(());
        }
        let detail = format!(
            "this home was restored from a copy, and the copy may miss an order for this: \
             {unknown} vendors are asked first; try again when they have answered"
        );
        Err(Refusal::new(RefusalCode::NotAllowedByState, detail))
    }

    /// A vendor lost some of what was said, and asks.
    pub(super) fn resumed(&mut self, thread: ThreadId, sealed: &[u8], out: &mut Outputs) {
        if let Some(relation) = self.relations.get_mut(&thread).filter(|relation| relation.is_met()) {
            let secret = self.seed.seal_key(Purpose::IntentionSeal(&relation.facts.intention.nonce));
            relation.resume(sealed, &secret, out);
        }
    }
}
