//! One signed message of each kind, and one of everything that travels unsigned.

use bespeak_identity::{Side, Signed, drisl};
use bespeak_model::{
    fulfilment::{FulfilmentKind, LineSteps},
    reason::{Reason, RefusalCode},
};
use bespeak_protocol::{
    channel::{
        message::{Body, ChatMessage, Message},
        opening::Opening,
        packet::{Packet, Refused},
        ratchet::RatchetKeys,
        resumption::Resuming,
    },
    deal::{DealMessage, FulfilmentMessage, OrderMessage, PaymentMessage, ReceiptMessage},
    drop::{DropReply, DropRequest, Errand, MailItem, Proof},
    enclosed::Enclosed,
    market::{
        Announcement,
        catch_up::{CatchUpReply, CatchUpRequest},
    },
    offer::OfferMessage,
};
use serde::Serialize;
use serde_bytes::{ByteArray, ByteBuf};

use crate::samples::{
    self, CUSTOMER, Sample, VENDOR, at, euros, key, many, net, nonce, party, place_of_mail, sample, text,
    thread,
};

/// Two chains of messages as they grow.
#[derive(Default)]
struct Talk {
    customer: Vec<Signed<Message>>,
    vendor: Vec<Signed<Message>>,
}

impl Talk {
    fn say(&mut self, by: Side, body: Body) -> Signed<Message> {
        let (seed, own, other) = match by {
            Side::Customer => (CUSTOMER, &mut self.customer, &self.vendor),
            Side::Vendor => (VENDOR, &mut self.vendor, &self.customer),
        };
        let number = u8::try_from(100 + own.len() + other.len()).unwrap();
        let message = Message {
            iss: party(seed),
            nonce: nonce(number),
            net: net(),
            thread: thread(),
            seq: own.len() as u64 + 1,
            prev: own.last().map(Signed::id),
            seen: other.len() as u64,
            answers: other.last().map(Signed::id),
            at: at("2026-12-01T12:00:00Z").saturating_add(60 * u64::from(number)),
            body,
        };
        let signed = Signed::sign(message, &key(seed)).unwrap();
        own.push(signed.clone());
        signed
    }
}

/// One message of each kind.
pub(crate) fn messages() -> Vec<Sample> {
    let mut talk = Talk::default();
    let mut samples = Vec::new();
    let bodies = offers()
        .into_iter()
        .chain(orders())
        .chain(payments())
        .chain(goods())
        .chain(receipts())
        .chain(talks());
    for (by, body) in bodies {
        let seed = if by == Side::Customer { CUSTOMER } else { VENDOR };
        let name = format!("message-{}", name_of(&body));
        samples.push(sample(&name, &talk.say(by, body), seed));
    }
    samples
}

/// The kind, as the schema nests it. There is no `_` here on purpose: who adds a kind of message comes by, and gives it
/// a sample below and a rule in the schema.
fn name_of(body: &Body) -> &'static str {
    use DealMessage as D;
    match body {
        Body::Offer(OfferMessage::Submit { .. }) => "offer-submit",
        Body::Offer(OfferMessage::Revise { .. }) => "offer-revise",
        Body::Offer(OfferMessage::Withdraw { .. }) => "offer-withdraw",
        Body::Offer(OfferMessage::Pass {}) => "offer-pass",
        Body::Offer(OfferMessage::Counter { .. }) => "offer-counter",
        Body::Offer(OfferMessage::Decline { .. }) => "offer-decline",
        Body::Deal(D::Order(OrderMessage::Confirm { .. })) => "order-confirm",
        Body::Deal(D::Order(OrderMessage::Accept { .. })) => "order-accept",
        Body::Deal(D::Order(OrderMessage::Reject { .. })) => "order-reject",
        Body::Deal(D::Order(OrderMessage::Cancel { .. })) => "order-cancel",
        Body::Deal(D::Order(OrderMessage::CancelAnswer { .. })) => "order-cancel_answer",
        Body::Deal(D::Order(OrderMessage::Complete { .. })) => "order-complete",
        Body::Deal(D::Payment(PaymentMessage::Request { .. })) => "payment-request",
        Body::Deal(D::Payment(PaymentMessage::Sent { .. })) => "payment-sent",
        Body::Deal(D::Payment(PaymentMessage::Received { .. })) => "payment-received",
        Body::Deal(D::Payment(PaymentMessage::Failed { .. })) => "payment-failed",
        Body::Deal(D::Fulfilment(FulfilmentMessage::Event { .. })) => "fulfilment-event",
        Body::Deal(D::Fulfilment(FulfilmentMessage::Received { .. })) => "fulfilment-received",
        Body::Deal(D::Receipt(ReceiptMessage::Issue { .. })) => "receipt-issue",
        Body::Deal(D::Receipt(ReceiptMessage::Countersign { .. })) => "receipt-countersign",
        Body::Chat(ChatMessage::Text { .. }) => "chat-text",
        Body::Chat(ChatMessage::Read { .. }) => "chat-read",
    }
}

fn offers() -> Vec<(Side, Body)> {
    let (first, revised) = (samples::offer_minimal(), samples::offer());
    vec![
        (Side::Vendor, OfferMessage::Submit { offer: Enclosed::new(&first) }),
        (
            Side::Customer,
            OfferMessage::Counter { offer: first.id(), total: euros(120_000), text: Some(text("Deal?")) },
        ),
        (Side::Vendor, OfferMessage::Revise { offer: Enclosed::new(&revised) }),
        (Side::Vendor, OfferMessage::Withdraw { offer: revised.id() }),
        (Side::Customer, OfferMessage::Decline { offer: revised.id(), reason: Reason::ShippingSpeed }),
        (Side::Vendor, OfferMessage::Pass {}),
    ]
    .into_iter()
    .map(|(by, message)| (by, Body::Offer(message)))
    .collect()
}

fn deal(by: Side, message: DealMessage) -> (Side, Body) {
    (by, Body::Deal(message))
}

fn orders() -> Vec<(Side, Body)> {
    let order = samples::order();
    let id = order.id();
    let signature = |side| ByteBuf::from(order.signature(side).to_vec());
    let payload = ByteBuf::from(drisl::to_vec(order.value()).unwrap());
    let quote = Some(Enclosed::new(&samples::offer_minimal()));
    let (code, reason) = (RefusalCode::QuoteExpired, Reason::TimingDeferred);
    vec![
        (Side::Customer, OrderMessage::Confirm { order: payload, signature: signature(Side::Customer) }),
        (Side::Vendor, OrderMessage::Accept { order: id, signature: signature(Side::Vendor) }),
        (Side::Vendor, OrderMessage::Reject { order: id, code, reason, quote }),
        (Side::Customer, OrderMessage::Cancel { order: id, attempt: 1, reason: Reason::ChangedMind }),
        (Side::Vendor, OrderMessage::CancelAnswer { order: id, attempt: 1, agreed: false }),
        (Side::Customer, OrderMessage::Complete { order: id }),
    ]
    .into_iter()
    .map(|(by, message)| deal(by, DealMessage::Order(message)))
    .collect()
}

fn payments() -> Vec<(Side, Body)> {
    let order = samples::order().id();
    let ways = ["payto://iban/DE75512108001245126199?amount=EUR:1238.00", "bitcoin:bc1qexample?amount=0.02"];
    let instructions = many(ways.iter().map(|way| way.parse().unwrap()).collect());
    vec![
        (Side::Vendor, PaymentMessage::Request { order, amount: euros(123_800), instructions }),
        (Side::Customer, PaymentMessage::Sent { order, proof: Some(text("transfer of 2026-12-02")) }),
        (Side::Vendor, PaymentMessage::Failed { order, detail: Some(text("came back from the bank")) }),
        (Side::Vendor, PaymentMessage::Received { order, amount: euros(123_800) }),
    ]
    .into_iter()
    .map(|(by, message)| deal(by, DealMessage::Payment(message)))
    .collect()
}

fn goods() -> Vec<(Side, Body)> {
    let order = samples::order().id();
    let (one, rest) = (LineSteps { line: 0, steps: 1 }, LineSteps { line: 1, steps: 15 });
    let (event, note) = (FulfilmentKind::Shipped, Some(text("parcel 00340434161094015902")));
    vec![
        deal(
            Side::Vendor,
            DealMessage::Fulfilment(FulfilmentMessage::Event {
                order,
                event,
                lines: many(vec![one, rest]),
                note,
            }),
        ),
        deal(
            Side::Customer,
            DealMessage::Fulfilment(FulfilmentMessage::Received { order, lines: many(vec![one]) }),
        ),
    ]
}

fn receipts() -> Vec<(Side, Body)> {
    let (order, receipt) = (samples::order().id(), samples::receipt());
    let signature = |side| ByteBuf::from(receipt.signature(side).to_vec());
    let payload = ByteBuf::from(drisl::to_vec(receipt.value()).unwrap());
    let issue = ReceiptMessage::Issue { order, receipt: payload, signature: signature(Side::Vendor) };
    let countersign =
        ReceiptMessage::Countersign { order, receipt: receipt.id(), signature: signature(Side::Customer) };
    vec![
        deal(Side::Vendor, DealMessage::Receipt(issue)),
        deal(Side::Customer, DealMessage::Receipt(countersign)),
    ]
}

fn talks() -> Vec<(Side, Body)> {
    vec![
        (Side::Customer, Body::Chat(ChatMessage::Text { text: text("Do the lights\nrun on a dynamo? 🚲") })),
        (Side::Vendor, Body::Chat(ChatMessage::Read { up_to: 9 })),
    ]
}

/// Something unsigned, and its rule in the schema.
pub(crate) struct Wire {
    pub(crate) rule: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// Whether bytes are one of these.
    pub(crate) reads: fn(&[u8]) -> bool,
}

/// Everything that travels unsigned.
pub(crate) fn wires() -> Vec<Wire> {
    let mut wires = announcements();
    wires.extend(channel());
    let requests = requests().into_iter().map(|request| request.to_bytes().unwrap());
    wires.extend(requests.map(|bytes| Wire {
        rule: "drop-request",
        bytes,
        reads: |bytes| DropRequest::from_bytes(bytes).is_ok(),
    }));
    let replies = replies().into_iter().map(|reply| reply.to_bytes().unwrap());
    wires.extend(replies.map(|bytes| Wire {
        rule: "drop-reply",
        bytes,
        reads: |bytes| DropReply::from_bytes(bytes).is_ok(),
    }));
    wires.extend(catching_up());
    wires
}

fn catching_up() -> Vec<Wire> {
    let topic = || "/bespeak/1/test/vehicles".to_owned();
    let ranges = || ByteBuf::from(vec![0x61, 0, 0, 2, 0]);
    let requests = [
        CatchUpRequest::Compare { topic: topic(), ranges: ranges() },
        CatchUpRequest::Fetch { topic: topic(), digests: vec![ByteArray::new([3; 32]); 2] },
    ];
    let said = Announcement::intention(&samples::intention()).to_bytes().unwrap();
    let replies = [
        CatchUpReply::Compared { ranges: ranges() },
        CatchUpReply::Announcements { items: vec![ByteBuf::from(said)], left: 1 },
        CatchUpReply::Refused { code: RefusalCode::RateLimited },
    ];
    let request = |request: &CatchUpRequest| Wire {
        rule: "catch-up-request",
        bytes: request.to_bytes().unwrap(),
        reads: |bytes| CatchUpRequest::from_bytes(bytes).is_ok(),
    };
    let reply = |reply: &CatchUpReply| Wire {
        rule: "catch-up-reply",
        bytes: reply.to_bytes().unwrap(),
        reads: |bytes| CatchUpReply::from_bytes(bytes).is_ok(),
    };
    requests.iter().map(request).chain(replies.iter().map(reply)).collect()
}

fn announcements() -> Vec<Wire> {
    let wish = samples::intention();
    let stamped = Announcement { stamp: Some(ByteBuf::from(vec![7; 40])), ..Announcement::intention(&wish) };
    let all =
        [stamped, Announcement::intention(&wish), Announcement::withdrawal(&samples::withdrawal(&wish))];
    let wire = |said: &Announcement| Wire {
        rule: "announcement",
        bytes: said.to_bytes().unwrap(),
        reads: |bytes| Announcement::from_bytes(bytes).is_ok_and(|said| said.v == 1),
    };
    all.iter().map(wire).collect()
}

fn channel() -> Vec<Wire> {
    let mut talk = Talk::default();
    let said: Vec<_> = offers()
        .into_iter()
        .map(|(by, body)| talk.say(by, body))
        .filter(|said| said.iss == party(VENDOR))
        .collect();
    let opening = Opening {
        card: Enclosed::new(&samples::card()),
        messages: said.iter().map(Enclosed::new).collect(),
        keys: RatchetKeys { identity: vec![0x77; 32], one_time: vec![0x78; 32] },
        drops: many(vec![place_of_mail(0x79, &["/ip6/2001:db8::1/tcp/4001"])]),
    };
    let refused = Refused { message: said[0].id(), code: RefusalCode::Conflict };
    let full = Packet {
        v: 1,
        introduction: Some(Enclosed::new(&samples::introduction())),
        messages: talk.customer.iter().map(Enclosed::new).collect(),
        yours: said.iter().map(Enclosed::new).collect(),
        restoring: Some(1),
        seen: 2,
        refused: vec![refused],
    };
    let least = Packet {
        v: 1,
        introduction: None,
        messages: vec![],
        yours: vec![],
        restoring: None,
        seen: 0,
        refused: vec![],
    };
    let bytes = |value: &dyn erased::Encode| value.encode();
    let packet = |value: &Packet| Wire {
        rule: "packet",
        bytes: bytes(value),
        reads: |bytes| Packet::from_bytes(bytes).is_ok(),
    };
    let opened = Wire {
        rule: "opening",
        bytes: bytes(&opening),
        reads: |bytes| drisl::from_slice::<Opening>(bytes).is_ok(),
    };
    let resuming = Resuming {
        introduction: Some(Enclosed::new(&samples::introduction())),
        resumption: Enclosed::new(&samples::resumption()),
    };
    let resumed = Wire {
        rule: "resuming",
        bytes: bytes(&resuming),
        reads: |bytes| drisl::from_slice::<Resuming>(bytes).is_ok(),
    };
    vec![opened, resumed, packet(&full), packet(&least)]
}

mod erased {
    use super::{Serialize, drisl};

    pub(super) trait Encode {
        fn encode(&self) -> Vec<u8>;
    }

    impl<T: Serialize> Encode for T {
        fn encode(&self) -> Vec<u8> {
            drisl::to_vec(self).unwrap()
        }
    }
}

/// The host that the samples ask.
pub(crate) const HOST: &str = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";

fn requests() -> Vec<DropRequest> {
    let owner = key([0x44; 32]);
    let queue = place_of_mail(0x44, &["/memory/1"]).queue;
    let ids = vec![7, 9];
    let get = Proof::new(&owner, HOST, &Errand::Get { after: 6 });
    let ack = Proof::new(&owner, HOST, &Errand::Ack { ids: &ids });
    let envelope = ByteBuf::from(vec![1; 4096]);
    vec![
        DropRequest::About {},
        DropRequest::Put { queue, envelope: envelope.clone(), stamp: Some(ByteBuf::from(vec![9; 8])) },
        DropRequest::Put { queue, envelope, stamp: None },
        DropRequest::Get { queue, after: 6, wait: 30, proof: get },
        DropRequest::Ack { queue, ids, proof: ack },
    ]
}

fn replies() -> Vec<DropReply> {
    let item = MailItem { id: 7, envelope: ByteBuf::from(vec![2; 4096]) };
    vec![
        DropReply::About { holds_mail: true },
        DropReply::Stored {},
        DropReply::Mail { items: vec![item] },
        DropReply::Mail { items: vec![] },
        DropReply::Done {},
        DropReply::Refused { code: RefusalCode::NotParty },
    ]
}
