//! The channel: one customer and one vendor, the same whether envelopes travel straight or through drops.
//!
//! The vendor's [`opening`] is sealed to the intention's key. From the customer's answer on every [`packet`] is
//! encrypted by a [`ratchet`]. A packet carries signed [`message`]s that the other side has not yet confirmed, and says
//! how many of the other side's it has kept: that number acknowledges everything up to it and asks for everything
//! after it. Nothing needs to arrive in order, or once. A side that lost some of its memory takes the conversation up
//! again with a [`resumption`].

pub mod envelope;
pub mod limits;
pub mod log;
pub mod mark;
pub mod message;
pub mod opening;
pub mod pace;
pub mod packet;
pub mod ratchet;
pub mod resumption;
mod sealed;
