//! What lies under a key: enough of each rule to turn most wishes away without looking at its record.

use super::{
    names::Names,
    record::{Ends, Record},
};

/// One rule under one key. Whatever meets the rule passes its entry; what passes is asked of the record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where the record lies.
    pub(super) record: u32,
    /// From the lowest bit: least and most price as eight bits each, six of the currency, five of terms, three of
    /// conditions, two of standing.
    gate: u32,
    /// [`super::ground::Spot::rule_bits`] of its places, in halves so that entries lie close.
    places: [u32; 2],
    /// Its first need and one; 0 is none.
    pub(super) need: u32,
}

const CURRENCY_AT: u32 = 16;
const TERMS_AT: u32 = 22;
const CONDITIONS_AT: u32 = 27;
const STANDING_AT: u32 = 30;
/// No price at all.
const NO_CURRENCY: u32 = 0;

impl Entry {
    pub(super) fn of(at: u32, record: Record<'_>, names: &Names) -> Self {
        let lists = record.lists();
        let bits = match lists.places {
            [] => u64::MAX,
            places => places.iter().fold(0, |bits, place| bits | names.bits(*place)),
        };
        let price = record.price().map_or(255 << 8, |price| {
            step(price.least) | step(price.most) << 8 | currency_bits(price.of) << CURRENCY_AT
        });
        let gate = price
            | record.terms() << TERMS_AT
            | record.conditions() << CONDITIONS_AT
            | record.standing() << STANDING_AT;
        // Halves of a word each.
        #[allow(clippy::cast_possible_truncation)]
        let places = [bits as u32, (bits >> 32) as u32];
        Self { record: at, gate, places, need: lists.needs.first().map_or(0, |need| need + 1) }
    }
}

/// An amount as one of 256 steps, four to each doubling: what is more never has a lower one.
fn step(amount: i64) -> u32 {
    if amount <= 0 {
        return 0;
    }
    if amount == i64::MAX {
        return 255;
    }
    let amount = amount.unsigned_abs();
    let doublings = amount.ilog2();
    let quarter = if doublings >= 2 { (amount >> (doublings - 2)) & 3 } else { 0 };
    // Below 63 doublings, so at most 252.
    1 + doublings * 4 + u32::try_from(quarter).unwrap_or(0)
}

/// One of 63, never [`NO_CURRENCY`]; two currencies may share one.
fn currency_bits(word: u32) -> u32 {
    1 + word % 63
}

/// What a wish shows at the gate of every entry.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gate {
    open_price: bool,
    currency: u32,
    least: u32,
    most: u32,
    terms: u32,
    conditions: u32,
    standing: u32,
    places: [u32; 2],
}

impl Gate {
    pub(super) fn new(
        price: Option<Ends<i64>>,
        (terms, conditions, standing): (u32, u32, u32),
        places: u64,
    ) -> Self {
        let (least, most) = price.map_or((0, 255), |price| (step(price.least), step(price.most)));
        // Halves of a word each.
        #[allow(clippy::cast_possible_truncation)]
        let places = [places as u32, (places >> 32) as u32];
        let currency = price.map_or(NO_CURRENCY, |price| currency_bits(price.of));
        Self { open_price: price.is_none(), currency, least, most, terms, conditions, standing, places }
    }

    /// May the rule of this entry be met? Without a branch, since none of these is foreseeable.
    #[inline]
    pub(super) fn lets_pass(&self, entry: &Entry) -> bool {
        let gate = entry.gate;
        let currency = gate >> CURRENCY_AT & 63;
        let within = (gate & 255 <= self.most) & (self.least <= gate >> 8 & 255);
        let price = self.open_price | (currency == NO_CURRENCY) | ((currency == self.currency) & within);
        let terms = gate >> TERMS_AT & 31 & self.terms != 0;
        let conditions = gate >> CONDITIONS_AT & 7 & self.conditions != 0;
        let standing = gate >> STANDING_AT <= self.standing;
        let [low, high] = entry.places;
        let [our_low, our_high] = self.places;
        let places = (low & our_low) | (high & our_high) != 0;
        price & terms & conditions & standing & places
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_more_has_no_lower_step(one in any::<i64>(), other in any::<i64>(), small in -5..5_000_i64) {
            for (one, other) in [(one, other), (one, small), (small, small + 1)] {
                prop_assert!(step(one.min(other)) <= step(one.max(other)));
                prop_assert!(step(one) <= 255);
            }
        }
    }
}
