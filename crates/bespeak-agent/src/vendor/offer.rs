//! Making, revising and taking back offers.

use bespeak_identity::{Purpose, RecordId, Side, Signed};
use bespeak_model::{
    bounded::Bounded,
    intention::Intention,
    money::Money,
    offer::{Offer, OfferLine, sum},
    queue::QueueId,
    reason::RefusalCode,
    time::Time,
};
use bespeak_protocol::{
    channel::{message::Body, ratchet::Ratchet},
    conversation::Facts,
    enclosed::Enclosed,
    offer::OfferMessage,
    thread::ThreadId,
};

use super::Vendor;
use crate::{
    command::{DraftLine, OfferDraft, Reply},
    conversations,
    output::{Outputs, Refusal},
    relation::{Beginnings, Relation, internal},
    show::refuse_act,
};

/// Most live intentions that are answered by rule while their customers are silent. Source: wild guess; about 20 KiB
/// each, and a customer who means it answers within the life of her intention. A person's own offers are never refused for it.
pub(super) const MAX_UNANSWERED: usize = 10_000;

impl Vendor {
    /// Answers an intention: the first offer opens a conversation, a later one stands in for the one before.
    pub(super) fn offer(
        &mut self,
        draft: OfferDraft,
        now: Time,
        out: &mut Outputs,
    ) -> Result<RecordId<Offer>, Refusal> {
        match self.threads.get(&draft.intention).copied() {
            Some(_) if draft.mandate.is_some() => {
                Err(Refusal::new(RefusalCode::Duplicate, "this intention has an offer of yours already"))
            }
            Some(thread) => {
                let offer = self.revise(thread, &draft, now, out)?;
                self.take_over(thread, out);
                Ok(offer)
            }
            None if draft.mandate.is_some() && self.unanswered(now) >= self.most_unanswered => {
                Err(Refusal::new(RefusalCode::RateLimited, "too many offers made by rule wait for an answer"))
            }
            None => self.submit(&draft, now, out),
        }
    }

    /// Conversations about live intentions in which the customer has said nothing yet.
    fn unanswered(&self, now: Time) -> usize {
        let silent = |relation: &&Relation| {
            relation.introduction.is_none() && relation.facts.intention.expires_at > now
        };
        self.relations.values().filter(silent).count()
    }

    fn submit(
        &mut self,
        draft: &OfferDraft,
        now: Time,
        out: &mut Outputs,
    ) -> Result<RecordId<Offer>, Refusal> {
        let live = self.market.get(&draft.intention).filter(|record| record.expires_at > now);
        let intention = live.cloned().ok_or_else(|| {
            let detail = format!("no live intention {}; `bespeak inbox` lists them", draft.intention);
            Refusal::new(RefusalCode::NotFound, detail)
        })?;
        let offer = self.write(draft, &intention, None, now)?;
        let thread = ThreadId::opened_by(offer.id());
        let mut relation = self.begin(thread, intention, draft, now)?;
        let body = Body::Offer(OfferMessage::Submit { offer: Enclosed::new(&offer) });
        let mut said = Outputs { keep: vec![relation.opened()], ..Outputs::default() };
        relation.keep_ratchet(&mut said);
        relation.say(body, now, &mut self.entropy, &mut said)?;
        if !relation.can_open(&mut self.entropy) {
            let detail = "the offer does not fit into an envelope with this node's card and addresses";
            return Err(Refusal::new(RefusalCode::TooLarge, detail));
        }
        out.keep.append(&mut said.keep);
        self.adopt(relation);
        if let Some(mandate) = &draft.mandate {
            out.keep.push(self.mandates.begin(thread, mandate.clone(), now, offer.total));
        }
        Ok(offer.id())
    }

    fn begin(
        &mut self,
        thread: ThreadId,
        intention: Signed<Intention>,
        draft: &OfferDraft,
        now: Time,
    ) -> Result<Relation, Refusal> {
        let card = Signed::sign(self.card(now), &self.key).map_err(|error| internal(&error))?;
        let (ratchet, keys) = Ratchet::offer().map_err(|error| internal(&error))?;
        let queue = self.queue_key(&intention);
        let queue_id = QueueId::from_bytes(*queue.public().as_bytes());
        let mut relation = Relation::new(Beginnings {
            side: Side::Vendor,
            thread,
            facts: Facts { intention },
            card,
            keys,
            vendor_drops: draft.placement.drops(queue_id)?,
            key: self.key.clone(),
            queue,
            transport: self.transport(),
        });
        relation.ratchet = Some(ratchet);
        Ok(relation)
    }

    pub(super) fn queue_key(&self, intention: &Signed<Intention>) -> bespeak_identity::SignKey {
        let (id, vendor) = (intention.id(), self.key.public());
        self.seed.sign_key(Purpose::RelationQueue { intention: id.as_digest(), vendor: &vendor })
    }

    /// One identity for all its mail, another than the market's. A host that holds queues of several customers can tell
    /// that one sender writes to them, and a vendor's name is public anyway.
    pub(super) fn transport(&self) -> [u8; 32] {
        *self.seed.derive(Purpose::Transport(self.key.public().as_bytes()))
    }

    fn revise(
        &mut self,
        thread: ThreadId,
        draft: &OfferDraft,
        now: Time,
        out: &mut Outputs,
    ) -> Result<RecordId<Offer>, Refusal> {
        let relation = self.relation(thread)?;
        let meaning = "the customer declined, you passed, or an order is open: this offer cannot be revised";
        relation.state.offering.can_revise().map_err(|code| refuse_act(code, meaning))?;
        if relation.state.open_deal().is_some() {
            return Err(refuse_act(RefusalCode::NotAllowedByState, meaning));
        }
        let intention = relation.facts.intention.clone();
        let replaces = relation.state.offering.current().map(Signed::id);
        let offer = self.write(draft, &intention, replaces, now)?;
        let body = Body::Offer(OfferMessage::Revise { offer: Enclosed::new(&offer) });
        self.say(thread, body, now, out)?;
        Ok(offer.id())
    }

    fn write(
        &mut self,
        draft: &OfferDraft,
        intention: &Signed<Intention>,
        replaces: Option<RecordId<Offer>>,
        now: Time,
    ) -> Result<Signed<Offer>, Refusal> {
        let lines = priced(&draft.lines, intention)?;
        let alternatives = priced(&draft.alternatives, intention)?;
        let first = lines
            .first()
            .ok_or_else(|| Refusal::new(RefusalCode::NotFound, "an offer has a line at least"))?;
        let zero = Money::zero(first.amount.currency());
        let one_currency = |error: bespeak_model::offer::SumError| {
            Refusal::new(RefusalCode::QuoteMismatch, error.to_string())
        };
        let total = sum(&lines, draft.delivery.as_ref(), &zero).map_err(one_currency)?;
        let too_many = |error: bespeak_model::bounded::LengthError| {
            Refusal::new(RefusalCode::TooLarge, format!("lines of the offer: {error}"))
        };
        let terms = draft.terms.or_else(|| intention.terms.first().copied());
        let offer = Offer {
            iss: self.key.public(),
            nonce: self.entropy.nonce(),
            net: self.network.clone(),
            intention: intention.id(),
            replaces,
            lines: Bounded::new(lines).map_err(too_many)?,
            alternatives: Bounded::new(alternatives).map_err(too_many)?,
            delivery: draft.delivery,
            total,
            terms: terms
                .ok_or_else(|| Refusal::new(RefusalCode::TermsRequired, "the intention offers no terms"))?,
            firm: draft.firm,
            payment: draft.payment,
            valid_until: now.saturating_add(draft.valid.seconds()),
            deliver_by: draft.deliver_by,
            text: draft.text.clone(),
            at: now,
        };
        offer.check_sum().map_err(one_currency)?;
        Signed::sign(offer, &self.key).map_err(|error| internal(&error))
    }

    pub(super) fn withdraw(
        &mut self,
        offer: RecordId<Offer>,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let thread = conversations::thread_of_offer(&self.relations, offer)?;
        let state = &self.relation(thread)?.state;
        if state.offering.current().map(Signed::id) != Some(offer) {
            let detail = "a newer offer of yours stands in its place; withdraw that one";
            return Err(Refusal::new(RefusalCode::NotAllowedByState, detail));
        }
        state
            .offering
            .can_withdraw(state.open_deal().is_some())
            .map_err(|code| refuse_act(code, "the offer no longer stands, or an order for it is open"))?;
        self.say(thread, Body::Offer(OfferMessage::Withdraw { offer }), now, out)?;
        Ok(Reply::Done)
    }

    pub(super) fn pass(
        &mut self,
        intention: RecordId<Intention>,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let thread = self.threads.get(&intention).copied().ok_or_else(|| {
            Refusal::new(
                RefusalCode::NotFound,
                "there is no offer of yours to that intention; silence says the same",
            )
        })?;
        if self.relation(thread)?.state.offering.passed {
            return Err(Refusal::new(RefusalCode::Duplicate, "you passed already"));
        }
        self.say(thread, Body::Offer(OfferMessage::Pass {}), now, out)?;
        Ok(Reply::Done)
    }

    pub(super) fn relation(&self, thread: ThreadId) -> Result<&Relation, Refusal> {
        conversations::of_thread(&self.relations, thread)
    }

    pub(super) fn say(
        &mut self,
        thread: ThreadId,
        body: Body,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let relation = conversations::of_thread_mut(&mut self.relations, thread)?;
        relation.say(body, now, &mut self.entropy, out)?;
        relation.hurry();
        Ok(Reply::Done)
    }
}

/// Draft lines with the wanted quantity where none is named, and their amounts.
fn priced(lines: &[DraftLine], intention: &Signed<Intention>) -> Result<Vec<OfferLine>, Refusal> {
    let price = |line: &DraftLine| {
        let wanted = intention.lines.get(usize::from(line.line)).ok_or_else(|| {
            let detail = format!("the intention has no line {}", u16::from(line.line) + 1);
            Refusal::new(RefusalCode::NotFound, detail)
        })?;
        let quantity = line.quantity.unwrap_or(wanted.quantity);
        if quantity.unit() != wanted.quantity.unit() {
            let detail = format!("{} are wanted; offer in the same unit, not {quantity}", wanted.quantity);
            return Err(Refusal::new(RefusalCode::QuoteMismatch, detail));
        }
        let amount = line.unit_price.for_quantity(quantity);
        let amount = amount.map_err(|error| Refusal::new(RefusalCode::TooLarge, error.to_string()))?;
        Ok(OfferLine { line: line.line, name: line.name.clone(), sku: line.sku.clone(), quantity, amount })
    };
    lines.iter().map(price).collect()
}
