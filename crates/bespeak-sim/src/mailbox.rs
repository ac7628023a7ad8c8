//! A host of sealed mail: the real machine, with its envelopes in a map.

use std::collections::BTreeMap;

use bespeak_model::{queue::QueueId, time::Time};
use bespeak_protocol::drop::{DropReply, DropRequest, Host, HostStep, MailItem};
use serde_bytes::ByteBuf;
use sha2::{Digest, Sha256};

/// A host and what it holds.
#[derive(Debug)]
pub struct Mailbox {
    host: Host,
    mail: BTreeMap<(QueueId, u64), Vec<u8>>,
}

impl Mailbox {
    /// An empty one under this name.
    pub fn new(name: &str, now: Time) -> Self {
        Self { host: Host::new(name.to_owned(), now), mail: BTreeMap::new() }
    }

    /// Everything that waits here.
    pub fn envelopes(&self) -> impl Iterator<Item = (QueueId, &[u8])> {
        self.mail.iter().map(|((queue, _), envelope)| (*queue, envelope.as_slice()))
    }

    /// Whether an envelope waits in a queue.
    pub fn holds(&self, queue: QueueId, envelope: &[u8]) -> bool {
        self.envelopes().any(|held| held == (queue, envelope))
    }

    /// Answers a request that came as bytes; says which queue got mail, if one did. What is no request gets no answer.
    pub fn answer(&mut self, request: &[u8], now: Time) -> Option<(DropReply, Option<QueueId>)> {
        let request = DropRequest::from_bytes(request).ok()?;
        let envelope = match &request {
            DropRequest::Put { envelope, .. } => envelope.as_slice(),
            _ => &[],
        };
        let step = self.host.handle(&request, Sha256::digest(envelope).into(), now);
        Some(self.perform(step, envelope))
    }

    fn perform(&mut self, step: HostStep, envelope: &[u8]) -> (DropReply, Option<QueueId>) {
        match step {
            HostStep::Reply(reply) => (reply, None),
            HostStep::Open { then, .. } => self.perform(*then, envelope),
            HostStep::Keep(stored) => {
                self.mail.insert((stored.queue, stored.id), envelope.to_vec());
                (DropReply::Stored {}, Some(stored.queue))
            }
            HostStep::Read { queue, ids } => {
                let item = |id: u64| {
                    let envelope = self.mail.get(&(queue, id))?.clone();
                    Some(MailItem { id, envelope: ByteBuf::from(envelope) })
                };
                (DropReply::Mail { items: ids.into_iter().filter_map(item).collect() }, None)
            }
            HostStep::Wait { .. } => (DropReply::Mail { items: Vec::new() }, None),
            HostStep::Delete { queue, ids } => {
                for id in ids {
                    self.mail.remove(&(queue, id));
                }
                (DropReply::Done {}, None)
            }
        }
    }
}
