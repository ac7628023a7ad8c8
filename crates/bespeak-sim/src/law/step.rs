//! Laws of one step: what an agent may want done, and what must be the same afterwards.

use bespeak_agent::{Agent, Input, Outputs, document::Kept, notice::Notice};
use bespeak_identity::Side;
use bespeak_model::time::Time;
use bespeak_protocol::market::Verdict;

use super::{Broken, Law};
use crate::{
    dice::Dice,
    person::{Looks, Person, looks},
    world::Flaw,
};

/// What kind of input a step began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A market message: the agent looks at nothing else, and a wake that is due stays due.
    Gossip,
    /// Anything else.
    Other,
}

impl Asked {
    /// The kind of an input.
    pub fn of(input: &Input) -> Self {
        if matches!(input, Input::Gossip { .. }) { Self::Gossip } else { Self::Other }
    }
}

/// Law 9: a wake at once, after everything was just done, would be a loop without end.
///
/// # Errors
/// When the agent wants one.
pub fn wakes_later(asked: Asked, out: &Outputs, now: Time) -> Result<(), Broken> {
    let later = asked == Asked::Gossip || out.wake_at.is_none_or(|at| at > now);
    Law::WakesLater.holds(later, || format!("woken at {:?}, where it is {now:?} already", out.wake_at))
}

/// Law 10: a refused wish keeps nothing and changes nothing that can be seen.
///
/// # Errors
/// When it did.
pub fn refusal_leaves_no_trace(
    out: &Outputs,
    before: Option<&Looks>,
    agent: Option<&Agent>,
    now: Time,
) -> Result<(), Broken> {
    let (Some(Err(refusal)), Some(before), Some(agent)) = (&out.reply, before, agent) else {
        return Ok(());
    };
    let said = out.keep.iter().any(|kept| !matches!(kept, Kept::Turned { .. }));
    Law::RefusalLeavesNoTrace.holds(!said && out.publish.is_empty() && *before == looks(agent, now), || {
        format!("refused with {refusal}, and yet something changed")
    })
}

/// Law 11: honest nodes ban who sends what is provably invalid; nothing that an honest node sends may be so.
///
/// # Errors
/// When it is.
pub fn the_honest_are_not_rejected(verdict: Verdict, honest: bool) -> Result<(), Broken> {
    let fine = !honest || verdict != Verdict::Reject;
    Law::TheHonestAreNotRejected.holds(fine, || "an honest market message was rejected".to_owned())
}

/// Law 7: the agent made again from its documents looks as it did.
///
/// # Errors
/// When it does not.
pub fn recall_is_the_same(person: &Person, left: &Looks, now: Time, dice: &mut Dice) -> Result<(), Broken> {
    let mut again = person.made_again(dice);
    let _ = again.handle(Input::Wake, now);
    let found = looks(&again, now);
    Law::RecallIsTheSame.holds(found == *left, || {
        format!("{}: what was kept makes another agent: {}", person.address, left.difference(&found))
    })
}

/// Whether a node with this flaw does not keep the document.
pub fn lost_by(flaw: Option<Flaw>, side: Side, kept: &Kept) -> bool {
    let Kept::Said { by_vendor, .. } = kept else {
        return false;
    };
    let own = *by_vendor == (side == Side::Vendor);
    match flaw {
        Some(Flaw::KeepsNotWhatItHears) => !own,
        Some(Flaw::KeepsNotWhatItSays) => own,
        None => false,
    }
}

/// What a notice is called in the tally.
pub fn notice_name(notice: &Notice) -> &'static str {
    match notice {
        Notice::IntentionCast { .. } => "told: intention cast",
        Notice::IntentionHeard { .. } => "told: intention heard",
        Notice::IntentionWithdrawn { .. } => "told: intention withdrawn",
        Notice::IntentionExpiresSoon { .. } => "told: intention expires soon",
        Notice::IntentionExpired { .. } => "told: intention expired",
        Notice::Resumed { .. } => "told: resumed",
        Notice::OfferChanged { .. } => "told: offer changed",
        Notice::OrderChanged { .. } => "told: order changed",
        Notice::MessageReceived { .. } => "told: message received",
        Notice::ReceiptReady { .. } => "told: receipt ready",
        Notice::ConflictSeen { .. } => "told: conflict seen",
    }
}
