//! The network: what it loses, doubles, delays and cuts.

use std::collections::BTreeSet;

use crate::{dice::Dice, plan::Links};

/// An end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A customer's or a vendor's node.
    Person(usize),
    /// A relay.
    Relay(usize),
}

/// How things are carried at the moment.
#[derive(Clone, Debug)]
pub struct Weather {
    /// What happens on every link.
    pub links: Links,
    apart: BTreeSet<Place>,
}

impl Weather {
    /// Weather without a cut.
    pub fn new(links: Links) -> Self {
        Self { links, apart: BTreeSet::new() }
    }

    /// Cuts these off from all others.
    pub fn cut(&mut self, apart: impl IntoIterator<Item = Place>) {
        self.apart = apart.into_iter().collect();
    }

    /// Mends the cut.
    pub fn mend(&mut self) {
        self.apart.clear();
    }

    /// After how many milliseconds each copy of a thing arrives; nothing when it is lost.
    pub fn carry(&self, from: Place, to: Place, dice: &mut Dice) -> Vec<u64> {
        if self.apart.contains(&from) != self.apart.contains(&to) || dice.chance(self.links.lost) {
            return Vec::new();
        }
        let copies = if dice.chance(self.links.doubled) { 2 } else { 1 };
        (0..copies).map(|_| dice.between(self.links.soonest, self.links.latest)).collect()
    }
}
