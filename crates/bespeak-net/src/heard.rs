//! What the market swarm hears, and what becomes of it.

use std::sync::Arc;
use std::time::Instant;

use libp2p::gossipsub::{self, MessageAcceptance, MessageId};
use libp2p::request_response::{self, Message};
use libp2p::swarm::{ConnectionId, DialError as SwarmDialError, SwarmEvent};
use libp2p::{Multiaddr, PeerId, identify, ping};

use crate::address::{is_circuit, with_peer};
use crate::config::{MAX_MESSAGE, is_network_name};
use crate::driver::{Driver, Heard, dial_reason};
use crate::error::DialError;
use crate::event::{Door, GossipToken, NetEvent, ReplyToken, short};
use crate::lists::keeps_lists;
use crate::market::MarketEvent;
use crate::reservations::is_relay;
use crate::roster::Wire;

impl Driver {
    pub(crate) fn heard(&mut self, event: Heard) {
        match event {
            SwarmEvent::Behaviour(event) => self.behaved(event),
            SwarmEvent::NewListenAddr { address, .. } => self.listening(address),
            SwarmEvent::ExpiredListenAddr { address, .. } => self.not_listening(address),
            SwarmEvent::ListenerClosed { listener_id, addresses, .. } => {
                addresses.into_iter().for_each(|address| self.not_listening(address));
                self.unlistened(listener_id);
            }
            SwarmEvent::ListenerError { error, .. } => tracing::warn!(%error, "listener"),
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                let wire =
                    Wire { address: endpoint.get_remote_address().clone(), outbound: endpoint.is_dialer() };
                self.connected(peer_id, connection_id, wire);
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, .. } => {
                self.closed(peer_id, connection_id)
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                self.dial_failed(connection_id, &error);
            }
            SwarmEvent::IncomingConnectionError { error, .. } => {
                tracing::debug!(%error, "incoming connection")
            }
            _ => {}
        }
    }

    fn behaved(&mut self, event: MarketEvent) {
        match event {
            MarketEvent::Gossip(event) => self.gossiped(event),
            MarketEvent::Identify(identify::Event::Received { connection_id, peer_id, info }) => {
                self.identified(peer_id, connection_id, &info);
            }
            MarketEvent::Identify(_) => {}
            MarketEvent::Ping(event) => self.pinged(&event),
            MarketEvent::Drops(request_response::Event::Message { peer, message, .. }) => match message {
                Message::Request { request, channel, .. } => {
                    self.requested(peer, request, channel, Door::Drops);
                }
                Message::Response { request_id, response } => self.sent.answered(request_id, response),
            },
            MarketEvent::Drops(request_response::Event::OutboundFailure { request_id, error, .. }) => {
                self.sent.failed(request_id, &error);
            }
            MarketEvent::CatchUp(event) => self.catching_up(event),
            MarketEvent::Drops(request_response::Event::InboundFailure { peer, error, .. }) => {
                tracing::debug!(peer = short(&peer.to_string()), %error, "request");
            }
            MarketEvent::Drops(_) => {}
            MarketEvent::Circuits(event) => self.reserved(&event),
            MarketEvent::Found(event) => self.found(event),
            MarketEvent::Hosted(event) => self.served(event),
            MarketEvent::Lan(event) => self.nearby(event),
            MarketEvent::Connections(never) | MarketEvent::Memory(never) | MarketEvent::Blocked(never) => {
                match never {}
            }
        }
    }

    fn listening(&mut self, address: Multiaddr) {
        // Where a circuit leads is told with the relay.
        if is_circuit(&address) {
            return;
        }
        self.standing.has(&address);
        if self.swarm.behaviour().hosted.is_enabled() {
            // A relay is where everybody can reach it, or of no use; it need not wait until somebody has tried.
            self.swarm.add_external_address(address.clone());
        }
        let address = with_peer(&address, *self.swarm.local_peer_id());
        tracing::info!(%address, "listening");
        let mut view = self.view.lock();
        if !view.listening.contains(&address) {
            view.listening.push(address.clone());
        }
        std::mem::drop(view);
        self.tell(NetEvent::Listening { address });
    }

    fn not_listening(&mut self, address: Multiaddr) {
        self.swarm.remove_external_address(&address);
        // What was true at another place says nothing of this one.
        self.standing.moved();
        self.show_standing();
        let address = with_peer(&address, *self.swarm.local_peer_id());
        self.view.lock().listening.retain(|known| *known != address);
    }

    fn connected(&mut self, peer: PeerId, connection: ConnectionId, wire: Wire) {
        let asked = self.dials.contains_key(&connection)
            || self.redial.reached(connection, peer)
            || self.book.reached(connection);
        if wire.outbound && !asked && !is_circuit(&wire.address) {
            self.note_trial(connection);
        }
        self.roster.opened(peer, connection, wire);
        if let Some((_, done)) = self.dials.remove(&connection) {
            let _ = done.send(Ok(peer.to_string()));
        }
    }

    fn closed(&mut self, peer: PeerId, connection: ConnectionId) {
        let (last, known) = self.roster.closed(&peer, connection);
        if last {
            let now = Instant::now();
            self.redial.lost(&peer, now);
            self.book.lost(&peer, now);
            self.lists.left(&peer);
            self.standing.left(&peer);
            self.show_standing();
            self.show_relay(&peer);
        }
        if last && known {
            tracing::info!(peer = short(&peer.to_string()), "disconnected");
            self.tell(NetEvent::Disconnected { peer: peer.to_string() });
        }
    }

    pub(crate) fn dial_failed(&mut self, connection: ConnectionId, error: &SwarmDialError) {
        let reason = dial_reason(error);
        if let Some((address, done)) = self.dials.remove(&connection) {
            let _ = done.send(Err(DialError::Unreachable { address, reason: reason.clone() }));
        }
        if matches!(error, SwarmDialError::LocalPeerId { .. }) {
            tracing::warn!("one of the known peers is this node itself");
            self.redial.forget(connection);
        } else if self.book.failed(connection, Instant::now()) {
            tracing::debug!(reason, "a peer that was heard of is not there");
        } else if let Some(address) = self.redial.failed(connection, Instant::now()) {
            tracing::debug!(%address, reason, "unreachable");
            self.tell(NetEvent::Unreachable { address, reason });
        }
    }

    fn identified(&mut self, peer: PeerId, connection: ConnectionId, info: &identify::Info) {
        if info.protocol_version == self.client_protocol {
            return;
        }
        if info.protocol_version != self.protocol {
            return self.other_network(peer, &info.protocol_version);
        }
        self.redial.proven(&peer);
        if let Some(address) = self.roster.proven(&peer, connection, is_relay(&info.protocols)) {
            tracing::info!(peer = short(&peer.to_string()), "connected");
            self.tell(NetEvent::Connected { peer: peer.to_string(), address });
        }
        self.acquainted(peer, connection, info);
        if self.book.met(&peer) && !self.redial.knows(&peer) {
            tracing::debug!(peer = short(&peer.to_string()), "it is there");
            self.disconnect(&peer);
        }
    }

    /// What a peer of ours does for others, and where it sees this node.
    fn acquainted(&mut self, peer: PeerId, connection: ConnectionId, info: &identify::Info) {
        let Some(wire) = self.roster.wire(&peer, connection).filter(|wire| wire.outbound).cloned() else {
            return;
        };
        let now = Instant::now();
        self.standing.seen(peer, &info.observed_addr);
        self.show_standing();
        let named = self.redial.knows(&peer);
        if is_relay(&info.protocols) && self.roster.note_relay(&peer, named) {
            self.show_relay(&peer);
            self.reserve(now);
        }
        // Only who was chosen by this node's owner is asked: what a list says costs memory, and leads to strangers.
        if named && keeps_lists(&info.protocols) && !is_circuit(&wire.address) {
            self.keeper(peer, &wire.address, now);
            self.consult(now);
        }
    }

    fn other_network(&mut self, peer: PeerId, version: &str) {
        let network =
            version.strip_prefix("/bespeak/1/").filter(|name| is_network_name(name)).map(str::to_owned);
        tracing::info!(peer = short(&peer.to_string()), ?network, "peer of another network");
        if self.roster.is_connected(&peer) {
            self.tell(NetEvent::OtherNetwork { peer: peer.to_string(), network });
        }
        self.book.forget(&peer);
        self.disconnect(&peer);
    }

    /// A connection whose other end is silent is closed, so that a known peer is dialled again.
    fn pinged(&mut self, event: &ping::Event) {
        match &event.result {
            Ok(round_trip) => {
                self.roster.pinged(&event.peer, *round_trip);
                self.show_relay(&event.peer);
            }
            // Swarms that only ask drops do not answer pings.
            Err(ping::Failure::Unsupported) => {}
            Err(error) => {
                tracing::debug!(peer = short(&event.peer.to_string()), %error, "ping");
                self.swarm.close_connection(event.connection);
            }
        }
    }

    fn gossiped(&mut self, event: gossipsub::Event) {
        match event {
            gossipsub::Event::Message { propagation_source, message_id, message } => {
                self.message(propagation_source, message_id, message);
            }
            gossipsub::Event::Subscribed { peer_id, topic } => self.subscribed(peer_id, topic.as_str()),
            gossipsub::Event::Unsubscribed { peer_id, topic } => {
                self.roster.subscribed(&peer_id, topic.as_str(), false);
            }
            gossipsub::Event::SlowPeer { peer_id, .. } => {
                if self.roster.slow(&peer_id, Instant::now()) {
                    tracing::info!(peer = short(&peer_id.to_string()), "too slow, disconnected");
                    self.disconnect(&peer_id);
                }
            }
            gossipsub::Event::GossipsubNotSupported { .. } => {}
        }
    }

    fn message(&mut self, from: PeerId, id: MessageId, message: gossipsub::Message) {
        if message.data.len() > MAX_MESSAGE {
            return self.judge(&id, &from, MessageAcceptance::Reject);
        }
        let Some(held) = self.roster.hold(&from, self.unjudged_per_peer) else {
            return self.judge(&id, &from, MessageAcceptance::Ignore);
        };
        let token = GossipToken { id: id.clone(), from, _held: held };
        let topic = message.topic.into_string();
        let told = self.tell(NetEvent::Gossip { topic, bytes: message.data, from: from.to_string(), token });
        if !told {
            self.judge(&id, &from, MessageAcceptance::Ignore);
        }
    }

    fn subscribed(&mut self, peer: PeerId, topic: &str) {
        if self.roster.subscribed(&peer, topic, true) {
            self.tell(NetEvent::Subscribed { peer: peer.to_string(), topic: topic.to_owned() });
        }
        for pending in self.waiting.take(Some(topic)) {
            self.publish(pending);
        }
    }

    fn catching_up(&mut self, event: request_response::Event<Vec<u8>, Vec<u8>>) {
        use request_response::Event;
        match event {
            Event::Message { peer, message: Message::Request { request, channel, .. }, .. } => {
                self.requested(peer, request, channel, Door::CatchUp);
            }
            Event::Message { message: Message::Response { request_id, response }, .. } => {
                self.asked.answered(request_id, response);
            }
            Event::OutboundFailure { request_id, error, .. } => self.asked.failed(request_id, &error),
            Event::InboundFailure { peer, error, .. } => {
                tracing::debug!(peer = short(&peer.to_string()), %error, "catch-up");
            }
            Event::ResponseSent { .. } => {}
        }
    }

    /// Dropping the channel, here or with an event that nobody takes, refuses the request.
    fn requested(
        &mut self,
        peer: PeerId,
        request: Vec<u8>,
        channel: request_response::ResponseChannel<Vec<u8>>,
        door: Door,
    ) {
        let share = self.roster.asked(&peer, self.unanswered_per_peer);
        let Some(share) = share.filter(|_| Arc::strong_count(&self.held) <= self.unanswered) else {
            tracing::debug!(peer = short(&peer.to_string()), "too many requests await a reply");
            return;
        };
        let address = self.roster.address(&peer);
        let reply = ReplyToken { channel, door, address, _held: [Arc::clone(&self.held), share] };
        let peer = peer.to_string();
        self.tell(match reply.door {
            Door::CatchUp => NetEvent::CatchUp { peer, question: request, reply },
            Door::Drops | Door::Client(_) => NetEvent::Request { peer, request, reply },
        });
    }
}
