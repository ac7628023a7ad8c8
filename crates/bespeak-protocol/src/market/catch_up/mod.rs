//! Catching up: what was said on a topic while a node was away, asked of a peer that has heard it.
//!
//! Gossip is not storage. Two nodes compare what they have by [negentropy], which costs bytes for what differs and hardly
//! any for what they have in common; what is missing is then fetched, and judged like anything heard. Only the one that
//! asks learns something; the other asks in its own time.
//!
//! ```text
//! asking                                      answering
//! compare {topic, ranges}          ──▶
//!                                  ◀──        compared {ranges}
//! … until nothing is left to compare …
//! fetch {topic, digests}           ──▶
//!                                  ◀──        announcements {items, left}
//! … until everything missing was asked for
//! ```
//!
//! [`Pull`] is the asking side, [`compare`] and [`announcements`] the answering one.
//!
//! [negentropy]: https://github.com/hoytech/negentropy/blob/master/docs/negentropy-protocol-v1.md

pub mod limits;
mod message;
mod pull;
mod ranges;

pub use message::{CatchUpReply, CatchUpRequest, announcements};
pub use pull::{Pull, PullError, Step};
pub use ranges::{RangesError, compare};
