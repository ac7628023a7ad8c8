//! What the agent is told, and what it wants done.

use bespeak_identity::{PublicKey, RecordId};
use bespeak_model::{
    intention::Intention,
    queue::{Drop, HostAddress, QueueId},
    reason::RefusalCode,
    time::Time,
};
use bespeak_protocol::{market::Verdict, thread::ThreadId};

use crate::{
    command::{Command, Placement, Reply},
    document::{Kept, Slot},
    notice::Notice,
};

/// Everything that can happen to an agent.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A document it kept in an earlier life; all of them come, in their order, before anything else.
    Recall(Kept),
    /// A time it asked to be woken at has come, or the node has just started.
    Wake,
    /// A market message.
    Gossip {
        /// The topic it came on.
        topic: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A sealed envelope from one of its queues.
    Mail {
        /// The queue.
        queue: QueueId,
        /// The envelope.
        envelope: Vec<u8>,
    },
    /// What came of a posting that asked to be told.
    Posted {
        /// In which conversation.
        thread: ThreadId,
        /// What the posting said is to be reported.
        held: Held,
        /// How far it came.
        to: Arrival,
    },
    /// This home was made from a copy of its past: nothing is signed before the other sides were asked.
    Restored,
    /// Where mail for this node can be left from now on.
    Reachable(Placement),
    /// A wish of the owner.
    Command(Command),
}

/// What is to be done, in this order: keep, forget, judge, publish, send, tell, wake.
#[must_use]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outputs {
    /// Append these before anything else is done.
    pub keep: Vec<Kept>,
    /// These documents are of no more use.
    pub forget: Vec<Slot>,
    /// What to do with the market message that came.
    pub judge: Option<Verdict>,
    /// Market messages to publish.
    pub publish: Vec<Publication>,
    /// Envelopes to leave at hosts.
    pub send: Vec<Post>,
    /// What to tell the owner.
    pub tell: Vec<Notice>,
    /// When to wake the agent next, at the latest.
    pub wake_at: Option<Time>,
    /// The answer to a wish.
    pub reply: Option<Result<Reply, Refusal>>,
}

/// A market message on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The topic.
    pub topic: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The intention it is about.
    pub intention: RecordId<Intention>,
}

/// An envelope on its way out, to all the places where the other side looks for mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// The conversation it belongs to.
    pub thread: ThreadId,
    /// The transport identity from which to reach a host: a customer has one for each relation, a vendor one for all.
    pub transport: [u8; 32],
    /// The places, one for each host: a queue, and the addresses of the host, each tried in turn.
    pub drops: Vec<Drop>,
    /// Whether the owner lets the other side see her address in this conversation; a vendor always does.
    pub direct: bool,
    /// The key by which everybody knows the other side's own node: a vendor's.
    pub node: Option<PublicKey>,
    /// The padded, sealed bytes.
    pub envelope: Vec<u8>,
    /// What the agent must be told with what came of it ([`Input::Posted`]); nothing where it need not hear.
    pub report: Option<Held>,
}

/// What an envelope holds of its sender's messages: made by the agent, for the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// Everything up to this place of the sender's chain, of what was not confirmed.
    pub(crate) up_to: u64,
    /// How often one of the two had lost some of its memory when it was sealed.
    pub(crate) era: u32,
}

/// How far an envelope came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arrival {
    /// Nowhere, as far as is known.
    Nowhere,
    /// Straight to the other side's own node.
    Node,
    /// A host that holds mail for the other side keeps it durably.
    Drop,
}

/// A queue of one's own that waits at somebody's host: one for each host.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The queue.
    pub queue: QueueId,
    /// The secret half that proves it.
    pub key: bespeak_identity::SignKey,
    /// The addresses of the host.
    pub hosts: Vec<HostAddress>,
    /// The transport identity from which to ask.
    pub transport: [u8; 32],
    /// Whether mail is waited for there: a customer's is. A vendor's comes to its own node, and its other hosts are asked in
    /// rounds.
    pub eager: bool,
}

/// Why a wish was not granted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Refusal {
    /// The code, from the one list.
    pub code: RefusalCode,
    /// The facts.
    pub detail: String,
    /// What keeps the node from granting anything new, if that is why.
    pub hindrance: Option<Hindrance>,
}

impl Refusal {
    /// A refusal with its facts.
    pub fn new(code: RefusalCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), hindrance: None }
    }

    /// A refusal of everything new, until the hindrance is gone.
    pub fn hindered(hindrance: Option<Hindrance>, detail: impl Into<String>) -> Self {
        Self { hindrance, ..Self::new(RefusalCode::Internal, detail) }
    }
}

/// What keeps a node from granting anything new, whatever is asked; no fault of the wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// The disk has no room.
    DiskFull,
    /// The disk is read-only.
    DiskReadOnly,
    /// The disk cannot be written for another reason.
    DiskFailing,
}
