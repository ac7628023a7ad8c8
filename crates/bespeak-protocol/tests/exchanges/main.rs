//! The laws of every exchange, tried with what hostile and unlucky peers send. Where a test shows one of the edge cases
//! that the protocol counts, its name begins with the number of the case.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bytes;
mod catch_up;
mod common;
mod deals;
mod drops;
mod envelopes;
mod guards;
mod log;
mod market;
mod openings;
mod ratchet;
mod room;
mod table;
mod talk;
