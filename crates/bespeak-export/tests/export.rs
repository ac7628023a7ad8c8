//! What leaves comes back the same; what was touched on the way does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{collections::BTreeSet, path::PathBuf};

use bespeak_export::{
    File, Here, KINDS, OpenError, archive, files, folder,
    manifest::{LIST, List, SIGNATURE},
    open,
};
use common::{exported, note, signed, traded, whole};
use serde_json::Value;

fn text(files: &[File], path: &str) -> String {
    let file = files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}"));
    String::from_utf8(file.bytes.clone()).unwrap()
}

#[test]
fn both_sides_of_a_trade_leave_whole_and_come_back_the_same() {
    let world = traded();
    for agent in [&world.customer, &world.vendor] {
        let whole = whole(agent, world.now);
        let files = exported(agent, &whole);
        let here = Here { party: whole.party, network: whole.network.clone() };
        let contents = open(archive::unpack(&archive::pack(&files).unwrap()).unwrap(), &here).unwrap();
        assert_eq!(contents.records, whole.records, "in the same order, of the same conversations");
        assert_eq!((contents.data, contents.goods), (vec![note()], Vec::new()));
        let kinds: BTreeSet<_> = whole.records.iter().map(|held| held.kind).collect();
        // Her intention was withdrawn when it was awarded; its withdrawal is her own.
        let wanted = KINDS.iter().filter(|kind| **kind != "withdrawal" || whole.role == "customer");
        assert_eq!(kinds, wanted.copied().collect(), "{}", whole.role);
        for held in &whole.records {
            assert_eq!(agent.record(&held.id).is_some(), !matches!(held.kind, "vendor" | "introduction"));
        }
    }
}

#[test]
fn other_programs_read_the_views() {
    let world = traded();
    let files = exported(&world.customer, &whole(&world.customer, world.now));
    for (name, kind) in
        [("intentions", "Demand"), ("offers", "Offer"), ("orders", "Order"), ("receipts", "Invoice")]
    {
        let view: Value = serde_json::from_str(&text(&files, &format!("views/{name}.jsonld"))).unwrap();
        assert_eq!(view["@context"], "https://schema.org");
        let graph = view["@graph"].as_array().unwrap();
        assert!(graph.len() == 1 && graph[0]["@type"] == kind, "{name}: {view}");
    }
    let orders = text(&files, "orders.csv");
    assert!(orders.contains(",completed,received,2498.00,2498.00,EUR,SD-BASE,"), "{orders}");
    let receipts = text(&files, "receipts.csv");
    assert!(receipts.contains(",2498.00,EUR,true,") && receipts.contains("Faltrad E1"), "{receipts}");
    let agreements = text(&files, "agreements.csv");
    let address = "https://w3id.org/dpv/standards/ieee/7012#SD-BASE";
    assert!(agreements.contains(address) && agreements.lines().count() == 2, "{agreements}");
    let cards = text(&files, "relationships.vcf");
    assert!(cards.contains("\r\nFN:Radhaus\r\n") && cards.contains("1 conversations\\, 1 orders"), "{cards}");
    assert!(text(&files, "README.md").contains(&world.customer.party().to_string()));
}

/// Every file in turn is changed, left out and doubled: each is named.
#[test]
fn an_export_that_was_touched_is_refused_and_the_file_is_named() {
    let world = traded();
    let whole = whole(&world.customer, world.now);
    let files = exported(&world.customer, &whole);
    let here = Here { party: whole.party, network: whole.network.clone() };
    let refused = |files: Vec<File>| open(files, &here).unwrap_err();
    for place in 0..files.len() {
        let path = files[place].path.clone();
        let mut changed = files.clone();
        let middle = changed[place].bytes.len() / 2;
        changed[place].bytes[middle] ^= 1;
        let said = refused(changed).to_string();
        let own = path == LIST || path == SIGNATURE;
        assert!(own || said.contains(&path), "{path}: {said}");
        let mut fewer = files.clone();
        fewer.remove(place);
        assert!(refused(fewer).to_string().contains(&path), "{path}");
        let mut twice = files.clone();
        twice.push(files[place].clone());
        assert!(matches!(refused(twice), OpenError::Twice(twice) if twice == path));
    }
    let mut more = files.clone();
    more.push(File::new("records/offer/more.cose", vec![1]).unwrap());
    assert!(matches!(refused(more), OpenError::Extra(path) if path == "records/offer/more.cose"));
    assert!(matches!(refused(Vec::new()), OpenError::NoManifest(_)));
}

#[test]
fn another_party_and_another_network_are_refused() {
    let world = traded();
    let whole = whole(&world.customer, world.now);
    let files = exported(&world.customer, &whole);
    let elsewhere = Here { party: whole.party, network: "other".parse().unwrap() };
    assert!(matches!(open(files.clone(), &elsewhere), Err(OpenError::OtherNetwork { .. })));
    let other = Here { party: world.vendor.party(), network: whole.network.clone() };
    let said = open(files, &other).unwrap_err();
    assert!(matches!(said, OpenError::OtherParty { .. }), "{said}");
    assert!(said.to_string().contains("24 words"), "{said}");
    // A list that says it is somebody's who did not sign it.
    let posing = bespeak_export::Whole { party: world.vendor.party(), ..whole.clone() };
    let forged = exported(&world.customer, &posing);
    assert!(matches!(open(forged, &other), Err(OpenError::ListChanged)));
}

/// Even what the owner signed is looked at: records must hold, and be what their names say.
#[test]
fn records_that_do_not_hold_are_refused_under_a_good_signature() {
    let world = traded();
    let whole = whole(&world.customer, world.now);
    let here = Here { party: whole.party, network: whole.network.clone() };
    let with = |change: &dyn Fn(&mut Vec<File>)| {
        let mut files = files(&whole).unwrap();
        change(&mut files);
        open(signed(&world.customer, &whole, files), &here)
    };
    assert!(with(&|_| {}).is_ok());
    let at = |files: &[File], kind: &str| {
        files.iter().position(|file| file.path.starts_with(&format!("records/{kind}/"))).unwrap()
    };
    for kind in KINDS {
        let spoilt = with(&|files| {
            let at = at(files, kind);
            *files[at].bytes.last_mut().unwrap() ^= 1;
        });
        assert!(matches!(spoilt, Err(OpenError::Record { .. })), "{kind}: {spoilt:?}");
        let renamed = with(&|files| {
            let at = at(files, kind);
            files[at].path = format!("records/{kind}/bafyreia.cose");
        });
        assert!(matches!(renamed, Err(OpenError::Record { .. } | OpenError::Unreadable(_))), "{kind}");
    }
    let changed = with(&|files| {
        let at = files.iter().position(|file| file.path.ends_with("/content")).unwrap();
        files[at].bytes = b"{}".to_vec();
    });
    assert!(matches!(changed, Err(OpenError::Data { .. })), "{changed:?}");
    let later = with(&|files| files.push(File::new("records/wish/x.cose", vec![1]).unwrap()));
    assert!(later.is_ok(), "kinds of a later version are passed over: {later:?}");
}

#[test]
fn a_later_version_is_refused_with_a_sentence() {
    let world = traded();
    let whole = whole(&world.customer, world.now);
    let mut files = exported(&world.customer, &whole);
    let list = files.iter_mut().find(|file| file.path == LIST).unwrap();
    let mut later: Value = serde_json::from_slice(&list.bytes).unwrap();
    later["v"] = Value::from(2);
    later["files"] = Value::from("in some other way");
    list.bytes = serde_json::to_vec(&later).unwrap();
    let here = Here { party: whole.party, network: whole.network.clone() };
    let said = open(files, &here).unwrap_err().to_string();
    assert!(said.contains("version 2") && said.contains("newer program"), "{said}");
}

fn frozen() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/interop/export"))
}

/// An export that was made once is read by every later version, and by other people's libraries (`verify.py`).
/// `BLESS=1` makes it anew: only ever for a change of format that is meant.
#[test]
fn the_frozen_export_is_still_read() {
    let world = traded();
    if std::env::var_os("BLESS").is_some() {
        if frozen().exists() {
            std::fs::remove_dir_all(frozen()).unwrap();
        }
        folder::write(&frozen(), &exported(&world.customer, &whole(&world.customer, world.now))).unwrap();
    }
    let files = folder::read(&frozen()).unwrap();
    let list: List = serde_json::from_str(&text(&files, LIST)).unwrap();
    let here = Here { party: world.customer.party(), network: list.network };
    let contents = open(files, &here).unwrap();
    assert_eq!(contents.data, vec![note()]);
    let kinds: BTreeSet<_> = contents.records.iter().map(|held| held.kind).collect();
    assert_eq!(kinds, KINDS.into_iter().collect());
}
