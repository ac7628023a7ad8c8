//! A customer's node at rest, with one intention that waits for offers at one relay: bytes, work and memory, and a bare
//! libp2p node with all the behaviours beside it.

pub mod bare;
pub mod proxy;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bespeak_api::client::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    delivery::MeasureError,
    figures::mebibytes,
    market::{GLANCE, LISTEN, NETWORK, PATIENCE},
    process::{memory_of_process, work_of_process},
    program::{Call, Process, init},
    relay::RelayProcess,
};
use proxy::{Counted, Proxy};

/// Those who rest at the relay at most: ours, and the bare one.
const NODES: usize = 2;
/// How long is waited before anything is counted. Source: wild guess; the handshakes, the first mail, the first beats.
const SETTLING: Duration = Duration::from_secs(20);
/// Bytes of the headers of IPv4 and TCP with its time stamps in one packet. Source: RFC 791, 9293, 7323.
const HEADERS: u64 = 52;
const HOUR: f64 = 3600.0;

/// What a process took in a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// What it sent and was sent, over all its connections.
    pub counted: Counted,
    /// How long it was at work.
    pub work: Duration,
    /// Its memory at the end, in bytes.
    pub resident: u64,
    /// How long it was looked at.
    pub time: Duration,
}

/// A program that rests, and the proxy by which it reaches its relay.
struct Resting {
    process: Process,
    proxy: Proxy,
    _home: TempDir,
}

/// What is measured.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of the programs.
    pub programs: PathBuf,
    /// This program, for the bare node beside ours; without it ours is alone.
    pub bare: Option<PathBuf>,
    /// How long is waited before anything is counted.
    pub settling: Duration,
    /// How long is counted.
    pub time: Duration,
}

impl Options {
    /// Both, with this program as it runs.
    ///
    /// # Errors
    /// When it is not known where it lies.
    pub fn new(programs: PathBuf, time: Duration) -> Result<Self, MeasureError> {
        let bare = std::env::current_exe().map_err(MeasureError::set_up)?;
        Ok(Self { programs, bare: Some(bare), settling: SETTLING, time })
    }
}

/// Measures a customer's node and, if it is wanted, a bare one, both for the same time.
///
/// # Errors
/// When something cannot be set up, or a node talks to anybody by another way than the one that is counted.
pub async fn measure(options: &Options) -> Result<(Rest, Option<Rest>), MeasureError> {
    let limits = format!("reservations = {NODES}");
    let relay = RelayProcess::start(&options.programs, &limits, &[]).await?;
    let bare = match &options.bare {
        Some(program) => Some(Resting::bare(program, &relay.address).await?),
        None => None,
    };
    let ours = Resting::customer(&options.programs, &relay.address).await?;
    tokio::time::sleep(options.settling).await;
    let look = || Ok::<_, MeasureError>((ours.look()?, bare.as_ref().map(Resting::look).transpose()?));
    let (begun, before) = (Instant::now(), look()?);
    // The time that is measured.
    tokio::time::sleep(options.time).await;
    let (time, after) = (begun.elapsed(), look()?);
    let doors: Vec<&Proxy> = std::iter::once(&ours).chain(&bare).map(|resting| &resting.proxy).collect();
    proxy::nobody_goes_round(&relay.address, &doors)?;
    let rest = |before: Look, after: Look| Rest {
        counted: after.counted.since(before.counted),
        work: after.work.saturating_sub(before.work),
        resident: after.resident,
        time,
    };
    let beside = before.1.zip(after.1).map(|(before, after)| rest(before, after));
    for resting in std::iter::once(ours).chain(bare) {
        resting.end().await;
    }
    relay.end().await;
    Ok((rest(before.0, after.0), beside))
}

/// Measures both and prints them as a table.
///
/// # Errors
/// As [`measure`].
pub async fn run(options: &Options) -> Result<String, MeasureError> {
    let (ours, bare) = measure(options).await?;
    let row = |name: &str, rest: &Rest| {
        let hours = rest.time.as_secs_f64() / HOUR;
        let Counted { sent, received, pieces } = rest.counted;
        // Each piece is a packet, and is acknowledged by another or by one that goes the other way anyway: at most two.
        let day = (sent + received + 2 * HEADERS * pieces) as f64 / hours * 24.0;
        format!(
            "| {name} | {:.0} | {:.0} | {:.2} | {:.3} | {:.3} | {} |\n",
            sent as f64 / hours,
            received as f64 / hours,
            day / 1e6,
            rest.work.as_secs_f64(),
            100.0 * rest.work.as_secs_f64() / rest.time.as_secs_f64(),
            mebibytes(rest.resident)
        )
    };
    Ok(format!(
        "at rest for {} s with one relay\n\n\
         | | bytes out an hour | bytes in an hour | MB a day at most, with headers | at work, s | of one core, % | MiB |\n\
         |---|---|---|---|---|---|---|\n{}{}",
        options.time.as_secs(),
        bare.map(|bare| row("bare libp2p, all behaviours", &bare)).unwrap_or_default(),
        row("customer's node, one intention waiting", &ours)
    ))
}

/// What a process has taken so far.
struct Look {
    counted: Counted,
    work: Duration,
    resident: u64,
}

impl Resting {
    fn look(&self) -> Result<Look, MeasureError> {
        let id = self.process.id().ok_or_else(|| MeasureError::SetUp("a program has ended".to_owned()))?;
        Ok(Look {
            counted: self.proxy.counted(),
            work: work_of_process(id).map_err(MeasureError::set_up)?,
            resident: memory_of_process(id).map_err(MeasureError::set_up)?.resident,
        })
    }

    async fn end(mut self) {
        // Its home is thrown away.
        let _ = self.process.kill().await;
    }

    async fn bare(program: &Path, relay: &str) -> Result<Self, MeasureError> {
        let proxy = Proxy::before(relay).await?;
        let folder = tempfile::tempdir().map_err(MeasureError::set_up)?;
        let arguments = vec!["bare-node".to_owned(), proxy.address().to_owned()];
        let call = Call { program: program.to_owned(), arguments, log: folder.path().join("bare.log") };
        let (process, _) = call.start().await.map_err(MeasureError::SetUp)?;
        Ok(Self { process, proxy, _home: folder })
    }

    async fn customer(programs: &Path, relay: &str) -> Result<Self, MeasureError> {
        let proxy = Proxy::before(relay).await?;
        let folder = tempfile::tempdir().map_err(MeasureError::set_up)?;
        let home = folder.path().join("customer");
        let made = init(programs, &home, &["--role", "customer", "--network", NETWORK]).await;
        made.map_err(MeasureError::SetUp)?;
        let words = ["--json", "run", "--listen", LISTEN, "--api", "127.0.0.1:0", "--relay", proxy.address()];
        let mut arguments = vec!["--home".to_owned(), home.display().to_string()];
        arguments.extend(words.iter().map(|word| (*word).to_owned()));
        let call =
            Call { program: programs.join("bespeak"), arguments, log: folder.path().join("customer.log") };
        let (process, _) = call.start().await.map_err(MeasureError::SetUp)?;
        want(&home).await?;
        Ok(Self { process, proxy, _home: folder })
    }
}

/// Casts an intention as soon as the relay holds mail for it.
async fn want(home: &Path) -> Result<(), MeasureError> {
    let client = Client::new(home);
    let lines = json!([{ "name": "Desk lamp", "quantity": "2x" }]);
    let wish = json!({ "title": "two desk lamps", "category": "furniture", "lines": lines });
    let begun = Instant::now();
    loop {
        match client.post_once::<Value>("/v1/intentions", "rest", &wish).await {
            Ok(_) => return Ok(()),
            Err(error) if begun.elapsed() > PATIENCE => return Err(MeasureError::set_up(error)),
            Err(_) => tokio::time::sleep(GLANCE).await,
        }
    }
}
