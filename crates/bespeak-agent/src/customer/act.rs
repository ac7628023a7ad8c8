//! Answering vendors: the first word introduces the customer and turns the ratchet for the first time.

use bespeak_identity::{Purpose, RecordId, Signed};
use bespeak_model::{
    intention::Prose,
    money::Money,
    offer::Offer,
    queue::Drop,
    reason::{Reason, RefusalCode},
    time::Time,
};
use bespeak_protocol::{
    channel::{message::Body, opening::Introduction, ratchet::Ratchet},
    offer::OfferMessage,
    thread::ThreadId,
};
use serde_bytes::ByteBuf;

use super::Customer;
use crate::{
    command::{Placement, Reply},
    conversations,
    document::Kept,
    output::{Outputs, Refusal},
    relation::{Relation, internal},
    show::refuse_act,
};

impl Customer {
    pub(super) fn counter(
        &mut self,
        offer: RecordId<Offer>,
        total: Money,
        text: Option<Prose>,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let thread = self.answerable(offer)?;
        let current = self.relation(thread)?.state.offering.current();
        let currency = current.map_or_else(|| total.currency(), |current| current.total.currency());
        if total.currency() != currency || total.amount() < 0 {
            let detail = format!("the offer is in {currency}: counter with an amount in it, of zero or more");
            return Err(Refusal::new(RefusalCode::QuoteMismatch, detail));
        }
        self.say(thread, Body::Offer(OfferMessage::Counter { offer, total, text }), now, out)
    }

    pub(super) fn decline(
        &mut self,
        offer: RecordId<Offer>,
        reason: Reason,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let thread = self.answerable(offer)?;
        self.say(thread, Body::Offer(OfferMessage::Decline { offer, reason }), now, out)
    }

    /// Lets the vendor see where her node is, or no longer. Nothing is sent for it: it says which way her envelopes take.
    pub(super) fn reveal(&mut self, thread: ThreadId, on: bool, out: &mut Outputs) -> Result<Reply, Refusal> {
        let relation = conversations::of_thread_mut(&mut self.relations, thread)?;
        if relation.revealed != on {
            relation.revealed = on;
            out.keep.push(Kept::Revealed { thread, on });
        }
        Ok(Reply::Done)
    }

    /// The conversation of an offer that can be answered now.
    fn answerable(&self, offer: RecordId<Offer>) -> Result<ThreadId, Refusal> {
        let thread = conversations::thread_of_offer(&self.relations, offer)?;
        let state = &self.relation(thread)?.state;
        if state.offering.current().map(Signed::id) != Some(offer) {
            let detail = "a newer offer of this vendor stands in its place; answer that one";
            return Err(Refusal::new(RefusalCode::NotAllowedByState, detail));
        }
        state
            .offering
            .can_answer(state.open_deal().is_some())
            .map_err(|code| refuse_act(code, "the offer no longer stands, or an order for it is open"))?;
        Ok(thread)
    }

    pub(super) fn relation(&self, thread: ThreadId) -> Result<&Relation, Refusal> {
        conversations::of_thread(&self.relations, thread)
    }

    /// Says something. Her first word to a vendor introduces her.
    pub(super) fn say(
        &mut self,
        thread: ThreadId,
        body: Body,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let relation = conversations::of_thread_mut(&mut self.relations, thread)?;
        relation.wanted = true;
        if relation.introduction.is_none() {
            relation.check(&body, now)?;
            self.greet(thread, None, out)?;
        }
        let relation = conversations::of_thread_mut(&mut self.relations, thread)?;
        relation.say(body, now, &mut self.entropy, out)?;
        relation.hurry();
        Ok(Reply::Done)
    }

    /// Introduces the customer in a conversation, once: names her key for it, signed by the intention's.
    /// Without a placement the vendor's answers are left where the intention's offers are.
    pub(super) fn greet(
        &mut self,
        thread: ThreadId,
        placement: Option<&Placement>,
        out: &mut Outputs,
    ) -> Result<(), Refusal> {
        let relation = conversations::of_thread(&self.relations, thread)?;
        if relation.introduction.is_some() {
            return Ok(());
        }
        let intention = relation.facts.intention.clone();
        let addresses = |drop: &Drop| drop.hosts.iter().map(|host| host.as_str().to_owned()).collect();
        let same = || Placement { hosts: intention.drops.iter().map(addresses).collect() };
        let placement = placement.cloned().unwrap_or_else(same);
        let (id, vendor) = (intention.id(), *relation.card.issuer());
        let purpose = Purpose::RelationSign { intention: id.as_digest(), vendor: &vendor };
        let introduction = Introduction {
            iss: intention.iss,
            nonce: self.entropy.nonce(),
            net: self.network.clone(),
            intention: id,
            thread,
            vendor,
            relation: self.seed.sign_key(purpose).public(),
            drops: placement.drops(relation.queue_id())?,
        };
        let key = self.seed.sign_key(Purpose::IntentionSign(&intention.nonce));
        let record = Signed::sign(introduction, &key).map_err(|error| internal(&error))?;
        let ratchet = Ratchet::answer(&relation.keys).map_err(|error| internal(&error))?;
        if let Some(relation) = self.relations.get_mut(&thread) {
            out.keep.push(Kept::Introduced { thread, record: ByteBuf::from(record.bytes()) });
            relation.introduce(record);
            relation.ratchet = Some(ratchet);
            relation.keep_ratchet(out);
        }
        Ok(())
    }
}
