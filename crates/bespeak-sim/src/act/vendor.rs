//! What a vendor does.

use bespeak_agent::{
    Agent,
    command::{Command, VendorCommand},
    view::{IntentionView, OfferView, OrderView},
};
use bespeak_model::{
    fulfilment::{FulfilmentKind, LineSteps},
    reason::Reason,
    time::Time,
};
use bespeak_protocol::deal::Deal;

use super::{Choice, either, talk};
use crate::{
    dice::Dice,
    goods::{self, cents, text},
    person::Person,
};

pub(super) fn choices(agent: &Agent, person: &Person, now: Time, dice: &mut Dice) -> Vec<Choice> {
    let mut all = Vec::new();
    let offers = agent.offers(None, now);
    for view in agent.intentions(now) {
        let made = offers.iter().find(|offer| offer.intention == view.intention);
        all.extend(with_intention(&view, made, person, dice));
    }
    for view in offers.iter().filter(|view| view.can.iter().any(|can| can == "withdraw")) {
        all.push((1, Command::Vendor(VendorCommand::WithdrawOffer { offer: view.offer })));
    }
    for view in agent.orders() {
        all.extend(with_order(&view, agent, dice));
    }
    all.extend(talk(agent, "Yes, and in blue."));
    all
}

fn with_intention(
    view: &IntentionView,
    made: Option<&OfferView>,
    person: &Person,
    dice: &mut Dice,
) -> Vec<Choice> {
    if !view.can.iter().any(|can| can == "offer") {
        return Vec::new();
    }
    let intention = view.intention;
    let lines = u8::try_from(view.lines.len()).unwrap_or(u8::MAX);
    let draft = goods::draft(dice, intention, lines, &person.placement);
    let weight = match made {
        None => 10,
        Some(made) if made.countered.is_some() => 8,
        Some(_) => 2,
    };
    let mut all = vec![(weight, Command::Vendor(VendorCommand::Offer(Box::new(draft))))];
    if made.is_some() && dice.chance(200) {
        all.push((1, Command::Vendor(VendorCommand::Pass { intention })));
    }
    all
}

fn with_order(view: &OrderView, agent: &Agent, dice: &mut Dice) -> Vec<Choice> {
    let order = view.order;
    let deal = agent.conversation(view.thread).and_then(|inside| inside.state.deal(order));
    let mut all = Vec::new();
    for can in &view.can {
        let (weight, command) = match can.as_str() {
            "accept" => (14, VendorCommand::AcceptOrder { order }),
            "reject" => (2, VendorCommand::RejectOrder { order, reason: Reason::OutOfStock }),
            "request-payment" => {
                let instructions = "payto://iban/DE75512108001245126199".parse().into_iter().collect();
                (8, VendorCommand::RequestPayment { order, instructions })
            }
            "payment-received" => (if view.payment == "sent" { 14 } else { 3 }, received(view, dice)),
            "payment-failed" => {
                (1, VendorCommand::PaymentFailed { order, detail: Some(text("no such account")) })
            }
            "fulfil" => match deal.and_then(|deal| handed_over(deal, dice)) {
                Some(command) => (14, command),
                None => continue,
            },
            other => {
                all.extend(either(order, other, dice));
                continue;
            }
        };
        all.push((weight, Command::Vendor(command)));
    }
    all
}

/// The money came: exactly, too little, or too much.
fn received(view: &OrderView, dice: &mut Dice) -> VendorCommand {
    let due = u64::try_from(view.total.amount()).unwrap_or(0);
    let amount = match dice.below(10) {
        0 => Some(cents(due / 2)).filter(|amount| !amount.is_zero()),
        1 => Some(cents(due + 100)),
        _ => None,
    };
    VendorCommand::PaymentReceived { order: view.order, amount }
}

/// Something happens to all that is left, or to a step of one line.
fn handed_over(deal: &Deal, dice: &mut Dice) -> Option<VendorCommand> {
    let (event, _) = *dice.pick(&FulfilmentKind::ALL)?;
    let event = if dice.chance(500) { FulfilmentKind::Delivered } else { event };
    let left = |line: &bespeak_protocol::deal::LineState| {
        if event.ships() {
            line.ordered.saturating_sub(line.shipped)
        } else {
            line.ordered.saturating_sub(line.delivered)
        }
    };
    let open: Vec<_> = deal.lines.iter().zip(0_u8..).filter(|(line, _)| left(line) > 0).collect();
    let (line, number) = *dice.pick(&open)?;
    let lines = match dice.below(3) {
        0 => open.iter().map(|(line, number)| LineSteps { line: *number, steps: left(line) }).collect(),
        1 => vec![LineSteps { line: number, steps: left(line) }],
        _ => vec![LineSteps { line: number, steps: dice.between(1, left(line)) }],
    };
    Some(VendorCommand::Fulfil { order: deal.id, lines, event, note: Some(text("parcel 12")) })
}
