//! A network that falls in two and grows together again, and one that loses every twentieth packet.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::{
    cannot,
    count::lost,
    nat::Nat,
    node::{PATIENCE, Party, two_relays, until},
    trade::{Pair, cast},
    world::{Land, World},
};

/// Vendors of each half; with a relay and a customer it is ten nodes.
const VENDORS: usize = 8;
/// Wishes of each half.
const WISHES: usize = 5;
/// How soon after it is healed every node holds the same. Source: what this house promises.
const SAME_AGAIN: Duration = Duration::from_secs(90);

/// What a vendor has heard and is still alive.
fn holds(vendor: &Party) -> BTreeSet<String> {
    let inbox = vendor.list(&["inbox"]);
    inbox.iter().filter_map(|item| item["intention"].as_str()).map(str::to_owned).collect()
}

/// Waits until all of them hold exactly these; says how long it took.
fn all_hold(vendors: &[Party], wishes: &BTreeSet<String>, patience: Duration) -> Duration {
    let begin = Instant::now();
    for vendor in vendors {
        let left = patience.saturating_sub(begin.elapsed());
        let what = format!("{} to hold {} wishes", vendor.name, wishes.len());
        until(&what, left, || (holds(vendor) == *wishes).then_some(()));
    }
    begin.elapsed()
}

/// Twenty nodes, cut into halves for so long while both halves cast, then joined.
fn halves_for(cut: Duration) {
    let world = World::new();
    let (_relays, places) = two_relays(&world);
    let half = |land: Land, place: &String| {
        let names = (0..VENDORS).map(|number| format!("{land:?}-{number}").to_lowercase());
        let vendor = |name: String| {
            let site = world.public(&name, land);
            Party::vendor(&world, &name, site, std::slice::from_ref(place))
        };
        let vendors: Vec<Party> = names.map(vendor).collect();
        let name = format!("{land:?}-customer").to_lowercase();
        let site = world.site(&name, land, Nat::Restricted);
        let customer = Party::customer(&world, &name, site, std::slice::from_ref(place));
        vendors.iter().chain([&customer]).for_each(|party| party.meet(1));
        (vendors, customer)
    };
    let halves = [half(Land::North, &places[0]), half(Land::South, &places[1])];
    let before = cast(&halves[0].1, "a chair before the cut");
    let whole = BTreeSet::from([before]);
    halves.iter().for_each(|(vendors, _)| {
        all_hold(vendors, &whole, PATIENCE);
    });

    world.cut();
    let begin = Instant::now();
    let mut all = whole.clone();
    for (vendors, customer) in &halves {
        let mut own = whole.clone();
        own.extend((0..WISHES).map(|number| cast(customer, &format!("chair {number} of {}", customer.name))));
        all_hold(vendors, &own, PATIENCE);
        all.extend(own);
    }
    // The cut lasts as long as it should, whatever happens meanwhile.
    std::thread::sleep(cut.saturating_sub(begin.elapsed()));
    for (vendors, _) in &halves {
        let alone = vendors.iter().all(|vendor| holds(vendor).len() == 1 + WISHES);
        assert!(alone, "nothing crosses a cut");
    }

    world.heal();
    let healed = Instant::now();
    for (vendors, _) in &halves {
        all_hold(vendors, &all, SAME_AGAIN.saturating_sub(healed.elapsed()));
    }
    println!(
        "cut for {cut:?}; {} s after it was healed all hold the same {}",
        healed.elapsed().as_secs(),
        all.len()
    );
}

#[test]
fn twenty_nodes_cut_in_two_for_half_a_minute_hold_the_same_again() {
    if !cannot("twenty nodes cut in two") {
        halves_for(Duration::from_secs(30));
    }
}

#[test]
#[ignore = "takes twelve minutes; docs/network.md has the command"]
fn twenty_nodes_cut_in_two_for_ten_minutes_hold_the_same_again() {
    if !cannot("twenty nodes cut in two for ten minutes") {
        halves_for(Duration::from_secs(600));
    }
}

#[test]
fn where_every_twentieth_packet_is_lost_all_hear_the_same_and_all_deals_complete() {
    if cannot("trade over lossy lines") {
        return;
    }
    let world = World::new();
    let (relays, places) = two_relays(&world);
    let vendors = ["lossy-v1", "lossy-v2"].map(|name| {
        let site = world.public(name, Land::North);
        site.lose(5);
        Party::vendor(&world, name, site, &places)
    });
    let customers = ["lossy-c1", "lossy-c2"].map(|name| {
        let site = world.site(name, Land::South, Nat::Restricted);
        site.lose(5);
        Party::customer(&world, name, site, &places)
    });
    relays.iter().for_each(|relay| relay.site.lose(5));
    vendors.iter().chain(&customers).for_each(|party| party.meet(1));

    let wish = |number: usize| cast(&customers[number % 2], &format!("chair {number}"));
    let wishes: BTreeSet<String> = (0..2 * WISHES).map(wish).collect();
    let heard = all_hold(&vendors, &wishes, SAME_AGAIN);

    let begin = Instant::now();
    std::thread::scope(|scope| {
        for customer in &customers {
            for vendor in &vendors {
                let title = format!("a chair from {}", vendor.name);
                scope.spawn(move || Pair { customer, vendor }.trade(&title));
            }
        }
    });
    let lost: u64 = vendors.iter().chain(&customers).map(|party| lost(&party.site)).sum();
    println!(
        "{lost} packets were lost; wishes were heard after {} s, four deals complete after {} s",
        heard.as_secs(),
        begin.elapsed().as_secs()
    );
    assert!(lost > 20, "lines that lose nothing prove nothing: {lost}");
}
