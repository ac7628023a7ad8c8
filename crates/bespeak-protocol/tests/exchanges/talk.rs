//! A conversation between a customer and a vendor, each with a log of its own and messages under way between them.

use bespeak_identity::{Agreement, Side, Signed, agreement::sign_half};
use bespeak_model::{
    fulfilment::{FulfilmentKind, LineSteps},
    offer::{Offer, OfferLine, sum},
    order::Order,
    reason::{Reason, RefusalCode},
    receipt::Receipt,
};
use bespeak_protocol::{
    channel::{
        log::{Added, Entry, Log},
        message::{Body, ChatMessage, Message},
    },
    conversation::{Conversation, Facts},
    deal::{Deal, DealMessage, FulfilmentMessage, OrderMessage, PaymentMessage, ReceiptMessage},
    enclosed::Enclosed,
    offer::OfferMessage,
    thread::ThreadId,
};
use serde_bytes::ByteBuf;

use crate::common::*;

pub(crate) const BOTH: [Side; 2] = [Side::Customer, Side::Vendor];

/// Both ends of a conversation.
pub(crate) struct Talk {
    pub(crate) facts: Facts,
    thread: ThreadId,
    logs: [Log; 2],
    pub(crate) said: [Vec<Signed<Message>>; 2],
}

fn index(side: Side) -> usize {
    usize::from(side == Side::Vendor)
}

fn seed(side: Side) -> u8 {
    if side == Side::Customer { CUSTOMER } else { VENDOR }
}

impl Talk {
    /// The vendor has made its offer, and both know of it and of each other.
    pub(crate) fn new() -> Self {
        Self::about(quote())
    }

    pub(crate) fn about(quote: Offer) -> Self {
        let first = signed(quote, VENDOR);
        let thread = ThreadId::opened_by(first.id());
        let log = empty_log(thread);
        let facts = Facts { intention: intention() };
        let mut talk = Self { facts, thread, logs: [log.clone(), log], said: Default::default() };
        talk.say(Side::Vendor, Body::Offer(OfferMessage::Submit { offer: Enclosed::new(&first) }));
        talk.meet();
        talk
    }

    pub(crate) fn log(&self, side: Side) -> &Log {
        &self.logs[index(side)]
    }

    /// What a side makes of all that it has heard and said.
    pub(crate) fn view(&self, side: Side) -> Conversation {
        Conversation::fold(&self.facts, self.log(side))
    }

    /// The next message of a side, not yet said.
    pub(crate) fn next(&self, by: Side, body: Body) -> Message {
        let own = &self.said[index(by)];
        let number = 1000 + 2 * own.len() as u64 + index(by) as u64;
        Message {
            iss: party(seed(by)),
            nonce: nonce(number),
            net: net(),
            thread: self.thread,
            seq: own.len() as u64 + 1,
            prev: own.last().map(Signed::id),
            seen: self.log(by).head(by.other()),
            answers: None,
            at: later(number),
            body,
        }
    }

    /// A side says something; the other has not heard it yet.
    pub(crate) fn say(&mut self, by: Side, body: Body) -> Signed<Message> {
        let message = signed(self.next(by, body), seed(by));
        let added = self.logs[index(by)].add(by, Entry::new(message.clone())).unwrap();
        assert_eq!(added, Added::Joined(1));
        self.said[index(by)].push(message.clone());
        message
    }

    /// A side hears at most so many of the other's messages.
    pub(crate) fn hear(&mut self, by: Side, most: usize) {
        let other = by.other();
        let known = usize::try_from(self.log(by).head(other)).unwrap();
        for message in self.said[index(other)].clone().into_iter().skip(known).take(most) {
            self.logs[index(by)].add(other, Entry::new(message)).unwrap();
        }
    }

    /// Both hear everything.
    pub(crate) fn meet(&mut self) {
        BOTH.into_iter().for_each(|side| self.hear(side, usize::MAX));
    }

    /// A side says something and the other hears it; returns why it had no effect, if it had none.
    pub(crate) fn tell(&mut self, by: Side, body: Body) -> Option<RefusalCode> {
        self.say(by, body);
        self.meet();
        let outcomes = BOTH.map(|side| self.view(side).history.last().unwrap().refused);
        assert_eq!(outcomes[0], outcomes[1]);
        outcomes[0]
    }

    /// As [`Talk::tell`], of something that has its effect.
    pub(crate) fn does(&mut self, by: Side, body: Body) {
        assert_eq!(self.tell(by, body), None);
    }

    /// The customer has ordered and the vendor has accepted.
    pub(crate) fn accepted() -> Self {
        let mut talk = Self::new();
        talk.does(Side::Customer, confirm(&talk, false));
        talk.does(Side::Vendor, accept(&talk.deal()));
        talk
    }

    /// The newest order, once both know the same.
    pub(crate) fn deal(&self) -> Deal {
        self.view(Side::Vendor).deals.pop().unwrap()
    }

    /// The newest offer, as a side knows it.
    pub(crate) fn current(&self, by: Side) -> Signed<Offer> {
        self.view(by).offering.current().unwrap().clone()
    }

    /// All messages with their senders, as they lie about.
    pub(crate) fn all(&self) -> Vec<(Side, Signed<Message>)> {
        let of = |side: Side| self.said[index(side)].iter().map(move |message| (side, message.clone()));
        of(Side::Customer).chain(of(Side::Vendor)).collect()
    }
}

pub(crate) fn empty_log(thread: ThreadId) -> Log {
    let mut log = Log::new(thread, party(VENDOR));
    log.introduce(party(CUSTOMER));
    log
}

pub(crate) fn chat(words: &str) -> Body {
    Body::Chat(ChatMessage::Text { text: text(words) })
}

pub(crate) fn order(message: OrderMessage) -> Body {
    Body::Deal(DealMessage::Order(message))
}

pub(crate) fn payment(message: PaymentMessage) -> Body {
    Body::Deal(DealMessage::Payment(message))
}

pub(crate) fn goods(message: FulfilmentMessage) -> Body {
    Body::Deal(DealMessage::Fulfilment(message))
}

pub(crate) fn receipt(message: ReceiptMessage) -> Body {
    Body::Deal(DealMessage::Receipt(message))
}

/// The vendor's next offer, of the same lines at another price for the first.
pub(crate) fn revision(talk: &Talk, first_line: i64) -> Signed<Offer> {
    let current = talk.current(Side::Vendor);
    let mut lines = current.lines.to_vec();
    lines[0].amount = euros(first_line);
    let total = sum(&lines, current.delivery.as_ref(), &current.total).unwrap();
    let number = nonce(5000 + talk.said[1].len() as u64);
    let offer = Offer {
        nonce: number,
        replaces: Some(current.id()),
        lines: many(lines),
        total,
        ..current.value().clone()
    };
    signed(offer, VENDOR)
}

pub(crate) fn revise(talk: &Talk, first_line: i64) -> Body {
    Body::Offer(OfferMessage::Revise { offer: Enclosed::new(&revision(talk, first_line)) })
}

/// An order of the offer that the customer knows, perhaps with the alternative for its first line.
pub(crate) fn order_of(talk: &Talk, alternative: bool) -> Order {
    let quote = talk.current(Side::Customer);
    let mut lines: Vec<OfferLine> = quote.lines.to_vec();
    if alternative {
        lines[0] = quote.alternatives[0].clone();
    }
    Order {
        customer: party(CUSTOMER),
        vendor: party(VENDOR),
        nonce: nonce(6000 + talk.said[0].len() as u64),
        net: net(),
        intention: quote.intention,
        quote: quote.id(),
        total: sum(&lines, quote.delivery.as_ref(), &quote.total).unwrap(),
        lines: many(lines),
        delivery: quote.delivery,
        terms: quote.terms,
        payment: quote.payment,
        placed_at: later(500),
    }
}

pub(crate) fn confirm_of(document: Order) -> Body {
    let half = sign_half(document, &key(CUSTOMER)).unwrap();
    let signature = ByteBuf::from(half.signature().to_vec());
    order(OrderMessage::Confirm { order: ByteBuf::from(half.payload().to_vec()), signature })
}

pub(crate) fn confirm(talk: &Talk, alternative: bool) -> Body {
    confirm_of(order_of(talk, alternative))
}

pub(crate) fn accept(deal: &Deal) -> Body {
    let both = deal.half().countersign(&key(VENDOR)).unwrap();
    let signature = ByteBuf::from(both.signature(Side::Vendor).to_vec());
    order(OrderMessage::Accept { order: deal.id, signature })
}

pub(crate) fn reject(deal: &Deal) -> Body {
    let (code, reason) = (RefusalCode::QuantityUnavailable, Reason::OutOfStock);
    order(OrderMessage::Reject { order: deal.id, code, reason, quote: None })
}

pub(crate) fn cancel(deal: &Deal, by: Side) -> Body {
    let (attempt, reason) = (deal.next_attempt(by), Reason::ChangedMind);
    order(OrderMessage::Cancel { order: deal.id, attempt, reason })
}

/// Answers the other side's last request to cancel.
pub(crate) fn answer_cancel(deal: &Deal, by: Side, agreed: bool) -> Body {
    let attempt = deal.next_attempt(by.other()).saturating_sub(1);
    order(OrderMessage::CancelAnswer { order: deal.id, attempt, agreed })
}

pub(crate) fn request_payment(deal: &Deal) -> Body {
    let instructions = many(vec!["payto://iban/DE75512108001245126199".parse().unwrap()]);
    payment(PaymentMessage::Request { order: deal.id, amount: deal.order.total, instructions })
}

pub(crate) fn money_came(deal: &Deal, minor: i64) -> Body {
    payment(PaymentMessage::Received { order: deal.id, amount: euros(minor) })
}

pub(crate) fn happened(deal: &Deal, event: FulfilmentKind, lines: &[(u8, u64)]) -> Body {
    goods(FulfilmentMessage::Event { order: deal.id, event, lines: steps(lines), note: None })
}

pub(crate) fn in_her_hands(deal: &Deal, lines: &[(u8, u64)]) -> Body {
    goods(FulfilmentMessage::Received { order: deal.id, lines: steps(lines) })
}

fn steps(lines: &[(u8, u64)]) -> bespeak_model::bounded::Bounded<LineSteps, 1, 20> {
    many(lines.iter().map(|&(line, steps)| LineSteps { line, steps }).collect())
}

pub(crate) fn complete(deal: &Deal) -> Body {
    order(OrderMessage::Complete { order: deal.id })
}

/// The receipt that the vendor would write, if everything was handed over.
pub(crate) fn receipt_of(deal: &Deal) -> Option<Receipt> {
    Some(Receipt {
        customer: *deal.order.customer(),
        vendor: *deal.order.vendor(),
        nonce: nonce(7000),
        net: net(),
        order: deal.id,
        lines: deal.receipt_lines()?,
        total: deal.paid.unwrap_or(deal.order.total),
        issued_at: later(900),
    })
}

pub(crate) fn issue(deal: &Deal, document: Receipt) -> Body {
    let half = sign_half(document, &key(VENDOR)).unwrap();
    let signature = ByteBuf::from(half.signature().to_vec());
    receipt(ReceiptMessage::Issue {
        order: deal.id,
        receipt: ByteBuf::from(half.payload().to_vec()),
        signature,
    })
}

pub(crate) fn countersign(deal: &Deal, document: Receipt) -> Body {
    let half = sign_half(document, &key(VENDOR)).unwrap();
    let receipt_id = half.id();
    let both = half.countersign(&key(CUSTOMER)).unwrap();
    let signature = ByteBuf::from(both.signature(Side::Customer).to_vec());
    receipt(ReceiptMessage::Countersign { order: deal.id, receipt: receipt_id, signature })
}

/// Something that a side might say, sensible or not, as chance has it.
pub(crate) fn by_chance(talk: &Talk, by: Side, verb: u8, amount: u8) -> Body {
    let view = talk.view(by);
    let even = amount.is_multiple_of(2);
    let Some(current) = view.offering.current().map(Signed::id) else { return chat("Hello?") };
    let Some(deal) = view.deals.last() else { return before_an_order(talk, by, verb, amount) };
    let line = (amount % 3, u64::from(amount % 4));
    match (by, verb % 12) {
        (_, 0) => chat("Well."),
        (_, 1) => before_an_order(talk, by, verb / 12, amount),
        (_, 2) => cancel(deal, by),
        (_, 3) => answer_cancel(deal, by, even),
        (_, 4) => complete(deal),
        (Side::Customer, 5..=6) => confirm(talk, even),
        (Side::Customer, 7..=8) => payment(PaymentMessage::Sent { order: deal.id, proof: None }),
        (Side::Customer, 9..=10) => in_her_hands(deal, &[line]),
        (Side::Customer, _) => receipt_of(deal).map_or_else(|| chat("No?"), |paper| countersign(deal, paper)),
        (Side::Vendor, 5) => accept(deal),
        (Side::Vendor, 6) => reject(deal),
        (Side::Vendor, 7) => request_payment(deal),
        (Side::Vendor, 8) => money_came(deal, if even { deal.order.total.amount() } else { 100 }),
        (Side::Vendor, 9) => happened(deal, FulfilmentKind::ALL[usize::from(amount) % 6].0, &[line]),
        (Side::Vendor, 10) => receipt_of(deal).map_or_else(|| chat("No."), |paper| issue(deal, paper)),
        (Side::Vendor, _) => Body::Offer(OfferMessage::Withdraw { offer: current }),
    }
}

fn before_an_order(talk: &Talk, by: Side, verb: u8, amount: u8) -> Body {
    let current = talk.current(by).id();
    match (by, verb % 4) {
        (Side::Vendor, 0) => revise(talk, i64::from(amount) * 100),
        (Side::Vendor, 1) => Body::Offer(OfferMessage::Withdraw { offer: current }),
        (Side::Vendor, 2) if amount > 200 => Body::Offer(OfferMessage::Pass {}),
        (Side::Vendor, _) => Body::Chat(ChatMessage::Read { up_to: u64::from(amount) }),
        (Side::Customer, 0) => {
            let (total, text) = (euros(i64::from(amount)), None);
            Body::Offer(OfferMessage::Counter { offer: current, total, text })
        }
        (Side::Customer, 1) if amount > 200 => {
            Body::Offer(OfferMessage::Decline { offer: current, reason: Reason::Price })
        }
        (Side::Customer, _) => confirm(talk, amount.is_multiple_of(2)),
    }
}
