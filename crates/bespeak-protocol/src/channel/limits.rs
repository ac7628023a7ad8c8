//! Every bound of the channel, and its reason.

/// The two sizes of an envelope, in bytes. Source: protocol; two sizes tell an observer one bit.
pub const ENVELOPE_SIZES: [usize; 2] = [4 * 1024, 16 * 1024];
/// Most bytes of one signed message. Source: one must fit into an envelope with everything around it.
pub const MAX_MESSAGE: usize = 12 * 1024;
/// Most bytes of messages in one packet. Source: 16 KiB less the ratchet's header, padding and the packet's words.
pub const MAX_PACKET_MESSAGES: usize = 14 * 1024;
/// Most messages in one packet. Source: wild guess.
pub const MAX_PACKET_COUNT: usize = 64;
/// Most messages that wait for their predecessor, per sender. Source: wild guess; the sender repeats what is missing.
pub const MAX_PARKED: usize = 64;
/// Most messages of one sender in one conversation. Source: wild guess; bounds memory at about 4 MiB of short texts.
pub const MAX_CHAIN: usize = 4096;
/// How far in the future a message may claim to be, in seconds. Source: protocol, edge case 10.
pub const MAX_AHEAD: u64 = 60 * 60;
/// First pause before sending again, in seconds. Source: protocol.
pub const FIRST_PAUSE: u64 = 5;
/// Longest pause before sending again, in seconds. Source: protocol.
pub const LONGEST_PAUSE: u64 = 6 * 3600;
