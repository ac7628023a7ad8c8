//! How large a world is and how badly it treats its people.

use crate::dice::Dice;

/// What the network does to each thing that is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Links {
    /// How many of a thousand are lost.
    pub lost: u64,
    /// How many of a thousand come twice.
    pub doubled: u64,
    /// Least delay, in milliseconds.
    pub soonest: u64,
    /// Longest delay, in milliseconds: what is sent later may come sooner.
    pub latest: u64,
}

impl Links {
    /// A network that does its work.
    pub const FAIR: Self = Self { lost: 0, doubled: 0, soonest: 5, latest: 50 };
}

/// A world before its first moment. Every number is drawn from the seed, within bounds that were chosen by trying:
/// worlds small enough that 200 of them fit into a test, and rough enough that everything happens in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How many customers.
    pub customers: u64,
    /// How many vendors.
    pub vendors: u64,
    /// How many relays: each forwards the market and holds mail.
    pub relays: u64,
    /// How many hosts each queue has, where there are so many.
    pub hosts: u64,
    /// How many times a relay loses its disk, as long as others hold what it held.
    pub losses: u64,
    /// The network.
    pub links: Links,
    /// How many of a thousand inputs end in a crash.
    pub crashes: u64,
    /// Longest time that a crashed node stays away, in milliseconds.
    pub away: u64,
    /// How many times the network is cut in two and mended.
    pub cuts: u64,
    /// How many times owners do something.
    pub acts: u64,
    /// Mean pause between two such acts, in milliseconds.
    pub gap: u64,
    /// Most seconds by which a clock is wrong, either way.
    pub skew: u64,
    /// How many of a thousand customers hold their queues at their own node too.
    pub at_home: u64,
    /// How many of a thousand acts are things that may not be done.
    pub forbidden: u64,
    /// How many of a thousand intentions somebody tries to bury with a tombstone of his own.
    pub forged: u64,
}

impl Plan {
    /// Draws a rough world.
    pub fn rough(dice: &mut Dice) -> Self {
        let gap = [20_000, 120_000, 900_000, 3_600_000][usize::try_from(dice.below(4)).unwrap_or(0)];
        let latest = [200, 5_000, 60_000][usize::try_from(dice.below(3)).unwrap_or(0)];
        Self {
            customers: dice.between(1, 2),
            vendors: dice.between(1, 3),
            relays: dice.between(2, 3),
            hosts: 2,
            losses: dice.below(3),
            links: Links { lost: dice.below(300), doubled: dice.below(200), soonest: 5, latest },
            crashes: dice.below(40),
            away: gap * dice.between(1, 8),
            cuts: dice.below(3),
            acts: dice.between(50, 90),
            gap,
            skew: [0, 90, 1_500][usize::try_from(dice.below(3)).unwrap_or(0)],
            at_home: 300,
            forbidden: 80,
            forged: 200,
        }
    }

    /// A world in which nothing goes wrong and nobody acts by himself: for scripts.
    pub fn quiet(customers: u64, vendors: u64) -> Self {
        Self {
            customers,
            vendors,
            relays: 1,
            hosts: 1,
            losses: 0,
            links: Links::FAIR,
            crashes: 0,
            away: 60_000,
            cuts: 0,
            acts: 0,
            gap: 60_000,
            skew: 0,
            at_home: 0,
            forbidden: 0,
            forged: 0,
        }
    }
}
