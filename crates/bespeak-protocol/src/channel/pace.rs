//! When to say again what was not confirmed.

use bespeak_model::time::Time;

use super::limits::{FIRST_PAUSE, LONGEST_PAUSE};

/// Growing, jittered pauses; a confirmation starts them anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    tries: u32,
    next: Option<Time>,
}

impl Pace {
    /// Something was sent: says when to send it again. `jitter` is any number; it moves the pause by up to a quarter.
    pub fn sent(&mut self, now: Time, jitter: u64) {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.tries.min(16)).min(LONGEST_PAUSE);
        let quarter = (pause / 4).max(1);
        self.next = Some(now.saturating_add(pause + jitter % quarter));
        self.tries = self.tries.saturating_add(1);
    }

    /// Everything was confirmed.
    pub fn rest(&mut self) {
        *self = Self::default();
    }

    /// Whether it is time.
    pub fn is_due(&self, now: Time) -> bool {
        self.next.is_some_and(|next| next <= now)
    }

    /// Whether nothing was sent since the last rest or start.
    pub fn is_fresh(&self) -> bool {
        self.next.is_none()
    }

    /// When it will be time.
    pub fn next(&self) -> Option<Time> {
        self.next
    }
}
