//! What was done under a key that the owner chose: kept in one commit with its effects, so that a request sent again
//! after a crash is answered again, and done once.

use std::{collections::VecDeque, future::Future};

use bespeak_agent::{command::Reply, output::Refusal};
use bespeak_identity::RecordId;
use bespeak_model::{intention::Intention, offer::Offer, order::Order, time::Time};
use bespeak_protocol::thread::ThreadId;
use bespeak_store::{Change, ReadError};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use crate::{
    clock::now,
    node::{Node, internal},
    shelf::Shelf,
};

/// How long a key is remembered, in seconds: a day. Source: what others do (Stripe: 24 h).
const LIFETIME: u64 = 24 * 3_600;
/// Most keys that are remembered. Source: wild guess, some 200 bytes each; the oldest goes first.
const MAX_KEYS: usize = 4_096;
/// The version of what is kept.
const VERSION: u8 = 1;

tokio::task_local! {
    /// A local of the task and not an argument: a route that is added later cannot forget to hand it on.
    static CURRENT: Once;
}

/// A request that is to be done once, however often it is sent. It leads to one command at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    key: String,
    request: [u8; 32],
}

impl Once {
    /// A request by the key its sender chose, and the digest of all it says.
    pub fn new(key: impl Into<String>, request: [u8; 32]) -> Self {
        Self { key: key.into(), request }
    }

    /// Does some work: what it commands of a node counts as done under the key.
    pub async fn during<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    pub(crate) fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// Nothing, or nothing any more.
    Unknown,
    /// Another request was done under it.
    Other,
    /// The very request was done, and this came of it.
    Done(Reply),
}

impl Node {
    /// What was done under a key in the last 24 hours, before the node was started last too.
    ///
    /// # Errors
    /// When that cannot be read.
    pub async fn done_before(&self, once: &Once) -> Result<Before, Refusal> {
        let once = once.clone();
        self.on_shelf(move |shelf| -> Result<Before, Refusal> {
            let body = shelf.done(&once.key).map_err(|error| internal(&error))?;
            let Some(body) = body else { return Ok(Before::Unknown) };
            let entry: Entry = serde_json::from_slice(&body).map_err(|error| internal(&error))?;
            Ok(entry.before(&once, now()))
        })
        .await
    }
}

/// What is kept under a key.
#[derive(Serialize, Deserialize)]
struct Entry {
    v: u8,
    at: Time,
    request: ByteArray<32>,
    reply: Said,
}

impl Entry {
    fn before(self, once: &Once, now: Time) -> Before {
        if now.seconds_since(self.at) >= LIFETIME {
            return Before::Unknown;
        }
        if *self.request != once.request { Before::Other } else { Before::Done(self.reply.into()) }
    }
}

/// A reply as it is written down.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    Cast(RecordId<Intention>),
    Offered(RecordId<Offer>),
    Ordered { order: RecordId<Order>, thread: ThreadId },
    Done,
}

impl From<Reply> for Said {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Cast(intention) => Self::Cast(intention),
            Reply::Offered(offer) => Self::Offered(offer),
            Reply::Ordered { order, thread } => Self::Ordered { order, thread },
            Reply::Done => Self::Done,
        }
    }
}

impl From<Said> for Reply {
    fn from(said: Said) -> Self {
        match said {
            Said::Cast(intention) => Self::Cast(intention),
            Said::Offered(offer) => Self::Offered(offer),
            Said::Ordered { order, thread } => Self::Ordered { order, thread },
            Said::Done => Self::Done,
        }
    }
}

/// The keys that are remembered, the oldest first.
#[derive(Default)]
pub(crate) struct Keys(VecDeque<(Time, Vec<u8>)>);

impl Keys {
    /// Those that are kept; blocks. What cannot be read is the oldest of all.
    pub(crate) fn recall(shelf: &Shelf) -> Result<Self, ReadError> {
        let at = |body: &[u8]| serde_json::from_slice::<Entry>(body).map_or(Time::EPOCH, |entry| entry.at);
        let mut all: Vec<_> = shelf.all_done()?.into_iter().map(|(key, body)| (at(&body), key)).collect();
        all.sort_unstable();
        Ok(Self(all.into()))
    }

    /// The changes that keep what came of a request, and forget the keys whose time is over.
    pub(crate) fn keep(&mut self, shelf: &Shelf, once: &Once, reply: &Reply, now: Time) -> Vec<Change> {
        let entry =
            Entry { v: VERSION, at: now, request: ByteArray::new(once.request), reply: reply.clone().into() };
        // Texts and numbers: JSON can say it.
        let body = serde_json::to_vec(&entry).unwrap_or_default();
        let (key, change) = shelf.keep_done(&once.key, body);
        self.0.retain(|(_, known)| *known != key);
        let mut changes = Vec::new();
        while let Some((at, _)) = self.0.front()
            && (self.0.len() >= MAX_KEYS || now.seconds_since(*at) >= LIFETIME)
        {
            changes.extend(self.0.pop_front().map(|(_, old)| Shelf::forget_done(old)));
        }
        self.0.push_back((now, key));
        changes.push(change);
        changes
    }
}

#[cfg(test)]
mod tests;
