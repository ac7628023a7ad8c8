//! What a customer does.

use bespeak_agent::{
    Agent,
    command::{Command, CustomerCommand},
    view::{IntentionView, OfferView, OrderView},
};
use bespeak_identity::Side;
use bespeak_model::{
    fulfilment::LineSteps,
    reason::{Reason, WithdrawalReason},
    time::Time,
};

use super::{Choice, either, talk};
use crate::{
    dice::Dice,
    goods::{self, cents, text},
    law::SECRET,
    person::Person,
};

/// Most live intentions of one customer. Source: chosen so that vendors find time to answer all of them.
const MOST: usize = 2;

pub(super) fn choices(agent: &Agent, person: &Person, now: Time, dice: &mut Dice) -> Vec<Choice> {
    let mut all = Vec::new();
    let intentions = agent.intentions(now);
    if agent.counts(now).intentions_live < MOST && intentions.len() < 3 * MOST {
        let wish = goods::wish(dice, &person.placement);
        all.push((6, Command::Customer(CustomerCommand::Want(Box::new(wish)))));
    }
    for view in &intentions {
        all.extend(with_intention(view, person, dice));
    }
    for view in agent.offers(None, now) {
        all.extend(with_offer(&view, person, dice));
    }
    for view in agent.orders() {
        all.extend(with_order(&view, agent, dice));
    }
    all.extend(talk(agent, "Is it still to be had?"));
    all
}

fn with_intention(view: &IntentionView, person: &Person, dice: &mut Dice) -> Vec<Choice> {
    let intention = view.intention;
    let mut all = Vec::new();
    for can in &view.can {
        let command = match can.as_str() {
            "withdraw" if dice.chance(300) => {
                CustomerCommand::Withdraw { intention, reason: WithdrawalReason::ChangedMind }
            }
            "renew" if dice.chance(150) => {
                CustomerCommand::Renew { intention, placement: person.placement.clone() }
            }
            _ => continue,
        };
        all.push((1, Command::Customer(command)));
    }
    all
}

fn with_offer(view: &OfferView, person: &Person, dice: &mut Dice) -> Vec<Choice> {
    let offer = view.offer;
    let mut all = Vec::new();
    for can in &view.can {
        let (weight, command) = match can.as_str() {
            "accept" => {
                let alternatives = view.alternatives.iter().filter_map(|line| line.sku.clone());
                let choose = if dice.chance(300) { alternatives.collect() } else { Vec::new() };
                (
                    12,
                    CustomerCommand::Accept {
                        offer,
                        choose,
                        anyway: false,
                        placement: person.placement.clone(),
                    },
                )
            }
            "counter" => {
                let total = cents(dice.between(1, 100_000));
                (3, CustomerCommand::Counter { offer, total, text: Some(text("Would you take this?")) })
            }
            "decline" => (1, CustomerCommand::Decline { offer, reason: Reason::Price }),
            _ => continue,
        };
        all.push((weight, Command::Customer(command)));
    }
    all
}

fn with_order(view: &OrderView, agent: &Agent, dice: &mut Dice) -> Vec<Choice> {
    let order = view.order;
    let mut all = Vec::new();
    for can in &view.can {
        let (weight, command) = match can.as_str() {
            "paid" => {
                let proof = dice.chance(500).then(|| text(&format!("{SECRET}, transfer 4711")));
                (14, CustomerCommand::Paid { order, proof })
            }
            "received" => (5, CustomerCommand::Received { order, lines: some_of(view, agent, dice) }),
            other => {
                all.extend(either(order, other, dice));
                continue;
            }
        };
        all.push((weight, Command::Customer(command)));
    }
    all
}

/// One step of one line that is still missing, or everything.
fn some_of(view: &OrderView, agent: &Agent, dice: &mut Dice) -> Vec<LineSteps> {
    if dice.chance(500) {
        return Vec::new();
    }
    let inside = agent.conversation(view.thread);
    let deal = inside.and_then(|inside| inside.state.deal(view.order));
    debug_assert!(inside.is_none_or(|inside| inside.side == Side::Customer), "only she receives");
    let missing = deal.into_iter().flat_map(|deal| deal.lines.iter().zip(0_u8..));
    let lines: Vec<_> = missing
        .filter(|(line, _)| line.received < line.ordered)
        .map(|(_, line)| LineSteps { line, steps: 1 })
        .collect();
    dice.pick(&lines).copied().into_iter().collect()
}
