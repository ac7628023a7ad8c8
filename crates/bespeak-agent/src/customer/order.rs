//! Ordering: taking an offer, within what is still wanted.

use bespeak_identity::{Purpose, RecordId, Signed, agreement::sign_half};
use bespeak_model::{
    bounded::Bounded,
    fulfilment::LineSteps,
    intention::Intention,
    offer::{Offer, OfferLine, Sku, sum},
    order::Order,
    reason::{Reason, RefusalCode, WithdrawalReason},
    time::Time,
};
use bespeak_protocol::{
    channel::message::Body,
    deal::{Deal, DealMessage, FulfilmentMessage, Note, OrderMessage, PaymentMessage, guard},
    offer::{OfferMessage, Stand},
    thread::ThreadId,
};
use serde_bytes::ByteBuf;

use super::Customer;
use crate::{
    command::{EitherCommand, Placement, Reply},
    conversations,
    output::{Outputs, Refusal},
    relation::{Relation, internal},
    show::{lines_with, refuse_act},
};

impl Customer {
    /// Places an order. What it takes is taken from the wish in the same step: a second order for the same goods is
    /// refused here, however many windows are open.
    pub(super) fn accept(
        &mut self,
        offer: RecordId<Offer>,
        choose: &[Sku],
        anyway: bool,
        placement: &Placement,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let thread = conversations::thread_of_offer(&self.relations, offer)?;
        let relation = self.relation(thread)?;
        let quote = standing(relation, offer, now)?.clone();
        let lines = chosen(&quote, choose)?;
        let intention = relation.facts.intention.clone();
        self.check_memory(intention.id())?;
        let given_up = self.check_remaining(&intention, &lines, anyway, now)?;
        let total = sum(&lines, quote.delivery.as_ref(), &quote.total).map_err(|error| internal(&error))?;
        let (id, vendor) = (intention.id(), quote.iss);
        let key = self.seed.sign_key(Purpose::RelationSign { intention: id.as_digest(), vendor: &vendor });
        let order = Order {
            customer: key.public(),
            vendor,
            nonce: self.entropy.nonce(),
            net: self.network.clone(),
            intention: id,
            quote: offer,
            lines: Bounded::new(lines).map_err(|error| internal(&error))?,
            delivery: quote.delivery,
            total,
            terms: quote.terms,
            payment: quote.payment,
            placed_at: now,
        };
        self.relation(thread)?.state.offering.can_confirm(&order).map_err(|code| {
            refuse_act(code, "the offer cannot be ordered so: one line of yours would be filled twice")
        })?;
        let half = sign_half(order, &key).map_err(|error| internal(&error))?;
        let confirm = OrderMessage::Confirm {
            order: ByteBuf::from(half.payload()),
            signature: ByteBuf::from(half.signature().as_slice()),
        };
        let confirm = Body::Deal(DealMessage::Order(confirm));
        self.relation(thread)?.check(&confirm, now)?;
        self.greet(thread, Some(placement), out)?;
        self.say(thread, confirm, now, out)?;
        for lapsed in given_up {
            // One that she cancelled before needs no second word.
            let _ = self.either_command(
                EitherCommand::Cancel { order: lapsed, reason: Reason::ChoseOther },
                now,
                out,
            );
        }
        Ok(Reply::Ordered { order: half.id(), thread })
    }

    pub(super) fn paid(
        &mut self,
        order: RecordId<Order>,
        proof: Option<Note>,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let (thread, deal) = self.deal(order)?;
        guard::can_say_paid(deal).map_err(|code| refuse_act(code, "the vendor has not asked for payment"))?;
        let message = DealMessage::Payment(PaymentMessage::Sent { order, proof });
        self.say(thread, Body::Deal(message), now, out)
    }

    pub(super) fn received(
        &mut self,
        order: RecordId<Order>,
        lines: Vec<LineSteps>,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let (thread, deal) = self.deal(order)?;
        let lines = if lines.is_empty() {
            lines_with(deal, |line| line.ordered.saturating_sub(line.received))
        } else {
            lines
        };
        guard::can_receive_lines(deal, &lines)
            .map_err(|code| refuse_act(code, "nothing of that is on its way to you"))?;
        let lines = Bounded::new(lines).map_err(|error| internal(&error))?;
        let message = DealMessage::Fulfilment(FulfilmentMessage::Received { order, lines });
        self.say(thread, Body::Deal(message), now, out)
    }

    pub(super) fn deal(&self, order: RecordId<Order>) -> Result<(ThreadId, &Deal), Refusal> {
        let thread = conversations::thread_of_order(&self.relations, order)?;
        Ok((thread, self.relation(thread)?.deal(order)?))
    }

    /// Once everything an intention asks for is bound by accepted orders, it is taken off the market, and the vendors
    /// whose offers were not taken are told so, as far as they know her: to the others the withdrawal must do.
    pub(super) fn close_awarded(&mut self, now: Time, out: &mut Outputs) {
        let awarded: Vec<_> = self
            .own
            .values()
            .map(|own| own.record.clone())
            .filter(|record| self.is_awarded(record))
            .collect();
        for record in awarded {
            if self.own.get(&record.id()).is_some_and(|own| own.is_live(now)) {
                let _ = self.withdraw(record.id(), WithdrawalReason::Fulfilled, now, out);
            }
            for offer in self.losing(record.id()) {
                let Ok(thread) = conversations::thread_of_offer(&self.relations, offer) else {
                    continue;
                };
                let decline = OfferMessage::Decline { offer, reason: Reason::ChoseOther };
                let _ = self.say(thread, Body::Offer(decline), now, out);
            }
        }
    }

    /// Offers that stand while nothing is left to be ordered, of vendors who have heard from her.
    fn losing(&self, intention: RecordId<Intention>) -> Vec<RecordId<Offer>> {
        let lost = |relation: &&Relation| {
            relation.facts.intention.id() == intention
                && relation.introduction.is_some()
                && relation.state.offering.stand == Stand::Open
                && !relation.state.deals.iter().any(Deal::holds)
        };
        let current = |relation: &Relation| relation.state.offering.current().map(Signed::id);
        self.relations.values().filter(lost).filter_map(current).collect()
    }
}

/// The offer, if it can be ordered as it stands.
fn standing(relation: &Relation, offer: RecordId<Offer>, now: Time) -> Result<&Signed<Offer>, Refusal> {
    let offering = &relation.state.offering;
    let refuse = |code, detail: &str| Err(Refusal::new(code, detail));
    let Some(current) = offering.current().filter(|current| current.id() == offer) else {
        return refuse(
            RefusalCode::NotAllowedByState,
            "a newer offer of this vendor stands in its place; accept that one",
        );
    };
    if relation.state.open_deal().is_some() {
        return refuse(RefusalCode::Conflict, "an order for this offer is open already");
    }
    if offering.stand != Stand::Open {
        return refuse(RefusalCode::NotAllowedByState, "the offer was withdrawn or declined");
    }
    if !current.firm {
        return refuse(
            RefusalCode::NotAllowedByState,
            "the offer is indicative: counter it, and the vendor can answer with a firm one",
        );
    }
    if current.valid_until <= now {
        return refuse(
            RefusalCode::QuoteExpired,
            "the offer's time has run out; ask the vendor for a fresh one",
        );
    }
    Ok(current)
}

/// The lines of a quote, with alternatives in the place of the lines they are for.
fn chosen(quote: &Offer, choose: &[Sku]) -> Result<Vec<OfferLine>, Refusal> {
    let mut lines = quote.lines.to_vec();
    for sku in choose {
        let known = quote.lines.iter().chain(quote.alternatives.iter());
        let Some(taken) = known.into_iter().find(|line| line.sku.as_ref() == Some(sku)) else {
            let detail = format!("the offer holds no article {}", sku.as_str());
            return Err(Refusal::new(RefusalCode::NotFound, detail));
        };
        if let Some(line) = lines.iter_mut().find(|line| line.line == taken.line) {
            *line = taken.clone();
        }
    }
    Ok(lines)
}
