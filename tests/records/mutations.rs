//! Records with one thing changed.

use std::collections::{BTreeMap, BTreeSet};

use bespeak_identity::drisl;
use ipld_core::ipld::Ipld;

use crate::schema;

/// Every key of every map in a value.
pub(crate) fn keys(value: &Ipld, found: &mut BTreeSet<String>) {
    match value {
        Ipld::Map(map) => {
            found.extend(map.keys().cloned());
            map.values().for_each(|inner| keys(inner, found));
        }
        Ipld::List(items) => items.iter().for_each(|inner| keys(inner, found)),
        _ => {}
    }
}

/// Asks the reader's schema and the decoder about every change; returns how many there were, and on which they differ.
pub(crate) fn judge(
    name: &str,
    rule: &str,
    payload: &[u8],
    reads: fn(&[u8]) -> bool,
) -> (usize, Vec<String>) {
    let whole: Ipld = drisl::from_slice(payload).unwrap();
    let changes = changes(&whole);
    let mut differ = Vec::new();
    for (what, changed) in &changes {
        let bytes = drisl::to_vec(changed).unwrap();
        let (schema, decoder) = (schema::check_reading(rule, &bytes), reads(&bytes));
        // Null and the empty list, for what can be left out, are the only freedom a reader has.
        let free = what.ends_with("as nothing") || what.ends_with("empty");
        if schema.is_ok() != decoder && !(free && decoder) {
            differ.push(format!("{name}, {what}: the decoder says {decoder}, the schema {schema:?}"));
        }
    }
    (changes.len(), differ)
}

type Change = (String, Ipld);

/// The value with each part in turn of another kind, left out, or with something beside it.
fn changes(value: &Ipld) -> Vec<Change> {
    let mut all: Vec<Change> =
        others(value).into_iter().map(|other| (format!("as {}", kind(&other)), other)).collect();
    match value {
        Ipld::Map(map) => all.extend(in_map(map)),
        Ipld::List(items) => all.extend(in_list(items)),
        _ => {}
    }
    all
}

fn in_map(map: &BTreeMap<String, Ipld>) -> Vec<Change> {
    let mut all = Vec::new();
    for (key, inner) in map {
        let mut less = map.clone();
        less.remove(key);
        all.push((format!("without {key}"), Ipld::Map(less)));
        for (what, changed) in changes(inner) {
            let mut other = map.clone();
            other.insert(key.clone(), changed);
            all.push((format!("{key}: {what}"), Ipld::Map(other)));
        }
    }
    let mut more = map.clone();
    more.insert("novelty".to_owned(), Ipld::Bool(true));
    all.push(("with something new".to_owned(), Ipld::Map(more)));
    all
}

fn in_list(items: &[Ipld]) -> Vec<Change> {
    let mut all = vec![("empty".to_owned(), Ipld::List(Vec::new()))];
    for (index, inner) in items.iter().enumerate() {
        for (what, changed) in changes(inner) {
            let mut other = items.to_vec();
            other[index] = changed;
            all.push((format!("[{index}]: {what}"), Ipld::List(other)));
        }
    }
    all
}

/// One of each other kind.
fn others(value: &Ipld) -> Vec<Ipld> {
    let candidates = [
        Ipld::Null,
        Ipld::Bool(true),
        Ipld::Integer(-5),
        Ipld::String("¿".to_owned()),
        Ipld::Bytes(vec![1, 2, 3]),
        Ipld::List(vec![Ipld::Null]),
        Ipld::Map([("novelty".to_owned(), Ipld::Null)].into()),
    ];
    candidates.into_iter().filter(|other| kind(other) != kind(value)).collect()
}

fn kind(value: &Ipld) -> &'static str {
    match value {
        Ipld::Null => "nothing",
        Ipld::Bool(_) => "a flag",
        Ipld::Integer(_) => "a number",
        Ipld::Float(_) => "a float",
        Ipld::String(_) => "text",
        Ipld::Bytes(_) => "bytes",
        Ipld::List(_) => "a list",
        Ipld::Map(_) => "a map",
        Ipld::Link(_) => "a link",
    }
}
