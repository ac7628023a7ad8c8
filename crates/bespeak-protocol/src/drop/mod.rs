//! Sealed mail: queues at a host, which can read nothing.

mod host;
pub mod limits;
mod message;
mod proof;

pub use host::{Host, HostStep, Stored};
pub use message::{DropReply, DropRequest, MailItem};
pub use proof::{Errand, Proof};
