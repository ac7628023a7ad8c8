//! A running node: one loop that joins agent, store, net and catalogue; and the relay, which has no agent.
//!
//! What lives here: the home of a party ([`home`]), the loop (`run.rs`), the queue through which everything is kept
//! before anything is sent (`commit.rs`), the tasks that fetch and leave mail and publish, answering from the
//! catalogue, and the handle by which programs command all that ([`Node`]). What may not: what is said and what
//! follows from it (the agent decides), bytes on the wire (the net), bytes on disk (the store).
//!
//! Start reading at [`Node`], then `run.rs`.

mod answer;
mod archive;
mod back;
pub mod backup;
mod bulletin;
mod callers;
mod candidates;
pub mod catalogue;
mod catch_up;
mod clock;
mod commit;
pub mod data;
pub mod doctor;
mod error;
pub mod export;
mod follow;
pub mod home;
mod lanes;
mod life;
mod meeting;
pub(crate) mod node;
mod offences;
mod once;
mod outbound;
mod pause;
mod place;
mod postmen;
mod posts;
#[cfg(test)]
mod refusing_disk;
mod relay;
mod relays;
mod route;
pub mod rules;
mod run;
pub mod secrecy;
mod shelf;
mod stock;
mod warehouse;
mod wires;

pub use clock::NoRandomness;
pub use error::{FormError, StartError};
pub use home::{Home, HomeError, InitOptions, Initialised, Protection, Role, Unlock};
pub use node::{
    DataRefusal, ID_BEGINNING, IdKind, MOST_TRIED, Node, NodeOptions, OfferItem, OfferRequest, Peer,
    ResolveError, Status, StoreStatus,
};
pub use once::{Before, Once};
pub use relay::{LIMITS, LimitError, NamedLimit, Relay, RelayLimits, RelayOptions};

pub use bespeak_agent::{
    command,
    notice::{self, Notice},
    output::Refusal,
    view,
};
pub use bespeak_model as model;
pub use bespeak_store::{Progress, Stage, Watch};
