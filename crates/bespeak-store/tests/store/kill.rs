//! A process of its own writes and is killed: what it said was kept is there, whole commits at a time.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use bespeak_store::{Family, Options, Store};

use crate::common::{keep, key, remove, small};

const HOME: &str = "BESPEAK_STORE_TEST_HOME";
/// How many documents of each family are live: each commit keeps one and removes the one this many before.
const LIVE: u64 = 50;
const THREADS: u8 = 4;

fn options() -> Options {
    Options { compact_by_itself: true, ..small() }
}

/// Not a test by itself: what the killed process does. It ends at once unless it was started for that.
#[test]
fn writer() {
    let Ok(home) = std::env::var(HOME) else { return };
    let (store, report) = Store::open(Path::new(&home), key(), options()).unwrap();
    assert_eq!(report.damaged, vec![]);
    std::thread::scope(|scope| {
        for family in 0..THREADS {
            let store = &store;
            scope.spawn(move || write_on(store, Family(family)));
        }
    });
}

fn write_on(store: &Store, family: Family) {
    let last = store.scan(family, b"").unwrap().last().map_or(0, |pair| number(&pair.unwrap().0));
    for next in last + 1.. {
        let mut changes = vec![keep(family, next.to_be_bytes(), vec![next as u8; 100 + next as usize % 300])];
        if next > LIVE {
            changes.push(remove(family, (next - LIVE).to_be_bytes()));
        }
        store.commit_blocking(changes).unwrap();
        // One write, so that lines are not mixed.
        std::io::stdout().write_all(format!("kept {} {next}\n", family.0).as_bytes()).unwrap();
    }
}

fn number(key: &[u8]) -> u64 {
    u64::from_be_bytes(key.try_into().unwrap())
}

#[test]
fn killed_while_writing() {
    let kills = std::env::var("BESPEAK_STORE_KILLS").ok().and_then(|t| t.parse().ok()).unwrap_or(12u64);
    let home = tempfile::tempdir().unwrap();
    let kept: Vec<AtomicU64> = (0..THREADS).map(|_| AtomicU64::new(0)).collect();
    for kill in 0..kills {
        write_and_kill(home.path(), 40 + kill * 37 % 400, &kept);
        let (store, report) = Store::open(home.path(), key(), options()).unwrap();
        assert_eq!(report.damaged, vec![], "kill {kill}");
        for family in 0..THREADS {
            check(&store, Family(family), kept[usize::from(family)].load(Ordering::SeqCst), kill);
        }
    }
}

/// Lets a writer keep about `count` documents, and kills it.
fn write_and_kill(home: &Path, count: u64, kept: &[AtomicU64]) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::writer", "--nocapture", "--test-threads", "1"])
        .env(HOME, home)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let (mut line, mut seen) = (String::new(), 0);
    let mut killed = false;
    // What it still said before it died counts too; the last line may be half written.
    while lines.read_line(&mut line).unwrap() > 0 {
        if let Some((family, number)) =
            line.strip_suffix('\n').and_then(|l| l.strip_prefix("kept ")).and_then(|l| l.split_once(' '))
        {
            kept[family.parse::<usize>().unwrap()].store(number.parse().unwrap(), Ordering::SeqCst);
            seen += 1;
        }
        if seen == count && !killed {
            child.kill().unwrap();
            killed = true;
        }
        line.clear();
    }
    let status = child.wait().unwrap();
    assert!(killed, "the writer ended by itself: {status}");
}

/// Exactly the last documents are there, the newest being the last acknowledged one or the one under way.
fn check(store: &Store, family: Family, kept: u64, kill: u64) {
    let found: Vec<u64> = store.scan(family, b"").unwrap().map(|pair| number(&pair.unwrap().0)).collect();
    let newest = found.last().copied().unwrap_or(0);
    assert!(newest == kept || newest == kept + 1, "kill {kill}: acknowledged {kept}, found {newest}");
    let expected: Vec<u64> = (newest.saturating_sub(LIVE) + 1..=newest).collect();
    assert_eq!(found, expected, "kill {kill}");
}
