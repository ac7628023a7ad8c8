//! Publications that cannot go out yet: nobody follows the topic so far, or the peers' queues are full.

use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::error::PublishError;

/// Publications waiting at once. Wild guess: 4 MiB of the largest messages.
const MOST: usize = 256;

/// Pause after all queues were full. Publishing into full queues marks messages as seen without sending them.
const PACE: Duration = Duration::from_millis(250);

#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) topic: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) done: oneshot::Sender<Result<(), PublishError>>,
    pub(crate) since: Instant,
}

impl Pending {
    /// The caller may have gone; then nobody needs to know.
    pub(crate) fn end(self, result: Result<(), PublishError>) {
        let _ = self.done.send(result);
    }
}

#[derive(Debug)]
pub(crate) struct Waiting {
    list: Vec<Pending>,
    patience: Duration,
    paced_until: Option<Instant>,
}

impl Waiting {
    pub(crate) fn new(patience: Duration) -> Self {
        Self { list: Vec::new(), patience, paced_until: None }
    }

    pub(crate) fn push(&mut self, pending: Pending) {
        if self.list.len() < MOST {
            self.list.push(pending)
        } else {
            pending.end(Err(PublishError::Congested))
        }
    }

    pub(crate) fn slow_down(&mut self, now: Instant) {
        self.paced_until = Some(now + PACE);
    }

    pub(crate) fn is_paced(&self, now: Instant) -> bool {
        self.paced_until.is_some_and(|until| now < until)
    }

    /// Those worth another try: all of `topic`, or of every topic.
    pub(crate) fn take(&mut self, topic: Option<&str>) -> Vec<Pending> {
        let wanted = |pending: &mut Pending| topic.is_none_or(|topic| pending.topic == topic);
        self.list.extract_if(.., wanted).collect()
    }

    /// Ends those that have waited long enough, and drops those whose caller has gone.
    pub(crate) fn expire(&mut self, now: Instant) {
        let patience = self.patience;
        let over = |p: &mut Pending| p.done.is_closed() || now.duration_since(p.since) >= patience;
        for pending in self.list.extract_if(.., over).collect::<Vec<_>>() {
            let (topic, waited) = (pending.topic.clone(), now.duration_since(pending.since));
            pending.end(Err(PublishError::NoPeers { topic, waited }));
        }
    }
}
