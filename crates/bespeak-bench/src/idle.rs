//! A relay with many clients that do nothing: what each costs it in memory, and what all cost it in time.

pub mod clients;

use std::{path::PathBuf, time::Duration};

use crate::{
    delivery::MeasureError,
    figures::mebibytes,
    process::{memory_of_process, open_files, work_of_process},
    relay::RelayProcess,
};
use clients::{Clients, Stand};

/// Files that this program and the relay need besides one for each client. Source: wild guess.
const OTHER_FILES: u64 = 256;
/// How long is waited after the last client came, so that what its coming cost is over. Source: wild guess; some
/// heartbeats.
const SETTLING: Duration = Duration::from_secs(5);

/// What is tried.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many clients there are.
    pub clients: usize,
    /// How long they do nothing.
    pub rest: Duration,
    /// Whether they follow the market's topics too, as customers do.
    pub follow: bool,
    /// The folder of the programs.
    pub programs: PathBuf,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Told {
    /// How the clients stood at the end.
    pub stand: Stand,
    /// Memory of the relay without clients, in bytes.
    pub alone: u64,
    /// With all of them, before and after they did nothing.
    pub full: [u64; 2],
    /// How long the relay was at work while they did nothing.
    pub work: Duration,
    /// How long that was.
    pub rest: Duration,
}

/// Measures it.
///
/// # Errors
/// When something cannot be set up.
pub async fn measure(options: &Options) -> Result<Told, MeasureError> {
    open_files(options.clients as u64 + OTHER_FILES).map_err(MeasureError::set_up)?;
    let limits = format!("reservations = {}", options.clients);
    let relay = RelayProcess::start(&options.programs, &limits, &[]).await?;
    let memory = || memory_of_process(relay.id).map(|memory| memory.resident).map_err(MeasureError::set_up);
    let work = || work_of_process(relay.id).map_err(MeasureError::set_up);
    let alone = memory()?;
    let clients = Clients::connect(&relay.address, options.clients, options.follow).await?;
    tokio::time::sleep(SETTLING).await;
    let (before, worked) = (memory()?, work()?);
    // The time that is measured.
    tokio::time::sleep(options.rest).await;
    let (work, full) = (work()?.saturating_sub(worked), [before, memory()?]);
    let stand = clients.stand();
    relay.end().await;
    Ok(Told { stand, alone, full, work, rest: options.rest })
}

/// Measures it and prints it as a table.
///
/// # Errors
/// When something cannot be set up.
pub async fn run(options: &Options) -> Result<String, MeasureError> {
    let Told { stand, alone, full: [before, after], work, rest } = measure(options).await?;
    let each = after.saturating_sub(alone) as f64 / 1024.0 / stand.connected.max(1) as f64;
    let share = 100.0 * work.as_secs_f64() / rest.as_secs_f64().max(f64::EPSILON);
    let follow = if options.follow { "follow all topics and " } else { "" };
    Ok(format!(
        "{} clients of one relay, which {follow}do nothing for {} s\n\n\
         | connected | reservations accepted | refused | gone | relay alone, MiB | with them, MiB | {} s later, MiB | \
         KiB a client | at work, s | of one core, % |\n|---|---|---|---|---|---|---|---|---|---|\n\
         | {} | {} | {} | {} | {} | {} | {} | {each:.1} | {:.2} | {share:.2} |",
        options.clients,
        rest.as_secs(),
        rest.as_secs(),
        stand.connected,
        stand.reserved,
        stand.refused,
        stand.gone,
        mebibytes(alone),
        mebibytes(before),
        mebibytes(after),
        work.as_secs_f64()
    ))
}
