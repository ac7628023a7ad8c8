//! Law 4: what is awarded never exceeds what was wanted.

use std::collections::BTreeMap;

use bespeak_agent::Agent;
use bespeak_identity::{RecordId, Signed};
use bespeak_model::{intention::Intention, order::Order, quantity::Quantity};
use bespeak_protocol::deal::Deal;

use super::{Broken, Law};
use crate::person::Person;

/// The orders that bind, as their vendors saw them last: a vendor's acceptance is the moment of commitment, and on its
/// side the order of things is final.
#[derive(Debug, Default)]
pub(super) struct Awarded {
    bound: BTreeMap<(usize, RecordId<Order>), Order>,
    wanted: BTreeMap<RecordId<Intention>, Signed<Intention>>,
}

impl Awarded {
    /// Sums what all vendors hold as bound, and what the customer holds as taken, over each intention.
    pub(super) fn no_more_than_wanted(&mut self, who: usize, people: &[Person]) -> Result<(), Broken> {
        let Some(agent) = &people[who].agent else {
            return Ok(());
        };
        let mut touched: BTreeMap<RecordId<Intention>, Vec<Order>> = BTreeMap::new();
        for inside in agent.conversations() {
            let record = &inside.facts.intention;
            self.wanted.entry(record.id()).or_insert_with(|| record.clone());
            let taken = touched.entry(record.id()).or_default();
            match agent {
                Agent::Customer(_) => {
                    taken.extend(
                        inside.state.deals.iter().filter(|deal| deal.holds()).map(|deal| deal.order.clone()),
                    );
                }
                Agent::Vendor(_) => self.note(who, &inside.state.deals),
            }
        }
        for (id, taken) in touched {
            let Some(wanted) = self.wanted.get(&id) else {
                continue;
            };
            let bound: Vec<_> = self.bound.values().filter(|order| order.intention == id).cloned().collect();
            fits(wanted, &bound, "all vendors together")?;
            fits(wanted, &taken, "the customer")?;
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

fn fits(wanted: &Signed<Intention>, orders: &[Order], whose: &str) -> Result<(), Broken> {
    for (index, line) in wanted.lines.iter().enumerate() {
        let taken = orders.iter().flat_map(|order| order.lines.iter());
        let mut sum: Option<Quantity> = None;
        for item in taken.filter(|item| usize::from(item.line) == index) {
            let more = sum.map_or(Ok(item.quantity), |sum| sum.checked_add(item.quantity));
            sum = Some(more.map_err(|error| {
                Law::NoMoreIsAwardedThanWanted
                    .broken(format!("{whose} mixed measures in {}: {error}", wanted.id()))
            })?);
        }
        let holds = sum.is_none_or(|sum| sum <= line.quantity);
        Law::NoMoreIsAwardedThanWanted.holds(holds, || {
            let sum = sum.map(|sum| sum.to_string()).unwrap_or_default();
            format!("{whose}: {sum} of line {index} of {}, where {} was wanted", wanted.id(), line.quantity)
        })?;
    }
    Ok(())
}
