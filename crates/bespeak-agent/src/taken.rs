//! What orders and offers take from a vendor's stock.

use std::collections::BTreeMap;

use bespeak_model::{offer::Sku, time::Time};

use crate::view::OrderView;

/// What is taken from the stock of each article.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken(BTreeMap<Sku, Vec<Take>>);

/// What one line takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Take {
    /// Bound by an order.
    Ordered { accepted: Option<Time>, ordered: u64, fulfilled: u64 },
    /// Held for an offer.
    Held { until: Time, steps: u64 },
}

impl Taken {
    /// Adds what an order takes, once it binds.
    pub(crate) fn add_order(&mut self, order: &OrderView) {
        if !matches!(order.phase.as_str(), "accepted" | "completed") {
            return;
        }
        let accepted = order.log.iter().find(|entry| entry.what == "order.accept" && entry.effect);
        let accepted = accepted.map(|entry| entry.at);
        for line in &order.lines {
            if let Some(sku) = &line.sku {
                let take = Take::Ordered { accepted, ordered: line.ordered, fulfilled: line.fulfilled };
                self.0.entry(sku.clone()).or_default().push(take);
            }
        }
    }

    /// Adds what is held for an offer until then.
    pub fn add_hold(&mut self, sku: &Sku, steps: u64, until: Time) {
        self.0.entry(sku.clone()).or_default().push(Take::Held { until, steps });
    }

    /// How many steps of an article are taken now from a stock that was counted at `counted`: of an order that was accepted
    /// since, all of them; of an older one only what is still to be handed over, for the rest had left when it was counted.
    pub fn of(&self, sku: &Sku, counted: Time, now: Time) -> u64 {
        let takes = self.0.get(sku).map_or(&[][..], Vec::as_slice);
        takes.iter().fold(0, |sum: u64, take| sum.saturating_add(take.steps(counted, now)))
    }
}

impl Take {
    fn steps(self, counted: Time, now: Time) -> u64 {
        match self {
            Self::Ordered { accepted, ordered, .. }
                if accepted.is_some_and(|accepted| accepted >= counted) =>
            {
                ordered
            }
            Self::Ordered { ordered, fulfilled, .. } => ordered.saturating_sub(fulfilled),
            Self::Held { until, steps } => {
                if until > now {
                    steps
                } else {
                    0
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_old_order_takes_only_what_is_still_here() {
        let at = |seconds| Time::from_unix(seconds).unwrap();
        let sku = Sku::new("E1").unwrap();
        let ordered = |accepted| Take::Ordered { accepted: Some(at(accepted)), ordered: 5, fulfilled: 3 };
        let taken = Taken(BTreeMap::from([(sku.clone(), vec![ordered(10), ordered(30)])]));
        assert_eq!(taken.of(&sku, at(20), at(40)), 2 + 5);
        assert_eq!(taken.of(&sku, at(0), at(40)), 10);
        assert_eq!(taken.of(&Sku::new("E2").unwrap(), at(0), at(40)), 0);
        let mut held = Taken::default();
        held.add_hold(&sku, 4, at(50));
        assert_eq!((held.of(&sku, at(0), at(49)), held.of(&sku, at(0), at(50))), (4, 0));
    }
}
