//! Hearing the market: live intentions and their tombstones.

use bespeak_identity::Signed;
use bespeak_model::{
    intention::{Intention, Withdrawal},
    time::Time,
};
use bespeak_protocol::market::{News, Slot as Place};
use serde_bytes::ByteBuf;

use super::Vendor;
use crate::{
    document::{Kept, Slot, buried_slot, heard_slot},
    notice::Notice,
    output::Outputs,
};

/// Most documents forgotten in one step. Source: a tenth of what a store takes at once (10,000 changes): what is left
/// is forgotten in the next step, at once.
const FORGOTTEN_AT_ONCE: usize = 1_000;

impl Vendor {
    pub(super) fn gossip(&mut self, topic: &str, bytes: &[u8], now: Time, out: &mut Outputs) {
        let hearing = self.market.judge(&mut self.gate, topic, bytes, now);
        out.judge = Some(hearing.verdict);
        match hearing.news {
            Some(News::Intention(record)) => self.heard(*record, out),
            Some(News::Withdrawal(record)) => self.buried(&record, out),
            None => {}
        }
    }

    fn heard(&mut self, record: Signed<Intention>, out: &mut Outputs) {
        let intention = record.id();
        out.keep.push(Kept::Heard { record: ByteBuf::from(record.bytes()), intention });
        out.tell.push(Notice::IntentionHeard { intention });
        self.wake_by(record.expires_at);
        out.forget.extend(self.market.hear(record).iter().map(slot_of));
    }

    fn buried(&mut self, record: &Signed<Withdrawal>, out: &mut Outputs) {
        let (intention, issuer) = (record.intention, *record.issuer());
        let burial = self.market.bury(record);
        if burial.kept {
            out.keep.push(Kept::Buried { record: ByteBuf::from(record.bytes()), intention, issuer });
            self.wake_by(record.expires_at);
        }
        out.forget.extend(burial.forget.iter().map(slot_of));
        if burial.withdrawn {
            out.tell.push(Notice::IntentionWithdrawn { intention });
        }
    }

    /// What is heard is forgotten when its time is over.
    fn wake_by(&mut self, end: Time) {
        self.wake_at = Some(self.wake_at.map_or(end, |at| at.min(end)));
    }

    pub(super) fn forget_expired(&mut self, now: Time, out: &mut Outputs) {
        let most = FORGOTTEN_AT_ONCE.saturating_sub(out.forget.len());
        out.forget.extend(self.market.forget_ended(now, most).iter().map(slot_of));
    }
}

fn slot_of(place: &Place) -> Slot {
    match place {
        Place::Intention(id) => heard_slot(id),
        Place::Tombstone(intention, issuer) => buried_slot(intention, issuer),
    }
}
