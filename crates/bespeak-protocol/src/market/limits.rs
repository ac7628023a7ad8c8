//! Every bound of the market, and its reason.

use crate::rate::Rate;

/// Largest market message, in bytes. Source: protocol; kept well below the carrier's own limit, because a message
/// within about 16 bytes of that one never arrives (measured).
pub const MAX_MESSAGE: usize = 16 * 1024;

/// Largest stamp, in bytes. Source: room for a proof of work and its parameters (wild guess); the field is reserved.
pub const MAX_STAMP: usize = 256;

/// How far in the future a record may claim to be before it is ignored, in seconds. Source: protocol, edge case 10.
pub const MAX_AHEAD: u64 = 60 * 60;

/// How many intentions, with their owners' tombstones, a gate remembers. Source: wild guess; about 200 bytes each. If
/// it is too small, old ones are forwarded once more.
pub const MAX_REMEMBERED: usize = 200_000;

/// How many tombstones of intentions that were not heard a gate remembers. Source: wild guess; they come early only by
/// the disorder of gossip, a few at a time.
pub const MAX_UNHEARD: usize = 1_000;

/// How much one peer may hand on: what is beyond it is ignored. Source: twice what a whole planet casts in all topics
/// (231 a second, `performance.md`), and one second of what a node takes at most (10,000).
pub const PEER_RATE: Rate = Rate { burst: 10_000, per_second: 500 };
