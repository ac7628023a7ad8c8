//! Medians and other places in a set of durations.

use std::time::Duration;

/// A set of durations, sorted.
#[derive(Clone, Debug)]
pub struct Durations(Vec<Duration>);

impl Durations {
    /// Sorts them.
    pub fn new(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        Self(all)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The duration below which this share of all lie, from 0 to 100 percent; zero when there are none.
    pub fn percentile(&self, percent: usize) -> Duration {
        let last = self.0.len().saturating_sub(1);
        self.0.get(last * percent.min(100) / 100).copied().unwrap_or_default()
    }

    /// The longest.
    pub fn longest(&self) -> Duration {
        self.percentile(100)
    }
}

/// A duration in milliseconds, for a table.
pub fn milliseconds(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1000.0)
}

/// A number of bytes in MiB, for a table.
pub fn mebibytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / (1024.0 * 1024.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_a_hundred() {
        let all = Durations::new((1..=100).rev().map(Duration::from_millis).collect());
        assert_eq!(all.percentile(0), Duration::from_millis(1));
        assert_eq!(all.percentile(50), Duration::from_millis(50));
        assert_eq!(all.longest(), Duration::from_millis(100));
        assert_eq!(Durations::new(Vec::new()).longest(), Duration::ZERO);
    }
}
