//! One bit turned, or an end cut off, in any file of a home that has lived: nothing panics, nothing is lost in silence.
//!
//! Two homes that traded with each other (`lived.rs`) are copied again and again, one file of the copy is damaged, and it
//! is opened as `bespeak run` opens it: the vault, the store, the agent, the API. What the node then shows is held against
//! what it showed before (`judge.rs`). Either opening is refused with a sentence that names the file or the folder, or the
//! node counts damage, or everything is there.

#[path = "../../bespeak-store/tests/store/hurt.rs"]
mod hurt;
mod judge;
mod lived;
mod panics;

use std::{collections::BTreeMap, fmt, fs::Permissions, os::unix::fs::PermissionsExt, path::Path};

use tempfile::TempDir;

use crate::dice::Dice;
use judge::{Judgement, Shown};
use lived::Lived;

/// One in so many files is cut, the others have a bit turned. Source: as in the test of a bare store.
const CUTS: u64 = 5;

/// One in so many homes is behind a passphrase, and has its vault damaged. Source: wild guess; trying a passphrase takes
/// a hundred times as long as all the rest.
const LOCKED: u32 = 20;

/// Why nothing could be tried.
#[derive(Debug, thiserror::Error)]
pub enum DamageError {
    /// No home could be made to live, or no copy of it.
    #[error("{0}")]
    SetUp(String),
}

impl DamageError {
    pub(crate) fn set_up(error: impl fmt::Display) -> Self {
        Self::SetUp(error.to_string())
    }
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How often something was damaged.
    pub flips: u32,
    /// Opening was refused with a sentence that names the file or the folder.
    pub refused: u32,
    /// Something is gone, and the node says so.
    pub named: u32,
    /// The index was damaged, and everything is there.
    pub index_rebuilt: u32,
    /// Everything else is there.
    pub harmless: u32,
    /// What is gone, or another than it was, without a word.
    pub silent: Vec<String>,
    /// Panics outside the boundary around the engine of the index.
    pub panics: Vec<String>,
    /// How many times which part of a home was damaged.
    pub parts: BTreeMap<String, u32>,
    /// The sentences of refusals, without the folder; a few of each kind.
    pub sentences: BTreeMap<String, u32>,
    /// The seed, to repeat the choices.
    pub seed: u64,
}

impl Tally {
    /// Whether nothing was silent and nothing panicked.
    pub fn is_clean(&self) -> bool {
        self.silent.is_empty() && self.panics.is_empty()
    }

    fn judged(&mut self, judgement: Judgement, part: &str, what: &str) {
        match judgement {
            Judgement::Refused(sentence) => {
                self.refused += 1;
                *self.sentences.entry(sentence).or_default() += 1;
            }
            Judgement::Named => self.named += 1,
            Judgement::Whole if part == "index" => self.index_rebuilt += 1,
            Judgement::Whole => self.harmless += 1,
            Judgement::Silent(why) => self.silent.push(format!("{what}: {why}")),
            Judgement::Panicked(why) => self.panics.push(format!("{what}: {why}")),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, all) in [("silent", &self.silent), ("panic", &self.panics)] {
            for one in all {
                writeln!(f, "{name}: {one}")?;
            }
        }
        for (sentence, times) in &self.sentences {
            writeln!(f, "refused {times} times: {sentence}")?;
        }
        for (part, times) in &self.parts {
            writeln!(f, "damaged {times} times: {part}")?;
        }
        let Self { flips, refused, named, index_rebuilt, harmless, silent, panics, seed, .. } = self;
        writeln!(
            f,
            "| flips | refused with a sentence | losses named | index damaged, nothing lost | harmless | silent | panics | seed |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        let (silent, panics) = (silent.len(), panics.len());
        write!(
            f,
            "| {flips} | {refused} | {named} | {index_rebuilt} | {harmless} | {silent} | {panics} | {seed} |"
        )
    }
}

/// Damages so many copies, and says what came of it. Panics of the whole process are counted meanwhile.
///
/// # Errors
/// When no home could be made to live.
pub async fn run(flips: u32, seed: u64) -> Result<Tally, DamageError> {
    let homes = lived::make(seed).await?;
    let locked = lived::lock(&homes[0]).await?;
    let counting = panics::Counting::start();
    let mut dice = Dice::of(seed, 0);
    let mut tally = Tally { seed, ..Tally::default() };
    for round in 0..flips {
        if round % LOCKED == LOCKED - 1 {
            one(&locked, Some("vault"), &mut dice, &counting, &mut tally).await?;
        } else {
            let home = &homes[round as usize % homes.len()];
            one(home, None, &mut dice, &counting, &mut tally).await?;
        }
        tally.flips += 1;
    }
    Ok(tally)
}

async fn one(
    home: &Lived,
    only: Option<&str>,
    dice: &mut Dice,
    counting: &panics::Counting,
    tally: &mut Tally,
) -> Result<(), DamageError> {
    let folder = copy_of(home)?;
    let (part, what) = hurt_one(folder.path(), only, dice).map_err(DamageError::set_up)?;
    *tally.parts.entry(part.clone()).or_default() += 1;
    let judgement = judge::judge(folder.path(), home, counting).await;
    tally.judged(judgement, &part, &what);
    Ok(())
}

/// A copy in a folder that others cannot look into, as the home is.
fn copy_of(home: &Lived) -> Result<TempDir, DamageError> {
    let folder = tempfile::tempdir().map_err(DamageError::set_up)?;
    hurt::copy(&home.path, folder.path()).map_err(DamageError::set_up)?;
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).map_err(DamageError::set_up)?;
    Ok(folder)
}

/// Damages one file; says in which part of the home, and what was done. Each part is hit as often as the others, however
/// few or small its files are.
fn hurt_one(home: &Path, only: Option<&str>, dice: &mut Dice) -> std::io::Result<(String, String)> {
    let mut parts: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for file in hurt::files(home)? {
        let within = file.strip_prefix(home).unwrap_or(&file);
        let part = within.iter().next().unwrap_or_default().to_string_lossy().into_owned();
        if std::fs::metadata(&file)?.len() > 0 && only.is_none_or(|only| only == part) {
            parts.entry(part).or_default().push(file);
        }
    }
    let parts: Vec<_> = parts.into_iter().collect();
    let (part, files) = &parts[dice.place(parts.len())];
    let file = &files[dice.place(files.len())];
    let cut = dice.below(CUTS) == 0;
    let what = hurt::hurt(file, cut, |sides| dice.below(sides))?;
    Ok((part.clone(), what))
}

/// What a node shows.
pub(crate) async fn shown(home: &Lived) -> Result<Shown, DamageError> {
    let folder = copy_of(home)?;
    judge::open(folder.path(), home).await.map_err(DamageError::set_up)
}
