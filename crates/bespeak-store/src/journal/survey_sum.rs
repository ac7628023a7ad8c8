//! Sums up what a survey saw: which commits are there, which are lost, and where writing goes on.

use std::collections::BTreeMap;

use super::Segment;
use super::header::HEADER;
use super::ledger::Numbers;
use super::survey::{Hole, Seen, Survey, Tail, damage};
use crate::journal::Tip;
use crate::report::{Damage, DamageKind};

pub(super) fn sum_up(seen: &BTreeMap<u32, Seen>) -> Survey {
    let active = active(seen);
    let void = void(seen);
    let bases = seen.values().filter_map(|s| s.header.as_ref()).map(|h| h.base.saturating_sub(1));
    let (begun, accounted) = (bases.max().unwrap_or(0), accounted(seen, &void));
    let mut sum = Sum { accounted, void, begun, active, tail: None, damaged: Vec::new() };
    let mut segments = BTreeMap::new();
    for (number, one) in seen {
        let harmed = sum.judge(*number, one);
        segments.insert(*number, one.state(harmed, &sum.void));
    }
    let last = sum.missing();
    Survey {
        segments,
        replaced: Vec::new(),
        leftovers: Vec::new(),
        highest: 0,
        active: active.and_then(|number| Some((number, seen.get(&number)?.end))),
        tip: tip(seen, &sum.void),
        layout: seen.iter().filter(|(_, s)| s.is_compacted()).map(|(n, _)| *n).max().unwrap_or(0),
        tail: sum.tail,
        damaged: sum.damaged,
        void: sum.void,
        last,
    }
}

/// The newest segment that is not a compacted one, if it can be gone on with.
pub(super) fn active(seen: &BTreeMap<u32, Seen>) -> Option<u32> {
    let (number, one) = seen.iter().rev().find(|(_, s)| !s.is_compacted())?;
    (one.header.is_some() && one.length >= HEADER).then_some(*number)
}

/// Numbers given up after failed writes.
fn void(seen: &BTreeMap<u32, Seen>) -> Numbers {
    let mut out = Numbers::new();
    for one in seen.values() {
        out.extend(one.own_void().iter().cloned());
    }
    out
}

fn accounted(seen: &BTreeMap<u32, Seen>, void: &Numbers) -> Numbers {
    let mut out = void.clone();
    for one in seen.values() {
        match &one.ledger {
            Some(ledger) => out.extend(ledger.covered.iter().cloned()),
            None if one.is_compacted() => {}
            None => out.extend(one.commits.iter().cloned()),
        }
    }
    out
}

fn tip(seen: &BTreeMap<u32, Seen>, void: &Numbers) -> Tip {
    let believed = seen.values().filter(|s| s.header.is_some() && !void.contains(&s.tip.sequence));
    believed.map(|s| &s.tip).max_by_key(|tip| tip.sequence).cloned().unwrap_or(Tip::NONE)
}

struct Sum {
    accounted: Numbers,
    void: Numbers,
    /// The last commit before the newest segment was begun.
    begun: u64,
    active: Option<u32>,
    tail: Option<Tail>,
    damaged: Vec<Damage>,
}

impl Sum {
    /// Names what is wrong with a segment; true if something in it is lost.
    fn judge(&mut self, number: u32, one: &Seen) -> bool {
        let before = self.damaged.len();
        if one.header.is_none() {
            let numbers = one.commits.first().zip(one.commits.last()).map(|(a, b)| (*a.start(), *b.end()));
            self.name(number, 0, one.length, numbers, DamageKind::Header);
            return true;
        }
        if one.is_compacted() {
            self.judge_compacted(number, one);
        } else {
            self.judge_plain(number, one);
        }
        if one.is_cut_in_header() && one.holes.is_empty() {
            self.name(number, one.length, 0, None, DamageKind::Cut);
        }
        let harmed = self.damaged.len() > before;
        if !one.header_whole {
            self.name(number, 0, HEADER.min(one.length), None, DamageKind::HeaderCopy);
        }
        harmed
    }

    fn judge_compacted(&mut self, number: u32, one: &Seen) {
        for hole in &one.holes {
            self.damaged.push(damage(number, hole, hole.sequence.filter(|s| *s > 0).map(|s| (s, s))));
        }
        if one.holes.is_empty() && !one.is_complete() {
            self.name(number, one.length, 0, None, DamageKind::Cut);
        }
    }

    fn judge_plain(&mut self, number: u32, one: &Seen) {
        let base = one.header.as_ref().map_or(1, |h| h.base);
        for hole in &one.holes {
            let last = one.last_hole().is_some_and(|end| end.offset == hole.offset);
            let first = hole.before.max(base.saturating_sub(1)).saturating_add(1);
            if last && self.active == Some(number) {
                self.tail =
                    Some(Tail { segment: number, offset: hole.offset, bytes: hole.bytes, after: first - 1 });
            } else if !(last && self.void.contains(&first)) {
                let numbers = self.lost(first, hole);
                self.damaged.push(damage(number, hole, numbers));
            }
        }
    }

    /// The commits lost in a hole: from `first` to the one before the next that is accounted for.
    fn lost(&mut self, first: u64, hole: &Hole) -> Option<(u64, u64)> {
        let next =
            hole.after.or_else(|| self.accounted.iter().map(|r| *r.start()).find(|start| *start >= first));
        let last = next.map_or(self.begun.max(first), |next| next - 1).max(hole.sequence.unwrap_or(0));
        if last < first || self.accounted.contains(&first) {
            return hole.sequence.map(|s| (s, s));
        }
        self.accounted.insert(first..=last);
        Some((first, last))
    }

    /// Names the commits that are nowhere. Returns the highest number known.
    fn missing(&mut self) -> u64 {
        let last = self.begun.max(self.accounted.last().map_or(0, |r| *r.end()));
        if last > 0 {
            let gaps: Vec<_> = self.accounted.gaps(&(1..=last)).collect();
            for gap in gaps {
                self.name(0, 0, 0, Some((*gap.start(), *gap.end())), DamageKind::Missing);
            }
        }
        last
    }

    fn name(&mut self, segment: u32, offset: u64, bytes: u64, numbers: Option<(u64, u64)>, what: DamageKind) {
        self.damaged.push(Damage { segment, offset, bytes, numbers, what });
    }
}

impl Seen {
    /// The numbers this segment declares void.
    fn own_void(&self) -> Numbers {
        let mut out = self.ledger.as_ref().map(|l| l.void.clone()).unwrap_or_default();
        if let Some(header) = self.header.as_ref().filter(|h| h.valid_through + 1 < h.base) {
            out.insert(header.valid_through + 1..=header.base - 1);
        }
        out
    }

    fn state(&self, harmed: bool, void: &Numbers) -> Segment {
        let own_void = self.own_void();
        let covered = match &self.ledger {
            Some(ledger) => ledger.covered.clone(),
            None => self.commits.iter().chain(own_void.iter()).cloned().collect(),
        };
        let least = if harmed { 0 } else { self.least() };
        debug_assert!(
            own_void.iter().all(|r| void.contains(r.start())),
            "a segment's void is part of the whole"
        );
        Segment { least, covered, void: own_void, bytes: self.length, harmed }
    }

    fn least(&self) -> u64 {
        let first = self.commits.first().map_or(u64::MAX, |range| *range.start());
        self.header.as_ref().filter(|_| !self.is_compacted()).map_or(first, |header| header.base)
    }
}
