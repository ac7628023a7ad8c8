//! Every bound of sealed mail, and its reason.

use crate::rate::Rate;

/// Largest envelope, in bytes. Source: protocol; envelopes are padded to 4 or 16 KiB.
pub const MAX_ENVELOPE: usize = 16 * 1024;
/// Largest request, in bytes: an envelope and its words. Source: the words take less than 1 KiB.
pub const MAX_REQUEST: usize = 20 * 1024;
/// Largest reply, in bytes. Source: nothing larger is decoded ([`bespeak_identity::drisl::MAX_LEN`]).
pub const MAX_REPLY: usize = bespeak_identity::drisl::MAX_LEN;
/// Most envelopes in one reply. Source: as many small ones as fit into [`MAX_REPLY_MAIL`], and some.
pub const MAX_ITEMS: usize = 16;
/// Most bytes of envelopes in one reply. Source: [`MAX_REPLY`], less 8 KiB for its words.
pub const MAX_REPLY_MAIL: usize = MAX_REPLY - 8 * 1024;
/// Most envelopes of one queue. Source: protocol.
pub const MAX_QUEUE_ITEMS: usize = 128;
/// Most bytes of one queue. Source: protocol.
pub const MAX_QUEUE_BYTES: usize = 2 * 1024 * 1024;
/// Most queues of one host. Source: wild guess; about 200 bytes of memory each.
pub const MAX_QUEUES: usize = 100_000;
/// How long an empty queue is not asked for before it may give way to a new one, in seconds. Source: four times
/// [`MAX_WAIT`]: an owner who is there asks that often.
pub const QUEUE_REST: u64 = 4 * MAX_WAIT as u64;
/// How many empty queues give way at once. Source: wild guess; a hundredth of [`MAX_QUEUES`].
pub const MADE_ROOM: usize = 1_000;
/// How many queues one peer may open. Source: wild guess; a customer's node asks for each queue from an identity of its
/// own.
pub const OPENING_RATE: Rate = Rate { burst: 64, per_second: 1 };
/// How many queues may be opened from one network. Source: wild guess; the customers behind one household or relay.
pub const OPENING_RATE_OF_PLACE: Rate = Rate { burst: 1_024, per_second: 16 };
/// How many envelopes one peer may leave. Source: wild guess; a vendor that was away answers some hundred intentions at
/// once and some thousand in minutes, all from one identity.
pub const PUT_RATE: Rate = Rate { burst: 512, per_second: 16 };
/// How many envelopes may come from one network. Source: wild guess; a vendor with all its relations, or everybody who
/// comes by way of one relay.
pub const PUT_RATE_OF_PLACE: Rate = Rate { burst: 8_192, per_second: 256 };
/// How many envelopes one peer may leave however much comes from its network: who shares an address with a flood is still
/// heard. Source: wild guess; about what the handshake of a new identity costs.
pub const QUIET_RATE: Rate = Rate { burst: 32, per_second: 1 };
/// Most bytes of all queues. Source: wild guess; a small disk.
pub const MAX_TOTAL_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// How long mail is held that nobody fetches, in seconds. Source: protocol, 30 days for deals; its 14 days for offers
/// cannot be told apart in sealed mail, and an intention lives for 30 days too.
pub const MAIL_LIFE: u64 = 30 * 24 * 3600;
/// How long a queue is held that nobody asks for, in seconds. Source: as long as an intention lives, and its mail.
pub const QUEUE_LIFE: u64 = 60 * 24 * 3600;
/// Longest wait of one request for mail, in seconds. Source: below the carrier's request timeout of 75 s; a node at rest
/// does little else than ask, so half as often is a quarter less traffic (`docs/reach.md`).
pub const MAX_WAIT: u16 = 60;
/// Most ids in one acknowledgement. Source: a queue holds no more.
pub const MAX_ACK: usize = MAX_QUEUE_ITEMS;

/// How much a host holds; the defaults are the constants of this module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// Most queues.
    pub queues: usize,
    /// Most envelopes of one queue.
    pub queue_items: usize,
    /// Most bytes of one queue.
    pub queue_bytes: usize,
    /// Most bytes of all queues.
    pub total_bytes: u64,
    /// How long mail is held that nobody fetches, in seconds.
    pub mail_life: u64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            queues: MAX_QUEUES,
            queue_items: MAX_QUEUE_ITEMS,
            queue_bytes: MAX_QUEUE_BYTES,
            total_bytes: MAX_TOTAL_BYTES,
            mail_life: MAIL_LIFE,
        }
    }
}
