//! One conversation, from one side: the log, the ratchet, and what is still to be confirmed.

mod recall;

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
        envelope::{Sealing, wrap},
        limits::{MAX_AHEAD, MAX_PACKET_COUNT, MAX_PACKET_MESSAGES},
        log::{Added, Entry, Log, LogError},
        message::{Body, ChatMessage, Message},
        opening::{Introduction, Opening, OpeningError},
        pace::Pace,
        packet::{Packet, Refused, VERSION},
        ratchet::{Ratchet, RatchetKeys},
    },
    conversation::{Conversation, Facts},
    enclosed::Enclosed,
    thread::ThreadId,
};
use serde_bytes::ByteBuf;

use crate::{
    document::Kept,
    notice::Notice,
    output::{Outputs, Post, Refusal},
};

/// Most openings whose posting is remembered at a time. Source: wild guess; one more is made every few seconds at most,
/// and each is reported within a minute.
const MAX_UNDER_WAY: usize = 64;

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
    pub(crate) posted: u64,
    /// How many messages each opening holds whose posting was not reported yet.
    under_way: Vec<u64>,
    /// How many messages an opening holds at most, once that was found out.
    opening_holds: Option<u64>,
    owes: bool,
    refused: Vec<Refused>,
    pace: Pace,
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
            posted: 0,
            under_way: Vec::new(),
            opening_holds: None,
            owes: false,
            refused: Vec::new(),
            pace: Pace::default(),
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
        let id = message.id();
        out.keep.push(Kept::said(self.thread, self.side, message.bytes()));
        self.log.add(self.side, Entry::new(message)).map_err(|error| internal(&error))?;
        self.refold();
        Ok(id)
    }

    fn write(&self, body: Body, now: Time, nonce: Nonce) -> Result<Signed<Message>, Refusal> {
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
        if signed.bytes().len() > bespeak_protocol::channel::limits::MAX_MESSAGE {
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
        let (id, by) = (message.id(), self.side.other());
        let document = Kept::said(self.thread, by, message.bytes());
        let code = match self.log.add(by, Entry::new(message)) {
            Ok(Added::Known) => return,
            Ok(Added::Joined(_) | Added::Parked) => {
                out.keep.push(document);
                return;
            }
            // It will be sent again when there is room.
            Err(LogError::Full) => return,
            Err(LogError::NotParty) => RefusalCode::NotParty,
            Err(LogError::Conflict) => {
                out.tell.push(Notice::ConflictSeen { thread: self.thread });
                RefusalCode::Conflict
            }
        };
        if self.refused.len() < MAX_PACKET_COUNT {
            self.refused.push(Refused { message: id, code });
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
    pub(crate) fn receive(&mut self, sealed: &[u8], now: Time, out: &mut Outputs) -> bool {
        let Some(Ok(plaintext)) = self.ratchet.as_mut().map(|ratchet| ratchet.open(sealed)) else {
            return false;
        };
        self.keep_ratchet(out);
        let Ok(packet) = Packet::from_bytes(&plaintext) else {
            return false;
        };
        if let Some(introduction) = &packet.introduction {
            self.meet(introduction, out);
        }
        if self.introduction.is_none() {
            return false;
        }
        self.confirm(packet.seen, out);
        self.take(&packet.messages, now, out)
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

    /// What came of an opening that was posted. Reports come in any order and do not say of which: one that was stored
    /// counts as the shortest that is under way, one that was not as the longest, so that nothing is taken for stored
    /// that may not be.
    pub(crate) fn was_posted(&mut self, stored: bool, out: &mut Outputs) {
        self.under_way.sort_unstable();
        if !stored {
            self.under_way.pop();
            return;
        }
        if self.under_way.is_empty() {
            return;
        }
        let count = self.under_way.remove(0);
        if count > self.posted {
            self.posted = count;
            out.keep.push(Kept::Posted { thread: self.thread, count });
        }
        self.pace.rest();
    }

    /// Whether one's own messages still wait to reach the other side.
    pub(crate) fn is_waiting(&self) -> bool {
        let said = self.log.head(self.side);
        if self.is_met() {
            said > self.confirmed
        } else {
            // What an opening has no room for waits until she answers.
            said.min(self.opening_holds.unwrap_or(said)) > self.posted
        }
    }

    fn is_met(&self) -> bool {
        self.introduction.is_some()
    }

    /// When there is something to send again.
    pub(crate) fn wake_at(&self) -> Option<Time> {
        if self.is_waiting() { self.pace.next() } else { None }
    }

    /// Posts what is to be said now: new messages, those whose pause is over, and what is owed.
    pub(crate) fn flush(&mut self, now: Time, entropy: &mut Entropy, out: &mut Outputs) {
        let due = self.is_waiting() && (self.pace.is_fresh() || self.pace.is_due(now));
        if !due && !self.owes {
            return;
        }
        let posted = if self.is_met() { self.post_packet(out) } else { self.post_opening(entropy, out) };
        if posted {
            self.owes = false;
            self.refused.clear();
            if self.is_waiting() {
                self.pace.sent(now, entropy.below(u64::from(u32::MAX)));
            }
        }
    }

    /// Something new was said: it need not wait for an earlier pause to end.
    pub(crate) fn hurry(&mut self) {
        self.pace.rest();
    }

    fn post_opening(&mut self, entropy: &mut Entropy, out: &mut Outputs) -> bool {
        if self.side == Side::Customer {
            self.owes = false;
            return false;
        }
        let Some((count, sealed)) = self.seal_opening(entropy) else {
            return false;
        };
        let drops: Vec<Drop> = self.facts.intention.drops.to_vec();
        let posted = self.post(Sealing::Opening, &sealed, &drops, true, out);
        if posted && self.under_way.len() < MAX_UNDER_WAY {
            self.under_way.push(count);
        }
        posted
    }

    /// Seals an opening with all that was said, or as much of its beginning as fits.
    fn seal_opening(&mut self, entropy: &mut Entropy) -> Option<(u64, Vec<u8>)> {
        let said = self.log.after(Side::Vendor, 0).iter().take(MAX_PACKET_COUNT);
        let mut opening = Opening {
            card: Enclosed::new(&self.card),
            messages: said.map(|entry| Enclosed::new(&entry.message)).collect(),
            keys: self.keys.clone(),
            drops: self.vendor_drops.clone(),
        };
        let intention = &self.facts.intention;
        let sealed = loop {
            match opening.seal(&intention.seal, &intention.id(), entropy) {
                Err(OpeningError::TooLarge) if opening.messages.len() > 1 => opening.messages.pop(),
                sealed => break sealed.ok()?,
            };
        };
        let count = opening.messages.len() as u64;
        self.opening_holds = (count < self.log.head(Side::Vendor)).then_some(count);
        Some((count, sealed))
    }

    fn post_packet(&mut self, out: &mut Outputs) -> bool {
        let mut room = MAX_PACKET_MESSAGES;
        let fits = |message: &Enclosed<Message>| {
            let left = room.checked_sub(message.len());
            room = left.unwrap_or(0);
            left.is_some()
        };
        let messages: Vec<_> = self
            .log
            .after(self.side, self.confirmed)
            .iter()
            .map(|entry| Enclosed::new(&entry.message))
            .take(MAX_PACKET_COUNT)
            .take_while(fits)
            .collect();
        let first = self.side == Side::Customer && self.confirmed == 0;
        let packet = Packet {
            v: VERSION,
            introduction: self.introduction.as_ref().filter(|_| first).map(Enclosed::new),
            messages,
            seen: self.log.head(self.side.other()),
            refused: std::mem::take(&mut self.refused),
        };
        let Ok(plaintext) = packet.to_bytes() else {
            return false;
        };
        let Some(Ok(sealed)) = self.ratchet.as_mut().map(|ratchet| ratchet.seal(&plaintext)) else {
            return false;
        };
        self.keep_ratchet(out);
        let drops = match (self.side, &self.introduction) {
            (Side::Customer, _) => self.vendor_drops.to_vec(),
            (Side::Vendor, Some(introduction)) => introduction.drops.to_vec(),
            (Side::Vendor, None) => return false,
        };
        self.post(Sealing::Ratchet, &sealed, &drops, false, out)
    }

    fn post(&self, sealing: Sealing, sealed: &[u8], drops: &[Drop], report: bool, out: &mut Outputs) -> bool {
        let (Ok(envelope), Some(drop)) = (wrap(sealing, sealed), drops.first()) else {
            return false;
        };
        out.send.push(Post {
            thread: self.thread,
            transport: self.transport,
            queue: drop.queue,
            hosts: drop.hosts.to_vec(),
            envelope,
            report,
        });
        true
    }

    pub(crate) fn keep_ratchet(&self, out: &mut Outputs) {
        if let Some(Ok(state)) = self.ratchet.as_ref().map(Ratchet::to_bytes) {
            out.keep.push(Kept::Turned { thread: self.thread, state: ByteBuf::from(state) });
        }
    }

    /// One's own queue.
    pub(crate) fn queue_id(&self) -> QueueId {
        QueueId::from_bytes(*self.queue.public().as_bytes())
    }

    pub(crate) fn vendor_name(&self) -> String {
        self.card.name.as_str().to_owned()
    }
}

pub(crate) fn internal(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(RefusalCode::Internal, error.to_string())
}
