//! What of a wish is still to be ordered: an order takes from it in the step in which it is placed.

use std::collections::BTreeSet;

use bespeak_identity::{RecordId, Signed};
use bespeak_model::{
    intention::Intention, offer::OfferLine, order::Order, quantity::Quantity, reason::RefusalCode, time::Time,
};
use bespeak_protocol::deal::Deal;

use super::{Customer, Own};
use crate::output::Refusal;

/// What is left of each line of an intention; nothing where all is taken.
pub(super) type Left = Vec<Option<Quantity>>;

impl Customer {
    /// What of each line of an intention no order has taken yet.
    pub(super) fn remaining(&self, intention: &Signed<Intention>) -> Left {
        self.left_by(intention, Deal::takes)
    }

    /// What of each line is left by the orders that count.
    fn left_by(&self, intention: &Signed<Intention>, counts: impl Fn(&Deal) -> bool) -> Left {
        let mut left: Left = intention.lines.iter().map(|line| Some(line.quantity)).collect();
        for deal in self.deals_of(intention.id()).filter(|deal| counts(deal)) {
            for line in deal.order.lines.iter() {
                if let Some(left) = left.get_mut(usize::from(line.line)) {
                    // What does not compare with the rest takes all of it.
                    *left = left.and_then(|left| left.checked_sub(line.quantity).ok().flatten());
                }
            }
        }
        left
    }

    pub(super) fn deals_of(&self, intention: RecordId<Intention>) -> impl Iterator<Item = &Deal> {
        let about = move |relation: &&crate::relation::Relation| relation.facts.intention.id() == intention;
        self.relations.values().filter(about).flat_map(|relation| &relation.state.deals)
    }

    /// These lines fit into what is left, on an intention that still stands for the wish.
    ///
    /// Returns the lapsed orders that are in their way, which only the customer's explicit word passes over.
    pub(super) fn check_remaining(
        &self,
        intention: &Signed<Intention>,
        lines: &[OfferLine],
        anyway: bool,
        now: Time,
    ) -> Result<BTreeSet<RecordId<Order>>, Refusal> {
        if let Some(new) = self.own.get(&intention.id()).and_then(|own| own.superseded_by) {
            let detail = format!("the intention was renewed: what it still wants is wanted by {new} now");
            return Err(Refusal::new(RefusalCode::NotAllowedByState, detail));
        }
        let Err(refusal) = fits(&self.remaining(intention), lines) else {
            return Ok(BTreeSet::new());
        };
        let lapsed = self.lapsed_of(intention.id(), now);
        fits(&self.left_by(intention, |deal| deal.takes() && !lapsed.contains(&deal.id)), lines)?;
        if anyway {
            let shares = |deal: &&Deal| {
                deal.order.lines.iter().any(|taken| lines.iter().any(|line| line.line == taken.line))
            };
            let in_the_way =
                self.deals_of(intention.id()).filter(|deal| lapsed.contains(&deal.id)).filter(shares);
            return Ok(in_the_way.map(|deal| deal.id).collect());
        }
        let detail = format!(
            "{}, and its vendor did not answer before its offer's time ran out. To accept `anyway` cancels that order; if \
             its vendor has accepted it meanwhile, both bind",
            refusal.detail
        );
        Err(Refusal::new(refusal.code, detail))
    }

    /// What a renewal would ask for: what is left, once no order of the old intention's hangs in the balance.
    pub(super) fn renewable(&self, own: &Own) -> Result<Left, Refusal> {
        if own.superseded_by.is_some() {
            return Err(Refusal::new(RefusalCode::NotAllowedByState, "the intention was renewed before"));
        }
        if self.deals_of(own.record.id()).any(|deal| deal.takes() && !deal.binds()) {
            let detail =
                "an order of it waits for its vendor's word, and the vendor may accept; renew it after that";
            return Err(Refusal::new(RefusalCode::Conflict, detail));
        }
        let left = self.remaining(&own.record);
        if left.iter().all(Option::is_none) {
            let detail = "all that it asks for is ordered; `bespeak want` asks for more";
            return Err(Refusal::new(RefusalCode::NotAllowedByState, detail));
        }
        Ok(left)
    }

    /// Whether everything it asks for is bound by accepted orders.
    pub(super) fn is_awarded(&self, intention: &Signed<Intention>) -> bool {
        self.left_by(intention, Deal::binds).iter().all(Option::is_none)
    }
}

/// Whether these lines are still to be ordered.
fn fits(left: &Left, lines: &[OfferLine]) -> Result<(), Refusal> {
    for line in lines {
        let left = left.get(usize::from(line.line)).copied().flatten();
        if !left.is_some_and(|left| line.quantity <= left) {
            let left = left.map_or_else(|| "nothing is".to_owned(), |left| format!("{left} are"));
            let detail = format!(
                "{} of line {} are offered, and {left} still to be ordered; another order has the rest",
                line.quantity,
                line.line + 1
            );
            return Err(Refusal::new(RefusalCode::QuantityUnavailable, detail));
        }
    }
    Ok(())
}
