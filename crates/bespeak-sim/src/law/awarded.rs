//! Law 4: what is awarded never exceeds what was wanted.

use std::collections::BTreeMap;

use bespeak_agent::Agent;
use bespeak_identity::{RecordId, Signed, Unverified};
use bespeak_model::{
    intention::{Intention, Title},
    order::Order,
    quantity::Quantity,
    time::Time,
};
use bespeak_protocol::deal::Deal;

use super::{Broken, Law};
use crate::person::Person;

/// The orders that bind, as their vendors saw them last: a vendor's acceptance is the moment of commitment, and on its
/// side the order of things is final.
#[derive(Debug, Default)]
pub(super) struct Awarded {
    pub(super) bound: BTreeMap<(usize, RecordId<Order>), Order>,
    pub(super) wanted: BTreeMap<RecordId<Intention>, Signed<Intention>>,
    /// The intention in whose place a renewed one stands.
    pub(super) renews: BTreeMap<RecordId<Intention>, RecordId<Intention>>,
}

impl Awarded {
    /// Sums what all vendors hold as bound, and what the customer holds as taken, over each wish: an intention and
    /// everything it was renewed as.
    pub(super) fn no_more_than_wanted(&mut self, who: usize, people: &[Person]) -> Result<(), Broken> {
        let Some(agent) = &people[who].agent else {
            return Ok(());
        };
        self.note_renewals(agent);
        let mut touched: BTreeMap<RecordId<Intention>, Vec<Order>> = BTreeMap::new();
        for inside in agent.conversations() {
            let record = &inside.facts.intention;
            self.wanted.entry(record.id()).or_insert_with(|| record.clone());
            let taken = touched.entry(self.first(record.id())).or_default();
            match agent {
                Agent::Customer(_) => {
                    taken.extend(
                        inside.state.deals.iter().filter(|deal| deal.holds()).map(|deal| deal.order.clone()),
                    );
                }
                Agent::Vendor(_) => self.note(who, &inside.state.deals),
            }
        }
        for (first, taken) in touched {
            self.fits(first, &taken, "the customer")?;
            self.bound_fits(first)?;
        }
        Ok(())
    }

    /// What all vendors hold as bound fits into the wish that began with this intention.
    pub(super) fn bound_fits(&self, first: RecordId<Intention>) -> Result<(), Broken> {
        let of_it = |order: &&Order| self.first(order.intention) == first;
        let bound: Vec<_> = self.bound.values().filter(of_it).cloned().collect();
        self.fits(first, &bound, "all vendors together")
    }

    fn note_renewals(&mut self, agent: &Agent) {
        if !matches!(agent, Agent::Customer(_)) {
            return;
        }
        for view in agent.intentions(Time::EPOCH) {
            if let Some(new) = view.superseded_by {
                self.renews.insert(new, view.intention);
            }
            // The first of a wish says what was wanted, whether or not anybody answered it.
            let record = || {
                let bytes = agent.record(&view.intention.to_string())?;
                Unverified::from_bytes(bytes).ok()?.verify().ok()
            };
            if !self.wanted.contains_key(&view.intention)
                && let Some(record) = record()
            {
                self.wanted.insert(view.intention, record);
            }
        }
    }

    /// The intention with which a wish began.
    fn first(&self, mut intention: RecordId<Intention>) -> RecordId<Intention> {
        while let Some(old) = self.renews.get(&intention) {
            intention = *old;
        }
        intention
    }

    /// A renewed intention has fewer lines: they are told apart by their names.
    fn line_of(&self, order: &Order, line: u8) -> Option<&Title> {
        let wanted = self.wanted.get(&order.intention)?;
        wanted.lines.get(usize::from(line)).map(|line| &line.name)
    }

    fn fits(&self, first: RecordId<Intention>, orders: &[Order], whose: &str) -> Result<(), Broken> {
        let Some(wanted) = self.wanted.get(&first) else {
            return Ok(());
        };
        for line in wanted.lines.iter() {
            let mut sum: Option<Quantity> = None;
            for order in orders {
                let items =
                    order.lines.iter().filter(|item| self.line_of(order, item.line) == Some(&line.name));
                for item in items {
                    sum = Some(more(sum, item.quantity, whose, wanted)?);
                }
            }
            let holds = sum.is_none_or(|sum| sum <= line.quantity);
            Law::NoMoreIsAwardedThanWanted.holds(holds, || {
                let sum = sum.map(|sum| sum.to_string()).unwrap_or_default();
                format!(
                    "{whose}: {sum} of {} of {}, where {} was wanted",
                    line.name,
                    wanted.id(),
                    line.quantity
                )
            })?;
        }
        Ok(())
    }

    fn note(&mut self, who: usize, deals: &[Deal]) {
        for deal in deals {
            if deal.binds() {
                self.bound.entry((who, deal.id)).or_insert_with(|| deal.order.clone());
            } else {
                self.bound.remove(&(who, deal.id));
            }
        }
    }
}

fn more(
    sum: Option<Quantity>,
    quantity: Quantity,
    whose: &str,
    wanted: &Signed<Intention>,
) -> Result<Quantity, Broken> {
    sum.map_or(Ok(quantity), |sum| sum.checked_add(quantity)).map_err(|error| {
        Law::NoMoreIsAwardedThanWanted.broken(format!("{whose} mixed measures in {}: {error}", wanted.id()))
    })
}
