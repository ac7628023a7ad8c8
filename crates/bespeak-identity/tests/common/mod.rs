//! What the tests share: hexadecimal, official vectors, two small kinds of record.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::path::Path;

use bespeak_identity::{Agreement, Document, Nonce, PublicKey, SignKey};
use serde::{Deserialize, Serialize};

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    multibase::Base::Base16Lower.decode(text.to_lowercase()).unwrap()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    multibase::Base::Base16Lower.encode(bytes)
}

pub(crate) fn bytes<const N: usize>(text: &str) -> [u8; N] {
    unhex(text).try_into().unwrap()
}

/// An official vector file, or nothing (and a line that says so) where the collection is absent.
pub(crate) fn vectors(name: &str) -> Option<serde_json::Value> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors"));
    if !folder.is_dir() {
        println!("skipped: the collection of official vectors ({name}) is absent");
        return None;
    }
    Some(serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap())
}

pub(crate) fn key(seed: u8) -> SignKey {
    SignKey::from_bytes(&[seed; 32])
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) iss: PublicKey,
    pub(crate) nonce: Nonce,
    pub(crate) net: String,
    pub(crate) text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<i64>,
}

impl Document for Note {
    const TYPE: &'static str = "note";

    fn issuer(&self) -> &PublicKey {
        &self.iss
    }
}

pub(crate) fn note(signer: &SignKey, text: &str) -> Note {
    Note {
        iss: signer.public(),
        nonce: Nonce::from_bytes([9; 16]),
        net: "test".to_owned(),
        text: text.to_owned(),
        count: Some(-3),
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bargain {
    pub(crate) customer: PublicKey,
    pub(crate) vendor: PublicKey,
    pub(crate) nonce: Nonce,
    pub(crate) what: String,
}

impl Agreement for Bargain {
    const TYPE: &'static str = "bargain";

    fn customer(&self) -> &PublicKey {
        &self.customer
    }

    fn vendor(&self) -> &PublicKey {
        &self.vendor
    }
}

pub(crate) fn bargain(customer: &SignKey, vendor: &SignKey) -> Bargain {
    Bargain {
        customer: customer.public(),
        vendor: vendor.public(),
        nonce: Nonce::from_bytes([8; 16]),
        what: "two chairs".to_owned(),
    }
}
