//! Known peers: dialled at start, and again with growing pauses while there is no connection.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

use libp2p::PeerId;
use libp2p::swarm::ConnectionId;

use crate::address::Address;

/// First pause before dialling again. Wild guess: a peer that restarts takes about a second.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Longest pause. After a network that fell apart is whole again, everybody knows everything within 90 s: a pause of this
/// length, a quarter more by chance, and the minute until the next question of what was missed.
const LAST_PAUSE: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) text: String,
    pub(crate) address: Address,
    /// Who answered there last; for an address with `/p2p/…` always that peer.
    met: Option<PeerId>,
    dialling: Option<ConnectionId>,
    pause: Duration,
    next: Instant,
}

#[derive(Debug, Default)]
pub(crate) struct Redial(Vec<Known>);

impl Redial {
    pub(crate) fn add(&mut self, text: String, address: Address, now: Instant) {
        let met = address.peer;
        self.0.push(Known { text, address, met, dialling: None, pause: FIRST_PAUSE, next: now });
    }

    /// Places in the list that are to be dialled now, given who is connected.
    pub(crate) fn due(&self, now: Instant, connected: impl Fn(&PeerId) -> bool) -> Vec<usize> {
        let idle = |known: &Known| known.dialling.is_none() && known.next <= now;
        let away = |known: &Known| !known.met.as_ref().is_some_and(&connected);
        self.0.iter().enumerate().filter(|(_, k)| idle(k) && away(k)).map(|(place, _)| place).collect()
    }

    pub(crate) fn get(&self, place: usize) -> Option<&Known> {
        self.0.get(place)
    }

    pub(crate) fn dialling(&mut self, place: usize, connection: ConnectionId) {
        if let Some(known) = self.0.get_mut(place) {
            known.dialling = Some(connection);
        }
    }

    /// A dial did not start, or came to nothing: wait longer. Returns the address as configured.
    pub(crate) fn failed(&mut self, connection: ConnectionId, now: Instant) -> Option<String> {
        let known = self.0.iter_mut().find(|k| k.dialling == Some(connection))?;
        known.dialling = None;
        known.wait(now);
        Some(known.text.clone())
    }

    /// A dial came through, if it is one of these; whether the peer is one of ours is not known yet, so the pause stays.
    pub(crate) fn reached(&mut self, connection: ConnectionId, peer: PeerId) -> bool {
        let Some(known) = self.0.iter_mut().find(|k| k.dialling == Some(connection)) else { return false };
        known.dialling = None;
        known.met = Some(peer);
        true
    }

    /// The peer belongs to our network: next time begin with the short pause.
    pub(crate) fn proven(&mut self, peer: &PeerId) {
        for known in self.0.iter_mut().filter(|k| k.met.as_ref() == Some(peer)) {
            known.pause = FIRST_PAUSE;
        }
    }

    /// The last connection to the peer is gone.
    pub(crate) fn lost(&mut self, peer: &PeerId, now: Instant) {
        for known in self.0.iter_mut().filter(|k| k.met.as_ref() == Some(peer)) {
            known.met = known.address.peer;
            known.wait(now);
        }
    }

    /// An address turned out to be our own.
    pub(crate) fn forget(&mut self, connection: ConnectionId) {
        self.0.retain(|k| k.dialling != Some(connection));
    }

    /// Whether the peer was met at one of the addresses.
    pub(crate) fn knows(&self, peer: &PeerId) -> bool {
        self.0.iter().any(|known| known.met.as_ref() == Some(peer))
    }
}

impl Known {
    fn wait(&mut self, now: Instant) {
        self.next = now + jittered(self.pause);
        self.pause = (self.pause * 2).min(LAST_PAUSE);
    }
}

/// Between three quarters and five quarters of the pause, so that peers of one restarted host do not come at once.
fn jittered(pause: Duration) -> Duration {
    // The standard library's hash seeds are random enough to spread calls.
    let random = RandomState::new().build_hasher().finish();
    pause * 3 / 4 + pause.mul_f64((random % 1000) as f64 / 2000.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn one(text: &str) -> (Redial, Instant) {
        let now = Instant::now();
        let mut redial = Redial::default();
        redial.add(text.to_owned(), Address::read(text).unwrap(), now);
        (redial, now)
    }

    fn fail(redial: &mut Redial, n: usize, now: Instant) {
        let connection = ConnectionId::new_unchecked(n);
        redial.dialling(0, connection);
        assert!(redial.due(now, |_| false).is_empty(), "dialled twice at once");
        redial.failed(connection, now).unwrap();
    }

    #[test]
    fn pauses_grow_to_a_bound_and_shrink_when_met() {
        let (mut redial, mut now) = one("/ip4/127.0.0.1/tcp/9");
        let mut pauses = Vec::new();
        for n in 0..10 {
            assert_eq!(redial.due(now, |_| false), [0]);
            fail(&mut redial, n, now);
            pauses.push(redial.0[0].next - now);
            now = redial.0[0].next;
        }
        assert!(pauses[0] >= FIRST_PAUSE * 3 / 4 && pauses[0] <= FIRST_PAUSE * 5 / 4, "{pauses:?}");
        assert!(pauses.windows(3).take(4).all(|p| p[2] > p[0]), "{pauses:?}");
        assert!(pauses[9] <= LAST_PAUSE * 5 / 4, "{pauses:?}");

        let (connection, peer) = (ConnectionId::new_unchecked(99), PeerId::random());
        redial.dialling(0, connection);
        redial.reached(connection, peer);
        redial.proven(&peer);
        assert!(redial.due(now, |p| *p == peer).is_empty(), "dialled while connected");
        redial.lost(&peer, now);
        assert!(redial.0[0].next - now <= FIRST_PAUSE * 5 / 4);
        assert_eq!(redial.0[0].met, None, "whoever comes back there is welcome");
    }

    #[test]
    fn own_address_is_forgotten_and_who_is_met_is_known() {
        let (mut redial, _) = one("/ip4/127.0.0.1/tcp/9");
        redial.dialling(0, ConnectionId::new_unchecked(1));
        redial.forget(ConnectionId::new_unchecked(1));
        assert!(redial.0.is_empty());

        let peer = PeerId::random();
        let (redial, _) = one(&format!("/ip4/127.0.0.1/tcp/9/p2p/{peer}"));
        assert!(redial.knows(&peer) && !redial.knows(&PeerId::random()));
    }
}
