//! What may not be done, and is tried all the same.

use bespeak_agent::{
    Agent,
    command::{Command, CustomerCommand, EitherCommand, VendorCommand},
};
use bespeak_identity::{RecordId, Side};
use bespeak_model::{
    fulfilment::{FulfilmentKind, LineSteps},
    offer::Offer,
    order::Order,
    reason::{Reason, WithdrawalReason},
    time::Time,
};

use crate::{
    dice::Dice,
    goods::{self, cents, text},
    law::SECRET,
    person::Person,
};

/// A wish that is out of place more often than not: about any offer or order that was ever there, whatever its state,
/// about things that never were, or the other role's.
pub(super) fn wish(agent: &Agent, person: &Person, now: Time, dice: &mut Dice) -> Option<Command> {
    let mut offers: Vec<RecordId<Offer>> = vec![RecordId::from_digest(dice.bytes())];
    let mut orders: Vec<RecordId<Order>> = vec![RecordId::from_digest(dice.bytes())];
    for inside in agent.conversations() {
        offers.extend(inside.state.offering.offers.iter().map(|offer| offer.id()));
        orders.extend(inside.state.deals.iter().map(|deal| deal.id));
    }
    let (offer, order) = (*dice.pick(&offers)?, *dice.pick(&orders)?);
    let intentions: Vec<_> = agent.intentions(now).into_iter().map(|view| view.intention).collect();
    let intention = dice.pick(&intentions).copied().unwrap_or(RecordId::from_digest([9; 32]));
    let either = either(order, dice);
    let of_side = match person.side {
        Side::Customer => {
            let mut all = vec![
                CustomerCommand::Paid { order, proof: Some(text(SECRET)) },
                CustomerCommand::Received { order, lines: vec![LineSteps { line: 0, steps: 1_000_000 }] },
                CustomerCommand::Accept {
                    offer,
                    choose: Vec::new(),
                    anyway: false,
                    placement: person.placement.clone(),
                },
                CustomerCommand::Accept {
                    offer,
                    choose: vec![text("no such article")],
                    anyway: false,
                    placement: person.placement.clone(),
                },
                CustomerCommand::Counter { offer, total: cents(5), text: None },
                CustomerCommand::Decline { offer, reason: Reason::Price },
            ];
            all.push(CustomerCommand::Withdraw { intention, reason: WithdrawalReason::Other });
            all.into_iter().map(Command::Customer).collect()
        }
        Side::Vendor => vendors(person, intention, offer, order),
    };
    let other_role = match person.side {
        Side::Customer => Command::Vendor(VendorCommand::AcceptOrder { order }),
        Side::Vendor => Command::Customer(CustomerCommand::Decline { offer, reason: Reason::Other }),
    };
    let all: Vec<Command> = [other_role, either].into_iter().chain(of_side).collect();
    dice.pick(&all).cloned()
}

fn either(order: RecordId<Order>, dice: &mut Dice) -> Command {
    Command::Either(match dice.below(3) {
        0 => EitherCommand::Cancel { order, reason: Reason::Other },
        1 => EitherCommand::RefuseCancel { order },
        _ => EitherCommand::Complete { order },
    })
}

fn vendors(
    person: &Person,
    intention: RecordId<bespeak_model::intention::Intention>,
    offer: RecordId<Offer>,
    order: RecordId<Order>,
) -> Vec<Command> {
    let none = RecordId::from_digest([7; 32]);
    let beyond = goods::plain_draft(intention, 9, cents(100), &person.placement);
    let dear = goods::plain_draft(intention, 1, cents(1_000_000_000_000_000), &person.placement);
    let unknown = goods::plain_draft(none, 1, cents(100), &person.placement);
    [
        VendorCommand::Offer(Box::new(beyond)),
        VendorCommand::Offer(Box::new(dear)),
        VendorCommand::Offer(Box::new(unknown)),
        VendorCommand::WithdrawOffer { offer },
        VendorCommand::Pass { intention },
        VendorCommand::AcceptOrder { order },
        VendorCommand::RejectOrder { order, reason: Reason::Other },
        VendorCommand::RequestPayment { order, instructions: Vec::new() },
        VendorCommand::PaymentReceived { order, amount: Some(cents(0)) },
        VendorCommand::PaymentFailed { order, detail: None },
        VendorCommand::Fulfil {
            order,
            lines: vec![LineSteps { line: 0, steps: 1 }, LineSteps { line: 0, steps: 1 }],
            event: FulfilmentKind::Delivered,
            note: None,
        },
    ]
    .into_iter()
    .map(Command::Vendor)
    .collect()
}
