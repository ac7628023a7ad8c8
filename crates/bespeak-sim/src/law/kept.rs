//! Laws 1 and 5: nothing acknowledged is lost; what is sent was kept first.

use std::collections::BTreeMap;

use bespeak_agent::inspect::Inside;
use bespeak_identity::Side;
use bespeak_protocol::thread::ThreadId;

use super::{Broken, Law};
use crate::person::Person;

const SIDES: [Side; 2] = [Side::Customer, Side::Vendor];

/// How many messages of a side the other side has said it keeps, at most, ever.
#[derive(Debug, Default)]
pub(super) struct Acknowledged(BTreeMap<(ThreadId, bool), u64>);

impl Acknowledged {
    /// One side's memory of a conversation is a copy from the past.
    pub(super) fn forgive(&mut self, thread: ThreadId) {
        self.0.retain(|(known, _), _| *known != thread);
    }

    /// Law 1, across time: what was once confirmed is there, also after a crash of whoever confirmed it.
    pub(super) fn note(&mut self, inside: &Inside<'_>) -> Result<(), Broken> {
        if !inside.whole {
            return Ok(());
        }
        let mine = self.0.entry((inside.thread, inside.side == Side::Vendor)).or_default();
        *mine = inside.confirmed.max(*mine);
        let theirs = inside.side.other();
        let said = self.0.get(&(inside.thread, theirs == Side::Vendor)).copied().unwrap_or(0);
        let has = inside.log.head(theirs);
        Law::NothingAcknowledgedIsLost.holds(has >= said, || {
            format!("{:?} acknowledged {said} messages of {}, and has {has}", inside.side, inside.thread)
        })
    }
}

/// Laws 1 and 5, within one node: every message in the log is among the documents that were kept.
pub(super) fn documents_come_first(
    person: &Person,
    inside: &Inside<'_>,
    from: [u64; 2],
) -> Result<(), Broken> {
    for (side, from) in SIDES.into_iter().zip(from) {
        for entry in inside.log.after(side, from) {
            let law =
                if side == inside.side { Law::WhatIsSentWasKept } else { Law::NothingAcknowledgedIsLost };
            let id = entry.message.id();
            law.holds(person.memory.holds(inside.thread, id), || {
                format!("{} holds message {id} of {} in no document", person.address, inside.thread)
            })?;
        }
    }
    Ok(())
}

/// Laws 1 and 5, between the two: of each side's messages, the other has a beginning of what that side has, and at
/// least as much as it said.
pub(super) fn one_is_the_beginning_of_the_other(a: &Inside<'_>, b: &Inside<'_>) -> Result<(), Broken> {
    for (author, reader) in [(a, b), (b, a)] {
        let written = author.log.after(author.side, 0);
        let read = reader.log.after(author.side, 0);
        let begins = read.len() <= written.len()
            && read.iter().zip(written).all(|(read, written)| read.message.id() == written.message.id());
        Law::WhatIsSentWasKept.holds(begins, || {
            let (has, said) = (read.len(), written.len());
            format!(
                "{:?} has {has} messages of {:?}, who remembers {said} ({})",
                reader.side, author.side, a.thread
            )
        })?;
        let (said, has) = (author.confirmed, read.len() as u64);
        Law::NothingAcknowledgedIsLost.holds(said <= has, || {
            format!("{:?} acknowledged {said} messages of {}, and has {has}", reader.side, a.thread)
        })?;
    }
    Ok(())
}
