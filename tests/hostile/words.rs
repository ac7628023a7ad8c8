//! What a rogue says on a topic, and what an honest node has to think of it.

use std::time::{SystemTime, UNIX_EPOCH};

use bespeak_identity::{Nonce, RecordId, SealSecret, SignKey, Signed, drisl};
use bespeak_model::{
    bounded::Bounded,
    intention::{Budget, Intention, Line, Withdrawal},
    network::Network,
    quantity::Quantity,
    queue::{Drop, QueueId},
    reason::WithdrawalReason,
    terms::TermsId,
    time::{Lifetime, Time},
};
use bespeak_protocol::market::{Verdict, topic_of};
use ipld_core::ipld::Ipld;
use serde_bytes::Bytes;

use super::{
    forge::{self, Envelope, Map, announcement, float, nested, text, with_order_added},
    rogue::NETWORK,
};

/// One thing to say.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub(crate) name: String,
    pub(crate) topic: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) verdict: Verdict,
}

pub(crate) fn network() -> Network {
    NETWORK.parse().unwrap()
}

pub(crate) fn now() -> Time {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    Time::from_unix(seconds).unwrap()
}

/// The topic of all of this.
pub(crate) fn topic() -> String {
    topic_of(&network(), &"vehicles".parse().unwrap())
}

/// Somebody who casts one intention; another one for each number.
pub(crate) struct Author {
    key: SignKey,
    wish: Intention,
}

impl Author {
    pub(crate) fn new(number: u64) -> Self {
        let secret = |what: u8| {
            let mut bytes = [what; 32];
            bytes[..8].copy_from_slice(&number.to_le_bytes());
            bytes
        };
        let key = SignKey::from_bytes(&secret(1));
        let queue = QueueId::from_bytes(*SignKey::from_bytes(&secret(2)).public().as_bytes());
        let host = "/ip4/127.0.0.1/tcp/9".to_owned().try_into().unwrap();
        let line = Line {
            name: "bicycle".parse().unwrap(),
            quantity: Quantity::one(),
            conditions: Bounded::default(),
            gtin: None,
        };
        let cast_at = now().rounded_to_hour();
        let wish = Intention {
            iss: key.public(),
            nonce: Nonce::from_bytes(secret(3)[..16].try_into().unwrap()),
            net: network(),
            category: "vehicles.bicycles".parse().unwrap(),
            title: "bicycle".parse().unwrap(),
            text: None,
            lines: Bounded::new(vec![line]).unwrap(),
            budget: Some(Budget::new(None, Some("100 EUR".parse().unwrap())).unwrap()),
            condition: None,
            place: None,
            needed_by: None,
            cast_at,
            expires_at: cast_at.saturating_add(Lifetime::ThirtyDays.seconds()),
            terms: Bounded::new(vec![TermsId::SdBase]).unwrap(),
            seal: SealSecret::from_bytes(&secret(4)).public(),
            drops: Bounded::new(vec![Drop { queue, hosts: Bounded::new(vec![host]).unwrap() }]).unwrap(),
        };
        Self { key, wish }
    }

    pub(crate) fn wish(&self) -> &Intention {
        &self.wish
    }

    /// The wish, to be changed.
    fn payload(&self) -> Map {
        Map::of(&self.wish)
    }

    /// A payload under a valid signature of the author.
    fn envelope(&self, payload: Vec<u8>) -> Envelope {
        Envelope::signed("intention", payload, &self.key)
    }

    /// The message that announces a payload as an intention.
    fn announce(&self, payload: Vec<u8>) -> Map {
        announcement("intention", &self.envelope(payload).whole())
    }

    /// The honest message.
    pub(crate) fn honest(&self) -> Vec<u8> {
        self.announce(self.payload().whole()).whole()
    }

    fn withdrawal(&self, by: &SignKey, change: impl FnOnce(&mut Withdrawal)) -> Vec<u8> {
        let mut withdrawal = Withdrawal {
            iss: by.public(),
            nonce: self.wish.nonce,
            net: network(),
            intention: self.id(),
            category: self.wish.category.clone(),
            reason: WithdrawalReason::ChangedMind,
            at: self.wish.cast_at,
            expires_at: self.wish.expires_at,
        };
        change(&mut withdrawal);
        let payload = Map::of(&withdrawal).whole();
        announcement("withdrawal", &Envelope::signed("withdrawal", payload, by).whole()).whole()
    }

    /// The message by which its owner takes it back.
    pub(crate) fn taken_back(&self) -> Vec<u8> {
        self.withdrawal(&self.key, |_| ())
    }

    pub(crate) fn id(&self) -> RecordId<Intention> {
        Signed::sign(self.wish.clone(), &self.key).unwrap().id()
    }
}

/// Authors with new keys, one after another.
pub(crate) struct Authors(u64);

impl Authors {
    /// No two rounds have an author in common.
    pub(crate) fn of_round(round: u64) -> Self {
        Self(round << 32)
    }

    pub(crate) fn next(&mut self) -> Author {
        self.0 += 1;
        Author::new(self.0)
    }
}

fn word(name: impl Into<String>, verdict: Verdict, bytes: Vec<u8>) -> Word {
    Word { name: name.into(), topic: topic(), bytes, verdict }
}

/// Everything, except what is cut or bent at every place.
pub(crate) fn all(authors: &mut Authors) -> Vec<Word> {
    [codec(authors), values(authors), signatures(authors), times(authors), ignorable(authors), good(authors)]
        .concat()
}

/// Bytes in another form than the one there is.
fn codec(authors: &mut Authors) -> Vec<Word> {
    let author = authors.next();
    let honest = author.announce(author.payload().whole());
    let payload = author.payload();
    let outer = [
        ("nothing", Vec::new()),
        ("a megabyte announced in a few bytes", forge::head(forge::BYTES, 1 << 20)),
        ("2^64 - 1 parts", forge::head(forge::MAP, u64::MAX)),
        ("1,000 lists in each other", nested(1000)),
        ("not CBOR", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        ("an indefinite length", honest.indefinite()),
        ("a length in nine bytes", honest.long_winded()),
        ("a key twice", honest.doubled()),
        ("keys in no order", honest.unsorted()),
        ("bytes after the end", [honest.whole(), vec![0]].concat()),
        ("a version in two bytes", honest.clone().with("v", [0x18, 1]).whole()),
        ("a version that is a float", honest.clone().with("v", float(1.0)).whole()),
        ("a version that is no number", honest.clone().with("v", float(f64::NAN)).whole()),
        ("minus nothing", honest.clone().with("v", float(-0.0)).whole()),
        ("no record", honest.clone().without("record").whole()),
        ("a record that is text", honest.clone().with("record", text("record")).whole()),
        ("a stamp over its bound", honest.clone().with("stamp", forge::bytes(&[0; 257])).whole()),
        ("one byte too many", padded(&honest, 16 * 1024 + 1)),
    ];
    let inner = [
        ("an indefinite length", payload.indefinite()),
        ("a length in nine bytes", payload.long_winded()),
        ("a key twice", payload.doubled()),
        ("keys in no order", payload.unsorted()),
        ("1,000 lists in each other", payload.clone().with("novelty", nested(1000)).whole()),
        ("a float", payload.clone().with("novelty", float(0.5)).whole()),
        ("what is no number", payload.clone().with("novelty", float(f64::NAN)).whole()),
        ("minus nothing", payload.clone().with("novelty", float(-0.0)).whole()),
        ("a link to nowhere", payload.clone().with("novelty", [0xd8, 42, 0x41, 0]).whole()),
        ("an unknown tag", payload.clone().with("novelty", [0xc1, 0]).whole()),
        ("text that is none", payload.clone().with("novelty", text([0xff, 0xfe])).whole()),
        ("bytes after the end", [payload.whole(), vec![0xf6]].concat()),
        ("nothing", Vec::new()),
    ];
    let signed = inner.map(|(name, payload)| (format!("{name}, signed"), author.announce(payload).whole()));
    let outer = outer.map(|(name, bytes)| (name.to_owned(), bytes));
    outer.into_iter().chain(signed).map(|(name, bytes)| word(name, Verdict::Reject, bytes)).collect()
}

/// A message with something unknown in it, so that it has exactly this length.
fn padded(message: &Map, length: usize) -> Vec<u8> {
    let with = |padding: usize| message.clone().with("novelty", forge::bytes(&vec![7; padding])).whole();
    let over = with(length).len() - length;
    let bytes = with(length - over);
    assert_eq!(bytes.len(), length);
    bytes
}

/// Values that make no sense, each under a valid signature.
fn values(authors: &mut Authors) -> Vec<Word> {
    let author = authors.next();
    let payload = author.payload();
    let money = |amount: i64, currency: &str| {
        Ipld::Map([("amount".to_owned(), amount.into()), ("currency".to_owned(), currency.into())].into())
    };
    let budget = |amount, currency: &str| Ipld::Map([("max".to_owned(), money(amount, currency))].into());
    let quantity = |steps: i128| {
        let parts = [("scale", Ipld::from(0)), ("steps", Ipld::Integer(steps)), ("unit", "C62".into())];
        let quantity = Ipld::Map(parts.map(|(key, value)| (key.to_owned(), value)).into());
        let line = [("name".to_owned(), "bicycle".into()), ("quantity".to_owned(), quantity)];
        Ipld::List(vec![Ipld::Map(line.into())])
    };
    let title = |words: &str| payload.clone().with_value("title", &words);
    let mut crowd = author.wish().drops.to_vec();
    crowd.push(Drop { queue: QueueId::from_bytes([9; 32]), ..crowd[0].clone() });
    let bad = [
        ("an amount at the upper end", payload.clone().with_value("budget", &budget(i64::MAX, "EUR"))),
        ("an amount at the lower end", payload.clone().with_value("budget", &budget(i64::MIN, "EUR"))),
        ("a negative amount", payload.clone().with_value("budget", &budget(-1, "EUR"))),
        ("money that is none", payload.clone().with_value("budget", &budget(1, "XXX"))),
        ("money in small letters", payload.clone().with_value("budget", &budget(1, "eur"))),
        ("10 kB of money", payload.clone().with_value("budget", &budget(1, &"EUR".repeat(3500)))),
        ("fewer than none", payload.clone().with_value("lines", &quantity(-1))),
        ("none", payload.clone().with_value("lines", &quantity(0))),
        ("more than there are", payload.clone().with_value("lines", &quantity(i64::MAX.into()))),
        ("no lines", payload.clone().with_value("lines", &Ipld::List(Vec::new()))),
        ("a NUL", title("bi\0cycle")),
        ("letters turned round", title("bicycle \u{202e}evif")),
        ("what cannot be seen", title("bi\u{200b}cycle")),
        ("a pile of marks", title(&format!("e{}", "\u{301}".repeat(90)))),
        ("7,000 marks", title(&"\u{301}".repeat(7000))),
        ("a title of nothing", title("")),
        ("a category that is none", payload.clone().with_value("category", &"Vehicles..Bicycles")),
        ("mail in two places at once", payload.clone().with_value("drops", &crowd)),
        ("a seal key of low order", payload.clone().with_value("seal", Bytes::new(&[0; 32]))),
        ("a short nonce", payload.clone().with_value("nonce", Bytes::new(&[0; 15]))),
        ("no expiry", payload.clone().without("expires_at")),
    ];
    bad.into_iter()
        .map(|(name, payload)| word(name, Verdict::Reject, author.announce(payload.whole()).whole()))
        .collect()
}

/// Signatures that hold for something else, or for everything.
fn signatures(authors: &mut Authors) -> Vec<Word> {
    let (author, other) = (authors.next(), authors.next());
    let good = author.envelope(author.payload().whole());
    let under = |kind: &str| Envelope::signed(kind, author.payload().whole(), &author.key);
    let by = |key: &SignKey| Envelope::signed("intention", author.payload().whole(), key);
    let weak = Envelope { signer: forge::NEUTRAL, signature: neutral_signature(), ..good.clone() };
    let weak_nonce = Envelope { signature: neutral_signature(), ..good.clone() };
    let forged = [
        (
            "another record's signature",
            Envelope { signature: other.envelope(other.payload().whole()).signature, ..good.clone() },
        ),
        ("a signature for another type", Envelope { kind: "intention".to_owned(), ..under("offer") }),
        ("a record of another type", under("offer")),
        ("another signer than the one named", by(&other.key)),
        ("a signer who did not sign", Envelope { signer: *other.key.public().as_bytes(), ..good.clone() }),
        (
            "a signature with the group's order added",
            Envelope { signature: with_order_added(good.signature), ..good.clone() },
        ),
        ("a key that agrees to everything", weak),
        ("a signature of small order", weak_nonce),
        ("a signature of zeros", Envelope { signature: [0; 64], ..good.clone() }),
        (
            "a header outside the signature",
            Envelope { unprotected: [forge::head(forge::MAP, 1), vec![4, 0x40]].concat(), ..good.clone() },
        ),
    ];
    let mut words: Vec<_> = forged
        .into_iter()
        .map(|(name, forged)| (name, announcement("intention", &forged.whole()).whole()))
        .map(|(name, bytes)| word(name, Verdict::Reject, bytes))
        .collect();
    let elsewhere = Word {
        topic: topic_of(&network(), &"furniture".parse().unwrap()),
        ..word("an intention on another topic", Verdict::Reject, author.honest())
    };
    words.push(elsewhere);
    let algorithm = Envelope { algorithm: -8, ..good };
    let later = announcement("intention", &algorithm.whole()).whole();
    words.push(word("an algorithm of a later version", Verdict::Ignore, later));
    let foreign = author.payload().with_value("net", &"main").whole();
    words.push(word("an intention for another network", Verdict::Reject, author.announce(foreign).whole()));
    words
}

fn neutral_signature() -> [u8; 64] {
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&forge::NEUTRAL);
    signature
}

/// Times that prove a lie.
fn times(authors: &mut Authors) -> Vec<Word> {
    let author = authors.next();
    let hour = author.wish().cast_at;
    let lives = |from: Time, seconds: u64| {
        let payload = author.payload().with_value("cast_at", &from);
        author.announce(payload.with_value("expires_at", &from.saturating_add(seconds)).whole()).whole()
    };
    let years = author.withdrawal(&author.key, |told| told.expires_at = hour.saturating_add(36_500 * 86_400));
    vec![
        word("a life of 100 years", Verdict::Reject, lives(hour, 36_500 * 86_400)),
        word("a life of no length that there is", Verdict::Reject, lives(hour, 2 * 86_400)),
        word("a time that was not rounded", Verdict::Reject, lives(hour.saturating_sub(7), 86_400)),
        word("an end before the beginning", Verdict::Reject, {
            let end = hour.saturating_sub(3600);
            author.announce(author.payload().with_value("expires_at", &end).whole()).whole()
        }),
        word("a tombstone for 100 years", Verdict::Reject, years),
    ]
}

/// What an honest node may send as well: it knows another version, or its clock is wrong.
fn ignorable(authors: &mut Authors) -> Vec<Word> {
    let author = authors.next();
    let honest = author.announce(author.payload().whole());
    let cast = |from: Time| {
        let until = from.saturating_add(Lifetime::OneDay.seconds());
        let payload = author.payload().with_value("cast_at", &from).with_value("expires_at", &until);
        author.announce(payload.whole()).whole()
    };
    let hour = author.wish().cast_at;
    let ignored = [
        ("version 2", honest.clone().with("v", [2]).whole()),
        ("the last version of all", honest.clone().with("v", forge::head(forge::UNSIGNED, u64::MAX)).whole()),
        ("version 2 in words of its own", Map(vec![]).with("v", [2]).with("said", text("otherwise")).whole()),
        (
            "a kind nobody knows",
            announcement("novelty", &author.envelope(author.payload().whole()).whole()).whole(),
        ),
        ("a review", announcement("review", &[1, 2, 3]).whole()),
        ("an intention that has expired", cast(hour.saturating_sub(3 * 86_400))),
        ("an intention of the day after tomorrow", cast(hour.saturating_add(2 * 86_400))),
    ];
    ignored.map(|(name, bytes)| word(name, Verdict::Ignore, bytes)).into()
}

/// What is well said, however strange.
fn good(authors: &mut Authors) -> Vec<Word> {
    let author = authors.next();
    let honest = author.announce(author.payload().whole());
    let novelty = authors.next();
    let novel = novelty.announce(novelty.payload().with_value("novelty", &"since version 1.1").whole());
    let (stamped, gone, carpet) = (authors.next(), authors.next(), authors.next());
    let flying = carpet.announce(carpet.payload().with_value("category", "vehicles.flying-carpets").whole());
    let stamp = stamped.announce(stamped.payload().whole()).with("stamp", forge::bytes(&[0; 256]));
    vec![
        word("16 KiB", Verdict::Accept, padded(&honest, 16 * 1024)),
        word("something new inside", Verdict::Accept, novel.with("novelty", text("here too")).whole()),
        word("a category of a later tree", Verdict::Accept, flying.whole()),
        word("a stamp that fills its bound", Verdict::Accept, stamp.whole()),
        word("a tombstone that comes first", Verdict::Accept, gone.withdrawal(&gone.key, |_| ())),
    ]
}

/// The honest message, cut at every byte.
pub(crate) fn cuts(author: &Author) -> Vec<Word> {
    let honest = author.honest();
    (0..honest.len()).map(|at| word(format!("cut at {at}"), Verdict::Reject, honest[..at].to_vec())).collect()
}

/// The honest message, each bit turned. None may be forwarded; a bit of the version may make it ignorable.
pub(crate) fn bent(author: &Author) -> Vec<Vec<u8>> {
    let honest = author.honest();
    (0..honest.len() * 8)
        .map(|bit| {
            let mut bent = honest.clone();
            bent[bit / 8] ^= 1 << (bit % 8);
            bent
        })
        .collect()
}

/// The record inside the message of `good` that holds something new.
pub(crate) fn record_of(bytes: &[u8]) -> Vec<u8> {
    let Ok(Ipld::Map(map)) = drisl::from_slice(bytes) else { panic!("a map") };
    let Some(Ipld::Bytes(record)) = map.get("record") else { panic!("a record") };
    record.clone()
}
