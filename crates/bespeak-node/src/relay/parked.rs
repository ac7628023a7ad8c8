//! Requests that wait for mail.

use std::collections::HashMap;

use bespeak_model::queue::QueueId;
use bespeak_net::ReplyToken;
use bespeak_protocol::drop::DropRequest;
use tokio::time::{Duration, Instant};

/// Requests waiting for one queue. Source: wild guess; its owner's node has one, and one more after a broken
/// connection. The oldest is answered when there are more.
const PER_QUEUE: usize = 4;

/// A request that waits.
pub(super) struct Waiting {
    pub(super) request: DropRequest,
    pub(super) reply: ReplyToken,
    until: Instant,
}

/// All requests that wait, by queue.
#[derive(Default)]
pub(super) struct Parked(HashMap<QueueId, Vec<Waiting>>);

impl Parked {
    /// Parks a request; gives back one that has to go for it.
    pub(super) fn park(
        &mut self,
        queue: QueueId,
        request: DropRequest,
        reply: ReplyToken,
        seconds: u16,
    ) -> Option<ReplyToken> {
        let until = Instant::now() + Duration::from_secs(seconds.into());
        let here = self.0.entry(queue).or_default();
        here.retain(|waiting| waiting.reply.is_open());
        let gone = (here.len() >= PER_QUEUE).then(|| here.remove(0).reply);
        here.push(Waiting { request, reply, until });
        gone
    }

    /// How many wait.
    pub(super) fn count(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Takes those that wait for a queue.
    pub(super) fn take(&mut self, queue: &QueueId) -> Vec<Waiting> {
        self.0.remove(queue).unwrap_or_default()
    }

    /// Takes those whose time is up, and forgets those whose asker has gone.
    pub(super) fn over(&mut self) -> Vec<ReplyToken> {
        let here = Instant::now();
        let mut over = Vec::new();
        self.0.retain(|_, waiting| {
            let due = waiting.extract_if(.., |one| one.until <= here || !one.reply.is_open());
            over.extend(due.map(|one| one.reply).filter(ReplyToken::is_open));
            !waiting.is_empty()
        });
        over
    }
}
