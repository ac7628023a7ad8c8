//! Those who pour in junk.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bespeak_identity::drisl;
use bespeak_model::{queue::QueueId, reason::RefusalCode};
use bespeak_net::{Net, TransportIdentity};
use bespeak_protocol::drop::{DropReply, DropRequest, limits::MAX_ENVELOPE};
use tokio::{sync::Notify, task::JoinSet};

use super::identity;
use crate::letter_box::put;

/// Of so many pieces of junk one is sent by who sends nothing but bytes that are no request. Source: wild guess.
const MALFORMED: usize = 50;

/// Junk, by what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Poured {
    /// The relay took it.
    pub stored: usize,
    /// For a box that nobody has.
    pub unknown: usize,
    /// There was no room.
    pub no_room: usize,
    /// Too many from this identity or network.
    pub too_often: usize,
    /// No request that the relay understands.
    pub not_understood: usize,
    /// Refused for another reason.
    pub otherwise: usize,
    /// The connection was closed, or could not be made.
    pub cut_off: usize,
}

impl Poured {
    /// All of it.
    pub fn all(&self) -> usize {
        let Self { stored, unknown, no_room, too_often, not_understood, otherwise, cut_off } = *self;
        stored + unknown + no_room + too_often + not_understood + otherwise + cut_off
    }

    fn count(&mut self, reply: Option<DropReply>) {
        let count = match reply {
            Some(DropReply::Stored {}) => &mut self.stored,
            Some(DropReply::Refused { code: RefusalCode::NotFound }) => &mut self.unknown,
            Some(DropReply::Refused { code: RefusalCode::TooLarge }) => &mut self.no_room,
            Some(DropReply::Refused { code: RefusalCode::RateLimited }) => &mut self.too_often,
            Some(DropReply::Refused { code: RefusalCode::UnsupportedVersion }) => &mut self.not_understood,
            Some(_) => &mut self.otherwise,
            None => &mut self.cut_off,
        };
        *count += 1;
    }

    fn add(&mut self, other: Self) {
        self.stored += other.stored;
        self.unknown += other.unknown;
        self.no_room += other.no_room;
        self.too_often += other.too_often;
        self.not_understood += other.not_understood;
        self.otherwise += other.otherwise;
        self.cut_off += other.cut_off;
    }
}

impl fmt::Display for Poured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stored, unknown, no_room, too_often, not_understood, otherwise, cut_off } = self;
        writeln!(
            f,
            "| junk | taken | no such box | no room | too often | not understood | otherwise | cut off |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        write!(
            f,
            "| {} | {stored} | {unknown} | {no_room} | {too_often} | {not_understood} | {otherwise} | {cut_off} |",
            self.all()
        )
    }
}

/// Where they pour it, and how far they are.
struct Way {
    net: Net,
    host: Vec<String>,
    queues: Vec<QueueId>,
    blobs: usize,
    next: AtomicUsize,
    done: AtomicUsize,
    progress: Notify,
}

pub(super) struct Crowd {
    way: Arc<Way>,
    members: JoinSet<Poured>,
}

impl Crowd {
    pub(super) fn start(
        net: Net,
        host: Vec<String>,
        queues: Vec<QueueId>,
        blobs: usize,
        identities: usize,
    ) -> Self {
        let (next, done, progress) = (AtomicUsize::new(0), AtomicUsize::new(0), Notify::new());
        let way = Arc::new(Way { net, host, queues, blobs, next, done, progress });
        let mut members = JoinSet::new();
        for member in 0..identities {
            members.spawn(Arc::clone(&way).pour(member));
        }
        members.spawn(Arc::clone(&way).babble());
        Self { way, members }
    }

    /// Waits until this part of the junk was sent.
    pub(super) async fn reach(&self, part: usize, of: usize) {
        loop {
            let progress = self.way.progress.notified();
            if self.way.done.load(Ordering::Relaxed) * of >= self.way.blobs * part {
                return;
            }
            progress.await;
        }
    }

    /// Waits until all of it was.
    pub(super) async fn end(mut self) -> Poured {
        let mut all = Poured::default();
        while let Some(member) = self.members.join_next().await {
            all.add(member.unwrap_or_default());
        }
        all
    }
}

impl Way {
    /// Words that the wires carry, from one identity.
    async fn pour(self: Arc<Self>, member: usize) -> Poured {
        let (who, mut poured) = (identity(b"junker", member, 0), Poured::default());
        let most = self.blobs - self.blobs / MALFORMED;
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= most {
                return poured;
            }
            let bytes = drisl::to_vec(&self.junk(number)).unwrap_or_default();
            poured.count(self.send(&who, bytes).await);
        }
    }

    /// Bytes that are no request, from one identity after another.
    async fn babble(self: Arc<Self>) -> Poured {
        let (mut life, mut poured) = (0, Poured::default());
        for number in 0..self.blobs / MALFORMED {
            let noise = [&[0xff; 64][..], &number.to_be_bytes()].concat();
            let reply = self.send(&identity(b"babble", life, 0), noise).await;
            life += usize::from(reply.is_none());
            poured.count(reply);
        }
        poured
    }

    async fn send(&self, who: &TransportIdentity, bytes: Vec<u8>) -> Option<DropReply> {
        let reply = self.net.request(who, &self.host, bytes).await;
        self.done.fetch_add(1, Ordering::Relaxed);
        self.progress.notify_waiters();
        reply.ok().and_then(|bytes| DropReply::from_bytes(&bytes).ok())
    }

    /// Three in ten for boxes that nobody has, the others for those that intentions name.
    fn junk(&self, number: usize) -> DropRequest {
        let envelope = |number: usize, length: usize| {
            let mut bytes = vec![0xaa; length];
            bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
            bytes
        };
        let known = self.queues[number / 10 % self.queues.len()];
        let (queue, envelope) = match number % 10 {
            0..=2 => {
                let mut nobody = [3; 32];
                nobody[..8].copy_from_slice(&(number as u64).to_be_bytes());
                (QueueId::from_bytes(nobody), envelope(number, 4096))
            }
            3..=6 => (known, envelope(number, 4096)),
            7 => (known, envelope(number, MAX_ENVELOPE)),
            8 => (known, envelope(0, 4096)),
            _ => (known, envelope(number, MAX_ENVELOPE + 1)),
        };
        put(queue, envelope)
    }
}
