//! Carrying: market messages to everybody, envelopes to hosts.

use std::{collections::btree_map::Entry, rc::Rc};

use bespeak_agent::{Arrival, Input, Post, Publication};
use bespeak_identity::{Purpose, Seed, Signed, Unverified};
use bespeak_model::{
    intention::{Intention, Withdrawal},
    network::Network,
    queue::{Drop, QueueId},
    reason::WithdrawalReason,
};
use bespeak_protocol::{
    drop::{DropReply, DropRequest},
    market::{Announcement, Verdict},
};
use serde_bytes::ByteBuf;

use super::{Posting, World};
use crate::{
    agenda::Event,
    law::{self, Broken},
    weather::Place,
};

/// How long a node waits for a host's answer, in milliseconds. Source: wild guess.
const PATIENCE: u64 = 20_000;

impl World {
    /// A node publishes: to every relay, and to some of the others at once.
    pub(super) fn publish(&mut self, who: usize, publication: &Publication) {
        let topic: Rc<str> = Rc::from(publication.topic.as_str());
        let bytes: Rc<[u8]> = Rc::from(publication.bytes.as_slice());
        self.spread(Place::Person(who), None, &topic, &bytes, true);
        if self.dice.chance(self.plan.forged) {
            self.forge(publication);
        }
    }

    fn spread(&mut self, from: Place, but: Option<Place>, topic: &Rc<str>, bytes: &Rc<[u8]>, honest: bool) {
        let people = (0..self.people.len()).map(Place::Person);
        let all: Vec<_> = people.chain((0..self.relays.len()).map(Place::Relay)).collect();
        for to in all.into_iter().filter(|to| *to != from && Some(*to) != but) {
            for delay in self.weather.carry(from, to, &mut self.dice) {
                let event = Event::Gossip { to, topic: Rc::clone(topic), bytes: Rc::clone(bytes), honest };
                self.agenda.plan(self.clock + delay, event);
            }
        }
    }

    /// Somebody tries to bury an intention that is not his, as early as he can.
    fn forge(&mut self, publication: &Publication) {
        let Some((topic, bytes)) = forged(publication, self.dice.bytes()) else {
            return;
        };
        self.tally.count("forged tombstone");
        for to in 0..self.people.len() {
            let event = Event::Gossip {
                to: Place::Person(to),
                topic: Rc::clone(&topic),
                bytes: Rc::clone(&bytes),
                honest: false,
            };
            let delay = self.dice.between(1, self.weather.links.latest);
            self.agenda.plan(self.clock + delay, event);
        }
    }

    pub(super) fn gossip(
        &mut self,
        to: Place,
        topic: &Rc<str>,
        bytes: &Rc<[u8]>,
        honest: bool,
    ) -> Result<(), Broken> {
        match to {
            Place::Person(who) => {
                let input = Input::Gossip { topic: topic.to_string(), bytes: bytes.to_vec() };
                let fed = self.feed(who, input)?;
                fed.and_then(|fed| fed.judge)
                    .map_or(Ok(()), |verdict| law::the_honest_are_not_rejected(verdict, honest))
            }
            Place::Relay(number) => {
                let now = self.now();
                let verdict = self.relays[number].gate.judge(topic, bytes, now);
                law::the_honest_are_not_rejected(verdict, honest)?;
                if verdict == Verdict::Accept {
                    self.spread(to, None, topic, bytes, honest);
                }
                Ok(())
            }
        }
    }

    /// A node posts an envelope to each of its hosts.
    pub(super) fn post(&mut self, who: usize, post: Post) {
        let place = |drop: &Drop| Some((place_of(drop.hosts.first()?.as_str())?, drop.queue));
        let places: Vec<_> = post.drops.iter().filter_map(place).collect();
        self.posted += 1;
        let number = self.posted;
        let posting = Posting {
            from: who,
            life: self.people[who].life,
            thread: post.thread,
            held: post.report,
            waits_for: places.iter().map(|(place, _)| *place).collect(),
            to: Arrival::Nowhere,
        };
        self.postings.insert(number, posting);
        let envelope: Rc<[u8]> = Rc::from(post.envelope.as_slice());
        for (to, queue) in places {
            for delay in self.weather.carry(Place::Person(who), to, &mut self.dice) {
                let event = Event::Put { number, from: who, to, queue, envelope: Rc::clone(&envelope) };
                self.agenda.plan(self.clock + delay, event);
            }
        }
        self.agenda.plan(self.clock + PATIENCE, Event::PutAnswer { number, host: None, stored: false });
    }

    pub(super) fn put(
        &mut self,
        number: u64,
        from: usize,
        to: Place,
        queue: QueueId,
        envelope: &[u8],
    ) -> Result<(), Broken> {
        let stored = match to {
            Place::Relay(relay) => Some(self.put_at_relay(relay, queue, envelope)),
            Place::Person(who) => self.put_at_home(who, queue, envelope)?,
        };
        let Some(stored) = stored else {
            // It is down, or went down over it: nobody answers.
            return Ok(());
        };
        for delay in self.weather.carry(to, Place::Person(from), &mut self.dice) {
            self.agenda.plan(self.clock + delay, Event::PutAnswer { number, host: Some(to), stored });
        }
        Ok(())
    }

    fn put_at_relay(&mut self, relay: usize, queue: QueueId, envelope: &[u8]) -> bool {
        if let Some(stored) = self.pretends(relay) {
            return stored;
        }
        let request = DropRequest::Put { queue, envelope: ByteBuf::from(envelope), stamp: None };
        let now = self.now();
        let answer = request.to_bytes().ok().and_then(|bytes| self.relays[relay].mailbox.answer(&bytes, now));
        let Some((reply, woken)) = answer else {
            return false;
        };
        if woken.is_some() {
            self.call_watcher(relay, queue);
        }
        matches!(reply, DropReply::Stored {})
    }

    /// Mail for a queue on a node of its own: stored once the agent has kept what was in it.
    fn put_at_home(&mut self, who: usize, queue: QueueId, envelope: &[u8]) -> Result<Option<bool>, Broken> {
        let Some(agent) = &self.people[who].agent else {
            return Ok(None);
        };
        if !agent.owns(&queue) {
            return Ok(Some(false));
        }
        let fed = self.feed(who, Input::Mail { queue, envelope: envelope.to_vec() })?;
        if fed.is_some() {
            self.taken_in(queue, envelope);
        }
        Ok(fed.map(|_| true))
    }

    /// A host answers, or is waited for no longer. The poster hears of it once all have.
    pub(super) fn put_answer(
        &mut self,
        number: u64,
        host: Option<Place>,
        stored: bool,
    ) -> Result<(), Broken> {
        let Entry::Occupied(mut entry) = self.postings.entry(number) else {
            return Ok(());
        };
        let posting = entry.get_mut();
        match host {
            Some(Place::Relay(_)) if stored => posting.to = Arrival::Drop,
            Some(Place::Person(_)) if stored => posting.to = posting.to.max(Arrival::Node),
            _ => {}
        }
        if let Some(host) = host {
            posting.waits_for.remove(&host);
            if !posting.waits_for.is_empty() {
                return Ok(());
            }
        }
        let Posting { from, life, thread, held, to, .. } = entry.remove();
        if let Some(held) = held.filter(|_| self.people[from].life == life) {
            self.feed(from, Input::Posted { thread, held, to })?;
        }
        Ok(())
    }
}

/// A tombstone for a published intention, signed by a stranger.
fn forged(publication: &Publication, seed: [u8; 32]) -> Option<(Rc<str>, Rc<[u8]>)> {
    let said = Announcement::from_bytes(&publication.bytes).ok()?;
    let read = Unverified::<Intention>::from_bytes(said.record).ok()?;
    let intention = read.claim();
    let stranger = Seed::from_entropy(seed).sign_key(Purpose::Party);
    let withdrawal = Withdrawal {
        iss: stranger.public(),
        nonce: intention.nonce,
        net: Network::main(),
        intention: publication.intention,
        category: intention.category.clone(),
        reason: WithdrawalReason::Other,
        at: intention.cast_at,
        expires_at: intention.expires_at,
    };
    let record = Signed::sign(withdrawal, &stranger).ok()?;
    let bytes = Announcement::withdrawal(&record).to_bytes().ok()?;
    Some((Rc::from(publication.topic.as_str()), Rc::from(bytes)))
}

/// The place of an address.
pub(super) fn place_of(address: &str) -> Option<Place> {
    let number = |text: &str| text.parse().ok();
    if let Some(relay) = address.strip_prefix("/relay/") {
        return number(relay).map(Place::Relay);
    }
    address.strip_prefix("/person/").and_then(number).map(Place::Person)
}
