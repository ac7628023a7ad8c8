//! What a relay does for others: circuits, lists of who is there, and trying whether an address can be reached.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use libp2p::swarm::{ConnectionId, NetworkBehaviour};
use libp2p::{PeerId, autonat, relay, rendezvous};

use crate::config::Hosting;
use crate::driver::Driver;
use crate::event::short;
use crate::lists::NAMESPACES;

/// How long a connection stays that a relay made only to try an address. Wild guess: the answer crosses it in a second.
const TRIAL: Duration = Duration::from_secs(10);

/// Reservations of one peer at once, and how often it may ask again. libp2p's own numbers, the pause a quarter of its two
/// minutes: a peer whose line is bad asks anew each time.
const RESERVATIONS_PER_PEER: usize = 4;
const ASKS_PER_PEER: usize = 30;
const ASK_PAUSE: Duration = Duration::from_secs(30);

/// What a relay does for others.
#[derive(NetworkBehaviour)]
pub(crate) struct Hosted {
    pub(crate) circuits: relay::Behaviour,
    pub(crate) lists: rendezvous::server::Behaviour,
    pub(crate) probe: autonat::v2::server::Behaviour,
}

pub(crate) fn hosted(peer: PeerId, hosting: &Hosting) -> Hosted {
    let lists = rendezvous::server::Config::default()
        .with_max_registration_total(hosting.registrations)
        .with_max_registration_per_peer(NAMESPACES);
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
        max_reservations_per_peer: RESERVATIONS_PER_PEER,
        reservation_duration: hosting.reservation_life,
        reservation_rate_limiters: Vec::new(),
        max_circuits: hosting.circuits,
        max_circuits_per_peer: hosting.circuits_per_peer,
        max_circuit_duration: hosting.circuit_life,
        max_circuit_bytes: hosting.circuit_bytes,
        circuit_src_rate_limiters: Vec::new(),
    };
    config
        .reservation_rate_per_peer(rate(ASKS_PER_PEER), ASK_PAUSE)
        .reservation_rate_per_ip(rate(2 * hosting.reservations), Duration::from_secs(1))
        .circuit_src_per_peer(rate(hosting.circuits_per_peer), Duration::from_secs(2))
        .circuit_src_per_ip(rate(hosting.circuits), Duration::from_secs(1))
}

impl Driver {
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
