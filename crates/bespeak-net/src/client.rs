//! A swarm that only asks: dials, gossips nothing, says nothing of itself. One for each transport identity. Whom it
//! dialled may answer it with requests of its own while the connection lasts.
//!
//! Where its owner let the other side see her address, it also listens and helps a circuit become a direct connection.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::identity::Keypair;
use libp2p::request_response::{self, Message, OutboundFailure, OutboundRequestId, ResponseChannel};
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::swarm::{ConnectionId, NetworkBehaviour, Swarm, SwarmEvent};
use libp2p::{PeerId, dcutr, identify, relay, request_response::ProtocolSupport};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::address::{Address, is_circuit};
use crate::driver::dial_reason;
use crate::drop::{Drops, Oversize, drops};
use crate::error::StartError;
use crate::event::{Door, NetEvent, ReplyToken};
use crate::swarm::{identity, swarm};

/// A swarm that nobody asked for so long is taken down, its connections with it. Wild guess: twice the pause between
/// two long polls, so that a conversation keeps its connection.
const IDLE: Duration = Duration::from_secs(60);

/// Requests handed over and not yet looked at.
const QUEUE: usize = 16;

/// One request for one address.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) address: Address,
    pub(crate) request: Vec<u8>,
    pub(crate) answer: Answer,
}

/// Where the reply goes; the asker may have stopped waiting.
pub(crate) type Answer = oneshot::Sender<Result<Vec<u8>, AskError>>;

#[derive(Debug)]
pub(crate) enum AskError {
    /// No connection, or it broke: another address may do.
    Unreachable(String),
    /// The host closed the stream without a reply.
    Refused(String),
    TimedOut,
    TooLarge(Oversize),
}

/// What is known of an address that was asked.
#[derive(Debug)]
enum Host {
    Dialling { connection: ConnectionId, waiting: Vec<Ask> },
    Up(PeerId),
}

/// Requests of the other end that await a reply. Wild guess: it sends one thing after the other.
const UNANSWERED: usize = 8;

/// Connections that come while a direct one is sought, and those with one peer. Wild guess: two wires, tried twice.
const CAME: u32 = 4;
const PER_PEER: u32 = 8;

/// Where a swarm listens whose owner may be seen: everywhere, on ports of its own.
const SEEN_AT: [&str; 4] =
    ["/ip4/0.0.0.0/udp/0/quic-v1", "/ip4/0.0.0.0/tcp/0", "/ip6/::/udp/0/quic-v1", "/ip6/::/tcp/0"];

/// What a swarm that only asks is made of.
#[derive(NetworkBehaviour)]
pub(crate) struct Asking {
    limits: connection_limits::Behaviour,
    drops: Drops,
    circuits: relay::client::Behaviour,
    /// Tells at which address others see it.
    identify: Toggle<identify::Behaviour>,
    punch: Toggle<dcutr::Behaviour>,
}

/// Who asks, and how.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) key: Keypair,
    /// Whether the other side may see at which address it is.
    pub(crate) seen: bool,
    /// What identify says of it, where it is seen.
    pub(crate) version: String,
    pub(crate) events: mpsc::WeakSender<NetEvent>,
}

pub(crate) struct Client {
    swarm: Swarm<Asking>,
    seen: bool,
    hosts: HashMap<Address, Host>,
    sent: HashMap<OutboundRequestId, (PeerId, Answer)>,
    circuits: HashMap<ConnectionId, PeerId>,
    events: mpsc::WeakSender<NetEvent>,
    replies: mpsc::UnboundedSender<Reply>,
    /// Copies are held by tokens of requests that await a reply.
    held: Arc<()>,
}

type Reply = (ResponseChannel<Vec<u8>>, Vec<u8>);

impl Client {
    /// Starts the swarm's task; it ends when the sender is dropped, or by itself when idle.
    pub(crate) fn start(caller: Caller) -> Result<mpsc::Sender<Ask>, StartError> {
        Self::start_with(caller, drops(ProtocolSupport::Full))
    }

    pub(crate) fn start_with(caller: Caller, drops: Drops) -> Result<mpsc::Sender<Ask>, StartError> {
        let Caller { key, seen, version, events } = caller;
        let (peer, public) = (key.public().to_peer_id(), key.public());
        let behaviour = |circuits| {
            let few = Some(CAME);
            let limits = ConnectionLimits::default()
                .with_max_pending_incoming(few)
                .with_max_established_incoming(few)
                .with_max_established_per_peer(Some(PER_PEER));
            Ok(Asking {
                limits: connection_limits::Behaviour::new(limits),
                drops,
                circuits,
                identify: seen.then(|| identity(version, public, true)).into(),
                punch: seen.then(|| dcutr::Behaviour::new(peer)).into(),
            })
        };
        let mut swarm = swarm(key, behaviour, IDLE)?;
        if seen {
            for place in SEEN_AT.iter().filter_map(|place| place.parse().ok()) {
                if let Err(error) = swarm.listen_on(place) {
                    tracing::debug!(%error, "no port for a direct connection");
                }
            }
        }
        let (sender, asks) = mpsc::channel(QUEUE);
        let (replies, replies_in) = mpsc::unbounded_channel();
        let (hosts, sent, circuits) = (HashMap::new(), HashMap::new(), HashMap::new());
        let client = Self { swarm, seen, hosts, sent, circuits, events, replies, held: Arc::new(()) };
        tokio::spawn(client.run(asks, replies_in));
        Ok(sender)
    }

    async fn run(mut self, mut asks: mpsc::Receiver<Ask>, mut replies: mpsc::UnboundedReceiver<Reply>) {
        let mut idle_at = Instant::now() + IDLE;
        let mut let_go = false;
        loop {
            let was_idle = self.is_idle();
            // What is under way is brought to its end.
            if let_go && was_idle {
                break;
            }
            tokio::select! {
                ask = asks.recv(), if !let_go => match ask {
                    None => let_go = true,
                    Some(ask) => self.ask(ask),
                },
                // Never closed: the sender is here.
                Some((channel, bytes)) = replies.recv() => {
                    // Whoever asked may have gone.
                    let _ = self.swarm.behaviour_mut().drops.send_response(channel, bytes);
                }
                event = self.swarm.select_next_some() => self.heard(event),
                () = tokio::time::sleep_until(idle_at), if was_idle => break,
            }
            if !(was_idle && self.is_idle()) {
                idle_at = Instant::now() + IDLE;
            }
        }
    }

    fn is_idle(&self) -> bool {
        // What the other end asks keeps nothing up: else it could stay connected for as long as it likes.
        self.sent.is_empty() && !self.hosts.values().any(|host| matches!(host, Host::Dialling { .. }))
    }

    fn ask(&mut self, ask: Ask) {
        let known = ask.address.peer.filter(|peer| self.swarm.is_connected(peer));
        let up = match self.hosts.get_mut(&ask.address) {
            Some(Host::Dialling { waiting, .. }) => return waiting.push(ask),
            Some(Host::Up(peer)) => Some(*peer),
            None => known,
        };
        match up {
            Some(peer) => self.send(peer, ask),
            None => self.dial(ask),
        }
    }

    fn dial(&mut self, ask: Ask) {
        let opts = ask.address.dial_opts(!self.seen);
        let connection = opts.connection_id();
        match self.swarm.dial(opts) {
            Ok(()) => {
                self.hosts.insert(ask.address.clone(), Host::Dialling { connection, waiting: vec![ask] });
            }
            Err(error) => end(ask.answer, Err(AskError::Unreachable(dial_reason(&error)))),
        }
    }

    fn send(&mut self, peer: PeerId, ask: Ask) {
        let id = self.swarm.behaviour_mut().drops.send_request(&peer, ask.request);
        self.sent.insert(id, (peer, ask.answer));
    }

    fn heard(&mut self, event: SwarmEvent<AskingEvent>) {
        match event {
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                if is_circuit(endpoint.get_remote_address()) {
                    self.circuits.insert(connection_id, peer_id);
                }
                self.connected(connection_id, peer_id)
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, num_established, .. } => {
                self.circuits.remove(&connection_id);
                if num_established == 0 {
                    self.hosts.retain(|_, host| !matches!(host, Host::Up(peer) if *peer == peer_id));
                }
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                for ask in self.dialled(connection_id).map(|(_, waiting)| waiting).unwrap_or_default() {
                    end(ask.answer, Err(AskError::Unreachable(dial_reason(&error))));
                }
            }
            SwarmEvent::Behaviour(AskingEvent::Drops(event)) => self.dropped(event),
            SwarmEvent::Behaviour(AskingEvent::Punch(dcutr::Event { remote_peer_id, result: Ok(_) })) => {
                self.leave_circuits(&remote_peer_id);
            }
            _ => {}
        }
    }

    /// Once there is a direct connection, the relay need not carry any more.
    fn leave_circuits(&mut self, peer: &PeerId) {
        for connection in
            self.circuits.iter().filter(|(_, end)| *end == peer).map(|(id, _)| *id).collect::<Vec<_>>()
        {
            self.swarm.close_connection(connection);
        }
    }

    fn dropped(&mut self, event: request_response::Event<Vec<u8>, Vec<u8>>) {
        use request_response::Event;
        match event {
            Event::Message { message: Message::Response { request_id, response }, .. } => {
                self.replied(request_id, Ok(response));
            }
            Event::Message { peer, message: Message::Request { request, channel, .. }, .. } => {
                self.requested(peer, request, channel);
            }
            Event::OutboundFailure { request_id, error, .. } => self.failed(request_id, error),
            Event::InboundFailure { .. } | Event::ResponseSent { .. } => {}
        }
    }

    /// Dropping the channel refuses the request.
    fn requested(&mut self, peer: PeerId, request: Vec<u8>, channel: ResponseChannel<Vec<u8>>) {
        let called = self.hosts.values().any(|host| matches!(host, Host::Up(up) if *up == peer));
        // Each token holds two.
        if !called || Arc::strong_count(&self.held) > 2 * UNANSWERED {
            return;
        }
        let held = [Arc::clone(&self.held), Arc::clone(&self.held)];
        let door = Door::Client(self.replies.clone());
        // Whom this swarm dialled, it knows by name alone.
        let reply = ReplyToken { channel, door, address: String::new(), _held: held };
        let identity = self.swarm.local_peer_id().to_string();
        let straight = NetEvent::Straight { identity, peer: peer.to_string(), request, reply };
        let told = self.events.upgrade().is_some_and(|events| events.try_send(straight).is_ok());
        if !told {
            tracing::debug!("the node does not keep up: a request is refused");
        }
    }

    fn dialled(&mut self, connection: ConnectionId) -> Option<(Address, Vec<Ask>)> {
        let ours = |host: &Host| matches!(host, Host::Dialling { connection: dialled, .. } if *dialled == connection);
        let address = self.hosts.iter().find(|(_, host)| ours(host)).map(|(address, _)| address.clone())?;
        match self.hosts.remove(&address)? {
            Host::Dialling { waiting, .. } => Some((address, waiting)),
            Host::Up(_) => None,
        }
    }

    fn connected(&mut self, connection: ConnectionId, peer: PeerId) {
        let Some((address, waiting)) = self.dialled(connection) else { return };
        self.hosts.insert(address, Host::Up(peer));
        for ask in waiting {
            self.send(peer, ask);
        }
    }

    fn failed(&mut self, id: OutboundRequestId, error: OutboundFailure) {
        let error = match error {
            OutboundFailure::DialFailure => AskError::Unreachable("no connection".to_owned()),
            OutboundFailure::ConnectionClosed => AskError::Unreachable("the connection broke".to_owned()),
            OutboundFailure::UnsupportedProtocols => AskError::Refused("the host holds no drops".to_owned()),
            OutboundFailure::Timeout => {
                self.abandon(id);
                AskError::TimedOut
            }
            OutboundFailure::Io(error) => stream_error(&error),
        };
        self.replied(id, Err(error));
    }

    /// A host that is silent for longer than any long poll is not there any more: the next request dials anew.
    fn abandon(&mut self, id: OutboundRequestId) {
        if let Some((peer, _)) = self.sent.get(&id) {
            let _ = self.swarm.disconnect_peer_id(*peer);
        }
    }

    fn replied(&mut self, id: OutboundRequestId, result: Result<Vec<u8>, AskError>) {
        if let Some((_, answer)) = self.sent.remove(&id) {
            end(answer, result);
        }
    }
}

/// What a broken stream means. Over QUIC a lost connection can be told from a closed stream; over TCP both end it.
fn stream_error(error: &io::Error) -> AskError {
    match error.get_ref().and_then(|e| e.downcast_ref::<Oversize>()) {
        Some(oversize) => AskError::TooLarge(*oversize),
        None if error.kind() == io::ErrorKind::NotConnected => {
            AskError::Unreachable("the connection broke".to_owned())
        }
        None => AskError::Refused(format!("no reply: {error}")),
    }
}

fn end(answer: Answer, result: Result<Vec<u8>, AskError>) {
    let _ = answer.send(result);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::config::{MarketIdentity, NetConfig, TransportIdentity};
    use crate::drop::{DropCodec, MAX_REPLY, MAX_REQUEST, drops_with};
    use crate::{Net, NetEvent};

    /// An asker that keeps to no bound.
    async fn shout(address: &str, bytes: usize) -> Result<Vec<u8>, AskError> {
        let codec = DropCodec { max_request: usize::MAX, max_reply: MAX_REPLY };
        let (events, _events) = mpsc::channel(1);
        let key = Keypair::generate_ed25519();
        let caller = Caller { key, seen: false, version: String::new(), events: events.downgrade() };
        let asks = Client::start_with(caller, drops_with(ProtocolSupport::Outbound, codec)).unwrap();
        let (answer, reply) = oneshot::channel();
        let ask = Ask { address: Address::read(address).unwrap(), request: vec![1; bytes], answer };
        asks.send(ask).await.unwrap();
        reply.await.unwrap()
    }

    #[tokio::test]
    async fn an_oversize_request_is_refused_and_the_host_goes_on() {
        for listen in ["/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/udp/0/quic-v1"] {
            let mut config = NetConfig::new(MarketIdentity::Fresh, "test");
            config.listen = vec![listen.to_owned()];
            let (host, mut events) = Net::start(config).await.unwrap();
            let place = host.listen_addresses();
            for bytes in [MAX_REQUEST + 1, 10 * MAX_REQUEST, 4 << 20] {
                let refused = shout(&place[0], bytes).await;
                assert!(
                    matches!(refused, Err(AskError::Refused(_))),
                    "{bytes} bytes over {listen}: {refused:?}"
                );
            }
            let (asker, identity) = (host.clone(), TransportIdentity([1; 32]));
            let asked = tokio::spawn(async move { asker.request(&identity, &place, vec![2]).await });
            loop {
                match events.recv().await {
                    Some(NetEvent::Request { request, reply, .. }) => {
                        assert_eq!(request, [2], "an oversize request came through");
                        break host.reply(reply, request).unwrap();
                    }
                    Some(_) => {}
                    None => panic!("the host stopped"),
                }
            }
            assert_eq!(asked.await.unwrap().unwrap(), [2]);
        }
    }
}
