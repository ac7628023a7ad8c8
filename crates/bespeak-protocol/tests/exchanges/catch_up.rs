//! Catching up: what one has and the other has not comes over, whatever the two have in common, and nobody can be held up.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

use bespeak_identity::Signed;
use bespeak_model::{
    intention::{Intention, Withdrawal},
    reason::{RefusalCode, WithdrawalReason},
    time::Time,
};
use bespeak_protocol::market::{
    Announcement, Digest, Gate, Live, Named, News, Table, Verdict,
    catch_up::{
        CatchUpReply, CatchUpRequest, Pull, PullError, Step, announcements, compare,
        limits::{MAX_DIGESTS, MAX_FETCHES, MAX_ITEMS_BYTES, MAX_RANGES, MAX_ROUNDS},
    },
    topic_of,
};
use proptest::prelude::*;
use serde_bytes::{ByteArray, ByteBuf};

use crate::common::*;

const MANY: usize = 700;

fn topic() -> String {
    let wish = wish();
    topic_of(&wish.net, &wish.category)
}

/// Signed once for all tests.
fn wishes() -> &'static [Signed<Intention>] {
    static ALL: OnceLock<Vec<Signed<Intention>>> = OnceLock::new();
    ALL.get_or_init(|| {
        let one = |number: usize| {
            let cast_at = later((number % 7) as u64 * HOUR);
            signed(Intention { nonce: nonce(number as u64), cast_at, ..wish() }, WISH)
        };
        (0..MANY).map(one).collect()
    })
}

/// A node that has some of the wishes.
#[derive(Clone, Default)]
struct Has {
    live: Live,
    said: BTreeMap<Digest, Vec<u8>>,
}

impl Has {
    fn of(numbers: impl IntoIterator<Item = usize>) -> Self {
        let mut has = Self::default();
        for record in numbers.into_iter().map(|number| &wishes()[number]) {
            has.live.add(Named::intention(record));
            has.said.insert(*record.id().as_digest(), Announcement::intention(record).to_bytes().unwrap());
        }
        has
    }

    fn hear(&mut self, items: Vec<(Digest, Vec<u8>)>) {
        for (digest, said) in items {
            let record = wishes().iter().find(|record| *record.id().as_digest() == digest).unwrap();
            self.live.add(Named::intention(record));
            self.said.insert(digest, said);
        }
    }

    fn answer(&self, request: &CatchUpRequest) -> CatchUpReply {
        answer(request, &[&self.live], |digest| self.said.get(digest).cloned())
    }

    /// Asks the other for everything; how many questions that took.
    fn pull(&mut self, from: &Self, unwanted: BTreeSet<Digest>) -> usize {
        let begun = Pull::begin(&[&self.live], &topic(), Arc::new(unwanted)).unwrap();
        ask(begun, |request| from.answer(request), |items| self.hear(items))
    }
}

/// What a node that has these names answers, all of it by way of bytes.
fn answer(
    request: &CatchUpRequest,
    live: &[&Live],
    said: impl FnMut(&Digest) -> Option<Vec<u8>>,
) -> CatchUpReply {
    let reply = match CatchUpRequest::from_bytes(&request.to_bytes().unwrap()).unwrap() {
        CatchUpRequest::Compare { topic, ranges } => {
            let ranges = compare(live, &topic, &ranges).unwrap();
            CatchUpReply::Compared { ranges: ByteBuf::from(ranges) }
        }
        CatchUpRequest::Fetch { digests, .. } => announcements(&digests, said),
    };
    CatchUpReply::from_bytes(&reply.to_bytes().unwrap()).unwrap()
}

/// Asks until there is nothing more to be had; how many questions that took.
fn ask(
    (mut pull, mut request): (Pull, CatchUpRequest),
    answer: impl Fn(&CatchUpRequest) -> CatchUpReply,
    mut hear: impl FnMut(Vec<(Digest, Vec<u8>)>),
) -> usize {
    for asked in 1.. {
        let next = match pull.answered(answer(&request)).unwrap() {
            Step::Ask(next) => Some(next),
            Step::Hear { items, next } => {
                hear(items);
                next
            }
            Step::Over => None,
        };
        match next {
            Some(next) => request = next,
            None => return asked,
        }
    }
    unreachable!("a pull ends")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn whoever_asks_has_both_afterwards(
        ours in proptest::collection::btree_set(0..MANY, 0..MANY),
        theirs in proptest::collection::btree_set(0..MANY, 0..MANY),
    ) {
        let (mut we, they) = (Has::of(ours.iter().copied()), Has::of(theirs.iter().copied()));
        we.pull(&they, BTreeSet::new());
        prop_assert_eq!(&we.live, &Has::of(ours.union(&theirs).copied()).live);
    }

    #[test]
    fn no_bytes_upset_whoever_answers(bytes in proptest::collection::vec(any::<u8>(), 0..300), few in 0..80usize) {
        let has = Has::of(0..few);
        // The version in front, so that more than the first byte is read.
        let _ = compare(&[&has.live], &topic(), &bytes);
        let _ = compare(&[&has.live], &topic(), &[&[0x61][..], &bytes].concat());
        let _ = CatchUpRequest::from_bytes(&bytes);
        let _ = CatchUpReply::from_bytes(&bytes);
    }

    #[test]
    fn no_answer_upsets_whoever_asks(bytes in proptest::collection::vec(any::<u8>(), 0..300), few in 0..80usize) {
        let has = Has::of(0..few);
        let (mut pull, _) = Pull::begin(&[&has.live], &topic(), Arc::default()).unwrap();
        let ranges = ByteBuf::from([&[0x61][..], &bytes].concat());
        let _ = pull.answered(CatchUpReply::Compared { ranges });
        let _ = pull.answered(CatchUpReply::Compared { ranges: ByteBuf::from(bytes) });
    }
}

#[test]
fn what_differs_little_costs_little() {
    let (mut we, they) = (Has::of(0..MANY - 3), Has::of(0..MANY));
    let asked = we.pull(&they, BTreeSet::new());
    assert_eq!(we.live.len(), MANY);
    assert!(asked <= 5, "{asked} questions for three of {MANY}");
}

#[test]
fn halves_of_a_market_come_together_pair_by_pair() {
    let mut nodes: Vec<Has> =
        (0..20).map(|node| Has::of((0..MANY).filter(|number| number % 20 == node))).collect();
    // In a ring of pairs each round doubles what a node has: five rounds for twenty.
    for round in 0..5 {
        for node in 0..nodes.len() {
            let from = nodes[(node + (1 << round)) % 20].clone();
            nodes[node].pull(&from, BTreeSet::new());
        }
    }
    assert!(nodes.iter().all(|node| node.live.len() == MANY));
}

#[test]
fn what_is_unwanted_is_not_asked_for() {
    let unwanted: BTreeSet<Digest> = wishes()[..30].iter().map(|record| *record.id().as_digest()).collect();
    let mut we = Has::default();
    we.pull(&Has::of(0..40), unwanted.clone());
    assert_eq!(we.said.len(), 10);
    assert!(we.said.keys().all(|digest| !unwanted.contains(digest)));
}

fn fetching() -> (Pull, Vec<ByteArray<32>>) {
    let (mut pull, first) = Pull::begin(&[], &topic(), Arc::default()).unwrap();
    let Step::Ask(CatchUpRequest::Fetch { digests, .. }) =
        pull.answered(Has::of(0..20).answer(&first)).unwrap()
    else {
        panic!("twenty are missing")
    };
    (pull, digests)
}

fn said(numbers: std::ops::Range<usize>, left: u16) -> CatchUpReply {
    let items = wishes()[numbers]
        .iter()
        .map(|record| ByteBuf::from(Announcement::intention(record).to_bytes().unwrap()));
    CatchUpReply::Announcements { items: items.collect(), left }
}

#[test]
fn only_what_was_asked_for_is_taken() {
    for reply in [
        said(19..21, 0),
        said(0..1, 20),
        said(0..1, 60_000),
        CatchUpReply::Announcements { items: vec![ByteBuf::from(vec![1, 2, 3])], left: 0 },
        CatchUpReply::Compared { ranges: ByteBuf::from(vec![0x61]) },
    ] {
        let error = fetching().0.answered(reply).unwrap_err();
        assert!(error.is_offence(), "{error}");
    }
    let (mut pull, digests) = fetching();
    let record = &wishes().iter().find(|record| *record.id().as_digest() == *digests[0]).unwrap();
    let one = ByteBuf::from(Announcement::intention(record).to_bytes().unwrap());
    let twice = CatchUpReply::Announcements { items: vec![one.clone(), one], left: 0 };
    assert!(matches!(pull.answered(twice), Err(PullError::Unfit(_))));
    let refused =
        fetching().0.answered(CatchUpReply::Refused { code: RefusalCode::RateLimited }).unwrap_err();
    assert!(!refused.is_offence());
}

#[test]
fn who_has_less_than_it_said_ends_it() {
    let (mut pull, _) = fetching();
    assert_eq!(pull.answered(said(0..0, 0)), Ok(Step::Over));
    let (mut pull, digests) = fetching();
    // Nothing fits: the rest is asked for again, one less each time.
    let mut left = digests.len();
    while let Ok(Step::Ask(CatchUpRequest::Fetch { digests, .. })) =
        pull.answered(CatchUpReply::Announcements { items: vec![], left: left as u16 - 1 })
    {
        assert_eq!(digests.len(), left - 1);
        left -= 1;
    }
    assert_eq!(left, 1);
}

/// A peer that has looked at one digest each time.
#[test]
fn a_fetch_without_end_ends() {
    let they = Has::of(0..MANY);
    let (mut pull, mut request) = Pull::begin(&[], &topic(), Arc::default()).unwrap();
    while matches!(request, CatchUpRequest::Compare { .. }) {
        let Step::Ask(next) = pull.answered(they.answer(&request)).unwrap() else {
            panic!("much is missing")
        };
        request = next;
    }
    let mut asked = 0;
    while let CatchUpRequest::Fetch { digests, .. } = &request {
        asked += 1;
        let left = digests.len() as u16 - 1;
        match pull.answered(CatchUpReply::Announcements { items: vec![], left }).unwrap() {
            Step::Ask(next) => request = next,
            _ => break,
        }
    }
    assert!(asked <= MAX_FETCHES, "{asked} fetches");
}

/// A peer that makes up a difference each time.
#[test]
fn a_comparison_without_end_ends() {
    let we = Has::of(0..MANY);
    let (mut pull, _) = Pull::begin(&[&we.live], &topic(), Arc::default()).unwrap();
    for asked in 1..=MAX_ROUNDS + 1 {
        // One range over everything, with a fingerprint that nothing has.
        let mut ranges = vec![0x61, 0, 0, 1];
        ranges.extend([asked as u8; 16]);
        match pull.answered(CatchUpReply::Compared { ranges: ByteBuf::from(ranges) }).unwrap() {
            Step::Ask(CatchUpRequest::Compare { ranges, .. }) => assert!(ranges.len() <= MAX_RANGES),
            Step::Over => return assert_eq!(asked, MAX_ROUNDS),
            step => panic!("nothing was said: {step:?}"),
        }
    }
    panic!("it goes on");
}

#[test]
fn a_reply_holds_what_fits() {
    let digests: Vec<_> = (0..MAX_DIGESTS as u8).map(|number| ByteArray::new([number; 32])).collect();
    let large = announcements(&digests, |_| Some(vec![0; 16 * 1024]));
    let CatchUpReply::Announcements { items, left } = &large else { panic!("announcements") };
    assert_eq!((items.len(), usize::from(*left)), (MAX_ITEMS_BYTES / (16 * 1024), MAX_DIGESTS - items.len()));
    assert!(large.to_bytes().is_ok());
    let small = announcements(&digests, |digest| (digest[0] % 2 == 0).then(|| vec![digest[0]; 600]));
    let CatchUpReply::Announcements { items, left } = &small else { panic!("announcements") };
    assert_eq!((items.len(), *left), (MAX_DIGESTS / 2, 0));
    assert!(small.to_bytes().is_ok());
}

#[test]
fn out_of_bounds_is_refused() {
    let long = |topic: &str, ranges: usize| CatchUpRequest::Compare {
        topic: topic.to_owned(),
        ranges: ByteBuf::from(vec![0; ranges]),
    };
    assert!(long("/a", MAX_RANGES).to_bytes().is_ok());
    assert!(long("/a", MAX_RANGES + 1).to_bytes().is_err());
    assert!(long(&"a".repeat(129), 1).to_bytes().is_err());
    let fetch =
        |many: usize| CatchUpRequest::Fetch { topic: topic(), digests: vec![ByteArray::new([1; 32]); many] };
    assert!(fetch(MAX_DIGESTS).to_bytes().is_ok());
    assert!(fetch(0).to_bytes().is_err() && fetch(MAX_DIGESTS + 1).to_bytes().is_err());
}

/// A node as it stands in a market: what it lets through, what it keeps, and what its clock shows.
struct Keeper {
    gate: Gate,
    table: Table,
    now: Time,
}

impl Keeper {
    fn at(now: Time) -> Self {
        Self { gate: Gate::new(net()), table: Table::default(), now }
    }

    fn hear(&mut self, said: &[u8]) -> Verdict {
        let hearing = self.table.judge(&mut self.gate, &topic(), said, self.now);
        match hearing.news {
            Some(News::Intention(record)) => drop(self.table.hear(*record)),
            Some(News::Withdrawal(record)) => drop(self.table.bury(&record)),
            None => {}
        }
        hearing.verdict
    }

    /// Asks another for everything; what was thought of each record that came.
    fn pull(&mut self, from: &Self) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        let begun = Pull::begin(&self.table.live(), &topic(), Arc::default()).unwrap();
        let reply = |request: &CatchUpRequest| {
            answer(request, &from.table.live(), |digest| from.table.announcement(digest))
        };
        ask(begun, reply, |items| verdicts.extend(items.iter().map(|(_, said)| self.hear(said))));
        verdicts
    }

    fn has(&self, record: &Signed<Intention>) -> bool {
        self.table.get(&record.id()).is_some()
    }
}

fn cast(number: u64, cast_at: Time) -> Signed<Intention> {
    let expires_at = cast_at.saturating_add(7 * DAY);
    signed(Intention { nonce: nonce(10_000 + number), cast_at, expires_at, ..wish() }, WISH)
}

fn said_of(record: &Signed<Intention>) -> Vec<u8> {
    Announcement::intention(record).to_bytes().unwrap()
}

fn taken_back(record: &Signed<Intention>) -> Vec<u8> {
    let withdrawal = Withdrawal {
        iss: party(WISH),
        nonce: record.nonce,
        net: net(),
        intention: record.id(),
        category: record.category.clone(),
        reason: WithdrawalReason::ChangedMind,
        at: record.cast_at,
        expires_at: record.expires_at,
    };
    Announcement::withdrawal(&signed(withdrawal, WISH)).to_bytes().unwrap()
}

#[test]
fn a_clock_off_by_a_day_is_nobodys_offence() {
    let (mut right, mut ahead) = (Keeper::at(later(8 * DAY)), Keeper::at(later(9 * DAY)));
    let [fresh, old] = [cast(1, right.now), cast(2, later(DAY + HOUR))];
    let tomorrows = cast(3, ahead.now);
    for record in [&fresh, &old] {
        assert_eq!(right.hear(&said_of(record)), Verdict::Accept);
    }
    assert_eq!(ahead.hear(&said_of(&tomorrows)), Verdict::Accept);
    assert_eq!(ahead.hear(&taken_back(&tomorrows)), Verdict::Accept);
    let other = cast(4, ahead.now);
    assert_eq!(ahead.hear(&said_of(&other)), Verdict::Accept);
    // The one that is ahead takes what has not ended by its clock; the other nothing of tomorrow, not even tombstones.
    let mut of_right = ahead.pull(&right);
    of_right.sort_by_key(|verdict| *verdict == Verdict::Accept);
    assert_eq!(of_right, [Verdict::Ignore, Verdict::Accept]);
    assert!(ahead.has(&fresh) && !ahead.has(&old));
    assert_eq!(right.pull(&ahead), [Verdict::Ignore, Verdict::Ignore]);
    assert!(!right.has(&tomorrows) && !right.has(&other) && right.has(&fresh) && right.has(&old));
    // Once its day has come it is heard like any other, and what was taken back stays so.
    right.now = later(9 * DAY);
    assert_eq!(right.pull(&ahead), [Verdict::Accept, Verdict::Accept]);
    assert!(right.has(&other) && !right.has(&tomorrows));
    assert_eq!(right.hear(&said_of(&tomorrows)), Verdict::Ignore);
}

#[test]
fn what_was_withdrawn_stays_so_for_whoever_comes_late_however_much_it_was() {
    let all: Vec<_> = (0..1_500).map(|number| cast(number, start())).collect();
    let (mut was_there, mut missed_it) = (Keeper::at(start()), Keeper::at(start()));
    for record in &all {
        assert_eq!(was_there.hear(&said_of(record)), Verdict::Accept);
        assert_eq!(missed_it.hear(&said_of(record)), Verdict::Accept);
        assert_eq!(was_there.hear(&taken_back(record)), Verdict::Accept);
    }
    let mut late = Keeper::at(later(HOUR));
    assert_eq!(late.pull(&was_there).len(), all.len(), "as many tombstones");
    // One who has not heard of it still tells of all of them.
    let told = late.pull(&missed_it);
    assert_eq!((told.len(), told.contains(&Verdict::Reject)), (all.len(), false));
    assert!(all.iter().all(|record| !late.has(record)), "nothing came back");
    assert_eq!(late.pull(&was_there), [], "and the tombstones are still there");
}
