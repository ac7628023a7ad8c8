//! The store from outside: what is kept stays, what is lost is named.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod basics;
mod common;
mod compaction;
mod crash;
mod damage;
mod failing_disk;
mod frozen;
mod hurt;
mod kill;
mod model;
mod power;
mod progress;
mod volume;
