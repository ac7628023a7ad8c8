//! What goes out of a conversation, and when.

use bespeak_identity::{Entropy, Side};
use bespeak_model::{queue::Drop, time::Time};
use bespeak_protocol::{
    channel::{
        envelope::{Sealing, wrap},
        limits::{MAX_PACKET_COUNT, MAX_PACKET_MESSAGES},
        mark::marked,
        message::Message,
        opening::{Opening, OpeningError},
        packet::{Packet, VERSION},
        ratchet::Ratchet,
    },
    enclosed::Enclosed,
};
use serde_bytes::ByteBuf;

use super::{Relation, resume::Memory};
use crate::{
    document::Kept,
    output::{Held, Outputs, Post},
};

impl Relation {
    /// Whether one's own messages still wait to reach the other side.
    pub(crate) fn is_waiting(&self) -> bool {
        if matches!(self.memory, Memory::Lost | Memory::Asked { .. }) {
            return false;
        }
        let said = self.log.head(self.side);
        if self.is_met() {
            said > self.confirmed
        } else {
            // What an opening has no room for waits until she answers.
            said.min(self.opening_holds.unwrap_or(said)) > self.delivery.posted()
        }
    }

    pub(crate) fn is_met(&self) -> bool {
        self.introduction.is_some()
    }

    /// When there is something to send again.
    pub(crate) fn wake_at(&self) -> Option<Time> {
        let again = if self.is_waiting() { self.pace.next() } else { None };
        // Nobody listens to an opening once the intention is over.
        let heard = self.is_met() || again.is_some_and(|at| at < self.facts.intention.expires_at);
        [again.filter(|_| heard), self.ask_at()].into_iter().flatten().min()
    }

    /// Posts what is to be said now: new messages, those whose pause is over, and what is owed.
    pub(crate) fn flush(&mut self, now: Time, entropy: &mut Entropy, out: &mut Outputs) {
        let due = self.is_waiting() && (self.pace.is_fresh() || self.pace.is_due(now));
        let over = !self.is_met() && self.facts.intention.expires_at <= now;
        if over || (!due && !self.owes) {
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
        self.post_messages(Sealing::Opening, &sealed, drops, count, out)
    }

    /// Whether an opening with the first message fits into an envelope, before anything goes out.
    pub(crate) fn can_open(&mut self, entropy: &mut Entropy) -> bool {
        self.seal_opening(entropy).is_some()
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
        let yours = self.theirs();
        let first = self.side == Side::Customer && self.confirmed == 0;
        let introduction = self.introduction.as_ref().filter(|_| first).map(Enclosed::new);
        let taken = yours.iter().map(Enclosed::len).sum::<usize>();
        let room = MAX_PACKET_MESSAGES.saturating_sub(taken + introduction.as_ref().map_or(0, Enclosed::len));
        // Before it knows all it said itself, this side only listens.
        let unconfirmed = if self.is_whole() { self.log.after(self.side, self.confirmed) } else { &[] };
        let said = unconfirmed.iter().map(|entry| Enclosed::new(&entry.message));
        let messages = fitting(said, room, MAX_PACKET_COUNT - yours.len());
        let count = messages.len() as u64;
        let packet = Packet {
            v: VERSION,
            introduction,
            messages,
            yours,
            restoring: self.restoring(),
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
        let sealed = marked(self.thread, self.side, &sealed);
        let drops = self.their_drops();
        if count == 0 {
            return self.post(Sealing::Ratchet, &sealed, drops, None, out);
        }
        self.post_messages(Sealing::Ratchet, &sealed, drops, self.confirmed + count, out)
    }

    /// Posts what holds messages of one's own, up to a place of their chain.
    fn post_messages(
        &mut self,
        sealing: Sealing,
        sealed: &[u8],
        drops: Vec<Drop>,
        up_to: u64,
        out: &mut Outputs,
    ) -> bool {
        let held = self.held(up_to);
        let posted = self.post(sealing, sealed, drops, Some(held), out);
        if posted {
            self.set_out(held);
        }
        posted
    }

    /// Where the other side's mail is left.
    pub(super) fn their_drops(&self) -> Vec<Drop> {
        match (self.side, &self.resumed, &self.introduction) {
            (_, Some(resumed), _) => resumed.drops.to_vec(),
            (Side::Customer, None, _) => self.vendor_drops.to_vec(),
            (Side::Vendor, None, Some(introduction)) => introduction.drops.to_vec(),
            (Side::Vendor, None, None) => Vec::new(),
        }
    }

    pub(super) fn post(
        &self,
        sealing: Sealing,
        sealed: &[u8],
        drops: Vec<Drop>,
        report: Option<Held>,
        out: &mut Outputs,
    ) -> bool {
        let Some(envelope) = wrap(sealing, sealed).ok().filter(|_| !drops.is_empty()) else {
            return false;
        };
        let vendor = self.side == Side::Vendor;
        out.send.push(Post {
            thread: self.thread,
            transport: self.transport,
            drops,
            direct: vendor || self.revealed,
            node: (!vendor).then(|| *self.card.issuer()),
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
}

/// The first of these messages that fit into so many bytes, and so many in number.
pub(super) fn fitting(
    messages: impl Iterator<Item = Enclosed<Message>>,
    mut room: usize,
    most: usize,
) -> Vec<Enclosed<Message>> {
    let fits = |message: &Enclosed<Message>| {
        let left = room.checked_sub(message.len());
        room = left.unwrap_or(0);
        left.is_some()
    };
    messages.take(most).take_while(fits).collect()
}
