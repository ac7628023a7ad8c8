//! What was said while a node was away: it hears everything that is still alive, once, and what was withdrawn stays so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_identity::RecordId;
use bespeak_node::{
    Node, Relay, Role,
    command::{Command, CustomerCommand},
    model::{intention::Intention, reason::WithdrawalReason},
    notice::Notice,
};
use futures::StreamExt;

mod common;
use common::{DEADLINE, Place, cast, heard, until, wish};

async fn withdraw(customer: &Node, intention: RecordId<Intention>) {
    let reason = WithdrawalReason::ChangedMind;
    let withdraw = CustomerCommand::Withdraw { intention, reason };
    customer.command(Command::Customer(withdraw)).await.unwrap();
}

async fn gone(vendor: &Node, intention: RecordId<Intention>) {
    until("the vendor hears the withdrawal", || async {
        let there =
            vendor.inbox().await.iter().any(|view| view.intention == intention && view.state == "heard");
        (!there).then_some(())
    })
    .await;
}

async fn titles(vendor: &Node) -> Vec<String> {
    let inbox = vendor.inbox().await.into_iter().filter(|view| view.state == "heard");
    let mut titles: Vec<String> = inbox.map(|view| view.title.to_string()).collect();
    titles.sort();
    titles
}

/// Intentions that are told until one of them is.
async fn told_until(vendor: &Node, last: RecordId<Intention>) -> Vec<RecordId<Intention>> {
    let mut events = Box::pin(vendor.events(Some(0)));
    let mut told = Vec::new();
    let telling = async {
        while told.last() != Some(&last) {
            let (_, notice) = events.next().await.expect("the vendor runs");
            if let Notice::IntentionHeard { intention } = notice {
                told.push(intention);
            }
        }
    };
    tokio::time::timeout(DEADLINE, telling).await.expect("the last one is told");
    told
}

/// At a relay: a vendor that will go away, a witness that stays, and a customer.
async fn met_at(relay: &Relay, place: &Place) -> [Node; 3] {
    let peers = relay.listen_addresses();
    [
        place.node("vendor", Role::Vendor, &peers).await,
        place.node("witness", Role::Vendor, &peers).await,
        place.node("customer", Role::Customer, &peers).await,
    ]
}

async fn end(nodes: [Node; 3], relay: Relay) {
    for node in nodes {
        node.shutdown().await;
    }
    relay.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_comes_late_hears_what_lives_and_nothing_that_was_withdrawn() {
    let place = Place::new();
    let relay = place.relay().await;
    let peers = relay.listen_addresses();
    let witness = place.node("witness", Role::Vendor, &peers).await;
    let customer = place.node("customer", Role::Customer, &peers).await;
    let lives = cast(&customer, wish(&customer, "cargo bicycle").await).await;
    let withdrawn = cast(&customer, wish(&customer, "folding bicycle").await).await;
    for intention in [lives, withdrawn] {
        heard(&witness, intention).await;
    }
    withdraw(&customer, withdrawn).await;
    gone(&witness, withdrawn).await;
    // Nobody who heard it then is there any more, and the relay has been restarted: it kept it.
    customer.shutdown().await;
    witness.shutdown().await;
    relay.shutdown().await;
    let relay = place.relay().await;

    let late = place.node("late", Role::Vendor, &relay.listen_addresses()).await;
    heard(&late, lives).await;
    assert_eq!(titles(&late).await, ["cargo bicycle"]);
    // A second one learns it from the first alone, as the relay is gone.
    relay.shutdown().await;
    let later = place.node("later", Role::Vendor, &late.listen_addresses()).await;
    heard(&later, lives).await;
    assert_eq!(titles(&later).await, ["cargo bicycle"]);
    later.shutdown().await;
    late.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_was_away_hears_of_it_once_and_of_the_withdrawal() {
    let place = Place::new();
    let relay = place.relay().await;
    let [vendor, witness, customer] = met_at(&relay, &place).await;
    let known = cast(&customer, wish(&customer, "cargo bicycle").await).await;
    heard(&vendor, known).await;
    vendor.shutdown().await;
    withdraw(&customer, known).await;
    let missed = cast(&customer, wish(&customer, "folding bicycle").await).await;
    heard(&witness, missed).await;
    gone(&witness, known).await;

    let vendor = place.node("vendor", Role::Vendor, &relay.listen_addresses()).await;
    heard(&vendor, missed).await;
    gone(&vendor, known).await;
    assert_eq!(titles(&vendor).await, ["folding bicycle"]);
    // Said again by gossip, it is not news: another wish behind it is.
    let marker = cast(&customer, wish(&customer, "city bicycle").await).await;
    let told = told_until(&vendor, marker).await;
    assert_eq!(told, [missed, marker]);
    end([customer, vendor, witness], relay).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_was_away_hears_all_that_lives_from_several_peers_each_once() {
    let place = Place::new();
    let relay = place.relay().await;
    let [vendor, witness, customer] = met_at(&relay, &place).await;
    let before = cast(&customer, wish(&customer, "bicycle of before").await).await;
    heard(&vendor, before).await;
    vendor.shutdown().await;

    let (mut live, mut withdrawn) = (Vec::new(), Vec::new());
    for number in 0..24 {
        let one = cast(&customer, wish(&customer, &format!("bicycle {number:02}")).await).await;
        if number % 3 == 0 { withdrawn.push(one) } else { live.push(one) }
    }
    for intention in live.iter().chain(&withdrawn) {
        heard(&witness, *intention).await;
    }
    for intention in &withdrawn {
        withdraw(&customer, *intention).await;
        gone(&witness, *intention).await;
    }

    // Two peers know all of it: whom it asks second has nothing new.
    let peers = [relay.listen_addresses(), witness.listen_addresses()].concat();
    let vendor = place.node("vendor", Role::Vendor, &peers).await;
    for intention in &live {
        heard(&vendor, *intention).await;
    }
    let numbers = (0..24).filter(|number| number % 3 != 0);
    let mut expected: Vec<String> = numbers.map(|number| format!("bicycle {number:02}")).collect();
    expected.push("bicycle of before".to_owned());
    assert_eq!(titles(&vendor).await, expected);

    let last = cast(&customer, wish(&customer, "bicycle of afterwards").await).await;
    let mut told = told_until(&vendor, last).await;
    assert_eq!(told.pop(), Some(last));
    told.sort();
    live.sort();
    assert_eq!(told, live, "each once, nothing that was withdrawn, nothing that was known");
    end([customer, vendor, witness], relay).await;
}
