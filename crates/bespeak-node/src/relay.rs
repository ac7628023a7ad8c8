//! A relay: the same wires without an agent. Nodes meet at it, and it holds sealed mail that it cannot read.

use std::path::PathBuf;

use bespeak_identity::{PublicKey, Purpose};
use bespeak_model::network::Network;
use bespeak_net::{Limits, MarketIdentity, Net, NetConfig};
use bespeak_protocol::{drop::Host, market as words};
use bespeak_store::{Options as StoreOptions, ReadError};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    catch_up::{Answers, CatchUp},
    clock::now,
    commit::Committer,
    error::StartError,
    home::{Home, InitOptions, Role},
    life::Failures,
    node::start::{listen_or_everywhere, open_shelf, start_wires},
    offences::Offences,
    shelf::Shelf,
    wires::Wires,
};

mod limits;
mod mailbox;
mod market;
mod metrics;
mod parked;
mod rates;
mod run;
mod sender;
mod serve;
#[cfg(test)]
mod tests;

pub use limits::{LIMITS, LimitError, NamedLimit, RelayLimits};
use mailbox::Mailbox;
use market::Market;
use metrics::Metrics;
use rates::AllRates;
use run::{Doors, Run};

/// How a relay is started.
#[derive(Clone, Debug)]
pub struct RelayOptions {
    /// Its folder; made at the first start.
    pub home: PathBuf,
    /// The network it is for; `main` at the first start when absent, later the one it has.
    pub network: Option<Network>,
    /// Multiaddrs to listen on; none means every interface, over TCP and QUIC, on ports the system chooses once.
    pub listen: Vec<String>,
    /// Multiaddrs to tell others beside those.
    pub external: Vec<String>,
    /// Ask the router for its ports (UPnP).
    pub upnp: bool,
    /// Multiaddrs of other relays.
    pub peers: Vec<String>,
    /// How much it does for others.
    pub limits: RelayLimits,
}

impl RelayOptions {
    /// A relay in this folder, and everything else as it is by itself.
    pub fn new(home: impl Into<PathBuf>) -> Self {
        Self {
            home: home.into(),
            network: None,
            listen: Vec::new(),
            external: Vec::new(),
            upnp: false,
            peers: Vec::new(),
            limits: RelayLimits::default(),
        }
    }
}

/// A running relay; it ends with [`Relay::shutdown`], or when it is dropped.
pub struct Relay {
    net: Net,
    home: PathBuf,
    party: PublicKey,
    network: Network,
    mailbox: Mailbox,
    metrics: Metrics,
    stop: mpsc::Sender<oneshot::Sender<()>>,
    ended: watch::Receiver<bool>,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("home", &self.home).finish_non_exhaustive()
    }
}

impl Relay {
    /// Starts a relay; when this returns, it listens.
    ///
    /// # Errors
    /// [`StartError`]: its home is in use or for something else, an address cannot be used, the store cannot be opened.
    pub async fn start(options: RelayOptions) -> Result<Self, StartError> {
        Self::start_on(options, StoreOptions::default()).await
    }

    async fn start_on(options: RelayOptions, stored: StoreOptions) -> Result<Self, StartError> {
        options.limits.check()?;
        let home = open_home(&options)?;
        let shelf = open_shelf(&home, stored).await?;
        match Self::on(&home, &options, &shelf).await {
            Ok(relay) => Ok(relay),
            Err(error) => {
                // The home must be free for the next try.
                shelf.store().clone().close().await;
                Err(error)
            }
        }
    }

    async fn on(home: &Home, options: &RelayOptions, shelf: &Shelf) -> Result<Self, StartError> {
        let Wires { net, events, .. } = start_wires(shelf, net_config(home, options)).await?;
        let mailbox = Mailbox::new(shelf.store().clone());
        let (quotas, metrics) = (options.limits.mail, Metrics::default());
        let recalled = mailbox.recall(Host::new(net.peer(), now(), quotas)).await;
        let recalled = match recalled {
            Ok(host) => recall_market(home, shelf).await.map(|market| (host, market)),
            Err(error) => Err(error),
        };
        let (host, kept) = match recalled {
            Ok(recalled) => recalled,
            Err(error) => {
                net.shutdown().await;
                return Err(StartError::Kept(error.to_string()));
            }
        };
        let (catch_up, caught) = CatchUp::new(home.network(), now());
        let (stop, stopped) = mpsc::channel(1);
        let (losses, lost) = mpsc::unbounded_channel();
        let (ending, ended) = watch::channel(false);
        let held = mailbox.clone();
        let run = Run {
            net: net.clone(),
            market: kept,
            catch_up,
            answers: Answers::default(),
            host,
            mailbox,
            committer: Committer::start(shelf.store().clone()),
            parked: parked::Parked::default(),
            offences: Offences::default(),
            life: 0,
            ill: None,
            failures: Failures::default(),
            quotas,
            rates: AllRates::new(&options.limits),
            metrics: metrics.clone(),
            lost: losses,
        };
        tokio::spawn(async move {
            run.run(Doors { events, lost, caught, stop: stopped }).await;
            ending.send_replace(true);
        });
        let (party, network) = (home.party(), home.network().clone());
        let home = home.path().to_owned();
        Ok(Self { net, home, party, network, mailbox: held, metrics, stop, ended })
    }

    /// Its PeerId.
    pub fn peer(&self) -> String {
        self.net.peer()
    }

    /// Where it can be reached, with `/p2p/…`.
    pub fn listen_addresses(&self) -> Vec<String> {
        self.net.listen_addresses()
    }

    /// How many nodes are connected.
    pub fn peer_count(&self) -> usize {
        self.net.peer_count()
    }

    /// How many envelopes it holds.
    pub fn mail_count(&self) -> u64 {
        self.mailbox.count()
    }

    /// What it counted, in the text form of OpenMetrics, which Prometheus reads.
    pub fn metrics(&self) -> String {
        self.metrics.text(&self.net)
    }

    /// The folder it lives in.
    pub fn home(&self) -> &std::path::Path {
        &self.home
    }

    /// The key it is known by.
    pub fn party(&self) -> PublicKey {
        self.party
    }

    /// The network it is on.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Waits until it has ended, because it was told to or because something it cannot do without is gone.
    pub async fn ended(&self) {
        // An error says that its loop is gone.
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }

    /// Ends it: what is under way is kept, peers are left, the home is free.
    pub async fn shutdown(&self) {
        let (done, ended) = oneshot::channel();
        if self.stop.send(done).await.is_ok() {
            // An error says that it has ended.
            let _ = ended.await;
        }
    }
}

async fn recall_market(home: &Home, shelf: &Shelf) -> Result<Market, ReadError> {
    let (network, store) = (home.network().clone(), shelf.store().clone());
    let recalling = tokio::task::spawn_blocking(move || Market::recall(network, &store));
    recalling.await.unwrap_or_else(|error| Err(ReadError::Index { why: error.to_string() }))
}

fn open_home(options: &RelayOptions) -> Result<Home, StartError> {
    let network = options.network.clone().unwrap_or_else(Network::main);
    let init = InitOptions { role: Role::Relay, name: None, network };
    let home = Home::open_or_init(&options.home, &init)?;
    if home.role() != Role::Relay {
        return Err(StartError::Role { home: home.path().to_owned(), role: home.role() });
    }
    match &options.network {
        Some(asked) if asked != home.network() => Err(StartError::Network {
            home: home.path().to_owned(),
            has: home.network().to_string(),
            asked: asked.to_string(),
        }),
        _ => Ok(home),
    }
}

fn net_config(home: &Home, options: &RelayOptions) -> NetConfig {
    let identity = MarketIdentity::Fixed(*home.seed().sign_key(Purpose::Party).to_bytes());
    let mut config = NetConfig::new(identity, home.network().as_str());
    config.listen = listen_or_everywhere(&options.listen);
    config.peers.clone_from(&options.peers);
    config.topics = words::topics(home.network());
    config.answers_catch_up = true;
    // Customers of other relays reach it by way of theirs.
    config.be_found = true;
    config.external.clone_from(&options.external);
    config.upnp = options.upnp;
    let RelayLimits { connections, memory, waiting, hosting, .. } = options.limits.clone();
    config.hosting = Some(hosting);
    config.limits = Limits { connections_in: connections, memory, unanswered: waiting, ..Limits::default() };
    config
}
