//! How an intention is answered without a person: at what price, brought where, for how long, and within which limits.

use bespeak_model::{
    intention::{MAX_TERMS, Prose},
    money::Money,
    offer::PaymentRule,
    terms::TermsId,
    time::Span,
    written,
};
use serde::{Deserialize, Serialize};

use crate::{
    auto::AutoSettings,
    delivery::{MAX_ZONES, Zone},
    price::{PriceError, Pricing},
};

/// Most counter-offers that are answered in one conversation. Source: wild guess; who has haggled longer wants a person.
pub const MOST_COUNTERS: u8 = 20;
/// Longest time goods are held for an offer. Source: wild guess; a week without an order is a no.
pub const LONGEST_HOLD: u64 = 7 * 24 * 3600;
/// Longest lead time, in days. Source: wild guess; a year.
pub const LONGEST_LEAD: u16 = 366;

/// What is offered by rule, and what is then done without a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answer {
    /// How prices are made.
    pub price: Pricing,
    /// Where goods are brought and what that costs; the first that fits counts. Empty says nothing of delivery.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delivery: Vec<Zone>,
    /// Days until goods leave the house.
    pub lead_days: u16,
    /// How long the offer stands.
    #[serde(with = "written::one")]
    pub valid: Span,
    /// Whether it can be ordered as it stands, where everything that was asked for is known to be met.
    pub firm: bool,
    /// How long goods are held for a firm offer; not at all when absent.
    #[serde(with = "written::maybe", skip_serializing_if = "Option::is_none")]
    pub hold: Option<Span>,
    /// An offer above this total waits for a person's approval.
    #[serde(with = "written::maybe", skip_serializing_if = "Option::is_none")]
    pub approve_above: Option<Money>,
    /// How many counter-offers that are not below the floor are answered with a yes; needs a floor.
    pub counters: u8,
    /// Whether an order for such an offer is accepted at once, where the goods are there.
    pub accept_orders: bool,
    /// Terms that are accepted; empty means all.
    #[serde(with = "written::many", skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<TermsId>,
    /// When money is due.
    pub payment: PaymentRule,
    /// A word to the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Prose>,
}

impl Default for Answer {
    fn default() -> Self {
        Self {
            price: Pricing::default(),
            delivery: Vec::new(),
            lead_days: 0,
            valid: Span::THREE_DAYS,
            firm: true,
            hold: None,
            approve_above: None,
            counters: 0,
            accept_orders: false,
            terms: Vec::new(),
            payment: PaymentRule::default(),
            text: None,
        }
    }
}

/// Why an answer makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The price.
    #[error(transparent)]
    Price(#[from] PriceError),
    /// A zone with negative or mixed money, or too many zones or places.
    #[error("delivery: zone {0} has a negative amount, two currencies, or too many places")]
    Zone(usize),
    /// Too many zones.
    #[error("at most {MAX_ZONES} zones of delivery")]
    Zones,
    /// Goods are held for too long, or longer than the offer stands.
    #[error("goods are held for at most 7 days, and no longer than the offer stands")]
    Hold,
    /// A hold for an offer that cannot be ordered.
    #[error("goods are held for firm offers only")]
    HoldWithoutFirm,
    /// Counter-offers without a floor.
    #[error("counter-offers are answered down to a floor: say price.floor_percent")]
    CountersWithoutFloor,
    /// Too many counter-offers.
    #[error("at most {MOST_COUNTERS} counter-offers are answered by rule")]
    Counters,
    /// A limit that is not above zero.
    #[error("approve_above is above zero")]
    Approve,
    /// Too long a lead time.
    #[error("a lead time is at most {LONGEST_LEAD} days")]
    Lead,
    /// Too many terms.
    #[error("at most {MAX_TERMS} terms")]
    Terms,
}

impl Answer {
    /// Checks the figures.
    ///
    /// # Errors
    /// The first that makes no sense.
    pub fn check(&self) -> Result<(), AnswerError> {
        self.price.check()?;
        if self.delivery.len() > MAX_ZONES {
            return Err(AnswerError::Zones);
        }
        if let Some(at) = self.delivery.iter().position(|zone| !zone.is_sound()) {
            return Err(AnswerError::Zone(at + 1));
        }
        let too_long = |hold: Span| hold.seconds() > LONGEST_HOLD || hold > self.valid;
        let broken = [
            (self.hold.is_some_and(too_long), AnswerError::Hold),
            (self.hold.is_some() && !self.firm, AnswerError::HoldWithoutFirm),
            (self.counters > 0 && self.price.floor_percent.is_none(), AnswerError::CountersWithoutFloor),
            (self.counters > MOST_COUNTERS, AnswerError::Counters),
            (self.approve_above.is_some_and(|total| total.amount() <= 0), AnswerError::Approve),
            (self.lead_days > LONGEST_LEAD, AnswerError::Lead),
            (self.terms.len() > MAX_TERMS, AnswerError::Terms),
        ];
        broken.into_iter().find(|(broken, _)| *broken).map_or(Ok(()), |(_, error)| Err(error))
    }

    /// The first of the terms a customer offers that is accepted.
    pub fn accepts(&self, offered: &[TermsId]) -> Option<TermsId> {
        offered.iter().copied().find(|terms| self.terms.is_empty() || self.terms.contains(terms))
    }

    /// Whether a person must approve an offer of this total; one in another currency cannot be held against the limit.
    pub fn needs_approval(&self, total: Money) -> bool {
        let within = |most: Money| most.currency() == total.currency() && total.amount() <= most.amount();
        self.approve_above.is_some_and(|most| !within(most))
    }
}

/// What the settings alone say, where there are no rules.
impl From<&AutoSettings> for Answer {
    fn from(settings: &AutoSettings) -> Self {
        Self {
            price: Pricing { margin_percent: settings.margin_percent, ..Pricing::default() },
            valid: settings.valid,
            approve_above: settings.limit,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn with_floor() -> Pricing {
        Pricing { floor_percent: Some(-10), ..Pricing::default() }
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let span = |text: &str| Some(text.parse::<Span>().unwrap());
        let zone =
            |cost: &str| Zone { to: Vec::new(), cost: Some(cost.parse().unwrap()), free_from: None, days: 0 };
        let plain = Answer::default;
        assert_eq!(plain().check(), Ok(()));
        for (answer, error) in [
            (Answer { hold: span("4d"), ..plain() }, AnswerError::Hold),
            (Answer { hold: span("8d"), valid: "9d".parse().unwrap(), ..plain() }, AnswerError::Hold),
            (Answer { hold: span("1h"), firm: false, ..plain() }, AnswerError::HoldWithoutFirm),
            (Answer { counters: 1, ..plain() }, AnswerError::CountersWithoutFloor),
            (Answer { counters: 21, price: with_floor(), ..plain() }, AnswerError::Counters),
            (Answer { approve_above: Some("0 EUR".parse().unwrap()), ..plain() }, AnswerError::Approve),
            (Answer { lead_days: 367, ..plain() }, AnswerError::Lead),
            (Answer { delivery: vec![zone("1 EUR"), zone("-1 EUR")], ..plain() }, AnswerError::Zone(2)),
            (Answer { delivery: vec![zone("1 EUR"); MAX_ZONES + 1], ..plain() }, AnswerError::Zones),
        ] {
            assert_eq!(answer.check(), Err(error.clone()), "{error}");
        }
    }

    #[test]
    fn terms_are_the_customers_first_that_is_accepted() {
        let answer = Answer { terms: vec![TermsId::ALL[1]], ..Answer::default() };
        assert_eq!(answer.accepts(&TermsId::ALL), Some(TermsId::ALL[1]));
        assert_eq!(answer.accepts(&TermsId::ALL[..1]), None);
        assert_eq!(Answer::default().accepts(&TermsId::ALL), Some(TermsId::ALL[0]));
    }

    #[test]
    fn above_a_limit_and_in_another_currency_a_person_approves() {
        let answer = Answer { approve_above: Some("100 EUR".parse().unwrap()), ..Answer::default() };
        for (total, needs) in [("100 EUR", false), ("100.01 EUR", true), ("1 USD", true)] {
            assert_eq!(answer.needs_approval(total.parse().unwrap()), needs, "{total}");
        }
        assert!(!Answer::default().needs_approval("1000000 EUR".parse().unwrap()));
    }
}
