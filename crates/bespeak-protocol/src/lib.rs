//! How it is said: the messages of every exchange, their limits, and their rules as state machines.
//!
//! Here live the words on the wire and what follows from them. What a person keeps private may not be named here:
//! this crate cannot see `bespeak-policy`. No clock, no tasks and no sockets either: time comes in as a value, bytes
//! go out as values.
//!
//! One room for each exchange: [`market`] (public), [`mod@drop`] (sealed mail), [`channel`] (how two parties talk),
//! [`offer`] and [`deal`] (what they talk about). Start with [`channel::log`]: everything two parties say to each other
//! is one log of two chains, and [`conversation`] folds it into the state that both of them see.

pub mod channel;
pub mod conversation;
pub mod deal;
pub mod drop;
pub mod enclosed;
pub mod market;
pub mod offer;
pub mod rate;
pub mod thread;
pub mod wire;
