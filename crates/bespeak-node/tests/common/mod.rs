//! A small market of real nodes on loopback.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    future::Future,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bespeak_identity::RecordId;
use bespeak_node::{
    Home, InitOptions, Node, NodeOptions, OfferItem, OfferRequest, Protection, Relay, RelayOptions, Role,
    Unlock,
    catalogue::Format,
    command::{Command, CustomerCommand, EitherCommand, Reply, VendorCommand, Wish},
    home,
    model::{
        category,
        fulfilment::FulfilmentKind,
        intention::{Intention, Title},
        money::Money,
        network::Network,
        offer::PaymentRule,
        time::{Lifetime, Span},
    },
    view::{OfferView, OrderView, ReceiptView},
};

/// Long enough for a busy machine; a condition that never comes fails the test after it.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// Asks again and again until there is an answer.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(start.elapsed() < DEADLINE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn home(&self, name: &str, role: Role) -> Home {
        let path = self.path(name);
        if !path.exists() {
            let name = name.parse().ok();
            home::init(&path, &InitOptions { role, name, network: Network::main() }, &Protection::Open)
                .unwrap();
        }
        Home::open(&path, &Unlock::Open).unwrap()
    }

    pub(crate) async fn node(&self, name: &str, role: Role, peers: &[String]) -> Node {
        Node::start(self.home(name, role), options(peers)).await.unwrap()
    }

    /// A customer whom vendors may see: she needs no relay.
    pub(crate) async fn seen(&self, name: &str, peers: &[String]) -> Node {
        let options = NodeOptions { reveal: true, ..options(peers) };
        Node::start(self.home(name, Role::Customer), options).await.unwrap()
    }

    pub(crate) async fn relay(&self) -> Relay {
        relay_at(&self.path("relay")).await
    }
}

pub(crate) async fn relay_at(home: &Path) -> Relay {
    Relay::start(RelayOptions { listen: loopback(), ..RelayOptions::new(home) }).await.unwrap()
}

pub(crate) fn loopback() -> Vec<String> {
    vec!["/ip4/127.0.0.1/tcp/0".to_owned()]
}

/// A node on loopback with these peers; without any it may be seen, as it has no relay.
pub(crate) fn options(peers: &[String]) -> NodeOptions {
    let (peers, reveal) = (peers.to_vec(), peers.is_empty());
    NodeOptions { listen: loopback(), peers, reveal, ..NodeOptions::default() }
}

pub(crate) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

pub(crate) async fn wish(node: &Node, title: &str) -> Wish {
    Wish {
        title: Title::new(title).unwrap(),
        text: None,
        category: category::parse("vehicles.bicycles").unwrap(),
        lines: Vec::new(),
        conditions: Vec::new(),
        budget: None,
        condition: None,
        place: None,
        needed_by: None,
        lifetime: Lifetime::ThreeDays,
        terms: Vec::new(),
        placement: node.placement().await.unwrap(),
    }
}

pub(crate) async fn cast(node: &Node, wish: Wish) -> RecordId<Intention> {
    let want = CustomerCommand::Want(Box::new(wish));
    match node.command(Command::Customer(want)).await.unwrap() {
        Reply::Cast(id) => id,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn heard(vendor: &Node, intention: RecordId<Intention>) {
    until("the vendor hears the intention", || async {
        vendor.inbox().await.into_iter().find(|view| view.intention == intention)
    })
    .await;
}

/// A firm offer of one named thing, valid for three days.
pub(crate) fn named(intention: RecordId<Intention>, name: &str, price: &str) -> OfferRequest {
    OfferRequest {
        intention,
        items: vec![OfferItem::Named { name: Title::new(name).unwrap(), price: money(price) }],
        delivery: None,
        valid: Span::THREE_DAYS,
        firm: true,
        payment: PaymentRule::Open,
        text: None,
    }
}

pub(crate) async fn offers_of(
    customer: &Node,
    intention: RecordId<Intention>,
    count: usize,
) -> Vec<OfferView> {
    until("the offers arrive", || async {
        let offers = customer.offers(Some(intention)).await;
        (offers.len() >= count).then_some(offers)
    })
    .await
}

pub(crate) async fn stocked(vendor: &Node) {
    let goods = [
        r#"{"sku":"B-1","title":"Cargo bicycle with box","price":"1499.00 EUR","available":2}"#,
        r#"{"sku":"B-2","title":"Folding bicycle, 7 gears","price":"599.00 EUR","available":5}"#,
        r#"{"sku":"H-1","title":"Bicycle helmet, large","price":"49.90 EUR"}"#,
    ];
    let report = vendor.import(Format::Jsonl, goods.join("\n").into_bytes()).await.unwrap();
    assert_eq!((report.imported, report.skipped_count), (3, 0), "{report:?}");
}

/// Copies a home that nobody has open.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    std::fs::set_permissions(to, std::fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// From a wish to a receipt.
pub(crate) async fn trade(customer: &Node, vendor: &Node) -> ReceiptView {
    let intention = cast(customer, wish(customer, "cargo bicycle").await).await;
    heard(vendor, intention).await;
    vendor.offer(named(intention, "Cargo bicycle", "1499 EUR")).await.unwrap();
    let offer = offers_of(customer, intention, 1).await.remove(0).offer;
    let placement = customer.placement().await.unwrap();
    let accept = CustomerCommand::Accept { offer, choose: Vec::new(), anyway: false, placement };
    let Reply::Ordered { order, .. } = customer.command(Command::Customer(accept)).await.unwrap() else {
        panic!("an order is placed");
    };
    let phase = async |node: &Node| node.order(order).await.map(|view| (view.phase, view.payment));
    until("the order arrives", || phase(vendor)).await;
    let by_vendor = async |command| vendor.command(Command::Vendor(command)).await.unwrap();
    by_vendor(VendorCommand::AcceptOrder { order }).await;
    let instructions = vec!["payto://iban/DE75512108001245126199".parse().unwrap()];
    by_vendor(VendorCommand::RequestPayment { order, instructions }).await;
    until("the request", || async { phase(customer).await.filter(|(_, paid)| paid == "requested") }).await;
    let paid = CustomerCommand::Paid { order, proof: None };
    customer.command(Command::Customer(paid)).await.unwrap();
    until("the word of payment", || async { phase(vendor).await.filter(|(_, paid)| paid == "sent") }).await;
    by_vendor(VendorCommand::PaymentReceived { order, amount: None }).await;
    let (lines, event) = (Vec::new(), FulfilmentKind::Delivered);
    by_vendor(VendorCommand::Fulfil { order, lines, event, note: None }).await;
    let there = |view: &OrderView| {
        view.payment == "received" && view.lines.iter().all(|line| line.fulfilled == line.ordered)
    };
    until("goods and money", || async { customer.order(order).await.filter(there) }).await;
    // The vendor may have closed it first.
    let _ = customer.command(Command::Either(EitherCommand::Complete { order })).await;
    until("both receipts", || async { vendor.receipts().await.pop() }).await;
    until("both receipts", || async { customer.receipts().await.pop() }).await
}
