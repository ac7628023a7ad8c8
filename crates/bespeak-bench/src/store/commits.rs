//! Commits, one by one and many at once.

use std::{
    fs::File,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use bespeak_store::{Change, Family, Options, Store, StoreKey};
use tokio::task::JoinSet;

use crate::{delivery::MeasureError, figures::Durations};

/// Bytes of a document. Source: a plain intention, and an envelope of sealed mail.
pub const SIZES: [usize; 2] = [600, 4096];
/// How many tasks commit at once, and how many documents each commit holds.
pub const GROUPS: [(usize, usize); 3] = [(16, 1), (512, 1), (16, 100)];

const NOTES: Family = Family(1);
/// Commits of one size. Source: wild guess; enough for a 99th percentile.
const COMMITS: usize = 1_000;
/// Of which so many are not counted: files grow their first blocks.
const WARM: usize = 50;
/// How long commits are counted. Source: wild guess.
const WHILE: Duration = Duration::from_secs(3);
const DOCUMENT: usize = 600;

/// Ours and the floor, of one run.
#[derive(Debug)]
pub struct Beside {
    /// [`Store::commit`], until it says that the document is durable.
    pub ours: Durations,
    /// `write` and `fdatasync` at the end of a file.
    pub bare: Durations,
}

fn open(folder: &Path) -> Result<(tempfile::TempDir, Store), MeasureError> {
    let home = tempfile::tempdir_in(folder).map_err(MeasureError::set_up)?;
    let opened = Store::open(home.path(), StoreKey::from_bytes([7; 32]), Options::default());
    let (store, _) = opened.map_err(MeasureError::set_up)?;
    Ok((home, store))
}

fn document(number: usize, bytes: usize) -> Change {
    Change::Keep { family: NOTES, key: number.to_be_bytes().to_vec(), body: vec![number as u8; bytes] }
}

/// Commits documents of so many bytes one after the other, each followed by a bare write of as many as the commit wrote.
///
/// # Errors
/// When the disk refuses.
pub fn one_by_one(folder: &Path, bytes: usize) -> Result<Beside, MeasureError> {
    let (home, store) = open(folder)?;
    let mut file = File::create(home.path().join("bare")).map_err(MeasureError::set_up)?;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    let mut before = store.report().bytes;
    for number in 0..COMMITS {
        let change = document(number, bytes);
        let begun = Instant::now();
        store.commit_blocking(vec![change]).map_err(MeasureError::set_up)?;
        let took = begun.elapsed();
        let after = store.report().bytes;
        let same = vec![number as u8; usize::try_from(after - before).unwrap_or(bytes)];
        before = after;
        let begun = Instant::now();
        file.write_all(&same).and_then(|()| file.sync_data()).map_err(MeasureError::set_up)?;
        if number >= WARM {
            ours.push(took);
            bare.push(begun.elapsed());
        }
    }
    Ok(Beside { ours: Durations::new(ours), bare: Durations::new(bare) })
}

/// Documents a second, when so many tasks commit at once.
///
/// # Errors
/// When the disk refuses.
pub async fn together(folder: &Path, tasks: usize, each: usize) -> Result<f64, MeasureError> {
    let (_home, store) = open(folder)?;
    let begun = Instant::now();
    let mut working = JoinSet::new();
    for task in 0..tasks {
        let store = store.clone();
        working.spawn(async move {
            let mut kept = 0;
            while begun.elapsed() < WHILE {
                let first = (kept * tasks + task) * each;
                let changes = (first..first + each).map(|number| document(number, DOCUMENT)).collect();
                store.commit(changes).await.map_err(MeasureError::set_up)?;
                kept += 1;
            }
            Ok::<_, MeasureError>(kept * each)
        });
    }
    let mut kept = 0;
    while let Some(ended) = working.join_next().await {
        kept += ended.map_err(MeasureError::set_up)??;
    }
    Ok(kept as f64 / begun.elapsed().as_secs_f64())
}
