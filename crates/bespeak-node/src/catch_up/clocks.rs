//! Noticing that the machine slept.

use bespeak_model::time::Time;
use tokio::time::Instant;

/// A clock that gained so much on the one that stands still while the machine sleeps tells that it slept, in seconds.
/// Source: wild guess; far more than a clock that is set right gains.
const SLEPT: u64 = 30;

/// The two clocks, as they stood at the last look: one stands still while the machine sleeps, one does not.
pub(super) struct Clocks {
    here: Instant,
    now: Time,
}

impl Clocks {
    pub(super) fn new(here: Instant, now: Time) -> Self {
        Self { here, now }
    }

    /// Whether the machine slept since the last look.
    pub(super) fn slept(&mut self, here: Instant, now: Time) -> bool {
        let awake = here.saturating_duration_since(self.here).as_secs();
        let slept = now.seconds_since(self.now) > awake + SLEPT;
        *self = Self { here, now };
        slept
    }
}
