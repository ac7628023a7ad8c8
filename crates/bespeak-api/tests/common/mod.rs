//! A node with its API on a socket, for tests.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::time::{Duration, Instant};

use bespeak_api::client::Client;
use bespeak_api::{Doors, Serving};
use bespeak_node::model::network::Network;
use bespeak_node::{Home, InitOptions, Node, NodeOptions, Protection, Role, Unlock, home};

pub(crate) struct House {
    pub(crate) node: Node,
    pub(crate) serving: Serving,
    pub(crate) client: Client,
    folder: Option<tempfile::TempDir>,
}

impl House {
    pub(crate) async fn start(role: Role, peers: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let house = Self::make(folder.path(), role, peers).await;
        Self { folder: Some(folder), ..house }
    }

    /// The same in a folder that outlives it.
    pub(crate) async fn make(folder: &Path, role: Role, peers: &[String]) -> Self {
        let path = folder.join("home");
        let name = (role == Role::Vendor).then(|| "Lamps".parse().unwrap());
        let network: Network = "test".parse().unwrap();
        home::init(&path, &InitOptions { role, name, network }, &Protection::Open).unwrap();
        Self::open(folder, peers).await
    }

    /// Starts the node of a home that was made in a folder.
    pub(crate) async fn open(folder: &Path, peers: &[String]) -> Self {
        let path = folder.join("home");
        let options = NodeOptions {
            listen: vec!["/ip4/127.0.0.1/tcp/0".to_owned()],
            peers: peers.to_vec(),
            reveal: true,
            ..NodeOptions::default()
        };
        let node = Node::start(Home::open(&path, &Unlock::Open).unwrap(), options).await.unwrap();
        let doors = Doors { home: path.clone(), port: None };
        let serving = bespeak_api::serve(node.clone(), &doors).await.unwrap();
        Self { node, serving, client: Client::new(&path), folder: None }
    }

    /// Closes the doors and ends the node.
    pub(crate) async fn end(self) {
        self.serving.stop().await;
        self.node.shutdown().await;
    }
}

/// Looks until there is something, for at most half a minute.
pub(crate) async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "it did not happen within 30 seconds");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
