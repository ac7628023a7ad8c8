//! One target's queue.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use bespeak_model::time::Time;
use serde::{Deserialize, Serialize};

mod ended;

pub(super) use ended::Turn;

use super::{Attempt, Death, Kept, Key, Letter, Outputs, Standing, Told, Why, ends_subject, schedule};
use crate::{config::Name, lead::Lead};

/// Leads that wait for one target. Over it the oldest that is not a deletion is given up. Source: wild guess; at about
/// 2 KiB a lead 10 MiB, and a day of a busy vendor.
pub const MAX_WAITING: usize = 5_000;
/// Leads of one target that were given up. Over it the oldest is lost, and told. Source: wild guess; more than anybody
/// looks through.
pub const MAX_DEAD: usize = 1_000;

/// How a target stands, to be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Since when nothing arrives there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Time>,
    /// Failures in a row that are the target's.
    #[serde(default)]
    pub in_a_row: u32,
    /// Whether the owner was told that it fails.
    #[serde(default)]
    pub told: bool,
    /// Until when it is left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest_until: Option<Time>,
    /// Since when it wants no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_since: Option<Time>,
}

/// One target's queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) state: State,
    waiting: BTreeMap<u64, Letter>,
    dead: BTreeMap<u64, Letter>,
    /// Those on their way; after a restart none is, and they are sent again.
    flying: BTreeSet<u64>,
    /// The number of the next letter. One may come again after a restart, when nothing is on its way.
    next: u64,
}

impl Line {
    pub(super) fn recall(&mut self, letter: Letter) {
        self.next = self.next.max(letter.seq.saturating_add(1));
        let place = if letter.death.is_some() { &mut self.dead } else { &mut self.waiting };
        place.insert(letter.seq, letter);
    }

    /// Its target is none any more. Answers `false`: it does not stay.
    pub(super) fn give_up(&mut self, name: &Name, out: &mut Outputs) -> bool {
        for letter in self.waiting.values() {
            out.tell.push(Told::Skipped { target: name.clone(), lead: letter.lead.id().clone() });
        }
        for seq in self.waiting.keys().chain(self.dead.keys()) {
            out.forget.push(Key { target: name.clone(), seq: Some(*seq) });
        }
        if self.state != State::default() {
            out.forget.push(Key { target: name.clone(), seq: None });
        }
        false
    }

    pub(super) fn enable(&mut self, name: &Name, out: &mut Outputs) {
        if self.state != State::default() {
            self.state = State::default();
            out.forget.push(Key { target: name.clone(), seq: None });
        }
    }

    pub(super) fn add(&mut self, name: &Name, lead: Lead, now: Time, out: &mut Outputs) {
        let mut all = self.waiting.values().chain(self.dead.values());
        if all.any(|letter| letter.lead.id() == lead.id()) {
            return;
        }
        if self.state.gone_since.is_some() {
            out.tell.push(Told::Skipped { target: name.clone(), lead: lead.id().clone() });
            return;
        }
        if ends_subject(&lead) {
            self.supersede(name, &lead, out);
        }
        while self.waiting.len() >= MAX_WAITING {
            let Some(seq) = self.least_missed() else { break };
            self.bury(name, seq, Why::Full, now, out);
        }
        let letter = Letter::new(name.clone(), self.next, lead, now);
        self.next = self.next.saturating_add(1);
        out.keep.push(letter.kept());
        self.waiting.insert(letter.seq, letter);
    }

    /// Leaves out what a deletion deletes. What is on its way cannot be called back; the deletion comes after it.
    fn supersede(&mut self, name: &Name, deletion: &Lead, out: &mut Outputs) {
        let subject = deletion.about().intention;
        for map in [&mut self.waiting, &mut self.dead] {
            map.retain(|seq, letter| {
                let stays = self.flying.contains(seq) || letter.lead.about().intention != subject;
                if !stays {
                    out.forget.push(Key { target: name.clone(), seq: Some(*seq) });
                    out.tell.push(Told::Superseded { target: name.clone(), lead: letter.lead.id().clone() });
                }
                stays
            });
        }
    }

    /// Which waiting letter makes room: the oldest that is not on its way, a deletion only among deletions.
    fn least_missed(&self) -> Option<u64> {
        let idle = || self.waiting.iter().filter(|(seq, _)| !self.flying.contains(*seq));
        let first = idle().find(|(_, letter)| !ends_subject(&letter.lead));
        first.or_else(|| idle().next()).map(|(seq, _)| *seq)
    }

    /// Gives a letter up.
    fn bury(&mut self, name: &Name, seq: u64, why: Why, now: Time, out: &mut Outputs) {
        let Some(mut letter) = self.waiting.remove(&seq) else { return };
        while self.dead.len() >= MAX_DEAD {
            let first = self.dead.iter().find(|(_, letter)| !ends_subject(&letter.lead));
            let Some(oldest) = first.or_else(|| self.dead.iter().next()).map(|(seq, _)| *seq) else { break };
            if let Some(lost) = self.dead.remove(&oldest) {
                out.forget.push(Key { target: name.clone(), seq: Some(oldest) });
                out.tell.push(Told::Lost { target: name.clone(), lead: lost.lead.id().clone() });
            }
        }
        letter.death = Some(Death { at: now, why });
        out.keep.push(letter.kept());
        out.tell.push(Told::Dead { target: name.clone(), lead: letter.lead.id().clone(), why });
        self.dead.insert(seq, letter);
    }

    /// Forgets everything whose day is over.
    pub(super) fn expire(&mut self, name: &Name, now: Time, out: &mut Outputs) {
        for map in [&mut self.waiting, &mut self.dead] {
            map.retain(|seq, letter| {
                let stays = self.flying.contains(seq) || !letter.lead.lapsed(now);
                if !stays {
                    out.forget.push(Key { target: name.clone(), seq: Some(*seq) });
                    out.tell.push(Told::Expired { target: name.clone(), lead: letter.lead.id().clone() });
                }
                stays
            });
        }
        if self.tell_at().is_some_and(|at| at <= now) {
            self.tell_failing(name, now, out);
        }
    }

    /// When the owner is to be told that the target fails.
    fn tell_at(&self) -> Option<Time> {
        let since = self.state.failing_since.filter(|_| !self.state.told && !self.waiting.is_empty())?;
        Some(since.saturating_add(schedule::TELL_AFTER))
    }

    fn tell_failing(&mut self, name: &Name, now: Time, out: &mut Outputs) {
        let Some(since) = self.state.failing_since.filter(|_| !self.state.told) else { return };
        if now.seconds_since(since) >= schedule::TELL_AFTER {
            self.state.told = true;
            out.keep.push(self.kept_state(name));
            out.tell.push(Told::TargetFailing { target: name.clone(), since });
        }
    }

    fn kept_state(&self, name: &Name) -> Kept {
        Kept::State { target: name.clone(), state: self.state.clone() }
    }

    /// How many may be on their way.
    fn room(&self) -> usize {
        match self.state {
            State { gone_since: Some(_), .. } => 0,
            State { in_a_row, .. } if in_a_row >= schedule::ILL_AFTER => 1,
            _ => schedule::AT_ONCE,
        }
    }

    /// The first of each subject that is not on its way: the others wait for it.
    fn heads(&self) -> impl Iterator<Item = &Letter> {
        let mut seen = HashSet::new();
        let first = self.waiting.values().filter(move |letter| seen.insert(letter.lead.about().intention));
        first.filter(|letter| !self.flying.contains(&letter.seq))
    }

    pub(super) fn due(&mut self, name: &Name, now: Time) -> Vec<Attempt> {
        if self.state.rest_until.is_some_and(|until| until > now) {
            return Vec::new();
        }
        let free = self.room().saturating_sub(self.flying.len());
        let ready = self.heads().filter(|letter| letter.next_at <= now).take(free);
        let attempts: Vec<Attempt> = ready
            .map(|letter| {
                let Letter { seq, lead, attempts, .. } = letter;
                Attempt {
                    target: name.clone(),
                    seq: *seq,
                    lead: lead.clone(),
                    attempt: attempts.saturating_add(1),
                }
            })
            .collect();
        self.flying.extend(attempts.iter().map(|attempt| attempt.seq));
        attempts
    }

    pub(super) fn wake_at(&self) -> Option<Time> {
        let all = self.waiting.values().chain(self.dead.values());
        let idle = all.filter(|letter| !self.flying.contains(&letter.seq) && !ends_subject(&letter.lead));
        let over = idle.map(|letter| letter.lead.cover().retain_until().saturating_add(1)).min();
        let rest = self.state.rest_until.unwrap_or(Time::EPOCH);
        let free = self.flying.len() < self.room();
        let next = self.heads().filter(|_| free).map(|letter| letter.next_at.max(rest)).min();
        [over, next, self.tell_at()].into_iter().flatten().min()
    }

    pub(super) fn dead(&self) -> impl Iterator<Item = &Letter> {
        self.dead.values()
    }

    pub(super) fn resend(&mut self, wanted: impl Fn(&Letter) -> bool, now: Time, out: &mut Outputs) -> usize {
        if self.state.gone_since.is_some() {
            return 0;
        }
        let room = MAX_WAITING.saturating_sub(self.waiting.len());
        let chosen = self.dead.values().filter(|letter| wanted(letter) && !letter.lead.lapsed(now));
        let seqs: Vec<u64> = chosen.map(|letter| letter.seq).take(room).collect();
        for seq in &seqs {
            let Some(letter) = self.dead.remove(seq) else { continue };
            let letter = Letter { since: now, attempts: 0, next_at: now, fault: None, death: None, ..letter };
            out.keep.push(letter.kept());
            self.waiting.insert(*seq, letter);
        }
        seqs.len()
    }

    pub(super) fn standing(&self, name: &Name) -> Standing {
        Standing {
            target: name.clone(),
            waiting: self.waiting.len(),
            dead: self.dead.len(),
            failing_since: self.state.failing_since,
            gone_since: self.state.gone_since,
        }
    }

    pub(super) fn documents(&self, name: &Name) -> Vec<Kept> {
        let letters = self.waiting.values().chain(self.dead.values()).map(Letter::kept);
        let state = (self.state != State::default()).then(|| self.kept_state(name));
        letters.chain(state).collect()
    }
}
