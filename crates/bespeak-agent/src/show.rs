//! Pieces of views and of answers that both roles share.

use bespeak_identity::{CoSigned, RecordId, Side, Signed, UnverifiedAgreement};
use bespeak_model::{
    fulfilment::LineSteps,
    intention::Intention,
    offer::{Offer, OfferLine},
    reason::RefusalCode,
    receipt::Receipt,
    time::Time,
};
use bespeak_protocol::{
    channel::message::{Body, ChatMessage},
    conversation::Happened,
    deal::{
        Cancel, Deal, DealMessage, FulfilmentMessage, LineState, OrderMessage, Payment, PaymentMessage,
        Phase, ReceiptState, guard,
    },
    offer::OfferMessage,
    thread::ThreadId,
};

use crate::{
    measure,
    output::Refusal,
    relation::Relation,
    view::{
        IntentionView, LogEntry, MessageView, OfferLineView, OfferView, OrderLineView, OrderView, PartyView,
        ReceiptView, WantedLine,
    },
};

/// A refusal by a guard, with what it means here.
pub(crate) fn refuse_act(code: RefusalCode, meaning: &str) -> Refusal {
    Refusal::new(code, meaning)
}

/// Every line with so many of its steps, without those that have none.
pub(crate) fn lines_with(deal: &Deal, steps: impl Fn(&LineState) -> u64) -> Vec<LineSteps> {
    let left = |(index, line): (usize, &LineState)| {
        let steps = steps(line);
        let line = u8::try_from(index).ok()?;
        (steps > 0).then_some(LineSteps { line, steps })
    };
    deal.lines.iter().enumerate().filter_map(left).collect()
}

fn from(by: Side, me: Side) -> String {
    (if by == me { "me" } else { "them" }).to_owned()
}

/// An intention, without what only its owner or only a vendor knows.
pub(crate) fn intention(record: &Signed<Intention>, state: &str, offers: usize) -> IntentionView {
    let lines = record.lines.iter().map(|line| WantedLine {
        name: line.name.clone(),
        quantity: line.quantity.to_string(),
        remaining: None,
        conditions: line.conditions.to_vec(),
    });
    IntentionView {
        intention: record.id(),
        title: record.title.clone(),
        text: record.text.clone(),
        state: state.to_owned(),
        offers,
        category: record.category.clone(),
        lines: lines.collect(),
        budget: record.budget.clone(),
        condition: record.condition,
        place: record.place,
        needed_by: record.needed_by,
        terms: record.terms.to_vec(),
        cast_at: record.cast_at,
        expires_at: record.expires_at,
        withdrawn: None,
        superseded_by: None,
        can: Vec::new(),
    }
}

pub(crate) fn offer_lines(lines: &[OfferLine]) -> Vec<OfferLineView> {
    let show = |line: &OfferLine| OfferLineView {
        name: line.name.clone(),
        sku: line.sku.clone(),
        quantity: line.quantity.steps(),
        quantity_text: line.quantity.to_string(),
        amount: line.amount.amount(),
        line: line.line.saturating_add(1),
    };
    lines.iter().map(show).collect()
}

/// Where the last offer of a conversation stands, by the clock of whoever looks.
pub(crate) fn offer_state(relation: &Relation, offer: &Signed<Offer>, now: Time) -> &'static str {
    use bespeak_protocol::offer::Stand;
    let offering = &relation.state.offering;
    if relation.state.deals.iter().any(|deal| deal.order.quote == offer.id() && deal.holds()) {
        return "ordered";
    }
    match offering.stand {
        Stand::Withdrawn => "withdrawn",
        Stand::Declined(_) => "declined",
        _ if offer.valid_until <= now => "expired",
        _ if offering.countered.is_some() => "countered",
        _ if offer.replaces.is_some() => "revised",
        _ => "submitted",
    }
}

/// The talk of a conversation.
pub(crate) fn messages(relation: &Relation) -> Vec<MessageView> {
    let me = relation.side;
    let show = |line: &bespeak_protocol::conversation::ChatLine| {
        let Body::Chat(ChatMessage::Text { text }) = &line.message.body else {
            return None;
        };
        let delivery = (line.by == me).then(|| relation.stage(line.message.seq).name().to_owned());
        Some(MessageView {
            id: line.message.id().to_string(),
            from: from(line.by, me),
            text: text.as_str().to_owned(),
            at: line.message.at,
            delivery,
        })
    };
    relation.state.chat.iter().filter_map(show).collect()
}

/// An order and everything that happened to it.
pub(crate) fn order(relation: &Relation, deal: &Deal, with: PartyView) -> OrderView {
    let about = |happened: &&Happened| happened.order == Some(deal.id);
    let lines =
        deal.order.lines.iter().zip(&deal.lines).zip(1..).map(|((item, state), number)| OrderLineView {
            line: number,
            name: item.name.clone(),
            sku: item.sku.clone(),
            ordered: state.ordered,
            fulfilled: state.fulfilled(),
            scale: item.quantity.scale(),
            quantity_text: item.quantity.to_string(),
            fulfilled_text: measure::progress(&[(item.quantity, state.fulfilled())]),
            amount: item.amount.amount(),
        });
    OrderView {
        order: deal.id,
        thread: relation.thread,
        intention: deal.order.intention,
        with,
        phase: phase(deal).to_owned(),
        payment: payment(deal).to_owned(),
        lines: lines.collect(),
        total: deal.order.total,
        terms: deal.order.terms,
        instructions: deal.instructions.clone(),
        paid: deal.paid,
        display: display(deal, relation.side),
        can: guard::open_to(deal, relation.side).into_iter().map(str::to_owned).collect(),
        receipt: match &deal.receipt {
            ReceiptState::Signed(receipt) => Some(receipt.id()),
            _ => None,
        },
        revealed: relation.is_revealed(),
        log: relation
            .state
            .history
            .iter()
            .filter(about)
            .map(|happened| entry(happened, &deal.order.lines, relation.side))
            .collect(),
    }
}

fn entry(happened: &Happened, ordered: &[OfferLine], me: Side) -> LogEntry {
    let body = &happened.message.body;
    let mut detail = detail(body, ordered);
    if let Some(code) = happened.refused {
        detail = format!("without effect: {code}");
    }
    LogEntry {
        at: happened.message.at,
        from: from(happened.by, me),
        what: body.name().to_owned(),
        detail,
        effect: happened.refused.is_none(),
    }
}

/// Quantities of lines, each in the unit in which it was ordered.
fn parts(lines: &[LineSteps], ordered: &[OfferLine]) -> String {
    let part = |line: &LineSteps| {
        let like = ordered.get(usize::from(line.line)).map(|ordered| ordered.quantity);
        let much = like.map_or_else(|| line.steps.to_string(), |like| measure::in_words(line.steps, like));
        format!("{much} of line {}", u16::from(line.line) + 1)
    };
    lines.iter().map(part).collect::<Vec<_>>().join(", ")
}

fn detail(body: &Body, ordered: &[OfferLine]) -> String {
    let note = |note: &Option<bespeak_protocol::deal::Note>| {
        note.as_ref().map(|note| format!(" ({})", note.as_str())).unwrap_or_default()
    };
    match body {
        Body::Deal(DealMessage::Order(
            OrderMessage::Reject { reason, .. } | OrderMessage::Cancel { reason, .. },
        )) => reason.to_string(),
        Body::Deal(DealMessage::Order(OrderMessage::CancelAnswer { agreed, .. })) => {
            (if *agreed { "agreed" } else { "refused" }).to_owned()
        }
        Body::Deal(DealMessage::Payment(message)) => match message {
            PaymentMessage::Request { amount, instructions, .. } => {
                let ways: Vec<_> = instructions.iter().map(ToString::to_string).collect();
                format!("{amount} by {}", ways.join(" or "))
            }
            PaymentMessage::Received { amount, .. } => amount.to_string(),
            PaymentMessage::Sent { proof, .. } => note(proof).trim().to_owned(),
            PaymentMessage::Failed { detail, .. } => note(detail).trim().to_owned(),
        },
        Body::Deal(DealMessage::Fulfilment(FulfilmentMessage::Event {
            event, lines, note: word, ..
        })) => {
            format!("{}: {}{}", event.as_str(), parts(lines, ordered), note(word))
        }
        Body::Deal(DealMessage::Fulfilment(FulfilmentMessage::Received { lines, .. })) => {
            parts(lines, ordered)
        }
        Body::Offer(OfferMessage::Decline { reason, .. }) => reason.to_string(),
        _ => String::new(),
    }
}

fn phase(deal: &Deal) -> &'static str {
    match deal.phase {
        Phase::Placed => "placed",
        Phase::Accepted => "accepted",
        Phase::Completed => "completed",
        Phase::Rejected { .. } => "rejected",
        Phase::Cancelled { .. } => "cancelled",
    }
}

fn payment(deal: &Deal) -> &'static str {
    match deal.payment {
        Payment::None => "none",
        Payment::Requested => "requested",
        Payment::Sent => "sent",
        Payment::Received => "received",
        Payment::Failed => "failed",
    }
}

/// One sentence for people: where it stands, and whose turn it is.
fn display(deal: &Deal, me: Side) -> String {
    let whose = |side: Side| {
        if side == me {
            "you"
        } else if side == Side::Vendor {
            "the vendor"
        } else {
            "the customer"
        }
    };
    match deal.phase {
        Phase::Placed => format!("placed: waiting for {} to accept", whose(Side::Vendor)),
        Phase::Rejected { code, reason } => {
            format!("rejected: {}", reason.map_or_else(|| code.to_string(), |reason| reason.to_string()))
        }
        Phase::Cancelled { by, reason } => format!("cancelled by {}: {reason}", whose(by)),
        Phase::Accepted => format!("accepted: {}{}", goods(deal), asked(deal, me)),
        Phase::Completed => format!("completed: {}{}", money(deal), receipt_words(deal, me)),
    }
}

fn goods(deal: &Deal) -> String {
    let each = deal.order.lines.iter().zip(&deal.lines);
    let progress = each.map(|(item, state)| (item.quantity, state.fulfilled())).collect::<Vec<_>>();
    format!("{}, {} handed over", money(deal), measure::progress(&progress))
}

fn money(deal: &Deal) -> String {
    match (deal.payment, deal.paid) {
        (Payment::None, _) => "payment not asked for yet".to_owned(),
        (Payment::Requested, _) => "payment asked for".to_owned(),
        (Payment::Failed, _) => "payment failed".to_owned(),
        (Payment::Sent, _) => "payment on its way".to_owned(),
        (Payment::Received, Some(paid)) if paid != deal.order.total => {
            let (word, difference) = if paid.amount() < deal.order.total.amount() {
                ("missing", deal.order.total.checked_sub(paid))
            } else {
                ("too much", paid.checked_sub(deal.order.total))
            };
            difference.map_or_else(
                |_| format!("{paid} came"),
                |difference| format!("{paid} came, {difference} {word}"),
            )
        }
        (Payment::Received, _) => "paid".to_owned(),
    }
}

fn asked(deal: &Deal, me: Side) -> String {
    match deal.cancel {
        Cancel::Asked { by, reason, .. } if by == me => format!("; you asked to cancel ({reason})"),
        Cancel::Asked { reason, .. } => {
            format!("; the other side asks to cancel ({reason}): cancel too, or refuse-cancel")
        }
        Cancel::Refused { by } if by == me => "; your request to cancel was refused".to_owned(),
        Cancel::Refused { .. } => "; you refused to cancel".to_owned(),
        Cancel::None => String::new(),
    }
}

fn receipt_words(deal: &Deal, me: Side) -> &'static str {
    match deal.receipt {
        ReceiptState::None => ", no receipt yet",
        ReceiptState::Issued(_) if me == Side::Customer => {
            ", the receipt waits for your signature: `complete` signs it, if what it says is true"
        }
        ReceiptState::Issued(_) => ", the receipt waits for its second signature",
        ReceiptState::Signed(_) => ", receipt signed by both",
    }
}

/// A receipt that both signed, checked again from its bytes.
pub(crate) fn receipt(relation: &Relation, deal: &Deal) -> Option<ReceiptView> {
    let ReceiptState::Signed(both) = &deal.receipt else {
        return None;
    };
    Some(receipt_alone(both, relation.thread, &relation.vendor_name()))
}

/// The same without its conversation.
pub(crate) fn receipt_alone(both: &CoSigned<Receipt>, thread: ThreadId, vendor_name: &str) -> ReceiptView {
    let read = UnverifiedAgreement::<Receipt>::from_bytes(both.bytes().to_vec());
    let lines = both.lines.iter().zip(1..).map(|(line, number)| OfferLineView {
        name: line.name.clone(),
        sku: line.sku.clone(),
        quantity: line.quantity.steps(),
        quantity_text: line.quantity.to_string(),
        amount: line.amount.amount(),
        line: number,
    });
    ReceiptView {
        receipt: both.id(),
        order: both.order,
        thread,
        customer: both.customer,
        vendor: PartyView { party: both.vendor, name: vendor_name.to_owned() },
        lines: lines.collect(),
        total: both.total,
        issued_at: both.issued_at,
        verified: read.is_ok_and(|read| read.verify().is_ok()),
    }
}

pub(crate) fn vendor(relation: &Relation) -> PartyView {
    PartyView { party: *relation.card.issuer(), name: relation.vendor_name() }
}

/// The records that a conversation holds, by id.
pub(crate) fn record(relation: &Relation, id: &str) -> Option<Vec<u8>> {
    let named = |other: String| other == id;
    let offers = relation.state.offering.offers.iter();
    let offer =
        offers.clone().find(|offer| named(offer.id().to_string())).map(|offer| offer.bytes().to_vec());
    offer
        .or_else(|| {
            relation.state.deals.iter().find_map(|deal| match (&deal.agreement, &deal.receipt) {
                (_, ReceiptState::Signed(receipt)) if named(receipt.id().to_string()) => {
                    Some(receipt.bytes().to_vec())
                }
                (Some(order), _) if named(order.id().to_string()) => Some(order.bytes().to_vec()),
                _ => None,
            })
        })
        .or_else(|| {
            let said =
                relation.state.history.iter().find(|happened| named(happened.message.id().to_string()));
            said.map(|happened| happened.message.bytes().to_vec())
        })
}

/// The ids that a conversation knows, with what each names.
pub(crate) fn ids(relation: &Relation) -> Vec<(&'static str, String)> {
    let mut ids = vec![("thread", relation.thread.to_string())];
    ids.extend(relation.state.offering.offers.iter().map(|offer| ("offer", offer.id().to_string())));
    for deal in &relation.state.deals {
        ids.push(("order", deal.id.to_string()));
        if let ReceiptState::Signed(receipt) = &deal.receipt {
            ids.push(("receipt", RecordId::to_string(&receipt.id())));
        }
    }
    ids
}

/// An offer, with what its reader can do.
pub(crate) fn offer(relation: &Relation, offer: &Signed<Offer>, state: &str, can: Vec<String>) -> OfferView {
    OfferView {
        offer: offer.id(),
        intention: offer.intention,
        thread: relation.thread,
        vendor: vendor(relation),
        total: offer.total,
        lines: offer_lines(&offer.lines),
        alternatives: offer_lines(&offer.alternatives),
        delivery: offer.delivery,
        valid_until: offer.valid_until,
        deliver_by: offer.deliver_by,
        firm: offer.firm,
        terms: offer.terms,
        text: offer.text.clone(),
        state: state.to_owned(),
        countered: relation.state.offering.countered.as_ref().map(|countered| countered.total),
        revealed: relation.is_revealed(),
        replaces: offer.replaces,
        can,
    }
}
