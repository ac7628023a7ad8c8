//! Filling orders.

use bespeak_identity::{HalfSigned, RecordId, Side, Signed, agreement::sign_half};
use bespeak_model::{
    bounded::Bounded,
    fulfilment::{FulfilmentKind, LineSteps},
    money::Money,
    offer::Offer,
    order::Order,
    payment::PaymentInstruction,
    reason::{Reason, RefusalCode},
    receipt::Receipt,
    time::Time,
};
use bespeak_protocol::{
    channel::message::Body,
    deal::{
        Deal, DealMessage, FulfilmentMessage, Note, OrderMessage, PaymentMessage, Phase, ReceiptMessage,
        guard,
    },
    enclosed::Enclosed,
    thread::ThreadId,
};
use serde_bytes::ByteBuf;

use super::Vendor;
use crate::{
    command::Reply,
    conversations,
    output::{Outputs, Refusal},
    relation::internal,
    show::{lines_with, refuse_act},
};

impl Vendor {
    fn deal(&self, order: RecordId<Order>) -> Result<(ThreadId, &Deal), Refusal> {
        let thread = conversations::thread_of_order(&self.relations, order)?;
        Ok((thread, self.relation(thread)?.deal(order)?))
    }

    /// Accepts: the vendor's signature makes the agreement.
    pub(super) fn accept(
        &mut self,
        order: RecordId<Order>,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let (thread, deal) = self.deal(order)?;
        guard::can_accept(deal).map_err(|code| refuse_act(code, &waits(deal)))?;
        let both = deal.half().countersign(&self.key).map_err(|error| internal(&error))?;
        let signature = ByteBuf::from(both.signature(Side::Vendor).as_slice());
        self.tell(thread, DealMessage::Order(OrderMessage::Accept { order, signature }), now, out)
    }

    pub(super) fn reject(
        &mut self,
        order: RecordId<Order>,
        reason: Reason,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let (thread, deal) = self.deal(order)?;
        guard::can_reject(deal).map_err(|code| refuse_act(code, &waits(deal)))?;
        let offering = &self.relation(thread)?.state.offering;
        let lapsed = offering.current().is_some_and(|quote| quote.valid_until <= now);
        let code = match reason {
            Reason::OutOfStock => RefusalCode::QuantityUnavailable,
            Reason::TermsNotAccepted => RefusalCode::TermsRequired,
            Reason::PaymentOptions => RefusalCode::PaymentUnsupported,
            _ if lapsed => RefusalCode::QuoteExpired,
            _ => RefusalCode::Blocked,
        };
        // Time alone was in the way: the same is offered again.
        let again = (code == RefusalCode::QuoteExpired && reason == Reason::Other)
            .then(|| offering.current().cloned());
        let quote = match again.flatten() {
            Some(lapsed) => Some(Enclosed::new(&self.quote_again(&lapsed, now)?)),
            None => None,
        };
        self.tell(thread, DealMessage::Order(OrderMessage::Reject { order, code, reason, quote }), now, out)
    }

    /// The same offer for as long again.
    fn quote_again(&mut self, lapsed: &Signed<Offer>, now: Time) -> Result<Signed<Offer>, Refusal> {
        let fresh = Offer {
            nonce: self.entropy.nonce(),
            replaces: Some(lapsed.id()),
            valid_until: now.saturating_add(lapsed.valid_until.seconds_since(lapsed.at)),
            at: now,
            ..Offer::clone(lapsed)
        };
        Signed::sign(fresh, &self.key).map_err(|error| internal(&error))
    }

    pub(super) fn request_payment(
        &mut self,
        order: RecordId<Order>,
        instructions: Vec<PaymentInstruction>,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let (thread, deal) = self.deal(order)?;
        guard::can_request_payment(deal)
            .map_err(|code| refuse_act(code, "the order is not accepted, or is paid already"))?;
        let amount = deal.order.total;
        let instructions = Bounded::new(instructions).map_err(|error| {
            Refusal::new(RefusalCode::PaymentUnsupported, format!("ways to pay: {error}"))
        })?;
        self.tell(
            thread,
            DealMessage::Payment(PaymentMessage::Request { order, amount, instructions }),
            now,
            out,
        )
    }

    pub(super) fn payment_received(
        &mut self,
        order: RecordId<Order>,
        amount: Option<Money>,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let (thread, deal) = self.deal(order)?;
        guard::can_confirm_payment(deal)
            .map_err(|code| refuse_act(code, "the order is not accepted, or is paid already"))?;
        let amount = amount.unwrap_or(deal.order.total);
        if amount.currency() != deal.order.total.currency() || amount.amount() <= 0 {
            let detail = format!("say how much came in {}, above zero", deal.order.total.currency());
            return Err(Refusal::new(RefusalCode::QuoteMismatch, detail));
        }
        self.tell(thread, DealMessage::Payment(PaymentMessage::Received { order, amount }), now, out)
    }

    pub(super) fn payment_failed(
        &mut self,
        order: RecordId<Order>,
        detail: Option<Note>,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let (thread, deal) = self.deal(order)?;
        guard::can_fail_payment(deal).map_err(|code| refuse_act(code, "no payment is on its way"))?;
        self.tell(thread, DealMessage::Payment(PaymentMessage::Failed { order, detail }), now, out)
    }

    pub(super) fn fulfil(
        &mut self,
        order: RecordId<Order>,
        lines: Vec<LineSteps>,
        event: FulfilmentKind,
        note: Option<Note>,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let (thread, deal) = self.deal(order)?;
        guard::can_fulfil(deal).map_err(|code| {
            refuse_act(code, "the order is not accepted or is over, or payment comes first")
        })?;
        let lines = if lines.is_empty() { meant_by(deal, event) } else { lines };
        if lines.is_empty() {
            let detail =
                format!("nothing is left that could be {}; name the lines it happened to", event.as_str());
            return Err(Refusal::new(RefusalCode::QuantityUnavailable, detail));
        }
        guard::can_fulfil_lines(deal, event, &lines).map_err(|code| {
            refuse_act(code, "a line is unknown, named twice, or gets more than was ordered")
        })?;
        let lines = Bounded::new(lines).map_err(|error| internal(&error))?;
        let event = FulfilmentMessage::Event { order, event, lines, note };
        self.tell(thread, DealMessage::Fulfilment(event), now, out)
    }

    fn tell(
        &mut self,
        thread: ThreadId,
        message: DealMessage,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        self.say(thread, Body::Deal(message), now, out)
    }

    /// Says of every order that the customer called off, or that could not stand, that this vendor has heard of it: until
    /// then she may not order the same elsewhere, because an acceptance could be under way.
    pub(super) fn answer_ends(&mut self, now: Time, out: &mut Outputs) {
        let mut due = Vec::new();
        for relation in self.relations.values() {
            let unheard = relation.state.deals.iter().filter(|deal| deal.unheard);
            due.extend(unheard.filter_map(|deal| Some((relation.thread, end_of(deal)?))));
        }
        for (thread, message) in due {
            let _ = self.tell(thread, DealMessage::Order(message), now, out);
        }
    }

    /// Writes the receipt of every order that is done and paid.
    pub(super) fn issue_receipts(&mut self, now: Time, out: &mut Outputs) {
        let mut due = Vec::new();
        for relation in self.relations.values() {
            for deal in relation.state.deals.iter().filter(|deal| guard::can_issue_receipt(deal).is_ok()) {
                due.push((relation.thread, deal.id));
            }
        }
        for (thread, order) in due {
            if let Some(message) = self.write_receipt(order, now) {
                let _ = self.tell(thread, DealMessage::Receipt(message), now, out);
            }
        }
    }

    fn write_receipt(&mut self, order: RecordId<Order>, now: Time) -> Option<ReceiptMessage> {
        let nonce = self.entropy.nonce();
        let (_, deal) = self.deal(order).ok()?;
        let receipt = Receipt {
            customer: deal.order.customer,
            vendor: deal.order.vendor,
            nonce,
            net: deal.order.net.clone(),
            order,
            lines: deal.receipt_lines()?,
            total: deal.paid.unwrap_or(deal.order.total),
            issued_at: now,
        };
        let half: HalfSigned<Receipt> = sign_half(receipt, &self.key).ok()?;
        let signature = ByteBuf::from(half.signature().as_slice());
        Some(ReceiptMessage::Issue { order, receipt: ByteBuf::from(half.payload()), signature })
    }
}

/// What is to be said of an order that ended by a word of the customer's.
fn end_of(deal: &Deal) -> Option<OrderMessage> {
    let order = deal.id;
    match deal.phase {
        Phase::Cancelled { by: Side::Customer, .. } => {
            let attempt = deal.last_attempt(Side::Customer);
            Some(OrderMessage::CancelAnswer { order, attempt, agreed: true })
        }
        Phase::Rejected { code, reason: None } => {
            Some(OrderMessage::Reject { order, code, reason: Reason::Other, quote: None })
        }
        _ => None,
    }
}

/// The goods an event is about when no lines are named: of `shipped` all that was not handed over yet, of any other what
/// is under way, or, when nothing is, all that has not arrived.
fn meant_by(deal: &Deal, event: FulfilmentKind) -> Vec<LineSteps> {
    if event.ships() {
        return lines_with(deal, |line| line.ordered.saturating_sub(line.fulfilled()));
    }
    let under_way = lines_with(deal, |line| line.shipped.saturating_sub(line.arrived()));
    if under_way.is_empty() {
        lines_with(deal, |line| line.ordered.saturating_sub(line.arrived()))
    } else {
        under_way
    }
}

fn waits(deal: &Deal) -> String {
    match deal.phase {
        Phase::Accepted => "the order is accepted already".to_owned(),
        Phase::Cancelled { .. } => "the order was cancelled".to_owned(),
        Phase::Rejected { code, .. } => format!("the order was rejected ({code})"),
        _ => "the order is not waiting for it".to_owned(),
    }
}
