//! What can only be tried from inside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod decoders;
mod spoilt_index;
