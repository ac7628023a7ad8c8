//! How much a relay does for others: every limit that its owner may set, with its name and what is absurd.

use std::time::Duration;

use bespeak_net::{Hosting, Limits};
use bespeak_protocol::{
    drop::{Quotas, limits},
    rate::Rate,
};

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
const GIB: u64 = 1024 * MIB;
const DAY: u64 = 24 * 3600;

/// Connections a relay takes. Source: wild guess; about 20 KiB each at rest.
const CONNECTIONS: u32 = 4_096;
/// Requests that may wait for mail at once. Source: wild guess; two for each connection.
const WAITING: usize = 8_192;

/// The limits of a relay, per peer and in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayLimits {
    /// Connections taken from others.
    pub connections: u32,
    /// New connections are refused while the process holds more memory than this, in bytes.
    pub memory: usize,
    /// Requests that wait for mail at once.
    pub waiting: usize,
    /// How much mail is held.
    pub mail: Quotas,
    /// Envelopes that one peer may leave.
    pub put_rate: Rate,
    /// Envelopes that may come from one network.
    pub put_rate_of_place: Rate,
    /// Queues that one peer may open.
    pub opening_rate: Rate,
    /// Queues that may be opened from one network.
    pub opening_rate_of_place: Rate,
    /// Circuits, and the list of who is there.
    pub hosting: Hosting,
}

impl Default for RelayLimits {
    fn default() -> Self {
        Self {
            connections: CONNECTIONS,
            memory: Limits::default().memory,
            waiting: WAITING,
            mail: Quotas::default(),
            put_rate: limits::PUT_RATE,
            put_rate_of_place: limits::PUT_RATE_OF_PLACE,
            opening_rate: limits::OPENING_RATE,
            opening_rate_of_place: limits::OPENING_RATE_OF_PLACE,
            hosting: Hosting::default(),
        }
    }
}

/// A limit by its name, as the owner of a relay sets it.
pub struct NamedLimit {
    /// Its name in a configuration; the unit is its last word.
    pub name: &'static str,
    /// What it bounds.
    pub words: &'static str,
    /// Below this a relay would not work.
    pub least: u64,
    /// Above this it would be none.
    pub most: u64,
    get: fn(&RelayLimits) -> u64,
    set: fn(&mut RelayLimits, u64),
}

impl std::fmt::Debug for NamedLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NamedLimit({}, {} to {})", self.name, self.least, self.most)
    }
}

/// Why a limit cannot be set so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// Out of its bounds.
    #[error("{name} must be from {least} to {most}, not {value}")]
    Absurd {
        /// Which.
        name: &'static str,
        /// As given.
        value: i128,
        /// The least that works.
        least: u64,
        /// The most that makes sense.
        most: u64,
    },
    /// A part is larger than the whole.
    #[error("{part} is more than {whole} allows in all; lower the one or raise the other")]
    Parts {
        /// The limit of one.
        part: &'static str,
        /// The limit of all.
        whole: &'static str,
    },
}

impl NamedLimit {
    /// The one of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        LIMITS.iter().find(|limit| limit.name == name)
    }

    /// What it is in these limits.
    pub fn get(&self, limits: &RelayLimits) -> u64 {
        (self.get)(limits)
    }

    /// Sets it.
    ///
    /// # Errors
    /// When the value is absurd.
    pub fn set(&self, limits: &mut RelayLimits, value: i128) -> Result<(), LimitError> {
        let Self { name, least, most, .. } = *self;
        let fits = u64::try_from(value).ok().filter(|value| (least..=most).contains(value));
        (self.set)(limits, fits.ok_or(LimitError::Absurd { name, value, least, most })?);
        Ok(())
    }
}

/// Limits of one, and of all together.
const PARTS: [(&str, &str); 6] = [
    ("queue_bytes", "mail_bytes"),
    ("circuits_per_peer", "circuits"),
    ("puts_burst", "network_puts_burst"),
    ("puts_per_second", "network_puts_per_second"),
    ("openings_burst", "network_openings_burst"),
    ("openings_per_second", "network_openings_per_second"),
];

impl RelayLimits {
    /// Whether they fit together.
    ///
    /// # Errors
    /// When a part is larger than its whole.
    pub fn check(&self) -> Result<(), LimitError> {
        let value = |name: &str| NamedLimit::named(name).map(|limit| limit.get(self));
        match PARTS.into_iter().find(|&(part, whole)| value(part) > value(whole)) {
            Some((part, whole)) => Err(LimitError::Parts { part, whole }),
            None => Ok(()),
        }
    }
}

/// Entries of the table below: a name, what it bounds, from where to where, and its place in [`RelayLimits`]. What is set
/// was checked against its bounds, which fit the type.
macro_rules! limits {
    ($($name:literal: $words:literal, $least:expr => $most:expr, $($field:ident).+ $(as $unit:ident)?;)*) => {
        /// Every limit, in the order in which they are shown. Source of the bounds: wild guesses; the least still lets one
        /// customer and one vendor trade, the most is beyond what one machine serves.
        pub const LIMITS: &[NamedLimit] = &[$(NamedLimit {
            name: $name,
            words: $words,
            least: $least,
            most: $most,
            get: |limits| limits!(@get limits.$($field).+ $(, $unit)?),
            set: |limits, value| limits.$($field).+ = limits!(@set value $(, $unit)?),
        }),*];
    };
    (@get $value:expr) => { u64::try_from($value).unwrap_or(u64::MAX) };
    (@get $value:expr, days) => { $value / DAY };
    (@get $value:expr, seconds) => { $value.as_secs() };
    (@set $value:expr) => { $value.try_into().unwrap_or_default() };
    (@set $value:expr, days) => { $value * DAY };
    (@set $value:expr, seconds) => { Duration::from_secs($value) };
}

limits! {
    "connections": "Connections taken from others; about 20 KiB of memory each at rest.", 8 => 1_000_000, connections;
    "memory_bytes": "No new connections while the process holds more memory than this.", 64 * MIB => 1024 * GIB, memory;
    "waiting": "Requests that wait for mail at once; a customer's node has one for each of its queues.", 16 => 1_000_000, waiting;
    "mail_bytes": "All the mail that is held; the disk needs up to twice as much.", MIB => 1024 * GIB, mail.total_bytes;
    "mail_days": "How long mail is held that nobody fetches.", 1 => 365, mail.mail_life as days;
    "queues": "Letter boxes; about 200 bytes of memory each.", 16 => 10_000_000, mail.queues;
    "queue_envelopes": "Envelopes in one letter box.", 4 => 4_096, mail.queue_items;
    "queue_bytes": "Mail in one letter box.", 64 * KIB => 64 * MIB, mail.queue_bytes;
    "puts_burst": "Envelopes that one peer may leave at once.", 8 => 1_000_000, put_rate.burst;
    "puts_per_second": "Envelopes that one peer may leave in the long run.", 1 => 100_000, put_rate.per_second;
    "network_puts_burst": "Envelopes that may come at once from one network: a /24 of IPv4, a /64 of IPv6, or another relay.", 8 => 1_000_000, put_rate_of_place.burst;
    "network_puts_per_second": "The same in the long run.", 1 => 100_000, put_rate_of_place.per_second;
    "openings_burst": "Letter boxes that one peer may open at once.", 2 => 1_000_000, opening_rate.burst;
    "openings_per_second": "Letter boxes that one peer may open in the long run.", 1 => 100_000, opening_rate.per_second;
    "network_openings_burst": "Letter boxes that may be opened at once from one network.", 2 => 1_000_000, opening_rate_of_place.burst;
    "network_openings_per_second": "The same in the long run.", 1 => 100_000, opening_rate_of_place.per_second;
    "reservations": "Nodes behind routers that are reached by way of this relay.", 0 => 1_000_000, hosting.reservations;
    "reservation_seconds": "How long such a reservation holds before it is asked for again.", 60 => DAY, hosting.reservation_life as seconds;
    "circuits": "Connections by way of this relay at once.", 0 => 1_000_000, hosting.circuits;
    "circuits_per_peer": "The same of one peer.", 0 => 1_000_000, hosting.circuits_per_peer;
    "circuit_seconds": "How long one of them lasts.", 10 => DAY, hosting.circuit_life as seconds;
    "circuit_bytes": "How many bytes cross one of them.", 64 * KIB => GIB, hosting.circuit_bytes;
    "registrations": "Nodes on the list by which others find them.", 0 => 1_000_000, hosting.registrations;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn each_limit_is_set_by_its_name_and_no_other_changes() {
        for limit in LIMITS {
            for value in [limit.least, limit.most] {
                let mut limits = RelayLimits::default();
                limit.set(&mut limits, value.into()).unwrap();
                assert_eq!(limit.get(&limits), value, "{limit:?}");
                let others = LIMITS.iter().filter(|other| other.name != limit.name);
                for other in others {
                    assert_eq!(
                        other.get(&limits),
                        other.get(&RelayLimits::default()),
                        "{limit:?}, {other:?}"
                    );
                }
            }
            let default = limit.get(&RelayLimits::default());
            assert!((limit.least..=limit.most).contains(&default), "{limit:?}: {default}");
            assert_eq!(LIMITS.iter().filter(|other| other.name == limit.name).count(), 1, "{limit:?}");
        }
    }

    #[test]
    fn what_is_absurd_is_refused() {
        for limit in LIMITS {
            for value in [-1, i128::from(limit.least) - 1, i128::from(limit.most) + 1, i128::from(i64::MAX)] {
                let refused = limit.set(&mut RelayLimits::default(), value);
                assert!(matches!(refused, Err(LimitError::Absurd { .. })), "{limit:?}: {value}");
            }
        }
    }

    #[test]
    fn a_part_is_no_more_than_its_whole() {
        assert_eq!(RelayLimits::default().check(), Ok(()));
        let networks = LIMITS.iter().filter_map(|all| Some((all.name.strip_prefix("network_")?, all.name)));
        let pairs = [("queue_bytes", "mail_bytes"), ("circuits_per_peer", "circuits")].into_iter();
        assert_eq!(pairs.chain(networks).collect::<Vec<_>>(), PARTS);
        for (part, whole) in PARTS {
            let (one, all) = (NamedLimit::named(part).unwrap(), NamedLimit::named(whole).unwrap());
            let mut limits = RelayLimits::default();
            let value = one.get(&limits);
            all.set(&mut limits, value.into()).unwrap();
            assert_eq!(limits.check(), Ok(()), "{part} may be all of {whole}");
            one.set(&mut limits, i128::from(value) + 1).unwrap();
            assert_eq!(limits.check(), Err(LimitError::Parts { part, whole }));
        }
    }
}
