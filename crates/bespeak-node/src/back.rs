//! What comes back to the loop from the tasks it started.

use bespeak_agent::{Arrival, Held, command::OfferDraft};
use bespeak_model::queue::QueueId;
use bespeak_protocol::thread::ThreadId;
use tokio::sync::oneshot;

/// News for the loop. Each task has at most one of these under way, so their number is bounded by the tasks.
pub(crate) enum Back {
    /// An envelope that waited at a host.
    Mail {
        queue: QueueId,
        envelope: Vec<u8>,
        /// Told true once everything that follows is durable.
        done: oneshot::Sender<bool>,
    },
    /// What came of a posting that was to be reported.
    Posted { thread: ThreadId, held: Held, to: Arrival },
    /// An intention was looked up in the catalogue; a draft when something fits.
    Drafted { draft: Option<Box<OfferDraft>> },
}
