//! What two parties have made of their words: a pure fold over the log, the same on both sides.

use bespeak_identity::{RecordId, Side, Signed};
use bespeak_model::{intention::Intention, order::Order, reason::RefusalCode};

use crate::{
    channel::{
        log::{Content, Entry, Log},
        message::{Body, ChatMessage, Message},
    },
    deal::{Deal, DealMessage, OrderMessage, ReceiptMessage},
    offer::{OfferMessage, Offering},
};

/// What both sides know before they say a word.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The intention the conversation is about.
    pub intention: Signed<Intention>,
}

/// The state of a conversation.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    /// The offers.
    pub offering: Offering,
    /// The orders, oldest first; at most one of them is open.
    pub deals: Vec<Deal>,
    /// The talk.
    pub chat: Vec<ChatLine>,
    /// How far each side says it has read the other's messages: the customer, the vendor.
    pub read: [u64; 2],
    /// Every message in the order in which it took effect, and whether it did.
    pub history: Vec<Happened>,
}

/// A line of talk.
#[derive(Clone, Debug)]
pub struct ChatLine {
    /// Who said it.
    pub by: Side,
    /// The message.
    pub message: Signed<Message>,
}

/// What became of a message.
#[derive(Clone, Debug)]
pub struct Happened {
    /// Whose it is.
    pub by: Side,
    /// The message.
    pub message: Signed<Message>,
    /// The order it is about, if any.
    pub order: Option<RecordId<Order>>,
    /// Nothing when it took effect, or why it did not.
    pub refused: Option<RefusalCode>,
}

impl Conversation {
    /// Folds a log. Equal logs give equal states, whatever order their messages came in.
    pub fn fold(facts: &Facts, log: &Log) -> Self {
        let mut state = Self::default();
        let mut heard = 0;
        for (by, entry) in log.merged() {
            let step = state.step(facts, log, by, entry);
            state.deals.iter_mut().for_each(|deal| deal.note_end(by, entry.message.seq));
            if by == Side::Vendor {
                heard = entry.message.seen;
            }
            let order = order_of(entry);
            let refused = step.err();
            state.history.push(Happened { by, message: entry.message.clone(), order, refused });
        }
        state.deals.iter_mut().for_each(|deal| deal.note_heard(heard));
        state
    }

    /// The order that is neither finished nor off.
    pub fn open_deal(&self) -> Option<&Deal> {
        self.deals.iter().find(|deal| deal.is_open())
    }

    /// The deal of an order.
    pub fn deal(&self, order: RecordId<Order>) -> Option<&Deal> {
        self.deals.iter().find(|deal| deal.id == order)
    }

    fn step(&mut self, facts: &Facts, log: &Log, by: Side, entry: &Entry) -> Result<(), RefusalCode> {
        if let Content::Invalid(code) = &entry.content {
            return Err(*code);
        }
        match &entry.message.body {
            Body::Chat(chat) => self.chat(by, chat, entry),
            Body::Offer(message) => self.offer(facts, by, message, entry),
            Body::Deal(DealMessage::Order(OrderMessage::Confirm { .. })) => self.confirm(log, by, entry),
            Body::Deal(message) => self.deal_step(facts, by, message, entry),
        }
    }

    fn chat(&mut self, by: Side, chat: &ChatMessage, entry: &Entry) -> Result<(), RefusalCode> {
        match chat {
            ChatMessage::Text { .. } => self.chat.push(ChatLine { by, message: entry.message.clone() }),
            ChatMessage::Read { up_to } => {
                let read = &mut self.read[usize::from(by == Side::Vendor)];
                *read = (*up_to).max(*read).min(entry.message.seen);
            }
        }
        Ok(())
    }

    fn offer(
        &mut self,
        facts: &Facts,
        by: Side,
        message: &OfferMessage,
        entry: &Entry,
    ) -> Result<(), RefusalCode> {
        let busy = self.open_deal().is_some();
        self.offering.step(&facts.intention, by, message, &entry.content, busy)
    }

    /// Places an order. One that cannot stand is kept as rejected, so that nobody waits for it.
    fn confirm(&mut self, log: &Log, by: Side, entry: &Entry) -> Result<(), RefusalCode> {
        let Content::Order(half) = &entry.content else {
            return Err(RefusalCode::InvalidSignature);
        };
        if by != Side::Customer || log.customer() != Some(half.value().customer) {
            return Err(RefusalCode::NotParty);
        }
        if self.deal(half.id()).is_some() {
            return Err(RefusalCode::Duplicate);
        }
        let stands = if self.open_deal().is_some() {
            Err(RefusalCode::Conflict)
        } else {
            self.offering.can_confirm(half.value())
        };
        self.deals.push(Deal::placed(half, stands));
        stands
    }

    fn deal_step(
        &mut self,
        facts: &Facts,
        by: Side,
        message: &DealMessage,
        entry: &Entry,
    ) -> Result<(), RefusalCode> {
        let id = order_of(entry).ok_or(RefusalCode::NotFound)?;
        let deal = self.deals.iter_mut().find(|deal| deal.id == id).ok_or(RefusalCode::NotFound)?;
        deal.step(by, message, &entry.content, entry.message.at)?;
        if let (DealMessage::Order(OrderMessage::Reject { .. }), Content::Offer(quote)) =
            (message, &entry.content)
        {
            // The refusal stands even if the fresh quote that came with it does not.
            let _ = self.offering.requote(&facts.intention, quote);
        }
        Ok(())
    }
}

/// The order a message is about.
fn order_of(entry: &Entry) -> Option<RecordId<Order>> {
    use crate::deal::{FulfilmentMessage as F, OrderMessage as O, PaymentMessage as P};
    let Body::Deal(message) = &entry.message.body else {
        return None;
    };
    match message {
        DealMessage::Order(O::Confirm { .. }) => match &entry.content {
            Content::Order(half) => Some(half.id()),
            _ => None,
        },
        DealMessage::Order(
            O::Accept { order, .. }
            | O::Reject { order, .. }
            | O::Cancel { order, .. }
            | O::CancelAnswer { order, .. }
            | O::Complete { order },
        )
        | DealMessage::Payment(
            P::Request { order, .. }
            | P::Sent { order, .. }
            | P::Received { order, .. }
            | P::Failed { order, .. },
        )
        | DealMessage::Fulfilment(F::Event { order, .. } | F::Received { order, .. })
        | DealMessage::Receipt(
            ReceiptMessage::Issue { order, .. } | ReceiptMessage::Countersign { order, .. },
        ) => Some(*order),
    }
}
