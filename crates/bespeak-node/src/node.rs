//! The handle by which the rest of a program speaks to a running node.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU64},
};

use bespeak_agent::{
    Agent,
    command::{Command, Placement, Reply},
    notice::Notice,
    output::Refusal,
};
use bespeak_identity::PublicKey;
use bespeak_model::{network::Network, time::Time};
use bespeak_net::{BUILT_IN, Net};
use bespeak_store::Watch;
use futures::Stream;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    bulletin::Bulletin,
    home::{Contents, Home, Role},
    meeting::Meeting,
    once::Once,
    place::Place,
    postmen::Fetched,
    rules::Desk,
    run::{Ask, Tell, stopped},
    shelf::Shelf,
    warehouse::Warehouse,
};

mod ask;
mod backup;
mod carry;
mod data;
mod doctor;
mod peers;
mod resolve;
mod rules;
pub(crate) mod start;
mod status;
#[cfg(test)]
mod tests;
mod vendor;

pub use data::DataRefusal;
pub(crate) use data::internal;
pub use peers::Peer;
pub use resolve::{ID_BEGINNING, IdKind, ResolveError};
pub use rules::MOST_TRIED;
pub use status::{Status, StoreStatus};
pub use vendor::{OfferItem, OfferRequest};

/// How a node is started.
#[derive(Clone, Debug, Default)]
pub struct NodeOptions {
    /// Multiaddrs to listen on; none means every interface, over TCP and QUIC, on ports the system chooses once.
    pub listen: Vec<String>,
    /// Multiaddrs of known peers.
    pub peers: Vec<String>,
    /// Multiaddrs of relays: peers that are known to hold mail.
    pub relays: Vec<String>,
    /// A name in the DNS under which relays are listed ([`bespeak_net::from_dns`]).
    pub bootstrap: Option<String>,
    /// Customer: vendors may see this node's address. No circuits are needed then, nor a relay.
    pub reveal: bool,
    /// Look for peers on the local network, and be seen there.
    pub lan: bool,
    /// Vendor: ask the router for a port (UPnP).
    pub upnp: bool,
    /// Vendor: addresses at which others reach this node that it cannot see itself.
    pub external: Vec<String>,
}

impl NodeOptions {
    /// Peers and relays, as named at the start; those that every copy knows where nobody was.
    pub(crate) fn named(&self) -> Vec<String> {
        let named: Vec<String> = self.relays.iter().chain(&self.peers).cloned().collect();
        if named.is_empty() && self.bootstrap.is_none() {
            BUILT_IN.map(str::to_owned).to_vec()
        } else {
            named
        }
    }
}

/// A running node. Clones share it; it ends with [`Node::shutdown`], or when the last is dropped.
#[derive(Clone)]
pub struct Node {
    inner: Arc<Inner>,
}

struct Inner {
    asks: mpsc::Sender<Ask>,
    net: Net,
    bulletin: Bulletin,
    meeting: Arc<Meeting>,
    place: Place,
    shelf: Shelf,
    warehouse: Option<Arc<Warehouse>>,
    /// The vendor's rules.
    desk: Arc<Desk>,
    home: PathBuf,
    /// What goes with a backup.
    carried: Contents,
    role: Role,
    party: PublicKey,
    network: Network,
    /// How many peers it was told of.
    configured: usize,
    /// Kept documents that are whole and could not be understood at the start.
    unreadable: usize,
    /// Intentions looked up for an answer by rule.
    considered: Arc<AtomicU64>,
    /// Where its mail waits.
    fetched: Fetched,
    ended: watch::Receiver<bool>,
    /// Set once the end was asked for, so that it is asked for once.
    stopping: Mutex<bool>,
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Node({} {})", self.inner.role, self.inner.party.short())
    }
}

impl Node {
    /// Starts a node in a home. When this returns, it listens, and its peers are being dialled.
    ///
    /// # Errors
    /// [`crate::StartError`]: a node runs there already, an address cannot be used, the store cannot be opened.
    pub async fn start(home: Home, options: NodeOptions) -> Result<Self, crate::StartError> {
        start::start(home, options, None).await
    }

    /// The same, and `watch` is told how far the opening of the store has come, and later whenever its index is made anew.
    ///
    /// # Errors
    /// As [`Node::start`].
    pub async fn start_watched(
        home: Home,
        options: NodeOptions,
        watch: Watch,
    ) -> Result<Self, crate::StartError> {
        start::start(home, options, Some(watch)).await
    }

    /// Does what the owner wishes; returns when it is durable. During an [`Once`] its key is kept with what is done.
    ///
    /// # Errors
    /// A refusal with its code and the facts.
    pub async fn command(&self, command: Command) -> Result<Reply, Refusal> {
        if let Some(warehouse) = &self.inner.warehouse {
            warehouse.ready().await;
        }
        let (reply, answer) = oneshot::channel();
        let once = Once::current();
        self.inner.asks.send(Ask::Command { command, once, reply }).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    /// Where mail for this node is to be left: for a customer at a relay, if one of the peers is one; here, if none is;
    /// for a vendor here. Waits up to five seconds for the first answer of a peer.
    ///
    /// # Errors
    /// When it is not known yet whether a peer is a relay: a customer's own address must not become public because her
    /// relay happens to be away.
    pub async fn placement(&self) -> Result<Placement, Refusal> {
        self.inner.place.find().await
    }

    /// Whether the node is well.
    ///
    /// # Errors
    /// When it has ended, or its disk takes nothing at the moment.
    pub async fn health(&self) -> Result<(), Refusal> {
        let (tell, told) = oneshot::channel();
        self.inner.asks.send(Ask::Health(tell)).await.map_err(|_| stopped())?;
        told.await.map_err(|_| stopped())?
    }

    /// Waits until the node has ended, because it was told to or because something it cannot do without is gone.
    pub async fn ended(&self) {
        // An error says that the loop is gone.
        let _ = self.inner.ended.clone().wait_for(|ended| *ended).await;
    }

    /// Notices as they come, after a number if one is given. Numbers grow, over restarts too; the last thousand
    /// notices since the start are kept. The stream ends with the node.
    pub fn events(&self, after: Option<u64>) -> impl Stream<Item = (u64, Notice)> + Send + 'static + use<> {
        self.inner.bulletin.after(after)
    }

    /// The PeerId in the market.
    pub fn peer(&self) -> String {
        self.inner.net.peer()
    }

    /// Where this node can be reached, with `/p2p/…`.
    pub fn listen_addresses(&self) -> Vec<String> {
        self.inner.net.listen_addresses()
    }

    /// The folder it lives in.
    pub fn home(&self) -> &Path {
        &self.inner.home
    }

    /// What it is for.
    pub fn role(&self) -> Role {
        self.inner.role
    }

    /// The party's public key.
    pub fn party(&self) -> PublicKey {
        self.inner.party
    }

    /// The network it is on.
    pub fn network(&self) -> &Network {
        &self.inner.network
    }

    /// Ends the node: what is under way is kept, peers are left, the home is free. Returns when all that is done; a
    /// second call waits for the same end.
    pub async fn shutdown(&self) {
        let first = {
            let mut stopping = self.inner.stopping.lock().unwrap_or_else(PoisonError::into_inner);
            !std::mem::replace(&mut *stopping, true)
        };
        if first {
            let (done, _) = oneshot::channel();
            // When the loop has ended already there is nothing to ask.
            let _ = self.inner.asks.send(Ask::Stop(done)).await;
        }
        self.ended().await;
    }

    /// Asks the loop about its agent, and waits until what it shows is durable; `None` when the node has ended.
    async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Agent, Time) -> T + Send + 'static,
    ) -> Option<T> {
        let (tell, told) = oneshot::channel();
        let read = Box::new(move |agent: &Agent, now| -> Tell {
            let seen = look(agent, now);
            // Whoever asked may have gone.
            Box::new(move || drop(tell.send(seen)))
        });
        self.inner.asks.send(Ask::Read(read)).await.ok()?;
        told.await.ok()
    }
}
