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
    command::{Command, CustomerCommand, Reply, Wish},
    home,
    model::{
        category,
        intention::{Intention, Title},
        money::Money,
        network::Network,
        offer::PaymentRule,
        time::{Lifetime, Span},
    },
    view::OfferView,
};

/// Long enough for a busy machine; a condition that never comes fails the test after it.
const DEADLINE: Duration = Duration::from_secs(60);

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
        let options = NodeOptions { listen: loopback(), peers: peers.to_vec() };
        Node::start(self.home(name, role), options).await.unwrap()
    }

    pub(crate) async fn relay(&self) -> Relay {
        relay_at(&self.path("relay")).await
    }
}

pub(crate) async fn relay_at(home: &Path) -> Relay {
    let home = home.to_owned();
    Relay::start(RelayOptions { home, network: None, listen: loopback(), peers: Vec::new() }).await.unwrap()
}

pub(crate) fn loopback() -> Vec<String> {
    vec!["/ip4/127.0.0.1/tcp/0".to_owned()]
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
