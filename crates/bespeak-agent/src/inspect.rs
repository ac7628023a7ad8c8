//! A look inside the conversations of an agent, for whoever checks its laws: read-only, and of no use to an owner.

use bespeak_identity::{PublicKey, Side};
use bespeak_model::queue::QueueId;
use bespeak_protocol::{
    channel::log::Log,
    conversation::{Conversation, Facts},
    thread::ThreadId,
};

use crate::{agent::Agent, relation::Relation};

/// One conversation as one side holds it.
#[derive(Clone, Copy, Debug)]
pub struct Inside<'a> {
    /// Its name.
    pub thread: ThreadId,
    /// Whose look this is.
    pub side: Side,
    /// What both knew before.
    pub facts: &'a Facts,
    /// Everything said.
    pub log: &'a Log,
    /// What follows from it.
    pub state: &'a Conversation,
    /// How many of one's own messages the other side says it has kept.
    pub confirmed: u64,
    /// Whether everything this side said is known to it; after a restore, only once the other side was asked.
    pub whole: bool,
    /// Whether own messages still wait to reach the other side, or its host.
    pub waiting: bool,
    /// The customer's key in this conversation, once she has introduced herself.
    pub customer: Option<PublicKey>,
    /// One's own queue.
    pub queue: QueueId,
    /// The transport identity of this side in this conversation.
    pub transport: [u8; 32],
}

impl<'a> Inside<'a> {
    fn of(relation: &'a Relation) -> Self {
        Self {
            thread: relation.thread,
            side: relation.side,
            facts: &relation.facts,
            log: &relation.log,
            state: &relation.state,
            confirmed: relation.confirmed,
            whole: relation.is_whole(),
            waiting: relation.is_waiting(),
            customer: relation.introduction.as_ref().map(|introduction| introduction.relation),
            queue: relation.queue_id(),
            transport: relation.transport,
        }
    }
}

impl Agent {
    /// Every conversation, in the order of their names.
    pub fn conversations(&self) -> Vec<Inside<'_>> {
        match self {
            Self::Customer(customer) => customer.relations().map(Inside::of).collect(),
            Self::Vendor(vendor) => vendor.relations().map(Inside::of).collect(),
        }
    }

    /// One conversation.
    pub fn conversation(&self, thread: ThreadId) -> Option<Inside<'_>> {
        let named = |relation: &&Relation| relation.thread == thread;
        match self {
            Self::Customer(customer) => customer.relations().find(named).map(Inside::of),
            Self::Vendor(vendor) => vendor.relations().find(named).map(Inside::of),
        }
    }
}
