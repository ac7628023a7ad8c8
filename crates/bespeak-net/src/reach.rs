//! Being reached: circuits through relays, direct connections through address translators, and what a relay does for
//! others.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use libp2p::core::transport::ListenerId;
use libp2p::multiaddr::Protocol;
use libp2p::relay::HOP_PROTOCOL_NAME;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::swarm::{ConnectionId, NetworkBehaviour, StreamProtocol};
use libp2p::{Multiaddr, PeerId, autonat, dcutr, relay, rendezvous, upnp};

use crate::config::Hosting;
use crate::driver::Driver;
use crate::event::{NetEvent, short};

/// Relays through which this node lets itself be reached. Source: `protocol.md`, several hosts for each queue; three, so
/// that one may go without being missed.
pub(crate) const RESERVATIONS: usize = 3;

/// Pauses between two tries for a circuit through one relay, doubled each time. Wild guess.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LAST_PAUSE: Duration = Duration::from_secs(600);

/// How long a connection stays that a relay made only to try an address. Wild guess: the answer crosses it in a second.
pub(crate) const TRIAL: Duration = Duration::from_secs(10);

/// What helps a node be found that wants to be.
#[derive(NetworkBehaviour)]
pub(crate) struct Found {
    pub(crate) punch: Toggle<dcutr::Behaviour>,
    pub(crate) probe: autonat::v2::client::Behaviour,
    pub(crate) ports: Toggle<upnp::tokio::Behaviour>,
}

/// What a relay does for others.
#[derive(NetworkBehaviour)]
pub(crate) struct Hosted {
    pub(crate) circuits: relay::Behaviour,
    pub(crate) lists: rendezvous::server::Behaviour,
    pub(crate) probe: autonat::v2::server::Behaviour,
}

/// A relay is where everybody can reach it: nothing is to be got through for it.
pub(crate) fn found(peer: PeerId, open_ports: bool, is_relay: bool) -> Found {
    Found {
        punch: (!is_relay).then(|| dcutr::Behaviour::new(peer)).into(),
        probe: autonat::v2::client::Behaviour::default(),
        ports: open_ports.then(upnp::tokio::Behaviour::default).into(),
    }
}

pub(crate) fn hosted(peer: PeerId, hosting: &Hosting) -> Hosted {
    let lists = rendezvous::server::Config::default()
        .with_max_registration_total(hosting.registrations)
        .with_max_registration_per_peer(crate::lists::NAMESPACES);
    Hosted {
        circuits: relay::Behaviour::new(peer, circuit_bounds(hosting)),
        lists: rendezvous::server::Behaviour::new(lists),
        probe: autonat::v2::server::Behaviour::default(),
    }
}

/// libp2p's own rates are for a public relay with sixteen circuits; one address may be a whole house of customers, each
/// with an identity for every conversation.
fn circuit_bounds(hosting: &Hosting) -> relay::Config {
    let rate = |count: usize| u32::try_from(count).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
    let config = relay::Config {
        max_reservations: hosting.reservations,
        max_reservations_per_peer: 4,
        reservation_duration: hosting.reservation_life,
        reservation_rate_limiters: Vec::new(),
        max_circuits: hosting.circuits,
        max_circuits_per_peer: hosting.circuits_per_peer,
        max_circuit_duration: hosting.circuit_life,
        max_circuit_bytes: hosting.circuit_bytes,
        circuit_src_rate_limiters: Vec::new(),
    };
    config
        .reservation_rate_per_peer(rate(30), Duration::from_secs(30))
        .reservation_rate_per_ip(rate(2 * hosting.reservations), Duration::from_secs(1))
        .circuit_src_per_peer(rate(hosting.circuits_per_peer), Duration::from_secs(2))
        .circuit_src_per_ip(rate(hosting.circuits), Duration::from_secs(1))
}

/// Whether whoever speaks these protocols carries circuits.
pub(crate) fn is_relay(protocols: &[StreamProtocol]) -> bool {
    protocols.contains(&HOP_PROTOCOL_NAME)
}

/// Circuits through which this node is reached, by relay.
#[derive(Debug, Default)]
pub(crate) struct Reservations(HashMap<PeerId, Reservation>);

#[derive(Debug)]
struct Reservation {
    listener: Option<ListenerId>,
    holds: bool,
    next: Instant,
    pause: Duration,
}

impl Reservations {
    /// How many there are, asked for or held.
    fn under_way(&self) -> usize {
        self.0.values().filter(|reservation| reservation.listener.is_some()).count()
    }

    fn may_ask(&self, relay: &PeerId, now: Instant) -> bool {
        self.0.get(relay).is_none_or(|known| known.listener.is_none() && known.next <= now)
    }

    fn asked(&mut self, relay: PeerId, listener: ListenerId, now: Instant) {
        let new = Reservation { listener: None, holds: false, next: now, pause: FIRST_PAUSE };
        self.0.entry(relay).or_insert(new).listener = Some(listener);
    }

    fn accepted(&mut self, relay: &PeerId) {
        if let Some(known) = self.0.get_mut(relay) {
            known.holds = true;
            known.pause = FIRST_PAUSE;
        }
    }

    /// The circuit's listener is gone; says which relay it was, if it was one.
    pub(crate) fn closed(&mut self, listener: ListenerId, now: Instant) -> Option<PeerId> {
        let (relay, known) = self.0.iter_mut().find(|(_, known)| known.listener == Some(listener))?;
        known.listener = None;
        known.holds = false;
        known.next = now + known.pause;
        known.pause = (known.pause * 2).min(LAST_PAUSE);
        Some(*relay)
    }

    pub(crate) fn holds(&self, relay: &PeerId) -> bool {
        self.0.get(relay).is_some_and(|known| known.holds)
    }
}

impl Driver {
    /// Asks relays that were named for circuits while there are too few: what a relay answers is believed a good deal.
    pub(crate) fn reserve(&mut self, now: Instant) {
        if !self.be_found {
            return;
        }
        for (relay, address) in self.roster.named_relays() {
            if self.reservations.under_way() >= RESERVATIONS {
                return;
            }
            if !self.reservations.may_ask(&relay, now) {
                continue;
            }
            let circuit = address.with(Protocol::P2p(relay)).with(Protocol::P2pCircuit);
            match self.swarm.listen_on(circuit) {
                Ok(listener) => self.reservations.asked(relay, listener, now),
                Err(error) => tracing::debug!(relay = short(&relay.to_string()), %error, "no circuit"),
            }
        }
    }

    pub(crate) fn reserved(&mut self, event: &relay::client::Event) {
        match event {
            relay::client::Event::ReservationReqAccepted { relay_peer_id, renewal, .. } => {
                self.reservations.accepted(relay_peer_id);
                if !renewal {
                    tracing::info!(relay = short(&relay_peer_id.to_string()), "reachable through a relay");
                    self.show_relay(relay_peer_id);
                    self.register_anew();
                }
            }
            relay::client::Event::InboundCircuitEstablished { src_peer_id, .. } => {
                tracing::debug!(peer = short(&src_peer_id.to_string()), "circuit");
            }
            relay::client::Event::OutboundCircuitEstablished { .. } => {}
        }
    }

    /// A listener ended: a circuit's, or a port's.
    pub(crate) fn unlistened(&mut self, listener: ListenerId) {
        if let Some(relay) = self.reservations.closed(listener, Instant::now()) {
            tracing::info!(relay = short(&relay.to_string()), "no longer reachable through a relay");
            self.show_relay(&relay);
        }
    }

    /// Shows a relay that was dialled as it stands now, and tells the node.
    pub(crate) fn show_relay(&mut self, relay: &PeerId) {
        let Some(info) = self.roster.relay_info(relay, self.reservations.holds(relay)) else { return };
        let mut view = self.view.lock();
        let known = view.relays.insert(info.peer.clone(), info.clone());
        drop(view);
        let changed = known.is_none_or(|known| {
            (known.connected, known.reserved, &known.address)
                != (info.connected, info.reserved, &info.address)
        });
        if changed {
            self.tell(NetEvent::Relays);
        }
    }

    pub(crate) fn found(&mut self, event: FoundEvent) {
        match event {
            FoundEvent::Punch(dcutr::Event { remote_peer_id, result }) => {
                let peer = remote_peer_id.to_string();
                match result {
                    Ok(_) => tracing::info!(peer = short(&peer), "direct connection"),
                    // Whoever did not agree to it does not speak the protocol: that is the usual case.
                    Err(error) => tracing::debug!(peer = short(&peer), %error, "no direct connection"),
                }
            }
            FoundEvent::Probe(event) => {
                let through = event.result.is_ok();
                tracing::debug!(address = %event.tested_addr, through, "address tried");
                self.standing.tried(&event.tested_addr, through);
                self.show_standing();
                if through {
                    self.register_anew();
                }
            }
            FoundEvent::Ports(event) => self.ports(event),
        }
    }

    /// What the router says of a port.
    fn ports(&mut self, event: upnp::Event) {
        tracing::info!(?event, "router");
        match event {
            upnp::Event::NewExternalAddr { external_addr, .. } => {
                self.standing.tried(&external_addr, true);
                self.register_anew();
            }
            upnp::Event::ExpiredExternalAddr { external_addr, .. } => {
                self.standing.tried(&external_addr, false);
            }
            upnp::Event::GatewayNotFound | upnp::Event::NonRoutableGateway => {}
        }
        self.show_standing();
    }

    pub(crate) fn served(&mut self, event: HostedEvent) {
        match event {
            HostedEvent::Circuits(event) => self.carried(&event),
            HostedEvent::Lists(event) => tracing::debug!(?event, "list"),
            HostedEvent::Probe(event) => {
                tracing::debug!(client = short(&event.client.to_string()), "tried an address");
            }
        }
    }

    fn carried(&self, event: &relay::Event) {
        use relay::Event;
        let mut view = self.view.lock();
        let carried = &mut view.carried;
        match event {
            Event::ReservationReqAccepted { renewed: false, .. } => carried.reservations += 1,
            Event::ReservationClosed { .. } | Event::ReservationTimedOut { .. } => {
                carried.reservations = carried.reservations.saturating_sub(1);
            }
            Event::ReservationReqDenied { .. } => carried.reservations_refused_total += 1,
            Event::CircuitReqAccepted { .. } => {
                carried.circuits += 1;
                carried.circuits_total += 1;
            }
            Event::CircuitClosed { .. } => carried.circuits = carried.circuits.saturating_sub(1),
            Event::CircuitReqDenied { .. } => carried.circuits_refused_total += 1,
            _ => {}
        }
    }

    /// A connection that this node made only to try an address for somebody ends by itself.
    pub(crate) fn end_trials(&mut self, now: Instant) {
        let over = self.trials.extract_if(.., |(made, _)| now.duration_since(*made) >= TRIAL);
        for (_, connection) in over.collect::<Vec<_>>() {
            self.swarm.close_connection(connection);
        }
    }

    /// Whom a relay dials by nobody's wish is dialled by the behaviour that tries addresses.
    pub(crate) fn note_trial(&mut self, connection: ConnectionId) {
        if self.swarm.behaviour().hosted.is_enabled() {
            self.trials.push((Instant::now(), connection));
        }
    }
}

/// A place of this node, with who is there.
pub(crate) fn with_peer(address: &Multiaddr, peer: PeerId) -> String {
    address.clone().with_p2p(peer).unwrap_or_else(|address| address).to_string()
}
