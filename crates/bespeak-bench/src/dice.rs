//! Chance, from a seed alone: the same seed makes the same choices.

use std::time::Duration;

use bespeak_identity::Entropy;

/// Draws that are the same for the same seed.
#[derive(Debug)]
pub struct Dice(Entropy);

impl Dice {
    /// The dice of one who draws in a run; each has dice of its own, so that their order does not matter.
    pub fn of(seed: u64, who: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&who.to_le_bytes());
        Self(Entropy::from_seed(bytes))
    }

    /// A number below `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        self.0.below(n)
    }

    /// A place in something of this length.
    pub fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// A time below so many milliseconds, in steps of 10 microseconds.
    pub fn moment(&mut self, milliseconds: u64) -> Duration {
        Duration::from_micros(10 * self.below(milliseconds * 100))
    }
}
