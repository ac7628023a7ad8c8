//! One conversation, from one side: the log, the ratchet, and what is still to be confirmed.

mod delivery;
mod recall;
mod resume;
mod send;

use std::collections::BTreeSet;

use bespeak_identity::{Entropy, Nonce, RecordId, Side, SignKey, Signed};
use bespeak_model::{
    bounded::Bounded,
    card::VendorCard,
    intention::MAX_DROPS,
    queue::{Drop, QueueId},
    reason::RefusalCode,
    time::Time,
};
use bespeak_protocol::{
    channel::{
        limits::{MAX_AHEAD, MAX_CHAIN, MAX_MESSAGE, MAX_PACKET_COUNT},
        log::{Added, Entry, Log, LogError},
        mark::unmarked,
        message::{Body, ChatMessage, Message},
        opening::Introduction,
        pace::Pace,
        packet::{Packet, Refused},
        ratchet::{Ratchet, RatchetError, RatchetKeys},
        resumption::Resumption,
    },
    conversation::{Conversation, Facts},
    enclosed::Enclosed,
    thread::ThreadId,
};
use serde_bytes::ByteBuf;

use crate::{
    document::{Kept, Slot},
    notice::Notice,
    output::{Outputs, Refusal, Watched},
};
use delivery::Delivery;
use resume::Memory;

/// How long after its intention's end a conversation without an order is still listened to, in seconds. Source: hosts
/// keep offers for 14 days (protocol).
const LINGER: u64 = 14 * 24 * 3600;

/// A conversation, from one side.
#[derive(Debug)]
pub(crate) struct Relation {
    pub(crate) side: Side,
    pub(crate) thread: ThreadId,
    pub(crate) facts: Facts,
    pub(crate) card: Signed<VendorCard>,
    pub(crate) keys: RatchetKeys,
    pub(crate) vendor_drops: Bounded<Drop, 1, MAX_DROPS>,
    pub(crate) introduction: Option<Signed<Introduction>>,
    pub(crate) state: Conversation,
    pub(crate) log: Log,
    /// One's own queue of this conversation.
    pub(crate) queue: SignKey,
    pub(crate) transport: [u8; 32],
    key: SignKey,
    pub(crate) ratchet: Option<Ratchet>,
    pub(crate) confirmed: u64,
    delivery: Delivery,
    /// Whether the vendor may see the address of the customer's node; only she knows.
    pub(crate) revealed: bool,
    /// How many messages an opening holds at most, once that was found out.
    opening_holds: Option<u64>,
    owes: bool,
    refused: Vec<Refused>,
    pace: Pace,
    memory: Memory,
    /// Whether the owner wants to speak where she was never introduced and does not know what was said.
    pub(crate) wanted: bool,
    /// Where one's own mail is left since one's own last resumption.
    moved: Option<Bounded<Drop, 1, MAX_DROPS>>,
    /// The epoch of one's own last resumption; 0 before the first.
    epoch: u64,
    /// When to ask what was said, while this side does not know.
    asking: Pace,
    /// The epoch of the other side's last resumption, and where its mail is left since.
    resumed: Option<Signed<Resumption>>,
    /// How many of its own messages the other side holds, while some are lost to it.
    giving_back: Option<u64>,
    /// The ratchet before the other side's last resumption: mail from before it is no riddle.
    former: Option<Ratchet>,
}

/// What a relation is made of.
pub(crate) struct Beginnings {
    pub(crate) side: Side,
    pub(crate) thread: ThreadId,
    pub(crate) facts: Facts,
    pub(crate) card: Signed<VendorCard>,
    pub(crate) keys: RatchetKeys,
    pub(crate) vendor_drops: Bounded<Drop, 1, MAX_DROPS>,
    pub(crate) key: SignKey,
    pub(crate) queue: SignKey,
    pub(crate) transport: [u8; 32],
}

impl Relation {
    pub(crate) fn new(from: Beginnings) -> Self {
        let log = Log::new(from.thread, *from.card.issuer());
        Self {
            side: from.side,
            thread: from.thread,
            facts: from.facts,
            card: from.card,
            keys: from.keys,
            vendor_drops: from.vendor_drops,
            introduction: None,
            state: Conversation::default(),
            log,
            queue: from.queue,
            transport: from.transport,
            key: from.key,
            ratchet: None,
            confirmed: 0,
            delivery: Delivery::default(),
            revealed: false,
            opening_holds: None,
            owes: false,
            refused: Vec::new(),
            pace: Pace::default(),
            memory: Memory::Whole,
            wanted: false,
            moved: None,
            epoch: 0,
            asking: Pace::default(),
            resumed: None,
            giving_back: None,
            former: None,
        }
    }

    /// The document that begins it.
    pub(crate) fn opened(&self) -> Kept {
        Kept::Opened {
            thread: self.thread,
            intention: ByteBuf::from(self.facts.intention.bytes()),
            card: ByteBuf::from(self.card.bytes()),
            keys: self.keys.clone(),
            drops: self.vendor_drops.clone(),
        }
    }

    pub(crate) fn introduce(&mut self, introduction: Signed<Introduction>) {
        self.log.introduce(introduction.relation);
        self.introduction.get_or_insert(introduction);
    }

    /// Adds what was kept before.
    pub(crate) fn recall(&mut self, by: Side, message: Signed<Message>) {
        let _ = self.log.add(by, Entry::new(message));
    }

    pub(crate) fn refold(&mut self) {
        self.state = Conversation::fold(&self.facts, &self.log);
    }

    /// Says something: signed, added to the log, and kept. It goes out with the next [`Relation::flush`].
    pub(crate) fn say(
        &mut self,
        body: Body,
        now: Time,
        entropy: &mut Entropy,
        out: &mut Outputs,
    ) -> Result<RecordId<Message>, Refusal> {
        let message = self.write(body, now, entropy.nonce())?;
        let (id, document) = (message.id(), Kept::said(self.thread, self.side, message.bytes()));
        self.log.add(self.side, Entry::new(message)).map_err(|error| internal(&error))?;
        out.keep.push(document);
        self.refold();
        Ok(id)
    }

    /// Whether it could be said, with nothing done: in its size, and as far as this side knows what was said.
    pub(crate) fn check(&self, body: &Body, now: Time) -> Result<(), Refusal> {
        self.write(body.clone(), now, Nonce::from_bytes([0; 16])).map(drop)
    }

    fn write(&self, body: Body, now: Time, nonce: Nonce) -> Result<Signed<Message>, Refusal> {
        self.may_speak()?;
        if self.log.head(self.side) >= MAX_CHAIN as u64 {
            return Err(Refusal::new(RefusalCode::TooLarge, "this conversation holds no more messages"));
        }
        let last = self.log.last(self.side).map(|entry| &entry.message);
        let message = Message {
            iss: self.key.public(),
            nonce,
            net: self.facts.intention.net.clone(),
            thread: self.thread,
            seq: self.log.head(self.side) + 1,
            prev: last.map(|last| last.id()),
            seen: self.log.head(self.side.other()),
            answers: self.log.last(self.side.other()).map(|entry| entry.message.id()),
            at: now,
            body,
        };
        let signed = Signed::sign(message, &self.key).map_err(|error| internal(&error))?;
        if signed.bytes().len() > MAX_MESSAGE {
            return Err(Refusal::new(RefusalCode::TooLarge, "the message does not fit into an envelope"));
        }
        Ok(signed)
    }

    /// Takes in messages of the other side. Returns whether the log grew.
    pub(crate) fn take(&mut self, messages: &[Enclosed<Message>], now: Time, out: &mut Outputs) -> bool {
        let before = self.log.head(self.side.other());
        for enclosed in messages {
            let Ok(message) = enclosed.open() else {
                continue;
            };
            // Ignored, not refused: when its time has come it will be sent again.
            if message.at.seconds_since(now) <= MAX_AHEAD {
                self.take_one(message, out);
            }
        }
        self.owes |= !messages.is_empty();
        if self.log.head(self.side.other()) == before {
            return false;
        }
        let old: BTreeSet<_> = self.state.history.iter().map(|happened| happened.message.id()).collect();
        self.refold();
        self.tell(&old, out);
        true
    }

    fn take_one(&mut self, message: Signed<Message>, out: &mut Outputs) {
        if message.seen > self.log.head(self.side) {
            // It claims to have seen what was never said: what follows from it would never find its place. While some
            // of that is lost here, it comes again.
            if self.is_whole() {
                self.refuse(message.id(), RefusalCode::NotAllowedByState);
            }
            return;
        }
        let (id, by) = (message.id(), self.side.other());
        let document = Kept::said(self.thread, by, message.bytes());
        let evidence = self.log.evidence().count();
        match self.log.add(by, Entry::new(message)) {
            Ok(Added::Joined(_) | Added::Parked) => out.keep.push(document),
            // It will be sent again when there is room.
            Ok(Added::Known) | Err(LogError::Full) => {}
            Err(LogError::NotParty) => self.refuse(id, RefusalCode::NotParty),
            Err(LogError::Conflict) => {
                if self.log.evidence().count() > evidence {
                    out.keep.push(document);
                    out.tell.push(Notice::ConflictSeen { thread: self.thread });
                }
                self.refuse(id, RefusalCode::Conflict);
            }
        }
    }

    fn refuse(&mut self, message: RecordId<Message>, code: RefusalCode) {
        if self.refused.len() < MAX_PACKET_COUNT {
            self.refused.push(Refused { message, code });
        }
    }

    /// Tells the owner what the other side's new messages did.
    fn tell(&self, old: &BTreeSet<RecordId<Message>>, out: &mut Outputs) {
        let news = self.state.history.iter().filter(|happened| !old.contains(&happened.message.id()));
        for happened in news.filter(|happened| happened.by != self.side) {
            let what = happened.message.body.name();
            match (&happened.message.body, happened.order) {
                (Body::Chat(ChatMessage::Text { .. }), _) => {
                    out.tell.push(Notice::MessageReceived { thread: self.thread });
                }
                (Body::Deal(_), Some(order)) => {
                    out.tell.push(Notice::OrderChanged { order, what: what.to_owned() });
                }
                (Body::Offer(_), _) => out.tell.push(Notice::OfferChanged {
                    offer: self
                        .state
                        .offering
                        .current()
                        .map_or(self.thread.first_offer(), |offer| offer.id()),
                    intention: self.facts.intention.id(),
                    what: what.to_owned(),
                }),
                _ => {}
            }
        }
    }

    /// Takes in an envelope that the ratchet sealed. Vendor: also who speaks, the first time.
    pub(crate) fn receive(&mut self, bytes: &[u8], now: Time, out: &mut Outputs) {
        // Mail of others, or one's own: a host mixed it up, or somebody who knows the queue makes trouble.
        let Some(sealed) = unmarked(self.thread, self.side.other(), bytes) else {
            return;
        };
        let opened = match self.ratchet.as_mut().map(|ratchet| ratchet.open(sealed)) {
            Some(Ok(plaintext)) => plaintext,
            Some(Err(RatchetError::Repeated)) => return,
            _ => return self.puzzled(sealed, now),
        };
        self.keep_ratchet(out);
        let Ok(packet) = Packet::from_bytes(&opened) else {
            return;
        };
        if let Some(introduction) = &packet.introduction {
            self.meet(introduction, out);
        }
        if self.introduction.is_none() {
            return;
        }
        self.give_back(packet.restoring);
        self.take_back(&packet, out);
        self.confirm(packet.seen, out);
        self.take(&packet.messages, now, out);
        self.doubt_refused(&packet.refused);
    }

    fn meet(&mut self, introduction: &Enclosed<Introduction>, out: &mut Outputs) {
        let Ok(introduction) = introduction.open() else {
            return;
        };
        let intention = &self.facts.intention;
        let holds = introduction.iss == intention.iss
            && introduction.intention == intention.id()
            && introduction.net == intention.net
            && introduction.thread == self.thread
            && introduction.vendor == *self.card.issuer();
        if holds && self.introduction.is_none() {
            let record = ByteBuf::from(introduction.bytes());
            out.keep.push(Kept::Introduced { thread: self.thread, record });
            self.introduce(introduction);
        }
    }

    fn confirm(&mut self, seen: u64, out: &mut Outputs) {
        let head = self.log.head(self.side);
        let count = seen.min(head);
        if count > self.confirmed {
            self.confirmed = count;
            out.keep.push(Kept::Confirmed { thread: self.thread, count });
            // What follows is new to the other side: it is said without waiting.
            self.pace.rest();
        }
    }

    /// Where one's own mail is left: where the other side was told first, and where it was told last.
    fn own_drops(&self) -> impl Iterator<Item = &Drop> {
        let first = match self.side {
            Side::Customer => self.introduction.as_ref().map(|introduction| &introduction.drops),
            Side::Vendor => Some(&self.vendor_drops),
        };
        let last = || self.moved.iter().flat_map(|drops| drops.iter());
        first
            .into_iter()
            .flat_map(|drops| drops.iter())
            .filter(move |first| last().all(|drop| drop != *first))
            .chain(last())
    }

    /// One's own queue at each of its hosts, without the node of this PeerId.
    pub(crate) fn watched(&self, own: Option<&str>) -> impl Iterator<Item = Watched> {
        let here = move |drop: &&Drop| {
            own.is_some_and(|own| drop.hosts.iter().any(|host| host.as_str().ends_with(own)))
        };
        self.own_drops().filter(move |drop| !here(drop)).map(|drop| Watched {
            queue: drop.queue,
            key: self.queue.clone(),
            hosts: drop.hosts.to_vec(),
            transport: self.transport,
            eager: self.side == Side::Customer,
        })
    }

    /// Where the ratchet is kept.
    pub(crate) fn ratchet_slot(&self) -> Slot {
        Kept::Turned { thread: self.thread, state: ByteBuf::new() }.slot()
    }

    /// Whether mail can still come that matters: while hosts keep offers to the intention and answers to them, while
    /// one's own words are unconfirmed, and for as long as anything was ordered.
    pub(crate) fn is_watched(&self, now: Time) -> bool {
        let offer = self.state.offering.current().filter(|_| self.side == Side::Vendor);
        let end = offer.map_or(Time::EPOCH, |offer| offer.valid_until).max(self.facts.intention.expires_at);
        let live = end.saturating_add(LINGER) > now;
        if !self.is_met() {
            return self.side == Side::Vendor && live;
        }
        live || self.is_waiting() || !self.is_whole() || !self.state.deals.is_empty()
    }

    /// One's own queue.
    pub(crate) fn queue_id(&self) -> QueueId {
        QueueId::from_bytes(*self.queue.public().as_bytes())
    }

    /// Whether the vendor may see the address of the customer's node; only she can tell.
    pub(crate) fn is_revealed(&self) -> Option<bool> {
        (self.side == Side::Customer).then_some(self.revealed)
    }

    pub(crate) fn vendor_name(&self) -> String {
        self.card.name.as_str().to_owned()
    }
}

pub(crate) fn internal(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(RefusalCode::Internal, error.to_string())
}
