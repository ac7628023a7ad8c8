//! The look at everything when the store is opened: it reads each segment once and alters nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::entry::{HEAD, NOTE};
use super::header::{Found, HEADER, Header, Kind, VERSION};
use super::ledger::{Ledger, Numbers};
use super::walk::{Step, Walk};
use super::{Journal, Segment, Tip, number_of, read_note};
use crate::error::{DiskError, OpenError, doing};
use crate::progress::{Course, Stage, Watch};
use crate::report::{Damage, DamageKind};

/// One segment as found.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) length: u64,
    /// Absent when unreadable or of another key.
    pub(super) header: Option<Header>,
    pub(super) header_whole: bool,
    /// The commits whose entries are whole.
    pub(super) commits: Numbers,
    pub(super) entries: u64,
    pub(super) holes: Vec<Hole>,
    pub(super) ledger: Option<Ledger>,
    pub(super) tip: Tip,
    /// Where the last whole entry ends.
    pub(super) end: u64,
    /// The commits last written with one sync: what they have in common, and the number of the first.
    pub(super) group: ([u8; 16], u64),
}

/// A stretch that is no entry.
#[derive(Debug, Clone)]
pub(super) struct Hole {
    pub(super) offset: u64,
    pub(super) bytes: u64,
    pub(super) sequence: Option<u64>,
    /// The commit before it in the segment, 0 if there is none, and the one after it.
    pub(super) before: u64,
    pub(super) after: Option<u64>,
    /// The newest commit before it.
    pub(super) tip: Tip,
}

/// A half-written end that is not yet cut.
#[derive(Debug, Clone)]
pub(crate) struct Tail {
    pub(crate) segment: u32,
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    pub(crate) after: u64,
}

/// What is there.
#[derive(Debug)]
pub(crate) struct Survey {
    /// Segments that are read.
    pub(crate) segments: BTreeMap<u32, Segment>,
    /// Segments that a compaction replaced and a crash left behind.
    pub(crate) replaced: Vec<u32>,
    /// Files a crash left unfinished.
    pub(crate) leftovers: Vec<PathBuf>,
    /// The highest number of any file.
    pub(crate) highest: u32,
    /// The segment to go on with, and its end.
    pub(crate) active: Option<(u32, u64)>,
    pub(crate) tail: Option<Tail>,
    pub(crate) damaged: Vec<Damage>,
    /// Commits never to be believed.
    pub(crate) void: Numbers,
    /// The newest whole commit.
    pub(crate) tip: Tip,
    /// The highest commit number that is accounted for in any way.
    pub(crate) last: u64,
    /// The newest compacted segment; 0 if there is none.
    pub(crate) layout: u32,
}

/// Looks at the whole journal. Commits up to `promised` are known to have been durable: what is unreadable of them is
/// damage, and not the rest of a write that a crash interrupted.
pub(crate) fn survey(journal: &Journal, promised: u64, watch: Option<&Watch>) -> Result<Survey, OpenError> {
    let (numbers, leftovers) = list(journal)?;
    let highest = numbers.iter().chain(leftovers.iter().map(|(n, _)| n)).max().copied().unwrap_or(0);
    let bytes = check_key(journal, &numbers)?;
    let mut course = Course::begin(watch, Stage::Reading, bytes);
    let (mut seen, mut before) = (BTreeMap::new(), 0);
    for number in numbers {
        let one = look(journal, number, &mut |at| course.at(before + at))?;
        before += one.length;
        seen.insert(number, one);
    }
    course.end();
    let replaced = replaced(&seen);
    seen.retain(|number, _| !replaced.contains(number));
    if let Some(last) = super::survey_sum::active(&seen).and_then(|number| seen.get_mut(&number)) {
        last.let_go_of_torn_group(promised);
    }
    let mut survey = super::survey_sum::sum_up(&seen);
    survey.replaced = replaced;
    survey.leftovers = leftovers.into_iter().map(|(_, path)| path).collect();
    survey.highest = highest;
    Ok(survey)
}

/// Numbers of segments, and unfinished files.
type Listing = (Vec<u32>, Vec<(u32, PathBuf)>);

fn list(journal: &Journal) -> Result<Listing, DiskError> {
    let (mut numbers, mut leftovers) = (Vec::new(), Vec::new());
    for path in journal.disk.list(&journal.dir).map_err(doing("listing the journal"))? {
        if let Some(number) = number_of(&path, "seg") {
            numbers.push(number);
        } else if let Some(number) = number_of(&path, "tmp") {
            leftovers.push((number, path));
        }
    }
    numbers.sort_unstable();
    Ok((numbers, leftovers))
}

/// Before anything else: is this our journal, and one we can read? Tells how many bytes it has.
fn check_key(journal: &Journal, numbers: &[u32]) -> Result<u64, OpenError> {
    let (mut ours, mut others, mut bytes) = (false, false, 0);
    for number in numbers {
        let file =
            journal.disk.open(&journal.path(*number), false).map_err(doing("opening a journal segment"))?;
        let (found, matches) = journal.header(*number, &*file).map_err(doing("reading a journal segment"))?;
        bytes += file.length().map_err(doing("measuring a journal segment"))?;
        match found {
            Found::Newer(version) => {
                return Err(OpenError::Newer { segment: *number, version, known: VERSION });
            }
            Found::Header { .. } if matches => ours = true,
            Found::Header { .. } => others = true,
            Found::Nothing => {}
        }
    }
    if others && !ours { Err(OpenError::WrongKey) } else { Ok(bytes) }
}

/// `come` is told how far the look has come in the segment, in bytes.
fn look(journal: &Journal, number: u32, come: &mut dyn FnMut(u64)) -> Result<Seen, DiskError> {
    let file = journal.disk.open(&journal.path(number), false).map_err(doing("opening a journal segment"))?;
    let length = file.length().map_err(doing("measuring a journal segment"))?;
    let (found, ours) = journal.header(number, &*file).map_err(doing("reading a journal segment"))?;
    let (header, header_whole) = match found {
        Found::Header { header, whole } if ours => (Some(header), whole),
        _ => (None, false),
    };
    let mut seen = Seen {
        length,
        header_whole,
        commits: Numbers::new(),
        entries: 0,
        holes: Vec::new(),
        ledger: None,
        tip: Tip::NONE,
        end: HEADER,
        group: ([0; 16], 0),
        header,
    };
    let mut walk = Walk::new(&*file, length);
    while let Some(step) = walk.next() {
        seen.step(journal, number, step, &mut walk);
        come(walk.offset());
    }
    Ok(seen)
}

impl Seen {
    fn step(&mut self, journal: &Journal, number: u32, step: Step, walk: &mut Walk<'_>) {
        match step {
            Step::Damaged { offset, bytes, sequence } => {
                let before = self.commits.last().map_or(0, |range| *range.end());
                let tip = self.tip.clone();
                self.holes.push(Hole { offset, bytes, sequence, before, after: None, tip });
            }
            Step::Entry { offset, head } if head.sequence == NOTE => {
                self.end = offset + head.total();
                let cipher = self.header.as_ref().map(|header| journal.cipher(header));
                let note = cipher.and_then(|c| read_note(&c, number, offset, &head, walk.body()));
                if let Some(ledger) = note.and_then(|bytes| Ledger::decode(&bytes)) {
                    self.ledger = Some(ledger);
                }
            }
            Step::Entry { offset, head } => {
                self.end = offset + head.total();
                self.entries += 1;
                self.commits.insert(head.sequence..=head.sequence);
                let (common, place) = head.group();
                if self.group.0 != common {
                    let first = head.sequence.checked_sub(place.into()).filter(|first| *first > 0);
                    self.group = (common, first.unwrap_or(head.sequence));
                }
                if let Some(hole) = self.holes.last_mut().filter(|hole| hole.after.is_none()) {
                    hole.after = Some(head.sequence);
                }
                if head.sequence >= self.tip.sequence {
                    self.tip = Tip { sequence: head.sequence, segment: number, offset, nonce: head.nonce };
                }
            }
        }
    }

    /// The last write may have reached the disk in part, and not its front part only: none of it was acknowledged, so all
    /// from its first hole on counts as the torn tail, whole commits too.
    fn let_go_of_torn_group(&mut self, promised: u64) {
        let first = self.group.1.max(promised + 1);
        let base = self.header.as_ref().map_or(1, |header| header.base);
        let before = |hole: &Hole| hole.before.max(base.saturating_sub(1));
        let Some(at) = self.holes.iter().position(|hole| before(hole) >= first.saturating_sub(1)) else {
            return;
        };
        let length = self.length;
        let hole = &mut self.holes[at];
        (hole.bytes, hole.sequence, hole.after) = (length - hole.offset, None, None);
        self.end = hole.offset;
        self.tip = hole.tip.clone();
        self.commits.remove(hole.before + 1..=u64::MAX);
        self.holes.truncate(at + 1);
    }

    pub(super) fn is_compacted(&self) -> bool {
        self.header.as_ref().is_some_and(|h| h.kind == Kind::Compacted)
    }

    /// A compacted segment from which nothing is missing.
    pub(super) fn is_complete(&self) -> bool {
        self.holes.is_empty()
            && self.ledger.as_ref().is_some_and(|ledger| ledger.entries == Some(self.entries))
    }

    /// The hole at the very end, if there is one.
    pub(super) fn last_hole(&self) -> Option<&Hole> {
        self.holes.last().filter(|hole| hole.offset + hole.bytes == self.length)
    }

    /// A file shorter than its header has no entries, and its header is damage enough.
    pub(super) fn is_cut_in_header(&self) -> bool {
        self.length < HEADER + HEAD as u64 && self.length != HEADER
    }
}

/// Segments that a whole compacted segment stands for.
fn replaced(seen: &BTreeMap<u32, Seen>) -> Vec<u32> {
    let whole = seen.values().filter(|s| s.is_compacted() && s.is_complete());
    let mut out: Vec<u32> =
        whole.filter_map(|s| s.ledger.as_ref()).flat_map(|l| l.replaces.iter().copied()).collect();
    out.retain(|number| seen.contains_key(number));
    out.sort_unstable();
    out.dedup();
    out
}

/// Turns a hole into words.
pub(super) fn damage(segment: u32, hole: &Hole, numbers: Option<(u64, u64)>) -> Damage {
    Damage { segment, offset: hole.offset, bytes: hole.bytes, numbers, what: DamageKind::Entry }
}
