//! Circuits through relays, by which a node is reached that nobody can dial.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use libp2p::PeerId;
use libp2p::core::transport::ListenerId;
use libp2p::multiaddr::Protocol;
use libp2p::relay::{self, HOP_PROTOCOL_NAME};
use libp2p::swarm::StreamProtocol;

use crate::driver::Driver;
use crate::event::short;

/// Relays through which this node lets itself be reached. Source: `protocol.md`, several hosts for each queue; three, so
/// that one may go without being missed.
const RESERVATIONS: usize = 3;

/// Pauses between two tries for a circuit through one relay, doubled each time. Wild guess.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LAST_PAUSE: Duration = Duration::from_secs(600);

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
        if !self.swarm.behaviour().found.is_enabled() {
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

    /// Shows a relay that was dialled as it stands now.
    pub(crate) fn show_relay(&mut self, relay: &PeerId) {
        let Some(info) = self.roster.relay_info(relay, self.reservations.holds(relay)) else { return };
        self.view.lock().relays.insert(info.peer.clone(), info);
    }
}
