//! The start of a vendor's node that keeps a great many live intentions: time, and memory of the process.

use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use bespeak_agent::{Agent, output::Publication};
use bespeak_identity::Seed;
use bespeak_model::{category::Slug, network::Network, time::Time};
use bespeak_net::{MarketIdentity, Net, NetConfig};
use bespeak_node::{Home, InitOptions, Node, NodeOptions, Protection, Role, Unlock, home};
use serde::{Deserialize, Serialize};

use crate::{
    delivery::MeasureError,
    market::{LISTEN, NETWORK, announce},
};

/// Intentions told by one peer: what a node takes of one at once (`PEER_RATE`), less some.
const OF_ONE_PEER: usize = 9_000;
/// Intentions told before the next are: a full queue loses what it has no room for, and this is far from full.
const AT_ONCE: usize = 200;
/// How often is looked whether they are heard. Source: wild guess.
const BREATH: Duration = Duration::from_millis(5);
/// How long the vendor may hear nothing new before the measurement is given up. Source: far above what it needs.
const STALLED: Duration = Duration::from_secs(30);

/// A process that opened a home.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Begun {
    /// From the call until it is done.
    pub seconds: f64,
    /// What it found.
    pub records: u64,
    /// Physical memory of the process then, in bytes.
    pub resident: u64,
    /// The most it had at any moment, in bytes.
    pub most: u64,
}

/// Makes a vendor's home that keeps so many live intentions, and opens it in new processes: as it was left, and without
/// its index.
///
/// # Errors
/// When something cannot be set up, or not everything is found.
pub async fn measure(folder: &Path, records: usize) -> Result<Vec<(&'static str, Begun)>, MeasureError> {
    let place = tempfile::tempdir_in(folder).map_err(MeasureError::set_up)?;
    let path = place.path().join("vendor");
    fill(&path, records).await?;
    let mut all = Vec::new();
    for name in ["as it was left", "again", "index made anew"] {
        if name == "index made anew" {
            std::fs::remove_dir_all(path.join("index")).map_err(MeasureError::set_up)?;
        }
        let begun = in_a_process(&path).await?;
        if begun.records != records as u64 {
            let found = begun.records;
            return Err(MeasureError::SetUp(format!(
                "{found} of {records} intentions are found after a start"
            )));
        }
        all.push((name, begun));
    }
    Ok(all)
}

/// Starts a node in a home and measures; for a process that does nothing else.
///
/// # Errors
/// When it does not start.
pub async fn open(path: &Path) -> Result<Begun, MeasureError> {
    let begun = Instant::now();
    let node = start(path).await?;
    // The first answer: until then it is being put together.
    let live = node.status().await.intentions_live;
    let seconds = begun.elapsed().as_secs_f64();
    let memory = crate::process::memory().map_err(MeasureError::set_up)?;
    node.shutdown().await;
    Ok(Begun { seconds, records: live as u64, resident: memory.resident, most: memory.most })
}

async fn in_a_process(path: &Path) -> Result<Begun, MeasureError> {
    let program = std::env::current_exe().map_err(MeasureError::set_up)?;
    let mut command = tokio::process::Command::new(program);
    command.arg("open-home").arg(path).stderr(Stdio::inherit());
    let output = command.output().await.map_err(MeasureError::set_up)?;
    serde_json::from_slice(&output.stdout).map_err(MeasureError::set_up)
}

async fn start(path: &Path) -> Result<Node, MeasureError> {
    let home = Home::open(path, &Unlock::Open).map_err(MeasureError::set_up)?;
    let options =
        NodeOptions { listen: vec![LISTEN.to_owned()], peers: Vec::new(), ..NodeOptions::default() };
    Node::start(home, options).await.map_err(MeasureError::set_up)
}

async fn fill(path: &Path, records: usize) -> Result<(), MeasureError> {
    let options = InitOptions {
        role: Role::Vendor,
        name: Some("Vendor".parse().map_err(MeasureError::set_up)?),
        network: NETWORK.parse().map_err(MeasureError::set_up)?,
    };
    home::init(path, &options, &Protection::Open).map_err(MeasureError::set_up)?;
    let node = start(path).await?;
    let told = tell(&node, records).await;
    node.shutdown().await;
    told
}

/// Peers come one after the other, each with as many intentions as one may tell, and stay until they are heard.
async fn tell(node: &Node, records: usize) -> Result<(), MeasureError> {
    let mut done = 0;
    while done < records {
        let many = OF_ONE_PEER.min(records - done);
        let said = intentions(done, many)?;
        let mut config = NetConfig::new(MarketIdentity::Fresh, NETWORK);
        config.peers = node.status().await.listen;
        config.topics = said.first().map(|one| one.topic.clone()).into_iter().collect();
        let (net, mut events) = Net::start(config).await.map_err(MeasureError::set_up)?;
        // Nothing of what others say matters here; unread, it would be let go in the end.
        let deaf = tokio::spawn(async move { while events.recv().await.is_some() {} });
        for said in said.chunks(AT_ONCE) {
            publish(&net, said).await?;
            done += said.len();
            heard(node, done).await?;
        }
        net.shutdown().await;
        deaf.abort();
    }
    Ok(())
}

async fn publish(net: &Net, said: &[Publication]) -> Result<(), MeasureError> {
    for Publication { topic, bytes, .. } in said {
        net.publish(topic, bytes).await.map_err(MeasureError::set_up)?;
    }
    Ok(())
}

/// Waits until the node has so many.
async fn heard(node: &Node, many: usize) -> Result<(), MeasureError> {
    let (mut last, mut since) = (0, Instant::now());
    loop {
        let now = node.status().await.intentions_live;
        if now >= many {
            return Ok(());
        }
        if now > last {
            (last, since) = (now, Instant::now());
        }
        if since.elapsed() > STALLED {
            return Err(MeasureError::Lost { arrived: now, expected: many, seconds: STALLED.as_secs() });
        }
        tokio::time::sleep(BREATH).await;
    }
}

/// Intentions as customers cast them, from the pure machine: nothing is kept.
fn intentions(first: usize, many: usize) -> Result<Vec<Publication>, MeasureError> {
    let network: Network = NETWORK.parse().map_err(MeasureError::set_up)?;
    let mut seed = [1; 32];
    seed[..8].copy_from_slice(&first.to_be_bytes());
    let mut customer = Agent::customer(Seed::from_entropy(seed), network, seed);
    let now = Time::from_unix(unix_now()).map_err(MeasureError::set_up)?;
    let mut said = Vec::with_capacity(many);
    for number in first..first + many {
        let title = format!("folding e-bike under 25 kg, number {number}");
        let category = Slug::new("vehicles.bicycles").map_err(MeasureError::set_up)?;
        said.extend(announce(&mut customer, &title, category, now)?);
    }
    Ok(said)
}

fn unix_now() -> u64 {
    std::time::UNIX_EPOCH.elapsed().map(|passed| passed.as_secs()).unwrap_or_default()
}
