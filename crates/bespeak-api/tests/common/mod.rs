//! A node with its API on a socket, for tests.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{Duration, Instant};

use bespeak_api::client::Client;
use bespeak_api::{Doors, Serving};
use bespeak_node::model::network::Network;
use bespeak_node::{Home, InitOptions, Node, NodeOptions, Protection, Role, Unlock, home};

pub(crate) struct House {
    pub(crate) node: Node,
    pub(crate) serving: Serving,
    pub(crate) client: Client,
    _folder: tempfile::TempDir,
}

impl House {
    pub(crate) async fn start(role: Role, peers: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("home");
        let name = (role == Role::Vendor).then(|| "Lamps".parse().unwrap());
        let network: Network = "test".parse().unwrap();
        home::init(&path, &InitOptions { role, name, network }, &Protection::Open).unwrap();
        let options = NodeOptions { listen: vec!["/ip4/127.0.0.1/tcp/0".to_owned()], peers: peers.to_vec() };
        let node = Node::start(Home::open(&path, &Unlock::Open).unwrap(), options).await.unwrap();
        let doors = Doors { home: path.clone(), port: None };
        let serving = bespeak_api::serve(node.clone(), &doors).await.unwrap();
        Self { node, serving, client: Client::new(&path), _folder: folder }
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
