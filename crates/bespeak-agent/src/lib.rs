//! The two roles, [`Customer`] and [`Vendor`], as pure machines: `handle(input, now) -> Outputs`.
//!
//! What happens to an agent is an [`Input`]; what it wants done is in [`Outputs`], in an order that means something:
//! documents are kept before anything they caused is published, sent or told. Its whole memory is those documents
//! ([`document::Kept`]): fed back through [`Input::Recall`] they make the same agent again, so that there is no second
//! form of the state. No clock, no sockets, no tasks; time comes in with each call, randomness from a seed.
//!
//! Start with [`output`], then `relation.rs`, which is one conversation from one side; [`customer`] and [`vendor`]
//! decide what is said in it.

mod agent;
pub mod command;
mod conversations;
pub mod customer;
pub mod document;
pub mod export;
pub mod inspect;
mod measure;
pub mod notice;
pub mod output;
mod placement;
mod relation;
mod show;
pub mod taken;
mod talk;
pub mod vendor;
pub mod view;

pub use agent::{Agent, Counts};
pub use customer::Customer;
pub use output::{Arrival, Held, Input, Outputs, Post, Publication, Refusal, Watched};
pub use vendor::Vendor;
