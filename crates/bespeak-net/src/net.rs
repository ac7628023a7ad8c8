//! The handle the node holds.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use libp2p::PeerId;
use tokio::sync::{mpsc, oneshot};

use crate::address::Address;
use crate::clients::Clients;
use crate::command::{Answer, Command};
use crate::config::{MAX_MESSAGE, NetConfig, TransportIdentity};
use crate::driver::Driver;
use crate::drop::{MAX_REPLY, MAX_REQUEST};
use crate::error::{DialError, PeerError, PublishError, ReplyError, RequestError, StartError};
use crate::event::{
    Carried, GossipToken, NetEvent, PeerInfo, RelayInfo, ReplyToken, Standing, Verdict, short,
};
use crate::market;
use crate::swarm::swarm;
use crate::view::View;

/// Commands handed over and not yet looked at. Wild guess; whoever comes later waits.
const COMMANDS: usize = 64;

/// The wires of one node. Clones share them; when the last is dropped, or after [`Net::shutdown`], they are down.
#[derive(Clone)]
pub struct Net {
    inner: Arc<Inner>,
}

struct Inner {
    peer: PeerId,
    commands: mpsc::Sender<Command>,
    answers: mpsc::UnboundedSender<Answer>,
    view: Arc<View>,
    clients: Clients,
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Net({})", short(&self.peer()))
    }
}

impl Net {
    /// Starts the market swarm on the running tokio runtime. When this returns, every listener has its address; known
    /// peers are being dialled.
    pub async fn start(config: NetConfig) -> Result<(Self, mpsc::Receiver<NetEvent>), StartError> {
        config.check()?;
        let listen = read_all(&config.listen)?;
        let peers = read_all(&config.peers)?;
        let key = config.identity.keypair()?;
        let external = read_all(&config.external)?;
        let market = |circuits| market::market(&config, &key, circuits);
        let swarm = swarm(key.clone(), market, market::NEVER_IDLE)?;
        let peer = *swarm.local_peer_id();

        let (events, events_out) = mpsc::channel(config.limits.events.max(1));
        let view = Arc::new(View::default());
        let version = market::client_version(&config.network);
        let clients = Clients::new(config.limits.requests.max(1), version, events.downgrade());
        let mut driver = Driver::new(swarm, &config, events, Arc::clone(&view))?;
        driver.begin_with(external, &config.anchors);
        driver.listen(&listen).await?;
        let now = Instant::now();
        for (text, address) in peers {
            driver.redial.add(text, address, now);
        }

        let (commands, commands_in) = mpsc::channel(COMMANDS);
        let (answers, answers_in) = mpsc::unbounded_channel();
        tokio::spawn(driver.run(commands_in, answers_in));
        let inner = Inner { peer, commands, answers, view, clients };
        Ok((Self { inner: Arc::new(inner) }, events_out))
    }

    /// This node's PeerId in the market.
    pub fn peer(&self) -> String {
        self.inner.peer.to_string()
    }

    /// Where this node can be reached, with `/p2p/…`.
    pub fn listen_addresses(&self) -> Vec<String> {
        self.inner.view.lock().listening.clone()
    }

    /// Connected peers of this network; swarms that only ask drops are not among them.
    pub fn peers(&self) -> Vec<PeerInfo> {
        self.inner.view.lock().peers.values().cloned().collect()
    }

    /// How many there are.
    pub fn peer_count(&self) -> usize {
        self.inner.view.lock().peers.len()
    }

    /// How many connections there are, with strangers that only ask drops too. Looked at anew four times a second.
    pub fn connection_count(&self) -> usize {
        self.inner.view.lock().connections
    }

    /// How many peers are in the mesh of any of our topics: those who are sent what is published first. It is looked at
    /// anew four times a second.
    pub fn mesh_count(&self) -> usize {
        self.inner.view.lock().mesh
    }

    /// Relays that were dialled and met since the start: connected ones first, of these those that were named, of these the
    /// nearest.
    pub fn relays(&self) -> Vec<RelayInfo> {
        let mut relays: Vec<RelayInfo> = self.inner.view.lock().relays.values().cloned().collect();
        relays
            .sort_by_key(|relay| (!relay.connected, !relay.named, relay.round_trip.unwrap_or(Duration::MAX)));
        relays
    }

    /// How this node stands toward the network.
    pub fn standing(&self) -> Standing {
        self.inner.view.lock().standing.clone()
    }

    /// Where to begin the next time: the peers that this node dialled and has been connected with longest, at most two.
    pub fn anchors(&self) -> Vec<String> {
        self.inner.view.lock().anchors.clone()
    }

    /// What this node carries for others, if it is a relay.
    pub fn carried(&self) -> Carried {
        self.inner.view.lock().carried
    }

    /// The PeerId of a transport identity; none if it is not one.
    pub fn peer_of(identity: &TransportIdentity) -> Option<String> {
        Some(identity.keypair()?.public().to_peer_id().to_string())
    }

    /// Publishes at most [`MAX_MESSAGE`] bytes. Waits for a peer that follows the topic, as long as the limits say.
    /// `Ok` means handed to at least one peer's queue, not that anybody has it.
    pub async fn publish(&self, topic: &str, bytes: &[u8]) -> Result<(), PublishError> {
        if bytes.len() > MAX_MESSAGE {
            return Err(PublishError::TooLarge { bytes: bytes.len(), most: MAX_MESSAGE });
        }
        let (done, result) = oneshot::channel();
        let command = Command::Publish { topic: topic.to_owned(), bytes: bytes.to_vec(), done };
        self.inner.commands.send(command).await.map_err(|_| PublishError::Closed)?;
        result.await.unwrap_or(Err(PublishError::Closed))
    }

    /// Says what becomes of a gossip message.
    pub fn judge(&self, token: GossipToken, verdict: Verdict) {
        // After shutdown nothing is forwarded.
        let _ = self.inner.answers.send(Answer::Judge { token, verdict });
    }

    /// Dials once; [`NetConfig::peers`] are dialled by themselves. Returns the PeerId found there, before it has said
    /// which network it belongs to.
    pub async fn dial(&self, address: &str) -> Result<String, DialError> {
        let text = address.to_owned();
        let address =
            Address::read(address).map_err(|reason| DialError::Address { address: text.clone(), reason })?;
        let (done, result) = oneshot::channel();
        let command = Command::Dial { address, text, done };
        self.inner.commands.send(command).await.map_err(|_| DialError::Closed)?;
        result.await.unwrap_or(Err(DialError::Closed))
    }

    /// One more known peer, as if it had been among [`NetConfig::peers`].
    pub async fn meet(&self, address: &str) -> Result<(), DialError> {
        let text = address.to_owned();
        let address =
            Address::read(address).map_err(|reason| DialError::Address { address: text.clone(), reason })?;
        self.inner.commands.send(Command::Meet { address, text }).await.map_err(|_| DialError::Closed)
    }

    /// Asks the drops of the host at `host` (multiaddrs, each tried in turn), as `identity`: from a PeerId and over a
    /// connection that nothing else uses. At most [`crate::MAX_REQUEST`] bytes. Unreachable hosts are given up after
    /// about ten seconds, silent ones after [`crate::REQUEST_TIMEOUT`].
    pub async fn request(
        &self,
        identity: &TransportIdentity,
        host: &[String],
        request: Vec<u8>,
    ) -> Result<Vec<u8>, RequestError> {
        self.inner.clients.request(identity, host, Some(false), request).await
    }

    /// The same at a host of one's own choice, which sees the caller anyway: over whatever connection there is.
    pub async fn fetch(
        &self,
        identity: &TransportIdentity,
        host: &[String],
        request: Vec<u8>,
    ) -> Result<Vec<u8>, RequestError> {
        self.inner.clients.request(identity, host, None, request).await
    }

    /// The same where whoever is at the end of a circuit may see the address of this node: a direct connection is made
    /// where one can be, and the circuit left.
    pub async fn request_seen(
        &self,
        identity: &TransportIdentity,
        host: &[String],
        request: Vec<u8>,
    ) -> Result<Vec<u8>, RequestError> {
        self.inner.clients.request(identity, host, Some(true), request).await
    }

    /// Asks the drops of a peer that is connected, over the connection there is: nobody is dialled. Only for nodes that are
    /// to be found ([`NetConfig::be_found`]); for all others nobody answers. At most [`crate::MAX_REQUEST`] bytes.
    pub async fn send(&self, peer: &str, request: Vec<u8>) -> Result<Vec<u8>, PeerError> {
        if request.len() > MAX_REQUEST {
            return Err(PeerError::TooLarge { bytes: request.len(), most: MAX_REQUEST });
        }
        let peer = peer.parse().map_err(|_| PeerError::NotConnected)?;
        let (done, result) = oneshot::channel();
        let command = Command::Send { peer, request, done };
        self.inner.commands.send(command).await.map_err(|_| PeerError::Closed)?;
        result.await.unwrap_or(Err(PeerError::Closed))
    }

    /// Asks a connected peer what was said before: at most 49 KiB, answered with at most [`MAX_REPLY`].
    pub async fn catch_up(&self, peer: &str, question: Vec<u8>) -> Result<Vec<u8>, PeerError> {
        let peer = peer.parse().map_err(|_| PeerError::NotConnected)?;
        let (done, result) = oneshot::channel();
        let command = Command::CatchUp { peer, question, done };
        self.inner.commands.send(command).await.map_err(|_| PeerError::Closed)?;
        result.await.unwrap_or(Err(PeerError::Closed))
    }

    /// Answers a request with at most [`MAX_REPLY`] bytes. An asker who has gone is passed over.
    pub fn reply(&self, token: ReplyToken, bytes: Vec<u8>) -> Result<(), ReplyError> {
        if bytes.len() > MAX_REPLY {
            return Err(ReplyError::TooLarge { bytes: bytes.len(), most: MAX_REPLY });
        }
        let _ = self.inner.answers.send(Answer::Reply { token, bytes });
        Ok(())
    }

    /// Closes the connections with a peer, which may come again. What is no PeerId is nobody's.
    pub async fn disconnect(&self, peer: &str) {
        if let Ok(peer) = peer.parse() {
            let _ = self.inner.commands.send(Command::Disconnect { peer }).await;
        }
    }

    /// Closes the connections with a peer for good: it may not come again while this node runs.
    pub async fn block(&self, peer: &str) {
        if let Ok(peer) = peer.parse() {
            let _ = self.inner.commands.send(Command::Block { peer }).await;
        }
    }

    /// Says goodbye to all peers and stops. Ports are free afterwards.
    pub async fn shutdown(&self) {
        self.inner.clients.close();
        let (done, ended) = oneshot::channel();
        if self.inner.commands.send(Command::Shutdown { done }).await.is_ok() {
            let _ = ended.await;
        }
    }
}

fn read_all(texts: &[String]) -> Result<Vec<(String, Address)>, StartError> {
    let read = |text: &String| match Address::read(text) {
        Ok(address) => Ok((text.clone(), address)),
        Err(reason) => Err(StartError::Address { address: text.clone(), reason }),
    };
    texts.iter().map(read).collect()
}
