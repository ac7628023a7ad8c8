//! Reading multiaddrs, and finding out whether a port is free.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};

use libp2p::multiaddr::Protocol;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::{Multiaddr, PeerId};

/// A multiaddr that can be dialled: an IP address or a DNS name with a TCP or QUIC port, and perhaps the peer expected
/// there; or a circuit through a relay at such a place, and the peer at its end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Address {
    /// Without the last `/p2p/…`.
    pub(crate) place: Multiaddr,
    pub(crate) peer: Option<PeerId>,
}

/// How far an address reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// This machine.
    Machine,
    /// A house, an office, a provider's inner network.
    Site,
    /// Everybody.
    World,
}

impl Address {
    /// Reads an address; the error says what is wrong with it.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut place: Multiaddr = text.parse().map_err(|e: libp2p::multiaddr::Error| e.to_string())?;
        let peer = match place.iter().last() {
            Some(Protocol::P2p(peer)) => {
                place.pop();
                Some(peer)
            }
            _ => None,
        };
        match way(&place) {
            Some(Way::Circuit) if peer.is_none() => Err("a circuit names the peer at its end".to_owned()),
            Some(_) => Ok(Self { place, peer }),
            None => Err("expected /ip4, /ip6 or /dns with /tcp/PORT or /udp/PORT/quic-v1".to_owned()),
        }
    }

    /// The address of a listener.
    pub(crate) fn of(place: &Multiaddr) -> Option<Self> {
        socket(place).map(|_| Self { place: place.clone(), peer: None })
    }

    /// As it is said to others.
    pub(crate) fn text(&self) -> String {
        self.peer.map_or_else(|| self.place.to_string(), |peer| with_peer(&self.place, peer))
    }

    /// Whether a relay stands between.
    pub(crate) fn is_circuit(&self) -> bool {
        is_circuit(&self.place)
    }

    /// The IP address that is dialled, unless a name stands for it.
    pub(crate) fn ip(&self) -> Option<IpAddr> {
        ip(&self.place)
    }

    /// How to dial it: from the port we listen on, which other peers may then know for ours, or from a new one.
    pub(crate) fn dial_opts(&self, new_port: bool) -> DialOpts {
        let place = self.place.clone();
        match (self.peer, new_port) {
            (Some(peer), new_port) => dial_opts(peer, vec![place], new_port),
            (None, false) => DialOpts::unknown_peer_id().address(place).build(),
            (None, true) => DialOpts::unknown_peer_id().address(place).allocate_new_port().build(),
        }
    }

    /// Asks the system for the port and gives it back at once. libp2p sets SO_REUSEPORT on its TCP listeners, so two
    /// nodes of one user would silently share a port; this socket does not, and so finds the other one.
    pub(crate) fn probe(&self) -> io::Result<()> {
        match socket(&self.place) {
            Some((address, _)) if address.port() == 0 => Ok(()),
            Some((address, Wire::Tcp)) => TcpListener::bind(address).map(drop),
            Some((address, Wire::Quic)) => UdpSocket::bind(address).map(drop),
            None => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

/// A place, with who is there.
pub(crate) fn with_peer(place: &Multiaddr, peer: PeerId) -> String {
    place.clone().with_p2p(peer).unwrap_or_else(|place| place).to_string()
}

/// A place, without who is there.
pub(crate) fn without_peer(mut place: Multiaddr) -> Multiaddr {
    if matches!(place.iter().last(), Some(Protocol::P2p(_))) {
        place.pop();
    }
    place
}

/// How to dial a peer at any of these places: from the port we listen on, which it may then know for ours, or from a new one.
pub(crate) fn dial_opts(peer: PeerId, places: Vec<Multiaddr>, new_port: bool) -> DialOpts {
    let opts = DialOpts::peer_id(peer).addresses(places);
    if new_port { opts.allocate_new_port().build() } else { opts.build() }
}

/// Whether a relay stands between.
pub(crate) fn is_circuit(place: &Multiaddr) -> bool {
    place.iter().any(|part| part == Protocol::P2pCircuit)
}

/// The IP address with which a multiaddr begins.
pub(crate) fn ip(place: &Multiaddr) -> Option<IpAddr> {
    match place.iter().next()? {
        Protocol::Ip4(ip) => Some(IpAddr::V4(ip)),
        Protocol::Ip6(ip) => Some(IpAddr::V6(ip)),
        _ => None,
    }
}

impl Scope {
    /// How far a multiaddr reaches, or the relay with which a circuit begins; a name in the DNS is for everybody.
    pub fn of(address: &str) -> Self {
        first_ip(address).map_or(Self::World, scope)
    }
}

/// The IP address with which the text of a multiaddr begins.
pub(crate) fn first_ip(address: &str) -> Option<IpAddr> {
    ip(&address.parse().ok()?)
}

/// How far an IP address reaches, by the registries of special addresses (RFC 6890, 6598, 4193).
pub(crate) fn scope(ip: IpAddr) -> Scope {
    let mapped = match ip {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        IpAddr::V4(_) => ip,
    };
    match mapped {
        ip if ip.is_loopback() || ip.is_unspecified() => Scope::Machine,
        IpAddr::V4(four) => {
            let [first, second, ..] = four.octets();
            let shared = first == 100 && (64..128).contains(&second);
            // Multicast, reserved and broadcast are nobody's.
            if first >= 224 {
                return Scope::Machine;
            }
            if four.is_private() || four.is_link_local() || shared { Scope::Site } else { Scope::World }
        }
        IpAddr::V6(six) if six.is_multicast() => Scope::Machine,
        IpAddr::V6(six) => {
            if six.is_unique_local() || six.is_unicast_link_local() {
                Scope::Site
            } else {
                Scope::World
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wire {
    Tcp,
    Quic,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Straight,
    Circuit,
}

fn way(place: &Multiaddr) -> Option<Way> {
    let parts: Vec<Protocol<'_>> = place.iter().collect();
    match parts.as_slice() {
        [relay @ .., Protocol::P2p(_), Protocol::P2pCircuit] => port(relay).map(|_| Way::Circuit),
        straight => port(straight).map(|_| Way::Straight),
    }
}

fn port(parts: &[Protocol<'_>]) -> Option<(u16, Wire)> {
    let host = |part: &Protocol<'_>| {
        matches!(
            part,
            Protocol::Ip4(_) | Protocol::Ip6(_) | Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_)
        )
    };
    match parts {
        [first, Protocol::Tcp(port)] if host(first) => Some((*port, Wire::Tcp)),
        [first, Protocol::Udp(port), Protocol::QuicV1] if host(first) => Some((*port, Wire::Quic)),
        _ => None,
    }
}

fn socket(place: &Multiaddr) -> Option<(SocketAddr, Wire)> {
    let parts: Vec<Protocol<'_>> = place.iter().collect();
    let (port, wire) = port(&parts)?;
    Some((SocketAddr::new(ip(place)?, port), wire))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_what_can_be_dialled() {
        let peer = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";
        let with = Address::read(&format!("/ip4/127.0.0.1/udp/4001/quic-v1/p2p/{peer}")).unwrap();
        assert_eq!(with.peer.unwrap().to_string(), peer);
        assert_eq!(with.place.to_string(), "/ip4/127.0.0.1/udp/4001/quic-v1");
        assert_eq!(Address::read("/ip6/::1/tcp/1").unwrap().peer, None);
    }

    #[test]
    fn reads_names_and_circuits() {
        let (relay, end) = (PeerId::random(), PeerId::random());
        let text = format!("/dns4/relay.example/tcp/4001/p2p/{relay}/p2p-circuit/p2p/{end}");
        let circuit = Address::read(&text).unwrap();
        assert_eq!(circuit.peer, Some(end));
        assert!(circuit.is_circuit());
        assert_eq!(circuit.text(), text);
        assert!(!Address::read("/dns/relay.example/udp/4001/quic-v1").unwrap().is_circuit());
        assert!(Address::read(&format!("/ip4/1.2.3.4/tcp/1/p2p/{relay}/p2p-circuit")).is_err());
    }

    #[test]
    fn tells_how_far_an_address_reaches() {
        for (ip, reach) in [
            ("127.0.0.1", Scope::Machine),
            ("::1", Scope::Machine),
            ("0.0.0.0", Scope::Machine),
            ("::ffff:127.0.0.1", Scope::Machine),
            ("10.1.2.3", Scope::Site),
            ("100.64.0.1", Scope::Site),
            ("169.254.1.1", Scope::Site),
            ("fd00::1", Scope::Site),
            ("fe80::1", Scope::Site),
            ("224.0.0.1", Scope::Machine),
            ("255.255.255.255", Scope::Machine),
            ("ff02::1", Scope::Machine),
            ("100.128.0.1", Scope::World),
            ("203.0.113.9", Scope::World),
            ("2001:db8::1", Scope::World),
        ] {
            let ip: IpAddr = ip.parse().unwrap();
            assert_eq!(scope(ip), reach, "{ip}");
            let family = if ip.is_ipv4() { "ip4" } else { "ip6" };
            assert_eq!(Scope::of(&format!("/{family}/{ip}/udp/1/quic-v1")), reach, "{ip}");
        }
        assert_eq!(Scope::of("/dns4/relay.example/tcp/1"), Scope::World);
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "/ip4/1.2.3.4/tcp/1/p2p-circuit",
            "/p2p-circuit",
            "/dns4/relay.example",
            "",
            "/",
            "127.0.0.1:80",
            "/ip4/1.2.3.4",
            "/ip4/1.2.3.4/udp/1",
            "/memory/7",
            "/ip4/1.2.3.4/tcp/70000",
        ] {
            assert!(Address::read(text).is_err(), "{text:?} was read");
        }
    }

    #[test]
    fn finds_a_port_in_use() {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let text = format!("/ip4/127.0.0.1/tcp/{}", held.local_addr().unwrap().port());
        let error = Address::read(&text).unwrap().probe().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }
}
