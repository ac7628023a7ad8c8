//! One of each record, full and with nothing that may be left out, from fixed seeds: the frozen vectors are made of these.

use bespeak_identity::{
    Agreement, CoSigned, Document, Nonce, PublicKey, RecordId, SealSecret, SignKey, Signed,
    agreement::sign_half, drisl,
};
use bespeak_model::{
    bounded::Bounded,
    card::VendorCard,
    category::Slug,
    intention::{Budget, GoodsCondition, Intention, Line, Withdrawal},
    manifest::Manifest,
    money::{Currency, Money},
    network::Network,
    offer::{Offer, OfferLine, PaymentRule},
    order::Order,
    quantity::Quantity,
    queue::{Drop, QueueId},
    reason::WithdrawalReason,
    receipt::{Receipt, ReceiptLine},
    terms::TermsId,
    text::Text,
    time::Time,
};
use bespeak_protocol::{
    channel::{opening::Introduction, ratchet::RatchetKeys, resumption::Resumption},
    thread::ThreadId,
};
use serde::de::DeserializeOwned;

/// The seeds of the keys that sign: the intention's, the customer's in the relation, the vendor's.
pub(crate) const INTENTION: [u8; 32] = [0x11; 32];
pub(crate) const CUSTOMER: [u8; 32] = [0x22; 32];
pub(crate) const VENDOR: [u8; 32] = [0x33; 32];

/// A record, and what a second implementation must find in it.
pub(crate) struct Sample {
    /// The name of its vector.
    pub(crate) name: String,
    /// Its type, which is also the rule of its payload in the schema.
    pub(crate) kind: &'static str,
    /// The seeds of its signers' keys, in the order of the signatures.
    pub(crate) seeds: Vec<[u8; 32]>,
    pub(crate) cose: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) id: String,
    pub(crate) signers: Vec<PublicKey>,
    /// Whether a payload is one of this kind.
    pub(crate) reads: fn(&[u8]) -> bool,
}

fn reads<T: DeserializeOwned>(payload: &[u8]) -> bool {
    drisl::from_slice::<T>(payload).is_ok()
}

/// A record by one signer.
pub(crate) fn sample<T: Document>(name: &str, record: &Signed<T>, seed: [u8; 32]) -> Sample {
    Sample {
        name: name.to_owned(),
        kind: T::TYPE,
        seeds: vec![seed],
        cose: record.bytes().to_vec(),
        payload: drisl::to_vec(record.value()).unwrap(),
        id: record.id().to_string(),
        signers: vec![*record.issuer()],
        reads: reads::<T>,
    }
}

fn agreed<T: Agreement>(name: &str, record: &CoSigned<T>) -> Sample {
    Sample {
        name: name.to_owned(),
        kind: T::TYPE,
        seeds: vec![CUSTOMER, VENDOR],
        cose: record.bytes().to_vec(),
        payload: drisl::to_vec(record.value()).unwrap(),
        id: record.id().to_string(),
        signers: vec![*record.customer(), *record.vendor()],
        reads: reads::<T>,
    }
}

/// Every record but the messages.
pub(crate) fn records() -> Vec<Sample> {
    let key = INTENTION;
    let wish = intention();
    let least = intention_minimal();
    vec![
        sample("intention", &wish, key),
        sample("intention-minimal", &least, key),
        sample("withdrawal", &withdrawal(&wish), key),
        sample("vendor", &card(), VENDOR),
        sample("vendor-minimal", &card_minimal(), VENDOR),
        sample("offer", &offer(), VENDOR),
        sample("offer-minimal", &offer_minimal(), VENDOR),
        sample("introduction", &introduction(), key),
        sample("resumption", &resumption(), VENDOR),
        sample("manifest", &manifest(), CUSTOMER),
        agreed("order", &order()),
        agreed("order-minimal", &order_minimal()),
        agreed("receipt", &receipt()),
        agreed("receipt-minimal", &receipt_minimal()),
    ]
}

pub(crate) fn key(seed: [u8; 32]) -> SignKey {
    SignKey::from_bytes(&seed)
}

pub(crate) fn party(seed: [u8; 32]) -> PublicKey {
    key(seed).public()
}

/// A nonce unlike those of other samples.
pub(crate) fn nonce(number: u8) -> Nonce {
    Nonce::from_bytes([number; 16])
}

pub(crate) fn net() -> Network {
    "test".parse().unwrap()
}

pub(crate) fn text<const MAX: usize, const LINES: bool>(words: &str) -> Text<MAX, LINES> {
    Text::new(words).unwrap()
}

pub(crate) fn at(time: &str) -> Time {
    time.parse().unwrap()
}

pub(crate) fn euros(minor: i64) -> Money {
    Money::new(minor, Currency::EUR).unwrap()
}

pub(crate) fn many<T, const MIN: usize, const MAX: usize>(items: Vec<T>) -> Bounded<T, MIN, MAX> {
    Bounded::new(items).unwrap()
}

pub(crate) fn place_of_mail(seed: u8, hosts: &[&str]) -> Drop {
    let hosts = hosts.iter().map(|host| (*host).to_owned().try_into().unwrap()).collect();
    Drop { queue: QueueId::from_bytes(*party([seed; 32]).as_bytes()), hosts: many(hosts) }
}

const RELAY: &str =
    "/ip4/192.0.2.7/udp/4001/quic-v1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";

/// With everything that can be said.
pub(crate) fn intention() -> Signed<Intention> {
    let conditions =
        ["colour=red", "weight<=12.5kg", "year>=2023", "wheel=16..20inch", "gears=3", "folding=yes"];
    let bicycle = Line {
        name: text("Folding bicycle"),
        quantity: "2x".parse().unwrap(),
        conditions: many(conditions.iter().map(|words| words.parse().unwrap()).collect()),
        gtin: Some("4006381333931".parse().unwrap()),
    };
    let oil = Line {
        name: text("Chain oil"),
        quantity: "1.5 l".parse().unwrap(),
        conditions: many(vec![]),
        gtin: None,
    };
    let wish = Intention {
        iss: party(INTENTION),
        nonce: nonce(1),
        net: net(),
        category: Slug::new("vehicles.bicycles").unwrap(),
        title: text("Two folding bicycles for the train — vélos pliants"),
        text: Some(text("They must fit under a seat.\nLights would be good.")),
        lines: many(vec![bicycle, oil]),
        budget: Some(Budget::new(Some(euros(80_000)), Some(euros(150_000))).unwrap()),
        condition: Some(GoodsCondition::Refurbished),
        place: Some("DE-u33d+25km".parse().unwrap()),
        needed_by: Some("2026-12-20".parse().unwrap()),
        cast_at: at("2026-12-01T09:00:00Z"),
        expires_at: at("2026-12-08T09:00:00Z"),
        terms: many(vec![TermsId::PdcIntent, TermsId::SdBase]),
        seal: seal().public(),
        drops: many(vec![
            place_of_mail(0x44, &[RELAY]),
            place_of_mail(0x44, &["/dns4/relay.example/tcp/4001"]),
        ]),
    };
    Signed::sign(wish, &key(INTENTION)).unwrap()
}

/// The secret that first messages are sealed to.
pub(crate) fn seal() -> SealSecret {
    SealSecret::from_bytes(&[0x55; 32])
}

fn intention_minimal() -> Signed<Intention> {
    let line = Line { name: text("Desk"), quantity: Quantity::one(), conditions: many(vec![]), gtin: None };
    let wish = Intention {
        nonce: nonce(2),
        category: Slug::new("furniture").unwrap(),
        title: text("Desk"),
        text: None,
        lines: many(vec![line]),
        budget: None,
        condition: None,
        place: None,
        needed_by: None,
        terms: many(vec![TermsId::SdBase]),
        drops: many(vec![place_of_mail(0x44, &[RELAY])]),
        ..intention().value().clone()
    };
    Signed::sign(wish, &key(INTENTION)).unwrap()
}

/// Takes an intention back.
pub(crate) fn withdrawal(wish: &Signed<Intention>) -> Signed<Withdrawal> {
    let withdrawal = Withdrawal {
        iss: wish.iss,
        nonce: nonce(3),
        net: net(),
        intention: wish.id(),
        category: wish.category.clone(),
        reason: WithdrawalReason::ChangedMind,
        at: at("2026-12-02T10:00:00Z"),
        expires_at: wish.expires_at,
    };
    Signed::sign(withdrawal, &key(INTENTION)).unwrap()
}

pub(crate) fn card() -> Signed<VendorCard> {
    let card = VendorCard {
        iss: party(VENDOR),
        nonce: nonce(4),
        net: net(),
        name: text("Radhaus Süd"),
        categories: many(vec![Slug::new("vehicles").unwrap(), Slug::new("sports.cycling").unwrap()]),
        terms: many(vec![
            TermsId::SdBase,
            TermsId::SdBaseDp,
            TermsId::PdcAi,
            TermsId::PdcGood,
            TermsId::PdcIntent,
        ]),
        seal: SealSecret::from_bytes(&VENDOR).public(),
        at: at("2026-11-30T08:00:00Z"),
    };
    Signed::sign(card, &key(VENDOR)).unwrap()
}

fn card_minimal() -> Signed<VendorCard> {
    let whole = card();
    let card = VendorCard {
        nonce: nonce(5),
        categories: many(vec![]),
        terms: many(vec![TermsId::SdBase]),
        ..whole.value().clone()
    };
    Signed::sign(card, &key(VENDOR)).unwrap()
}

fn offered(line: u8, name: &str, sku: Option<&str>, quantity: &str, amount: i64) -> OfferLine {
    let (quantity, amount) = (quantity.parse().unwrap(), euros(amount));
    OfferLine { line, name: text(name), sku: sku.map(text), quantity, amount }
}

/// A revision, with everything that can be said.
pub(crate) fn offer() -> Signed<Offer> {
    let first = offer_minimal();
    let offer = Offer {
        nonce: nonce(7),
        replaces: Some(first.id()),
        lines: many(vec![
            offered(0, "Faltrad Modell 20", Some("FR-20"), "2x", 119_800),
            offered(1, "Kettenöl", None, "1.5 l", 2_100),
        ]),
        alternatives: many(vec![offered(0, "Faltrad Modell 16", Some("FR-16"), "2x", 99_800)]),
        delivery: Some(euros(1_900)),
        total: euros(123_800),
        firm: true,
        payment: PaymentRule::BeforeFulfilment,
        deliver_by: Some("2026-12-15".parse().unwrap()),
        text: Some(text("Ready to ride,\nlights included.")),
        at: at("2026-12-01T11:00:00Z"),
        ..first.value().clone()
    };
    Signed::sign(offer, &key(VENDOR)).unwrap()
}

/// The first offer of the conversation.
pub(crate) fn offer_minimal() -> Signed<Offer> {
    let offer = Offer {
        iss: party(VENDOR),
        nonce: nonce(6),
        net: net(),
        intention: intention().id(),
        replaces: None,
        lines: many(vec![offered(0, "Faltrad Modell 20", None, "2x", 125_800)]),
        alternatives: many(vec![]),
        delivery: None,
        total: euros(125_800),
        terms: TermsId::SdBase,
        firm: false,
        payment: PaymentRule::Open,
        valid_until: at("2026-12-04T11:00:00Z"),
        deliver_by: None,
        text: None,
        at: at("2026-12-01T10:30:00Z"),
    };
    Signed::sign(offer, &key(VENDOR)).unwrap()
}

/// The conversation that the first offer opened.
pub(crate) fn thread() -> ThreadId {
    ThreadId::opened_by(offer_minimal().id())
}

pub(crate) fn introduction() -> Signed<Introduction> {
    let introduction = Introduction {
        iss: party(INTENTION),
        nonce: nonce(8),
        net: net(),
        intention: intention().id(),
        thread: thread(),
        vendor: party(VENDOR),
        relation: party(CUSTOMER),
        drops: many(vec![place_of_mail(0x66, &[RELAY])]),
    };
    Signed::sign(introduction, &key(INTENTION)).unwrap()
}

/// A vendor that lost what was said after the first message of each side.
pub(crate) fn resumption() -> Signed<Resumption> {
    let resumption = Resumption {
        iss: party(VENDOR),
        nonce: nonce(13),
        net: net(),
        thread: thread(),
        epoch: at("2026-12-03T07:00:00Z").unix(),
        keys: RatchetKeys { identity: vec![0x7a; 32], one_time: vec![0x7b; 32] },
        said: 1,
        seen: 1,
        drops: many(vec![place_of_mail(0x79, &["/ip6/2001:db8::2/tcp/4001"])]),
    };
    Signed::sign(resumption, &key(VENDOR)).unwrap()
}

fn manifest() -> Signed<Manifest> {
    let manifest = Manifest {
        iss: party(CUSTOMER),
        nonce: nonce(14),
        net: net(),
        list: serde_bytes::ByteArray::new([0x77; 32]),
        at: at("2026-12-20T08:00:00Z"),
    };
    Signed::sign(manifest, &key(CUSTOMER)).unwrap()
}

fn both<T: Agreement>(document: T) -> CoSigned<T> {
    sign_half(document, &key(CUSTOMER)).unwrap().countersign(&key(VENDOR)).unwrap()
}

pub(crate) fn order() -> CoSigned<Order> {
    let quote = offer();
    both(Order {
        customer: party(CUSTOMER),
        vendor: party(VENDOR),
        nonce: nonce(9),
        net: net(),
        intention: quote.intention,
        quote: quote.id(),
        lines: many(quote.lines.to_vec()),
        delivery: quote.delivery,
        total: quote.total,
        terms: quote.terms,
        payment: quote.payment,
        placed_at: at("2026-12-01T12:00:00Z"),
    })
}

fn order_minimal() -> CoSigned<Order> {
    let quote = offer_minimal();
    both(Order {
        nonce: nonce(10),
        quote: quote.id(),
        lines: many(quote.lines.to_vec()),
        delivery: None,
        total: quote.total,
        payment: quote.payment,
        ..order().value().clone()
    })
}

fn received(line: &OfferLine) -> ReceiptLine {
    ReceiptLine {
        name: line.name.clone(),
        sku: line.sku.clone(),
        quantity: line.quantity,
        amount: line.amount,
    }
}

pub(crate) fn receipt() -> CoSigned<Receipt> {
    let order = order();
    both(Receipt {
        customer: party(CUSTOMER),
        vendor: party(VENDOR),
        nonce: nonce(11),
        net: net(),
        order: order.id(),
        lines: many(order.lines.iter().map(received).collect()),
        total: order.total,
        issued_at: at("2026-12-14T16:20:00Z"),
    })
}

fn receipt_minimal() -> CoSigned<Receipt> {
    let order = order_minimal();
    both(Receipt {
        nonce: nonce(12),
        order: order.id(),
        lines: many(order.lines.iter().map(received).collect()),
        total: order.total,
        ..receipt().value().clone()
    })
}

/// The payload's own id, to be compared with the one in the record.
pub(crate) fn id_of(payload: &[u8]) -> String {
    RecordId::<()>::of_payload(payload).to_string()
}
