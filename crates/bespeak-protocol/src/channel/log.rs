//! Everything two parties have said to each other: two chains, and the one order in which both read them.

use std::{collections::BTreeMap, sync::Arc};

use bespeak_identity::{HalfSigned, PublicKey, RecordId, Side, Signed};
use bespeak_model::{offer::Offer, order::Order, reason::RefusalCode, receipt::Receipt};
use serde_bytes::ByteBuf;

use super::{
    limits::{MAX_CHAIN, MAX_PARKED},
    message::{Body, Message},
};
use crate::{
    deal::{DealMessage, OrderMessage, ReceiptMessage},
    enclosed::Enclosed,
    offer::OfferMessage,
    thread::ThreadId,
};

/// Most pairs of conflicting messages kept as evidence. Source: one proves the case; a few show a habit.
const MAX_EVIDENCE: usize = 4;

/// A message and what was verified inside it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The message.
    pub message: Signed<Message>,
    /// What it encloses.
    pub content: Content,
}

/// What a message encloses, verified once.
#[derive(Clone, Debug)]
pub enum Content {
    /// Nothing.
    Plain,
    /// A signed offer.
    Offer(Signed<Offer>),
    /// An order that the customer signed.
    Order(Arc<HalfSigned<Order>>),
    /// A receipt that the vendor signed.
    Receipt(Arc<HalfSigned<Receipt>>),
    /// Something that does not hold: the message keeps its place and has no effect.
    Invalid(RefusalCode),
}

impl Entry {
    /// Verifies what a message encloses. What does not hold becomes [`Content::Invalid`].
    pub fn new(message: Signed<Message>) -> Self {
        let content = match &message.body {
            Body::Offer(OfferMessage::Submit { offer } | OfferMessage::Revise { offer }) => open_offer(offer),
            Body::Deal(DealMessage::Order(OrderMessage::Reject { quote: Some(offer), .. })) => {
                open_offer(offer)
            }
            Body::Deal(DealMessage::Order(OrderMessage::Confirm { order, signature })) => {
                open_half(order, signature, Side::Customer).map_or_else(Content::Invalid, Content::Order)
            }
            Body::Deal(DealMessage::Receipt(ReceiptMessage::Issue { receipt, signature, .. })) => {
                open_half(receipt, signature, Side::Vendor).map_or_else(Content::Invalid, Content::Receipt)
            }
            _ => Content::Plain,
        };
        Self { message, content }
    }
}

fn open_offer(offer: &Enclosed<Offer>) -> Content {
    offer.open().map_or(Content::Invalid(RefusalCode::InvalidSignature), Content::Offer)
}

fn open_half<T: bespeak_identity::Agreement>(
    payload: &ByteBuf,
    signature: &ByteBuf,
    side: Side,
) -> Result<Arc<HalfSigned<T>>, RefusalCode> {
    let signature = signature.as_slice().try_into().map_err(|_| RefusalCode::InvalidSignature)?;
    HalfSigned::verify(payload.to_vec(), side, signature)
        .map(Arc::new)
        .map_err(|_| RefusalCode::InvalidSignature)
}

/// What came of adding a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It continued the chain, and so did this many in all, with those that had waited for it.
    Joined(usize),
    /// It waits for its predecessor.
    Parked,
    /// It was there already.
    Known,
}

/// Why a message was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// Not by this side's key, or for another conversation.
    #[error("the message is not of this conversation")]
    NotParty,
    /// The place holds another message, or the link to the one before does not fit. The first one counts.
    #[error("another message stands in that place")]
    Conflict,
    /// Too many messages, or too far ahead.
    #[error("the conversation holds no more messages")]
    Full,
}

/// The messages of one sender.
#[derive(Clone, Debug, Default)]
struct Chain {
    party: Option<PublicKey>,
    entries: Vec<Entry>,
    parked: BTreeMap<u64, Entry>,
    evidence: Vec<Signed<Message>>,
}

/// The log of a conversation.
#[derive(Clone, Debug)]
pub struct Log {
    thread: ThreadId,
    customer: Chain,
    vendor: Chain,
}

impl Log {
    /// An empty log; the customer's key is known once she has introduced herself.
    pub fn new(thread: ThreadId, vendor: PublicKey) -> Self {
        let vendor = Chain { party: Some(vendor), ..Chain::default() };
        Self { thread, customer: Chain::default(), vendor }
    }

    /// The conversation.
    pub const fn thread(&self) -> ThreadId {
        self.thread
    }

    /// The key of a side; the customer's is known once she has introduced herself.
    pub fn party(&self, side: Side) -> Option<PublicKey> {
        self.chain(side).party
    }

    /// The customer's key in this relation.
    pub const fn customer(&self) -> Option<PublicKey> {
        self.customer.party
    }

    /// Learns the customer's key; the first one stays.
    pub fn introduce(&mut self, customer: PublicKey) {
        self.customer.party.get_or_insert(customer);
    }

    /// How many messages of a side are there without a gap.
    pub fn head(&self, side: Side) -> u64 {
        self.chain(side).entries.len() as u64
    }

    /// The last message of a side.
    pub fn last(&self, side: Side) -> Option<&Entry> {
        self.chain(side).entries.last()
    }

    /// The messages of a side after a place.
    pub fn after(&self, side: Side, place: u64) -> &[Entry] {
        let start = usize::try_from(place).unwrap_or(usize::MAX);
        self.chain(side).entries.get(start..).unwrap_or_default()
    }

    /// How many of a side's messages wait for a predecessor.
    pub fn parked(&self, side: Side) -> usize {
        self.chain(side).parked.len()
    }

    /// Messages that contradict the log: proof against their signer.
    pub fn evidence(&self) -> impl Iterator<Item = &Signed<Message>> {
        self.customer.evidence.iter().chain(&self.vendor.evidence)
    }

    /// Adds a message of a side. The same message again has no effect.
    ///
    /// # Errors
    /// When it is not of this conversation, contradicts what is there, or there is no room.
    pub fn add(&mut self, side: Side, entry: Entry) -> Result<Added, LogError> {
        let thread = self.thread;
        let chain = self.chain_mut(side);
        if chain.party != Some(entry.message.iss) || entry.message.thread != thread || entry.message.seq == 0
        {
            return Err(LogError::NotParty);
        }
        chain.add(entry)
    }

    /// Takes back the end of a side's chain, down to so many messages. Only for one's own: what the other side never
    /// got, and another life of the same party said otherwise.
    pub fn rewind(&mut self, side: Side, to: u64) {
        let chain = self.chain_mut(side);
        chain.entries.truncate(usize::try_from(to).unwrap_or(usize::MAX));
        chain.parked.clear();
    }

    /// Both chains in the one order in which both sides read them: a message comes after everything its sender had
    /// seen; where that leaves a choice, the vendor's comes first, because its word is what commits.
    pub fn merged(&self) -> Vec<(Side, &Entry)> {
        let (customer, vendor) = (&self.customer.entries, &self.vendor.entries);
        let (mut said, mut answered) = (0_usize, 0_usize);
        let mut merged = Vec::with_capacity(customer.len() + vendor.len());
        loop {
            if let Some(entry) = vendor.get(answered).filter(|entry| entry.message.seen <= said as u64) {
                merged.push((Side::Vendor, entry));
                answered += 1;
            } else if let Some(entry) =
                customer.get(said).filter(|entry| entry.message.seen <= answered as u64)
            {
                merged.push((Side::Customer, entry));
                said += 1;
            } else {
                return merged;
            }
        }
    }

    fn chain_mut(&mut self, side: Side) -> &mut Chain {
        match side {
            Side::Customer => &mut self.customer,
            Side::Vendor => &mut self.vendor,
        }
    }

    fn chain(&self, side: Side) -> &Chain {
        match side {
            Side::Customer => &self.customer,
            Side::Vendor => &self.vendor,
        }
    }
}

impl Chain {
    fn add(&mut self, entry: Entry) -> Result<Added, LogError> {
        let place = entry.message.seq;
        let head = self.entries.len() as u64;
        if place <= head {
            let there = self.at(place);
            return if there == Some(entry.message.id()) {
                Ok(Added::Known)
            } else {
                self.contradicts(entry)
            };
        }
        if place > head + MAX_PARKED as u64 || place > MAX_CHAIN as u64 {
            return Err(LogError::Full);
        }
        if place > head + 1 {
            return match self.parked.get(&place).map(|parked| parked.message.id()) {
                None => {
                    self.parked.insert(place, entry);
                    Ok(Added::Parked)
                }
                Some(there) if there == entry.message.id() => Ok(Added::Known),
                Some(_) => self.contradicts(entry),
            };
        }
        if !self.continues(&entry) {
            return self.contradicts(entry);
        }
        self.entries.push(entry);
        Ok(Added::Joined(1 + self.unpark()))
    }

    fn at(&self, place: u64) -> Option<RecordId<Message>> {
        let index = usize::try_from(place.checked_sub(1)?).ok()?;
        self.entries.get(index).map(|entry| entry.message.id())
    }

    /// Linked to the one before, and not having seen less than it.
    fn continues(&self, entry: &Entry) -> bool {
        let last = self.entries.last().map(|last| &last.message);
        entry.message.prev == last.map(|last| last.id())
            && last.is_none_or(|last| last.seen <= entry.message.seen)
    }

    fn unpark(&mut self) -> usize {
        let mut joined = 0;
        while let Some(next) = self.parked.remove(&(self.entries.len() as u64 + 1)) {
            if !self.continues(&next) {
                let _ = self.contradicts(next);
                return joined;
            }
            self.entries.push(next);
            joined += 1;
        }
        joined
    }

    fn contradicts(&mut self, entry: Entry) -> Result<Added, LogError> {
        let known = self.evidence.iter().any(|there| there.id() == entry.message.id());
        if !known && self.evidence.len() < MAX_EVIDENCE {
            self.evidence.push(entry.message);
        }
        Err(LogError::Conflict)
    }
}
