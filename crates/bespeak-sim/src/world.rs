//! The world: people, relays, the network between them, and one clock for all.

mod carry;
mod crash;
mod hosts;
mod mail;

use std::collections::{BTreeMap, BTreeSet};

use bespeak_agent::{
    Arrival, Held, Input, Outputs, Refusal,
    command::{Command, Placement, Reply},
};
use bespeak_identity::Side;
use bespeak_model::{network::Network, queue::QueueId, time::Time};
use bespeak_protocol::{market::Gate, thread::ThreadId};

use crate::{
    agenda::{Agenda, Event},
    dice::Dice,
    law::{self, Broken, Watch},
    mailbox::Mailbox,
    person::{DAWN, Person},
    plan::Plan,
    tally::Tally,
    weather::{Place, Weather},
};

pub use crash::Point;
pub use hosts::Manners;

/// Something wrong with a node, on purpose: to see that the laws notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It acknowledges what the other side said without keeping it.
    KeepsNotWhatItHears,
    /// It sends what it says without keeping it.
    KeepsNotWhatItSays,
}

/// A relay: forwards the market, holds mail.
#[derive(Debug)]
pub struct Relay {
    gate: Gate,
    mailbox: Mailbox,
    manners: Manners,
    watchers: BTreeMap<QueueId, usize>,
}

/// A posting that waits for the answers of its hosts.
#[derive(Debug)]
struct Posting {
    from: usize,
    life: u32,
    thread: ThreadId,
    held: Option<Held>,
    waits_for: BTreeSet<Place>,
    to: Arrival,
}

/// A world.
#[derive(Debug)]
pub struct World {
    /// The nodes: customers first, then vendors.
    pub people: Vec<Person>,
    /// How things are carried.
    pub weather: Weather,
    /// Chance.
    pub dice: Dice,
    /// What happened.
    pub tally: Tally,
    /// What was planned.
    pub plan: Plan,
    /// How many of a thousand inputs end in a crash, at the moment.
    pub crashes: u64,
    /// The events since the beginning, in words, when asked for.
    pub story: Option<Vec<String>>,
    /// The input, counted from the beginning, over which its node goes down, and where in the step: for scripts.
    pub crash_at: Option<(u64, Point)>,
    /// How many inputs were fed to nodes.
    pub fed: u64,
    /// The flaw of a node, if one has any.
    pub flaw: Option<(usize, Flaw)>,
    relays: Vec<Relay>,
    agenda: Agenda,
    clock: u64,
    steps: u64,
    acts_left: u64,
    postings: BTreeMap<u64, Posting>,
    posted: u64,
    /// Queues and digests of the openings that were taken in from them.
    taken_in: BTreeSet<(QueueId, [u8; 32])>,
    watch: Watch,
}

/// What came of something that was fed to a node that is still up.
#[derive(Debug)]
pub struct Fed {
    /// The answer to a wish.
    pub reply: Option<Result<Reply, Refusal>>,
    /// The verdict on a market message.
    pub judge: Option<bespeak_protocol::market::Verdict>,
}

impl World {
    /// A world as the plan says, everybody up.
    ///
    /// # Errors
    /// When a law is broken at once.
    pub fn new(plan: Plan, dice: Dice) -> Result<Self, Broken> {
        let mut world = Self {
            people: Vec::new(),
            weather: Weather::new(plan.links),
            dice,
            tally: Tally::default(),
            crashes: plan.crashes,
            story: None,
            crash_at: None,
            fed: 0,
            flaw: None,
            relays: Vec::new(),
            agenda: Agenda::default(),
            clock: 0,
            steps: 0,
            acts_left: plan.acts,
            postings: BTreeMap::new(),
            posted: 0,
            taken_in: BTreeSet::new(),
            watch: Watch::default(),
            plan,
        };
        world.build_relays();
        world.build_people();
        for who in 0..world.people.len() {
            world.rise(who)?;
        }
        Ok(world)
    }

    fn build_relays(&mut self) {
        for number in 0..self.plan.relays {
            self.relays.push(Relay {
                gate: Gate::new(Network::main()),
                mailbox: Mailbox::new(&relay_address(number), self.now()),
                manners: Manners::Honest,
                watchers: BTreeMap::new(),
            });
        }
    }

    fn build_people(&mut self) {
        let customers = (0..self.plan.customers).map(|_| Side::Customer);
        let sides: Vec<_> = customers.chain((0..self.plan.vendors).map(|_| Side::Vendor)).collect();
        for (number, side) in sides.into_iter().enumerate() {
            let address = format!("/person/{number}");
            let at_home = side == Side::Vendor || self.dice.chance(self.plan.at_home);
            let first = self.dice.below(self.plan.relays);
            let relays = (0..self.plan.relays).map(|next| relay_address((first + next) % self.plan.relays));
            let hosts = at_home.then(|| address.clone()).into_iter().chain(relays);
            let hosts = hosts.take(usize::try_from(self.plan.hosts).unwrap_or(1)).map(|host| vec![host]);
            let mut person = Person::new(side, address, Placement { hosts: hosts.collect() }, &mut self.dice);
            let skew = i64::try_from(self.dice.below(2 * self.plan.skew + 1)).unwrap_or(0);
            person.skew = skew.saturating_sub_unsigned(self.plan.skew);
            self.people.push(person);
        }
    }

    /// The time by a right clock.
    pub fn now(&self) -> Time {
        Time::from_unix(DAWN + self.clock / 1000).unwrap_or(Time::MAX)
    }

    /// The world's clock, in milliseconds since the beginning.
    pub fn clock(&self) -> u64 {
        self.clock
    }

    /// How many steps were done.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// How many times owners will still do something by themselves.
    pub fn acts_left(&self) -> u64 {
        self.acts_left
    }

    /// The agent on the other side of a conversation, if it is up and knows of it.
    pub fn partner(&self, thread: ThreadId, side: Side) -> Option<&bespeak_agent::Agent> {
        let (_, pair) = self.watch.pairs().find(|(known, _)| *known == thread)?;
        let other = pair[usize::from(side == Side::Customer)]?;
        self.people.get(other)?.agent.as_ref()
    }

    /// Plans the acts of owners and the cuts of the network.
    pub fn begin(&mut self) {
        self.agenda.plan(self.clock + 10, Event::Act);
        let length = self.plan.gap * self.plan.acts;
        for _ in 0..self.plan.cuts {
            let at = self.dice.below(length);
            let mended = at + self.dice.below(self.plan.gap * 10);
            self.agenda.plan(self.clock + at, Event::Cut);
            self.agenda.plan(self.clock + mended, Event::Mend);
        }
        for _ in 0..self.plan.losses {
            let at = self.dice.below(length);
            let relay = usize::try_from(self.dice.below(self.plan.relays)).unwrap_or(0);
            self.agenda.plan(self.clock + at, Event::Lose { relay });
        }
    }

    /// Turns the world until nothing more happens before `end`, in milliseconds.
    ///
    /// # Errors
    /// When a law is broken.
    pub fn run_until(&mut self, end: u64) -> Result<(), Broken> {
        while self.step(end)? {}
        self.clock = self.clock.max(end);
        Ok(())
    }

    /// Turns the world for so many milliseconds.
    ///
    /// # Errors
    /// When a law is broken.
    pub fn run_for(&mut self, milliseconds: u64) -> Result<(), Broken> {
        self.run_until(self.clock + milliseconds)
    }

    /// Does the next thing, if one comes before `end`, in milliseconds.
    ///
    /// # Errors
    /// When a law is broken.
    pub fn step(&mut self, end: u64) -> Result<bool, Broken> {
        let Some((at, event)) = self.agenda.next(end) else {
            return Ok(false);
        };
        self.clock = self.clock.max(at);
        self.steps += 1;
        self.perform(event)?;
        Ok(true)
    }

    fn perform(&mut self, event: Event) -> Result<(), Broken> {
        match event {
            Event::Gossip { to, topic, bytes, honest } => self.gossip(to, &topic, &bytes, honest),
            Event::Put { number, from, to, queue, envelope } => self.put(number, from, to, queue, &envelope),
            Event::PutAnswer { number, host, stored } => self.put_answer(number, host, stored),
            Event::Lose { relay } => {
                self.lose_disk(relay);
                Ok(())
            }
            Event::Poll { who, life, queue } => {
                self.poll(who, life, queue);
                Ok(())
            }
            Event::Ask { from, life, relay, queue, request } => {
                self.asked(from, life, relay, queue, &request);
                Ok(())
            }
            Event::Mail { to, life, relay, queue, items } => self.mail(to, life, relay, queue, items),
            Event::Wake { who, life } => self.wake(who, life),
            Event::Act => self.act(),
            Event::Rise { who } => self.rise(who),
            Event::Cut => {
                self.cut();
                Ok(())
            }
            Event::Mend => {
                self.weather.mend();
                Ok(())
            }
        }
    }

    fn wake(&mut self, who: usize, life: u32) -> Result<(), Broken> {
        let person = &self.people[who];
        if person.life != life || person.agent.is_none() || person.wake != Some(self.clock) {
            return Ok(());
        }
        self.feed(who, Input::Wake).map(drop)
    }

    fn cut(&mut self) {
        let mut apart = Vec::new();
        for who in 0..self.people.len() {
            if self.dice.chance(500) {
                apart.push(Place::Person(who));
            }
        }
        for relay in 0..self.relays.len() {
            if self.dice.chance(300) {
                apart.push(Place::Relay(relay));
            }
        }
        self.tally.count("network cut");
        self.weather.cut(apart);
    }

    fn act(&mut self) -> Result<(), Broken> {
        if self.acts_left == 0 {
            return Ok(());
        }
        self.acts_left -= 1;
        let pause = self.dice.below(2 * self.plan.gap) + 1;
        self.agenda.plan(self.clock + pause, Event::Act);
        let who = usize::try_from(self.dice.below(self.people.len() as u64)).unwrap_or(0);
        crate::act::act(self, who)
    }

    /// An owner's wish; none when the node is down or goes down over it.
    ///
    /// # Errors
    /// When a law is broken.
    pub fn ask(&mut self, who: usize, command: Command) -> Result<Option<Result<Reply, Refusal>>, Broken> {
        Ok(self.feed(who, Input::Command(command))?.and_then(|fed| fed.reply))
    }

    /// Feeds an input to a node, and does what it wants done, in the order that means something. None when the node is
    /// down, or went down on the way.
    ///
    /// # Errors
    /// When a law is broken.
    pub fn feed(&mut self, who: usize, input: Input) -> Result<Option<Fed>, Broken> {
        if self.people[who].agent.is_none() {
            return Ok(None);
        }
        self.fed += 1;
        let now = self.people[who].now(self.clock);
        let point = self.crash_point();
        let before = self.looks_before(who, &input, point, now);
        self.tell_story(who, &input);
        let kind = law::Asked::of(&input);
        let Some(agent) = self.people[who].agent.as_mut() else {
            return Ok(None);
        };
        let mut out = agent.handle(input, now);
        self.people[who].woken = true;
        law::wakes_later(kind, &out, now)?;
        if point == Some(Point::BeforeKeep) {
            return self.fall(who, before, now).map(|()| None);
        }
        self.keep(who, &out);
        law::refusal_leaves_no_trace(&out, before.as_ref(), self.people[who].agent.as_ref(), now)?;
        self.watch.look(who, &self.people, &mut self.tally)?;
        if point == Some(Point::AfterKeep) {
            let after = self.looks_of(who, now);
            return self.fall(who, after, now).map(|()| None);
        }
        let fed = Fed { reply: out.reply.take(), judge: out.judge };
        self.send(who, &mut out, point)?;
        if point == Some(Point::MidSend) {
            let after = self.looks_of(who, now);
            return self.fall(who, after, now).map(|()| None);
        }
        self.plan_wake(who, out.wake_at);
        self.watch_queues(who, now);
        Ok(Some(fed))
    }

    fn keep(&mut self, who: usize, out: &Outputs) {
        let flaw = self.flaw.filter(|(flawed, _)| *flawed == who).map(|(_, flaw)| flaw);
        let person = &mut self.people[who];
        for kept in &out.keep {
            if !law::lost_by(flaw, person.side, kept) {
                person.memory.keep(kept);
            }
        }
        for slot in &out.forget {
            person.memory.forget(slot);
        }
    }

    fn send(&mut self, who: usize, out: &mut Outputs, point: Option<Point>) -> Result<(), Broken> {
        let mut publish = std::mem::take(&mut out.publish);
        let mut posts = std::mem::take(&mut out.send);
        if point == Some(Point::MidSend) {
            publish.truncate(usize::try_from(self.dice.below(publish.len() as u64 + 1)).unwrap_or(0));
            posts.truncate(usize::try_from(self.dice.below(posts.len() as u64 + 1)).unwrap_or(0));
        }
        for publication in publish {
            self.watch.published(&self.people, &publication)?;
            self.publish(who, &publication);
        }
        for post in posts {
            self.watch.posted(&self.people, &post)?;
            self.post(who, post);
        }
        for notice in &out.tell {
            self.tally.count(law::notice_name(notice));
        }
        Ok(())
    }

    fn plan_wake(&mut self, who: usize, at: Option<Time>) {
        let (clock, life) = (self.clock, self.people[who].life);
        let moment = at.map(|at| self.people[who].moment(at).max(clock + 1));
        if self.people[who].wake != moment {
            self.people[who].wake = moment;
            if let Some(moment) = moment {
                self.agenda.plan(moment, Event::Wake { who, life });
            }
        }
    }

    fn tell_story(&mut self, who: usize, input: &Input) {
        if let Some(story) = &mut self.story {
            let words = match input {
                Input::Gossip { bytes, .. } => format!("hears {} bytes of the market", bytes.len()),
                Input::Mail { queue, envelope } => {
                    format!("gets {} bytes of mail in {queue:?}", envelope.len())
                }
                other => format!("{other:?}"),
            };
            story.push(format!(
                "{:>10.3}s  {}  {words}",
                self.clock as f64 / 1000.0,
                self.people[who].address
            ));
        }
    }
}

/// The address of a relay.
pub(crate) fn relay_address(number: u64) -> String {
    format!("/relay/{number}")
}
