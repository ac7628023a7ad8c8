//! Somebody who takes part: a node, its doors, and a client of them.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use bespeak_api::{Doors, Serving, client::Client};
use bespeak_node::{Node, NodeOptions, Protection, Unlock, home};
use serde_json::Value;

pub(super) use bespeak_node::home::Role;

use super::{LISTEN, NETWORK, PATIENCE};
use crate::failure::Failure;

/// How often a condition is looked at while it is waited for.
const GLANCE: std::time::Duration = std::time::Duration::from_millis(20);

/// A customer or vendor with a running node.
pub(super) struct Actor {
    /// What people call it.
    pub name: &'static str,
    home: PathBuf,
    node: Node,
    serving: Serving,
    client: Client,
}

impl Actor {
    /// Makes a home, starts a node on it and opens its socket.
    pub(super) async fn start(
        role: Role,
        home: PathBuf,
        name: &'static str,
        peers: Vec<String>,
    ) -> Result<Self, Failure> {
        let failed =
            |what: &str, error: &dyn std::fmt::Display| Failure::failed(format!("{name}: {what}: {error}"));
        let options = home::InitOptions {
            role,
            name: Some(name.parse().map_err(|error| failed("the name", &error))?),
            network: NETWORK.parse().map_err(|error| failed("the network", &error))?,
        };
        home::init(&home, &options, &Protection::Open).map_err(|error| failed("its home", &error))?;
        let opened = home::Home::open(&home, &Unlock::Open).map_err(|error| failed("its home", &error))?;
        let options = NodeOptions { listen: vec![LISTEN.to_owned()], peers, ..NodeOptions::default() };
        let node =
            Node::start(opened, options).await.map_err(|error| failed("its node does not start", &error))?;
        let serving = bespeak_api::serve(node.clone(), &Doors { home: home.clone(), port: None })
            .await
            .map_err(|error| failed("its API does not open", &error))?;
        let client = Client::new(&home);
        Ok(Self { name, home, node, serving, client })
    }

    fn failed(&self, what: &str, error: &dyn std::fmt::Display) -> Failure {
        Failure::failed(format!("{}: {what}: {error}", self.name))
    }

    /// Its home.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// Reads something.
    pub(super) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.client.get(path).await.map_err(|error| self.failed(path, &error))
    }

    /// Asks for something to be done.
    pub(super) async fn post(&self, path: &str, body: Value) -> Result<Value, Failure> {
        self.client.post(path, &body).await.map_err(|error| self.failed(path, &error))
    }

    /// Changes a setting.
    pub(super) async fn put(&self, path: &str, body: Value) -> Result<Value, Failure> {
        self.client.put(path, &body).await.map_err(|error| self.failed(path, &error))
    }

    /// Reads a catalogue.
    pub(super) async fn import(&self, goods: &'static str) -> Result<Value, Failure> {
        let path = "/v1/catalogue/import?format=jsonl";
        let read = self.client.post_bytes(path, goods.as_bytes().to_vec()).await;
        read.map_err(|error| self.failed("the sample catalogue", &error))
    }

    /// Waits until what a path shows is as it should be.
    pub(super) async fn until(
        &self,
        path: &str,
        what: &str,
        holds: impl Fn(&Value) -> bool,
    ) -> Result<Value, Failure> {
        let end = Instant::now() + PATIENCE;
        loop {
            let shown = self.get(path).await?;
            if holds(&shown) {
                return Ok(shown);
            }
            if Instant::now() > end {
                return Err(Failure::failed(format!("{} waited in vain for {what}", self.name)));
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Waits until it has somebody to talk to.
    pub(super) async fn await_peer(&self) -> Result<(), Failure> {
        let connected = |status: &Value| status["peers"].as_u64().is_some_and(|peers| peers > 0);
        self.until("/v1/status", "a peer", connected).await.map(drop)
    }

    /// Ends the node.
    pub(super) async fn stop(self) {
        self.serving.stop().await;
        self.node.shutdown().await;
    }
}
