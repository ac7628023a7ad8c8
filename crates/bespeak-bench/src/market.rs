//! A market of real nodes on loopback, each with a home of its own in one temporary folder.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use bespeak_agent::{
    Agent,
    command::{Command, CustomerCommand, Placement, Reply, Wish},
    output::{Input, Publication},
};
use bespeak_identity::RecordId;
use bespeak_model::{category::Slug, intention::Intention, time::Time};
use bespeak_node::{
    Home, InitOptions, Node, NodeOptions, Protection, Relay, RelayOptions, Role, Unlock, home,
};
use tempfile::TempDir;

use crate::delivery::MeasureError;

/// Where everybody listens: on loopback, on a port that the system chooses.
pub(crate) const LISTEN: &str = "/ip4/127.0.0.1/tcp/0";
/// The network that everybody is on.
pub(crate) const NETWORK: &str = "bench";
/// Where a customer without a node says that mail for her is left.
const HOST: &str = "/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";
/// How long is waited for anything. Source: far above what a loaded machine needs.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How often a condition is looked at while it is waited for. Source: wild guess; a person would not see the difference.
pub(crate) const GLANCE: Duration = Duration::from_millis(20);
/// Pause between two things said. Source: a person's node says no more; keeps queues out of the figures.
pub(crate) const PAUSE: Duration = Duration::from_millis(20);

/// A relay, and the nodes that know it.
pub struct Market {
    folder: TempDir,
    relay: Relay,
    nodes: Vec<Node>,
}

impl Market {
    /// Starts the relay.
    ///
    /// # Errors
    /// When there is no room for it.
    pub async fn open() -> Result<Self, MeasureError> {
        let folder = tempfile::tempdir().map_err(MeasureError::set_up)?;
        let options = RelayOptions {
            network: Some(NETWORK.parse().map_err(MeasureError::set_up)?),
            listen: vec![LISTEN.to_owned()],
            ..RelayOptions::new(folder.path().join("relay"))
        };
        let relay = Relay::start(options).await.map_err(MeasureError::set_up)?;
        Ok(Self { folder, relay, nodes: Vec::new() })
    }

    /// The home of a node of this name.
    pub fn home(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts a node with a new home.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(&mut self, name: &str, role: Role) -> Result<Node, MeasureError> {
        let path = self.home(name);
        let options = InitOptions {
            role,
            name: Some(name.parse().map_err(MeasureError::set_up)?),
            network: NETWORK.parse().map_err(MeasureError::set_up)?,
        };
        home::init(&path, &options, &Protection::Open).map_err(MeasureError::set_up)?;
        let home = Home::open(&path, &Unlock::Open).map_err(MeasureError::set_up)?;
        let options = NodeOptions {
            listen: vec![LISTEN.to_owned()],
            peers: self.relay.listen_addresses(),
            ..NodeOptions::default()
        };
        let node = Node::start(home, options).await.map_err(MeasureError::set_up)?;
        self.nodes.push(node.clone());
        Ok(node)
    }

    /// Waits until an intention of the customer's has come through to every vendor: from then on nobody is out of
    /// reach.
    ///
    /// # Errors
    /// When one of them hears nothing.
    pub async fn meet(&self, customer: &Node, vendors: &[Node]) -> Result<(), MeasureError> {
        let end = Instant::now() + PATIENCE;
        want(customer, "anything", "services").await?;
        for vendor in vendors {
            while vendor.inbox().await.is_empty() {
                if Instant::now() > end {
                    return Err(MeasureError::SetUp("the nodes do not find each other".to_owned()));
                }
                tokio::time::sleep(GLANCE).await;
            }
        }
        Ok(())
    }

    /// Ends everybody.
    pub async fn close(self) {
        for node in self.nodes {
            node.shutdown().await;
        }
        self.relay.shutdown().await;
    }
}

/// Casts an intention of one line.
///
/// # Errors
/// When a text is not valid, or the node refuses.
pub async fn want(customer: &Node, title: &str, category: &str) -> Result<RecordId<Intention>, MeasureError> {
    let (title, category) =
        (title.parse().map_err(MeasureError::set_up)?, Slug::new(category).map_err(MeasureError::set_up)?);
    let wish = Wish::new(title, category, customer.placement().await.map_err(MeasureError::set_up)?);
    match customer.command(Command::Customer(CustomerCommand::Want(Box::new(wish)))).await {
        Ok(Reply::Cast(intention)) => Ok(intention),
        Ok(other) => Err(MeasureError::SetUp(format!("the wish was answered with {other:?}"))),
        Err(refusal) => Err(MeasureError::set_up(refusal)),
    }
}

/// What a customer's pure machine says when she casts an intention of one line: nothing is kept.
pub(crate) fn announce(
    customer: &mut Agent,
    title: &str,
    category: Slug,
    now: Time,
) -> Result<Vec<Publication>, MeasureError> {
    let title = title.parse().map_err(MeasureError::set_up)?;
    let wish = Wish::new(title, category, Placement::at(vec![HOST.to_owned()]));
    let command = Command::Customer(CustomerCommand::Want(Box::new(wish)));
    Ok(customer.handle(Input::Command(command), now).publish)
}
