//! Going down in the middle of a step, and coming back from what was kept.

use bespeak_agent::Input;
use bespeak_model::time::Time;

use super::World;
use crate::{
    agenda::Event,
    law::{self, Broken},
    memory::Memory,
    person::{Looks, looks},
};

/// Where in a step a node goes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// Nothing of the step is kept, nothing is sent.
    BeforeKeep,
    /// Everything is kept, nothing is sent.
    AfterKeep,
    /// Everything is kept, some is sent.
    MidSend,
}

impl World {
    pub(super) fn crash_point(&mut self) -> Option<Point> {
        if let Some((_, point)) = self.crash_at.filter(|(at, _)| *at == self.fed) {
            return Some(point);
        }
        if !self.dice.chance(self.crashes) {
            return None;
        }
        self.dice.pick(&[Point::BeforeKeep, Point::AfterKeep, Point::MidSend]).copied()
    }

    /// The looks to compare with afterwards: of a node that will go down, and of one that is asked for something.
    pub(super) fn looks_before(
        &self,
        who: usize,
        input: &Input,
        point: Option<Point>,
        now: Time,
    ) -> Option<Looks> {
        // An agent that was not woken yet has folded nothing.
        let woken = self.people[who].woken;
        let needed = point == Some(Point::BeforeKeep) || matches!(input, Input::Command(_));
        if needed && woken { self.looks_of(who, now) } else { None }
    }

    pub(super) fn looks_of(&self, who: usize, now: Time) -> Option<Looks> {
        self.people[who].agent.as_ref().map(|agent| looks(agent, now))
    }

    /// The node goes down; what it would be made again from must look as it did.
    pub(super) fn fall(&mut self, who: usize, left: Option<Looks>, now: Time) -> Result<(), Broken> {
        self.people[who].agent = None;
        self.people[who].wake = None;
        self.tally.count("crash");
        if let Some(story) = &mut self.story {
            story.push(format!(
                "{:>10.3}s  {}  goes down",
                self.clock as f64 / 1000.0,
                self.people[who].address
            ));
        }
        if let Some(left) = left {
            law::recall_is_the_same(&self.people[who], &left, now, &mut self.dice)?;
        }
        let away = self.dice.between(1, self.plan.away.max(1));
        self.agenda.plan(self.clock + away, Event::Rise { who });
        Ok(())
    }

    /// A script takes a node down between two steps; it stays away until [`World::rise`].
    ///
    /// # Errors
    /// When what it kept does not make the same agent.
    pub fn take_down(&mut self, who: usize) -> Result<(), Broken> {
        let now = self.people[who].now(self.clock);
        let left = self.looks_of(who, now);
        self.people[who].agent = None;
        self.people[who].wake = None;
        self.tally.count("crash");
        left.map_or(Ok(()), |left| law::recall_is_the_same(&self.people[who], &left, now, &mut self.dice))
    }

    /// The node comes back, with nothing but what it kept and fresh randomness.
    ///
    /// # Errors
    /// When a law is broken.
    pub fn rise(&mut self, who: usize) -> Result<(), Broken> {
        if self.people[who].agent.is_some() {
            return Ok(());
        }
        let agent = self.people[who].made_again(&mut self.dice);
        let person = &mut self.people[who];
        person.agent = Some(agent);
        person.life += 1;
        person.watched.clear();
        person.woken = false;
        let (life, placement) = (person.life, person.placement.clone());
        if life > 1 {
            self.tally.count("came back");
        }
        if self.feed(who, Input::Wake)?.is_some() && self.feed(who, Input::Reachable(placement))?.is_some() {
            self.agenda.plan(self.clock + 1_000, Event::Poll { who, life, queue: None });
        }
        Ok(())
    }

    /// The node goes down and is made again from a copy of its memory, on another machine.
    ///
    /// # Errors
    /// When a law is broken.
    pub fn restore(&mut self, who: usize, copy: Memory) -> Result<(), Broken> {
        self.people[who].agent = None;
        self.people[who].wake = None;
        self.people[who].memory = copy;
        self.watch.restored(who);
        self.tally.count("restored");
        let now = self.people[who].now(self.clock);
        let out = self.people[who].made_again(&mut self.dice).handle(Input::Restored, now);
        self.keep(who, &out);
        self.rise(who)
    }

    /// The node goes down, and goes on with another memory of its own: the life it had before a copy of it was restored
    /// elsewhere. Nobody tells it so.
    ///
    /// # Errors
    /// When a law is broken.
    pub fn go_on_as(&mut self, who: usize, memory: Memory) -> Result<(), Broken> {
        self.people[who].agent = None;
        self.people[who].wake = None;
        self.people[who].memory = memory;
        self.watch.lives_twice(who);
        self.rise(who)
    }

    /// From here on nothing goes wrong: the network carries everything, nobody goes down, and all come back.
    ///
    /// # Errors
    /// When a law is broken.
    pub fn heal(&mut self) -> Result<(), Broken> {
        self.crashes = 0;
        self.acts_left = 0;
        self.weather = crate::weather::Weather::new(crate::plan::Links::FAIR);
        for who in 0..self.people.len() {
            self.rise(who)?;
            let life = self.people[who].life;
            self.agenda.plan(self.clock + 500, Event::Poll { who, life, queue: None });
        }
        Ok(())
    }

    /// Every node is made again from what it kept, and must be the same.
    ///
    /// # Errors
    /// When one is not.
    pub fn compare_memories(&mut self) -> Result<(), Broken> {
        for who in 0..self.people.len() {
            let now = self.people[who].now(self.clock);
            if let Some(left) = self.looks_of(who, now) {
                law::recall_is_the_same(&self.people[who], &left, now, &mut self.dice)?;
            }
        }
        Ok(())
    }
}
