//! How a relay keeps mail: envelopes, what is known of each, and which queues are open.

use bespeak_model::{queue::QueueId, time::Time};
use bespeak_protocol::drop::{Host, MailItem, Sender, Stored};
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

/// Digest, length, time, and a tag of who left it; those written by an earlier version end before the tag. Of the
/// network from which it came nothing is written down.
const FACT_BYTES: usize = 32 + 8 + 8 + 8;

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
        facts.extend(stored.from.peer.to_be_bytes());
        [
            Change::Keep { family: FACTS, key: key.clone(), body: facts },
            Change::Keep { family: ENVELOPES, key, body: envelope },
        ]
    }

    pub(super) fn delete(queue: &QueueId, id: u64) -> [Change; 2] {
        [FACTS, ENVELOPES].map(|family| Change::Remove { family, key: key(queue, id) })
    }

    /// The envelopes of these numbers, and the numbers of those that are lost. What cannot be read only now is neither.
    /// Blocks.
    pub(super) fn read(&self, queue: &QueueId, ids: &[u64]) -> (Vec<MailItem>, Vec<u64>) {
        let (mut items, mut lost) = (Vec::new(), Vec::new());
        for &id in ids {
            match self.0.get(ENVELOPES, &key(queue, id)) {
                Ok(Some(envelope)) => items.push(MailItem { id, envelope: ByteBuf::from(envelope) }),
                Ok(None) => lost.push(id),
                Err(error) => {
                    tracing::error!(target: "bespeak::relay", ?queue, id, %error, "envelope_unreadable");
                    if matches!(error, ReadError::Damaged { .. }) {
                        lost.push(id);
                    }
                }
            }
        }
        (items, lost)
    }

    /// Tells a new host what is kept. A queue counts as asked for now: nobody could ask while the relay was down.
    pub(super) async fn recall(&self, host: Host) -> Result<Host, ReadError> {
        let mailbox = self.clone();
        let recalled = tokio::task::spawn_blocking(move || mailbox.recall_blocking(host)).await;
        recalled.unwrap_or_else(|error| Err(ReadError::Index { why: error.to_string() }))
    }

    fn recall_blocking(&self, mut host: Host) -> Result<Host, ReadError> {
        for entry in self.0.scan(QUEUES, &[])? {
            let Some((queue, _)) = readable(entry, "queue_lost")? else { continue };
            if let Ok(queue) = <[u8; 32]>::try_from(queue) {
                host.recall_queue(QueueId::from_bytes(queue), now());
            }
        }
        for entry in self.0.scan(FACTS, &[])? {
            let Some((key, facts)) = readable(entry, "envelope_lost")? else { continue };
            if let Some(stored) = stored(&key, &facts) {
                host.recall(stored);
            }
        }
        Ok(host)
    }
}

/// Passes over what is damaged, naming the loss: a queue is opened again by its owner's next request.
fn readable<T>(entry: Result<T, ReadError>, loss: &str) -> Result<Option<T>, ReadError> {
    match entry {
        Ok(entry) => Ok(Some(entry)),
        Err(error @ ReadError::Damaged { .. }) => {
            tracing::error!(target: "bespeak::relay", %error, loss, "damaged");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn key(queue: &QueueId, id: u64) -> Vec<u8> {
    [queue.as_bytes().as_slice(), &id.to_be_bytes()].concat()
}

fn stored(key: &[u8], facts: &[u8]) -> Option<Stored> {
    let (queue, id) = key.split_first_chunk::<32>()?;
    let known = |_: &_| [FACT_BYTES - 8, FACT_BYTES].contains(&facts.len());
    let (digest, rest) = facts.split_first_chunk::<32>().filter(known)?;
    let (bytes, rest) = rest.split_first_chunk::<8>()?;
    let (at, tag) = rest.split_first_chunk::<8>()?;
    // Without a tag each has a sender of its own, and nothing gives way.
    let tag = tag.first_chunk().or(digest.first_chunk())?;
    Some(Stored {
        queue: QueueId::from_bytes(*queue),
        id: u64::from_be_bytes(id.try_into().ok()?),
        digest: *digest,
        bytes: usize::try_from(u64::from_be_bytes(*bytes)).ok()?,
        at: Time::from_unix(u64::from_be_bytes(*at)).ok()?,
        from: Sender::alone(u64::from_be_bytes(*tag)),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;

    #[test]
    fn what_is_written_down_is_read() {
        let at = Time::from_unix(1_800_000_000).unwrap();
        let from = Sender::alone(77);
        let mail = Stored { queue: QueueId::from_bytes([7; 32]), id: 9, digest: [3; 32], bytes: 4096, at, from };
        let [Change::Keep { key, body, .. }, _] = Mailbox::keep(&mail, vec![1]) else { panic!("kept") };
        assert_eq!(stored(&key, &body), Some(mail));
        for cut in (0..body.len()).filter(|cut| *cut != FACT_BYTES - 8) {
            assert_eq!(stored(&key, &body[..cut]), None);
        }
        let before = stored(&key, &body[..FACT_BYTES - 8]).unwrap();
        assert_eq!(before, Stored { from: Sender::alone(0x0303_0303_0303_0303), ..mail }, "of an earlier version");
        assert_eq!(stored(&key[..33], &body), None);
    }

    use std::path::Path;

    use bespeak_protocol::drop::Quotas;
    use bespeak_store::{Options, StoreKey};

    fn open(home: &Path) -> Mailbox {
        // Small segments, so that each commit has one of its own.
        let options = Options { segment_bytes: 1, compact_by_itself: false, ..Options::default() };
        Mailbox::new(Store::open(home, StoreKey::from_bytes([5; 32]), options).unwrap().0)
    }

    /// Turns a bit near the end of a segment of the journal, counted from the oldest.
    fn hurt(home: &Path, segment: usize) {
        let mut segments: Vec<_> =
            std::fs::read_dir(home.join("journal")).unwrap().map(|entry| entry.unwrap().path()).collect();
        segments.retain(|path| path.extension().is_some_and(|kind| kind == "seg"));
        segments.sort();
        let mut bytes = std::fs::read(&segments[segment]).unwrap();
        let at = bytes.len() - 20;
        bytes[at] ^= 1;
        std::fs::write(&segments[segment], bytes).unwrap();
    }

    fn mail(id: u64) -> Stored {
        let at = Time::from_unix(1_800_000_000).unwrap();
        Stored {
            queue: QueueId::from_bytes([7; 32]),
            id,
            digest: [3; 32],
            bytes: 1,
            at,
            from: Sender::alone(1),
        }
    }

    /// A home with a queue and two envelopes in it, the second kept apart; which segment holds what is found by trying.
    fn home() -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        let mailbox = open(home.path());
        mailbox.0.commit_blocking(vec![Mailbox::open(&mail(1).queue)]).unwrap();
        for id in [1, 2] {
            let [facts, envelope] = Mailbox::keep(&mail(id), vec![9; 5000]);
            mailbox.0.commit_blocking(vec![facts]).unwrap();
            mailbox.0.commit_blocking(vec![envelope]).unwrap();
        }
        mailbox.0.commit_blocking(vec![Mailbox::open(&QueueId::from_bytes([8; 32]))]).unwrap();
        home
    }

    #[tokio::test]
    async fn whatever_is_damaged_the_rest_is_there_and_what_is_lost_is_told() {
        let (mut queue_lost, mut envelope_lost) = (0, 0);
        let segments = std::fs::read_dir(home().path().join("journal")).unwrap().count();
        for segment in 0..segments - 1 {
            let home = home();
            hurt(home.path(), segment);
            let mailbox = open(home.path());
            let host = mailbox.recall(Host::new("host".to_owned(), now(), Quotas::default())).await.unwrap();
            let (items, lost) = mailbox.read(&mail(1).queue, &[1, 2]);
            assert_eq!(items.len() + lost.len(), 2, "nothing is left out in silence");
            queue_lost += usize::from(host.queues() < 2 || host.total_bytes() < 2);
            envelope_lost += lost.len();
        }
        assert!(queue_lost > 0 && envelope_lost > 0, "the damage did not reach what it should");
    }
}
