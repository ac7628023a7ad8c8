#![allow(clippy::unwrap_used, clippy::panic)]
//! The laws of delivery, under a virtual clock.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::{
    lead::{About, Cover, Draft, Fact, Field, Person},
    outcome::{Fault, RetryAfter},
};
use bespeak_identity::{RecordId, SignKey};
use bespeak_model::{
    money::{Currency, Money},
    terms::TermsId,
    time::Span,
};

const START: u64 = 1_800_000_000;
const DAY: u64 = 86_400;

fn time(after: u64) -> Time {
    Time::from_unix(START + after).unwrap()
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// The `mark`-th fact about the `subject`-th matter, to be kept for `days`.
fn lead(subject: u64, mark: u64, fact: Fact, days: u64) -> Lead {
    let keep = Span::from_seconds(days * DAY).unwrap();
    Lead::new(Draft {
        at: time(0),
        vendor: SignKey::from_bytes(&[1; 32]).public(),
        about: About::intention(RecordId::of_payload(&subject.to_be_bytes())),
        cover: Cover::accepted_by_both(TermsId::SdBase, time(0), keep),
        fact,
        person: Person::default()
            .with(Field::Name, "Anna".parse::<bespeak_model::text::Text<200>>().unwrap()),
        mark: mark.to_string(),
    })
}

fn order(subject: u64, mark: u64) -> Lead {
    let total = Money::new(100, Currency::EUR).unwrap();
    lead(subject, mark, Fact::OrderAccepted { total }, 90)
}

fn deletion(subject: u64) -> Lead {
    lead(subject, 0, Fact::CustomerDeleted {}, 1)
}

fn refused(status: u16) -> Outcome {
    Outcome::failed(Fault::Status(status))
}

fn one_target() -> Delivery {
    let mut delivery = Delivery::default();
    let _ = delivery.set_targets(&[name("a")]);
    delivery
}

fn sent(delivery: &mut Delivery, now: Time) -> Vec<Attempt> {
    delivery.due(now).0
}

#[test]
fn what_arrived_is_sent_no_more() {
    let mut delivery = one_target();
    let added = delivery.add(&name("a"), order(1, 1), time(0));
    assert_eq!(added.keep.len(), 1);
    // The same fact again is the same lead.
    assert_eq!(delivery.add(&name("a"), order(1, 1), time(0)), Outputs::default());
    assert_eq!(delivery.add(&name("b"), order(1, 1), time(0)), Outputs::default());
    let attempts = sent(&mut delivery, time(0));
    assert_eq!((attempts.len(), attempts[0].attempt), (1, 1));
    assert_eq!(sent(&mut delivery, time(0)), []);
    let out = delivery.ended(&name("a"), attempts[0].seq, Outcome::Delivered, time(1), 0);
    assert_eq!(out.forget, [added.keep[0].key()]);
    assert!(matches!(out.tell[..], [Told::Delivered { attempt: 1, .. }]));
    // What ended once does not end again.
    assert_eq!(delivery.ended(&name("a"), attempts[0].seq, refused(500), time(1), 0), Outputs::default());
    assert_eq!((sent(&mut delivery, Time::MAX), delivery.documents()), (vec![], vec![]));
    assert_eq!(delivery.wake_at(), None);
}

#[test]
fn attempts_follow_the_schedule_and_then_it_is_dead() {
    let mut delivery = one_target();
    let _ = delivery.add(&name("a"), order(1, 1), time(0));
    let mut now = time(0);
    for attempt in 1..=schedule::ATTEMPTS {
        assert_eq!(delivery.wake_at().unwrap().max(now), now);
        let attempts = sent(&mut delivery, now);
        assert_eq!(attempts.iter().map(|one| one.attempt).collect::<Vec<_>>(), [attempt]);
        let out = delivery.ended(&name("a"), attempts[0].seq, refused(400), now, 0);
        match schedule::pause_after(attempt, 0) {
            Some(pause) => {
                let next = now.saturating_add(pause);
                assert!(
                    out.tell
                        .iter()
                        .any(|told| matches!(told, Told::Failed { next_at, .. } if *next_at == next))
                );
                assert_eq!(sent(&mut delivery, next.saturating_sub(1)), []);
                now = next;
            }
            None => assert!(matches!(out.tell.last(), Some(Told::Dead { why: Why::Attempts, .. }))),
        }
    }
    assert_eq!(now, time(75 * 3_600 + 35 * 60 + 5));
    let death = Some(Death { at: now, why: Why::Attempts });
    let dead: Vec<_> = delivery.dead().map(|letter| (letter.death.clone(), letter.fault.clone())).collect();
    assert_eq!(dead, [(death, Some(Fault::Status(400)))]);
    assert_eq!(sent(&mut delivery, now), []);

    let (count, out) = delivery.resend(&Resend::Lead(order(1, 1).id().clone()), now);
    assert_eq!((count, out.keep.len()), (1, 1));
    assert_eq!(delivery.resend(&Resend::All, now).0, 0);
    assert_eq!(sent(&mut delivery, now)[0].attempt, 1);
}

#[test]
fn within_a_subject_one_waits_for_the_other_and_subjects_do_not() {
    let mut delivery = one_target();
    for (subject, mark) in [(1, 1), (1, 2), (2, 1), (1, 3), (3, 1)] {
        let _ = delivery.add(&name("a"), order(subject, mark), time(0));
    }
    let seqs = |attempts: &[Attempt]| attempts.iter().map(|one| one.seq).collect::<Vec<_>>();
    let first = sent(&mut delivery, time(0));
    assert_eq!(seqs(&first), [0, 2, 4]);
    // A record the target does not like holds up its own matter alone.
    let _ = delivery.ended(&name("a"), 0, refused(422), time(0), 0);
    let _ = delivery.ended(&name("a"), 2, Outcome::Delivered, time(0), 0);
    assert_eq!(seqs(&sent(&mut delivery, time(0))), Vec::<u64>::new());
    assert_eq!(seqs(&sent(&mut delivery, time(5))), [0]);
    let _ = delivery.ended(&name("a"), 0, Outcome::Delivered, time(6), 0);
    assert_eq!(seqs(&sent(&mut delivery, time(6))), [1]);
}

#[test]
fn a_deletion_leaves_out_what_it_deletes_and_waits_for_what_is_on_its_way() {
    let mut delivery = one_target();
    for mark in 1..=3 {
        let _ = delivery.add(&name("a"), order(1, mark), time(0));
    }
    let _ = delivery.add(&name("a"), order(2, 1), time(0));
    let flying = sent(&mut delivery, time(0));
    assert_eq!(flying.len(), 2);
    let out = delivery.add(&name("a"), deletion(1), time(0));
    assert_eq!(out.forget.len(), 2);
    assert!(out.tell.iter().all(|told| matches!(told, Told::Superseded { .. })) && out.tell.len() == 2);
    assert_eq!(sent(&mut delivery, time(1)), []);
    let _ = delivery.ended(&name("a"), flying[0].seq, refused(500), time(1), 0);
    // Its day is long over, and it is sent all the same.
    let later = sent(&mut delivery, time(80 * DAY));
    assert_eq!(later[0].lead.kind(), Kind::OrderAccepted);
    let _ = delivery.ended(&name("a"), later[0].seq, Outcome::Delivered, time(80 * DAY), 0);
    assert_eq!(sent(&mut delivery, time(200 * DAY))[0].lead.kind(), Kind::CustomerDeleted);
}

#[test]
fn gone_is_gone_until_the_owner_says_otherwise() {
    let mut delivery = one_target();
    for subject in 1..=6 {
        let _ = delivery.add(&name("a"), order(subject, 1), time(0));
    }
    let flying = sent(&mut delivery, time(0));
    assert_eq!(flying.len(), schedule::AT_ONCE);
    let out = delivery.ended(&name("a"), flying[0].seq, Outcome::Gone, time(1), 0);
    assert!(out.tell.contains(&Told::TargetGone { target: name("a") }));
    assert_eq!(delivery.dead().count(), 3);
    // The others that were on their way end as they end.
    let _ = delivery.ended(&name("a"), flying[1].seq, refused(500), time(1), 0);
    let _ = delivery.ended(&name("a"), flying[2].seq, Outcome::Gone, time(1), 0);
    let _ = delivery.ended(&name("a"), flying[3].seq, Outcome::Delivered, time(1), 0);
    assert_eq!(delivery.dead().count(), 5);
    let out = delivery.add(&name("a"), order(9, 1), time(1));
    assert!(matches!(out.tell[..], [Told::Skipped { .. }]) && out.keep.is_empty());
    assert_eq!((sent(&mut delivery, time(DAY)), delivery.resend(&Resend::All, time(DAY)).0), (vec![], 0));
    assert_eq!(delivery.standing()[0].gone_since, Some(time(1)));

    let _ = delivery.enable(&name("a"));
    assert_eq!(delivery.resend(&Resend::Target(name("a")), time(DAY)).0, 5);
    assert_eq!(sent(&mut delivery, time(DAY)).len(), schedule::AT_ONCE);
}

#[test]
fn an_ill_target_is_left_alone_and_told_after_a_day() {
    let mut delivery = one_target();
    for subject in 0..200 {
        let _ = delivery.add(&name("a"), order(subject, 1), time(0));
    }
    // 500 for a day, then well again.
    let (mut now, mut tried, mut told, mut steps) = (time(0), 0_u64, Vec::new(), 0);
    while now < time(DAY + 3_600) {
        steps += 1;
        assert!(steps < 1_000, "it is woken without end");
        let (attempts, out) = delivery.due(now);
        told.extend(out.tell);
        assert!(now < time(30) || attempts.len() <= 1, "an ill target is tried with one at a time");
        tried += attempts.len() as u64;
        for attempt in attempts {
            told.extend(delivery.ended(&name("a"), attempt.seq, refused(500), now, 0).tell);
        }
        now = delivery.wake_at().unwrap().max(now);
    }
    assert!((200..=320).contains(&tried), "{tried} attempts in a day");
    let failing =
        told.iter().filter(|one| matches!(one, Told::TargetFailing { since, .. } if *since == time(0)));
    assert_eq!(failing.count(), 1);
    assert!(
        !told.iter().any(|one| matches!(one, Told::Dead { .. })),
        "a day is not enough to give anything up"
    );
    let mut well = 0;
    while let Some(at) = delivery.wake_at().filter(|at| *at < time(3 * DAY)) {
        now = now.max(at);
        for attempt in sent(&mut delivery, now) {
            let out = delivery.ended(&name("a"), attempt.seq, Outcome::Delivered, now, 0);
            well += out.tell.iter().filter(|told| matches!(told, Told::TargetWell { .. })).count();
        }
    }
    assert_eq!((well, delivery.documents()), (1, vec![]));
}

#[test]
fn a_target_says_when_to_come_again_within_bounds() {
    // Which status, what is asked for, when anything goes there again, and when both do.
    for (status, asked, rests, both) in
        [(503, 60, 60, 60), (429, 10 * DAY, DAY, DAY), (429, 0, 1, 5), (500, 60, 0, 5)]
    {
        let mut delivery = one_target();
        let _ = delivery.add(&name("a"), order(1, 1), time(0));
        let _ = sent(&mut delivery, time(0));
        let outcome =
            Outcome::Failed { fault: Fault::Status(status), retry_after: Some(RetryAfter::Seconds(asked)) };
        let _ = delivery.ended(&name("a"), 0, outcome, time(0), 0);
        // Nothing else goes there either.
        let _ = delivery.add(&name("a"), order(2, 1), time(0));
        assert_eq!(delivery.wake_at(), Some(time(rests)), "{status} {asked}");
        assert_eq!(sent(&mut delivery, time(both)).len(), 2);
    }
}

#[test]
fn what_may_not_be_kept_is_not_sent_and_that_is_told() {
    let mut delivery = one_target();
    let short = lead(1, 1, Fact::OrderAccepted { total: Money::new(1, Currency::EUR).unwrap() }, 1);
    let out = delivery.add(&name("a"), short.clone(), time(DAY + 1));
    assert!(matches!(out.tell[..], [Told::Expired { .. }]) && out.keep.is_empty());
    let _ = delivery.add(&name("a"), short.clone(), time(0));
    let _ = sent(&mut delivery, time(0));
    let _ = delivery.ended(&name("a"), 0, refused(400), time(DAY - 1), 0);
    let (attempts, out) = delivery.due(time(DAY));
    assert_eq!((attempts.len(), out), (0, Outputs::default()));
    assert_eq!(delivery.wake_at(), Some(time(DAY + 1)));
    let (attempts, out) = delivery.due(time(DAY + 4));
    assert_eq!(attempts, []);
    assert_eq!(out.tell, [Told::Expired { target: name("a"), lead: short.id().clone() }]);
    assert_eq!(out.forget.len(), 1);
    // A dead letter is forgotten as well.
    let _ = delivery.add(&name("a"), short, time(0));
    let _ = sent(&mut delivery, time(0));
    let _ = delivery.ended(&name("a"), 1, Outcome::Gone, time(0), 0);
    assert_eq!(delivery.dead().count(), 1);
    assert_eq!(delivery.due(time(2 * DAY)).1.tell.len(), 1);
    assert_eq!(delivery.dead().count(), 0);
}

#[test]
fn queues_are_bounded_and_deletions_outlast_the_rest() {
    let mut delivery = one_target();
    let _ = delivery.add(&name("a"), deletion(0), time(0));
    let (mut dead, mut lost) = (0, 0);
    for subject in 1..(MAX_WAITING + MAX_DEAD + 50) as u64 {
        for told in delivery.add(&name("a"), order(subject, 1), time(0)).tell {
            match told {
                Told::Dead { why: Why::Full, .. } => dead += 1,
                Told::Lost { .. } => lost += 1,
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!((dead, lost), (MAX_DEAD + 50, 50));
    assert_eq!((delivery.standing()[0].waiting, delivery.standing()[0].dead), (MAX_WAITING, MAX_DEAD));
    assert_eq!(sent(&mut delivery, time(0))[0].lead.kind(), Kind::CustomerDeleted);
}

#[test]
fn a_target_that_is_none_any_more_leaves_nothing_behind() {
    let mut delivery = Delivery::default();
    let _ = delivery.set_targets(&[name("a"), name("b")]);
    for target in ["a", "b"] {
        let _ = delivery.add(&name(target), order(1, 1), time(0));
    }
    for attempt in sent(&mut delivery, time(0)) {
        let _ = delivery.ended(&attempt.target, attempt.seq, refused(500), time(0), 0);
    }
    let out = delivery.set_targets(&[name("b")]);
    assert_eq!(out.forget.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a/0", "a"]);
    assert!(matches!(out.tell[..], [Told::Skipped { .. }]));
    assert!(delivery.documents().iter().all(|kept| kept.target() == &name("b")));
}

/// What a target does at one attempt.
#[derive(Clone, Debug)]
enum Does {
    Takes,
    Refuses(u16),
    /// Says nothing until the deadline.
    Hangs,
    /// The node dies while it is asked; it may have got it or not.
    Dies,
    /// It has had enough, and its owner sets it anew and sends everything again.
    Goes,
}

fn does() -> impl Strategy<Value = Does> {
    prop_oneof![
        6 => Just(Does::Takes),
        3 => prop_oneof![Just(400), Just(500), Just(503), Just(301)].prop_map(Does::Refuses),
        2 => Just(Does::Hangs),
        1 => Just(Does::Dies),
        1 => Just(Does::Goes),
    ]
}

/// The documents as a store would have them.
#[derive(Default)]
struct Shelf(BTreeMap<String, String>);

impl Shelf {
    fn take(&mut self, out: &Outputs) {
        for kept in &out.keep {
            self.0.insert(kept.key().to_string(), serde_json::to_string(kept).unwrap());
        }
        for key in &out.forget {
            assert_eq!(&key.to_string().parse::<Key>().unwrap(), key);
            self.0.remove(&key.to_string());
        }
    }

    fn again(&self, targets: &[Name]) -> Delivery {
        let mut delivery = Delivery::default();
        for text in self.0.values() {
            delivery.recall(serde_json::from_str(text).unwrap());
        }
        let out = delivery.set_targets(targets);
        assert_eq!(out, Outputs::default());
        delivery
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever targets do and whenever the node dies: each lead arrives or is told as given up; after it was told as
    /// delivered it is never sent again; within a subject the order holds; and the kept documents are the state.
    #[test]
    fn nothing_is_lost_and_nothing_comes_after_its_success(
        leads in proptest::collection::vec((0_u64..4, 0_u64..3_600), 1..25),
        script in proptest::collection::vec((does(), any::<u32>()), 1..60),
    ) {
        let target = name("a");
        let targets = [target.clone()];
        let (mut delivery, mut shelf) = (one_target(), Shelf::default());
        let (mut now, mut script) = (time(0), script.into_iter());
        let mut arrived: BTreeMap<LeadId, u64> = BTreeMap::new();
        let (mut done, mut given_up) = (BTreeSet::new(), BTreeSet::new());
        let mut last_of: BTreeMap<String, u64> = BTreeMap::new();
        let mut order_of: BTreeMap<LeadId, u64> = BTreeMap::new();
        for (mark, (subject, after)) in leads.iter().enumerate() {
            now = now.saturating_add(*after);
            let lead = order(*subject, mark as u64);
            order_of.insert(lead.id().clone(), mark as u64);
            shelf.take(&delivery.add(&target, lead, now));
        }
        // Three quarters of a year are far beyond the longest schedule, and before the leads' last day.
        let mut steps = 0;
        while let Some(at) = delivery.wake_at().filter(|at| *at < time(80 * DAY)) {
            steps += 1;
            prop_assert!(steps < 5_000, "it never comes to rest");
            now = now.max(at);
            let (attempts, out) = delivery.due(now);
            shelf.take(&out);
            prop_assert!(attempts.len() <= schedule::AT_ONCE);
            let mut died = false;
            for attempt in attempts {
                if died { continue; }
                let id = attempt.lead.id().clone();
                prop_assert!(!done.contains(&id), "sent after success");
                let (does, dice) = script.next().unwrap_or((Does::Takes, 0));
                let place = order_of[&id];
                if matches!(does, Does::Takes | Does::Dies) {
                    let last = last_of.entry(attempt.lead.subject()).or_default();
                    prop_assert!(*last <= place || given_up.contains(&id), "out of order within its subject");
                    *last = place;
                    *arrived.entry(id.clone()).or_default() += 1;
                }
                let outcome = match does {
                    Does::Takes => Outcome::Delivered,
                    Does::Refuses(status) => Outcome::of(&crate::outcome::Answer::bare(status)),
                    Does::Hangs => { now = now.saturating_add(20); Outcome::failed(Fault::TimedOut(20)) }
                    Does::Goes => Outcome::Gone,
                    Does::Dies => { died = true; continue; }
                };
                let out = delivery.ended(&target, attempt.seq, outcome, now, dice);
                shelf.take(&out);
                for told in &out.tell {
                    match told {
                        Told::Delivered { lead, .. } => drop(done.insert(lead.clone())),
                        Told::Dead { lead, .. } => drop(given_up.insert(lead.clone())),
                        _ => {}
                    }
                }
                if matches!(does, Does::Goes) {
                    // What is still on its way there is forgotten with the node's life.
                    died = true;
                    shelf.take(&delivery.enable(&target));
                    shelf.take(&delivery.resend(&Resend::All, now).1);
                }
            }
            let again = shelf.again(&targets);
            prop_assert_eq!(again.documents(), delivery.documents());
            if died {
                delivery = again;
            }
        }
        for id in order_of.keys() {
            prop_assert!(arrived.contains_key(id) || given_up.contains(id), "lost");
            prop_assert!(done.contains(id) || given_up.contains(id), "neither delivered nor told as given up");
        }
    }
}
