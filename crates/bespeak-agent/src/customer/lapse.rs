//! Orders whose vendor let the offer's time run out without a word. It may still accept: only its word frees the goods, or
//! the customer's own, who then knows that both may bind.

use std::collections::BTreeSet;

use bespeak_identity::RecordId;
use bespeak_model::{intention::Intention, order::Order, time::Time};
use bespeak_protocol::deal::{Deal, Phase};

use super::Customer;
use crate::{notice::Notice, output::Outputs, relation::Relation};

impl Customer {
    /// The lapsed orders of an intention.
    pub(super) fn lapsed_of(&self, intention: RecordId<Intention>, now: Time) -> BTreeSet<RecordId<Order>> {
        let about = |relation: &&Relation| relation.facts.intention.id() == intention;
        self.relations
            .values()
            .filter(about)
            .flat_map(lapses)
            .filter(|(at, _)| *at <= now)
            .map(to_order)
            .collect()
    }

    /// Tells of each lapsed order once in this life.
    pub(super) fn note_lapsed(&mut self, now: Time, out: &mut Outputs) {
        let all = self.relations.values().flat_map(lapses).filter(|(at, _)| *at <= now).map(to_order);
        let lapsed: BTreeSet<_> = all.collect();
        for order in lapsed.difference(&self.lapsed) {
            out.tell.push(Notice::OrderChanged { order: *order, what: "order.lapsed".to_owned() });
        }
        self.lapsed = lapsed;
    }

    /// When the next order lapses.
    pub(super) fn next_lapse(&self, now: Time) -> Option<Time> {
        self.relations.values().flat_map(lapses).map(|(at, _)| at).filter(|at| *at > now).min()
    }

    /// What is said of a lapsed order in place of what would be said of it otherwise.
    pub(super) fn lapsed_words(&self, deal: &Deal) -> Option<&'static str> {
        self.lapsed.contains(&deal.id).then_some(if deal.phase == Phase::Placed {
            "placed: the vendor has not answered, and its offer's time has run out; cancel it, or accept another offer anyway"
        } else {
            "cancelled: the vendor has not heard of it, and its offer's time has run out; another offer can be accepted anyway"
        })
    }
}

/// The orders that wait for their vendor's word, and when the offers they take run out.
fn lapses(relation: &Relation) -> impl Iterator<Item = (Time, &Deal)> {
    let waiting = relation.state.deals.iter().filter(|deal| deal.takes() && !deal.binds());
    waiting.filter_map(|deal| {
        let quote = relation.state.offering.offers.iter().find(|offer| offer.id() == deal.order.quote)?;
        Some((quote.valid_until, deal))
    })
}

fn to_order((_, deal): (Time, &Deal)) -> RecordId<Order> {
    deal.id
}
