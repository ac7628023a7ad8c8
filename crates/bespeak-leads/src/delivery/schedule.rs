//! When a failed attempt is made again.

/// Seconds between the end of one attempt and the next. Source: the example schedule of Standard Webhooks 1.0.0
/// ("Deliverability and reliability"): ten attempts over three days.
pub const PAUSES: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// Attempts at one lead, the first included.
pub const ATTEMPTS: u32 = 10;

/// A lead whose last attempt failed is given up when it has waited so long, even if attempts are left: while a target is
/// ill only one of its leads is tried at a time. Source: the whole schedule takes 75 h 35 min, with all jitter 91 h.
pub const OLDEST: u64 = 4 * 86_400;

/// A pause is lengthened by up to this part of it. Source: wild guess; the standard asks for “some level of random jitter”.
const JITTER: u64 = 5;

/// The bounds of what a target can ask for with Retry-After. Source: the shortest is a breath, the longest the longest
/// pause of the schedule.
pub const RETRY_AFTER: std::ops::RangeInclusive<u64> = 1..=86_400;

/// Failures in a row after which a target counts as ill. Source: wild guess; enough that one bad moment is not.
pub const ILL_AFTER: u32 = 5;
/// How long an ill target is left alone between two attempts. Source: the second pause of the schedule.
pub const REST: u64 = 300;
/// After how long the owner is told that a target fails. Source: the issue this was built for: a day.
pub const TELL_AFTER: u64 = 86_400;
/// Attempts on their way to one target. Source: wild guess; matters do not wait for each other, and a small CRM is not
/// flooded.
pub const AT_ONCE: usize = 4;

/// A pause with its jitter.
pub fn jittered(pause: u64, dice: u32) -> u64 {
    // The dice are a part of 2³²; the product stays far below 2⁶⁴ for any pause there is.
    pause + ((pause * u64::from(dice)) >> 32) / JITTER
}

/// The pause after the attempt of this number, from 1; none after the last.
pub fn pause_after(attempt: u32, dice: u32) -> Option<u64> {
    let place = usize::try_from(attempt).ok()?.checked_sub(1)?;
    PAUSES.get(place).map(|pause| jittered(*pause, dice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_jitter_only_lengthens_them() {
        assert_eq!(PAUSES.len() + 1, ATTEMPTS as usize);
        assert!(PAUSES.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(PAUSES.iter().sum::<u64>(), 75 * 3_600 + 35 * 60 + 5);
        assert!(PAUSES.iter().map(|pause| jittered(*pause, u32::MAX)).sum::<u64>() < OLDEST);
        assert_eq!((pause_after(1, 0), pause_after(9, 0), pause_after(10, 0)), (Some(5), Some(86_400), None));
        assert_eq!((pause_after(0, 0), jittered(300, 0), jittered(300, u32::MAX)), (None, 300, 359));
    }
}
