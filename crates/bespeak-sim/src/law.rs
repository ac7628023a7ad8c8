//! The laws, one function each, checked after every step.
//!
//! [`Watch`] is the observer: it looks at the node that a step has touched, and remembers what may not be undone.

mod awarded;
mod equal;
mod kept;
mod once;
mod outward;
mod settled;
mod step;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use bespeak_agent::{Agent, inspect::Inside};
use bespeak_identity::Side;
use bespeak_protocol::thread::ThreadId;

use crate::{person::Person, tally::Tally};

pub use outward::SECRET;
pub use settled::everything_arrives;
pub use step::{
    Asked, lost_by, notice_name, recall_is_the_same, refusal_leaves_no_trace, the_honest_are_not_rejected,
    wakes_later,
};

/// A law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// 1. What a side was told is kept is in the other side's log, then and ever after.
    NothingAcknowledgedIsLost,
    /// 2. Each message, order, acceptance and receipt takes effect once.
    NothingTakesEffectTwice,
    /// 3. Equal logs give equal states, and the same bytes of agreements and receipts.
    BothEndsAreEqual,
    /// 4. What is awarded of a line is never more than what was wanted.
    NoMoreIsAwardedThanWanted,
    /// 5. What one side has of the other, the other remembers having said.
    WhatIsSentWasKept,
    /// 6. Nothing about a person leaves before terms, and no two intentions share a key or queue.
    NothingPersonalLeaves,
    /// 7. What was kept makes the same agent again.
    RecallIsTheSame,
    /// 8. When nothing goes wrong any more, everything arrives.
    EverythingArrives,
    /// 9. An agent asks to be woken later, never at once.
    WakesLater,
    /// 10. A refused wish leaves no trace.
    RefusalLeavesNoTrace,
    /// 11. What an honest node publishes is rejected by no other.
    TheHonestAreNotRejected,
}

/// A broken law.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{law:?} is broken: {detail}")]
pub struct Broken {
    /// Which.
    pub law: Law,
    /// How.
    pub detail: String,
}

impl Law {
    /// This law, broken so.
    pub fn broken(self, detail: impl Into<String>) -> Broken {
        Broken { law: self, detail: detail.into() }
    }

    pub(crate) fn holds(self, holds: bool, detail: impl FnOnce() -> String) -> Result<(), Broken> {
        if holds { Ok(()) } else { Err(self.broken(detail())) }
    }
}

/// What the observer remembers.
#[derive(Debug, Default)]
pub struct Watch {
    /// Who holds a conversation: customer, vendor.
    pairs: BTreeMap<ThreadId, [Option<usize>; 2]>,
    /// How far a conversation was when it was looked at last: both heads, confirmed.
    looked: BTreeMap<(usize, ThreadId), Progress>,
    /// Nodes whose memory was copied and lived on twice: what one life said the other does not know at first.
    two_lives: BTreeSet<usize>,
    kept: kept::Acknowledged,
    awarded: awarded::Awarded,
    outward: outward::Outward,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Progress {
    life: u32,
    heads: [u64; 2],
    confirmed: u64,
    met: bool,
}

impl Watch {
    /// Looks at a node that was touched, and at whom it talks to.
    ///
    /// # Errors
    /// The first law that is broken.
    pub fn look(&mut self, who: usize, people: &[Person], tally: &mut Tally) -> Result<(), Broken> {
        let Some(agent) = people.get(who).and_then(|person| person.agent.as_ref()) else {
            return Ok(());
        };
        for inside in agent.conversations() {
            let progress = Progress {
                life: people[who].life,
                heads: [inside.log.head(Side::Customer), inside.log.head(Side::Vendor)],
                confirmed: inside.confirmed,
                met: inside.customer.is_some(),
            };
            let before = self.looked.insert((who, inside.thread), progress);
            if before != Some(progress) {
                self.look_inside(who, &inside, before, people, tally)?;
            }
        }
        self.awarded.no_more_than_wanted(who, people)
    }

    fn look_inside(
        &mut self,
        who: usize,
        inside: &Inside<'_>,
        before: Option<Progress>,
        people: &[Person],
        tally: &mut Tally,
    ) -> Result<(), Broken> {
        let pair = self.pairs.entry(inside.thread).or_default();
        pair[usize::from(inside.side == Side::Vendor)] = Some(who);
        let other = pair[usize::from(inside.side == Side::Customer)];
        let heads =
            before.filter(|before| before.life == people[who].life).map_or([0; 2], |before| before.heads);
        kept::documents_come_first(&people[who], inside, heads)?;
        once::nothing_takes_effect_twice(inside)?;
        if self.two_lives.is_empty() {
            self.kept.note(inside)?;
        }
        self.outward.note(inside, &people[who], heads)?;
        if before.is_some() {
            once::tally(inside, heads, tally);
        }
        let other_node = other;
        let other = other.and_then(|other| people[other].agent.as_ref());
        // Who does not know yet what it said holds less than the other side was told.
        let two_lives =
            [Some(who), other_node].into_iter().flatten().any(|who| self.two_lives.contains(&who));
        let known = |theirs: &Inside<'_>| theirs.whole && inside.whole && !two_lives;
        if let Some(theirs) = other.and_then(|agent: &Agent| agent.conversation(inside.thread)).filter(known)
        {
            kept::one_is_the_beginning_of_the_other(inside, &theirs)?;
            equal::both_ends_are_equal(inside, &theirs)?;
        }
        Ok(())
    }

    /// A node was made from a copy of its past: what it acknowledged since the copy is gone with it.
    pub fn restored(&mut self, who: usize) {
        for (thread, pair) in &self.pairs {
            if pair.contains(&Some(who)) {
                self.kept.forgive(*thread);
            }
        }
    }

    /// A node goes on with a memory of which a copy has lived in the meantime.
    pub fn lives_twice(&mut self, who: usize) {
        self.two_lives.insert(who);
        self.restored(who);
    }

    /// A node publishes something.
    ///
    /// # Errors
    /// When it carries what it may not.
    pub fn published(
        &mut self,
        people: &[Person],
        publication: &bespeak_agent::Publication,
    ) -> Result<(), Broken> {
        self.outward.published(people, publication)
    }

    /// A node posts something.
    ///
    /// # Errors
    /// When its outside carries what it may not.
    pub fn posted(&self, people: &[Person], post: &bespeak_agent::Post) -> Result<(), Broken> {
        outward::the_outside_is_plain(people, post)
    }

    /// Conversations and who holds them.
    pub fn pairs(&self) -> impl Iterator<Item = (ThreadId, [Option<usize>; 2])> + '_ {
        self.pairs.iter().map(|(thread, pair)| (*thread, *pair))
    }
}
