//! How much is offered by rule in a day, and at what hours it is not.

use bespeak_model::{money::Money, written};
use serde::{Deserialize, Serialize};

use crate::hours::Hours;

/// Bounds over all rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Offers made by rule in 24 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offers_a_day: Option<u32>,
    /// What they come to in 24 hours; those in another currency wait for a person.
    #[serde(with = "written::maybe", skip_serializing_if = "Option::is_none")]
    pub total_a_day: Option<Money>,
    /// Hours in which nothing is offered; what comes in them is looked at when they end.
    #[serde(with = "written::maybe", skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Hours>,
    /// The zone of the clock by which those hours go, such as `Europe/Berlin`; the machine's own when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// Offers of a day, and what they come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// How many.
    pub offers: u32,
    /// What those in the limit's currency come to, in minor units.
    pub total: i64,
}

/// Why an offer must wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reached {
    /// So many were made already.
    #[error("{0} offers were made by rule within a day")]
    Offers(u32),
    /// It would come to more than this.
    #[error("what is offered by rule within a day would be above {0}")]
    Total(Money),
    /// Its currency is not that of the limit.
    #[error("the day's limit is in another currency than the offer")]
    Currency,
}

impl Limits {
    /// Whether one more offer of this total may be made.
    ///
    /// # Errors
    /// Which bound is reached.
    pub fn check(&self, spent: Spent, total: Money) -> Result<(), Reached> {
        if self.offers_a_day.is_some_and(|most| spent.offers >= most) {
            return Err(Reached::Offers(spent.offers));
        }
        match self.total_a_day {
            Some(most) if most.currency() != total.currency() => Err(Reached::Currency),
            Some(most) if spent.total.saturating_add(total.amount()) > most.amount() => {
                Err(Reached::Total(most))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_day_has_bounds() {
        let money = |text: &str| text.parse::<Money>().unwrap();
        let limits =
            Limits { offers_a_day: Some(3), total_a_day: Some(money("100 EUR")), ..Limits::default() };
        let spent = |offers, total| Spent { offers, total };
        assert_eq!(limits.check(spent(2, 40_00), money("60 EUR")), Ok(()));
        assert_eq!(limits.check(spent(3, 0), money("1 EUR")), Err(Reached::Offers(3)));
        assert_eq!(limits.check(spent(2, 40_00), money("60.01 EUR")), Err(Reached::Total(money("100 EUR"))));
        assert_eq!(limits.check(spent(0, i64::MAX), money("1 EUR")), Err(Reached::Total(money("100 EUR"))));
        assert_eq!(limits.check(spent(0, 0), money("1 USD")), Err(Reached::Currency));
        assert_eq!(Limits::default().check(spent(u32::MAX, i64::MAX), money("1 USD")), Ok(()));
    }
}
