//! Two hundred worlds in which every law holds and in which enough happens; and worlds in which one is broken, and found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "cases/stage.rs"]
#[allow(dead_code, reason = "the cases use more of it")]
mod stage;

use std::sync::atomic::{AtomicU64, Ordering};

use bespeak_agent::{
    Input,
    command::{Command, CustomerCommand, VendorCommand},
};
use bespeak_sim::{Failure, law::Law, plan::Plan, run, tally::Tally, world::Flaw};
use stage::{A_MINUTE, CUSTOMER, OTHER, Stage, VENDOR};

/// How many worlds. Source: what fits into two minutes beside the other tests.
const SEEDS: u64 = 200;
/// How many are run at a time. Source: the machine with the fewest cores on which this is built.
const WORKERS: u64 = 2;

/// What must have happened in them, and how often at least. Source: measured, about a half of what was seen.
const HAPPENED: [(&str, u64); 26] = [
    ("receipt.countersign", 60),
    ("crash", 400),
    ("came back", 400),
    ("network cut", 50),
    ("relay lost its disk", 80),
    ("envelope lost with a disk", 400),
    ("forged tombstone", 80),
    ("order.confirm", 300),
    ("order.accept", 150),
    ("order.reject", 30),
    ("order.cancel", 60),
    ("order.cancel_answer", 20),
    ("order.complete", 60),
    ("offer.revise", 200),
    ("offer.withdraw", 80),
    ("offer.counter", 100),
    ("offer.decline", 40),
    ("offer.pass", 20),
    ("payment.failed", 5),
    ("fulfilment.event", 150),
    ("seen: partly fulfilled", 50),
    ("seen: cancel asked for", 50),
    ("seen: paid too much or too little", 20),
    ("wish lost in a crash", 30),
    ("told: intention expired", 20),
    ("done: Renew", 20),
];

/// What must have been refused, and by whom: a beginning of the tally's names.
const REFUSED: [(&str, u64); 5] = [
    ("refused: Accept (quantity_unavailable)", 60),
    ("refused: Accept (", 80),
    ("refused: AcceptOrder (", 10),
    ("refused: Offer (", 80),
    ("without effect: ", 20),
];

fn all_seeds() -> (Tally, Vec<Failure>) {
    let next = AtomicU64::new(0);
    let work = || {
        let (mut tally, mut failures) = (Tally::default(), Vec::new());
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= SEEDS {
                return (tally, failures);
            }
            match run(seed) {
                Ok(more) => tally.join(&more),
                Err(failure) => failures.push(failure),
            }
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(work)).collect();
        let (mut tally, mut failures) = (Tally::default(), Vec::new());
        for worker in workers {
            let (more, failed) = worker.join().expect("a run catches its own panics");
            tally.join(&more);
            failures.extend(failed);
        }
        (tally, failures)
    })
}

#[test]
fn in_two_hundred_worlds_every_law_holds_and_enough_happens() {
    let (tally, failures) = all_seeds();
    println!("{tally}");
    let words: Vec<_> = failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{} of {SEEDS} seeds break a law:\n{}", failures.len(), words.join("\n"));
    for (what, least) in HAPPENED {
        assert!(tally.of(what) >= least, "{what}: {} times, where {least} are the least", tally.of(what));
    }
    for (beginning, least) in REFUSED {
        let times = tally.beginning_with(beginning);
        assert!(times >= least, "{beginning}: {times} times, where {least} are the least");
    }
}

#[test]
fn a_seed_replays() {
    let mut stories = [Vec::new(), Vec::new()];
    for story in &mut stories {
        bespeak_sim::run::tell(11, Some(story)).unwrap();
    }
    let [first, second] = stories;
    assert!(first.len() > 200, "{} events", first.len());
    // An envelope's bytes are the ratchet's, whose keys the system draws; that it comes, when and how long is the seed's.
    assert_eq!(first, second);
    assert_ne!(run(11).unwrap(), run(12).unwrap());
}

/// A trade with a node that has a flaw: the law that it breaks.
fn broken_by(who: usize, flaw: Flaw) -> Option<Law> {
    let mut stage = Stage::new(1);
    stage.world.flaw = Some((who, flaw));
    let intention = stage.want_now("2");
    let mut broken = None;
    broken = broken.or(stage.world.run_for(A_MINUTE).err());
    let draft = stage.draft(VENDOR, intention, 5_000);
    let offer = Command::Vendor(VendorCommand::Offer(Box::new(draft)));
    broken = broken.or(stage.world.ask(VENDOR, offer).err());
    broken = broken.or(stage.world.run_for(A_MINUTE).err());
    broken.map(|broken| broken.law)
}

#[test]
fn a_node_that_acknowledges_before_it_keeps_is_found() {
    assert_eq!(broken_by(CUSTOMER, Flaw::KeepsNotWhatItHears), Some(Law::NothingAcknowledgedIsLost));
    assert_eq!(broken_by(VENDOR, Flaw::KeepsNotWhatItHears), None, "it has heard nothing yet");
}

#[test]
fn a_node_that_sends_before_it_keeps_is_found() {
    assert_eq!(broken_by(VENDOR, Flaw::KeepsNotWhatItSays), Some(Law::WhatIsSentWasKept));
}

/// Two devices of one customer, which know nothing of each other, each accept an offer for the same goods.
#[test]
fn a_customer_who_awards_twice_is_found() {
    let mut stage = Stage::new(2);
    let intention = stage.want("2");
    let (first, second) = (stage.offer(VENDOR, intention, 5_000), stage.offer(OTHER, intention, 4_000));
    let (mut twin, now) = stage.twin(CUSTOMER);
    let (order, _) = stage.accept_now(first);
    stage.wait(A_MINUTE);
    stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
    // The first device is away, so that nothing but the quantities can tell.
    stage.world.take_down(CUSTOMER).unwrap();
    let placement = stage.world.people[CUSTOMER].placement.clone();
    let again = CustomerCommand::Accept { offer: second, choose: Vec::new(), anyway: false, placement };
    for post in twin.handle(Input::Command(Command::Customer(again)), now).send {
        let mail = Input::Mail { queue: post.drops[0].queue, envelope: post.envelope };
        let _ = stage.world.feed(OTHER, mail).unwrap();
    }
    let order = stage.agent(OTHER).orders()[0].order;
    let accept = Command::Vendor(VendorCommand::AcceptOrder { order });
    let broken = stage.world.ask(OTHER, accept).err().or_else(|| stage.world.run_for(A_MINUTE).err());
    assert_eq!(broken.map(|broken| broken.law), Some(Law::NoMoreIsAwardedThanWanted));
}

#[test]
fn a_failure_names_its_seed_and_how_to_replay_it() {
    let failure = Failure { seed: 17, step: 3, what: "something".to_owned() };
    assert!(failure.to_string().contains("cargo run --release -p bespeak-sim -- --seed 17 --verbose"));
    assert_eq!(
        Plan::rough(&mut bespeak_sim::dice::Dice::of(17)),
        Plan::rough(&mut bespeak_sim::dice::Dice::of(17))
    );
}
