//! How much work it is to try a passphrase.

use std::fmt;

use crate::VaultError;

/// The work of trying one passphrase: the parameters of argon2id (RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// What a new passphrase costs: 256 MiB, 3 passes, 1 lane. Source: measured at 1.7 s on two small cores, which a
    /// person bears once a start.
    pub const DEFAULT: Self = Self { memory_kib: 256 << 10, passes: 3, lanes: 1 };

    /// The least that is accepted: 64 MiB and 3 passes. Source: the second choice of RFC 9106, section 4.
    pub const LEAST: Self = Self { memory_kib: 64 << 10, passes: 3, lanes: 1 };

    /// The most: 1 GiB, 16 passes, 16 lanes. Source: wild guess; four times the default's memory, and some 40 s.
    pub const MOST: Self = Self { memory_kib: 1 << 20, passes: 16, lanes: 16 };
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory_kib, passes, lanes } = self;
        write!(f, "{memory_kib} KiB of memory, {passes} passes and {lanes} lanes")
    }
}

/// Which costs are believed when a vault is read; they are looked at before any memory is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The least work.
    pub least: Cost,
    /// The most work.
    pub most: Cost,
}

impl Limits {
    /// From [`Cost::LEAST`] to [`Cost::MOST`].
    pub const STANDARD: Self = Self { least: Cost::LEAST, most: Cost::MOST };

    pub(crate) fn check(&self, cost: Cost) -> Result<(), VaultError> {
        let Self { least, most } = *self;
        let parts = |cost: Cost| [cost.memory_kib, cost.passes, cost.lanes];
        let above = |one: Cost, other: Cost| parts(one).iter().zip(parts(other)).any(|(a, b)| *a > b);
        if above(cost, most) {
            return Err(VaultError::Excessive { asked: cost, most });
        }
        if above(least, cost) {
            return Err(VaultError::Weak { asked: cost, least });
        }
        Ok(())
    }
}
