//! Customers and vendors behind every kind of NAT, all with all: every deal completes, no vendor sees a packet from a
//! customer's address before she reveals it, and then the two meet directly where their routers allow it.

use std::time::Duration;

use super::{
    cannot,
    count::{Seen, seen, watch},
    nat::Nat,
    node::{Party, two_relays, within},
    trade::{Deal, Pair, Side},
    world::{Land, World},
};

/// How long two nodes have to find a direct way once they may. Source: wild guess; a hole is punched in seconds.
const UPGRADE: Duration = Duration::from_secs(60);

/// How one of the sixteen went.
struct Outcome {
    customer: Nat,
    vendor: Nat,
    /// What the vendor's side saw of the customer's address before she revealed it.
    before: Seen,
    /// None if the deal did not complete.
    deal: Option<Deal>,
    /// Whether packets went straight between the two hosts afterwards, both ways.
    direct: bool,
}

fn counter(customer: usize) -> String {
    format!("customer{customer}")
}

fn host_counter(customer: usize) -> String {
    format!("host_customer{customer}")
}

/// One after the other with each vendor. A deal that fails has said why, and does not keep the others from going on.
fn trade_with_all(customer: &Party, vendors: &[Party; 4]) -> [Option<Deal>; 4] {
    [0, 1, 2, 3].map(|number| {
        let vendor = &vendors[number];
        let title = format!("a chair from {}", vendor.name);
        let trade = || Pair { customer, vendor }.trade(&title);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(trade)).ok()
    })
}

/// Reveals her address in every conversation, and waits until it is used in all, or time is up.
fn reveal_to_all(
    number: usize,
    customer: &Party,
    vendors: &[Party; 4],
    deals: &[Option<Deal>; 4],
) -> [bool; 4] {
    let known =
        || deals.iter().enumerate().filter_map(|(place, deal)| deal.as_ref().map(|deal| (place, deal)));
    for (place, deal) in known() {
        customer.ask(&["reveal", &deal.thread]);
        let pair = Pair { customer, vendor: &vendors[place] };
        pair.say(Side::Customer, deal, "Here I am.");
        pair.say(Side::Vendor, deal, "So am I.");
        for later in &vendors[place + 1..] {
            let seen = seen(later.site.edge(), &counter(number));
            assert_eq!(seen, Seen::NOTHING, "who tells {} tells nobody else", vendors[place].name);
        }
    }
    let direct = |place: usize| {
        let seen = seen(&vendors[place].site.host, &host_counter(number));
        seen.from > 0 && seen.to > 0
    };
    // Where there is no direct way, the time simply ends: that too is an answer.
    within(UPGRADE, || known().all(|(place, _)| direct(place)).then_some(()));
    let direct = [0, 1, 2, 3].map(direct);
    for (place, deal) in known() {
        let pair = Pair { customer, vendor: &vendors[place] };
        pair.say(Side::Customer, deal, "Good bye.");
        pair.say(Side::Vendor, deal, "Good bye to you.");
    }
    direct
}

/// Does the same for every customer at once.
fn for_each<T: Send>(customers: &[Party; 4], work: impl Fn(usize, &Party) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let work = &work;
        let spawn = |(number, customer)| scope.spawn(move || work(number, customer));
        let running: Vec<_> = customers.iter().enumerate().map(spawn).collect();
        running.into_iter().map(|work| work.join().expect("no customer's thread fails")).collect()
    })
}

fn outcomes() -> Vec<Outcome> {
    let world = World::new();
    let (_relays, places) = two_relays(&world);
    let name = |role: &str, nat: Nat| format!("{role}-{}", nat.name().replace(' ', "-"));
    let vendors = Nat::ALL.map(|nat| {
        let name = name("vendor", nat);
        Party::vendor(&world, &name, world.site(&name, Land::North, nat), &places)
    });
    let customers = Nat::ALL.map(|nat| {
        let name = name("customer", nat);
        Party::customer(&world, &name, world.site(&name, Land::South, nat), &places)
    });
    for (number, customer) in customers.iter().enumerate() {
        for vendor in &vendors {
            watch(vendor.site.edge(), &counter(number), &customer.site);
            watch(&vendor.site.host, &host_counter(number), &customer.site);
        }
    }
    vendors.iter().chain(&customers).for_each(|party| party.meet(1));

    let deals = for_each(&customers, |_, customer| trade_with_all(customer, &vendors));
    let before = |number: usize| vendors.each_ref().map(|vendor| seen(vendor.site.edge(), &counter(number)));
    let before = [0, 1, 2, 3].map(before);
    let direct =
        for_each(&customers, |number, customer| reveal_to_all(number, customer, &vendors, &deals[number]));
    let one = |number: usize| {
        let (customer, vendor) = (number / 4, number % 4);
        Outcome {
            customer: Nat::ALL[customer],
            vendor: Nat::ALL[vendor],
            before: before[customer][vendor],
            deal: deals[customer][vendor].clone(),
            direct: direct[customer][vendor],
        }
    };
    (0..16).map(one).collect()
}

#[test]
fn sixteen_of_sixteen_trade_unseen_and_meet_by_consent() {
    if cannot("customers and vendors behind every kind of NAT") {
        return;
    }
    let outcomes = outcomes();
    println!("| customer | vendor | deal | packets before consent, in/out | after consent |");
    println!("|---|---|---|---|---|");
    for outcome in &outcomes {
        let Outcome { customer, vendor, before, deal, direct } = outcome;
        let deal = if deal.is_some() { "complete, relayed" } else { "FAILED" };
        let after = if *direct { "direct" } else { "relayed" };
        let (from, to) = (before.from, before.to);
        println!("| {} | {} | {deal} | {from}/{to} | {after} |", customer.name(), vendor.name());
    }
    assert!(outcomes.iter().all(|outcome| outcome.deal.is_some()), "16 of 16 complete a deal");
    assert!(outcomes.iter().all(|outcome| outcome.before == Seen::NOTHING), "nobody is seen before consent");
    for Outcome { customer, vendor, direct, .. } in outcomes {
        assert_eq!(direct, customer.can_meet(vendor), "a direct way between {customer:?} and {vendor:?}");
    }
}
