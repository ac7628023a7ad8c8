//! Chance, from the run's seed alone.

use bespeak_identity::Entropy;

/// Draws that are the same for the same seed.
#[derive(Debug)]
pub struct Dice(Entropy);

impl Dice {
    /// The dice of a run.
    pub fn of(seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        Self(Entropy::from_seed(bytes))
    }

    /// 32 bytes.
    pub fn bytes(&mut self) -> [u8; 32] {
        self.0.bytes32()
    }

    /// A number below `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        self.0.below(n)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// Yes, so many times of a thousand.
    pub fn chance(&mut self, of_a_thousand: u64) -> bool {
        self.below(1000) < of_a_thousand
    }

    /// One of them, if there are any.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let index = self.below(all.len() as u64);
        all.get(usize::try_from(index).unwrap_or(0))
    }

    /// One of them, each as likely as its weight says.
    pub fn weighted<T>(&mut self, all: Vec<(u64, T)>) -> Option<T> {
        let mut draw = self.below(all.iter().map(|(weight, _)| weight).sum());
        for (weight, item) in all {
            match draw.checked_sub(weight) {
                Some(rest) => draw = rest,
                None => return Some(item),
            }
        }
        None
    }

    /// Puts them into another order.
    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            let other = usize::try_from(self.below(last as u64 + 1)).unwrap_or(0);
            all.swap(last, other);
        }
    }
}
