//! The comparison itself.

use bespeak_model::attribute::{Attribute, Condition};
use bespeak_model::gtin::Gtin;
use bespeak_model::intention::GoodsCondition;
use bespeak_model::money::Money;

use crate::reason::{Reason, Told};

/// What one line of an intention asks for, apart from its words.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// What its attributes shall be.
    pub conditions: &'a [Condition],
    /// These very goods, by number.
    pub gtin: Option<&'a Gtin>,
    /// The state they shall be in.
    pub state: Option<GoodsCondition>,
    /// The price shall not lie below; for the same quantity as [`Thing::price`].
    pub at_least: Option<&'a Money>,
    /// The price shall not lie above; for the same quantity as [`Thing::price`].
    pub at_most: Option<&'a Money>,
}

/// What is known of goods.
#[derive(Debug, Clone, Copy, Default)]
pub struct Thing<'a> {
    /// What they are said to be; one name may stand more than once.
    pub attributes: &'a [Attribute],
    /// Their numbers, any of which names them.
    pub gtins: &'a [Gtin],
    /// The state they are in, if it is said.
    pub state: Option<GoodsCondition>,
    /// Their price for the quantity asked for, if they have one.
    pub price: Option<&'a Money>,
}

/// Whether goods fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Everything asked for is met, or nothing was asked.
    Fits,
    /// Something asked for is not met.
    Misses,
    /// Nothing is missed, and something cannot be told: a person may decide.
    Unknown,
}

/// A verdict and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// Whether the goods fit.
    pub verdict: Verdict,
    /// One reason for each thing asked: GTIN first, then conditions in their order, then the state, then the
    /// budget.
    pub why: Vec<Reason>,
}

/// Do these goods meet what is asked?
///
/// One thing missed is enough to miss; one that cannot be told is enough not to be sure. Prices in another
/// currency cannot be told: nothing here knows a rate.
pub fn fits(asked: &Asked<'_>, thing: &Thing<'_>) -> Fit {
    let mut why = Vec::new();
    if let Some(gtin) = asked.gtin {
        why.push(Reason::Gtin { asked: *gtin, told: gtin_told(gtin, thing.gtins) });
    }
    for condition in asked.conditions {
        let told = condition_told(condition, thing.attributes);
        why.push(Reason::Condition { asked: condition.clone(), told });
    }
    if let Some(state) = asked.state {
        why.push(Reason::State { asked: state, told: state_told(state, thing.state) });
    }
    let price = thing.price.copied();
    if let Some(least) = asked.at_least {
        let told = price_told(price, least, |price| price >= *least);
        why.push(Reason::AtLeast { asked: *least, price, told });
    }
    if let Some(most) = asked.at_most {
        let told = price_told(price, most, |price| price <= *most);
        why.push(Reason::AtMost { asked: *most, price, told });
    }
    Fit { verdict: verdict(&why), why }
}

fn verdict(why: &[Reason]) -> Verdict {
    if why.iter().any(|reason| reason.told() == Told::Misses) {
        Verdict::Misses
    } else if why.iter().any(|reason| reason.told() == Told::Unknown) {
        Verdict::Unknown
    } else {
        Verdict::Fits
    }
}

fn gtin_told(asked: &Gtin, has: &[Gtin]) -> Told {
    if has.is_empty() {
        Told::Unknown
    } else if has.contains(asked) {
        Told::Meets
    } else {
        Told::Misses
    }
}

/// Where a name stands more than once, one that meets is enough.
fn condition_told(asked: &Condition, attributes: &[Attribute]) -> Told {
    let mut told = Told::Unknown;
    for attribute in attributes {
        match asked.accepts(attribute) {
            Some(true) => return Told::Meets,
            Some(false) => told = Told::Misses,
            None => {}
        }
    }
    told
}

fn state_told(asked: GoodsCondition, is: Option<GoodsCondition>) -> Told {
    match is {
        None => Told::Unknown,
        Some(is) if is == asked => Told::Meets,
        Some(_) => Told::Misses,
    }
}

fn price_told(price: Option<Money>, bound: &Money, holds: impl Fn(Money) -> bool) -> Told {
    match price.filter(|price| price.currency() == bound.currency()).map(holds) {
        Some(true) => Told::Meets,
        Some(false) => Told::Misses,
        None => Told::Unknown,
    }
}

#[cfg(test)]
mod tests;
