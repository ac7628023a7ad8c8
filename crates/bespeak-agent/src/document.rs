//! What an agent keeps, and by which it is made again.

use bespeak_identity::{DecodeError, EncodeError, PublicKey, RecordId, Side, drisl};
use bespeak_model::{
    bounded::Bounded,
    intention::{Intention, MAX_DROPS},
    money::Money,
    queue::Drop,
    time::Time,
};
use bespeak_policy::{auto::AutoSettings, mandate::Mandate};
use bespeak_protocol::{channel::ratchet::RatchetKeys, thread::ThreadId};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// A document: something that happened, or the last state of something that turns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// Customer: an intention of one's own.
    Cast {
        /// The signed intention.
        record: ByteBuf,
    },
    /// Customer: it was taken back.
    Withdrawn {
        /// The signed withdrawal.
        record: ByteBuf,
    },
    /// Customer: one intention stands in another's place.
    Superseded {
        /// The old one.
        old: RecordId<Intention>,
        /// The new one.
        new: RecordId<Intention>,
    },
    /// Vendor: an intention that was heard and lives.
    Heard {
        /// The signed intention.
        record: ByteBuf,
        /// Its id.
        intention: RecordId<Intention>,
    },
    /// Vendor: the tombstone of one.
    Buried {
        /// The signed withdrawal.
        record: ByteBuf,
        /// What it buries.
        intention: RecordId<Intention>,
        /// Who says so: others may say the same, and only one of them is its owner.
        issuer: PublicKey,
    },
    /// A conversation began.
    Opened {
        /// Its name.
        thread: ThreadId,
        /// The signed intention it is about.
        intention: ByteBuf,
        /// The vendor's signed card.
        card: ByteBuf,
        /// What the ratchet starts from.
        keys: RatchetKeys,
        /// Where the vendor is reached.
        drops: Bounded<Drop, 1, MAX_DROPS>,
    },
    /// The customer said who speaks.
    Introduced {
        /// In which conversation.
        thread: ThreadId,
        /// The signed introduction.
        record: ByteBuf,
    },
    /// Something was said.
    Said {
        /// In which conversation.
        thread: ThreadId,
        /// By the vendor, else by the customer.
        by_vendor: bool,
        /// The signed message.
        record: ByteBuf,
    },
    /// How many of one's own messages the other side has kept.
    Confirmed {
        /// In which conversation.
        thread: ThreadId,
        /// How many.
        count: u64,
    },
    /// How many of one's own messages are somewhere where the other side finds them.
    Posted {
        /// In which conversation.
        thread: ThreadId,
        /// How many.
        count: u64,
        /// How many of them a host has said it keeps.
        #[serde(default, skip_serializing_if = "is_zero")]
        in_drop: u64,
    },
    /// Customer: whether the vendor may see the address of her node.
    Revealed {
        /// In which conversation.
        thread: ThreadId,
        /// From then on, or no longer.
        on: bool,
    },
    /// The ratchet, as it stands.
    Turned {
        /// In which conversation.
        thread: ThreadId,
        /// Its state.
        state: ByteBuf,
    },
    /// The home was restored from a copy: what was said since the copy was made is not known.
    Restored {
        /// When, by this side's clock.
        at: Time,
    },
    /// This side lost some of a conversation, and asks the other.
    Asked {
        /// In which conversation.
        thread: ThreadId,
        /// The signed resumption.
        record: ByteBuf,
    },
    /// The other side lost some of a conversation, and asked.
    Resumed {
        /// In which conversation.
        thread: ThreadId,
        /// The signed resumption.
        record: ByteBuf,
    },
    /// Words of one's own that the other side never got were taken back, because another life said others.
    Rewound {
        /// In which conversation.
        thread: ThreadId,
        /// How many of one's own messages stayed.
        to: u64,
    },
    /// Everything that this side said is known again.
    Whole {
        /// In which conversation.
        thread: ThreadId,
    },
    /// What the owner was told about an intention's end: 1 soon, 2 over.
    Told {
        /// Which intention.
        intention: RecordId<Intention>,
        /// How far.
        stage: u8,
    },
    /// Vendor: the standing rule.
    Auto(AutoSettings),
    /// Vendor: a conversation that a rule began.
    Mandated {
        /// Which conversation.
        thread: ThreadId,
        /// What goes on in it without a person; nothing once a person took it over.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mandate: Option<Mandate>,
        /// When the offer was made.
        at: Time,
        /// What it came to.
        total: Money,
    },
}

/// Where a document is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// Under the name of a market record, until that is forgotten.
    Live(Vec<u8>),
    /// Behind everything else that happened.
    Event,
    /// In the place of an earlier one of that name.
    Latest(Vec<u8>),
}

impl Kept {
    /// Where it is kept.
    pub fn slot(&self) -> Slot {
        match self {
            Self::Heard { intention, .. } => heard_slot(intention),
            Self::Buried { intention, issuer, .. } => buried_slot(intention, issuer),
            Self::Confirmed { thread, .. } => named(b'c', thread.first_offer().as_digest()),
            Self::Posted { thread, .. } => named(b'p', thread.first_offer().as_digest()),
            Self::Revealed { thread, .. } => named(b'v', thread.first_offer().as_digest()),
            Self::Turned { thread, .. } => named(b'r', thread.first_offer().as_digest()),
            Self::Told { intention, .. } => named(b't', intention.as_digest()),
            Self::Auto(_) => Slot::Latest(vec![b'a']),
            Self::Mandated { thread, .. } => named(b'm', thread.first_offer().as_digest()),
            _ => Slot::Event,
        }
    }

    /// The bytes to keep.
    ///
    /// # Errors
    /// When it is larger than any record may be.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EncodeError> {
        drisl::to_vec(self)
    }

    /// Reads what was kept.
    ///
    /// # Errors
    /// When the bytes are no document.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        drisl::from_slice(bytes)
    }

    /// A message that was said.
    pub(crate) fn said(thread: ThreadId, by: Side, record: &[u8]) -> Self {
        Self::Said { thread, by_vendor: by == Side::Vendor, record: ByteBuf::from(record) }
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

fn named(kind: u8, digest: &[u8; 32]) -> Slot {
    Slot::Latest([&[kind], digest.as_slice()].concat())
}

/// Where a heard intention is kept.
pub(crate) fn heard_slot(intention: &RecordId<Intention>) -> Slot {
    Slot::Live([b"h", intention.as_digest().as_slice()].concat())
}

/// Where a tombstone is kept: a stranger's does not take the place of the owner's.
pub(crate) fn buried_slot(intention: &RecordId<Intention>, issuer: &PublicKey) -> Slot {
    Slot::Live([b"w", intention.as_digest().as_slice(), issuer.as_bytes()].concat())
}
