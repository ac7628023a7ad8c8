//! Everything a home holds, taken along to another home of the same party.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_node::{
    DataRefusal, IdKind, Role,
    data::{DataError, Description, MAX_ITEM, Unnamed},
    export::{TakenIn, pack, unpack},
};

mod common;
use common::{Place, copy, stocked, trade};

/// A second home of the same party, as it was before its node first ran.
fn twin(place: &Place, name: &str, role: Role, twin: &str) {
    drop(place.home(name, role));
    copy(&place.path(name), &place.path(twin));
}

fn said(kind: &str, media_type: &str) -> Description {
    let (media_type, tags) = (media_type.to_owned(), Vec::new());
    Description { kind: kind.parse().unwrap(), name: None, media_type, tags }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_trade_comes_along_and_is_taken_in_once() {
    let place = Place::new();
    twin(&place, "customer", Role::Customer, "again");
    let vendor = place.node("vendor", Role::Vendor, &[]).await;
    let customer = place.seen("customer", &vendor.listen_addresses()).await;
    let receipt = trade(&customer, &vendor).await;
    let address = customer.keep_data(said("address", "application/json"), b"{}".to_vec()).await.unwrap().item;
    let export = customer.export().await.unwrap();

    let again = place.node("again", Role::Customer, &[]).await;
    let taken = again.take_in(export.clone()).await.unwrap();
    let records = unpack(&export).unwrap().iter().filter(|file| file.path.starts_with("records/")).count();
    assert_eq!(taken, TakenIn { added: records as u64 + 1, known: 0 });
    assert_eq!(again.take_in(export.clone()).await.unwrap(), TakenIn { added: 0, known: taken.added });
    again.shutdown().await;

    let again = place.node("again", Role::Customer, &[]).await;
    assert_eq!(again.receipts().await, std::slice::from_ref(&receipt));
    assert_eq!(again.receipt(receipt.receipt).await, Some(receipt.clone()));
    let id = receipt.receipt.to_string();
    for kind in [IdKind::Receipt, IdKind::Any] {
        assert_eq!(again.resolve(kind, &id[..20]).await, Ok(id.clone()));
    }
    assert_eq!(again.record(&id).await, customer.record(&id).await);
    assert_eq!(again.data().await.unwrap(), [address]);
    assert!(again.orders().await.is_empty(), "what came in opens no conversation");

    // What came in goes out again, and is nothing new where it came from.
    let onwards = again.export().await.unwrap();
    let known = customer.take_in(onwards.clone()).await.unwrap();
    assert_eq!(known, TakenIn { added: 0, known: taken.added });
    let tables = |packed: &[u8]| {
        let mut files = unpack(packed).unwrap();
        files.retain(|file| {
            ["log.jsonl", "receipts.csv", "agreements.csv", "views/receipts.jsonld"]
                .contains(&file.path.as_str())
        });
        files
    };
    assert_eq!(tables(&onwards), tables(&export));
    for node in [again, customer, vendor] {
        node.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_export_and_a_strangers_leave_nothing_behind() {
    let place = Place::new();
    twin(&place, "shop", Role::Vendor, "branch");
    let shop = place.node("shop", Role::Vendor, &[]).await;
    stocked(&shop).await;
    let address = shop.keep_data(said("address", "text/plain"), b"Lindenweg 7".to_vec()).await.unwrap().item;
    let export = shop.export().await.unwrap();

    let stranger = place.node("stranger", Role::Vendor, &[]).await;
    let refused = stranger.take_in(export.clone()).await.unwrap_err();
    assert_eq!(refused.code.as_str(), "not_party", "{refused}");
    let branch = place.node("branch", Role::Vendor, &[]).await;
    let mut files = unpack(&export).unwrap();
    let content = files.iter().position(|file| file.path.ends_with("/content")).unwrap();
    files[content].bytes = b"Lindenweg 8".to_vec();
    let refused = branch.take_in(pack(&files).unwrap()).await.unwrap_err();
    assert!(refused.detail.contains(&format!("data/{}/content was changed", address.id)), "{refused}");
    for length in [0, 1, 511, 513, export.len() / 2, export.len() - 1400] {
        let refused = branch.take_in(export[..length].to_vec()).await;
        assert!(refused.is_err(), "cut at {length} of {}", export.len());
    }
    for node in [&stranger, &branch] {
        assert!(node.data().await.unwrap().is_empty());
        assert!(node.search("bicycle".to_owned(), 5).await.unwrap().is_empty());
    }
    assert_eq!(branch.take_in(export.clone()).await.unwrap(), TakenIn { added: 4, known: 0 });
    assert_eq!(branch.take_in(export).await.unwrap(), TakenIn { added: 0, known: 4 });
    assert_eq!(branch.search("helmet".to_owned(), 5).await.unwrap()[0].sku.as_str(), "H-1");
    for node in [shop, stranger, branch] {
        node.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn personal_data_is_kept_over_restarts_and_forgotten_for_good() {
    let place = Place::new();
    let node = place.node("home", Role::Customer, &[]).await;
    let largest = vec![7; MAX_ITEM];
    let large = node.keep_data(said("scan", "image/png"), largest.clone()).await.unwrap();
    let small = node.keep_data(said("note", "text/plain"), b"milk".to_vec()).await.unwrap();
    assert!(large.added && small.added);
    let too_large = node.keep_data(said("scan", "image/png"), vec![7; MAX_ITEM + 1]).await;
    assert_eq!(too_large, Err(DataRefusal::Wrong(DataError::TooLarge(MAX_ITEM + 1))));
    node.shutdown().await;

    let node = place.node("home", Role::Customer, &[]).await;
    let known = node.keep_data(said("note", "text/plain"), b"milk".to_vec()).await.unwrap();
    assert_eq!((known.added, &known.item), (false, &small.item));
    let id = large.item.id.to_string();
    assert_eq!(node.data_item(&id[..20]).await.unwrap().content, largest);
    assert_eq!(node.forget_data(&id).await.unwrap(), large.item);
    assert_eq!(node.data_item(&id).await, Err(DataRefusal::Unnamed(Unnamed::NotFound(id.clone()))));
    node.shutdown().await;

    let node = place.node("home", Role::Customer, &[]).await;
    assert_eq!(node.data().await.unwrap(), [small.item]);
    node.shutdown().await;
}
