//! What is forwarded and what is not: validation of market messages, cheapest check first.

use std::collections::{BTreeMap, BTreeSet};

use bespeak_identity::{PublicKey, RecordError, RecordId, Severity, Signed, Unverified};
use bespeak_model::{
    category::Slug,
    intention::{Intention, Withdrawal},
    network::Network,
    time::{Lifetime, Time},
};

use super::{
    limits::{MAX_AHEAD, MAX_REMEMBERED, MAX_UNHEARD},
    message::{Announcement, AnnouncementError, topic_of},
};

/// What to do with a market message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds: forward it.
    Accept,
    /// Not forwarded, nobody's fault: too early, too late, known, of another version, or no room.
    Ignore,
    /// Provably invalid: not forwarded, and whoever sent it knew.
    Reject,
}

/// What came of a market message.
#[derive(Clone, Debug, PartialEq)]
pub struct Hearing {
    /// Whether to forward it.
    pub verdict: Verdict,
    /// What it says, when it is new and holds.
    pub news: Option<News>,
}

/// Something new on the market.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// Somebody wants something.
    Intention(Box<Signed<Intention>>),
    /// Somebody no longer does.
    Withdrawal(Box<Signed<Withdrawal>>),
}

/// Decides what is forwarded; remembers what it has heard until that expires.
///
/// ```text
/// unknown ──intention──▶ live ──withdrawal by its key──▶ buried ──clock──▶ unknown
///    └──────────withdrawal──────────────────────────────────▲
/// ```
///
/// Before an intention is heard nobody knows whose tombstone is its owner's: each is remembered beside the others, in
/// a small table of its own, since a tombstone for what never was costs its signer nothing. In a full table the one
/// that expires first gives way to whoever comes: nobody can close the market by filling it.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    network: Network,
    /// Who speaks of each; nearly always one alone, and a map in the map would take ten times the room.
    heard: BTreeMap<[u8; 32], Vec<(PublicKey, Remembered)>>,
    /// Those whose intention was heard, in the order in which they expire.
    owned: BTreeSet<(Time, Named)>,
    /// Tombstones of intentions that were not heard, in the same order.
    unheard: BTreeSet<(Time, Named)>,
}

/// An intention's digest, and who speaks as its owner.
type Named = ([u8; 32], PublicKey);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Remembered {
    expires_at: Time,
    /// The intention itself was heard: this is its owner.
    heard: bool,
    buried: bool,
}

/// Why a message is not forwarded; the inner word is for tests and logs.
struct Stop(Verdict);

const REJECT: Stop = Stop(Verdict::Reject);
const IGNORE: Stop = Stop(Verdict::Ignore);

impl Gate {
    /// A gate of this network that has heard nothing yet.
    pub fn new(network: Network) -> Self {
        Self { network, heard: BTreeMap::new(), owned: BTreeSet::new(), unheard: BTreeSet::new() }
    }

    /// Judges a message, and remembers it when it holds.
    pub fn judge(&mut self, topic: &str, bytes: &[u8], now: Time) -> Verdict {
        self.hear(topic, bytes, now).verdict
    }

    /// Judges a message and says what is new in it.
    pub fn hear(&mut self, topic: &str, bytes: &[u8], now: Time) -> Hearing {
        match self.examine(topic, bytes, now) {
            Ok(news) => Hearing { verdict: Verdict::Accept, news: Some(news) },
            Err(Stop(verdict)) => Hearing { verdict, news: None },
        }
    }

    /// Remembers an intention that was verified before, for example before a restart.
    pub fn remember_intention(&mut self, intention: &Signed<Intention>) {
        let named = (*intention.id().as_digest(), *intention.issuer());
        let buried = self.known(&named).is_some_and(|known| known.buried);
        self.remember(named, Remembered { expires_at: intention.expires_at, heard: true, buried });
    }

    /// Remembers a withdrawal that was verified before.
    pub fn remember_withdrawal(&mut self, withdrawal: &Signed<Withdrawal>) {
        let named = (*withdrawal.intention.as_digest(), *withdrawal.issuer());
        let heard = self.known(&named).is_some_and(|known| known.heard);
        self.remember(named, Remembered { expires_at: withdrawal.expires_at, heard, buried: true });
    }

    /// Whether this intention was withdrawn by its owner; of one that was not heard yet, whether anybody says so.
    pub fn is_withdrawn(&self, intention: &RecordId<Intention>) -> bool {
        let Some(known) = self.heard.get(intention.as_digest()) else { return false };
        match known.iter().find(|(_, known)| known.heard) {
            Some((_, owner)) => owner.buried,
            None => known.iter().any(|(_, known)| known.buried),
        }
    }

    fn known(&self, (digest, issuer): &Named) -> Option<&Remembered> {
        self.heard.get(digest)?.iter().find(|(known, _)| known == issuer).map(|(_, known)| known)
    }

    fn examine(&mut self, topic: &str, bytes: &[u8], now: Time) -> Result<News, Stop> {
        self.forget_expired(now);
        let said = Announcement::from_bytes(bytes).map_err(|error| match error {
            AnnouncementError::Version(_) => IGNORE,
            AnnouncementError::TooLong(_) | AnnouncementError::Malformed(_) => REJECT,
        })?;
        match said.kind.as_str() {
            "intention" => self.intention(topic, said.record, now),
            "withdrawal" => self.withdrawal(topic, said.record, now),
            _ => Err(IGNORE),
        }
    }

    fn intention(&mut self, topic: &str, record: Vec<u8>, now: Time) -> Result<News, Stop> {
        let read = Unverified::<Intention>::from_bytes(record).map_err(|error| fault(&error))?;
        let claims = read.claim();
        self.check_place(topic, &claims.net, &claims.category)?;
        check_time(claims.cast_at, claims.expires_at, now)?;
        // A tombstone of somebody else's key buries nothing.
        if self.known(&(*read.id().as_digest(), claims.iss)).is_some() {
            return Err(IGNORE);
        }
        check_meaning(claims)?;
        let intention = read.verify().map_err(|error| fault(&error))?;
        self.remember_intention(&intention);
        Ok(News::Intention(Box::new(intention)))
    }

    fn withdrawal(&mut self, topic: &str, record: Vec<u8>, now: Time) -> Result<News, Stop> {
        let read = Unverified::<Withdrawal>::from_bytes(record).map_err(|error| fault(&error))?;
        let claims = read.claim();
        self.check_place(topic, &claims.net, &claims.category)?;
        if claims.at.seconds_since(now) > MAX_AHEAD || claims.expires_at <= now {
            return Err(IGNORE);
        }
        if claims.expires_at.seconds_since(claims.at) > longest_life() {
            return Err(REJECT);
        }
        let digest = claims.intention.as_digest();
        if self.known(&(*digest, claims.iss)).is_some_and(|known| known.buried) {
            return Err(IGNORE);
        }
        // Somebody else's tombstone buries nothing; who forwards it may not have heard the intention yet.
        let owner = self.heard.get(digest).and_then(|known| known.iter().find(|(_, known)| known.heard));
        if owner.is_some_and(|(owner, _)| *owner != claims.iss) {
            return Err(IGNORE);
        }
        let withdrawal = read.verify().map_err(|error| fault(&error))?;
        self.remember_withdrawal(&withdrawal);
        Ok(News::Withdrawal(Box::new(withdrawal)))
    }

    fn check_place(&self, topic: &str, net: &Network, category: &Slug) -> Result<(), Stop> {
        if *net == self.network && topic == topic_of(net, category) { Ok(()) } else { Err(REJECT) }
    }

    fn remember(&mut self, named: Named, new: Remembered) {
        let all = self.heard.entry(named.0).or_insert_with(|| Vec::with_capacity(1));
        match all.iter_mut().find(|(known, _)| *known == named.1) {
            Some((_, known)) => {
                let old = std::mem::replace(known, new);
                self.table(old.heard).0.remove(&(old.expires_at, named));
            }
            None => all.push((named.1, new)),
        }
        let (table, most) = self.table(new.heard);
        let gone = if table.len() >= most { table.pop_first() } else { None };
        table.insert((new.expires_at, named));
        if let Some((_, gone)) = gone {
            self.forget(&gone);
        }
    }

    /// Where an entry is listed, and how many there may be.
    fn table(&mut self, heard: bool) -> (&mut BTreeSet<(Time, Named)>, usize) {
        if heard { (&mut self.owned, MAX_REMEMBERED) } else { (&mut self.unheard, MAX_UNHEARD) }
    }

    fn forget(&mut self, (digest, issuer): &Named) {
        if let Some(known) = self.heard.get_mut(digest) {
            known.retain(|(known, _)| known != issuer);
            if known.is_empty() {
                self.heard.remove(digest);
            }
        }
    }

    fn forget_expired(&mut self, now: Time) {
        for heard in [true, false] {
            while let Some(named) = self.first_expired(heard, now) {
                self.forget(&named);
            }
        }
    }

    fn first_expired(&mut self, heard: bool, now: Time) -> Option<Named> {
        let (table, _) = self.table(heard);
        table
            .first()
            .is_some_and(|(expires_at, _)| *expires_at <= now)
            .then(|| table.pop_first())?
            .map(|(_, named)| named)
    }
}

/// What to do with a record that cannot be believed.
fn fault(error: &RecordError) -> Stop {
    match (error, error.severity()) {
        // The announcement named the type itself: a record of another one is no later version's.
        (RecordError::Type { .. }, _) | (_, Severity::Invalid) => REJECT,
        (_, Severity::Unknown) => IGNORE,
    }
}

/// The longest time an intention lives, with the hour that rounding may add, in seconds.
fn longest_life() -> u64 {
    Lifetime::ThirtyDays.seconds() + 3600
}

fn check_time(cast_at: Time, expires_at: Time, now: Time) -> Result<(), Stop> {
    let known_life = Lifetime::ALL.iter().any(|life| expires_at == cast_at.saturating_add(life.seconds()));
    if !known_life || cast_at != cast_at.rounded_to_hour() {
        return Err(REJECT);
    }
    if cast_at.seconds_since(now) > MAX_AHEAD || expires_at <= now { Err(IGNORE) } else { Ok(()) }
}

/// What the types cannot say: an agreement named twice, two lines of different money.
fn check_meaning(intention: &Intention) -> Result<(), Stop> {
    let terms: BTreeSet<_> = intention.terms.iter().collect();
    let queues: BTreeSet<_> = intention.drops.iter().map(|drop| drop.queue).collect();
    let repeated = terms.len() != intention.terms.len() || queues.len() != 1;
    if repeated { Err(REJECT) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use bespeak_identity::SignKey;

    use super::*;

    /// Names of intentions, all of one owner.
    fn names() -> impl Fn(usize) -> Named {
        let owner = SignKey::from_bytes(&[1; 32]).public();
        move |number| {
            let mut digest = [0; 32];
            digest[..8].copy_from_slice(&number.to_be_bytes());
            (digest, owner)
        }
    }

    fn at(seconds: u64) -> Time {
        Time::from_unix(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_full_table_takes_whoever_comes_and_lets_the_first_to_expire_go() {
        let (named, mut gate) = (names(), Gate::new("test".parse().unwrap()));
        for (heard, most) in [(true, MAX_REMEMBERED), (false, MAX_UNHEARD)] {
            let late = Remembered { expires_at: at(9000), heard, buried: !heard };
            (1..=most).for_each(|number| gate.remember(named(number), late));
            let soon = Remembered { expires_at: at(10), ..late };
            gate.remember(named(most + 1), soon);
            assert_eq!(gate.table(heard).0.len(), most);
            assert!(gate.known(&named(most + 1)).is_some(), "what lives shorter than all others is taken in");
            gate.remember(named(most + 2), soon);
            assert!(gate.known(&named(most + 1)).is_none(), "and is the first to go");
            gate.forget_expired(at(10));
            assert_eq!(gate.table(heard).0.len(), most - 1);
            gate.forget_expired(at(9000));
        }
        assert!(gate.heard.is_empty());
    }

    #[test]
    fn tombstones_of_what_was_never_heard_displace_no_intention() {
        let (named, mut gate) = (names(), Gate::new("test".parse().unwrap()));
        gate.remember(named(0), Remembered { expires_at: at(10), heard: true, buried: false });
        let stray = Remembered { expires_at: at(9000), heard: false, buried: true };
        (1..=MAX_UNHEARD * 2).for_each(|number| gate.remember(named(number), stray));
        assert!(gate.known(&named(0)).is_some());
        assert_eq!(gate.heard.len(), MAX_UNHEARD + 1);
    }
}
