//! Every record against `docs/records.cddl`, against its decoder, and against the frozen vectors.
//!
//! `BLESS=1 cargo test -p bespeak-tests --test records` writes the vectors anew: only ever for a change of format that
//! is meant.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "records/messages.rs"]
mod messages;
#[path = "records/mutations.rs"]
mod mutations;
#[path = "records/samples.rs"]
mod samples;
#[path = "records/schema.rs"]
mod schema;
#[path = "records/strict/mod.rs"]
mod strict;
#[path = "records/vectors.rs"]
mod vectors;

use std::collections::BTreeSet;

use bespeak_identity::{PublicKey, drisl};
use bespeak_model::{
    category::roots,
    fulfilment::FulfilmentKind,
    quantity::Unit,
    reason::{Reason, RefusalCode, WithdrawalReason},
    terms::TermsId,
};
use ipld_core::ipld::Ipld;
use samples::Sample;

fn all() -> Vec<Sample> {
    let mut all = samples::records();
    all.extend(messages::messages());
    all
}

#[test]
fn every_record_is_what_the_schema_says() {
    for sample in all() {
        schema::check(sample.kind, &sample.payload).unwrap_or_else(|why| panic!("{}: {why}", sample.name));
        let envelope = format!("signed-{}", sample.kind);
        schema::check(&envelope, &sample.cose).unwrap_or_else(|why| panic!("{} signed: {why}", sample.name));
        schema::second_opinion(sample.kind, &sample.payload)
            .unwrap_or_else(|why| panic!("{}: {why}", sample.name));
    }
}

#[test]
fn everything_unsigned_is_what_the_schema_says() {
    for wire in messages::wires() {
        schema::check(wire.rule, &wire.bytes).unwrap_or_else(|why| panic!("{}: {why}", wire.rule));
        schema::second_opinion(wire.rule, &wire.bytes).unwrap_or_else(|why| panic!("{}: {why}", wire.rule));
        assert!((wire.reads)(&wire.bytes), "{} is not read by its own decoder", wire.rule);
    }
}

/// Whatever is changed in a record, the schema for readers and the decoder judge it alike.
#[test]
fn schema_and_decoder_judge_every_change_alike() {
    let (mut judged, mut differ) = (0, Vec::new());
    let mut judge = |name: &str, rule: &str, bytes: &[u8], reads: fn(&[u8]) -> bool| {
        let (count, more) = mutations::judge(name, rule, bytes, reads);
        judged += count;
        differ.extend(more);
    };
    for sample in all() {
        judge(&sample.name, sample.kind, &sample.payload, sample.reads);
    }
    for wire in messages::wires() {
        judge(wire.rule, wire.rule, &wire.bytes, wire.reads);
    }
    assert!(differ.is_empty(), "{} of {judged}:\n{}", differ.len(), differ.join("\n"));
    assert!(judged > 1000, "only {judged} changes were tried");
}

/// A writer adds nothing that the schema does not name: a new field needs a new line there.
#[test]
fn a_field_that_the_schema_does_not_name_is_refused() {
    for sample in all() {
        let Ipld::Map(mut map) = drisl::from_slice(&sample.payload).unwrap() else { panic!("no map") };
        map.insert("novelty".to_owned(), Ipld::Integer(1));
        let with_more = drisl::to_vec(&Ipld::Map(map)).unwrap();
        assert!(schema::check(sample.kind, &with_more).is_err(), "{} may hold anything", sample.name);
        schema::check_reading(sample.kind, &with_more).unwrap_or_else(|why| panic!("{}: {why}", sample.name));
        assert!((sample.reads)(&with_more), "{}: a reader ignores what it does not know", sample.name);
    }
}

/// Neither side runs ahead: every key of a record is in the schema, and every key of the schema is in some sample.
#[test]
fn schema_and_samples_name_the_same_keys() {
    let mut said = BTreeSet::new();
    let payloads = all().into_iter().map(|sample| sample.payload);
    for bytes in payloads.chain(messages::wires().into_iter().map(|wire| wire.bytes)) {
        mutations::keys(&drisl::from_slice(&bytes).unwrap(), &mut said);
    }
    // Never sent, and checked below.
    said.extend(["purpose", "host"].map(str::to_owned));
    let named = schema::keys();
    assert_eq!(said, named, "only said {:?}, only in the schema {:?}", &said - &named, &named - &said);
}

#[test]
fn the_lists_of_the_schema_are_those_of_the_model() {
    fn same(rule: &str, model: impl Iterator<Item = String>) {
        assert_eq!(schema::choices(rule), model.collect::<BTreeSet<_>>(), "{rule}");
    }
    same("unit", Unit::ALL.iter().map(|unit| unit.code().to_owned()));
    same("terms", TermsId::ALL.iter().map(ToString::to_string));
    same("reason", Reason::ALL.iter().map(ToString::to_string));
    same("withdrawal-reason", WithdrawalReason::ALL.iter().map(ToString::to_string));
    same("refusal", RefusalCode::ALL.iter().map(ToString::to_string));
    same("goods-event", FulfilmentKind::ALL.iter().map(|(_, word)| (*word).to_owned()));
    let known: BTreeSet<String> = roots().map(|root| root.to_string()).collect();
    assert_eq!(schema::roots(), known, "the roots of categories");
}

/// The statement behind a proof is never sent; the schema alone tells how to make it.
#[test]
fn a_proof_is_over_the_statement_that_the_schema_describes() {
    for wire in messages::wires().iter().filter(|wire| wire.rule == "drop-request") {
        let Ipld::Map(request) = drisl::from_slice(&wire.bytes).unwrap() else { panic!("no map") };
        let (verb, fields) = request.iter().next().unwrap();
        let Ipld::Map(fields) = fields else { panic!("no fields") };
        let (Some(Ipld::Bytes(proof)), Some(Ipld::Bytes(queue))) = (fields.get("proof"), fields.get("queue"))
        else {
            continue;
        };
        let ids = fields.get("ids").cloned().unwrap_or_else(|| Ipld::List(vec![fields["after"].clone()]));
        let statement = Ipld::Map(
            [
                ("purpose".to_owned(), Ipld::String(format!("bespeak/1/drop/{verb}"))),
                ("host".to_owned(), Ipld::String(messages::HOST.to_owned())),
                ("ids".to_owned(), ids),
            ]
            .into(),
        );
        let statement = drisl::to_vec(&statement).unwrap();
        schema::check("proof-statement", &statement).unwrap();
        let key = PublicKey::from_bytes(queue.as_slice().try_into().unwrap()).unwrap();
        assert!(key.verify(&statement, proof.as_slice().try_into().unwrap()), "{verb}");
    }
}

#[test]
fn the_frozen_vectors_come_out_again_byte_for_byte() {
    vectors::compare(&all());
}
