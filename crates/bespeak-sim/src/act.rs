//! What owners do: drawn from what their views say they can, and now and then from what they cannot.

mod customer;
mod forbidden;
mod vendor;

use bespeak_agent::command::{Command, EitherCommand};
use bespeak_identity::{RecordId, Side};
use bespeak_model::{order::Order, reason::Reason};

use crate::{dice::Dice, goods::text, law::Broken, world::World};

/// A wish, and how likely it is beside others.
type Choice = (u64, Command);

/// The owner of a node does something.
///
/// # Errors
/// When a law is broken over it.
pub fn act(world: &mut World, who: usize) -> Result<(), Broken> {
    let person = &world.people[who];
    let now = person.now(world.clock());
    let Some(agent) = &person.agent else {
        world.tally.count("owner found the node down");
        return Ok(());
    };
    let dice = &mut world.dice;
    let command = if dice.chance(world.plan.forbidden) {
        forbidden::wish(agent, person, now, dice)
    } else {
        let choices = match person.side {
            Side::Customer => customer::choices(agent, person, now, dice),
            Side::Vendor => vendor::choices(agent, person, now, dice),
        };
        dice.weighted(choices)
    };
    let Some(command) = command else {
        return Ok(());
    };
    let tried = name(&command);
    match world.ask(who, command)? {
        None => world.tally.count("wish lost in a crash"),
        Some(Ok(_)) => world.tally.count(&format!("done: {tried}")),
        Some(Err(refusal)) => world.tally.count(&format!("refused: {tried} ({})", refusal.code)),
    }
    Ok(())
}

fn name(command: &Command) -> String {
    let words = match command {
        Command::Customer(command) => format!("{command:?}"),
        Command::Vendor(command) => format!("{command:?}"),
        Command::Either(command) => format!("{command:?}"),
    };
    words.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

/// What either side can do with an order.
fn either(order: RecordId<Order>, can: &str, dice: &mut Dice) -> Option<Choice> {
    let reason = dice.pick(Reason::ALL).copied().unwrap_or(Reason::Other);
    let (weight, command) = match can {
        "cancel" => (2, EitherCommand::Cancel { order, reason }),
        "refuse-cancel" => (6, EitherCommand::RefuseCancel { order }),
        "complete" => (10, EitherCommand::Complete { order }),
        _ => return None,
    };
    Some((weight, Command::Either(command)))
}

/// Talk in every conversation.
fn talk(agent: &bespeak_agent::Agent, said: &str) -> Vec<Choice> {
    let speak = |inside: bespeak_agent::inspect::Inside<'_>| {
        let thread = inside.thread;
        [
            (1, Command::Either(EitherCommand::Say { thread, text: text(said) })),
            (1, Command::Either(EitherCommand::Read { thread })),
        ]
    };
    agent.conversations().into_iter().flat_map(speak).collect()
}
