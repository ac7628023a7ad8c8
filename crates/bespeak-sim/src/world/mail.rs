//! Fetching mail from hosts: ask with a proof, keep what came, then acknowledge.

use std::{collections::BTreeSet, rc::Rc};

use bespeak_agent::{Input, Watched};
use bespeak_model::{queue::QueueId, time::Time};
use bespeak_protocol::drop::{DropReply, DropRequest, Errand, Proof, limits::MAX_ITEMS};

use super::{World, carry::place_of, relay_address};
use crate::{agenda::Event, law::Broken, weather::Place};

impl World {
    /// New queues are asked for at once: the first question opens them.
    pub(super) fn watch_queues(&mut self, who: usize, now: Time) {
        let Some(agent) = &self.people[who].agent else {
            return;
        };
        let watched = agent.watched(now);
        let life = self.people[who].life;
        let mut known = BTreeSet::new();
        for one in &watched {
            if let Some(Place::Relay(relay)) = one.hosts.first().and_then(|host| place_of(host.as_str())) {
                if one.eager {
                    self.relays[relay].watchers.insert(one.queue, who);
                }
                known.insert((one.queue, relay));
            }
        }
        let fresh = known.difference(&self.people[who].watched).map(|(queue, _)| *queue);
        for queue in fresh.collect::<BTreeSet<_>>() {
            self.agenda.plan(self.clock + 5, Event::Poll { who, life, queue: Some(queue) });
        }
        self.people[who].watched = known;
    }

    /// The node asks its hosts for mail. A node that asks for everything does so again, after pauses that grow.
    pub(super) fn poll(&mut self, who: usize, life: u32, queue: Option<QueueId>) {
        let now = self.people[who].now(self.clock);
        let Some(agent) = self.people[who].agent.as_ref().filter(|_| self.people[who].life == life) else {
            return;
        };
        let all = agent.watched(now);
        for watched in all.iter().filter(|one| queue.is_none_or(|queue| one.queue == queue)) {
            self.fetch(who, life, watched);
        }
        if queue.is_none() {
            let pause =
                if self.crashes == 0 && self.acts_left == 0 { 3_600_000 * 7 } else { self.plan.gap * 4 };
            self.agenda.plan(self.clock + pause, Event::Poll { who, life, queue: None });
        }
    }

    fn fetch(&mut self, who: usize, life: u32, watched: &Watched) {
        let Some(Place::Relay(relay)) = watched.hosts.first().and_then(|host| place_of(host.as_str())) else {
            return;
        };
        let host = relay_address(relay as u64);
        let proof = Proof::new(&watched.key, &host, &Errand::Get { after: 0 });
        let request = DropRequest::Get { queue: watched.queue, after: 0, wait: 0, proof };
        self.request(who, life, relay, watched.queue, &request);
    }

    fn request(&mut self, from: usize, life: u32, relay: usize, queue: QueueId, request: &DropRequest) {
        let Ok(bytes) = request.to_bytes() else {
            return;
        };
        let request: Rc<[u8]> = Rc::from(bytes);
        for delay in self.weather.carry(Place::Person(from), Place::Relay(relay), &mut self.dice) {
            let event = Event::Ask { from, life, relay, queue, request: Rc::clone(&request) };
            self.agenda.plan(self.clock + delay, event);
        }
    }

    /// A relay answers a question about a queue.
    pub(super) fn asked(&mut self, from: usize, life: u32, relay: usize, queue: QueueId, request: &[u8]) {
        let now = self.now();
        let Some((DropReply::Mail { items }, _)) = self.relays[relay].mailbox.answer(request, now) else {
            return;
        };
        let items = items.into_iter().map(|item| (item.id, item.envelope.into_vec())).collect();
        let items = self.as_it_pleases(relay, queue, items);
        if items.is_empty() {
            return;
        }
        for delay in self.weather.carry(Place::Relay(relay), Place::Person(from), &mut self.dice) {
            let event = Event::Mail { to: from, life, relay, queue, items: items.clone() };
            self.agenda.plan(self.clock + delay, event);
        }
    }

    /// Mail arrives. It is acknowledged only after the agent has kept what was in it.
    pub(super) fn mail(
        &mut self,
        to: usize,
        life: u32,
        relay: usize,
        queue: QueueId,
        items: Vec<(u64, Vec<u8>)>,
    ) -> Result<(), Broken> {
        let mut ids = Vec::new();
        for (id, envelope) in items {
            let mail = Input::Mail { queue, envelope: envelope.clone() };
            if self.people[to].life != life || self.feed(to, mail)?.is_none() {
                break;
            }
            self.taken_in(queue, &envelope);
            ids.push(id);
        }
        let now = self.people[to].now(self.clock);
        let watched = self.people[to].agent.as_ref().map(|agent| agent.watched(now)).unwrap_or_default();
        if let Some(watched) = watched.iter().find(|one| one.queue == queue).filter(|_| !ids.is_empty()) {
            let proof = Proof::new(&watched.key, &relay_address(relay as u64), &Errand::Ack { ids: &ids });
            let more = ids.len() >= MAX_ITEMS;
            self.request(to, life, relay, queue, &DropRequest::Ack { queue, ids, proof });
            if more {
                let later = self.clock + 2 * self.weather.links.latest;
                self.agenda.plan(later, Event::Poll { who: to, life, queue: Some(queue) });
            }
        }
        Ok(())
    }

    /// Mail has come for a queue that somebody watches: as if she had waited for it.
    pub(super) fn call_watcher(&mut self, relay: usize, queue: QueueId) {
        let Some(who) = self.relays[relay].watchers.get(&queue).copied() else {
            return;
        };
        let life = self.people[who].life;
        for delay in self.weather.carry(Place::Relay(relay), Place::Person(who), &mut self.dice) {
            self.agenda.plan(self.clock + delay, Event::Poll { who, life, queue: Some(queue) });
        }
    }
}
