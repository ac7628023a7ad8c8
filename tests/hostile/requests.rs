//! What a rogue asks of a drop host, and what it has to be told.

use bespeak_bench::letter_box::LetterBox;
pub(crate) use bespeak_bench::letter_box::put;
use bespeak_identity::drisl;
use bespeak_model::{queue::QueueId, reason::RefusalCode};
use bespeak_protocol::{
    channel::envelope::{Sealing, wrap},
    drop::{DropReply, DropRequest, limits::MAX_WAIT},
};

use super::{
    forge::{self, Map, float, nested, text},
    rogue::{Raw, Rogue, unframed},
};

/// A queue of the rogue's own.
pub(crate) struct Own {
    letter_box: LetterBox,
    pub(crate) queue: QueueId,
}

impl Own {
    pub(crate) fn new(number: u64) -> Self {
        let mut secret = [0xaa; 32];
        secret[..8].copy_from_slice(&number.to_le_bytes());
        let letter_box = LetterBox::new(&secret);
        Self { queue: letter_box.queue(), letter_box }
    }

    /// Asks for mail, and waits for it a while.
    pub(crate) fn get(&self, host: &str, wait: u16) -> DropRequest {
        self.letter_box.get(host, 0, wait)
    }

    /// Acknowledges mail.
    pub(crate) fn ack(&self, host: &str, ids: Vec<u64>) -> DropRequest {
        self.letter_box.ack(host, ids)
    }

    /// The same request for somebody else's queue.
    pub(crate) fn misdirected(&self, request: DropRequest, other: QueueId) -> DropRequest {
        match request {
            DropRequest::Get { after, wait, proof, .. } => {
                DropRequest::Get { queue: other, after, wait, proof }
            }
            DropRequest::Ack { ids, proof, .. } => DropRequest::Ack { queue: other, ids, proof },
            same => same,
        }
    }
}

/// The request as it should be sent, whether or not it keeps to its bounds.
pub(crate) fn raw(request: &DropRequest) -> Raw {
    Raw::framed(&drisl::to_vec(request).unwrap())
}

/// Asks, and reads the answer.
pub(crate) async fn told(rogue: &Rogue, request: &DropRequest) -> DropReply {
    let answer = rogue.told(raw(request)).await.expect("the host answers");
    let body = unframed(&answer).expect("an answer has its length");
    DropReply::from_bytes(body).expect("the answer is readable")
}

/// Why something was refused.
pub(crate) async fn refused(rogue: &Rogue, request: &DropRequest) -> RefusalCode {
    match told(rogue, request).await {
        DropReply::Refused { code } => code,
        other => panic!("{request:?} was answered with {other:?}"),
    }
}

/// Envelopes that nobody can open, of every kind.
pub(crate) fn junk(number: u64) -> Vec<Vec<u8>> {
    let noise = |length: usize| -> Vec<u8> {
        let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            // Xorshift: any noise will do.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        };
        (0..length).map(|_| next()).collect()
    };
    let zero_point = [vec![0; 32], noise(400)].concat();
    vec![
        vec![0],
        noise(1),
        noise(4096),
        noise(16 * 1024),
        wrap(Sealing::Opening, &[]).unwrap(),
        wrap(Sealing::Opening, &noise(1)).unwrap(),
        wrap(Sealing::Opening, &noise(31)).unwrap(),
        wrap(Sealing::Opening, &zero_point).unwrap(),
        wrap(Sealing::Opening, &noise(2000)).unwrap(),
        wrap(Sealing::Opening, &noise(12_000)).unwrap(),
        wrap(Sealing::Ratchet, &[]).unwrap(),
        wrap(Sealing::Ratchet, &[0]).unwrap(),
        wrap(Sealing::Ratchet, &noise(2000)).unwrap(),
        wrap(Sealing::Ratchet, &noise(16_000)).unwrap(),
        [&[1, 0xff, 0xff, 0xff, 0xff], vec![7; 4091].as_slice()].concat(),
    ]
}

/// Bodies that are no CBOR of ours: no honest node of any version sends them.
pub(crate) fn malformed() -> Vec<(&'static str, Vec<u8>)> {
    let about = Map(vec![("about".to_owned(), forge::head(forge::MAP, 0))]);
    vec![
        ("nothing", Vec::new()),
        ("20 KiB of zeros", vec![0; 20 * 1024]),
        ("20 KiB of lists in each other", nested(20 * 1024 - 1)),
        ("an indefinite length", about.indefinite()),
        ("a length in nine bytes", about.long_winded()),
        ("a key twice", about.doubled()),
        ("bytes after the end", [about.whole(), vec![0]].concat()),
        ("a float", about.clone().with("novelty", float(1.5)).whole()),
        ("what is no number", about.clone().with("about", float(f64::NAN)).whole()),
        ("text that is none", about.with("novelty", text([0xff])).whole()),
        ("2^64 - 1 bytes announced", forge::long_head(forge::BYTES, u64::MAX)),
        ("2^64 - 1 parts announced", forge::long_head(forge::ARRAY, u64::MAX)),
    ]
}

/// Well-formed requests that this version does not know, or that go over its bounds: refused, held against nobody.
pub(crate) fn unknown(host: &str) -> Vec<(&'static str, DropRequestOrBytes)> {
    let own = Own::new(1);
    let novelty = Map(vec![("novelty".to_owned(), forge::head(forge::MAP, 0))]).whole();
    vec![
        ("a request of a later version", DropRequestOrBytes::Bytes(novelty)),
        ("a number", DropRequestOrBytes::Bytes(vec![1])),
        ("an envelope of nothing", DropRequestOrBytes::Request(put(own.queue, Vec::new()))),
        ("an envelope over its bound", DropRequestOrBytes::Request(put(own.queue, vec![1; 16 * 1024 + 1]))),
        ("a wait over its bound", DropRequestOrBytes::Request(own.get(host, MAX_WAIT + 1))),
        ("a wait of 18 hours", DropRequestOrBytes::Request(own.get(host, u16::MAX))),
        ("more ids than a queue holds", DropRequestOrBytes::Request(own.ack(host, (0..129).collect()))),
    ]
}

/// A request, or what stands in its place.
pub(crate) enum DropRequestOrBytes {
    Request(DropRequest),
    Bytes(Vec<u8>),
}

impl DropRequestOrBytes {
    pub(crate) fn raw(&self) -> Raw {
        match self {
            Self::Request(request) => raw(request),
            Self::Bytes(bytes) => Raw::framed(bytes),
        }
    }
}
