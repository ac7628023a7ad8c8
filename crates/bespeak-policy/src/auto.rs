//! How a vendor answers intentions from its catalogue without a person.

use bespeak_model::{money::Money, place::Place, time::Span};
use serde::{Deserialize, Serialize};

/// Least and most margin, in percent of the list price. Source: wild guess; half price to tenfold.
pub const MARGIN_RANGE: std::ops::RangeInclusive<i16> = -50..=900;

/// A vendor's rule for answering by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoSettings {
    /// Whether intentions are answered by themselves.
    pub on: bool,
    /// What is added to the list price, in percent; negative gives a rebate.
    pub margin_percent: i16,
    /// The largest total that is offered without a person; above it an offer waits for approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Money>,
    /// How long such an offer stands.
    pub valid: Span,
    /// Where goods are sold without a person; absent means everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<Place>,
}

/// A rule that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AutoError {
    /// The margin is out of range.
    #[error("a margin is between -50 and 900 percent, not {0}")]
    Margin(i16),
    /// The limit is not above zero.
    #[error("a limit is above zero")]
    Limit,
}

impl Default for AutoSettings {
    fn default() -> Self {
        Self { on: false, margin_percent: 0, limit: None, valid: Span::THREE_DAYS, near: None }
    }
}

impl AutoSettings {
    /// Checks the figures.
    ///
    /// # Errors
    /// When one is out of range.
    pub fn check(&self) -> Result<(), AutoError> {
        if !MARGIN_RANGE.contains(&self.margin_percent) {
            return Err(AutoError::Margin(self.margin_percent));
        }
        if self.limit.is_some_and(|limit| limit.amount() <= 0) { Err(AutoError::Limit) } else { Ok(()) }
    }

    /// Whether goods may meet a customer there; one who does not say where she is may be anywhere.
    pub fn serves(&self, customer: Option<&Place>) -> bool {
        self.near.as_ref().zip(customer).is_none_or(|(near, customer)| near.may_meet(customer))
    }
}
