//! Every bound of the market, and its reason.

/// Largest market message, in bytes. Source: protocol; kept well below the carrier's own limit, because a message
/// within about 16 bytes of that one never arrives (measured).
pub const MAX_MESSAGE: usize = 16 * 1024;

/// Largest stamp, in bytes. Source: room for a proof of work and its parameters (wild guess); the field is reserved.
pub const MAX_STAMP: usize = 256;

/// How far in the future a record may claim to be before it is ignored, in seconds. Source: protocol, edge case 10.
pub const MAX_AHEAD: u64 = 60 * 60;

/// How many intentions and tombstones a gate remembers. Source: wild guess; about 200 bytes each. If it is too
/// small, old ones are forwarded once more.
pub const MAX_REMEMBERED: usize = 200_000;
