//! Losing some of what was said, and getting it back from the other side before another word is spoken.

use bespeak_identity::{Entropy, SealSecret, Side, Signed};
use bespeak_model::{bounded::Bounded, intention::MAX_DROPS, queue::Drop, reason::RefusalCode, time::Time};
use bespeak_protocol::{
    channel::{
        envelope::Sealing,
        limits::{MAX_PACKET_COUNT, MAX_PACKET_MESSAGES},
        log::{Added, Entry, LogError},
        message::Message,
        pace::Pace,
        packet::{Packet, Refused},
        ratchet::{Ratchet, RatchetError},
        resumption::{Resuming, Resumption},
    },
    enclosed::Enclosed,
};
use serde_bytes::ByteBuf;

use super::Relation;
use crate::{
    document::Kept,
    notice::Notice,
    output::{Outputs, Refusal},
};

/// What one side knows of its own words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Memory {
    /// All of them.
    Whole,
    /// Perhaps not all: nobody has answered yet who could tell. The next packet does.
    Unsure,
    /// Not all, or the ratchet is lost: the other side must be asked before anything is signed.
    Lost,
    /// The other side was asked with this; it is whole again once as many are back as the other side has seen.
    Asked {
        /// The question.
        record: Signed<Resumption>,
        /// How many of one's own messages are the same on both sides, as far as the answers go.
        agreed: u64,
    },
}

impl Relation {
    /// Refuses a word of one's own while one does not know what was said.
    pub(crate) fn may_speak(&self) -> Result<(), Refusal> {
        if self.is_whole() {
            return Ok(());
        }
        let detail = "what was said here is not all known since this home was restored; \
                      the other side is asked, try again when it has answered";
        Err(Refusal::new(RefusalCode::NotAllowedByState, detail))
    }

    /// Whether the other side must be heard before anything new is signed.
    pub(crate) fn is_whole(&self) -> bool {
        self.memory == Memory::Whole
    }

    fn is_live(&self) -> bool {
        self.ratchet.as_ref().is_some_and(Ratchet::is_live)
    }

    /// This home is a copy from the past: what was said since is not known.
    pub(crate) fn lose(&mut self) {
        let alone = self.side == Side::Vendor && !self.is_met();
        self.memory = if alone { Memory::Unsure } else { Memory::Lost };
        if !alone {
            self.ratchet = None;
        }
    }

    /// Notices after a start that something of one's own is missing: a message that was confirmed, or the ratchet.
    pub(crate) fn look_back(&mut self) {
        let missing = self.confirmed > self.log.head(self.side);
        let mute = self.is_met() && self.ratchet.is_none();
        if self.is_whole() && (missing || mute) {
            self.memory = Memory::Lost;
        }
    }

    /// Whether it has to ask, and may: a customer who was never introduced asks only once she wants to speak.
    pub(crate) fn must_ask(&self, now: Time) -> bool {
        let due = self.asking.is_fresh() || self.asking.is_due(now);
        match &self.memory {
            Memory::Whole | Memory::Unsure => false,
            Memory::Lost => (self.is_met() || self.wanted) && due,
            Memory::Asked { .. } => due,
        }
    }

    /// When to ask again.
    pub(super) fn ask_at(&self) -> Option<Time> {
        match self.memory {
            Memory::Whole | Memory::Unsure => None,
            Memory::Lost | Memory::Asked { .. } => self.asking.next(),
        }
    }

    /// Asks the other side what was said, the first time or again. `drops` is where the answer is left.
    pub(crate) fn ask(
        &mut self,
        drops: Option<Bounded<Drop, 1, MAX_DROPS>>,
        now: Time,
        entropy: &mut Entropy,
        out: &mut Outputs,
    ) {
        if self.memory == Memory::Lost {
            let Some(asked) = drops.and_then(|drops| self.forget(drops, now, entropy)) else {
                return;
            };
            out.keep.push(Kept::Asked { thread: self.thread, record: ByteBuf::from(asked.bytes()) });
            let agreed = asked.said;
            self.memory = Memory::Asked { record: asked, agreed };
            self.keep_ratchet(out);
        }
        let Memory::Asked { record: asked, .. } = &self.memory else {
            return;
        };
        // Once the new ratchet turns, packets say what is still missing.
        if self.is_live() {
            self.owes = true;
        } else {
            let first = self.introduction.as_ref().filter(|_| self.side == Side::Customer);
            let resuming =
                Resuming { introduction: first.map(Enclosed::new), resumption: Enclosed::new(asked) };
            let to = match self.side {
                Side::Customer => &self.card.seal,
                Side::Vendor => &self.facts.intention.seal,
            };
            if let Ok(sealed) = resuming.seal(to, self.thread, entropy) {
                let drops = self.their_drops();
                self.post(Sealing::Resumption, &sealed, drops, None, out);
            }
        }
        self.asking.sent(now, entropy.below(u64::from(u32::MAX)));
    }

    /// Makes a new ratchet, and the word that says where this side's memory ends.
    fn forget(
        &mut self,
        drops: Bounded<Drop, 1, MAX_DROPS>,
        now: Time,
        entropy: &mut Entropy,
    ) -> Option<Signed<Resumption>> {
        let (ratchet, keys) = Ratchet::offer().ok()?;
        let resumption = Resumption {
            iss: self.key.public(),
            nonce: entropy.nonce(),
            net: self.facts.intention.net.clone(),
            thread: self.thread,
            epoch: now.unix().max(self.epoch.saturating_add(1)),
            keys,
            // Beyond what was confirmed another life may have said something else.
            said: self.confirmed.min(self.log.head(self.side)),
            seen: self.log.head(self.side.other()),
            drops,
        };
        let signed = Signed::sign(resumption, &self.key).ok()?;
        self.epoch = signed.epoch;
        self.moved = Some(signed.drops.clone());
        self.former = self.ratchet.replace(ratchet);
        Some(signed)
    }

    /// The other side lost some of its memory: a new ratchet from its keys, and what it lost goes with the next packets.
    pub(crate) fn resume(&mut self, sealed: &[u8], secret: &SealSecret, out: &mut Outputs) {
        let Ok(resuming) = Resuming::open(sealed, secret, self.thread) else {
            return;
        };
        if let Some(introduction) = &resuming.introduction {
            self.meet(introduction, out);
        }
        let Ok(record) = resuming.resumption.open() else {
            return;
        };
        if self.log.party(self.side.other()) != Some(record.iss) || record.thread != self.thread {
            return;
        }
        let known = self.resumed.as_ref().map(|resumed| (resumed.epoch, resumed.id()));
        if known.is_some_and(|(_, id)| id == record.id()) {
            // It asks again: the answer was lost.
            self.owes = true;
        } else if known.is_none_or(|(epoch, _)| epoch < record.epoch) && self.answer(&record, out) {
            out.keep.push(Kept::Resumed { thread: self.thread, record: ByteBuf::from(record.bytes()) });
            self.recall_resumption(record);
            out.keep.push(Kept::Confirmed { thread: self.thread, count: self.confirmed });
            self.lose_delivery(self.confirmed, out);
            self.pace.rest();
            self.owes = true;
        }
    }

    /// Turns to the other side's new ratchet. When both sides lost theirs, the customer's keys count.
    fn answer(&mut self, record: &Signed<Resumption>, out: &mut Outputs) -> bool {
        let waits = matches!(self.memory, Memory::Asked { .. }) && !self.is_live();
        if waits && self.side == Side::Customer {
            return true;
        }
        let Ok(ratchet) = Ratchet::answer(&record.keys) else {
            return false;
        };
        self.former = self.ratchet.replace(ratchet);
        self.keep_ratchet(out);
        true
    }

    /// What follows from the other side's resumption, now or after a start.
    pub(super) fn recall_resumption(&mut self, record: Signed<Resumption>) {
        self.confirmed = self.confirmed.min(record.seen);
        self.giving_back = Some(record.said);
        self.resumed = Some(record);
    }

    /// The other side said how many of its own messages it holds; nothing, once it holds all.
    pub(super) fn give_back(&mut self, restoring: Option<u64>) {
        if self.giving_back.is_some() {
            self.giving_back = restoring;
            self.owes |= restoring.is_some();
        }
    }

    /// What the other side lost and this side has, as much as fits beside `taken` bytes.
    pub(super) fn theirs(&self) -> Vec<Enclosed<Message>> {
        let Some(held) = self.giving_back else {
            return Vec::new();
        };
        let lost = self.log.after(self.side.other(), held).iter().map(|entry| Enclosed::new(&entry.message));
        super::send::fitting(lost, MAX_PACKET_MESSAGES, MAX_PACKET_COUNT)
    }

    /// How many of one's own messages one holds, while some are lost.
    pub(super) fn restoring(&self) -> Option<u64> {
        match self.memory {
            Memory::Asked { agreed, .. } => Some(agreed),
            _ => None,
        }
    }

    /// Takes back what this side said itself and lost.
    pub(super) fn take_back(&mut self, packet: &Packet, out: &mut Outputs) {
        if self.memory == Memory::Unsure {
            let whole = packet.seen <= self.log.head(self.side);
            self.memory = if whole { Memory::Whole } else { Memory::Lost };
            if whole {
                out.keep.push(Kept::Whole { thread: self.thread });
            }
        }
        if !matches!(self.memory, Memory::Asked { .. }) {
            return;
        }
        for message in packet.yours.iter().filter_map(|enclosed| enclosed.open().ok()) {
            self.take_own(message, out);
        }
        if matches!(self.memory, Memory::Asked { agreed, .. } if agreed >= packet.seen) {
            self.memory = Memory::Whole;
            out.keep.push(Kept::Whole { thread: self.thread });
            out.tell.push(Notice::Resumed { thread: self.thread });
            self.pace.rest();
        }
        self.owes = true;
        self.refold();
    }

    /// A message of one's own that the other side has. Where another life of this party said something else, what
    /// the other side has counts, and the words it never got are taken back.
    fn take_own(&mut self, message: Signed<Message>, out: &mut Outputs) {
        let Memory::Asked { agreed, .. } = &mut self.memory else {
            return;
        };
        let (place, before) = (message.seq, *agreed);
        if place != before + 1 {
            return;
        }
        let document = Kept::said(self.thread, self.side, message.bytes());
        let mut rewound = false;
        let added = match self.log.add(self.side, Entry::new(message.clone())) {
            Err(LogError::Conflict) => {
                out.keep.push(Kept::Rewound { thread: self.thread, to: before });
                self.log.rewind(self.side, before);
                rewound = true;
                self.log.add(self.side, Entry::new(message))
            }
            added => added,
        };
        match added {
            Ok(Added::Known) => *agreed = place,
            Ok(_) => {
                *agreed = place;
                out.keep.push(document);
            }
            Err(_) => {}
        }
        if rewound {
            self.lose_delivery(before, out);
        }
    }

    /// Mail that does not open: from before the other side's last resumption it is no riddle; else somebody holds a
    /// newer ratchet, and the other side is asked.
    pub(super) fn puzzled(&mut self, sealed: &[u8], now: Time) {
        match self.former.as_mut().map(|former| former.open(sealed)) {
            // Another life of the other side may still speak so: the answer tells it that it is not the last.
            Some(Ok(_)) => return self.owes = true,
            Some(Err(RatchetError::Repeated)) => return,
            _ => {}
        }
        let talking = self.is_met() && self.is_live();
        let calm = self.asking.is_fresh() || self.asking.is_due(now);
        if talking && self.is_whole() && calm && Ratchet::is_envelope(sealed) {
            self.memory = Memory::Lost;
        }
    }

    /// The other side holds another message in the place of one of these: another life of this party said it.
    pub(super) fn doubt_refused(&mut self, refused: &[Refused]) {
        let own = self.log.after(self.side, self.confirmed);
        let contradicted = refused.iter().any(|no| {
            no.code == RefusalCode::Conflict && own.iter().any(|entry| entry.message.id() == no.message)
        });
        if contradicted && self.is_whole() {
            self.memory = Memory::Lost;
        }
    }

    pub(super) fn recall_whole(&mut self) {
        self.memory = Memory::Whole;
    }

    /// After a restart the pauses between two questions begin anew.
    pub(super) fn recall_asked(&mut self, record: Signed<Resumption>) {
        self.epoch = self.epoch.max(record.epoch);
        self.moved = Some(record.drops.clone());
        let agreed = record.said;
        self.memory = Memory::Asked { record, agreed };
        self.asking = Pace::default();
    }
}
