//! Measurements, each printed beside the floor it is compared with in the same run: these machines are shared, and a
//! figure alone says little.
//!
//! `cargo run --release -p bespeak-bench -- NAME` prints one of them. Nothing here is shipped, and nothing here is a
//! test; tests may borrow the same set-ups to check that a thing happens at all. Start with [`delivery`].

pub mod damage;
pub mod delivery;
pub mod dice;
pub mod figures;
pub mod flood;
pub mod idle;
pub mod letter_box;
pub mod mail;
pub mod market;
pub mod plain;
pub mod process;
mod program;
pub mod reconcile;
mod relay;
pub mod relevance;
pub mod rest;
pub mod store;
pub mod torture;
