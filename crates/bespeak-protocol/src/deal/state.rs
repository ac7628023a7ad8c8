//! Where an order stands: separate regions for phase, cancellation, payment, goods and receipt.

use std::sync::Arc;

use bespeak_identity::{CoSigned, HalfSigned, RecordId, Side};
use bespeak_model::{
    bounded::Bounded,
    fulfilment::{FulfilmentKind, LineSteps},
    money::Money,
    order::Order,
    payment::PaymentInstruction,
    quantity::Quantity,
    reason::{Reason, RefusalCode},
    receipt::{Receipt, ReceiptLine},
    time::Time,
};

use super::{
    guard,
    message::{DealMessage, FulfilmentMessage, Note, OrderMessage, PaymentMessage, ReceiptMessage},
};
use crate::channel::log::Content;

/// An order, as both sides see it.
///
/// ```text
/// phase:    placed ──accept──▶ accepted ──complete──▶ completed
///             ├─reject─▶ rejected   └─cancel, agreed─▶ cancelled
///             └─cancel by the customer─▶ cancelled ──noted by the vendor──▶ (what it took is free)
/// payment:  none ─▶ requested ─▶ sent ─▶ received     (failed ─▶ requested, sent)
/// receipt:  none ─▶ issued ─▶ signed by both
/// ```
#[derive(Clone, Debug)]
pub struct Deal {
    /// The order's id, from its payload.
    pub id: RecordId<Order>,
    /// The order.
    pub order: Order,
    /// How far it is.
    pub phase: Phase,
    /// A request to cancel it.
    pub cancel: Cancel,
    /// Where the money is.
    pub payment: Payment,
    /// The ways to pay that the vendor signed last.
    pub instructions: Vec<PaymentInstruction>,
    /// How much the vendor says came in all.
    pub paid: Option<Money>,
    /// The customer says she paid, and the vendor has not said since that it failed.
    pub said_paid: bool,
    /// Who said that it is done.
    pub completed_by: Option<Side>,
    /// What became of each line.
    pub lines: Vec<LineState>,
    /// What happened to goods, in order.
    pub events: Vec<DealEvent>,
    /// Its receipt.
    pub receipt: ReceiptState,
    /// The order, signed by both, once the vendor accepted.
    pub agreement: Option<CoSigned<Order>>,
    /// It ended by a word of the customer's that the vendor had not seen when it last spoke: one of the vendor's that
    /// is under way can still make it hold, so that what it takes is not free yet.
    pub unheard: bool,
    half: Arc<HalfSigned<Order>>,
    attempts: [u32; 2],
    ended: Option<(Side, u64)>,
}

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The customer signed; the vendor has not answered.
    Placed,
    /// It binds both.
    Accepted,
    /// It is done.
    Completed,
    /// It never came to be.
    Rejected {
        /// Why, for programs.
        code: RefusalCode,
        /// Why, for people; absent when the order could not stand by itself.
        reason: Option<Reason>,
    },
    /// It was called off.
    Cancelled {
        /// Who wanted it.
        by: Side,
        /// Why.
        reason: Reason,
    },
}

/// A request to cancel what was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancel {
    /// None.
    None,
    /// One side asks.
    Asked {
        /// Who.
        by: Side,
        /// The how-manieth time.
        attempt: u32,
        /// Why.
        reason: Reason,
    },
    /// The other side said no.
    Refused {
        /// Who had asked.
        by: Side,
    },
}

/// Where the money is, as the two say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payment {
    /// Nothing was asked for.
    None,
    /// The vendor said how to pay.
    Requested,
    /// The customer says she paid.
    Sent,
    /// The vendor says money came; how much is with the deal.
    Received,
    /// The vendor says it did not work.
    Failed,
}

/// What became of one line, in steps of its quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineState {
    /// Ordered.
    pub ordered: u64,
    /// Said to have left the vendor.
    pub shipped: u64,
    /// Said to have reached the customer, by the vendor.
    pub delivered: u64,
    /// The same, by the customer.
    pub received: u64,
}

/// Something that happened to goods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DealEvent {
    /// When, by the vendor's clock.
    pub at: Time,
    /// What.
    pub event: FulfilmentKind,
    /// To what.
    pub lines: Vec<LineSteps>,
    /// A word.
    pub note: Option<Note>,
}

/// An order's receipt.
#[derive(Clone, Debug)]
pub enum ReceiptState {
    /// There is none.
    None,
    /// The vendor signed it.
    Issued(Arc<HalfSigned<Receipt>>),
    /// Both did.
    Signed(CoSigned<Receipt>),
}

impl LineState {
    /// How much was handed over, by whoever says most.
    pub fn fulfilled(&self) -> u64 {
        self.shipped.max(self.arrived())
    }

    /// How much is in the customer's hands, by whoever says most.
    pub fn arrived(&self) -> u64 {
        self.delivered.max(self.received)
    }
}

impl Deal {
    pub(crate) fn placed(half: &Arc<HalfSigned<Order>>, stands: Result<(), RefusalCode>) -> Self {
        let order = half.value().clone();
        let phase = stands.err().map_or(Phase::Placed, |code| Phase::Rejected { code, reason: None });
        let line = |ordered| LineState { ordered, shipped: 0, delivered: 0, received: 0 };
        Self {
            id: half.id(),
            phase,
            cancel: Cancel::None,
            payment: Payment::None,
            instructions: Vec::new(),
            paid: None,
            said_paid: false,
            completed_by: None,
            lines: order.lines.iter().map(|item| line(item.quantity.steps())).collect(),
            events: Vec::new(),
            receipt: ReceiptState::None,
            agreement: None,
            unheard: false,
            half: Arc::clone(half),
            attempts: [0; 2],
            ended: None,
            order,
        }
    }

    /// The order as the customer signed it.
    pub fn half(&self) -> HalfSigned<Order> {
        HalfSigned::clone(&self.half)
    }

    /// Whether it waits, or binds and is not done.
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Placed | Phase::Accepted)
    }

    /// Whether what it takes from the wish is taken: it waits, binds, or is done.
    pub fn holds(&self) -> bool {
        self.is_open() || self.phase == Phase::Completed
    }

    /// Whether what it takes from the wish is taken, or may turn out to be: a customer who orders it elsewhere before
    /// the vendor has heard that this order is off may end with both.
    pub fn takes(&self) -> bool {
        self.holds() || self.unheard
    }

    /// The number of this side's last request to cancel; 0 when there was none.
    pub fn last_attempt(&self, by: Side) -> u32 {
        self.attempts[usize::from(by == Side::Vendor)]
    }

    /// Notes after each message which one ended it, if it has ended: that message's sender and place.
    pub(crate) fn note_end(&mut self, by: Side, place: u64) {
        if self.holds() {
            self.ended = None;
        } else {
            self.ended.get_or_insert((by, place));
        }
    }

    /// Notes at the end of the log how many of the customer's messages the vendor had seen when it last spoke.
    pub(crate) fn note_heard(&mut self, heard: u64) {
        self.unheard = self.ended.is_some_and(|(by, place)| by == Side::Customer && place > heard);
    }

    /// Whether both are bound by it.
    pub fn binds(&self) -> bool {
        matches!(self.phase, Phase::Accepted | Phase::Completed)
    }

    /// Whether everything was paid.
    pub fn is_settled(&self) -> bool {
        self.order.total.is_zero() || self.paid.is_some_and(|paid| paid.amount() >= self.order.total.amount())
    }

    /// Whether everything was handed over.
    pub fn is_fulfilled(&self) -> bool {
        self.lines.iter().all(|line| line.fulfilled() >= line.ordered)
    }

    /// Whether a receipt says no more than the customer's own words and the reports she has let stand: she said she paid,
    /// what came is what was due, and all of it is said to be in her hands, or is done by her own word.
    pub fn is_vouched_for(&self) -> bool {
        let total = self.order.total;
        let paid = total.is_zero() || (self.said_paid && self.paid == Some(total));
        let arrived = self.lines.iter().all(|line| line.arrived() >= line.ordered);
        paid && (arrived || self.completed_by == Some(Side::Customer))
    }

    /// The number of this side's next request to cancel.
    pub fn next_attempt(&self, by: Side) -> u32 {
        self.last_attempt(by).saturating_add(1)
    }

    /// What a receipt of this deal must say, besides its nonce and time.
    pub fn receipt_lines(&self) -> Option<Bounded<ReceiptLine, 1, { bespeak_model::intention::MAX_LINES }>> {
        let line = |(item, state): (&bespeak_model::offer::OfferLine, &LineState)| {
            let quantity =
                Quantity::new(state.fulfilled(), item.quantity.scale(), item.quantity.unit()).ok()?;
            Some(ReceiptLine {
                name: item.name.clone(),
                sku: item.sku.clone(),
                quantity,
                amount: item.amount,
            })
        };
        let lines: Option<Vec<_>> = self.order.lines.iter().zip(&self.lines).map(line).collect();
        Bounded::new(lines?).ok()
    }

    pub(crate) fn step(
        &mut self,
        by: Side,
        message: &DealMessage,
        content: &Content,
        at: Time,
    ) -> Result<(), RefusalCode> {
        match message {
            DealMessage::Order(message) => self.order(by, message),
            DealMessage::Payment(message) => self.payment(by, message),
            DealMessage::Fulfilment(message) => self.fulfilment(by, message, at),
            DealMessage::Receipt(message) => self.receipt(by, message, content),
        }
    }

    fn order(&mut self, by: Side, message: &OrderMessage) -> Result<(), RefusalCode> {
        match message {
            OrderMessage::Confirm { .. } => Err(RefusalCode::Duplicate),
            OrderMessage::Accept { signature, .. } => {
                only(by, Side::Vendor)?;
                guard::can_accept(self)?;
                let signature = signature.as_slice().try_into().map_err(|_| RefusalCode::InvalidSignature)?;
                let both = HalfSigned::clone(&self.half).complete(signature);
                self.agreement = Some(both.map_err(|_| RefusalCode::InvalidSignature)?);
                self.phase = Phase::Accepted;
                Ok(())
            }
            OrderMessage::Reject { code, reason, .. } => {
                only(by, Side::Vendor)?;
                guard::can_reject(self)?;
                let code = match self.phase {
                    Phase::Rejected { code, .. } => code,
                    _ => *code,
                };
                self.phase = Phase::Rejected { code, reason: Some(*reason) };
                Ok(())
            }
            OrderMessage::Cancel { attempt, reason, .. } => self.cancel(by, *attempt, *reason),
            OrderMessage::CancelAnswer { attempt, agreed, .. } => self.answer_cancel(by, *attempt, *agreed),
            OrderMessage::Complete { .. } => {
                guard::can_complete(self, by)?;
                self.phase = Phase::Completed;
                self.completed_by = Some(by);
                self.cancel = Cancel::None;
                Ok(())
            }
        }
    }

    fn cancel(&mut self, by: Side, attempt: u32, reason: Reason) -> Result<(), RefusalCode> {
        guard::can_cancel(self, by)?;
        if attempt != self.next_attempt(by) {
            return Err(RefusalCode::Duplicate);
        }
        self.attempts[usize::from(by == Side::Vendor)] = attempt;
        let other_asked = matches!(self.cancel, Cancel::Asked { .. });
        if self.phase == Phase::Placed || other_asked {
            self.phase = Phase::Cancelled { by, reason };
            self.cancel = Cancel::None;
        } else {
            self.cancel = Cancel::Asked { by, attempt, reason };
        }
        Ok(())
    }

    fn answer_cancel(&mut self, by: Side, answered: u32, agreed: bool) -> Result<(), RefusalCode> {
        if agreed && answered == self.last_attempt(by.other()) && guard::can_note_cancel(self, by).is_ok() {
            return Ok(());
        }
        guard::can_answer_cancel(self, by)?;
        match self.cancel {
            Cancel::Asked { by: asker, attempt, reason } if attempt == answered => {
                if agreed {
                    self.phase = Phase::Cancelled { by: asker, reason };
                    self.cancel = Cancel::None;
                } else {
                    self.cancel = Cancel::Refused { by: asker };
                }
                Ok(())
            }
            _ => Err(RefusalCode::NotFound),
        }
    }

    fn payment(&mut self, by: Side, message: &PaymentMessage) -> Result<(), RefusalCode> {
        let whose =
            if matches!(message, PaymentMessage::Sent { .. }) { Side::Customer } else { Side::Vendor };
        only(by, whose)?;
        match message {
            PaymentMessage::Request { amount, instructions, .. } => {
                guard::can_request_payment(self)?;
                if *amount != self.order.total {
                    return Err(RefusalCode::QuoteMismatch);
                }
                self.instructions = instructions.to_vec();
                self.payment = Payment::Requested;
            }
            PaymentMessage::Sent { .. } => {
                guard::can_say_paid(self)?;
                self.payment = Payment::Sent;
                self.said_paid = true;
            }
            PaymentMessage::Received { amount, .. } => {
                guard::can_confirm_payment(self)?;
                if amount.currency() != self.order.total.currency() || amount.amount() <= 0 {
                    return Err(RefusalCode::QuoteMismatch);
                }
                self.paid = Some(*amount);
                self.payment = Payment::Received;
            }
            PaymentMessage::Failed { .. } => {
                guard::can_fail_payment(self)?;
                self.payment = Payment::Failed;
                self.said_paid = false;
            }
        }
        Ok(())
    }

    fn fulfilment(&mut self, by: Side, message: &FulfilmentMessage, at: Time) -> Result<(), RefusalCode> {
        match message {
            FulfilmentMessage::Event { event, lines, note, .. } => {
                only(by, Side::Vendor)?;
                guard::can_fulfil_lines(self, *event, lines)?;
                for (state, steps) in self.touched(lines) {
                    if event.ships() {
                        state.shipped += steps;
                    } else if event.delivers() {
                        state.delivered += steps;
                    }
                }
                self.events.push(DealEvent { at, event: *event, lines: lines.to_vec(), note: note.clone() });
            }
            FulfilmentMessage::Received { lines, .. } => {
                only(by, Side::Customer)?;
                guard::can_receive_lines(self, lines)?;
                for (state, steps) in self.touched(lines) {
                    state.received += steps;
                }
            }
        }
        Ok(())
    }

    fn touched<'a>(&'a mut self, lines: &'a [LineSteps]) -> impl Iterator<Item = (&'a mut LineState, u64)> {
        self.lines.iter_mut().enumerate().filter_map(|(index, state)| {
            let named = lines.iter().find(|line| usize::from(line.line) == index)?;
            Some((state, named.steps))
        })
    }

    fn receipt(&mut self, by: Side, message: &ReceiptMessage, content: &Content) -> Result<(), RefusalCode> {
        match (message, content) {
            (ReceiptMessage::Issue { .. }, Content::Receipt(half)) => {
                only(by, Side::Vendor)?;
                guard::can_issue_receipt(self)?;
                if self.is_true(half.value()) {
                    self.receipt = ReceiptState::Issued(Arc::clone(half));
                    Ok(())
                } else {
                    Err(RefusalCode::QuoteMismatch)
                }
            }
            (ReceiptMessage::Countersign { receipt, signature, .. }, _) => {
                only(by, Side::Customer)?;
                guard::can_countersign(self)?;
                let ReceiptState::Issued(half) = &self.receipt else {
                    return Err(RefusalCode::NotFound);
                };
                let signature = signature.as_slice().try_into().map_err(|_| RefusalCode::InvalidSignature)?;
                if half.id() != *receipt {
                    return Err(RefusalCode::NotFound);
                }
                let both = HalfSigned::clone(half).complete(signature);
                self.receipt = ReceiptState::Signed(both.map_err(|_| RefusalCode::InvalidSignature)?);
                Ok(())
            }
            _ => Err(RefusalCode::InvalidSignature),
        }
    }

    fn is_true(&self, receipt: &Receipt) -> bool {
        receipt.order == self.id
            && receipt.customer == self.order.customer
            && receipt.vendor == self.order.vendor
            && receipt.net == self.order.net
            && receipt.total == self.paid.unwrap_or(self.order.total)
            && self.receipt_lines().is_some_and(|lines| lines == receipt.lines)
    }
}

fn only(by: Side, whose: Side) -> Result<(), RefusalCode> {
    if by == whose { Ok(()) } else { Err(RefusalCode::NotParty) }
}
