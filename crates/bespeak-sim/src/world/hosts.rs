//! Hosts that lose their disks, and hosts that lie.

use bespeak_model::queue::QueueId;
use bespeak_protocol::channel::envelope::{Sealing, unwrap};
use sha2::{Digest, Sha256};

use super::{World, relay_address};
use crate::mailbox::Mailbox;

/// How a relay treats the mail that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manners {
    /// As it should.
    Honest,
    /// Says that it stored what it drops, so many times of a thousand.
    Drops(u64),
    /// Gives every envelope twice.
    Doubles,
    /// Gives envelopes in any order.
    Reorders,
    /// Gives envelopes of other queues beside those that were asked for.
    Mixes,
    /// Says that there is no mail.
    SaysEmpty,
    /// Says that the queue is full.
    Full,
}

impl World {
    /// From now on a relay behaves like this.
    pub fn behave(&mut self, relay: usize, manners: Manners) {
        self.relays[relay].manners = manners;
    }

    /// What a relay holds.
    pub fn mailbox(&mut self, relay: usize) -> &mut Mailbox {
        &mut self.relays[relay].mailbox
    }

    /// A relay's disk is thrown away, and it goes on with an empty one. It is spared while it is the only one with an
    /// opening that its customer has not taken in: who says a thing once, because a host has said that it keeps it, is
    /// not heard when no host does. Says whether it came to that.
    pub fn lose_disk(&mut self, relay: usize) -> bool {
        let lost = &self.relays[relay].mailbox;
        let others = || self.relays.iter().enumerate().filter(|(other, _)| *other != relay);
        let spare = lost.envelopes().filter(|(_, envelope)| is_opening(envelope)).all(|(queue, envelope)| {
            self.taken_in.contains(&(queue, digest(envelope)))
                || others().any(|(_, other)| other.mailbox.holds(queue, envelope))
        });
        if !spare {
            self.tally.count("relay spared");
            return false;
        }
        self.tally.count("relay lost its disk");
        self.tally.add("envelope lost with a disk", lost.envelopes().count() as u64);
        self.relays[relay].mailbox = Mailbox::new(&relay_address(relay as u64), self.now());
        true
    }

    /// An envelope was taken in by whom it is for.
    pub(super) fn taken_in(&mut self, queue: QueueId, envelope: &[u8]) {
        if is_opening(envelope) {
            self.taken_in.insert((queue, digest(envelope)));
        }
    }

    /// What a relay answers to a put without looking at it.
    pub(super) fn pretends(&mut self, relay: usize) -> Option<bool> {
        match self.relays[relay].manners {
            Manners::Drops(times) if self.dice.chance(times) => {
                self.tally.count("envelope dropped by its host");
                Some(true)
            }
            Manners::Full => {
                self.tally.count("envelope refused");
                Some(false)
            }
            _ => None,
        }
    }

    /// What a relay gives in place of what it should.
    pub(super) fn as_it_pleases(
        &mut self,
        relay: usize,
        queue: QueueId,
        mut items: Vec<(u64, Vec<u8>)>,
    ) -> Vec<(u64, Vec<u8>)> {
        match self.relays[relay].manners {
            Manners::Honest | Manners::Drops(_) | Manners::Full => {}
            Manners::Doubles => {
                self.tally.add("envelope given twice", items.len() as u64);
                items = items.into_iter().flat_map(|item| [item.clone(), item]).collect();
            }
            Manners::Reorders => {
                self.tally.add("envelope out of order", items.len().saturating_sub(1) as u64);
                self.dice.shuffle(&mut items);
            }
            Manners::SaysEmpty => {
                self.tally.add("envelope withheld", items.len() as u64);
                items.clear();
            }
            Manners::Mixes => {
                let others = self.relays[relay].mailbox.envelopes().filter(|(other, _)| *other != queue);
                // Few enough that they do not look like more to fetch.
                let foreign: Vec<_> = others.take(3).map(|(_, envelope)| (0, envelope.to_vec())).collect();
                self.tally.add("envelope of another queue", foreign.len() as u64);
                items.splice(0..0, foreign);
            }
        }
        items
    }
}

fn is_opening(envelope: &[u8]) -> bool {
    matches!(unwrap(envelope), Ok((Sealing::Opening, _)))
}

fn digest(envelope: &[u8]) -> [u8; 32] {
    Sha256::digest(envelope).into()
}
