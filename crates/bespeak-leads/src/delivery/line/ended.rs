//! What follows from the end of an attempt.

use bespeak_model::time::Time;

use super::{Key, Line, Outputs, State, Told, Why, schedule};
use crate::{
    config::Name,
    outcome::{Fault, Outcome, RetryAfter},
};

/// The moment at which an attempt ended, and where what follows is written.
pub(in crate::delivery) struct Turn<'a> {
    pub(in crate::delivery) name: &'a Name,
    pub(in crate::delivery) now: Time,
    /// Random.
    pub(in crate::delivery) dice: u32,
    pub(in crate::delivery) out: &'a mut Outputs,
}

impl Line {
    pub(in crate::delivery) fn ended(&mut self, seq: u64, outcome: Outcome, turn: &mut Turn<'_>) {
        // What is not known to be on its way was told before.
        if !self.flying.remove(&seq) {
            return;
        }
        match outcome {
            Outcome::Delivered => self.delivered(seq, turn),
            Outcome::Gone => self.gone(turn),
            Outcome::Failed { fault, retry_after } => {
                let retry = retry_after.filter(|_| matches!(fault, Fault::Status(429 | 503)));
                let wait = retry.map(|retry| bounded(retry, turn.now));
                self.target_failed(&fault, wait, turn);
                self.letter_failed(seq, fault, wait, turn);
            }
        }
    }

    fn delivered(&mut self, seq: u64, turn: &mut Turn<'_>) {
        if let Some(letter) = self.waiting.remove(&seq) {
            let (target, lead) = (turn.name.clone(), letter.lead.id().clone());
            turn.out.forget.push(Key { target: turn.name.clone(), seq: Some(seq) });
            turn.out.tell.push(Told::Delivered { target, lead, attempt: letter.attempts.saturating_add(1) });
        }
        let well = State { gone_since: self.state.gone_since, ..State::default() };
        if self.state == well {
            return;
        }
        if self.state.told {
            turn.out.tell.push(Told::TargetWell { target: turn.name.clone() });
        }
        self.state = well;
        turn.out.forget.push(Key { target: turn.name.clone(), seq: None });
    }

    /// 410: whatever waits is given up; it can be sent again once the owner has set the target anew.
    fn gone(&mut self, turn: &mut Turn<'_>) {
        if self.state.gone_since.is_none() {
            self.state = State { gone_since: Some(turn.now), ..State::default() };
            turn.out.keep.push(self.kept_state(turn.name));
            turn.out.tell.push(Told::TargetGone { target: turn.name.clone() });
        }
        let idle = self.waiting.keys().copied().filter(|seq| !self.flying.contains(seq));
        for seq in idle.collect::<Vec<_>>() {
            self.bury(turn.name, seq, Why::Gone, turn.now, turn.out);
        }
    }

    fn target_failed(&mut self, fault: &Fault, wait: Option<u64>, turn: &mut Turn<'_>) {
        if self.state.gone_since.is_some() {
            return;
        }
        let now = turn.now;
        self.state.failing_since.get_or_insert(now);
        // One that says no is there and speaks.
        self.state.in_a_row = if fault.is_ill() { self.state.in_a_row.saturating_add(1) } else { 0 };
        let ill = self.state.in_a_row >= schedule::ILL_AFTER;
        let rest = ill.then(|| schedule::jittered(schedule::REST, turn.dice));
        let rest = rest.max(wait).map(|rest| now.saturating_add(rest));
        self.state.rest_until = self.state.rest_until.filter(|until| *until > now).max(rest);
        turn.out.keep.push(self.kept_state(turn.name));
        self.tell_failing(turn.name, now, turn.out);
    }

    fn letter_failed(&mut self, seq: u64, fault: Fault, wait: Option<u64>, turn: &mut Turn<'_>) {
        let gone = self.state.gone_since.is_some();
        let Some(letter) = self.waiting.get_mut(&seq) else { return };
        letter.attempts = letter.attempts.saturating_add(1);
        letter.fault = Some(fault.clone());
        let too_old = turn.now.seconds_since(letter.since) >= schedule::OLDEST;
        let pause = schedule::pause_after(letter.attempts, turn.dice).filter(|_| !too_old && !gone);
        let Some(pause) = pause else {
            let why = if gone { Why::Gone } else { Why::Attempts };
            return self.bury(turn.name, seq, why, turn.now, turn.out);
        };
        letter.next_at = turn.now.saturating_add(pause.max(wait.unwrap_or_default()));
        turn.out.keep.push(letter.kept());
        let (target, lead) = (turn.name.clone(), letter.lead.id().clone());
        let (attempt, next_at) = (letter.attempts, letter.next_at);
        turn.out.tell.push(Told::Failed { target, lead, attempt, fault, next_at });
    }
}

/// How long a target may ask to be left alone.
fn bounded(retry: RetryAfter, now: Time) -> u64 {
    retry.seconds(now).clamp(*schedule::RETRY_AFTER.start(), *schedule::RETRY_AFTER.end())
}
