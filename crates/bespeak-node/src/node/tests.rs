//! A node whose disk refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bespeak_agent::command::{CustomerCommand, Wish};
use bespeak_model::{category, intention::Title, time::Lifetime};
use bespeak_store::{Disk, DiskFile, Options, RealDisk};
use tokio::time::{Instant, sleep};

use super::*;
use crate::{doctor::State, home, life::Maker};

/// A disk that is full while the flag is set.
#[derive(Clone, Default)]
struct Full(Arc<AtomicBool>);

impl Full {
    fn check(&self) -> io::Result<()> {
        if self.0.load(Ordering::SeqCst) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn file(&self, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(FullFile { full: self.clone(), file })
    }
}

struct FullFile {
    full: Full,
    file: Box<dyn DiskFile>,
}

impl Disk for Full {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.check()?;
        Ok(self.file(RealDisk.create(path)?))
    }

    fn open(&self, path: &Path, write: bool) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.file(RealDisk.open(path, write)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        RealDisk.sync_dir(path)
    }
}

impl DiskFile for FullFile {
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.full.check()?;
        self.file.write_at(offset, bytes)
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.full.check()?;
        self.file.sync()
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn length(&self) -> io::Result<u64> {
        self.file.length()
    }
}

async fn node_on(disk: &Full, path: &Path) -> Node {
    let init = home::InitOptions { role: Role::Customer, name: None, network: Network::main() };
    let home = Home::open_or_init(path, &init).unwrap();
    let options = Options { disk: Arc::new(disk.clone()), ..Options::default() };
    let shelf = start::open_shelf(&home, options).await.unwrap();
    let listen = vec!["/ip4/127.0.0.1/tcp/0".to_owned()];
    let maker = Maker::of(home.contents()).unwrap();
    start::start_on(&home, &NodeOptions { listen, peers: Vec::new() }, shelf, maker).await.unwrap()
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
    let (disk, path) = (Full::default(), dir.path().join("home"));
    let node = node_on(&disk, &path).await;
    cast(&node, "before").await.unwrap();

    disk.0.store(true, Ordering::SeqCst);
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

    disk.0.store(false, Ordering::SeqCst);
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
async fn a_node_that_lost_its_wires_ends_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let node = node_on(&Full::default(), &dir.path().join("home")).await;
    node.health().await.unwrap();
    node.inner.net.shutdown().await;
    let ended = tokio::time::timeout(Duration::from_secs(30), node.ended()).await;
    assert!(ended.is_ok(), "a node that hears nothing any more goes on");
    assert!(node.health().await.is_err());
}
