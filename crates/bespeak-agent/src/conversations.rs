//! The conversations of an agent, whichever its role: found by what an owner names.

use std::collections::BTreeMap;

use bespeak_identity::RecordId;
use bespeak_model::{offer::Offer, order::Order, reason::RefusalCode};
use bespeak_protocol::thread::ThreadId;

use crate::{command::EitherCommand, output::Refusal, relation::Relation};

/// All conversations of an agent.
pub(crate) type Conversations = BTreeMap<ThreadId, Relation>;

/// The conversation of this name.
pub(crate) fn of_thread(all: &Conversations, thread: ThreadId) -> Result<&Relation, Refusal> {
    all.get(&thread).ok_or_else(|| no_thread(thread))
}

/// The same, to be spoken in.
pub(crate) fn of_thread_mut(all: &mut Conversations, thread: ThreadId) -> Result<&mut Relation, Refusal> {
    all.get_mut(&thread).ok_or_else(|| no_thread(thread))
}

/// The conversation in which an order stands.
pub(crate) fn thread_of_order(all: &Conversations, order: RecordId<Order>) -> Result<ThreadId, Refusal> {
    let found = all.values().find(|relation| relation.state.deal(order).is_some());
    found.map(|relation| relation.thread).ok_or_else(|| no_order(order))
}

/// The conversation in which an offer was made.
pub(crate) fn thread_of_offer(all: &Conversations, offer: RecordId<Offer>) -> Result<ThreadId, Refusal> {
    let has = |relation: &&Relation| relation.state.offering.offers.iter().any(|made| made.id() == offer);
    let found = all.values().find(has);
    found.map(|relation| relation.thread).ok_or_else(|| {
        let detail = format!("there is no offer {offer}; `bespeak offers` lists them");
        Refusal::new(RefusalCode::NotFound, detail)
    })
}

/// The conversation that a wish of either role is about.
pub(crate) fn thread_of_command(all: &Conversations, command: &EitherCommand) -> Result<ThreadId, Refusal> {
    match command {
        EitherCommand::Say { thread, .. } | EitherCommand::Read { thread } => Ok(*thread),
        EitherCommand::Cancel { order, .. }
        | EitherCommand::RefuseCancel { order }
        | EitherCommand::Complete { order } => thread_of_order(all, *order),
    }
}

/// Nobody here knows of this order.
pub(crate) fn no_order(order: RecordId<Order>) -> Refusal {
    Refusal::new(RefusalCode::NotFound, format!("there is no order {order}; `bespeak order list` lists them"))
}

fn no_thread(thread: ThreadId) -> Refusal {
    let detail = format!("there is no conversation {thread}; offers and orders name theirs");
    Refusal::new(RefusalCode::NotFound, detail)
}
