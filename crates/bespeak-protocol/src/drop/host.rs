//! The host of sealed mail, as a machine: it knows how much there is and where, never what.

use std::collections::{BTreeMap, BTreeSet};

use bespeak_model::{queue::QueueId, reason::RefusalCode, time::Time};

use super::{
    limits::{MADE_ROOM, MAX_ITEMS, MAX_REPLY_MAIL, QUEUE_LIFE, QUEUE_REST, Quotas},
    message::{DropReply, DropRequest},
    proof::Errand,
    queue::{Item, Queue},
    sender::Sender,
};

/// How many of the fullest queues are looked at for mail that may give way. Source: wild guess; where not one of so many
/// can yield, the host is full of senders who left one envelope each.
const LOOKED_AT: usize = 32;

/// The numbers and sizes of what a host holds; the envelopes themselves are with the caller.
///
/// ```text
/// unknown ──proved get──▶ open ──put──▶ holding ──proved ack──▶ open ──nobody asks, or no room──▶ unknown
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    peer: String,
    first_id: u64,
    quotas: Quotas,
    queues: BTreeMap<QueueId, Queue>,
    /// The queues that hold mail, by how many bytes.
    by_size: BTreeSet<(usize, QueueId)>,
    total: u64,
    held: usize,
}

/// What a host knows of an envelope that it keeps, and finds in its store again when it starts.
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
    /// Who left it.
    pub from: Sender,
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
    /// Keep the envelope durably, then answer `Stored`, and wake whoever waits for the queue.
    Keep {
        /// Its number and what is known of it.
        mail: Stored,
        /// Envelopes that gave way to it, and are no longer to be kept.
        gone: Vec<(QueueId, u64)>,
    },
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
    pub fn new(peer: String, started: Time, quotas: Quotas) -> Self {
        Self {
            peer,
            first_id: started.unix() << 20,
            quotas,
            queues: BTreeMap::new(),
            by_size: BTreeSet::new(),
            total: 0,
            held: 0,
        }
    }

    /// Recalls a queue that was kept.
    pub fn recall_queue(&mut self, queue: QueueId, asked_at: Time) {
        let next = self.first_id;
        self.queues.entry(queue).or_insert_with(|| Queue::new(asked_at, next));
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

    /// How many envelopes it holds.
    pub fn envelopes(&self) -> usize {
        self.held
    }

    /// How many queues are open.
    pub fn queues(&self) -> usize {
        self.queues.len()
    }

    /// Says what a request asks for, and who asks. `digest` is the SHA-256 of the envelope of a put, and unused otherwise.
    pub fn handle(&mut self, request: &DropRequest, digest: [u8; 32], from: Sender, now: Time) -> HostStep {
        match request {
            DropRequest::About {} => HostStep::Reply(DropReply::About { holds_mail: true }),
            DropRequest::Put { queue, envelope, .. } => {
                self.put(*queue, Item { digest, bytes: envelope.len(), at: now, from })
            }
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

    /// The same envelope again takes no room, and is answered as the first time. What does not fit takes the place of
    /// louder senders' mail, or is refused.
    fn put(&mut self, queue: QueueId, item: Item) -> HostStep {
        let Some(known) = self.queues.get(&queue) else {
            return refuse(RefusalCode::NotFound);
        };
        if known.holds(&item.digest) {
            return HostStep::Reply(DropReply::Stored {});
        }
        let Some(gone) = self.room_for(queue, known, &item) else {
            return refuse(RefusalCode::TooLarge);
        };
        let Item { digest, bytes, at, from } = item;
        let mail = Stored { queue, id: known.next, digest, bytes, at, from };
        for (queue, id) in &gone {
            self.remove(queue, &[*id]);
        }
        self.insert(mail);
        HostStep::Keep { mail, gone }
    }

    /// What gives way to an envelope, nothing where it fits; `None` when there is no room for it.
    ///
    /// The queues of intentions are public, and identities are free, so anybody can fill them. Room is shared twice: in
    /// a full queue among its senders, on a full host among its queues. Whoever has more yields the newest of it to
    /// whoever has less, and never the only envelope of a sender in a queue, unless its network fills half of it: so what
    /// an honest sender, who needs one or two, was told is stored stays stored, whatever others pour in.
    fn room_for(&self, queue: QueueId, known: &Queue, item: &Item) -> Option<Vec<(QueueId, u64)>> {
        let Quotas { queue_items, queue_bytes, total_bytes, .. } = self.quotas;
        let mut yielded = known.room_for(item, queue_items, queue_bytes)?;
        let freed: u64 = yielded.iter().map(|id| known.bytes_of(*id) as u64).sum();
        let lack = (self.total + item.bytes as u64).saturating_sub(total_bytes);
        let mut gone = Vec::new();
        if lack > freed {
            // Louder senders of the same queue first, then fuller queues.
            let most = (known.bytes + item.bytes).saturating_sub(usize::try_from(lack).ok()?);
            match known.room_for(item, queue_items, queue_bytes.min(most)) {
                Some(here) => yielded = here,
                None => gone = self.yielded_elsewhere(queue, known, item, lack - freed)?,
            }
        }
        gone.extend(yielded.into_iter().map(|id| (queue, id)));
        Some(gone)
    }

    /// So many bytes of the loudest senders' mail in queues that hold more than this one will.
    fn yielded_elsewhere(
        &self,
        queue: QueueId,
        known: &Queue,
        item: &Item,
        mut lack: u64,
    ) -> Option<Vec<(QueueId, u64)>> {
        let mut gone = Vec::new();
        let least = known.bytes + item.bytes;
        for (bytes, other) in self.by_size.iter().rev().take(LOOKED_AT) {
            let Some(fuller) = self.queues.get(other).filter(|_| *other != queue) else { continue };
            for (id, freed) in fuller.loudest(bytes.saturating_sub(least)) {
                if lack == 0 {
                    break;
                }
                gone.push((*other, id));
                lack = lack.saturating_sub(freed as u64);
            }
        }
        (lack == 0).then_some(gone)
    }

    fn insert(&mut self, stored: Stored) {
        let Stored { queue, id, digest, bytes, at, from } = stored;
        let Some(known) = self.queues.get_mut(&queue) else { return };
        let before = known.bytes;
        if known.insert(id, Item { digest, bytes, at, from }) {
            self.held += 1;
            self.resized(queue, before, before + bytes);
        }
    }

    fn get(&mut self, queue: QueueId, after: u64, wait: u16, now: Time) -> HostStep {
        let Some(known) = self.queues.get_mut(&queue) else {
            let closed = self.make_room(now);
            if self.queues.len() >= self.quotas.queues {
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
        if self.queues.len() < self.quotas.queues {
            return Vec::new();
        }
        let resting =
            |known: &Queue| known.items.is_empty() && now.seconds_since(known.asked_at) >= QUEUE_REST;
        let all = self.queues.iter().filter(|(_, known)| resting(known));
        let mut gone: Vec<(Time, QueueId)> = all.map(|(queue, known)| (known.asked_at, *queue)).collect();
        gone.sort_unstable();
        gone.truncate(MADE_ROOM.min(self.quotas.queues.div_ceil(100)));
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
        let before = known.bytes;
        let ids: BTreeSet<u64> = ids.iter().copied().collect();
        let gone: Vec<u64> = ids.into_iter().filter(|id| known.remove(*id)).collect();
        let after = known.bytes;
        self.held -= gone.len();
        self.resized(*queue, before, after);
        gone
    }

    /// A queue holds more or fewer bytes than before.
    fn resized(&mut self, queue: QueueId, before: usize, after: usize) {
        self.total = self.total - before as u64 + after as u64;
        self.by_size.remove(&(before, queue));
        if after > 0 {
            self.by_size.insert((after, queue));
        }
    }

    /// Whether a queue is open.
    pub fn knows(&self, queue: &QueueId) -> bool {
        self.queues.contains_key(queue)
    }

    /// Drops what nobody fetched in time; returns the envelopes and queues that the caller can delete.
    pub fn expire(&mut self, now: Time) -> (Vec<(QueueId, u64)>, Vec<QueueId>) {
        let life = self.quotas.mail_life;
        let old = |(queue, known): (&QueueId, &Queue)| (*queue, known.older_than(life, now));
        let old: Vec<(QueueId, Vec<u64>)> =
            self.queues.iter().map(old).filter(|(_, ids)| !ids.is_empty()).collect();
        let mut mail = Vec::new();
        for (queue, ids) in old {
            mail.extend(self.remove(&queue, &ids).into_iter().map(|id| (queue, id)));
        }
        let unasked =
            |known: &Queue| known.items.is_empty() && now.seconds_since(known.asked_at) >= QUEUE_LIFE;
        let gone: Vec<QueueId> =
            self.queues.iter().filter(|(_, known)| unasked(known)).map(|(queue, _)| *queue).collect();
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
