//! The one task that owns the market swarm: it obeys commands, hands on what is heard, and keeps time.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use libp2p::core::transport::ListenerId;
use libp2p::gossipsub::{self, MessageAcceptance};
use libp2p::swarm::{ConnectionId, DialError as SwarmDialError, Swarm, SwarmEvent};
use libp2p::{PeerId, gossipsub::IdentTopic};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::address::{Address, Scope, dial_opts};
use crate::asked::{Answered, Asked};
use crate::book::{Book, Source};
use crate::command::{Answer, Command};
use crate::config::{MAX_MESSAGE, NetConfig};
use crate::error::{DialError, PeerError, PublishError, StartError};
use crate::event::{Door, NetEvent, Verdict, short};
use crate::lists::Lists;
use crate::market::{GRAYLIST, Market, MarketEvent, client_version, protocol_version};
use crate::peers::Redial;
use crate::publish::{Pending, Waiting};
use crate::reservations::Reservations;
use crate::roster::Roster;
use crate::standing::Standings;
use crate::view::View;

/// gossipsub's heartbeat stops on a quiet swarm: its timer is set again but not looked at. Waking the swarm at half
/// its interval (`HEARTBEAT`) keeps it going (measured here: 10 of 10 beats in five quiet seconds, against none).
const TICK: Duration = Duration::from_millis(250);

/// How often idle strangers and peers beyond hope are looked for.
const SWEEP: Duration = Duration::from_secs(5);

/// How long an address may take to be listened on. It is a matter of milliseconds; wild guess.
const LISTEN_WAIT: Duration = Duration::from_secs(5);

/// How long connections may take to close at the end. Wild guess.
const CLOSE_WAIT: Duration = Duration::from_secs(1);

/// How long ports may take to be free after that. A QUIC socket lives on until its connections have drained: three
/// times their probe timeout (RFC 9000, 10.2), under a second on usual paths.
const FREE_WAIT: Duration = Duration::from_secs(2);

/// Blocked peers remembered; the oldest are let go. Wild guess: a few hundred KiB.
const MOST_BLOCKED: usize = 4096;

/// Rejected messages that bar a peer whose score is beyond hope. Two: one may be a fault that nobody thought of.
const PROVEN: u32 = 2;

type Dialled = oneshot::Sender<Result<String, DialError>>;

pub(crate) struct Driver {
    pub(crate) swarm: Swarm<Market>,
    pub(crate) events: mpsc::Sender<NetEvent>,
    pub(crate) view: Arc<View>,
    pub(crate) roster: Roster,
    pub(crate) redial: Redial,
    pub(crate) book: Book,
    pub(crate) lists: Lists,
    pub(crate) reservations: Reservations,
    pub(crate) standing: Standings,
    /// Connections that were made only to try an address for somebody.
    pub(crate) trials: Vec<(Instant, ConnectionId)>,
    pub(crate) waiting: Waiting,
    pub(crate) dials: HashMap<ConnectionId, (String, Dialled)>,
    /// Questions of ours to peers' drops, and about what was said before.
    pub(crate) sent: Asked,
    pub(crate) asked: Asked,
    /// What identify must say of a peer of ours, and what it says of a swarm that only asks.
    pub(crate) protocol: String,
    pub(crate) client_protocol: String,
    pub(crate) unjudged_per_peer: usize,
    /// Copies are held by tokens of requests that await a reply.
    pub(crate) held: Arc<()>,
    pub(crate) unanswered: usize,
    pub(crate) unanswered_per_peer: usize,
    topics: HashSet<String>,
    /// Call from a port of its own, since the listening one is nobody's business.
    new_port: bool,
    blocked: VecDeque<PeerId>,
    swept: Instant,
}

impl Driver {
    pub(crate) fn new(
        swarm: Swarm<Market>,
        config: &NetConfig,
        events: mpsc::Sender<NetEvent>,
        view: Arc<View>,
    ) -> Result<Self, StartError> {
        let (now, own) = (Instant::now(), *swarm.local_peer_id());
        let lists = Lists::new(&config.network).map_err(|reason| StartError::Setup { reason })?;
        Ok(Self {
            swarm,
            events,
            roster: Roster::new(Arc::clone(&view)),
            view,
            redial: Redial::default(),
            book: Book::new(own, fastrand::u64(..), now),
            lists,
            reservations: Reservations::default(),
            standing: Standings::new(!config.hide_listen_addresses),
            trials: Vec::new(),
            waiting: Waiting::new(config.limits.publish_wait),
            dials: HashMap::new(),
            sent: Asked::default(),
            asked: Asked::default(),
            protocol: protocol_version(&config.network),
            client_protocol: client_version(&config.network),
            unjudged_per_peer: config.limits.unjudged_per_peer,
            held: Arc::new(()),
            unanswered: config.limits.unanswered,
            unanswered_per_peer: config.limits.unanswered_per_peer,
            topics: config.topics.iter().cloned().collect(),
            new_port: config.hide_listen_addresses,
            blocked: VecDeque::new(),
            swept: now,
        })
    }

    /// Addresses that this node was told to announce, and peers of the last run.
    pub(crate) fn begin_with(&mut self, external: Vec<(String, Address)>, anchors: &[String]) {
        let now = Instant::now();
        for (_, address) in external {
            self.swarm.add_external_address(address.place.clone());
            self.standing.announce(address.place);
        }
        for anchor in anchors {
            match Address::read(anchor) {
                Ok(address) => self.book.learn(Source::Anchor, address, Scope::Machine, now),
                Err(error) => tracing::warn!(anchor, error, "not an address"),
            }
        }
        self.show_standing();
    }

    pub(crate) fn show_standing(&self) {
        self.view.lock().standing = self.standing.standing();
    }

    /// Opens every listener and waits until each has an address.
    pub(crate) async fn listen(&mut self, addresses: &[(String, Address)]) -> Result<(), StartError> {
        let mut opening = HashMap::new();
        for (text, address) in addresses {
            address.probe().map_err(|e| listen_error(text, &e))?;
            let id = self
                .swarm
                .listen_on(address.place.clone())
                .map_err(|e| not_listening(text, &e.to_string()))?;
            opening.insert(id, text.clone());
        }
        let opened = timeout(LISTEN_WAIT, self.opened(&mut opening)).await;
        match (opened, opening.into_values().next()) {
            (Ok(result), _) => result,
            (Err(_), Some(text)) => Err(not_listening(&text, "no address after five seconds")),
            (Err(_), None) => Ok(()),
        }
    }

    async fn opened(&mut self, opening: &mut HashMap<ListenerId, String>) -> Result<(), StartError> {
        while !opening.is_empty() {
            let event = self.swarm.select_next_some().await;
            match &event {
                SwarmEvent::NewListenAddr { listener_id, .. } => {
                    opening.remove(listener_id);
                }
                SwarmEvent::ListenerClosed { listener_id, reason: Err(error), .. } => {
                    if let Some(text) = opening.get(listener_id) {
                        return Err(listen_error(text, error));
                    }
                }
                _ => {}
            }
            self.heard(event);
        }
        Ok(())
    }

    /// Runs until told to stop, or until every handle is gone.
    pub(crate) async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        mut answers: mpsc::UnboundedReceiver<Answer>,
    ) {
        let mut ticker = interval(TICK);
        ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let done = loop {
            tokio::select! {
                event = self.swarm.select_next_some() => self.heard(event),
                Some(answer) = answers.recv() => self.answered(answer),
                command = commands.recv() => match command {
                    None => break None,
                    Some(Command::Shutdown { done }) => break Some(done),
                    Some(command) => self.obey(command),
                },
                _ = ticker.tick() => self.tick(Instant::now()),
            }
        };
        self.close().await;
        if let Some(done) = done {
            let _ = done.send(());
        }
    }

    /// Says goodbye to every peer, for a moment at most.
    async fn close(mut self) {
        tracing::debug!(peers = self.roster.all().len(), "closing");
        let connected: Vec<PeerId> = self.swarm.connected_peers().copied().collect();
        for peer in connected {
            let _ = self.swarm.disconnect_peer_id(peer);
        }
        let gone = async {
            while self.swarm.connected_peers().next().is_some() {
                self.swarm.select_next_some().await;
            }
        };
        if timeout(CLOSE_WAIT, gone).await.is_err() {
            tracing::debug!("some connections were still open at the end");
        }
        let places: Vec<Address> = self.swarm.listeners().filter_map(Address::of).collect();
        std::mem::drop(self.swarm);
        if timeout(FREE_WAIT, all_free(&places)).await.is_err() {
            tracing::debug!("a port is still held after the end");
        }
        let mut view = self.view.lock();
        view.peers.clear();
        view.mesh = 0;
        view.listening.clear();
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Publish { topic, bytes, done } => {
                self.publish(Pending { topic, bytes, done, since: Instant::now() });
            }
            Command::Dial { address, text, done } => self.dial(&address, text, done),
            Command::Meet { address, text } => self.redial.add(text, address, Instant::now()),
            Command::Send { peer, request, done } => {
                if let Some(done) = self.if_connected(&peer, done) {
                    self.sent.ask(&mut self.swarm.behaviour_mut().drops, &peer, request, done);
                }
            }
            Command::CatchUp { peer, question, done } => {
                if let Some(done) = self.if_connected(&peer, done) {
                    self.asked.ask(&mut self.swarm.behaviour_mut().catch_up, &peer, question, done);
                }
            }
            Command::Disconnect { peer } => self.disconnect(&peer),
            Command::Block { peer } => self.block(peer),
            // Taken by the loop.
            Command::Shutdown { done } => std::mem::drop(done),
        }
    }

    /// Whom to tell of the answer of a peer, if it is there to be asked.
    fn if_connected(&self, peer: &PeerId, done: Answered) -> Option<Answered> {
        if self.roster.is_connected(peer) {
            return Some(done);
        }
        // Whoever asked may have stopped waiting.
        let _ = done.send(Err(PeerError::NotConnected));
        None
    }

    fn answered(&mut self, answer: Answer) {
        match answer {
            Answer::Judge { token, verdict } => {
                let verdict = match verdict {
                    Verdict::Accept => MessageAcceptance::Accept,
                    Verdict::Reject => MessageAcceptance::Reject,
                    Verdict::Ignore => MessageAcceptance::Ignore,
                };
                self.judge(&token.id, &token.from, verdict);
            }
            // An asker who has gone is no matter.
            Answer::Reply { token, bytes } => {
                let market = self.swarm.behaviour_mut();
                let _ = match token.door {
                    Door::Drops => market.drops.send_response(token.channel, bytes),
                    Door::CatchUp => market.catch_up.send_response(token.channel, bytes),
                    Door::Client(client) => client.send((token.channel, bytes)).map_err(|gone| gone.0.1),
                };
            }
        }
    }

    pub(crate) fn judge(&mut self, id: &gossipsub::MessageId, from: &PeerId, verdict: MessageAcceptance) {
        let rejected = matches!(verdict, MessageAcceptance::Reject);
        let gossip = &mut self.swarm.behaviour_mut().gossip;
        if !gossip.report_message_validation_result(id, from, verdict) {
            tracing::debug!(message = short(&id.to_string()), "verdict came too late");
        }
        if rejected {
            self.roster.rejected(from);
            self.part_if_hopeless(from);
        }
    }

    /// A rejection alone disconnects nobody in gossipsub.
    fn part_if_hopeless(&mut self, peer: &PeerId) {
        let Some(rejected) = self.roster.rejections(peer) else { return };
        let score = self.swarm.behaviour().gossip.peer_score(peer).unwrap_or_default();
        let parting = parting(score, rejected, self.redial.knows(peer));
        if parting != Parting::Stay {
            tracing::info!(peer = short(&peer.to_string()), score, rejected, ?parting, "cut off");
        }
        match parting {
            Parting::Stay => {}
            Parting::Disconnect => self.disconnect(peer),
            Parting::Block => self.block(*peer),
        }
    }

    pub(crate) fn publish(&mut self, pending: Pending) {
        let now = Instant::now();
        if !self.topics.contains(&pending.topic) {
            let topic = pending.topic.clone();
            return pending.end(Err(PublishError::UnknownTopic { topic }));
        }
        if self.waiting.is_paced(now) {
            return self.waiting.push(pending);
        }
        let topic = IdentTopic::new(pending.topic.as_str());
        match self.swarm.behaviour_mut().gossip.publish(topic, pending.bytes.clone()) {
            Ok(_) => pending.end(Ok(())),
            Err(gossipsub::PublishError::NoPeersSubscribedToTopic) => self.waiting.push(pending),
            Err(gossipsub::PublishError::Duplicate) => pending.end(Err(PublishError::Duplicate)),
            Err(gossipsub::PublishError::AllQueuesFull(_)) => {
                self.waiting.slow_down(now);
                pending.end(Err(PublishError::Congested));
            }
            // Signing and compression are not in use; what is left is size.
            Err(_) => {
                let bytes = pending.bytes.len();
                pending.end(Err(PublishError::TooLarge { bytes, most: MAX_MESSAGE }));
            }
        }
    }

    fn dial(&mut self, address: &Address, text: String, done: Dialled) {
        if let Some(peer) = address.peer.filter(|peer| self.roster.is_connected(peer)) {
            let _ = done.send(Ok(peer.to_string()));
            return;
        }
        let opts = address.dial_opts(self.new_port);
        let connection = opts.connection_id();
        match self.swarm.dial(opts) {
            Ok(()) => {
                self.dials.insert(connection, (text, done));
            }
            Err(error) => {
                let _ = done.send(Err(DialError::Unreachable { address: text, reason: dial_reason(&error) }));
            }
        }
    }

    fn tick(&mut self, now: Instant) {
        let mesh = self.swarm.behaviour().gossip.all_mesh_peers().count();
        let connections = self.swarm.network_info().connection_counters().num_established();
        let mut view = self.view.lock();
        (view.mesh, view.connections) = (mesh, connections as usize);
        std::mem::drop(view);
        self.waiting.expire(now);
        if !self.waiting.is_paced(now) {
            for pending in self.waiting.take(None) {
                self.publish(pending);
            }
        }
        self.redial(now);
        self.dial_by_book(now);
        if now.duration_since(self.swept) >= SWEEP {
            self.swept = now;
            self.sweep(now);
        }
    }

    fn redial(&mut self, now: Instant) {
        let roster = &self.roster;
        for place in self.redial.due(now, |peer| roster.is_connected(peer)) {
            let Some(opts) = self.redial.get(place).map(|known| known.address.dial_opts(self.new_port))
            else {
                continue;
            };
            let connection = opts.connection_id();
            self.redial.dialling(place, connection);
            match self.swarm.dial(opts) {
                Ok(()) => {}
                // Another address of the same peer is being dialled.
                Err(SwarmDialError::DialPeerConditionFalse(_)) => {
                    self.redial.failed(connection, now);
                }
                Err(error) => self.dial_failed(connection, &error),
            }
        }
    }

    /// Keeps up lines to peers that were heard of, and feels for others.
    fn dial_by_book(&mut self, now: Instant) {
        let Some(pick) = self.book.pick(&self.roster.lines(), now) else { return };
        let places = pick.addresses.into_iter().map(|address| address.place).collect();
        let opts = dial_opts(pick.peer, places, self.new_port);
        let connection = opts.connection_id();
        self.book.dialling(&pick.peer, connection);
        if let Err(error) = self.swarm.dial(opts) {
            tracing::debug!(%error, "not dialled");
            self.book.failed(connection, now);
        }
    }

    fn sweep(&mut self, now: Instant) {
        self.reserve(now);
        self.consult(now);
        self.end_trials(now);
        let anchors = self.roster.anchors();
        if !anchors.is_empty() {
            self.view.lock().anchors = anchors;
        }
        for peer in self.roster.idle_strangers(now) {
            tracing::debug!(peer = short(&peer.to_string()), "idle stranger");
            self.disconnect(&peer);
        }
        for peer in self.roster.all() {
            self.part_if_hopeless(&peer);
        }
    }

    pub(crate) fn disconnect(&mut self, peer: &PeerId) {
        let _ = self.swarm.disconnect_peer_id(*peer);
    }

    /// Closes the peer's connections and lets it open no more. A known peer is not forgotten: the node says that it
    /// cannot be reached and why, until it is let in again.
    pub(crate) fn block(&mut self, peer: PeerId) {
        if !self.swarm.behaviour_mut().blocked.block_peer(peer) {
            return;
        }
        self.blocked.push_back(peer);
        if self.blocked.len() > MOST_BLOCKED
            && let Some(oldest) = self.blocked.pop_front()
        {
            self.swarm.behaviour_mut().blocked.unblock_peer(oldest);
        }
    }

    /// Tells the node, unless it is too busy to listen: then false, and the event is lost.
    pub(crate) fn tell(&self, event: NetEvent) -> bool {
        let told = self.events.try_send(event).is_ok();
        if !told {
            tracing::debug!("the node does not keep up: an event is let go");
        }
        told
    }
}

/// What a peer's score calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parting {
    Stay,
    Disconnect,
    Block,
}

/// Only what a peer provably did wrong bars it. A low score alone can be the work of a network that hiccups, when what
/// was promised comes too late: then a stranger may come again, and a known peer stays, as its score mends while it is
/// connected.
fn parting(score: f64, rejected: u32, known: bool) -> Parting {
    if score >= GRAYLIST {
        Parting::Stay
    } else if rejected >= PROVEN {
        Parting::Block
    } else if known {
        Parting::Stay
    } else {
        Parting::Disconnect
    }
}

async fn all_free(places: &[Address]) {
    while places.iter().any(|place| place.probe().is_err()) {
        sleep(Duration::from_millis(10)).await;
    }
}

pub(crate) type Heard = SwarmEvent<MarketEvent>;

fn not_listening(text: &str, reason: &str) -> StartError {
    StartError::Listen { address: text.to_owned(), reason: reason.to_owned() }
}

fn listen_error(text: &str, error: &io::Error) -> StartError {
    match error.kind() {
        io::ErrorKind::AddrInUse => StartError::AddressInUse { address: text.to_owned() },
        _ => not_listening(text, &error.to_string()),
    }
}

/// What went wrong with a dial, in a few words for people.
pub(crate) fn dial_reason(error: &SwarmDialError) -> String {
    match error {
        SwarmDialError::WrongPeerId { obtained, .. } => format!("another peer answered there: {obtained}"),
        SwarmDialError::LocalPeerId { .. } => "that is this node itself".to_owned(),
        SwarmDialError::Denied { cause } => format!("not allowed: {cause}"),
        SwarmDialError::Transport(errors) => match errors.first() {
            Some((_, error)) => innermost(error),
            None => "no answer".to_owned(),
        },
        other => other.to_string(),
    }
}

/// libp2p wraps its errors in layers that all say "other".
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_provably_wrong_bars_a_peer() {
        for (score, rejected, known, expected) in [
            (GRAYLIST, 5, false, Parting::Stay),
            (GRAYLIST - 1.0, 0, false, Parting::Disconnect),
            (GRAYLIST - 1.0, 0, true, Parting::Stay),
            (GRAYLIST - 1.0, PROVEN - 1, true, Parting::Stay),
            (GRAYLIST - 1.0, PROVEN, true, Parting::Block),
            (GRAYLIST - 1.0, PROVEN, false, Parting::Block),
        ] {
            assert_eq!(parting(score, rejected, known), expected, "{score}, {rejected} rejected, {known}");
        }
    }
}
