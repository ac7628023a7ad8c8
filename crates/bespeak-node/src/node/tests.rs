//! A node whose disk refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod refusing;

use std::{path::Path, sync::Arc, time::Duration};

use bespeak_agent::command::{CustomerCommand, Wish};
use bespeak_model::{category, intention::Title, time::Lifetime};
use bespeak_store::Options;
use tokio::time::{Instant, sleep};

use super::*;
use crate::{
    doctor::State,
    home,
    life::Maker,
    refusing_disk::{ENOSPC, Refusing},
};

async fn node_on(disk: &Refusing, path: &Path) -> Node {
    node_of(Role::Customer, disk, path, &[]).await
}

async fn node_of(role: Role, disk: &Refusing, path: &Path, peers: &[String]) -> Node {
    let init = home::InitOptions { role, name: None, network: Network::main() };
    let home = Home::open_or_init(path, &init).unwrap();
    let options = Options { disk: Arc::new(disk.clone()), ..Options::default() };
    let shelf = start::open_shelf(&home, options).await.unwrap();
    let listen = vec!["/ip4/127.0.0.1/tcp/0".to_owned()];
    let maker = Maker::of(home.contents()).unwrap();
    start::start_on(
        &home,
        &NodeOptions { listen, peers: peers.to_vec(), reveal: true, ..NodeOptions::default() },
        shelf,
        maker,
    )
    .await
    .unwrap()
}

async fn cast(node: &Node, title: &str) -> Result<Reply, Refusal> {
    let wish = Wish {
        title: Title::new(title).unwrap(),
        text: None,
        category: category::parse("vehicles.bicycles").unwrap(),
        lines: Vec::new(),
        conditions: Vec::new(),
        budget: None,
        condition: None,
        place: None,
        needed_by: None,
        lifetime: Lifetime::OneDay,
        terms: Vec::new(),
        placement: node.placement().await.unwrap(),
    };
    node.command(Command::Customer(CustomerCommand::Want(Box::new(wish)))).await
}

/// What the doctor says of the disk.
async fn disk_of(node: &Node) -> State {
    let found = node.doctor().await;
    found.lines.into_iter().find(|line| line.what == "disk").unwrap().state
}

async fn titles(node: &Node) -> Vec<String> {
    let mut titles: Vec<String> = node.intentions().await.iter().map(|view| view.title.to_string()).collect();
    titles.sort();
    titles
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_wishes_and_leaves_the_rest_readable() {
    let dir = tempfile::tempdir().unwrap();
    let (disk, path) = (Refusing::default(), dir.path().join("home"));
    let node = node_on(&disk, &path).await;
    cast(&node, "before").await.unwrap();

    disk.refuse(ENOSPC);
    for _ in 0..3 {
        let refusal = cast(&node, "during").await.unwrap_err();
        assert_eq!(refusal.code.as_str(), "internal", "{refusal}");
    }
    let start = Instant::now();
    while node.health().await.is_ok() {
        assert!(start.elapsed() < Duration::from_secs(30), "a node that can keep nothing is not well");
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(disk_of(&node).await, State::Broken);
    let start = Instant::now();
    while titles(&node).await != ["before"] {
        assert!(start.elapsed() < Duration::from_secs(30), "a wish that was refused is not shown for long");
        sleep(Duration::from_millis(10)).await;
    }

    disk.repair();
    let start = Instant::now();
    while let Err(refusal) = cast(&node, "after").await {
        assert!(start.elapsed() < Duration::from_secs(30), "still {refusal}");
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(titles(&node).await, ["after", "before"]);
    node.health().await.unwrap();
    assert_eq!(disk_of(&node).await, State::Fine);
    node.shutdown().await;

    let node = node_on(&disk, &path).await;
    assert_eq!(titles(&node).await, ["after", "before"], "what is kept is what was answered");
    node.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_durable_yet_is_not_shown() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Refusing::default();
    let node = node_on(&disk, &dir.path().join("home")).await;
    cast(&node, "before").await.unwrap();
    disk.hold_up(true);
    let asking = node.clone();
    let casting = tokio::spawn(async move { cast(&asking, "during").await });
    // From some moment on a look does not come back: it waits for the disk.
    let start = Instant::now();
    while let Ok(seen) = tokio::time::timeout(Duration::from_millis(500), titles(&node)).await {
        assert_eq!(seen, ["before"], "a crash could take back what was shown");
        assert!(start.elapsed() < Duration::from_secs(30), "the wish never came to the disk");
    }
    assert!(!casting.is_finished());
    disk.hold_up(false);
    casting.await.unwrap().unwrap();
    assert_eq!(titles(&node).await, ["before", "during"]);
    node.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_lost_its_wires_ends_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let node = node_on(&Refusing::default(), &dir.path().join("home")).await;
    node.health().await.unwrap();
    node.inner.net.shutdown().await;
    let ended = tokio::time::timeout(Duration::from_secs(30), node.ended()).await;
    assert!(ended.is_ok(), "a node that hears nothing any more goes on");
    assert!(node.health().await.is_err());
}
