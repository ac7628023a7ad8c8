//! The power is cut, on a disk that had kept nothing it was not made to keep: what was acknowledged is there, whole commits at
//! a time, and nothing is called damaged that is only torn. Before some of the cuts a process was killed, and what the next one
//! found, and told, was not durable until that made it so.

use std::any::Any;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use bespeak_store::{Family, IndexState, Options, Store};

use crate::common::{keep, key, remove, small, times};
use crate::volume::Volume;
use crate::volume::dice::Dice;
use crate::volume::drive::{Drive, End};

/// How many documents of each family are live: each commit keeps one and removes the one this many before.
const LIVE: u64 = 30;
const THREADS: u8 = 4;
/// A cut comes at one of this many altering calls, if not at one of the first `EARLY`, when the store is being opened. Wild
/// guesses: a few segments are begun and compacted meanwhile.
const LATE: u64 = 400;
const EARLY: u64 = 25;

/// Where a store lives between two cuts.
struct Place {
    home: PathBuf,
    options: Options,
    /// Whether its index may be held in memory.
    in_memory: bool,
    _held: Box<dyn Any>,
}

/// What was found over several cuts.
#[derive(Debug, Default)]
struct Seen {
    cuts: u64,
    kills: u64,
    acknowledged: u64,
    torn: u64,
    rebuilt: u64,
    in_opening: u64,
}

impl Seen {
    fn add(&mut self, other: &Self) {
        self.cuts += other.cuts;
        self.kills += other.kills;
        self.acknowledged += other.acknowledged;
        self.torn += other.torn;
        self.rebuilt += other.rebuilt;
        self.in_opening += other.in_opening;
    }
}

/// Ends a life so often, mostly by a power cut, each time on what the end before had left.
fn survive(seed: u64, ends: u64, put: &dyn Fn(Drive) -> Place) -> Seen {
    let (mut volume, mut dice) = (Volume::new(), Dice(seed));
    let kept: Vec<AtomicU64> = (0..THREADS).map(|_| AtomicU64::new(0)).collect();
    let mut seen = Seen::default();
    for number in 0..=ends {
        let what = format!("seed {seed}, after {number} ends");
        let at = if dice.roll(4) == 0 { EARLY } else { LATE };
        // The last life is only looked at.
        let at = if number == ends { u64::MAX } else { dice.roll(at) + 1 };
        let end = if dice.roll(4) == 0 { End::Kill } else { End::PowerCut };
        let drive = Drive::new(volume.clone(), at, end, dice.roll(u64::from(u32::MAX)));
        let place = put(drive.clone());
        let (store, report) =
            Store::open(&place.home, key(), place.options.clone()).unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!(report.damaged, vec![], "{what}");
        seen.torn += u64::from(report.torn_tail.is_some());
        match &report.index {
            IndexState::Current => {}
            IndexState::Rebuilt { .. } => seen.rebuilt += 1,
            IndexState::InMemory { why } => assert!(place.in_memory, "{what}: {why}"),
        }
        seen.in_opening += u64::from(drive.is_cut());
        for family in 0..THREADS {
            check(&store, Family(family), &kept[usize::from(family)], &drive, &what);
        }
        if number < ends {
            std::thread::scope(|scope| {
                if dice.roll(2) == 0 {
                    scope.spawn(|| store.compact_blocking().unwrap());
                }
                for family in 0..THREADS {
                    let (store, kept, drive) = (&store, &kept[usize::from(family)], &drive);
                    scope.spawn(move || write_on(store, Family(family), kept, drive));
                }
            });
            seen.cuts += u64::from(end == End::PowerCut);
            seen.kills += u64::from(end == End::Kill);
        }
        drop((store, place));
        volume = drive.after_cut().unwrap_or(volume);
    }
    seen.acknowledged = kept.iter().map(|one| one.load(Ordering::SeqCst)).sum();
    seen
}

/// Exactly the last documents are there, the newest being the last acknowledged one or the one that was under way. What is
/// found once stays.
fn check(store: &Store, family: Family, kept: &AtomicU64, drive: &Drive, what: &str) {
    let found: Vec<u64> = store.scan(family, b"").unwrap().map(|pair| number(&pair.unwrap().0)).collect();
    let (newest, kept_before) = (found.last().copied().unwrap_or(0), kept.load(Ordering::SeqCst));
    assert!(
        newest == kept_before || newest == kept_before + 1,
        "{what}: {family:?}: acknowledged {kept_before}, found {newest}"
    );
    let expected: Vec<u64> = (newest.saturating_sub(LIVE) + 1..=newest).collect();
    assert_eq!(found, expected, "{what}: {family:?}");
    if !drive.is_cut() {
        kept.store(newest, Ordering::SeqCst);
    }
}

fn write_on(store: &Store, family: Family, kept: &AtomicU64, drive: &Drive) {
    let last = store.scan(family, b"").unwrap().last().map_or(0, |pair| number(&pair.unwrap().0));
    for next in last + 1.. {
        if drive.is_cut() {
            return;
        }
        let mut changes = vec![keep(family, next.to_be_bytes(), vec![next as u8; 50 + next as usize % 350])];
        if next > LIVE {
            changes.push(remove(family, (next - LIVE).to_be_bytes()));
        }
        store.commit_blocking(changes).unwrap();
        if !drive.is_cut() {
            kept.store(next, Ordering::SeqCst);
        }
    }
}

fn number(key: &[u8]) -> u64 {
    u64::from_be_bytes(key.try_into().unwrap())
}

fn options() -> Options {
    Options { segment_bytes: 40 << 10, compact_by_itself: true, ..small() }
}

/// The journal alone, on any system: something lies where the index would be, which is held in memory for that.
#[test]
fn cuts_under_the_journal() {
    let lives = times("BESPEAK_STORE_JOURNAL_CUTS", 120).div_ceil(6);
    let mut seen = Seen::default();
    for seed in 0..lives {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("index"), b"in the way").unwrap();
        seen.add(&survive(seed, 6, &|drive| {
            let options = Options { disk: std::sync::Arc::new(drive), ..options() };
            Place { home: home.path().to_owned(), options, in_memory: true, _held: Box::new(()) }
        }));
    }
    println!("{seen:?}");
    assert!(seen.torn > seen.cuts / 10, "the cuts did not reach what they should: {seen:?}");
}

/// The whole home on a mounted file system, sled's files too.
#[cfg(target_os = "linux")]
#[test]
fn cuts_under_the_whole_store() {
    let probe = tempfile::tempdir().unwrap();
    if let Err(error) =
        crate::volume::fuse::mount(Drive::new(Volume::new(), u64::MAX, End::Kill, 0), probe.path())
    {
        crate::common::not_run(&format!(
            "power cuts under the whole store: no file system can be mounted: {error}"
        ));
        return;
    }
    let lives = times("BESPEAK_STORE_CUTS", 90).div_ceil(6);
    let mut seen = Seen::default();
    for seed in 0..lives {
        let at = tempfile::tempdir().unwrap();
        seen.add(&survive(seed, 6, &|drive| {
            let session = crate::volume::fuse::mount(drive, at.path()).unwrap();
            let home = at.path().join("homes/home");
            Place { home, options: options(), in_memory: false, _held: Box::new(session) }
        }));
    }
    println!("{seen:?}");
    assert!(seen.torn > 0 && seen.rebuilt > 0, "the cuts did not reach what they should: {seen:?}");
}

#[cfg(not(target_os = "linux"))]
#[test]
fn cuts_under_the_whole_store() {
    crate::common::not_run("power cuts under the whole store: its file system is mounted on Linux only");
}
