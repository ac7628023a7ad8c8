//! What bringing goods costs, by where they go.

use bespeak_model::{money::Money, place::Place, written};
use serde::{Deserialize, Serialize};

/// Most zones of one rule. Source: wild guess; a zone a country, and some.
pub const MAX_ZONES: usize = 300;
/// Most places of one zone. Source: the countries there are.
pub const MAX_PLACES: usize = 300;

/// Where goods are brought for one price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Any of these places; empty means everywhere.
    #[serde(default, with = "written::many", skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<Place>,
    /// What it costs; nothing when absent.
    #[serde(default, with = "written::maybe", skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    /// From this sum of the goods on it costs nothing.
    #[serde(default, with = "written::maybe", skip_serializing_if = "Option::is_none")]
    pub free_from: Option<Money>,
    /// Days on the way.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub days: u16,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(days: &u16) -> bool {
    *days == 0
}

/// What is known of bringing goods to a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way<'a> {
    /// Nothing is said of delivery.
    Unsaid,
    /// It costs what this zone says.
    To(&'a Zone),
    /// She does not say where she is: this is what it costs at most, and no firm word can be given.
    AtMost(&'a Zone),
    /// Nothing is brought there.
    No,
}

/// How goods come to a customer: the first zone that she may be in; where she does not say, the dearest.
pub fn way<'a>(zones: &'a [Zone], customer: Option<&Place>) -> Way<'a> {
    if zones.is_empty() {
        return Way::Unsaid;
    }
    if let Some(everywhere) = zones.first().filter(|zone| zone.to.is_empty()) {
        return Way::To(everywhere);
    }
    let Some(customer) = customer else {
        let cost = |zone: &&Zone| zone.cost.map_or(0, |cost| cost.amount());
        return zones.iter().max_by_key(cost).map_or(Way::Unsaid, Way::AtMost);
    };
    let meets = |zone: &&Zone| zone.to.is_empty() || zone.to.iter().any(|place| place.may_meet(customer));
    zones.iter().find(meets).map_or(Way::No, Way::To)
}

impl Zone {
    /// What it costs to bring goods of this sum; none where it costs nothing.
    ///
    /// # Errors
    /// When the zone's currency is another than the goods'.
    pub fn cost_of(&self, goods: Money) -> Result<Option<Money>, OtherCurrency> {
        let said = [self.cost, self.free_from];
        if said.iter().flatten().any(|said| said.currency() != goods.currency()) {
            return Err(OtherCurrency);
        }
        let free = self.free_from.is_some_and(|least| goods.amount() >= least.amount());
        Ok(self.cost.filter(|cost| !free && !cost.is_zero()))
    }

    /// Whether its figures make sense.
    pub fn is_sound(&self) -> bool {
        let negative = [self.cost, self.free_from].iter().flatten().any(Money::is_negative);
        let currencies =
            self.cost.zip(self.free_from).is_none_or(|(cost, free)| cost.currency() == free.currency());
        !negative && currencies && self.to.len() <= MAX_PLACES
    }
}

/// Delivery is priced in another currency than the goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("delivery is priced in another currency than the goods")]
pub struct OtherCurrency;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    fn zone(to: &[&str], cost: &str, free_from: Option<&str>) -> Zone {
        let to = to.iter().map(|place| place.parse().unwrap()).collect();
        Zone { to, cost: Some(money(cost)), free_from: free_from.map(money), days: 2 }
    }

    #[test]
    fn the_first_zone_that_she_may_be_in_counts() {
        let zones = [
            zone(&["DE-u33d+50km"], "0 EUR", None),
            zone(&["DE", "AT"], "9.90 EUR", None),
            zone(&["CH"], "30 EUR", None),
        ];
        let to = |place: &str| way(&zones, Some(&place.parse().unwrap()));
        assert_eq!(to("DE-u33d"), Way::To(&zones[0]));
        assert_eq!(to("DE-u281"), Way::To(&zones[1]));
        assert_eq!(to("CH"), Way::To(&zones[2]));
        assert_eq!(to("FR"), Way::No);
        assert_eq!(way(&zones, None), Way::AtMost(&zones[2]), "she may be where it is dearest");
        assert_eq!(way(&[], None), Way::Unsaid);
        let everywhere = [Zone { to: Vec::new(), ..zones[1].clone() }];
        assert_eq!(way(&everywhere, None), Way::To(&everywhere[0]));
    }

    #[test]
    fn large_orders_are_brought_for_nothing() {
        let zone = zone(&["DE"], "9.90 EUR", Some("100 EUR"));
        assert_eq!(zone.cost_of(money("99.99 EUR")), Ok(Some(money("9.90 EUR"))));
        assert_eq!(zone.cost_of(money("100 EUR")), Ok(None));
        assert_eq!(zone.cost_of(money("100 USD")), Err(OtherCurrency));
        assert!(zone.is_sound());
        assert!(!Zone { cost: Some(money("1 USD")), ..zone.clone() }.is_sound());
        assert!(!Zone { cost: Some(money("-1 EUR")), ..zone }.is_sound());
    }
}
