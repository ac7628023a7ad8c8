//! Keys, records and small helpers from fixed seeds.

use bespeak_identity::{Document, Nonce, PublicKey, SealSecret, SignKey, Signed, drisl};
use bespeak_model::{
    bounded::Bounded,
    card::VendorCard,
    category::Slug,
    intention::{Intention, Line, Withdrawal},
    money::{Currency, Money},
    network::Network,
    offer::{Offer, OfferLine, PaymentRule},
    queue::{Drop, QueueId},
    reason::WithdrawalReason,
    terms::TermsId,
    text::Text,
    time::Time,
};
use ipld_core::ipld::Ipld;

/// The intention's key, the customer's in the relation, the vendor's, and a stranger's.
pub(crate) const WISH: u8 = 1;
pub(crate) const CUSTOMER: u8 = 2;
pub(crate) const VENDOR: u8 = 3;
pub(crate) const STRANGER: u8 = 9;

/// Whom a host of mail is known by.
pub(crate) const HOST: &str = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";

/// An hour and a day in seconds.
pub(crate) const HOUR: u64 = 3600;
pub(crate) const DAY: u64 = 24 * HOUR;

pub(crate) fn key(seed: u8) -> SignKey {
    SignKey::from_bytes(&[seed; 32])
}

pub(crate) fn party(seed: u8) -> PublicKey {
    key(seed).public()
}

pub(crate) fn seal_key(seed: u8) -> SealSecret {
    SealSecret::from_bytes(&[seed; 32])
}

pub(crate) fn nonce(number: u64) -> Nonce {
    let mut bytes = [0; Nonce::LEN];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Nonce::from_bytes(bytes)
}

pub(crate) fn net() -> Network {
    "test".parse().unwrap()
}

/// A whole hour in 2026, from which tests count.
pub(crate) fn start() -> Time {
    "2026-12-01T09:00:00Z".parse().unwrap()
}

pub(crate) fn later(seconds: u64) -> Time {
    start().saturating_add(seconds)
}

pub(crate) fn text<const MAX: usize, const LINES: bool>(words: &str) -> Text<MAX, LINES> {
    Text::new(words).unwrap()
}

pub(crate) fn many<T, const MIN: usize, const MAX: usize>(items: Vec<T>) -> Bounded<T, MIN, MAX> {
    Bounded::new(items).unwrap()
}

pub(crate) fn euros(minor: i64) -> Money {
    Money::new(minor, Currency::EUR).unwrap()
}

/// The queue whose mail only this one can fetch.
pub(crate) fn queue(owner: u8) -> QueueId {
    QueueId::from_bytes(*party(owner).as_bytes())
}

pub(crate) fn mail_at(owner: u8) -> Drop {
    let host = "/ip4/192.0.2.7/udp/4001/quic-v1".to_owned().try_into().unwrap();
    Drop { queue: queue(owner), hosts: many(vec![host]) }
}

/// A wish for five chairs and two tables, cast at [`start`], alive for a week.
pub(crate) fn wish() -> Intention {
    let line = |name: &str, quantity: &str| Line {
        name: text(name),
        quantity: quantity.parse().unwrap(),
        conditions: many(vec![]),
        gtin: None,
    };
    Intention {
        iss: party(WISH),
        nonce: nonce(1),
        net: net(),
        category: Slug::new("furniture").unwrap(),
        title: text("Five chairs and two tables"),
        text: None,
        lines: many(vec![line("Chair", "5x"), line("Table", "2x")]),
        budget: None,
        condition: None,
        place: None,
        needed_by: None,
        cast_at: start(),
        expires_at: later(7 * DAY),
        terms: many(vec![TermsId::PdcIntent, TermsId::SdBase]),
        seal: seal_key(7).public(),
        drops: many(vec![mail_at(20)]),
    }
}

pub(crate) fn signed<T: Document>(document: T, seed: u8) -> Signed<T> {
    Signed::sign(document, &key(seed)).unwrap()
}

pub(crate) fn intention() -> Signed<Intention> {
    signed(wish(), WISH)
}

pub(crate) fn withdrawal_by(seed: u8, of: &Signed<Intention>) -> Signed<Withdrawal> {
    let withdrawal = Withdrawal {
        iss: party(seed),
        nonce: nonce(2),
        net: net(),
        intention: of.id(),
        category: of.category.clone(),
        reason: WithdrawalReason::ChangedMind,
        at: later(HOUR),
        expires_at: of.expires_at,
    };
    signed(withdrawal, seed)
}

pub(crate) fn card() -> Signed<VendorCard> {
    let card = VendorCard {
        iss: party(VENDOR),
        nonce: nonce(3),
        net: net(),
        name: text("Chairs & Sons"),
        categories: many(vec![]),
        terms: many(vec![TermsId::SdBase]),
        seal: bespeak_identity::Seed::from_entropy([VENDOR; 32])
            .seal_key(bespeak_identity::Purpose::PartySeal)
            .public(),
        at: start(),
    };
    signed(card, VENDOR)
}

pub(crate) fn offer_line(line: u8, name: &str, quantity: &str, amount: i64) -> OfferLine {
    let quantity = quantity.parse().unwrap();
    OfferLine { line, name: text(name), sku: None, quantity, amount: euros(amount) }
}

/// Both lines of the wish, 790 EUR in all, firm, money may come later.
pub(crate) fn quote() -> Offer {
    Offer {
        iss: party(VENDOR),
        nonce: nonce(4),
        net: net(),
        intention: intention().id(),
        replaces: None,
        lines: many(vec![offer_line(0, "Oak chair", "5x", 45_000), offer_line(1, "Oak table", "2x", 30_000)]),
        alternatives: many(vec![offer_line(0, "Pine chair", "5x", 20_000)]),
        delivery: Some(euros(4_000)),
        total: euros(79_000),
        terms: TermsId::SdBase,
        firm: true,
        payment: PaymentRule::Open,
        valid_until: later(3 * DAY),
        deliver_by: None,
        text: None,
        at: later(60),
    }
}

/// The value of encoded bytes, to be changed and written again.
pub(crate) fn value_of(bytes: &[u8]) -> Ipld {
    drisl::from_slice(bytes).unwrap()
}

pub(crate) fn bytes_of(value: &Ipld) -> Vec<u8> {
    drisl::to_vec(value).unwrap()
}

/// The COSE_Sign1 of a payload of any bytes, under a signature that holds: what a hostile signer can make.
pub(crate) fn sealed_payload(kind: &str, payload: &[u8], seed: u8) -> Vec<u8> {
    let text = format!("application/vnd.bespeak.{kind}+cbor");
    let mut protected = vec![0xa3, 0x01, 0x32, 0x04, 0x58, 34];
    protected.extend(party(seed).multikey());
    protected.push(0x10);
    head(&mut protected, 3, text.len());
    protected.extend(text.as_bytes());
    let mut message = vec![0x84];
    head(&mut message, 3, 10);
    message.extend(b"Signature1");
    for part in [&protected[..], &[], payload] {
        head(&mut message, 2, part.len());
        message.extend(part);
    }
    let mut envelope = vec![0xd2, 0x84];
    head(&mut envelope, 2, protected.len());
    envelope.extend(&protected);
    envelope.push(0xa0);
    head(&mut envelope, 2, payload.len());
    envelope.extend(payload);
    head(&mut envelope, 2, 64);
    envelope.extend(key(seed).sign(&message));
    envelope
}

/// The head of a CBOR item in its shortest form, below 64 KiB.
pub(crate) fn head(out: &mut Vec<u8>, major: u8, length: usize) {
    let major = major << 5;
    match length {
        0..24 => out.push(major | u8::try_from(length).unwrap()),
        24..256 => out.extend([major | 24, u8::try_from(length).unwrap()]),
        _ => {
            out.push(major | 25);
            out.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
    }
}
