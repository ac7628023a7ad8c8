//! The host of sealed mail, as a machine: it knows how much there is and where, never what.

use std::collections::{BTreeMap, BTreeSet};

use bespeak_model::{queue::QueueId, reason::RefusalCode, time::Time};

use super::{
    limits::{
        MADE_ROOM, MAIL_LIFE, MAX_ITEMS, MAX_QUEUE_BYTES, MAX_QUEUE_ITEMS, MAX_QUEUES, MAX_REPLY_MAIL,
        MAX_TOTAL_BYTES, QUEUE_LIFE, QUEUE_REST,
    },
    message::{DropReply, DropRequest},
    proof::Errand,
};

/// The numbers and sizes of what a host holds; the envelopes themselves are with the caller.
///
/// ```text
/// unknown ──proved get──▶ open ──put──▶ holding ──proved ack──▶ open ──nobody asks, or no room──▶ unknown
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    peer: String,
    first_id: u64,
    queues: BTreeMap<QueueId, Queue>,
    total: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Queue {
    asked_at: Time,
    next: u64,
    items: BTreeMap<u64, Item>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Item {
    digest: [u8; 32],
    bytes: usize,
    at: Time,
}

/// An envelope that a host found in its store when it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its queue.
    pub queue: QueueId,
    /// Its number.
    pub id: u64,
    /// SHA-256 of the envelope.
    pub digest: [u8; 32],
    /// Its length in bytes.
    pub bytes: usize,
    /// When it came.
    pub at: Time,
}

/// What a host has to do for a request.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostStep {
    /// Answer at once.
    Reply(DropReply),
    /// Keep this queue durably, then go on with the step inside.
    Open {
        /// The queue.
        queue: QueueId,
        /// Empty queues that gave way to it, and are no longer to be kept.
        closed: Vec<QueueId>,
        /// What follows.
        then: Box<HostStep>,
    },
    /// Keep the envelope durably under this number, then answer `Stored`, and wake whoever waits for the queue.
    Keep(Stored),
    /// Read these and answer with them.
    Read {
        /// The queue.
        queue: QueueId,
        /// Their numbers.
        ids: Vec<u64>,
    },
    /// Nothing is there yet: wait this many seconds, ask again when mail comes, else answer with none.
    Wait {
        /// The queue.
        queue: QueueId,
        /// Seconds.
        seconds: u16,
    },
    /// Delete these, then answer `Done`.
    Delete {
        /// The queue.
        queue: QueueId,
        /// Their numbers.
        ids: Vec<u64>,
    },
}

fn refuse(code: RefusalCode) -> HostStep {
    HostStep::Reply(DropReply::Refused { code })
}

impl Host {
    /// A host with this PeerId that holds nothing. Ids start at its start's time, so that after a restart no id of
    /// an emptied queue comes again.
    pub fn new(peer: String, started: Time) -> Self {
        Self { peer, first_id: started.unix() << 20, queues: BTreeMap::new(), total: 0 }
    }

    /// Recalls a queue that was kept.
    pub fn recall_queue(&mut self, queue: QueueId, asked_at: Time) {
        let next = self.first_id;
        self.queues.entry(queue).or_insert(Queue { asked_at, next, items: BTreeMap::new() });
    }

    /// Recalls an envelope that was kept.
    pub fn recall(&mut self, stored: Stored) {
        self.recall_queue(stored.queue, stored.at);
        self.insert(stored);
    }

    /// How many bytes it holds.
    pub fn total_bytes(&self) -> u64 {
        self.total
    }

    /// How many queues are open.
    pub fn queues(&self) -> usize {
        self.queues.len()
    }

    /// Says what a request asks for. `digest` is the SHA-256 of the envelope of a put, and unused otherwise.
    pub fn handle(&mut self, request: &DropRequest, digest: [u8; 32], now: Time) -> HostStep {
        match request {
            DropRequest::About {} => HostStep::Reply(DropReply::About { holds_mail: true }),
            DropRequest::Put { queue, envelope, .. } => self.put(*queue, envelope.len(), digest, now),
            DropRequest::Get { queue, after, wait, proof } => {
                if proof.holds(queue, &self.peer, &Errand::Get { after: *after }) {
                    self.get(*queue, *after, *wait, now)
                } else {
                    refuse(RefusalCode::NotParty)
                }
            }
            DropRequest::Ack { queue, ids, proof } => {
                if proof.holds(queue, &self.peer, &Errand::Ack { ids }) {
                    self.acknowledge(*queue, ids)
                } else {
                    refuse(RefusalCode::NotParty)
                }
            }
        }
    }

    fn put(&mut self, queue: QueueId, bytes: usize, digest: [u8; 32], now: Time) -> HostStep {
        let Some(known) = self.queues.get(&queue) else {
            return refuse(RefusalCode::NotFound);
        };
        if known.items.values().any(|item| item.digest == digest) {
            return HostStep::Reply(DropReply::Stored {});
        }
        let held: usize = known.items.values().map(|item| item.bytes).sum();
        let full = known.items.len() >= MAX_QUEUE_ITEMS || held + bytes > MAX_QUEUE_BYTES;
        if full || self.total + bytes as u64 > MAX_TOTAL_BYTES {
            return refuse(RefusalCode::TooLarge);
        }
        let stored = Stored { queue, id: known.next, digest, bytes, at: now };
        self.insert(stored);
        HostStep::Keep(stored)
    }

    fn insert(&mut self, stored: Stored) {
        let Stored { queue, id, digest, bytes, at } = stored;
        if let Some(known) = self.queues.get_mut(&queue) {
            known.next = known.next.max(id.saturating_add(1));
            if known.items.insert(id, Item { digest, bytes, at }).is_none() {
                self.total += bytes as u64;
            }
        }
    }

    fn get(&mut self, queue: QueueId, after: u64, wait: u16, now: Time) -> HostStep {
        let Some(known) = self.queues.get_mut(&queue) else {
            let closed = self.make_room(now);
            if self.queues.len() >= MAX_QUEUES {
                return refuse(RefusalCode::RateLimited);
            }
            self.recall_queue(queue, now);
            return HostStep::Open { queue, closed, then: Box::new(empty(queue, wait)) };
        };
        known.asked_at = known.asked_at.max(now);
        let mut room = MAX_REPLY_MAIL;
        let fits = |(_, item): &(&u64, &Item)| {
            let left = room.checked_sub(item.bytes);
            room = left.unwrap_or(0);
            left.is_some()
        };
        let waiting = known.items.range(after.saturating_add(1)..).take(MAX_ITEMS);
        let ids: Vec<u64> = waiting.take_while(fits).map(|(id, _)| *id).collect();
        if ids.is_empty() { empty(queue, wait) } else { HostStep::Read { queue, ids } }
    }

    /// When there is room for no more, the empty queues that nobody has asked for longest give way, many at once, so
    /// that they need not be looked for each time. Those whose owner is there stay.
    fn make_room(&mut self, now: Time) -> Vec<QueueId> {
        if self.queues.len() < MAX_QUEUES {
            return Vec::new();
        }
        let resting =
            |known: &Queue| known.items.is_empty() && now.seconds_since(known.asked_at) >= QUEUE_REST;
        let all = self.queues.iter().filter(|(_, known)| resting(known));
        let mut gone: Vec<(Time, QueueId)> = all.map(|(queue, known)| (known.asked_at, *queue)).collect();
        gone.sort_unstable();
        gone.truncate(MADE_ROOM);
        let gone: Vec<QueueId> = gone.into_iter().map(|(_, queue)| queue).collect();
        self.close(&gone);
        gone
    }

    fn close(&mut self, gone: &[QueueId]) {
        for known in gone.iter().filter_map(|queue| self.queues.remove(queue)).collect::<Vec<_>>() {
            // Should its owner come back, who asks for what came after the last id she knows must miss nothing.
            self.first_id = self.first_id.max(known.next);
        }
    }

    fn acknowledge(&mut self, queue: QueueId, ids: &[u64]) -> HostStep {
        let gone = self.remove(&queue, ids);
        if gone.is_empty() {
            HostStep::Reply(DropReply::Done {})
        } else {
            HostStep::Delete { queue, ids: gone }
        }
    }

    /// Takes envelopes out of a queue, as when they are acknowledged or turn out to be damaged. Returns those that were
    /// there, for the caller to delete.
    pub fn remove(&mut self, queue: &QueueId, ids: &[u64]) -> Vec<u64> {
        let Some(known) = self.queues.get_mut(queue) else { return Vec::new() };
        let mut gone = Vec::new();
        for id in ids.iter().collect::<BTreeSet<_>>() {
            if let Some(item) = known.items.remove(id) {
                self.total -= item.bytes as u64;
                gone.push(*id);
            }
        }
        gone
    }

    /// Whether a queue is open.
    pub fn knows(&self, queue: &QueueId) -> bool {
        self.queues.contains_key(queue)
    }

    /// Drops what nobody fetched in time; returns the envelopes and queues that the caller can delete.
    pub fn expire(&mut self, now: Time) -> (Vec<(QueueId, u64)>, Vec<QueueId>) {
        let mut mail = Vec::new();
        let mut gone = Vec::new();
        for (queue, known) in &mut self.queues {
            known.items.retain(|id, item| {
                let stays = now.seconds_since(item.at) < MAIL_LIFE;
                if !stays {
                    self.total -= item.bytes as u64;
                    mail.push((*queue, *id));
                }
                stays
            });
            if known.items.is_empty() && now.seconds_since(known.asked_at) >= QUEUE_LIFE {
                gone.push(*queue);
            }
        }
        self.close(&gone);
        (mail, gone)
    }
}

fn empty(queue: QueueId, wait: u16) -> HostStep {
    if wait == 0 {
        HostStep::Reply(DropReply::Mail { items: Vec::new() })
    } else {
        HostStep::Wait { queue, seconds: wait }
    }
}
