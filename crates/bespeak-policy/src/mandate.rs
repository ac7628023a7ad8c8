//! What may be done without a person in one conversation that a rule began.

use bespeak_model::{money::Money, text::Text, time::Time};
use serde::{Deserialize, Serialize};

/// What a rule is called.
pub type RuleName = Text<80>;

/// What the rule that made an offer allows from then on; kept with the conversation, so that it holds when the rule has
/// changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// Which rule; none where the settings alone decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleName>,
    /// The least total that is agreed to; none where counter-offers wait for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<Money>,
    /// How many counter-offers are answered.
    #[serde(default)]
    pub counters: u8,
    /// Until when the goods of a firm offer are held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<Time>,
    /// Whether an order is accepted at once.
    #[serde(default)]
    pub accepts: bool,
}

impl Mandate {
    /// Whether a counter-offer is agreed to, where so many were before: one below the floor, above what was asked, or in
    /// another currency is a person's matter.
    pub fn agrees(&self, countered: Money, asked: Money, before: usize) -> bool {
        let least = self.least.filter(|least| least.currency() == countered.currency());
        let within =
            least.is_some_and(|least| (least.amount()..=asked.amount()).contains(&countered.amount()));
        within && asked.currency() == countered.currency() && before < usize::from(self.counters)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_counter_offer_is_agreed_to_down_to_the_floor_and_so_many_times() {
        let money = |text: &str| text.parse::<Money>().unwrap();
        let mandate = Mandate { least: Some(money("90 EUR")), counters: 2, ..Mandate::default() };
        for (countered, before, agrees) in [
            ("90 EUR", 0, true),
            ("100 EUR", 1, true),
            ("89.99 EUR", 0, false),
            ("100.01 EUR", 0, false),
            ("95 USD", 0, false),
            ("95 EUR", 2, false),
        ] {
            assert_eq!(
                mandate.agrees(money(countered), money("100 EUR"), before),
                agrees,
                "{countered} {before}"
            );
        }
        let none = Mandate { counters: 2, ..Mandate::default() };
        assert!(!none.agrees(money("100 EUR"), money("100 EUR"), 0), "without a floor a person decides");
    }
}
