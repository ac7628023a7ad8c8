//! Programs at sites: relays, vendors and customers, started, spoken to, ended.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::Value;

use super::{
    process::{Running, answer, list, program},
    world::{Land, Site, World},
};

/// The network that all programs are on, unless a test is about that.
pub(crate) const NETWORK: &str = "test";
/// Where relays listen, and public vendors. Source: the README's example.
const PORT: u16 = 4001;
/// How long one step may take before a test gives up. Source: wild guess; twenty nodes share two cores with builds.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
/// Pause between two looks. Source: wild guess; each look starts a program, and many wait at once.
const GLANCE: Duration = Duration::from_millis(300);
/// What is written to the logs: enough to see how peers were reached.
const LOG: &str = "info,bespeak=debug,libp2p_relay=debug,libp2p_dcutr=debug,libp2p_autonat=debug";

/// Looks again and again until something is there; what took too long fails the test.
pub(crate) fn until<T>(what: &str, patience: Duration, look: impl FnMut() -> Option<T>) -> T {
    within(patience, look).unwrap_or_else(|| panic!("waited {patience:?} in vain for {what}"))
}

/// Looks again and again until something is there, or time is up.
pub(crate) fn within<T>(patience: Duration, look: impl FnMut() -> Option<T>) -> Option<T> {
    bespeak_tests::within(patience, GLANCE, look)
}

/// A relay at a public place.
pub(crate) struct Relay {
    pub(crate) site: Site,
    home: PathBuf,
    others: Vec<String>,
    network: String,
    running: Option<Running>,
}

impl Relay {
    /// Makes it and starts it; `others` are relays it should know.
    pub(crate) fn start(world: &World, name: &str, land: Land, others: &[String]) -> Self {
        Self::start_on(world, name, land, NETWORK, others)
    }

    /// The same on another network.
    pub(crate) fn start_on(world: &World, name: &str, land: Land, network: &str, others: &[String]) -> Self {
        let (site, home) = (world.public(name, land), world.folder().join(name));
        let mut relay =
            Self { site, home, others: others.to_vec(), network: network.to_owned(), running: None };
        relay.up();
        relay
    }

    /// Starts it, on its home as it is.
    pub(crate) fn up(&mut self) {
        let mut words: Vec<String> =
            ["run", "--json", "--network", &self.network].map(str::to_owned).to_vec();
        words.extend(["--home".to_owned(), self.home.display().to_string()]);
        words.extend(listening(PORT));
        words.extend(self.others.iter().flat_map(|other| ["--peer".to_owned(), other.clone()]));
        self.running = Some(start("bespeak-relay", &self.site, &words, &log(&self.home)));
    }

    /// Kills it, as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.running = None;
    }

    /// Kills it for good: its disk is thrown away.
    pub(crate) fn destroy(&mut self) {
        self.kill();
        std::fs::remove_dir_all(&self.home).expect("its home is there to be thrown away");
    }

    /// Where others find it.
    pub(crate) fn address(&self) -> String {
        let peer = self.running.as_ref().map(|running| running.ready["peer"].clone());
        let peer = peer.as_ref().and_then(Value::as_str).expect("a relay that runs has a name");
        format!("/ip4/{}/udp/{PORT}/quic-v1/p2p/{peer}", self.site.address)
    }
}

/// A relay on each network, which know each other, and where they are found.
pub(crate) fn two_relays(world: &World) -> ([Relay; 2], Vec<String>) {
    let north = Relay::start(world, "relay-n", Land::North, &[]);
    let south = Relay::start(world, "relay-s", Land::South, &[north.address()]);
    let places = vec![north.address(), south.address()];
    ([north, south], places)
}

/// A customer's or a vendor's node.
pub(crate) struct Party {
    pub(crate) name: String,
    pub(crate) site: Site,
    home: PathBuf,
    meets_at: Vec<String>,
    running: Option<Running>,
}

impl Party {
    /// A vendor with something to sell, running.
    pub(crate) fn vendor(world: &World, name: &str, site: Site, meets_at: &[String]) -> Self {
        let mut vendor = Self::with_home(world, "vendor", name, site, meets_at);
        vendor.up();
        let goods = world.folder().join(format!("{name}.jsonl"));
        let line = r#"{"sku":"W-1","title":"Wooden chair, oak","price":"80 EUR"}"#;
        std::fs::write(&goods, format!("{line}\n")).expect("a file is written");
        let report = vendor.ask(&["catalogue", "import", goods.to_str().expect("a path in UTF-8")]);
        assert_eq!(report["imported"], 1, "{report}");
        vendor
    }

    /// A customer, running.
    pub(crate) fn customer(world: &World, name: &str, site: Site, meets_at: &[String]) -> Self {
        let mut customer = Self::with_home(world, "customer", name, site, meets_at);
        customer.up();
        customer
    }

    fn with_home(world: &World, role: &str, name: &str, site: Site, meets_at: &[String]) -> Self {
        let home = world.folder().join(name);
        let words = ["init", "--role", role, "--name", name, "--network", NETWORK];
        answer(&home, &words);
        Self { name: name.to_owned(), site, home, meets_at: meets_at.to_vec(), running: None }
    }

    /// Starts its node.
    pub(crate) fn up(&mut self) {
        let mut words = vec!["--home".to_owned(), self.home.display().to_string()];
        words.extend(["--json", "run"].map(str::to_owned));
        words.extend(listening(PORT));
        words.extend(self.meets_at.iter().flat_map(|relay| ["--relay".to_owned(), relay.clone()]));
        self.running = Some(start("bespeak", &self.site, &words, &log(&self.home)));
    }

    /// Ends it in peace.
    pub(crate) fn down(&mut self) {
        if let Some(mut running) = self.running.take() {
            assert_eq!(running.terminate(), Some(0), "{} ends in peace", self.name);
        }
    }

    /// What it says to a command.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Value {
        answer(&self.home, arguments)
    }

    /// The list it prints.
    pub(crate) fn list(&self, arguments: &[&str]) -> Vec<Value> {
        list(&self.home, arguments)
    }

    /// Waits until it is connected to at least so many peers.
    pub(crate) fn meet(&self, peers: u64) {
        let what = format!("{} peers of {}", peers, self.name);
        until(&what, PATIENCE, || self.ask(&["status"])["peers"].as_u64().filter(|count| *count >= peers));
    }
}

/// Starts a program at a site.
fn start(name: &str, site: &Site, words: &[String], log: &Path) -> Running {
    // Outside, where cargo may build it.
    program(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    site.host.enter(|| Running::start_logging(name, &words, log, LOG))
}

fn listening(port: u16) -> [String; 4] {
    let tcp = format!("/ip4/0.0.0.0/tcp/{port}");
    let quic = format!("/ip4/0.0.0.0/udp/{port}/quic-v1");
    ["--listen".to_owned(), tcp, "--listen".to_owned(), quic]
}

/// A new log for each start, beside the home.
fn log(home: &Path) -> PathBuf {
    let numbers = 1_u32..;
    let mut names = numbers.map(|number| home.with_extension(format!("{number}.log")));
    names.find(|name| !name.exists()).expect("numbers go on")
}
