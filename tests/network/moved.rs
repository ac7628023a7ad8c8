//! Conversations that outlive the lines they run over: a customer who moves to another network, relays that restart.

use super::{
    cannot,
    nat::Nat,
    node::{Party, Relay, two_relays},
    trade::{Deal, Pair, STEPS, Side},
    world::{Land, World},
};

/// Where a deal is interrupted: after the order was accepted.
const HALF_WAY: usize = 4;

fn people(world: &World) -> (Party, Party, [Relay; 2]) {
    let (relays, places) = two_relays(world);
    let vendor = Party::vendor(world, "vendor", world.public("vendor", Land::South), &places);
    let site = world.site("customer", Land::North, Nat::Restricted);
    let customer = Party::customer(world, "customer", site, &places);
    [&vendor, &customer].iter().for_each(|party| party.meet(1));
    (customer, vendor, relays)
}

fn first_half(customer: &Party, vendor: &Party) -> Deal {
    let (pair, mut deal) = (Pair { customer, vendor }, Deal::new("a chair"));
    STEPS[..HALF_WAY].iter().for_each(|step| pair.take(step, &mut deal));
    pair.say(Side::Customer, &deal, "I may have to move.");
    pair.say(Side::Vendor, &deal, "We will find you.");
    deal
}

fn second_half(customer: &Party, vendor: &Party, deal: &mut Deal) {
    let pair = Pair { customer, vendor };
    STEPS[HALF_WAY..].iter().for_each(|step| pair.take(step, deal));
    pair.both_hold_the_receipt(deal);
}

#[test]
fn a_customer_who_moves_to_another_network_goes_on_talking() {
    if cannot("a customer who moves") {
        return;
    }
    let world = World::new();
    let (mut customer, vendor, _relays) = people(&world);
    let mut deal = first_half(&customer, &vendor);
    let before = customer.site.address;
    world.move_to(&mut customer.site, Land::South, Nat::Symmetric);
    assert_ne!(customer.site.address, before);
    let pair = Pair { customer: &customer, vendor: &vendor };
    pair.say(Side::Vendor, &deal, "Are you there?");
    pair.say(Side::Customer, &deal, "I am, elsewhere.");
    second_half(&customer, &vendor, &mut deal);
}

#[test]
fn a_conversation_goes_on_while_its_relays_are_killed_and_come_back() {
    if cannot("relays that restart") {
        return;
    }
    let world = World::new();
    let (customer, vendor, mut relays) = people(&world);
    let mut deal = first_half(&customer, &vendor);
    let pair = Pair { customer: &customer, vendor: &vendor };
    for (number, relay) in relays.iter_mut().enumerate() {
        relay.kill();
        relay.up();
        pair.say(Side::Vendor, &deal, &format!("Was that relay {number}?"));
        pair.say(Side::Customer, &deal, &format!("It was, and it is back: {number}."));
    }
    second_half(&customer, &vendor, &mut deal);
}
