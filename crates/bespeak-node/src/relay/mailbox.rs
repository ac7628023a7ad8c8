//! How a relay keeps mail: envelopes, what is known of each, and which queues are open.

use bespeak_model::{queue::QueueId, time::Time};
use bespeak_protocol::drop::{Host, MailItem, Stored};
use bespeak_store::{Change, Family, ReadError, Store};
use serde_bytes::ByteBuf;

use crate::clock::now;

/// Open queues, under their names, which look random.
const QUEUES: Family = Family(16);
/// What is known of each envelope: read at the start, so that envelopes need not be.
const FACTS: Family = Family(17);
/// The envelopes.
const ENVELOPES: Family = Family(18);

/// The mail in a store.
#[derive(Clone)]
pub(super) struct Mailbox(Store);

/// Digest, length, time.
const FACT_BYTES: usize = 32 + 8 + 8;

impl Mailbox {
    pub(super) fn new(store: Store) -> Self {
        Self(store)
    }

    pub(super) fn store(&self) -> &Store {
        &self.0
    }

    /// How many envelopes there are; none when that cannot be told.
    pub(super) fn count(&self) -> u64 {
        self.0.count(ENVELOPES).unwrap_or_default()
    }

    pub(super) fn open(queue: &QueueId) -> Change {
        Change::Keep { family: QUEUES, key: queue.as_bytes().to_vec(), body: Vec::new() }
    }

    pub(super) fn close(queue: &QueueId) -> Change {
        Change::Remove { family: QUEUES, key: queue.as_bytes().to_vec() }
    }

    pub(super) fn keep(stored: &Stored, envelope: Vec<u8>) -> [Change; 2] {
        let key = key(&stored.queue, stored.id);
        let mut facts = stored.digest.to_vec();
        facts.extend((stored.bytes as u64).to_be_bytes());
        facts.extend(stored.at.unix().to_be_bytes());
        [
            Change::Keep { family: FACTS, key: key.clone(), body: facts },
            Change::Keep { family: ENVELOPES, key, body: envelope },
        ]
    }

    pub(super) fn delete(queue: &QueueId, id: u64) -> [Change; 2] {
        [FACTS, ENVELOPES].map(|family| Change::Remove { family, key: key(queue, id) })
    }

    /// The envelopes of these numbers; what is damaged is left out. Blocks.
    pub(super) fn read(&self, queue: &QueueId, ids: &[u64]) -> Vec<MailItem> {
        let read = |id: &u64| match self.0.get(ENVELOPES, &key(queue, *id)) {
            Ok(envelope) => envelope.map(|envelope| MailItem { id: *id, envelope: ByteBuf::from(envelope) }),
            Err(error) => {
                tracing::error!(target: "bespeak::relay", ?queue, id, %error, "envelope_unreadable");
                None
            }
        };
        ids.iter().filter_map(read).collect()
    }

    /// Tells a new host what is kept. A queue counts as asked for now: nobody could ask while the relay was down.
    pub(super) async fn recall(&self, host: Host) -> Result<Host, ReadError> {
        let mailbox = self.clone();
        let recalled = tokio::task::spawn_blocking(move || mailbox.recall_blocking(host)).await;
        recalled.unwrap_or_else(|error| Err(ReadError::Index { why: error.to_string() }))
    }

    fn recall_blocking(&self, mut host: Host) -> Result<Host, ReadError> {
        for entry in self.0.scan(QUEUES, &[])? {
            if let Ok(queue) = <[u8; 32]>::try_from(entry?.0) {
                host.recall_queue(QueueId::from_bytes(queue), now());
            }
        }
        for entry in self.0.scan(FACTS, &[])? {
            match entry {
                Ok((key, facts)) => {
                    if let Some(stored) = stored(&key, &facts) {
                        host.recall(stored);
                    }
                }
                Err(error @ ReadError::Damaged { .. }) => {
                    tracing::error!(target: "bespeak::relay", %error, "envelope_lost");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(host)
    }
}

fn key(queue: &QueueId, id: u64) -> Vec<u8> {
    [queue.as_bytes().as_slice(), &id.to_be_bytes()].concat()
}

fn stored(key: &[u8], facts: &[u8]) -> Option<Stored> {
    let (queue, id) = key.split_first_chunk::<32>()?;
    let (digest, rest) = facts.split_first_chunk::<32>().filter(|_| facts.len() == FACT_BYTES)?;
    let (bytes, at) = rest.split_first_chunk::<8>()?;
    Some(Stored {
        queue: QueueId::from_bytes(*queue),
        id: u64::from_be_bytes(id.try_into().ok()?),
        digest: *digest,
        bytes: usize::try_from(u64::from_be_bytes(*bytes)).ok()?,
        at: Time::from_unix(u64::from_be_bytes(at.try_into().ok()?)).ok()?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;

    #[test]
    fn what_is_written_down_is_read() {
        let at = Time::from_unix(1_800_000_000).unwrap();
        let mail = Stored { queue: QueueId::from_bytes([7; 32]), id: 9, digest: [3; 32], bytes: 4096, at };
        let [Change::Keep { key, body, .. }, _] = Mailbox::keep(&mail, vec![1]) else { panic!("kept") };
        assert_eq!(stored(&key, &body), Some(mail));
        for cut in 0..body.len() {
            assert_eq!(stored(&key, &body[..cut]), None);
        }
        assert_eq!(stored(&key[..33], &body), None);
    }
}
