//! What goes on without a person in the conversations that a rule began.

use std::collections::{BTreeMap, VecDeque};

use bespeak_identity::{RecordId, Signed};
use bespeak_model::{
    bounded::Bounded,
    money::{Currency, Money},
    offer::{Offer, OfferLine},
    order::Order,
    time::Time,
};
use bespeak_policy::{limits::Spent, mandate::Mandate};
use bespeak_protocol::{
    channel::message::Body,
    deal::{Deal, guard},
    enclosed::Enclosed,
    offer::{OfferMessage, Stand},
    thread::ThreadId,
};

use super::Vendor;
use crate::{
    document::Kept,
    output::{Outputs, Refusal},
    relation::{Relation, internal},
    taken::Taken,
};

/// Seconds over which what is offered by rule is counted; source: definition of a day.
const DAY: u64 = 24 * 3600;

/// The conversations that rules began.
#[derive(Debug, Default)]
pub(super) struct Mandates {
    all: BTreeMap<ThreadId, Mandated>,
    /// When offers were made by rule, and what they came to, of the last day.
    made: VecDeque<(Time, Money)>,
}

#[derive(Debug)]
struct Mandated {
    mandate: Option<Mandate>,
    at: Time,
    total: Money,
}

impl Mandates {
    /// A rule began a conversation; the document that keeps it.
    pub(super) fn begin(&mut self, thread: ThreadId, mandate: Mandate, at: Time, total: Money) -> Kept {
        while self.made.front().is_some_and(|(made, _)| at.seconds_since(*made) >= DAY) {
            self.made.pop_front();
        }
        self.recall(thread, Some(mandate.clone()), at, total);
        Kept::Mandated { thread, mandate: Some(mandate), at, total }
    }

    /// Takes back what was kept, in any order.
    pub(super) fn recall(&mut self, thread: ThreadId, mandate: Option<Mandate>, at: Time, total: Money) {
        let place = self.made.partition_point(|(made, _)| *made <= at);
        self.made.insert(place, (at, total));
        self.all.insert(thread, Mandated { mandate, at, total });
    }

    fn of(&self, thread: ThreadId) -> Option<&Mandate> {
        self.all.get(&thread)?.mandate.as_ref()
    }
}

impl Vendor {
    /// How much was offered by rule within the last day; totals are of those in this currency.
    pub fn spent(&self, currency: Option<Currency>, now: Time) -> Spent {
        let mut spent = Spent::default();
        for (_, total) in self.mandates.made.iter().filter(|(made, _)| now.seconds_since(*made) < DAY) {
            spent.offers = spent.offers.saturating_add(1);
            if Some(total.currency()) == currency {
                spent.total = spent.total.saturating_add(total.amount());
            }
        }
        spent
    }

    /// Adds what is held for offers that stand, but for the conversation of one order. What was ordered and accepted is
    /// counted with the orders.
    pub(crate) fn hold(&self, taken: &mut Taken, but: Option<RecordId<Order>>, now: Time) {
        for (thread, mandated) in &self.mandates.all {
            let until = mandated.mandate.as_ref().and_then(|mandate| mandate.held_until);
            let until = until.filter(|until| *until > now);
            let Some((until, relation)) = until.zip(self.relations.get(thread)) else { continue };
            if but.is_none_or(|order| relation.state.deal(order).is_none()) {
                for line in held_by(relation, now) {
                    if let Some(sku) = &line.sku {
                        taken.add_hold(sku, line.quantity.steps(), until);
                    }
                }
            }
        }
    }

    /// Orders that wait for acceptance, for an offer that still stands and whose rule accepts orders.
    pub fn accepted_by_rule(&self, now: Time) -> Vec<RecordId<Order>> {
        let accepting = self
            .mandates
            .all
            .iter()
            .filter(|(_, mandated)| mandated.mandate.as_ref().is_some_and(|mandate| mandate.accepts));
        let relations = accepting.filter_map(|(thread, _)| self.relations.get(thread));
        let live = relations.filter(|relation| {
            relation.state.offering.current().is_some_and(|offer| offer.valid_until > now)
        });
        let waiting = live.flat_map(|relation| &relation.state.deals);
        waiting.filter(|deal| guard::can_accept(deal).is_ok()).map(|deal| deal.id).collect()
    }

    /// A person spoke in a conversation that a rule began: from now on it is hers.
    pub(super) fn take_over(&mut self, thread: ThreadId, out: &mut Outputs) {
        if let Some(mandated) =
            self.mandates.all.get_mut(&thread).filter(|mandated| mandated.mandate.is_some())
        {
            mandated.mandate = None;
            let Mandated { at, total, .. } = *mandated;
            out.keep.push(Kept::Mandated { thread, mandate: None, at, total });
        }
    }

    /// Says yes to a counter-offer where the rule that made the offer allows it; any other waits for a person.
    pub(super) fn answer_counter(&mut self, thread: ThreadId, now: Time, out: &mut Outputs) {
        let (Some(mandate), Some(relation)) = (self.mandates.of(thread), self.relations.get(&thread)) else {
            return;
        };
        let offering = &relation.state.offering;
        let (Some(countered), Some(current)) = (&offering.countered, offering.current()) else { return };
        let stands =
            offering.stand == Stand::Open && offering.can_revise().is_ok() && current.valid_until > now;
        let before = offering.offers.len().saturating_sub(1);
        let agreed = stands && mandate.agrees(countered.total, current.total, before);
        if !agreed || relation.state.open_deal().is_some() {
            return;
        }
        let (current, total) = (current.clone(), countered.total);
        // What cannot be said now waits for a person, as any other counter-offer does.
        let _ = self.revise_to(thread, &current, total, now, out);
    }

    /// The same offer for another total.
    fn revise_to(
        &mut self,
        thread: ThreadId,
        current: &Signed<Offer>,
        total: Money,
        now: Time,
        out: &mut Outputs,
    ) -> Result<(), Refusal> {
        let Some(lines) = lines_for(current, total) else { return Ok(()) };
        let fresh = Offer {
            nonce: self.entropy.nonce(),
            replaces: Some(current.id()),
            lines,
            total,
            valid_until: now.saturating_add(current.valid_until.seconds_since(current.at)),
            at: now,
            ..Offer::clone(current)
        };
        let offer = Signed::sign(fresh, &self.key).map_err(|error| internal(&error))?;
        let body = Body::Offer(OfferMessage::Revise { offer: Enclosed::new(&offer) });
        self.say(thread, body, now, out).map(drop)
    }
}

/// The lines for which goods are held: those of a firm offer that stands, until an order for it binds or has ended.
fn held_by(relation: &Relation, now: Time) -> impl Iterator<Item = &OfferLine> {
    let offering = &relation.state.offering;
    let current = offering.current().filter(|offer| {
        let bound = relation.state.deals.iter().any(|deal: &Deal| guard::can_accept(deal).is_err());
        offering.stand == Stand::Open && offer.firm && offer.valid_until > now && !bound
    });
    current.into_iter().flat_map(|offer| offer.lines.iter())
}

/// The offer's lines, each with its share of another total; what does not divide falls to the first lines. None where
/// delivery alone costs more.
fn lines_for(
    offer: &Offer,
    total: Money,
) -> Option<Bounded<OfferLine, 1, { bespeak_model::intention::MAX_LINES }>> {
    let delivery = offer.delivery.map_or(0, |delivery| delivery.amount());
    let (before, after) = (offer.total.amount() - delivery, total.amount() - delivery);
    if before <= 0 || after < 0 {
        return None;
    }
    let share = |amount: i64| {
        let share = i128::from(amount) * i128::from(after) / i128::from(before);
        i64::try_from(share).ok()
    };
    let shares: Option<Vec<i64>> = offer.lines.iter().map(|line| share(line.amount.amount())).collect();
    let mut shares = shares?;
    let mut left = after - shares.iter().sum::<i64>();
    for share in &mut shares {
        let more = left.min(1);
        *share += more;
        left -= more;
    }
    let lines = offer.lines.iter().zip(shares).map(|(line, share)| {
        let amount = Money::new(share, total.currency()).ok()?;
        Some(OfferLine { amount, ..line.clone() })
    });
    Bounded::new(lines.collect::<Option<Vec<_>>>()?).ok()
}

#[cfg(test)]
mod tests;
