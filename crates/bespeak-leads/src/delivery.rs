//! When leads are sent, when again, and when no more.
//!
//! A machine without a clock or a wire: the node tells it what happens and when, keeps what it wants kept before anything
//! is sent, and sends what is due. Everything it holds is documents ([`Kept`]), so that a restart goes on where it was.
//!
//! The promise is *at least once, in order for each subject*. Facts of one matter reach a target in the order in which they
//! were added, each after the one before has arrived or was given up; facts of different matters do not wait for each
//! other, so that one record that a CRM refuses holds up no other. (Standard Webhooks promises no order at all, and for
//! events alone that would do; a CRM's record would end up in the state of whichever request came last.) A deletion does
//! not wait for what it deletes: whatever of its subject still waits is left out.
//!
//! ```text
//!            add                due               Delivered
//!  (new) ─────────▶ waiting ─────────▶ in flight ───────────▶ (gone)
//!                      ▲  ▲                │
//!                      │  └── Failed ──────┤ again later
//!               resend │                   │ last attempt, or Gone
//!                      └────── dead ◀──────┘
//!  waiting or dead, retention date past ──▶ (gone, told as expired)
//! ```

use std::collections::BTreeMap;

use bespeak_model::time::Time;

use crate::{
    config::Name,
    lead::{Kind, Lead, LeadId},
    outcome::Outcome,
};

mod kept;
mod letter;
mod line;
pub mod schedule;
#[cfg(test)]
mod tests;
mod told;

pub use kept::{Kept, Key};
pub use letter::{Death, Letter};
use line::{Line, Turn};
pub use line::{MAX_DEAD, MAX_WAITING, State};
pub use told::{Told, Why};

/// One thing to send now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Where.
    pub target: Name,
    /// Its number at that target, with which its end is told.
    pub seq: u64,
    /// What.
    pub lead: Lead,
    /// Which attempt it is, from 1.
    pub attempt: u32,
}

/// What is to be done, in this order: keep and forget in one commit, then tell.
#[must_use]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outputs {
    /// Documents that are new or changed.
    pub keep: Vec<Kept>,
    /// Documents that are of no more use.
    pub forget: Vec<Key>,
    /// What the owner may want to know.
    pub tell: Vec<Told>,
}

/// Which dead letters are sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resend {
    /// All of them.
    All,
    /// Those of one target.
    Target(Name),
    /// One lead, wherever it was given up.
    Lead(LeadId),
}

/// How one target stands.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Standing {
    /// Which target.
    pub target: Name,
    /// Leads that wait or are on their way.
    pub waiting: usize,
    /// Leads that were given up.
    pub dead: usize,
    /// Since when nothing arrives there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Time>,
    /// Since when it wants no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone_since: Option<Time>,
}

/// All targets' queues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    lines: BTreeMap<Name, Line>,
}

impl Delivery {
    /// Takes back a document it kept in an earlier life; all of them come, in any order, before anything else.
    pub fn recall(&mut self, kept: Kept) {
        let line = self.lines.entry(kept.target().clone()).or_default();
        match kept {
            Kept::Letter(letter) => line.recall(*letter),
            Kept::State { state, .. } => line.state = state,
        }
    }

    /// These are the targets from now on: queues of others are given up, and new ones begin empty.
    pub fn set_targets(&mut self, names: &[Name]) -> Outputs {
        let mut out = Outputs::default();
        self.lines.retain(|name, line| names.contains(name) || line.give_up(name, &mut out));
        for name in names {
            self.lines.entry(name.clone()).or_default();
        }
        out
    }

    /// A target that wanted no more may be sent to again: its owner set it anew.
    pub fn enable(&mut self, target: &Name) -> Outputs {
        let mut out = Outputs::default();
        if let Some(line) = self.lines.get_mut(target) {
            line.enable(target, &mut out);
        }
        out
    }

    /// Queues a lead for one target. The same lead is queued once; a target that is not known takes nothing.
    pub fn add(&mut self, target: &Name, lead: Lead, now: Time) -> Outputs {
        let mut out = Outputs::default();
        let Some(line) = self.lines.get_mut(target) else { return out };
        if lead.lapsed(now) {
            out.tell.push(Told::Expired { target: target.clone(), lead: lead.id().clone() });
        } else {
            line.add(target, lead, now, &mut out);
        }
        out
    }

    /// What is to be sent now. What is given out here is on its way until [`Delivery::ended`] is told.
    pub fn due(&mut self, now: Time) -> (Vec<Attempt>, Outputs) {
        let (mut attempts, mut out) = (Vec::new(), Outputs::default());
        for (name, line) in &mut self.lines {
            line.expire(name, now, &mut out);
            attempts.extend(line.due(name, now));
        }
        (attempts, out)
    }

    /// What came of an attempt. `dice` is random: pauses are jittered by it.
    pub fn ended(&mut self, target: &Name, seq: u64, outcome: Outcome, now: Time, dice: u32) -> Outputs {
        let mut out = Outputs::default();
        if let Some(line) = self.lines.get_mut(target) {
            line.ended(seq, outcome, &mut Turn { name: target, now, dice, out: &mut out });
        }
        out
    }

    /// When [`Delivery::due`] has something to do next, if nothing else happens; that may be past.
    pub fn wake_at(&self) -> Option<Time> {
        self.lines.values().filter_map(Line::wake_at).min()
    }

    /// What was given up, the oldest first at each target.
    pub fn dead(&self) -> impl Iterator<Item = &Letter> {
        self.lines.values().flat_map(Line::dead)
    }

    /// Sends dead letters again, from the first attempt on; says how many. Those of a target that wants no more stay.
    pub fn resend(&mut self, which: &Resend, now: Time) -> (usize, Outputs) {
        let mut out = Outputs::default();
        let lines = self.lines.iter_mut().filter(|(name, _)| match which {
            Resend::Target(target) => target == *name,
            _ => true,
        });
        let wanted = |letter: &Letter| match which {
            Resend::Lead(id) => letter.lead.id() == id,
            _ => true,
        };
        let count = lines.map(|(_, line)| line.resend(wanted, now, &mut out)).sum();
        (count, out)
    }

    /// How each target stands.
    pub fn standing(&self) -> Vec<Standing> {
        self.lines.iter().map(|(name, line)| line.standing(name)).collect()
    }

    /// Everything it would have kept, to be compared or copied.
    pub fn documents(&self) -> Vec<Kept> {
        self.lines.iter().flat_map(|(name, line)| line.documents(name)).collect()
    }
}

/// Whether this lead makes those before it of its subject moot.
fn ends_subject(lead: &Lead) -> bool {
    lead.kind() == Kind::CustomerDeleted
}
