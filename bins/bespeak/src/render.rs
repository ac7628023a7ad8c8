//! What people read: short tables and sentences, plain text without colours. Programs read the JSON.

mod backup;
mod data;
mod doctor;
mod market;
mod rules;
mod shop;
mod table;
mod trade;
mod vault;

use bespeak_node::ID_BEGINNING;
use serde_json::Value;

pub(crate) use backup::{restored, verified};
pub(crate) use data::{item, items, kept};
pub(crate) use doctor::examined;
pub(crate) use market::{in_money, intention, intentions, offer_line, offers};
pub(crate) use rules::{decision, decisions, rules, rules_set};
pub(crate) use shop::{auto, goods, hits, import, matches};
pub(crate) use trade::{last_of_mine, message, messages, order, orders, receipt, receipts};
pub(crate) use vault::slots;

/// How much of an id is shown. Source: eleven letters of base 32 are 55 bits, which tell a million ids apart with a
/// probability of 99.99 %.
const SHORT: usize = 11;

/// The part of an id after the beginning that all have in common: enough to name it again.
pub(crate) fn short(id: &str) -> &str {
    let own = id.strip_prefix(ID_BEGINNING).unwrap_or(id);
    own.get(..SHORT).unwrap_or(own)
}

/// A text of a JSON object; empty when absent.
pub(crate) fn word<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A number of a JSON object; nought when absent.
pub(crate) fn number(object: &Value, key: &str) -> u64 {
    object.get(key).and_then(Value::as_u64).unwrap_or_default()
}

/// A time for people: `2026-12-01 15:00 UTC`.
pub(crate) fn moment(rfc3339: &str) -> String {
    match rfc3339.split_once('T') {
        Some((day, clock)) => format!("{day} {} UTC", clock.get(..5).unwrap_or(clock)),
        None => rfc3339.to_owned(),
    }
}

/// `1 offer`, `2 offers`.
fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// What can be done next, as a line of its own; nothing when nothing can.
fn can(words: &[String]) -> Option<String> {
    (!words.is_empty()).then(|| format!("You can: {}", words.join(", ")))
}

/// How a node is.
pub(crate) fn status(status: &Value) -> String {
    let mut lines = vec![
        format!(
            "A {}'s node on the network “{}”, with {}.",
            word(status, "role"),
            word(status, "network"),
            count(number(status, "peers"), "peer")
        ),
        word(status, "heard").to_owned(),
        format!("  party       {}", word(status, "party")),
        format!("  intentions  {} live", number(status, "intentions_live")),
        format!("  offers      {} open", number(status, "offers_open")),
        format!("  orders      {} open", number(status, "orders_open")),
    ];
    let texts =
        |key: &str| status.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    lines.extend(texts("listen").map(|address| format!("  listen      {address}")));
    lines.extend(texts("relays").map(|address| format!("  relay       {address}")));
    if let Some(store) = status.get("store") {
        let (records, bytes) = (number(store, "records"), number(store, "bytes"));
        lines.push(format!("  memory      {}, {} KiB", count(records, "record"), bytes.div_ceil(1024)));
        lines.extend(lost(store));
    }
    lines.extend(backup::of_status(status));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// Connected peers, the longest known first.
pub(crate) fn peers(peers: &Value) -> String {
    let yes = |peer: &Value, key: &str| peer.get(key).and_then(Value::as_bool).unwrap_or_default();
    let row = |peer: &Value| {
        let trip = peer.get("round_trip_ms").and_then(Value::as_u64);
        let what = match (yes(peer, "relay"), yes(peer, "reachable_through")) {
            (true, true) => "relay, others reach you through it",
            (true, false) => "relay",
            _ => "node",
        };
        let id = word(peer, "peer");
        vec![
            id.get(id.len().saturating_sub(8)..).unwrap_or(id).to_owned(),
            word(peer, "direction").to_owned(),
            word(peer, "path").to_owned(),
            trip.map_or_else(|| "-".to_owned(), |trip| format!("{trip} ms")),
            what.to_owned(),
            word(peer, "address").to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = peers.as_array().into_iter().flatten().map(row).collect();
    let head = ["PEER", "WAY", "PATH", "PING", "WHAT", "ADDRESS"];
    table::table(&head, &rows, "Nobody is connected: bespeak doctor says why.")
}

/// What of the memory is lost, and which command names it.
fn lost(store: &Value) -> Option<String> {
    let told = [("damaged", "damaged place"), ("missing", "missing commit")];
    let told = told.map(|(key, noun)| (number(store, key), noun)).into_iter().filter(|(lost, _)| *lost > 0);
    let told: Vec<_> = told.map(|(lost, noun)| count(lost, noun)).collect();
    (!told.is_empty()).then(|| format!("  DAMAGED     {} in the memory: bespeak doctor", told.join(", ")))
}

/// What a record is.
pub(crate) fn inspected(found: &Value) -> Result<String, serde_json::Error> {
    let found: bespeak_api::inspection::Inspected = serde_json::from_value(found.clone())?;
    let mut lines = vec![match &found.document {
        Some(document) => format!("{}: {document}", found.kind),
        None => found.kind,
    }];
    lines.extend(found.id.map(|id| format!("  id        {id}")));
    lines.extend(found.signers.iter().map(|signer| format!("  signer    {signer}")));
    lines.push(match found.why_not {
        None => "  verified  yes".to_owned(),
        Some(why) => format!("  verified  no: {why}"),
    });
    lines.push(found.diagnostic);
    Ok(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_is_counted() {
        let line = |damaged, missing| lost(&serde_json::json!({ "damaged": damaged, "missing": missing }));
        assert_eq!(line(0, 0), None);
        assert!(line(1, 0).is_some_and(|line| line.contains(" 1 damaged place in")));
        assert!(line(2, 3).is_some_and(|line| line.contains("2 damaged places, 3 missing commits in")));
    }

    #[test]
    fn short_forms() {
        assert_eq!(short("bafyreib2rxk3rybk3aobmv5"), "b2rxk3rybk3");
        assert_eq!(short("bafy"), "bafy");
        assert_eq!(moment("2026-12-01T15:04:05Z"), "2026-12-01 15:04 UTC");
        assert_eq!((count(1, "offer"), count(0, "offer")), ("1 offer".to_owned(), "0 offers".to_owned()));
    }
}
