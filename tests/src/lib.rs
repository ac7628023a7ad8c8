//! What several tests of the whole house need: waiting for conditions, starting nodes, casting intentions.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

use std::{
    future::Future,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bespeak_identity::RecordId;
use bespeak_model::intention::Intention;
use bespeak_node::{
    Home, InitOptions, Node, NodeOptions, Protection, Relay, RelayOptions, Role, Unlock,
    command::{Command, CustomerCommand, Reply, Wish},
    home,
};

/// How long anything may take before a test gives up. Source: wild guess; builds share the machine with tests.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// Pause between two looks at what is waited for. Source: wild guess; a person would not see the difference.
const GLANCE: Duration = Duration::from_millis(20);
/// Where everybody listens: on loopback, on a port that the system chooses.
pub const LISTEN: &str = "/ip4/127.0.0.1/tcp/0";

/// Asks again and again until there is an answer.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(GLANCE).await;
    }
}

/// Looks again and again, without a runtime, until something is there.
pub fn wait_for<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, GLANCE, look).unwrap_or_else(|| panic!("waited in vain for {what}"))
}

/// The same for so long at most, with such a pause between two looks; nothing when time is up.
pub fn within<T>(patience: Duration, glance: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        let found = look();
        if found.is_some() || start.elapsed() > patience {
            return found;
        }
        std::thread::sleep(glance);
    }
}

/// Starts a relay with a new home.
pub async fn start_relay(home: PathBuf, network: &str) -> Relay {
    let network = Some(network.parse().unwrap());
    let listen = vec![LISTEN.to_owned()];
    Relay::start(RelayOptions { network, listen, ..RelayOptions::new(home) }).await.unwrap()
}

/// Starts a node with a new home. A customer without a peer may be seen: she has no relay to be behind.
pub async fn start_node(
    path: &Path,
    role: Role,
    name: Option<&str>,
    network: &str,
    peers: &[String],
) -> Node {
    start_as(path, role, name, network, peers, peers.is_empty()).await
}

/// The same; says also whether vendors may see a customer.
pub async fn start_as(
    path: &Path,
    role: Role,
    name: Option<&str>,
    network: &str,
    peers: &[String],
    reveal: bool,
) -> Node {
    let name = name.map(|name| name.parse().unwrap());
    let made = InitOptions { role, name, network: network.parse().unwrap() };
    home::init(path, &made, &Protection::Open).unwrap();
    let (listen, peers) = (vec![LISTEN.to_owned()], peers.to_vec());
    let options = NodeOptions { listen, peers, reveal, ..NodeOptions::default() };
    Node::start(Home::open(path, &Unlock::Open).unwrap(), options).await.unwrap()
}

/// Casts an intention for one of something.
pub async fn cast(customer: &Node, title: &str, category: &str) -> RecordId<Intention> {
    let placement = customer.placement().await.unwrap();
    let wish = Wish::new(title.parse().unwrap(), category.parse().unwrap(), placement);
    match customer.command(Command::Customer(CustomerCommand::Want(Box::new(wish)))).await {
        Ok(Reply::Cast(intention)) => intention,
        other => panic!("{title} is not cast: {other:?}"),
    }
}
