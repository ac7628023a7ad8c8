//! What a rule asks for goods: the list price with a margin, less for many and for what belongs together, and never less
//! than a floor.

use bespeak_model::{money::Money, offer::Sku, quantity::Quantity};
use serde::{Deserialize, Serialize};

use crate::auto::MARGIN_RANGE;

/// Most steps of one rule. Source: wild guess; a price list that a person can read.
pub const MAX_STEPS: usize = 20;
/// Most bundles of one rule. Source: wild guess, the same.
pub const MAX_BUNDLES: usize = 100;
/// Most articles of one bundle. Source: the most lines of an intention.
pub const MAX_BUNDLED: usize = 20;

/// How a price is made from a list price.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pricing {
    /// What is added to the list price, in percent; negative gives a rebate.
    pub margin_percent: i16,
    /// The least that is ever asked, in percent over the list price; without it the margin is the least, and only the
    /// steps and bundles below go under it, as far as they say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor_percent: Option<i16>,
    /// Rebates for many of one article.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// Rebates for articles that are offered together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bundles: Vec<Bundle>,
}

/// A rebate for many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// From this quantity on, in whole units of the line.
    pub from: u64,
    /// What is taken off the price with its margin, in percent.
    pub rebate_percent: u8,
}

/// A rebate for what is offered together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// The articles; each must be among the lines of the offer.
    pub skus: Vec<Sku>,
    /// What is taken off each of their prices, in percent.
    pub rebate_percent: u8,
}

/// Why a price rule makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// A margin or floor out of range.
    #[error("a margin or floor is between -50 and 900 percent, not {0}")]
    Margin(i16),
    /// The price would begin below its floor.
    #[error("the margin of {margin} % is below the floor of {floor} %")]
    BelowFloor {
        /// The margin.
        margin: i16,
        /// The floor.
        floor: i16,
    },
    /// A rebate that gives nothing, or everything.
    #[error("a rebate is between 1 and 90 percent, not {0}")]
    Rebate(u8),
    /// Steps that do not rise.
    #[error("the steps must rise, in quantity and in rebate; the one from {0} does not")]
    Steps(u64),
    /// A bundle of nothing, of one, or of too many.
    #[error("a bundle has 2 to {MAX_BUNDLED} different articles")]
    Bundle,
    /// Too long a list.
    #[error("at most {MAX_STEPS} steps and {MAX_BUNDLES} bundles")]
    TooMany,
}

/// Most that a rebate takes off. Source: wild guess; more is most likely a slip of the pen.
const MOST_REBATE: u8 = 90;

impl Pricing {
    /// Checks the figures.
    ///
    /// # Errors
    /// The first that makes no sense.
    pub fn check(&self) -> Result<(), PriceError> {
        let percents = [Some(self.margin_percent), self.floor_percent];
        if let Some(bad) = percents.into_iter().flatten().find(|percent| !MARGIN_RANGE.contains(percent)) {
            return Err(PriceError::Margin(bad));
        }
        if let Some(floor) = self.floor_percent.filter(|floor| *floor > self.margin_percent) {
            return Err(PriceError::BelowFloor { margin: self.margin_percent, floor });
        }
        if self.steps.len() > MAX_STEPS || self.bundles.len() > MAX_BUNDLES {
            return Err(PriceError::TooMany);
        }
        let rebates = self.steps.iter().map(|step| step.rebate_percent);
        let mut rebates = rebates.chain(self.bundles.iter().map(|bundle| bundle.rebate_percent));
        if let Some(bad) = rebates.find(|rebate| !(1..=MOST_REBATE).contains(rebate)) {
            return Err(PriceError::Rebate(bad));
        }
        let mut before = Step { from: 1, rebate_percent: 0 };
        for step in &self.steps {
            if step.from <= before.from || step.rebate_percent <= before.rebate_percent {
                return Err(PriceError::Steps(step.from));
            }
            before = *step;
        }
        if self.bundles.iter().all(Bundle::is_sound) { Ok(()) } else { Err(PriceError::Bundle) }
    }

    /// The price of one, rounded up to a whole minor unit; none where it is out of range. `together` is the rebate of the
    /// bundle to which the article belongs, in percent.
    pub fn unit(&self, list: Money, quantity: Quantity, together: u8) -> Option<Money> {
        let many = self.steps.iter().rev().find(|step| step.from <= whole_units(quantity));
        let rebate = |price: Money, percent: u8| raised(price, -i16::from(percent));
        let price = raised(list, self.margin_percent)?;
        let price = rebate(price, many.map_or(0, |step| step.rebate_percent))?;
        let price = rebate(price, together)?;
        Some(match self.least(list) {
            Some(least) if least.amount() > price.amount() => least,
            _ => price,
        })
    }

    /// The least that one is ever sold for, where there is a floor.
    pub fn least(&self, list: Money) -> Option<Money> {
        raised(list, self.floor_percent?)
    }

    /// The largest rebate that an article has for being offered with these, itself among them, in percent.
    pub fn together(&self, sku: &Sku, offered: &[Sku]) -> u8 {
        let whole = self.bundles.iter().filter(|bundle| bundle.skus.contains(sku));
        let whole = whole.filter(|bundle| bundle.skus.iter().all(|needed| offered.contains(needed)));
        whole.map(|bundle| bundle.rebate_percent).max().unwrap_or(0)
    }
}

impl Bundle {
    fn is_sound(&self) -> bool {
        let twice = self
            .skus
            .iter()
            .enumerate()
            .any(|(at, sku)| self.skus.iter().skip(at + 1).any(|other| other == sku));
        (2..=MAX_BUNDLED).contains(&self.skus.len()) && !twice
    }
}

/// A quantity without its decimal places.
fn whole_units(quantity: Quantity) -> u64 {
    let step = 10_u64.checked_pow(u32::from(quantity.scale())).unwrap_or(u64::MAX);
    quantity.steps() / step
}

/// A price with so many percent added, rounded up to a whole minor unit: never less than was said.
fn raised(price: Money, percent: i16) -> Option<Money> {
    let parts = i128::from(price.amount()) * (100 + i128::from(percent));
    let rounded = parts.div_euclid(100) + i128::from(parts.rem_euclid(100) > 0);
    Money::new(i64::try_from(rounded).ok()?, price.currency()).ok()
}

#[cfg(test)]
mod tests;
