//! A vendor with standing rules, and real customers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_identity::RecordId;
use bespeak_node::{
    Node, Role,
    command::{Command, CustomerCommand, Reply},
    model::{intention::Intention, offer::Offer, order::Order},
    view::OfferView,
};

mod common;
use common::{Place, cast, heard, money, offers_of, stocked, until, wish};

const RULES: &str = r#"
[[rule]]
name = "helmets are asked about"
when = { keywords = { any = ["helmet"] } }
offer = { approve_above = "10 EUR" }

[[rule]]
name = "bicycles"
when = { categories = ["vehicles.bicycles"] }
offer = { price = { margin_percent = 10, floor_percent = 0 }, counters = 1, accept_orders = true, lead_days = 2 }
"#;

/// A vendor that answers by these rules.
async fn shop(place: &Place) -> Node {
    let vendor = place.node("vendor", Role::Vendor, &[]).await;
    stocked(&vendor).await;
    let view = vendor.set_rules(RULES.to_owned()).await.unwrap();
    assert_eq!((view.rules, view.findings.as_slice()), (2, &[][..]));
    let mut auto = vendor.auto().await.unwrap();
    auto.on = true;
    vendor.set_auto(auto).await.unwrap();
    vendor
}

async fn offered(customer: &Node, title: &str) -> (RecordId<Intention>, OfferView) {
    let intention = cast(customer, wish(customer, title).await).await;
    (intention, offers_of(customer, intention, 1).await.remove(0))
}

async fn order(customer: &Node, offer: RecordId<Offer>) -> RecordId<Order> {
    let placement = customer.placement().await.unwrap();
    let accept = CustomerCommand::Accept { offer, choose: Vec::new(), anyway: false, placement };
    match customer.command(Command::Customer(accept)).await.unwrap() {
        Reply::Ordered { order, .. } => order,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_offers_answers_a_counter_offer_and_accepts_the_order() {
    let place = Place::new();
    let vendor = shop(&place).await;
    let customer = place.seen("customer", &vendor.listen_addresses()).await;
    let (intention, first) = offered(&customer, "cargo bicycle with box").await;
    assert_eq!((first.total, first.firm), (money("1648.90 EUR"), true));
    assert!(first.deliver_by.is_some());

    let counter = |offer, total: &str| CustomerCommand::Counter { offer, total: money(total), text: None };
    customer.command(Command::Customer(counter(first.offer, "1550 EUR"))).await.unwrap();
    let met = until("the counter-offer is met", || async {
        customer.offers(Some(intention)).await.pop().filter(|offer| offer.total == money("1550 EUR"))
    })
    .await;
    let order = order(&customer, met.offer).await;
    until("the order is accepted", || async {
        customer.order(order).await.filter(|view| view.phase == "accepted")
    })
    .await;
    customer.shutdown().await;
    vendor.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_more_orders_than_goods_as_many_are_accepted_as_there_are() {
    let place = Place::new();
    let vendor = shop(&place).await;
    let mut customers = Vec::new();
    for number in 0..5 {
        customers.push(place.seen(&format!("customer{number}"), &vendor.listen_addresses()).await);
    }
    let mut offers = Vec::new();
    for customer in &customers {
        let (_, offer) = offered(customer, "cargo bicycle with box").await;
        assert_eq!(offer.lines[0].sku.as_ref().unwrap().as_str(), "B-1");
        offers.push(offer.offer);
    }
    let placed = customers.iter().zip(offers).map(|(customer, offer)| order(customer, offer));
    let orders = futures::future::join_all(placed).await;
    let mut accepted = 0;
    for (customer, order) in customers.iter().zip(orders) {
        let phase = until("each order is answered", || async {
            customer.order(order).await.map(|view| view.phase).filter(|phase| phase != "placed")
        })
        .await;
        assert!(phase == "accepted" || phase == "rejected", "{phase}");
        accepted += usize::from(phase == "accepted");
    }
    assert_eq!(accepted, 2, "there are two");
    for customer in customers {
        customer.shutdown().await;
    }
    vendor.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_approves_and_rules_are_tried_without_effect_and_known_after_a_restart() {
    let place = Place::new();
    let vendor = shop(&place).await;
    let peers = vendor.listen_addresses();
    let customer = place.seen("customer", &peers).await;
    let intention = cast(&customer, wish(&customer, "bicycle helmet").await).await;
    heard(&vendor, intention).await;
    let waiting =
        until("it waits for approval", || async { vendor.waiting_for_approval().unwrap().pop() }).await;
    assert_eq!((waiting.intention, waiting.outcome.as_str()), (intention, "approve"));

    let told = vendor.test_rules(intention, None).await.unwrap();
    assert_eq!(told.rule.as_deref(), Some("helmets are asked about"));
    assert!(told.rules[0].met && !told.rules[0].why.is_empty(), "{told:?}");
    let other = "[[rule]]\nname = 'none'\nthen = 'nothing'".to_owned();
    let tried = vendor.try_rules(10, Some(other)).await.unwrap();
    assert_eq!((tried.len(), tried[0].outcome.as_str()), (1, "nothing"));
    assert!(vendor.set_rules("[[rule]]".to_owned()).await.is_err());
    assert!(vendor.offers(None).await.is_empty(), "nothing was done");
    vendor.shutdown().await;

    let vendor = place.node("vendor", Role::Vendor, &[]).await;
    assert_eq!(vendor.rules().unwrap().toml, RULES);
    let offer = vendor.approve(intention).await.unwrap();
    assert_eq!(offers_of(&customer, intention, 1).await[0].offer, offer);
    assert!(vendor.approve(intention).await.is_err(), "once");
    assert!(vendor.waiting_for_approval().unwrap().is_empty());
    customer.shutdown().await;
    vendor.shutdown().await;
}
