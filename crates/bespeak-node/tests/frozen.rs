//! Homes of earlier versions, frozen under `tests/homes/`, are still read to the last word.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use bespeak_node::{Home, Node, Role, Unlock, data::Description};
use serde_json::{Value, json};

mod common;
use common::{Place, options, stocked, trade};

/// The newest that is frozen: the homes of a customer and a vendor after one trade, each with an open vault. Frozen
/// again by `BLESS=1` only before a version with this form is released; then a new folder is made.
fn newest() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/homes/v2")
}

const WHO: [(&str, Role); 2] = [("customer", Role::Customer), ("vendor", Role::Vendor)];
const NOTE: &[u8] = b"ring twice";

/// What is looked at: ids, so that every byte under them is meant.
async fn seen(node: &Node) -> Value {
    let receipt = node.receipts().await.pop().unwrap();
    assert!(receipt.verified);
    let order = node.order(receipt.order).await.unwrap();
    let intentions: Vec<_> =
        node.intentions().await.into_iter().map(|one| (one.intention, one.title)).collect();
    let offers: Vec<_> = node.offers(None).await.into_iter().map(|one| (one.offer, one.total)).collect();
    let data: Vec<_> = node.data().await.unwrap().into_iter().map(|one| one.id).collect();
    json!({
        "receipt": receipt.receipt, "total": receipt.total.to_string(),
        "order": order.order, "phase": order.phase, "payment": order.payment,
        "intentions": intentions, "offers": offers, "data": data,
        "goods": node.goods("B-1").await.ok().flatten().map(|goods| goods.title.to_string()),
    })
}

async fn alone(home: &Path) -> Node {
    Node::start(Home::open(home, &Unlock::Open).unwrap(), options(&[])).await.unwrap()
}

async fn freeze(to: &Path) {
    let place = Place::new();
    let vendor = place.node("vendor", Role::Vendor, &[]).await;
    stocked(&vendor).await;
    let customer = place.seen("customer", &vendor.listen_addresses()).await;
    trade(&customer, &vendor).await;
    let said = Description {
        kind: "note".parse().unwrap(),
        name: None,
        media_type: "text/plain".to_owned(),
        tags: Vec::new(),
    };
    customer.keep_data(said, NOTE.to_vec()).await.unwrap();
    let mut expected = serde_json::Map::new();
    for (node, (name, _)) in [&customer, &vendor].into_iter().zip(WHO) {
        expected.insert(name.to_owned(), seen(node).await);
        node.shutdown().await;
        let (from, to) = (place.path(name), to.join(name));
        let _ = fs::remove_dir_all(&to);
        fs::create_dir_all(to.join("journal")).unwrap();
        fs::copy(from.join("vault"), to.join("vault")).unwrap();
        for segment in fs::read_dir(from.join("journal")).unwrap() {
            let segment = segment.unwrap();
            fs::copy(segment.path(), to.join("journal").join(segment.file_name())).unwrap();
        }
    }
    fs::write(to.join("expected.json"), serde_json::to_vec_pretty(&expected).unwrap()).unwrap();
}

/// A copy for its owner alone: a checkout has other permissions.
fn thaw(frozen: &Path) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let own = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    fs::create_dir(place.path().join("journal")).unwrap();
    own(place.path(), 0o700);
    own(&place.path().join("journal"), 0o700);
    let segments = fs::read_dir(frozen.join("journal")).unwrap();
    let segments = segments.map(|segment| Path::new("journal").join(segment.unwrap().file_name()));
    for file in segments.chain(["vault".into()]) {
        fs::copy(frozen.join(&file), place.path().join(&file)).unwrap();
        own(&place.path().join(&file), 0o600);
    }
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_of_this_form_is_read_to_the_last_word() {
    if std::env::var_os("BLESS").is_some() {
        freeze(&newest()).await;
    }
    let expected: Value = serde_json::from_slice(&fs::read(newest().join("expected.json")).unwrap()).unwrap();
    for (name, role) in WHO {
        let home = thaw(&newest().join(name));
        // Twice: the second time with an index, and after whatever the first wrote.
        for _ in 0..2 {
            let node = alone(home.path()).await;
            assert_eq!(seen(&node).await, expected[name]);
            let store = node.status().await.store;
            assert_eq!(store.damaged, 0, "{name}: {store:?}");
            if role == Role::Customer {
                let note = node.data().await.unwrap().remove(0);
                assert_eq!(node.data_item(&note.id.to_string()).await.unwrap().content, NOTE);
            }
            node.shutdown().await;
        }
    }
}
