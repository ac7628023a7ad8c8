//! The whole way from a wish to a verified receipt, between real processes, through the command line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "market/process.rs"]
mod process;
#[path = "market/world.rs"]
mod world;

use process::{bespeak, text};
use serde_json::Value;
use world::{EVERYBODY, Who, World};

/// What one step leaves to the next.
#[derive(Default)]
struct Trade {
    intention: String,
    offer: String,
    order: String,
    thread: String,
}

type Step = (&'static str, fn(&World, &mut Trade));

/// The whole way. Each step waits until what it did has arrived.
const STEPS: &[Step] = &[
    ("the customer wants a folding e-bike", want),
    ("a vendor offers by hand, the other by rule", offer),
    ("the customer counters, the vendor revises", haggle),
    ("the customer orders", order),
    ("the two talk", talk),
    ("the vendor accepts", accept),
    ("payment is asked for and sent", pay),
    ("the payment is confirmed", confirm_payment),
    ("the first of two is handed over", fulfil_first),
    ("so is the second", fulfil_second),
    ("the order is completed, both hold the receipt", complete),
];

fn want(world: &World, trade: &mut Trade) {
    world.ask(Who::Klapprad, &["auto", "on", "--margin", "5%", "--limit", "5000EUR"]);
    let said = world.ask(
        Who::Customer,
        &[
            "want",
            "folding e-bike",
            "--category",
            "vehicles.bicycles",
            "--line",
            "2x folding e-bike",
            "--max",
            "3000EUR",
            "--near",
            "DE-u33d",
            "--live",
            "7d",
        ],
    );
    trade.intention = text(&said, "intention");
    for vendor in [Who::Radhaus, Who::Klapprad] {
        let id = trade.intention.clone();
        world.await_item(vendor, &["inbox"], "the intention", |item| item["intention"] == id.as_str());
    }
}

fn offer(world: &World, trade: &mut Trade) {
    let arguments = ["offer", &trade.intention, "--sku", "RH-1", "--text", "In stock in Berlin."];
    let made = text(&world.ask(Who::Radhaus, &arguments), "offer");
    let see = ["offers", &trade.intention];
    let seen =
        world.await_item(Who::Customer, &see, "the offer by hand", |item| item["offer"] == made.as_str());
    assert_eq!(seen["total"]["amount"], 279_800, "{seen}");
    assert_eq!(seen["vendor"]["name"], "Radhaus Nord");
    let by_rule = world.await_item(Who::Customer, &see, "the offer by rule", |item| {
        item["vendor"]["name"] == "Klapprad & Co"
    });
    assert_eq!(by_rule["total"]["amount"], 270_900, "list price and five percent, twice: {by_rule}");
    trade.offer = made;
}

fn haggle(world: &World, trade: &mut Trade) {
    world.ask(Who::Customer, &["counter", &trade.offer, "--total", "2650EUR", "--text", "For both?"]);
    world.await_item(Who::Radhaus, &["offers"], "the counter-offer", |item| item["state"] == "countered");
    let arguments = ["offer", &trade.intention, "--sku", "RH-1", "--price", "1330EUR"];
    let revised = text(&world.ask(Who::Radhaus, &arguments), "offer");
    let see = ["offers", &trade.intention];
    let seen =
        world.await_item(Who::Customer, &see, "the revision", |item| item["offer"] == revised.as_str());
    assert_eq!((&seen["total"]["amount"], &seen["state"]), (&Value::from(266_000), &Value::from("revised")));
    trade.offer = revised;
}

fn order(world: &World, trade: &mut Trade) {
    let placed = world.ask(Who::Customer, &["accept", &trade.offer]);
    (trade.order, trade.thread) = (text(&placed, "order"), text(&placed, "thread"));
    let id = trade.order.clone();
    world.await_item(Who::Radhaus, &["order", "list"], "the order", |item| item["order"] == id.as_str());
}

fn talk(world: &World, trade: &mut Trade) {
    for (speaker, listener, words) in [
        (Who::Customer, Who::Radhaus, "Can you deliver on Friday?"),
        (Who::Radhaus, Who::Customer, "Yes, after five."),
    ] {
        world.ask(speaker, &["say", &trade.thread, words]);
        let heard = |item: &Value| item["text"] == words && item["from"] == "them";
        world.await_item(listener, &["messages", &trade.thread], "the words", heard);
    }
}

fn accept(world: &World, trade: &mut Trade) {
    world.ask(Who::Radhaus, &["order", "accept", &trade.order]);
    world.await_order(Who::Customer, &trade.order, "the acceptance", |order| order["phase"] == "accepted");
}

fn pay(world: &World, trade: &mut Trade) {
    let way = "payto://iban/DE75512108001245126199?amount=EUR:2660";
    world.ask(Who::Radhaus, &["order", "request-payment", &trade.order, "--payto", way]);
    let told = world
        .await_order(Who::Customer, &trade.order, "the request", |order| order["payment"] == "requested");
    assert_eq!(told["instructions"][0], way);
    world.ask(Who::Customer, &["order", "paid", &trade.order, "--proof", "reference 4711"]);
    world.await_order(Who::Radhaus, &trade.order, "the word of payment", |order| order["payment"] == "sent");
}

fn confirm_payment(world: &World, trade: &mut Trade) {
    world.ask(Who::Radhaus, &["order", "payment-received", &trade.order]);
    world.await_order(Who::Customer, &trade.order, "the money", |order| order["payment"] == "received");
}

fn fulfil_first(world: &World, trade: &mut Trade) {
    world.ask(Who::Radhaus, &["order", "fulfil", &trade.order, "--line", "1", "--quantity", "1"]);
    world.await_order(Who::Customer, &trade.order, "one of two", |order| order["lines"][0]["fulfilled"] == 1);
}

fn fulfil_second(world: &World, trade: &mut Trade) {
    world.ask(Who::Radhaus, &["order", "fulfil", &trade.order]);
    world.await_order(Who::Customer, &trade.order, "both", |order| order["lines"][0]["fulfilled"] == 2);
}

fn complete(world: &World, trade: &mut Trade) {
    world.ask(Who::Customer, &["order", "complete", &trade.order]);
    let order = trade.order.clone();
    let mut exports = Vec::new();
    for who in [Who::Customer, Who::Radhaus] {
        let of = |item: &Value| item["order"] == order.as_str();
        let receipt = world.await_item(who, &["receipt", "list"], "the receipt", of);
        assert_eq!(receipt["verified"], true, "{receipt}");
        assert_eq!(receipt["total"]["amount"], 266_000);
        let id = text(&receipt, "receipt");
        let export = bespeak(&world.home(who), &["receipt", "export", &id, "--format", "cose"]);
        assert!(export.status.success());
        exports.push((id, export.stdout));
    }
    assert_eq!(exports[0], exports[1], "both hold the same bytes");
    let log = world.ask(Who::Customer, &["order", "show", &trade.order])["log"].clone();
    assert!(log.as_array().is_some_and(|log| log.iter().all(|entry| entry["effect"] == true)), "{log}");
    let orders = world.ask(Who::Radhaus, &["order", "list"]);
    assert_eq!(orders.as_array().map(Vec::len), Some(1), "one order on each side: {orders}");
}

#[test]
fn a_trade_between_processes() {
    let mut world = World::new();
    let mut trade = Trade::default();
    for (name, step) in STEPS {
        println!("{name}");
        step(&world, &mut trade);
    }
    for who in EVERYBODY.into_iter().rev() {
        assert_eq!(world.terminate(who), Some(0), "{who:?} ends in peace");
    }
}

#[test]
fn case_01_a_trade_whose_processes_are_killed_between_all_steps() {
    let mut world = World::new();
    let mut trade = Trade::default();
    for (name, step) in STEPS {
        println!("{name}");
        step(&world, &mut trade);
        for who in EVERYBODY {
            world.kill_and_restart(who);
        }
    }
    let receipts = world.ask(Who::Customer, &["receipt", "list"]);
    assert_eq!(receipts[0]["verified"], true, "{receipts}");
}
