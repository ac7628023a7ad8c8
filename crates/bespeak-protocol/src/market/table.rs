//! What a node keeps of the market: live intentions and tombstones, bounded, each until its end.

use bespeak_identity::{PublicKey, RecordId, Signed};
use bespeak_model::{
    intention::{Intention, Withdrawal},
    time::Time,
};

use super::{
    gate::{Gate, Hearing, News, Verdict},
    heard::Heard,
    live::{Digest, Live},
    message::Announcement,
    tombstones::{Tombstone, Tombstones},
};

/// Most intentions that are kept at a time. Source: what a node starts with in 3 s and 250 MiB (`bespeak-bench -- store`).
pub const MAX_HEARD: usize = 100_000;

/// Live intentions of others, and the tombstones of those that were taken back.
#[derive(Debug, Default)]
pub struct Table {
    heard: Heard,
    tombstones: Tombstones,
}

/// Where something of the table is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// An intention.
    Intention(RecordId<Intention>),
    /// What somebody said against one: a stranger's does not take the place of the owner's.
    Tombstone(RecordId<Intention>, PublicKey),
}

/// What a withdrawal does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Burial {
    /// The tombstone itself is to be kept.
    pub kept: bool,
    /// The intention was here, and is gone.
    pub withdrawn: bool,
    /// What is to be forgotten, the intention included.
    pub forget: Vec<Slot>,
}

impl Table {
    /// Judges a message at the gate, and says what is new in it. What the gate lets through stays outside when its
    /// owner's tombstone is here: the gate remembers far fewer tombstones of what it never heard than are kept, and
    /// whoever comes late hears many of those.
    pub fn judge(&self, gate: &mut Gate, topic: &str, bytes: &[u8], now: Time) -> Hearing {
        let hearing = gate.hear(topic, bytes, now);
        match &hearing.news {
            Some(News::Intention(record)) if self.has_buried(record) => {
                Hearing { verdict: Verdict::Ignore, news: None }
            }
            _ => hearing,
        }
    }

    /// Whether its owner's tombstone is here.
    fn has_buried(&self, record: &Signed<Intention>) -> bool {
        self.tombstones.has(&(record.id(), *record.issuer()))
    }

    /// Takes in an intention that is new; says what is to be forgotten for it. In a full table the one that was cast
    /// longest ago gives way: who fills the table keeps nobody out of it.
    pub fn hear(&mut self, record: Signed<Intention>) -> Vec<Slot> {
        let full = self.heard.len() >= MAX_HEARD;
        let oldest = if full { self.heard.remove_oldest() } else { None };
        // Tombstones that came before it were strangers': with its owner's it would have been ignored.
        let strangers = self.tombstones.remove(record.id());
        self.heard.insert(record);
        let strangers = strangers.into_iter().map(|(intention, issuer)| Slot::Tombstone(intention, issuer));
        oldest.map(Slot::Intention).into_iter().chain(strangers).collect()
    }

    /// Takes in a withdrawal that is new.
    pub fn bury(&mut self, record: &Signed<Withdrawal>) -> Burial {
        let (intention, issuer) = (record.intention, *record.issuer());
        let gives_way = self.tombstones.add(Tombstone::of(record));
        let kept = gives_way != Some((intention, issuer));
        let mut forget: Vec<Slot> =
            gives_way.filter(|_| kept).map(|(of, by)| Slot::Tombstone(of, by)).into_iter().collect();
        let owned = self.heard.get(&intention).is_some_and(|heard| heard.issuer() == record.issuer());
        let withdrawn = owned && self.heard.remove(&intention);
        forget.extend(withdrawn.then_some(Slot::Intention(intention)));
        Burial { kept, withdrawn, forget }
    }

    /// Takes back what was kept, and tells the gate of it: whose word counts, and what is not to come again.
    pub fn recall(&mut self, gate: &mut Gate, news: News) {
        match news {
            News::Intention(record) => {
                gate.remember_intention(&record);
                if !self.has_buried(&record) && !gate.is_withdrawn(&record.id()) {
                    self.hear(*record);
                }
            }
            News::Withdrawal(record) => {
                gate.remember_withdrawal(&record);
                self.bury(&record);
            }
        }
    }

    /// Forgets what has ended, at most so much at once.
    pub fn forget_ended(&mut self, now: Time, most: usize) -> Vec<Slot> {
        let mut gone = Vec::new();
        while gone.len() < most
            && let Some(id) = self.heard.remove_ended(now)
        {
            gone.push(Slot::Intention(id));
        }
        while gone.len() < most
            && let Some((intention, issuer)) = self.tombstones.pop_ended(now)
        {
            gone.push(Slot::Tombstone(intention, issuer));
        }
        gone
    }

    /// When the next of it ends.
    pub fn next_end(&self) -> Option<Time> {
        self.heard.next_end().into_iter().chain(self.tombstones.next_end()).min()
    }

    /// An intention that is here.
    pub fn get(&self, id: &RecordId<Intention>) -> Option<&Signed<Intention>> {
        self.heard.get(id)
    }

    /// All of them.
    pub fn intentions(&self) -> impl Iterator<Item = &Signed<Intention>> {
        self.heard.iter()
    }

    /// How many have not ended.
    pub fn not_ended(&self, now: Time) -> usize {
        self.heard.not_ended(now)
    }

    /// The names of everything here.
    pub fn live(&self) -> [&Live; 2] {
        [self.heard.live(), self.tombstones.live()]
    }

    /// One of those, as it would be said on its topic.
    pub fn announcement(&self, digest: &Digest) -> Option<Vec<u8>> {
        let heard = self.heard.get(&RecordId::from_digest(*digest));
        let heard = heard.and_then(|record| Announcement::intention(record).to_bytes().ok());
        heard.or_else(|| self.tombstones.said(digest).map(<[u8]>::to_vec))
    }
}
