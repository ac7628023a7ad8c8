//! Backups of real nodes: what is destroyed lives on elsewhere, and goes on with its open orders.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
};

use bespeak_identity::RecordId;
use bespeak_node::{
    Home, HomeError, Node, Protection, Relay, Role, Unlock,
    backup::{BackupError, BackupSecret, FileError, Restored, Verified, restore, verify},
    command::{ChatText, Command, CustomerCommand, EitherCommand, Reply, VendorCommand},
    data::Description,
    home::{self, SlotKind},
    model::{fulfilment::FulfilmentKind, order::Order},
    view::{MessageView, OrderView},
};
use bespeak_protocol::thread::ThreadId;
use futures::StreamExt;

mod common;
use common::{Place, cast, heard, named, offers_of, options, stocked, until, wish};

/// A home whose words are known.
fn home_with_words(place: &Place, name: &str, role: Role) -> BackupSecret {
    let options = bespeak_node::InitOptions {
        role,
        name: name.parse().ok(),
        network: bespeak_node::model::network::Network::main(),
    };
    let made = home::init(&place.path(name), &options, &Protection::Open).unwrap();
    BackupSecret::words(&made.recovery_phrase).unwrap()
}

async fn back_up(node: &Node, secret: Option<BackupSecret>, to: &Path) {
    let pieces: Vec<_> = node.backup(secret).unwrap().collect().await;
    let pieces: Result<Vec<_>, _> = pieces.into_iter().collect();
    fs::write(to, pieces.unwrap().concat()).unwrap();
}

async fn start(home: &Path, peers: &[String]) -> Node {
    Node::start(Home::open(home, &Unlock::Open).unwrap(), options(peers)).await.unwrap()
}

async fn say(node: &Node, thread: ThreadId, text: &str) {
    let say = || EitherCommand::Say { thread, text: ChatText::new(text).unwrap() };
    // Right after a restoration the other side is asked first.
    until("it may be said", || async { node.command(Command::Either(say())).await.ok() }).await;
}

/// What was said, as one side sees it: `true` for its own words.
fn talk(messages: &[MessageView]) -> Vec<(bool, &str)> {
    messages.iter().map(|line| (line.from == "me", line.text.as_str())).collect()
}

/// Both see the same talk, of so many lines.
async fn same_talk(one: &Node, other: &Node, thread: ThreadId, lines: usize) {
    until(&format!("both see the same {lines} lines"), || async {
        let (mine, theirs) = (one.messages(thread).await, other.messages(thread).await);
        let mirrored: Vec<_> = talk(&theirs).into_iter().map(|(own, text)| (!own, text.to_owned())).collect();
        let own: Vec<_> = talk(&mine).into_iter().map(|(own, text)| (own, text.to_owned())).collect();
        (own.len() == lines && own == mirrored).then_some(())
    })
    .await;
}

async fn when(node: &Node, order: RecordId<Order>, what: &str, is: impl Fn(&OrderView) -> bool) {
    until(what, || async { node.order(order).await.filter(|view| is(view)) }).await;
}

/// An order that binds both and is not done.
struct Market {
    place: Place,
    relay: Relay,
    customer: Node,
    vendor: Node,
    secret: BackupSecret,
    order: RecordId<Order>,
    thread: ThreadId,
}

impl Market {
    /// `who` is to be restored.
    async fn with_an_open_order(who: &str) -> Self {
        let place = Place::new();
        let role = if who == "vendor" { Role::Vendor } else { Role::Customer };
        let secret = home_with_words(&place, who, role);
        let relay = place.relay().await;
        let peers = relay.listen_addresses();
        let vendor = place.node("vendor", Role::Vendor, &peers).await;
        let customer = place.node("customer", Role::Customer, &peers).await;
        let intention = cast(&customer, wish(&customer, "cargo bicycle").await).await;
        heard(&vendor, intention).await;
        vendor.offer(named(intention, "Cargo bicycle", "1499 EUR")).await.unwrap();
        let offer = offers_of(&customer, intention, 1).await.remove(0);
        let placement = customer.placement().await.unwrap();
        let accept =
            CustomerCommand::Accept { offer: offer.offer, choose: Vec::new(), anyway: false, placement };
        let Reply::Ordered { order, .. } = customer.command(Command::Customer(accept)).await.unwrap() else {
            panic!("an order is placed");
        };
        when(&vendor, order, "the order arrives", |view| view.phase == "placed").await;
        vendor.command(Command::Vendor(VendorCommand::AcceptOrder { order })).await.unwrap();
        when(&customer, order, "the acceptance arrives", |view| view.phase == "accepted").await;
        let thread = customer.order(order).await.unwrap().thread;
        Self { place, relay, customer, vendor, secret, order, thread }
    }

    fn file(&self) -> PathBuf {
        self.place.path("backup.age")
    }

    fn restore(&self) -> Restored {
        restore(&self.file(), &self.secret, &self.place.path("elsewhere"), &Protection::Open).unwrap()
    }

    /// From the accepted order to a receipt on both sides.
    async fn to_the_receipt(&self) {
        let Self { customer, vendor, order, .. } = self;
        let order = *order;
        let by_vendor = async |command| vendor.command(Command::Vendor(command)).await.unwrap();
        let instructions = vec!["payto://iban/DE75512108001245126199".parse().unwrap()];
        by_vendor(VendorCommand::RequestPayment { order, instructions }).await;
        when(customer, order, "the request arrives", |view| view.payment == "requested").await;
        let paid = CustomerCommand::Paid { order, proof: None };
        customer.command(Command::Customer(paid)).await.unwrap();
        when(vendor, order, "the payment arrives", |view| view.payment == "sent").await;
        by_vendor(VendorCommand::PaymentReceived { order, amount: None }).await;
        let (lines, event) = (Vec::new(), FulfilmentKind::Delivered);
        by_vendor(VendorCommand::Fulfil { order, lines, event, note: None }).await;
        let there = |view: &OrderView| {
            view.payment == "received" && view.lines.iter().all(|line| line.fulfilled == line.ordered)
        };
        when(customer, order, "goods and money are there", there).await;
        // The vendor may have closed it first.
        let _ = customer.command(Command::Either(EitherCommand::Complete { order })).await;
        for node in [customer, vendor] {
            until("the receipt bears both signatures", || async {
                node.receipts().await.into_iter().find(|receipt| receipt.order == order && receipt.verified)
            })
            .await;
        }
    }

    async fn close(self) {
        self.customer.shutdown().await;
        self.vendor.shutdown().await;
        self.relay.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_whose_home_is_destroyed_goes_on_elsewhere_to_the_receipt() {
    let mut market = Market::with_an_open_order("customer").await;
    let Market { customer, vendor, thread, .. } = &market;
    say(customer, *thread, "before").await;
    assert_eq!(customer.status().await.last_backup, None);
    back_up(customer, None, &market.file()).await;
    assert!(customer.status().await.last_backup.is_some());
    say(customer, *thread, "after the backup").await;
    same_talk(customer, vendor, *thread, 2).await;
    say(vendor, *thread, "heard").await;
    same_talk(customer, vendor, *thread, 3).await;

    let party = customer.party();
    customer.shutdown().await;
    fs::remove_dir_all(market.place.path("customer")).unwrap();
    let restored = market.restore();
    assert_eq!((restored.party, restored.role), (party, Role::Customer));
    assert!(!market.place.path("elsewhere.partial").exists());
    market.customer = start(&restored.home, &market.relay.listen_addresses()).await;
    let status = market.customer.status().await;
    assert_eq!((status.orders_open, status.last_backup), (1, Some(restored.made_at)));
    // Nobody speaks: the restored side asks by itself.
    same_talk(&market.customer, &market.vendor, market.thread, 3).await;
    say(&market.customer, market.thread, "here again").await;
    same_talk(&market.customer, &market.vendor, market.thread, 4).await;
    market.to_the_receipt().await;
    market.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_goes_on_at_another_address() {
    let mut market = Market::with_an_open_order("vendor").await;
    let Market { customer, vendor, thread, .. } = &market;
    back_up(vendor, None, &market.file()).await;
    say(vendor, *thread, "after the backup").await;
    same_talk(customer, vendor, *thread, 1).await;
    let old = vendor.listen_addresses();
    vendor.shutdown().await;
    fs::remove_dir_all(market.place.path("vendor")).unwrap();
    let port: u16 = old[0].split('/').nth(4).unwrap().parse().unwrap();
    let _taken = TcpListener::bind(("127.0.0.1", port)).unwrap();

    let restored = market.restore();
    market.vendor = start(&restored.home, &market.relay.listen_addresses()).await;
    assert_ne!(market.vendor.listen_addresses(), old);
    same_talk(&market.customer, &market.vendor, market.thread, 1).await;
    say(&market.customer, market.thread, "to the new address").await;
    same_talk(&market.customer, &market.vendor, market.thread, 2).await;
    market.to_the_receipt().await;
    market.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_backup_beside_a_newer_life_ends_in_agreement() {
    let mut market = Market::with_an_open_order("customer").await;
    back_up(&market.customer, None, &market.file()).await;
    say(&market.customer, market.thread, "the first life").await;
    same_talk(&market.customer, &market.vendor, market.thread, 1).await;
    market.customer.shutdown().await;

    let restored = market.restore();
    let peers = market.relay.listen_addresses();
    market.customer = start(&restored.home, &peers).await;
    same_talk(&market.customer, &market.vendor, market.thread, 1).await;
    say(&market.customer, market.thread, "the second life").await;
    same_talk(&market.customer, &market.vendor, market.thread, 2).await;
    market.customer.shutdown().await;

    // Epochs are told apart by the second in which they begin.
    let second = unix_second();
    until("the next second", || async { (unix_second() > second).then_some(()) }).await;
    market.customer = start(&market.place.path("customer"), &peers).await;
    say(&market.vendor, market.thread, "who is there?").await;
    same_talk(&market.customer, &market.vendor, market.thread, 3).await;
    let said = market.vendor.messages(market.thread).await;
    let said: Vec<_> = said.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(said, ["the first life", "the second life", "who is there?"]);
    say(&market.customer, market.thread, "the first life again").await;
    same_talk(&market.customer, &market.vendor, market.thread, 4).await;
    market.to_the_receipt().await;
    market.close().await;
}

fn unix_second() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// A vendor with goods and personal data, who needs nobody else.
async fn shop(place: &Place) -> (BackupSecret, Node) {
    let secret = home_with_words(place, "shop", Role::Vendor);
    let node = place.node("shop", Role::Vendor, &[]).await;
    stocked(&node).await;
    let kind = "note".parse().unwrap();
    let said = Description { kind, name: None, media_type: "text/plain".to_owned(), tags: Vec::new() };
    node.keep_data(said, b"milk".to_vec()).await.unwrap();
    (secret, node)
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_kept_comes_along_and_is_found_under_its_key_again() {
    let place = Place::new();
    let (secret, node) = shop(&place).await;
    let file = place.path("backup.age");
    back_up(&node, None, &file).await;
    let (goods, data) = (node.goods("H-1").await.unwrap(), node.data().await.unwrap());
    node.shutdown().await;
    let bytes = fs::read(&file).unwrap();
    assert!(bytes.starts_with(b"age-encryption.org/v1\n-> scrypt "));
    let Verified { goods: articles, data: items, missing, unreadable, documents, .. } =
        verify(&file, &secret).unwrap();
    assert_eq!((articles, items, missing, unreadable), (3, 1, 0, 0));

    // An empty folder is as good as none, and what a crash left of an earlier try is cleared away.
    fs::create_dir(place.path("new")).unwrap();
    fs::create_dir_all(place.path("new.partial/journal")).unwrap();
    let closed = Protection::Passphrase(home::Passphrase::new("open sesame").unwrap(), home::Cost::LEAST);
    let restored = restore(&file, &secret, &place.path("new"), &closed).unwrap();
    assert_eq!(restored.documents, documents);
    let kinds: Vec<_> = home::slots(&restored.home).unwrap().iter().map(|slot| slot.kind).collect();
    assert_eq!(kinds, [SlotKind::Passphrase, SlotKind::Words]);
    let unlock = Unlock::Passphrase(home::Passphrase::new("open sesame").unwrap());
    let home = Home::open(&restored.home, &unlock).unwrap();
    let node = Node::start(home, options(&[])).await.unwrap();
    assert!(goods.is_some());
    assert_eq!((node.goods("H-1").await.unwrap(), node.data().await.unwrap()), (goods, data));
    // Kept again it takes the place of the old one, and no second.
    stocked_again(&node).await;
    let id = node.data().await.unwrap()[0].id.as_str().to_owned();
    node.forget_data(&id).await.unwrap();
    assert_eq!(node.data().await.unwrap(), []);
    // A backup of what was restored is as good as the first.
    back_up(&node, None, &place.path("second.age")).await;
    node.shutdown().await;
    let again = verify(&place.path("second.age"), &secret).unwrap();
    assert_eq!((again.goods, again.data, again.unreadable), (3, 0, 0));
}

async fn stocked_again(vendor: &Node) {
    let line = r#"{"sku":"B-1","title":"Cargo bicycle with box","price":"1399.00 EUR","available":2}"#;
    let format = bespeak_node::catalogue::Format::Jsonl;
    let report = vendor.import(format, line.as_bytes().to_vec()).await.unwrap();
    assert_eq!((report.imported, report.updated), (0, 1), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_away_while_it_is_made_leaves_no_backup_behind() {
    let place = Place::new();
    let (_, node) = shop(&place).await;
    let kind = "film".parse().unwrap();
    let said = Description { kind, name: None, media_type: "video/mp4".to_owned(), tags: Vec::new() };
    node.keep_data(said, vec![7; 4 << 20]).await.unwrap();
    let mut pieces = Box::pin(node.backup(None).unwrap());
    pieces.next().await.unwrap().unwrap();
    drop(pieces);
    // Ending waits for nobody who is gone.
    assert_eq!(node.status().await.last_backup, None);
    node.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passphrase_of_ones_own_opens_it_and_the_words_do_not() {
    let place = Place::new();
    let (words, node) = shop(&place).await;
    let own = |text: &str| BackupSecret::passphrase(text.to_owned().into());
    assert!(matches!(node.backup(Some(own("short"))).err(), Some(BackupError::Short)));
    let file = place.path("backup.age");
    back_up(&node, Some(own("four good words here")), &file).await;
    node.shutdown().await;
    assert_eq!(verify(&file, &own("four good words here")).unwrap().goods, 3);
    for wrong in [words, own("four good words there")] {
        assert!(matches!(file_error(&file, &wrong), FileError::Refused));
    }
}

fn file_error(file: &Path, secret: &BackupSecret) -> FileError {
    match verify(file, secret).unwrap_err() {
        BackupError::File { source, .. } => source,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_whole_backup_leaves_nothing_behind() {
    let place = Place::new();
    let (secret, node) = shop(&place).await;
    let file = place.path("backup.age");
    back_up(&node, None, &file).await;
    node.shutdown().await;
    let (whole, bad, new) = (fs::read(&file).unwrap(), place.path("bad.age"), place.path("new"));
    let other = home_with_words(&place, "other", Role::Customer);
    assert!(matches!(file_error(&file, &other), FileError::Refused));
    let refused = |bytes: &[u8]| {
        fs::write(&bad, bytes).unwrap();
        let BackupError::File { source, .. } = restore(&bad, &secret, &new, &Protection::Open).unwrap_err()
        else {
            panic!("the file is at fault");
        };
        assert!(!new.exists() && !place.path("new.partial").exists(), "{source}");
        source
    };
    for end in [whole.len() - 1, whole.len() - 20, whole.len() / 2, 300] {
        assert!(matches!(refused(&whole[..end]), FileError::Damaged), "cut at {end}");
    }
    for place in [whole.len() - 1, whole.len() / 2, whole.len() - 500] {
        let mut altered = whole.clone();
        altered[place] ^= 1;
        assert!(matches!(refused(&altered), FileError::Damaged), "altered at {place}");
    }
    assert!(matches!(refused(&[&whole[..], b"x"].concat()), FileError::Damaged));
    assert!(matches!(refused(b"hello"), FileError::NotABackup | FileError::Damaged));
    assert!(matches!(refused(b""), FileError::NotABackup | FileError::Damaged));
    let costly = String::from_utf8_lossy(&whole[..120]).replacen(" 10\n", " 30\n", 1);
    let costly = [costly.as_bytes(), &whole[120..]].concat();
    assert!(matches!(refused(&costly), FileError::Costly | FileError::NotABackup));

    let exists = restore(&file, &secret, &place.path("shop"), &Protection::Open);
    assert!(matches!(exists, Err(BackupError::Home(HomeError::Exists { .. }))));
    fs::create_dir(&new).unwrap();
    fs::write(new.join("letter.txt"), "dear").unwrap();
    let not_empty = restore(&file, &secret, &new, &Protection::Open);
    assert!(matches!(not_empty, Err(BackupError::Home(HomeError::NotEmpty { .. }))));
    assert_eq!(fs::read(new.join("letter.txt")).unwrap(), b"dear");
}

#[test]
fn words_in_the_wrong_order_are_told_from_words_of_another() {
    let place = Place::new();
    let options = bespeak_node::InitOptions {
        role: Role::Customer,
        name: None,
        network: bespeak_node::model::network::Network::main(),
    };
    let made = home::init(&place.path("home"), &options, &Protection::Open).unwrap();
    let words: Vec<&str> = made.recovery_phrase.split(' ').collect();
    assert!(BackupSecret::words(&words.join("\n").to_uppercase()).is_ok());
    let few = BackupSecret::words(&words[1..].join(" ")).unwrap_err().to_string();
    assert!(few.contains("24 words, not 23"), "{few}");
    // One in 256 orders has a checksum that fits by chance: of eight, one at least has not.
    let rotated = (1..9).filter_map(|by| {
        let mut other = words.clone();
        other.rotate_left(by);
        BackupSecret::words(&other.join(" ")).err()
    });
    let said: Vec<_> = rotated.map(|error| error.to_string()).collect();
    assert!(!said.is_empty() && said.iter().all(|why| why.contains("exchanged")), "{said:?}");
}
