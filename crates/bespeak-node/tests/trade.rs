//! From a wish to a receipt between real nodes, by way of a relay.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_node::{
    Node, Role,
    command::{Command, CustomerCommand, EitherCommand, Reply, VendorCommand},
    model::{fulfilment::FulfilmentKind, offer::Offer, order::Order},
    view::OrderView,
};

mod common;
use common::{Place, cast, heard, money, named, offers_of, stocked, until, wish};

type OrderId = bespeak_identity::RecordId<Order>;

async fn accept(customer: &Node, offer: bespeak_identity::RecordId<Offer>) -> OrderId {
    let placement = customer.placement().await.unwrap();
    let accept = CustomerCommand::Accept { offer, choose: Vec::new(), anyway: false, placement };
    match customer.command(Command::Customer(accept)).await.unwrap() {
        Reply::Ordered { order, .. } => order,
        other => panic!("{other:?}"),
    }
}

async fn do_it(node: &Node, command: VendorCommand) {
    node.command(Command::Vendor(command)).await.unwrap();
}

async fn when(node: &Node, order: OrderId, what: &str, is: impl Fn(&OrderView) -> bool) -> OrderView {
    until(what, || async { node.order(order).await.filter(|view| is(view)) }).await
}

/// A market in which any node can be ended and started again.
struct Market {
    place: Place,
    relay: bespeak_node::Relay,
    vendor: Node,
    customer: Node,
}

impl Market {
    async fn open() -> Self {
        let place = Place::new();
        let relay = place.relay().await;
        let peers = relay.listen_addresses();
        let vendor = place.node("vendor", Role::Vendor, &peers).await;
        let customer = place.node("customer", Role::Customer, &peers).await;
        Self { place, relay, vendor, customer }
    }

    async fn again(&mut self, who: &str) {
        match who {
            "relay" => {
                self.relay.shutdown().await;
                self.relay = self.place.relay().await;
            }
            "vendor" => {
                self.vendor.shutdown().await;
                self.vendor = self.place.node("vendor", Role::Vendor, &self.relay.listen_addresses()).await;
            }
            _ => {
                self.customer.shutdown().await;
                self.customer =
                    self.place.node("customer", Role::Customer, &self.relay.listen_addresses()).await;
            }
        }
    }

    async fn close(self) {
        self.customer.shutdown().await;
        self.vendor.shutdown().await;
        self.relay.shutdown().await;
    }
}

/// The whole way; `between` happens after every step.
async fn whole_way(market: &mut Market, between: &[&str]) {
    let intention = cast(&market.customer, wish(&market.customer, "cargo bicycle").await).await;
    heard(&market.vendor, intention).await;
    restart(market, between).await;
    market.vendor.offer(named(intention, "Cargo bicycle", "1499 EUR")).await.unwrap();
    let offer = offers_of(&market.customer, intention, 1).await.remove(0);
    assert_eq!((offer.total, offer.vendor.name.as_str()), (money("1499 EUR"), "vendor"));
    restart(market, between).await;

    let order = accept(&market.customer, offer.offer).await;
    restart(market, between).await;
    when(&market.vendor, order, "the order arrives", |view| view.phase == "placed").await;
    do_it(&market.vendor, VendorCommand::AcceptOrder { order }).await;
    restart(market, between).await;
    when(&market.customer, order, "the acceptance arrives", |view| view.phase == "accepted").await;

    let instructions = vec!["payto://iban/DE75512108001245126199".parse().unwrap()];
    do_it(&market.vendor, VendorCommand::RequestPayment { order, instructions }).await;
    when(&market.customer, order, "the request arrives", |view| view.payment == "requested").await;
    let paid = CustomerCommand::Paid { order, proof: None };
    market.customer.command(Command::Customer(paid)).await.unwrap();
    restart(market, between).await;
    when(&market.vendor, order, "the payment arrives", |view| view.payment == "sent").await;
    do_it(&market.vendor, VendorCommand::PaymentReceived { order, amount: None }).await;

    let (lines, event, note) = (Vec::new(), FulfilmentKind::Delivered, None);
    do_it(&market.vendor, VendorCommand::Fulfil { order, lines, event, note }).await;
    restart(market, between).await;
    let fulfilled = |view: &OrderView| view.lines.iter().all(|line| line.fulfilled == line.ordered);
    when(&market.customer, order, "everything is there", fulfilled).await;
    let complete = Command::Either(EitherCommand::Complete { order });
    market.vendor.command(complete.clone()).await.unwrap();
    // The other side may have completed it already.
    let _ = market.customer.command(complete).await;
    for node in [&market.customer, &market.vendor] {
        let receipt = until("the receipt bears both signatures", || async {
            node.receipts().await.into_iter().find(|receipt| receipt.order == order)
        })
        .await;
        assert!(receipt.verified);
        assert_eq!(receipt.total, money("1499 EUR"));
        assert!(node.record(&receipt.receipt.to_string()).await.is_some());
    }
}

async fn restart(market: &mut Market, who: &[&str]) {
    for one in who {
        market.again(one).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_wish_to_a_receipt() {
    let mut market = Market::open().await;
    whole_way(&mut market, &[]).await;
    assert_eq!(market.customer.status().await.relays, market.relay.listen_addresses());
    market.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customer_may_restart_after_every_step() {
    let mut market = Market::open().await;
    whole_way(&mut market, &["customer"]).await;
    market.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vendor_may_restart_after_every_step() {
    let mut market = Market::open().await;
    whole_way(&mut market, &["vendor"]).await;
    market.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_may_restart_after_every_step() {
    let mut market = Market::open().await;
    whole_way(&mut market, &["relay"]).await;
    market.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_relay_mail_comes_to_the_customers_own_node() {
    let place = Place::new();
    let vendor = place.node("vendor", Role::Vendor, &[]).await;
    let customer = place.seen("customer", &vendor.listen_addresses()).await;
    let intention = cast(&customer, wish(&customer, "cargo bicycle").await).await;
    heard(&vendor, intention).await;
    vendor.offer(named(intention, "Cargo bicycle", "1499 EUR")).await.unwrap();
    let offer = offers_of(&customer, intention, 1).await.remove(0);

    customer.shutdown().await;
    let customer = place.seen("customer", &vendor.listen_addresses()).await;
    let order = accept(&customer, offer.offer).await;
    when(&vendor, order, "the order arrives", |view| view.phase == "placed").await;
    do_it(&vendor, VendorCommand::AcceptOrder { order }).await;
    when(&customer, order, "the acceptance arrives", |view| view.phase == "accepted").await;
    customer.shutdown().await;
    vendor.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_answers_by_rule_and_sells_no_more_than_there_is() {
    let place = Place::new();
    let vendor = place.node("vendor", Role::Vendor, &[]).await;
    stocked(&vendor).await;
    let customer = place.seen("customer", &vendor.listen_addresses()).await;
    let before = cast(&customer, wish(&customer, "cargo bicycle").await).await;
    heard(&vendor, before).await;
    assert!(customer.offers(None).await.is_empty());

    let mut auto = vendor.auto().await.unwrap();
    (auto.on, auto.margin_percent) = (true, 10);
    vendor.set_auto(auto).await.unwrap();
    let offer = offers_of(&customer, before, 1).await.remove(0);
    assert_eq!(offer.total, money("1648.90 EUR"), "what was heard before is answered too");
    assert_eq!(offer.lines[0].sku.as_ref().map(|sku| sku.as_str()), Some("B-1"));

    let mut orders = vec![accept(&customer, offer.offer).await];
    for _ in 0..2 {
        let intention = cast(&customer, wish(&customer, "cargo bicycle").await).await;
        let offer = offers_of(&customer, intention, 1).await.remove(0);
        orders.push(accept(&customer, offer.offer).await);
    }
    for (number, order) in orders.into_iter().enumerate() {
        when(&vendor, order, "the order arrives", |view| view.phase == "placed").await;
        let accepted = vendor.command(Command::Vendor(VendorCommand::AcceptOrder { order })).await;
        if number < 2 {
            accepted.unwrap();
        } else {
            let refusal = accepted.unwrap_err();
            assert_eq!(refusal.code.as_str(), "quantity_unavailable");
            assert!(refusal.detail.contains("0 left of B-1"), "{refusal}");
        }
    }
    let nothing = cast(&customer, wish(&customer, "garden hose").await).await;
    heard(&vendor, nothing).await;
    let helmet = cast(&customer, wish(&customer, "bicycle helmet").await).await;
    offers_of(&customer, helmet, 1).await;
    assert!(customer.offers(Some(nothing)).await.is_empty(), "a vendor with nothing fitting does not answer");
    customer.shutdown().await;
    vendor.shutdown().await;
}
