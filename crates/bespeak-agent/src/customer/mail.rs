//! Mail: vendors' first words, and what follows in running conversations.

use bespeak_identity::{Purpose, RecordId, Side, Signed};
use bespeak_model::{card::VendorCard, intention::Intention, offer::Offer, queue::QueueId, time::Time};
use bespeak_protocol::{
    channel::{
        envelope::{Sealing, unwrap},
        message::{Body, Message},
        opening::Opening,
    },
    conversation::Facts,
    offer::OfferMessage,
    thread::ThreadId,
};

use super::Customer;
use crate::{
    output::Outputs,
    relation::{Beginnings, Relation},
};

/// Most vendors that one intention listens to. Source: wild guess; nobody compares more, and memory is bounded.
const MAX_VENDORS: usize = 256;

impl Customer {
    /// Opens an envelope. What does not open, or makes no sense, is dropped: whoever sent it learns nothing.
    pub(super) fn mail(&mut self, queue: QueueId, envelope: &[u8], now: Time, out: &mut Outputs) {
        let Ok((sealing, sealed)) = unwrap(envelope) else {
            return;
        };
        match sealing {
            Sealing::Opening => {
                let own = self.queues.get(&queue).and_then(|intention| self.own.get(intention));
                if let Some(record) = own.filter(|own| own.is_live(now)).map(|own| own.record.clone()) {
                    self.open(&record, sealed, now, out);
                }
            }
            Sealing::Resumption => {
                if let Some(thread) = self.threads_by_queue.get(&queue).copied() {
                    self.resumed(thread, sealed, out);
                }
            }
            Sealing::Ratchet => {
                let thread = self.threads_by_queue.get(&queue);
                if let Some(relation) = thread.and_then(|thread| self.relations.get_mut(thread)) {
                    relation.receive(sealed, now, out);
                }
            }
        }
    }

    fn open(&mut self, intention: &Signed<Intention>, sealed: &[u8], now: Time, out: &mut Outputs) {
        let secret = self.seed.seal_key(Purpose::IntentionSeal(&intention.nonce));
        let Ok(opening) = Opening::open(sealed, &secret, &intention.id()) else {
            return;
        };
        let Ok(card) = opening.card.open() else {
            return;
        };
        let Some(first) = first_offer(&opening, intention, &card) else {
            return;
        };
        let thread = ThreadId::opened_by(first);
        if !self.relations.contains_key(&thread) {
            if !self.welcomes(&card, intention.id()) {
                return;
            }
            let relation = self.begin(thread, intention.clone(), card, &opening);
            out.keep.push(relation.opened());
            self.adopt(relation);
        }
        if let Some(relation) = self.relations.get_mut(&thread) {
            relation.take(&opening.messages, now, out);
        }
    }

    /// One conversation for each vendor and intention, and not too many in all.
    fn welcomes(&self, card: &Signed<VendorCard>, intention: RecordId<Intention>) -> bool {
        let about = |relation: &&Relation| relation.facts.intention.id() == intention;
        let mut there = self.relations.values().filter(about);
        there.clone().count() < MAX_VENDORS && there.all(|relation| relation.card.issuer() != card.issuer())
    }

    pub(super) fn begin(
        &self,
        thread: ThreadId,
        intention: Signed<Intention>,
        card: Signed<VendorCard>,
        opening: &Opening,
    ) -> Relation {
        let (id, vendor) = (intention.id(), *card.issuer());
        let digest = id.as_digest();
        let queue = self.seed.sign_key(Purpose::RelationQueue { intention: digest, vendor: &vendor });
        Relation::new(Beginnings {
            side: Side::Customer,
            thread,
            key: self.seed.sign_key(Purpose::RelationSign { intention: digest, vendor: &vendor }),
            transport: self.transport(&queue),
            queue,
            facts: Facts { intention },
            card,
            keys: opening.keys.clone(),
            vendor_drops: opening.drops.clone(),
        })
    }

    pub(super) fn adopt(&mut self, relation: Relation) {
        self.threads_by_queue.insert(relation.queue_id(), relation.thread);
        self.relations.insert(relation.thread, relation);
    }
}

/// The offer that an opening begins with, when everything about it holds.
fn first_offer(
    opening: &Opening,
    intention: &Signed<Intention>,
    card: &Signed<VendorCard>,
) -> Option<RecordId<Offer>> {
    let message: Signed<Message> = opening.messages.first()?.open().ok()?;
    let Body::Offer(OfferMessage::Submit { offer }) = &message.body else {
        return None;
    };
    let offer = offer.open().ok()?;
    let holds = message.iss == *card.issuer()
        && offer.iss == *card.issuer()
        && card.net == intention.net
        && offer.intention == intention.id()
        && message.seq == 1
        && message.thread == ThreadId::opened_by(offer.id());
    holds.then(|| offer.id())
}
