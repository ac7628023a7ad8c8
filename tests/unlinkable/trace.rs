//! What left a customer's node because of one intention, and the comparison of two such traces.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use bespeak_agent::document::Kept;
use bespeak_identity::{RecordId, SignKey, Unverified};
use bespeak_model::{
    intention::{Intention, Withdrawal},
    queue::QueueId,
};
use bespeak_protocol::{
    channel::opening::Introduction,
    drop::{DropRequest, Errand, Proof},
    market::Announcement,
    thread::ThreadId,
};

use super::{
    contains,
    relay::{Asked, RecordingRelay},
    vendor::RecordingVendor,
};

/// Bytes that must be equal to count. Source: short enough to find part of any key, nonce or id, long enough that
/// none are equal by chance.
const GRAM: usize = 12;

/// So many of them must be unknown to everybody else. Source: in the middle of a key about eight are, when the first
/// and last two are found elsewhere by chance; six are equal by chance once in 2^48.
const UNKNOWN: usize = 6;

/// Findings that are enough to fail.
const ENOUGH: usize = 10;

type Gram = [u8; GRAM];

/// Everything that left a customer's node because of one intention.
#[derive(Clone, Default)]
pub(crate) struct Trace {
    /// As it went over the wires: gossip, requests, and the names of who asked.
    pub(crate) wire: Vec<Vec<u8>>,
    /// As the vendor read it: the records that were inside.
    pub(crate) plain: Vec<Vec<u8>>,
    /// From which transport identities, and for what.
    pub(crate) transports: BTreeSet<(&'static str, String)>,
    seen: BTreeSet<&'static str>,
    names: Vec<(&'static str, Vec<u8>)>,
}

impl Trace {
    pub(crate) fn everything(&self) -> Vec<Vec<u8>> {
        self.wire.iter().chain(&self.plain).cloned().collect()
    }

    /// Keys, queues and ids that belong to this intention alone.
    pub(crate) fn names(&self) -> Vec<(&'static str, Vec<u8>)> {
        self.names.clone()
    }

    fn saw(&mut self, what: &'static str, bytes: &[u8]) {
        self.seen.insert(what);
        self.wire.push(bytes.to_vec());
    }

    fn asked(&mut self, what: &'static str, by: &'static str, asked: &Asked) {
        self.saw(what, &without_length(asked));
        self.transports.insert((by, asked.peer.clone()));
        self.wire.push(asked.peer.clone().into_bytes());
    }

    fn read(&mut self, what: &'static str, bytes: &[u8]) {
        self.seen.insert(what);
        self.plain.push(bytes.to_vec());
    }

    /// Fails when a part of the story is missing: then there was nothing to compare.
    pub(crate) fn is_complete(&self) {
        let whole = [
            "fetched answers",
            "fetched offers",
            "gossip",
            "introduction",
            "left at the vendor",
            "said",
            "withdrawal",
        ];
        assert_eq!(self.seen.iter().copied().collect::<Vec<_>>(), whole);
    }
}

/// Kind and length in front of a sealed envelope. Source: `bespeak_protocol::channel::envelope`.
const HEAD: usize = 5;

/// The request; an envelope in it without the head that says how long it is: lengths are equal by chance, and are
/// neither key, queue, id nor address.
fn without_length(asked: &Asked) -> Vec<u8> {
    let DropRequest::Put { queue, envelope, stamp } = &asked.request else { return asked.bytes.clone() };
    let mut envelope = envelope.clone();
    envelope[..HEAD].fill(0);
    DropRequest::Put { queue: *queue, envelope, stamp: stamp.clone() }.to_bytes().unwrap()
}

/// Where each queue and each conversation belongs.
#[derive(Default)]
struct Ledger {
    offers: BTreeMap<QueueId, RecordId<Intention>>,
    answers: BTreeMap<QueueId, RecordId<Intention>>,
    vendors: BTreeMap<QueueId, RecordId<Intention>>,
    threads: BTreeMap<ThreadId, RecordId<Intention>>,
}

/// Every byte that left customers' nodes, by the intention that it is about. Fails on bytes of which nobody can say
/// what they are about.
pub(crate) fn traces(
    relay: &RecordingRelay,
    vendors: &[RecordingVendor],
) -> BTreeMap<RecordId<Intention>, Trace> {
    let (mut ledger, mut traces) = (Ledger::default(), BTreeMap::<_, Trace>::new());
    for (_, bytes) in &relay.log().gossip {
        said_aloud(bytes, &mut ledger, &mut traces);
    }
    for vendor in vendors {
        read(vendor, &mut ledger, &mut traces);
        left(vendor, &ledger, &mut traces);
    }
    fetched(relay, &ledger, &mut traces);
    traces
}

type Traces = BTreeMap<RecordId<Intention>, Trace>;

/// What was said on a topic.
fn said_aloud(bytes: &[u8], ledger: &mut Ledger, traces: &mut Traces) {
    let said = Announcement::from_bytes(bytes).expect("honest nodes speak well");
    if let Ok(withdrawal) = Unverified::<Withdrawal>::from_bytes(said.record.clone()) {
        return traces.entry(withdrawal.claim().intention).or_default().saw("withdrawal", bytes);
    }
    let intention = Unverified::<Intention>::from_bytes(said.record).expect("an intention");
    let (id, wish) = (intention.id(), intention.claim());
    let trace = traces.entry(id).or_default();
    trace.saw("gossip", bytes);
    let queue = wish.drops[0].queue;
    ledger.offers.insert(queue, id);
    trace.names.extend([
        ("the intention's key", wish.iss.as_bytes().to_vec()),
        ("the intention's nonce", wish.nonce.as_bytes().to_vec()),
        ("the intention's seal key", wish.seal.as_bytes().to_vec()),
        ("the intention's queue", queue.as_bytes().to_vec()),
        ("the intention's id", id.as_digest().to_vec()),
    ]);
}

/// What the vendor read.
fn read(vendor: &RecordingVendor, ledger: &mut Ledger, traces: &mut Traces) {
    for kept in vendor.kept() {
        match kept {
            Kept::Opened { thread, intention, drops, .. } => {
                let intention =
                    Unverified::<Intention>::from_bytes(intention.into_vec()).expect("an intention");
                ledger.threads.insert(thread, intention.id());
                ledger.vendors.extend(drops.iter().map(|drop| (drop.queue, intention.id())));
            }
            Kept::Introduced { thread, record } => {
                let trace = traces.get_mut(&ledger.threads[&thread]).expect("a trace");
                trace.read("introduction", &record);
                let read =
                    Unverified::<Introduction>::from_bytes(record.into_vec()).expect("an introduction");
                let (said, queue) = (read.claim(), read.claim().drops[0].queue);
                ledger.answers.insert(queue, said.intention);
                trace.names.extend([
                    ("the relation's key", said.relation.as_bytes().to_vec()),
                    ("the relation's queue", queue.as_bytes().to_vec()),
                    ("the introduction's nonce", said.nonce.as_bytes().to_vec()),
                    ("the conversation", thread.first_offer().as_digest().to_vec()),
                ]);
            }
            Kept::Said { thread, by_vendor: false, record } => {
                traces.get_mut(&ledger.threads[&thread]).expect("a trace").read("said", &record);
            }
            _ => {}
        }
    }
}

/// What was left in the vendor's queues.
fn left(vendor: &RecordingVendor, ledger: &Ledger, traces: &mut Traces) {
    for asked in vendor.asked() {
        match &asked.request {
            DropRequest::Put { queue, .. } => {
                let intention = ledger.vendors.get(queue).expect("mail for a conversation");
                traces.get_mut(intention).expect("a trace").asked("left at the vendor", "relation", &asked);
            }
            DropRequest::About {} => {}
            other => panic!("nobody asks a vendor for {other:?}"),
        }
    }
}

/// What was asked of the relay.
fn fetched(relay: &RecordingRelay, ledger: &Ledger, traces: &mut Traces) {
    let log = relay.log();
    let mut fetchers = BTreeSet::new();
    for asked in &log.asked {
        if let DropRequest::Get { queue, .. } | DropRequest::Ack { queue, .. } = &asked.request {
            fetchers.insert(&asked.peer);
            match (ledger.offers.get(queue), ledger.answers.get(queue)) {
                (Some(id), None) => {
                    traces.get_mut(id).expect("a trace").asked("fetched offers", "intention's queue", asked);
                }
                (None, Some(id)) => {
                    traces.get_mut(id).expect("a trace").asked("fetched answers", "relation", asked);
                }
                _ => panic!("{queue:?} belongs to no intention, or to two"),
            }
        }
    }
    // Vendors leave mail there and ask for none; whoever asks what the relay is, asks nothing else.
    let others = log.asked.iter().filter(|asked| {
        matches!(asked.request, DropRequest::Put { .. } | DropRequest::About {})
            && fetchers.contains(&asked.peer)
    });
    assert_eq!(others.count(), 0, "an identity that fetches mail does nothing else");
}

/// What anybody would say: the relay's own numbers of mail, in a stranger's mouth.
pub(crate) fn constants(relay: &RecordingRelay) -> Vec<Vec<u8>> {
    let stranger = SignKey::from_bytes(&[0x77; 32]);
    let queue = QueueId::from_bytes(*stranger.public().as_bytes());
    let host = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";
    let repeat = |asked: &Asked| match &asked.request {
        DropRequest::Get { after, wait, .. } => {
            let proof = Proof::new(&stranger, host, &Errand::Get { after: *after });
            Some(DropRequest::Get { queue, after: *after, wait: *wait, proof })
        }
        DropRequest::Ack { ids, .. } => {
            let proof = Proof::new(&stranger, host, &Errand::Ack { ids });
            Some(DropRequest::Ack { queue, ids: ids.clone(), proof })
        }
        _ => None,
    };
    relay.log().asked.iter().filter_map(repeat).map(|request| request.to_bytes().unwrap()).collect()
}

fn grams(all: &[Vec<u8>]) -> HashSet<Gram> {
    all.iter().flat_map(|bytes| bytes.windows(GRAM)).filter_map(|gram| gram.try_into().ok()).collect()
}

/// How many bytes in the middle of a gram are left when its innocent beginning and its innocent end are taken off.
fn unknown(gram: &Gram, innocent: &[Vec<u8>]) -> usize {
    let is_innocent = |part: &[u8]| innocent.iter().any(|bytes| contains(bytes, part));
    let longest = |part: &dyn Fn(usize) -> Vec<u8>| {
        (1..GRAM).take_while(|length| is_innocent(&part(*length))).last().unwrap_or(0)
    };
    let beginning = longest(&|length| gram[..length].to_vec());
    let end = longest(&|length| gram[GRAM - length..].to_vec());
    GRAM.saturating_sub(beginning + end)
}

/// What two traces have in common that is not innocent, with what stands around it in the first; the first few.
pub(crate) fn shared(one: &[Vec<u8>], two: &[Vec<u8>], innocent: &[Vec<u8>]) -> Vec<String> {
    let (second, known) = (grams(two), grams(innocent));
    let mut found = BTreeSet::new();
    for bytes in one {
        for (at, gram) in bytes.windows(GRAM).enumerate() {
            let gram: &Gram = gram.try_into().expect("a window of that length");
            if second.contains(gram) && !known.contains(gram) && unknown(gram, innocent) >= UNKNOWN {
                let around = &bytes[at.saturating_sub(GRAM)..(at + 2 * GRAM).min(bytes.len())];
                found.insert(around.escape_ascii().to_string());
            }
            if found.len() == ENOUGH {
                return found.into_iter().collect();
            }
        }
    }
    found.into_iter().collect()
}
