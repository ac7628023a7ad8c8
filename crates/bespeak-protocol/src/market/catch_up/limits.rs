//! Every bound of catching up, and its reason.

use crate::rate::Rate;

/// Largest request, in bytes. Source: [`MAX_RANGES`] and its words.
pub const MAX_REQUEST: usize = MAX_RANGES + 1024;
/// Largest reply, in bytes: nothing larger is decoded.
pub const MAX_REPLY: usize = bespeak_identity::drisl::MAX_LEN;
/// Largest comparison, in bytes: what fits in a reply with its words. negentropy asks for 4,096 at least, and stays 200
/// below it but for one range.
pub const MAX_RANGES: usize = 48 * 1024;
/// Most bytes of announcements in one reply. Source: [`MAX_REPLY`], less 4 KiB for its words.
pub const MAX_ITEMS_BYTES: usize = MAX_REPLY - 4 * 1024;
/// Most digests fetched at once. Source: about what fits in a reply at 600 bytes each.
pub const MAX_DIGESTS: usize = 100;
/// Longest topic, in bytes. Source: wild guess; network names have 64 at most, roots 20.
pub const MAX_TOPIC: usize = 128;
/// Most comparisons of one pull. Source: sixteen ranges of each range suffice for 16⁸ records; what does not fit in a
/// message takes more. The next pull goes on.
pub const MAX_ROUNDS: usize = 64;
/// Most records fetched by one pull. Source: wild guess; a tenth of what a node takes of one peer at once would be few, a
/// day on a root topic is many: the next pull goes on.
pub const MAX_MISSING: usize = 20_000;
/// Most fetches of one pull. Source: twice what [`MAX_MISSING`] records of usual size take; long ones come with the next.
pub const MAX_FETCHES: usize = 2 * MAX_MISSING / MAX_DIGESTS;
/// How often one peer may compare. Source: 25 topics, four comparisons each; a comparison of 100,000 records costs some
/// milliseconds.
pub const COMPARE_RATE: Rate = Rate { burst: 200, per_second: 8 };
/// How often one peer may fetch. Source: [`MAX_MISSING`] in fetches of [`MAX_DIGESTS`], and some.
pub const FETCH_RATE: Rate = Rate { burst: 250, per_second: 20 };
