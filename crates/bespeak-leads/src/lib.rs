//! What a lead is and how it leaves the house: to a webhook, to a CRM, into a table.
//!
//! A lead is one fact of a trade, with the terms under which it may be kept and the day until which. Here lives what a
//! lead says ([`lead`]), where it goes ([`config`]), how it is written there ([`event`], [`shapes`], [`table`]) and signed
//! ([`webhook`]), when it is tried again ([`delivery`]), and the one room that touches a wire ([`post`]). All but [`post`]
//! is pure: time and chance are arguments, and the state of [`delivery`] is plain documents for the node to keep. What may
//! not live here: where leads come from (the node reads them off its agent), where documents are kept (the store), goods.
//!
//! Start reading at [`Lead`], then [`delivery`]. What vendors need to know is told in `docs/leads.md`.

pub mod address;
pub mod config;
pub mod delivery;
pub mod event;
pub mod lead;
pub mod outcome;
pub mod post;
pub mod secret;
pub mod shapes;
pub mod table;
pub mod webhook;

pub use config::{Name, Shape, Target, Targets};
pub use delivery::Delivery;
pub use lead::{About, Cover, Draft, Fact, Field, Kind, Lead, LeadId, Person};
pub use outcome::{Answer, Fault, Outcome};
pub use post::Poster;
