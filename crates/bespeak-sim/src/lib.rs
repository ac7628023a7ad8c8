//! A market in one thread, under a virtual clock, from one seed.
//!
//! Here live many agents, a network that drops, doubles, delays, reorders and partitions, hosts of sealed mail, and
//! owners who wish for things at odd moments; agents crash between any two effects of a step and come back from what
//! they kept. After every step the [`law`]s are checked. Nothing here is shipped, and nothing here knows more of an
//! agent than its inputs, its outputs and the read-only look of `bespeak_agent::inspect`.
//!
//! Start with [`run()`], which is one seed from beginning to end; [`world`] is the machine that it turns.

pub mod act;
pub mod agenda;
pub mod dice;
pub mod goods;
pub mod law;
pub mod mailbox;
pub mod memory;
pub mod person;
pub mod plan;
pub mod run;
pub mod tally;
pub mod weather;
pub mod world;

pub use run::{Failure, run};
pub use world::World;
