//! A trade between two nodes whose disks refuse at every step of it, each with another error, as the pauses of a node
//! whose disk refuses grow: what was refused has not been sent, what was acknowledged is there, and both go on by
//! themselves.

use std::future::Future;

use bespeak_agent::command::{ChatText, EitherCommand, VendorCommand};
use bespeak_agent::output::Hindrance;
use bespeak_export::data::Description;
use bespeak_identity::RecordId;
use bespeak_model::{intention::Intention, offer::PaymentRule, time::Span};
use bespeak_protocol::thread::ThreadId;

use super::*;
use crate::refusing_disk::{EIO, ENOSPC, EROFS, Refusing, until};

type Error = (i32, Hindrance, &'static str);
const FULL: Error = (ENOSPC, Hindrance::DiskFull, "the disk is full");
const READ_ONLY: Error = (EROFS, Hindrance::DiskReadOnly, "the disk is read-only");
const BROKEN: Error = (EIO, Hindrance::DiskFailing, "the disk cannot be written");

/// Asks with errors of the disk, then with a sound disk until it is granted. `number` tells the tries apart.
async fn refused_then_granted<T, F: Future<Output = Result<T, Refusal>>>(
    disk: &Refusing,
    errors: &[Error],
    what: &str,
    mut ask: impl FnMut(u32) -> F,
) -> T {
    let mut number = 0;
    for (code, hindrance, words) in errors.iter().copied() {
        disk.refuse(code);
        let named =
            |refusal: &Refusal| refusal.hindrance == Some(hindrance) && refusal.detail.contains(words);
        // Until the node has tried the disk again, it tells the error before.
        until(&format!("{what} is refused as {words}"), || {
            number += 1;
            let asked = ask(number);
            async move { asked.await.err().filter(named) }
        })
        .await;
    }
    disk.repair();
    until(&format!("{what} is granted"), || {
        number += 1;
        let asked = ask(number);
        async move { asked.await.ok() }
    })
    .await
}

async fn offered(vendor: &Node, intention: RecordId<Intention>, number: u32) -> Result<u32, Refusal> {
    let items = vec![OfferItem::Named {
        name: Title::new("bicycle").unwrap(),
        price: price(number).parse().unwrap(),
    }];
    let (delivery, valid, payment) = (None, Span::THREE_DAYS, PaymentRule::Open);
    let request = OfferRequest { intention, items, delivery, valid, firm: true, payment, text: None };
    vendor.offer(request).await.map(|_| number)
}

fn price(number: u32) -> String {
    format!("{number}.00 EUR")
}

async fn say(node: &Node, thread: ThreadId, text: String) -> Result<String, Refusal> {
    let said = EitherCommand::Say { thread, text: ChatText::new(&text).unwrap() };
    node.command(Command::Either(said)).await.map(|_| text)
}

async fn heard(node: &Node, thread: ThreadId) -> Vec<String> {
    let messages = node.messages(thread).await.into_iter();
    messages.filter(|message| message.from == "them").map(|message| message.text).collect()
}

/// A wish: the vendor hears the one that was granted, and no other.
async fn wished(vendor: &Node, customer: &Node, buying: &Refusing) -> RecordId<Intention> {
    let title = refused_then_granted(buying, &[FULL], "a wish", |number| async move {
        let title = format!("bicycle {number}");
        cast(customer, &title).await.map(|_| title)
    })
    .await;
    assert_eq!(titles(customer).await, [title.as_str()]);
    let inbox =
        until("the wish is heard", || async { Some(vendor.inbox().await).filter(|inbox| !inbox.is_empty()) })
            .await;
    assert_eq!(inbox.iter().map(|view| view.title.to_string()).collect::<Vec<_>>(), [title]);
    inbox[0].intention
}

/// Personal data goes past the agent.
async fn noted(customer: &Node, buying: &Refusing) {
    refused_then_granted(buying, &[FULL, READ_ONLY, BROKEN], "personal data", |_| async {
        let kind = "note".parse().unwrap();
        let said = Description { kind, name: None, media_type: "text/plain".into(), tags: Vec::new() };
        customer.keep_data(said, b"a note".to_vec()).await.map_err(|refusal| match refusal {
            DataRefusal::Refused(refusal) => refusal,
            other => panic!("{other}"),
        })
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trade_on_disks_that_refuse_at_every_step() {
    let dir = tempfile::tempdir().unwrap();
    let (selling, buying) = (Refusing::default(), Refusing::default());
    let homes = (dir.path().join("vendor"), dir.path().join("customer"));
    let vendor = node_of(Role::Vendor, &selling, &homes.0, &[]).await;
    let customer = node_of(Role::Customer, &buying, &homes.1, &vendor.listen_addresses()).await;

    let intention = wished(&vendor, &customer, &buying).await;
    noted(&customer, &buying).await;
    let number = refused_then_granted(&selling, &[READ_ONLY], "an offer", |number| {
        offered(&vendor, intention, number)
    })
    .await;
    let offers = until("the offer arrives", || async {
        Some(customer.offers(Some(intention)).await).filter(|offers| !offers.is_empty())
    })
    .await;
    assert_eq!(offers.iter().map(|view| view.total.to_string()).collect::<Vec<_>>(), [price(number)]);

    let order = refused_then_granted(&buying, &[READ_ONLY], "an order", |_| async {
        let (offer, choose, anyway) = (offers[0].offer, Vec::new(), false);
        let placement = customer.placement().await.unwrap();
        let accept = CustomerCommand::Accept { offer, choose, anyway, placement };
        match customer.command(Command::Customer(accept)).await? {
            Reply::Ordered { order, .. } => Ok(order),
            other => panic!("{other:?}"),
        }
    })
    .await;
    let orders = until("the order arrives", || async {
        Some(vendor.orders().await).filter(|orders| !orders.is_empty())
    })
    .await;
    assert_eq!(orders.iter().map(|view| view.order).collect::<Vec<_>>(), [order]);
    assert_eq!(customer.orders().await.len(), 1);

    let accept = |_| async { vendor.command(Command::Vendor(VendorCommand::AcceptOrder { order })).await };
    refused_then_granted(&selling, &[FULL], "the vendor's word", accept).await;
    until("the acceptance arrives", || async {
        customer.order(order).await.filter(|view| view.phase == "accepted")
    })
    .await;

    // What comes in while the disk refuses is not lost: it comes again.
    let thread = orders[0].thread;
    buying.refuse(EIO);
    say(&vendor, thread, "while you could not keep it".into()).await.unwrap();
    let mine = refused_then_granted(&buying, &[BROKEN], "a message", |number| {
        say(&customer, thread, format!("message {number}"))
    })
    .await;
    until("the vendor's message arrives", || async {
        Some(heard(&customer, thread).await).filter(|heard| *heard == ["while you could not keep it"])
    })
    .await;
    until("the customer's message arrives", || async {
        Some(heard(&vendor, thread).await).filter(|heard| *heard == [mine.as_str()])
    })
    .await;

    // What is seen may not yet be kept; what its sender knows to be received is.
    until("the vendor knows that", || async {
        let mut messages = vendor.messages(thread).await.into_iter();
        let there = |stage: &str| matches!(stage, "received" | "read");
        messages.find(|message| message.delivery.as_deref().is_some_and(there))
    })
    .await;

    // Ending goes on while the disk refuses, and all that was granted is there afterwards.
    buying.refuse(EROFS);
    customer.shutdown().await;
    vendor.shutdown().await;
    buying.repair();
    let customer = node_of(Role::Customer, &buying, &homes.1, &[]).await;
    assert_eq!(customer.order(order).await.map(|view| view.phase), Some("accepted".to_owned()));
    assert_eq!(customer.data().await.unwrap().len(), 1);
    assert_eq!(heard(&customer, thread).await, ["while you could not keep it"]);
    customer.shutdown().await;
}
