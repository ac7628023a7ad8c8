//! Real programs under load, killed at random moments: what was acknowledged is there, and nothing is there twice.
//!
//! A relay, a vendor and a customer run as processes of their own. Actors (`load.rs`) cast intentions, offer, order, pay,
//! fulfil, talk, import goods and keep personal data through the local API, each request under an `Idempotency-Key`; one
//! that got no answer is sent again under its key until it gets one. Meanwhile one of the programs is killed with
//! `SIGKILL` and started again, and everything it shows is held against the ledger (`ledger.rs`) of what was asked and
//! what was acknowledged. `kill -9` is no power cut: what the disk was told to keep, the system keeps.

mod ledger;
mod load;
pub mod programs;
mod snapshot;
mod world;

use std::{
    fmt,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    dice::Dice,
    figures::{Durations, milliseconds},
};
pub(crate) use ledger::Ledger;
use load::Load;
pub(crate) use load::{Clients, trade};
use world::{Who, World};

/// Kills before everybody begins anew with empty homes. Source: wild guess; lists would grow for ever, and a check
/// reads all of them.
const KILLS_OF_ONE_WORLD: u32 = 100;
/// Longest time under load before a kill, in milliseconds. Source: wild guess; some ten requests are answered in it.
const LIFE: u64 = 600;
/// Longest time from the start of a program to its kill, where that is what is tried, in milliseconds. Source: about as
/// long as a start takes.
const INFANCY: u64 = 150;
/// One in so many kills hits a program that is just starting. Source: wild guess.
const INFANTS: u64 = 5;
/// How long is waited for what was begun to end, once nobody is killed any more. Source: nodes try peers that were away
/// again after up to a minute; twice that, and some more.
const SETTLING: Duration = Duration::from_secs(180);

/// What is tried.
#[derive(Clone, Debug)]
pub struct Options {
    /// How often a program is killed.
    pub kills: u32,
    /// The choices follow from it.
    pub seed: u64,
    /// The folder of the programs `bespeak` and `bespeak-relay`.
    pub programs: PathBuf,
}

/// Why nothing could be tried.
#[derive(Debug, thiserror::Error)]
pub enum TortureError {
    /// A program or a folder cannot be set up, or the API gives an answer that cannot be understood.
    #[error("{0}")]
    SetUp(String),
}

impl TortureError {
    pub(crate) fn set_up(error: impl fmt::Display) -> Self {
        Self::SetUp(error.to_string())
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Tally {
    /// How often a program was killed.
    pub kills: u32,
    /// Requests that were answered with success.
    pub acknowledged: usize,
    /// Of those, how many were sent more than once before.
    pub repeated: usize,
    /// Orders that went all the way to a receipt.
    pub completed: usize,
    /// What was acknowledged and is not there, or never arrived.
    pub lost: Vec<String>,
    /// What one request did more than once, or although it was refused.
    pub twice: Vec<String>,
    /// Starts that failed, or found damage.
    pub failed_starts: Vec<String>,
    /// How long the starts took.
    pub starts: Durations,
    /// The seed, to repeat the choices.
    pub seed: u64,
}

impl Tally {
    /// Whether nothing was lost, nothing was done twice and every start succeeded.
    pub fn is_clean(&self) -> bool {
        self.lost.is_empty() && self.twice.is_empty() && self.failed_starts.is_empty()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, acknowledged, repeated, completed, lost, twice, failed_starts, starts, seed } =
            self;
        for (name, all) in [("lost", lost), ("twice", twice), ("failed start", failed_starts)] {
            for one in all {
                writeln!(f, "{name}: {one}")?;
            }
        }
        writeln!(
            f,
            "| kills | acknowledged | of those repeated | deals completed | lost | twice | failed starts | median start, ms | seed |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|")?;
        write!(
            f,
            "| {kills} | {acknowledged} | {repeated} | {completed} | {} | {} | {} | {} | {seed} |",
            lost.len(),
            twice.len(),
            failed_starts.len(),
            milliseconds(starts.percentile(50)),
        )
    }
}

/// Kills so many times, and says what came of it.
///
/// # Errors
/// When the programs cannot be run at all.
pub async fn run(options: &Options) -> Result<Tally, TortureError> {
    let mut tally = Tally {
        kills: 0,
        acknowledged: 0,
        repeated: 0,
        completed: 0,
        lost: Vec::new(),
        twice: Vec::new(),
        failed_starts: Vec::new(),
        starts: Durations::new(Vec::new()),
        seed: options.seed,
    };
    let mut starts = Vec::new();
    while tally.kills < options.kills {
        let kills = KILLS_OF_ONE_WORLD.min(options.kills - tally.kills);
        one_world(options, kills, &mut tally, &mut starts).await?;
    }
    tally.starts = Durations::new(starts);
    Ok(tally)
}

async fn one_world(
    options: &Options,
    kills: u32,
    tally: &mut Tally,
    starts: &mut Vec<Duration>,
) -> Result<(), TortureError> {
    let seed = options.seed.wrapping_add(u64::from(tally.kills) << 32);
    let mut dice = Dice::of(seed, 0);
    let mut world = World::new(&options.programs).await?;
    let ledger = Arc::new(Ledger::default());
    let load = Load::start(&world, &ledger, seed);
    for _ in 0..kills {
        tokio::time::sleep(dice.moment(LIFE)).await;
        let who = Who::any(&mut dice);
        let again = if dice.below(INFANTS) == 0 { vec![dice.moment(INFANCY)] } else { Vec::new() };
        match world.kill_and_start(who, &again).await {
            Ok(took) => starts.push(took),
            Err(why) => {
                tally.failed_starts.push(why);
                break;
            }
        }
        tally.kills += 1;
        check(&world, who, &ledger, tally).await?;
    }
    if tally.failed_starts.is_empty() {
        let unfinished = load.finish(Instant::now() + SETTLING).await;
        tally.lost.extend(unfinished);
        for who in [Who::Vendor, Who::Customer] {
            check(&world, who, &ledger, tally).await?;
        }
        tally.lost.extend(snapshot::unequal(&world, Instant::now() + SETTLING).await?);
    } else {
        tally.kills = options.kills;
    }
    tally.acknowledged += ledger.acknowledged();
    tally.repeated += ledger.repeated();
    tally.completed += ledger.completed();
    world.end().await;
    Ok(())
}

/// Holds what a program shows against what it was asked and has acknowledged.
async fn check(world: &World, who: Who, ledger: &Ledger, tally: &mut Tally) -> Result<(), TortureError> {
    if who == Who::Relay {
        return Ok(());
    }
    // Looked up before anything is read: what is acknowledged meanwhile may be shown or not.
    let expected = ledger.of(who);
    let shown = snapshot::Snapshot::take(world.client(who), who, &expected).await?;
    tally.failed_starts.extend(shown.damage());
    tally.twice.extend(shown.doubled_receipts());
    for entry in expected {
        match shown.count(&entry.effect) {
            0 if entry.acknowledged && ledger.blame(&entry) => tally.lost.push(format!("{who:?}: {entry}")),
            1 if entry.refused && ledger.blame(&entry) => tally.twice.push(format!("{who:?}: {entry}")),
            2.. if ledger.blame(&entry) => tally.twice.push(format!("{who:?}: {entry}")),
            _ => {}
        }
    }
    Ok(())
}
