//! One seed from beginning to end: a storm, a calm in which everything arrives, and the last answers.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bespeak_agent::command::{Command, VendorCommand};
use bespeak_identity::Side;
use bespeak_model::reason::Reason;

use crate::{
    dice::Dice,
    law::{Broken, everything_arrives},
    plan::Plan,
    tally::Tally,
    world::World,
};

/// How long the calm lasts, in milliseconds. Source: the longest pause before something is sent again is six hours and
/// a quarter of that; a message and its answer need one pause each, and a vendor may first hear of it after one more.
const CALM: u64 = 24 * 3600 * 1000;

/// Most steps of one run. Source: a hundred times what a run was seen to take; more means that two nodes talk in circles.
const MOST_STEPS: u64 = 400_000;

/// A run in which a law was broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "seed {seed}, step {step}: {what}\nreplay: cargo run --release -p bespeak-sim -- --seed {seed} --verbose"
)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// After how many steps.
    pub step: u64,
    /// What was broken.
    pub what: String,
}

/// Runs a seed.
///
/// # Errors
/// When a law is broken, or something panics.
pub fn run(seed: u64) -> Result<Tally, Failure> {
    tell(seed, None)
}

/// Runs a seed and writes down what happens, an event a line.
///
/// # Errors
/// When a law is broken, or something panics.
pub fn tell(seed: u64, mut story: Option<&mut Vec<String>>) -> Result<Tally, Failure> {
    let mut dice = Dice::of(seed);
    let plan = Plan::rough(&mut dice);
    if let Some(story) = &mut story {
        story.push(format!("{plan:?}"));
    }
    let mut world =
        World::new(plan, dice).map_err(|broken| Failure { seed, step: 0, what: broken.to_string() })?;
    world.story = story.is_some().then(Vec::new);
    let ended = catch_unwind(AssertUnwindSafe(|| through(&mut world)));
    if let (Some(story), Some(told)) = (story, world.story.take()) {
        story.extend(told);
    }
    let what = match ended {
        Ok(Ok(())) => {
            world.tally.add("steps", world.steps());
            return Ok(world.tally);
        }
        Ok(Err(broken)) => broken.to_string(),
        Err(panic) => {
            let words = panic.downcast_ref::<String>().cloned();
            let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
            format!("a panic: {}", words.unwrap_or_default())
        }
    };
    Err(Failure { seed, step: world.steps(), what })
}

fn through(world: &mut World) -> Result<(), Broken> {
    world.begin();
    while world.acts_left() > 0 && world.steps() < MOST_STEPS {
        world.run_for(world.plan.gap)?;
    }
    world.heal()?;
    settle(world)?;
    answer_orders(world)?;
    settle(world)?;
    world.compare_memories()
}

/// Lets everything arrive, and checks that it did.
fn settle(world: &mut World) -> Result<(), Broken> {
    let end = world.clock() + CALM;
    while world.steps() < MOST_STEPS && world.step(end)? {}
    if world.steps() >= MOST_STEPS {
        return Err(crate::law::Law::EverythingArrives.broken(format!("no end after {MOST_STEPS} steps")));
    }
    world.run_until(end)?;
    let mut tally = std::mem::take(&mut world.tally);
    let settled = everything_arrives(world, &mut tally);
    world.tally = tally;
    settled
}

/// Vendors answer what still waits for them.
fn answer_orders(world: &mut World) -> Result<(), Broken> {
    for who in 0..world.people.len() {
        if world.people[who].side == Side::Customer {
            continue;
        }
        let orders = world.people[who].agent.as_ref().map(bespeak_agent::Agent::orders).unwrap_or_default();
        for view in orders.into_iter().filter(|view| view.phase == "placed") {
            let order = view.order;
            let command = if world.dice.chance(500) {
                VendorCommand::AcceptOrder { order }
            } else {
                VendorCommand::RejectOrder { order, reason: Reason::OutOfStock }
            };
            world.ask(who, Command::Vendor(command))?;
        }
    }
    Ok(())
}
