//! Sealed mail: queues at a host, which can read nothing.

mod host;
pub mod limits;
mod message;
mod proof;
mod queue;
mod sender;

pub use host::{Host, HostStep, Stored};
pub use limits::Quotas;
pub use message::{DropReply, DropRequest, MailItem};
pub use proof::{Errand, Proof};
pub use sender::Sender;
