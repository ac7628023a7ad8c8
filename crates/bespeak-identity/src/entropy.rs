//! The only source of randomness below the line; it never seeds itself.

use std::fmt;

use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, Rng, SeedableRng};

use crate::Nonce;

/// A deterministic generator (ChaCha20). The same seed gives the same draws, so a run can be replayed; a node
/// seeds it from the operating system, the simulator from its run's seed. It cannot be cloned: two copies would
/// draw the same nonces.
pub struct Entropy(ChaCha20Rng);

impl Entropy {
    /// Starts the sequence that belongs to `seed`.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// Draws 16 bytes that make a record unlike any other.
    pub fn nonce(&mut self) -> Nonce {
        let mut bytes = [0; Nonce::LEN];
        self.0.fill_bytes(&mut bytes);
        Nonce::from_bytes(bytes)
    }

    /// Draws 32 bytes: a queue, a seed, a key.
    pub fn bytes32(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// Draws a number from `0..n`, every one equally likely; `0` when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        if n < 2 {
            return 0;
        }
        // Draws beyond the last whole multiple of n are thrown away, or small numbers would come up more often.
        let whole = u64::MAX - u64::MAX % n;
        loop {
            let draw = self.0.next_u64();
            if draw < whole {
                return draw % n;
            }
        }
    }

    /// The generator itself, for libraries that ask for one.
    pub fn rng(&mut self) -> &mut impl CryptoRng {
        &mut self.0
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(..)")
    }
}
