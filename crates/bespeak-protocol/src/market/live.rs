//! What is alive on each topic: names, by which two nodes find out what one of them has not heard.

use std::collections::{BTreeMap, BTreeSet};

use bespeak_identity::Signed;
use bespeak_model::{
    intention::{Intention, Withdrawal},
    time::Time,
};

use super::message::topic_of;

/// The name of a market record: the digest of what was signed.
pub type Digest = [u8; 32];

/// Names of the live intentions and of the tombstones that a node has, by topic and by the hour that they name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Live(BTreeMap<String, BTreeSet<(Time, Digest)>>);

/// Where a record stands in a [`Live`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    topic: String,
    at: Time,
    digest: Digest,
}

impl Named {
    /// A name as it stands.
    pub fn new(topic: &str, at: Time, digest: Digest) -> Self {
        Self { topic: topic.to_owned(), at, digest }
    }

    /// The digest alone.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The name of an intention.
    pub fn intention(record: &Signed<Intention>) -> Self {
        let topic = topic_of(&record.net, &record.category);
        Self { topic, at: record.cast_at, digest: *record.id().as_digest() }
    }

    /// The name of a tombstone.
    pub fn withdrawal(record: &Signed<Withdrawal>) -> Self {
        let topic = topic_of(&record.net, &record.category);
        Self { topic, at: record.at, digest: *record.id().as_digest() }
    }
}

impl Live {
    /// Adds a record that is had.
    pub fn add(&mut self, Named { topic, at, digest }: Named) {
        self.0.entry(topic).or_default().insert((at, digest));
    }

    /// Takes one out that is not had any more.
    pub fn remove(&mut self, Named { topic, at, digest }: &Named) {
        if let Some(names) = self.0.get_mut(topic) {
            names.remove(&(*at, *digest));
            if names.is_empty() {
                self.0.remove(topic);
            }
        }
    }

    /// How many there are on all topics.
    pub fn len(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of a topic, in order.
    pub(super) fn of(&self, topic: &str) -> impl Iterator<Item = &(Time, Digest)> {
        self.0.get(topic).into_iter().flatten()
    }
}
