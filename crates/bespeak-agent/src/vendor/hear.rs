//! Hearing the market: live intentions and their tombstones.

use bespeak_identity::Signed;
use bespeak_model::{
    intention::{Intention, Withdrawal},
    time::Time,
};
use bespeak_protocol::market::News;
use serde_bytes::ByteBuf;

use super::{Vendor, tombstones::Tombstone};
use crate::{
    document::{Kept, buried_slot, heard_slot},
    notice::Notice,
    output::Outputs,
};

/// Most intentions that are kept at a time. Source: what a node starts with in 3 s and 250 MiB (`bespeak-bench -- store`).
const MAX_HEARD: usize = 100_000;
/// Most documents forgotten in one step. Source: a tenth of what a store takes at once (10,000 changes): what is left
/// is forgotten in the next step, at once.
const FORGOTTEN_AT_ONCE: usize = 1_000;

impl Vendor {
    pub(super) fn gossip(&mut self, topic: &str, bytes: &[u8], now: Time, out: &mut Outputs) {
        let hearing = self.gate.hear(topic, bytes, now);
        out.judge = Some(hearing.verdict);
        match hearing.news {
            Some(News::Intention(record)) => self.heard(*record, out),
            Some(News::Withdrawal(record)) => self.buried(&record, out),
            None => {}
        }
    }

    fn heard(&mut self, record: Signed<Intention>, out: &mut Outputs) {
        if self.heard.len() >= MAX_HEARD {
            self.make_room(out);
        }
        let intention = record.id();
        out.keep.push(Kept::Heard { record: ByteBuf::from(record.bytes()), intention });
        out.tell.push(Notice::IntentionHeard { intention });
        self.wake_at = Some(self.wake_at.map_or(record.expires_at, |at| at.min(record.expires_at)));
        // Tombstones that came before it were strangers': the gate would not have let it through otherwise.
        for (intention, issuer) in self.tombstones.remove(intention) {
            out.forget.push(buried_slot(&intention, &issuer));
        }
        self.heard.insert(record);
    }

    /// The one that was cast longest ago gives way: who fills the table keeps nobody out of it.
    fn make_room(&mut self, out: &mut Outputs) {
        out.forget.extend(self.heard.remove_oldest().map(|id| heard_slot(&id)));
    }

    fn buried(&mut self, record: &Signed<Withdrawal>, out: &mut Outputs) {
        let (intention, issuer) = (record.intention, *record.issuer());
        let gives_way = self.tombstones.add(Tombstone::of(record));
        if gives_way != Some((intention, issuer)) {
            out.keep.push(Kept::Buried { record: ByteBuf::from(record.bytes()), intention, issuer });
            out.forget.extend(gives_way.map(|(intention, issuer)| buried_slot(&intention, &issuer)));
        }
        if self.unhear(record) {
            out.forget.push(heard_slot(&intention));
            out.tell.push(Notice::IntentionWithdrawn { intention });
        }
    }

    /// Drops the intention that its own owner withdrew. Returns whether it was there.
    pub(super) fn unhear(&mut self, record: &Signed<Withdrawal>) -> bool {
        let owned = self.heard.get(&record.intention).is_some_and(|heard| heard.issuer() == record.issuer());
        owned && self.heard.remove(&record.intention)
    }

    pub(super) fn forget_expired(&mut self, now: Time, out: &mut Outputs) {
        while out.forget.len() < FORGOTTEN_AT_ONCE
            && let Some(id) = self.heard.remove_ended(now)
        {
            out.forget.push(heard_slot(&id));
        }
        while out.forget.len() < FORGOTTEN_AT_ONCE
            && let Some((intention, issuer)) = self.tombstones.pop_ended(now)
        {
            out.forget.push(buried_slot(&intention, &issuer));
        }
    }

    /// When the next of what was heard expires.
    pub(super) fn next_expiry(&self) -> Option<Time> {
        self.heard.next_end().into_iter().chain(self.tombstones.next_end()).min()
    }
}
