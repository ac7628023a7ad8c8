//! Reading multiaddrs, and finding out whether a port is free.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};

use libp2p::multiaddr::Protocol;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::{Multiaddr, PeerId};

/// A multiaddr that can be dialled: an IP address with a TCP or QUIC port, and perhaps the peer expected there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Address {
    /// Without `/p2p/…`.
    pub(crate) place: Multiaddr,
    pub(crate) peer: Option<PeerId>,
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
        socket(&place).ok_or("expected /ip4 or /ip6 with /tcp/PORT or /udp/PORT/quic-v1")?;
        Ok(Self { place, peer })
    }

    /// The address of a listener.
    pub(crate) fn of(place: &Multiaddr) -> Option<Self> {
        socket(place).map(|_| Self { place: place.clone(), peer: None })
    }

    /// How to dial it: from the port we listen on, which other peers may then know for ours, or from a new one.
    pub(crate) fn dial_opts(&self, new_port: bool) -> DialOpts {
        let place = self.place.clone();
        match (self.peer, new_port) {
            (Some(peer), false) => DialOpts::peer_id(peer).addresses(vec![place]).build(),
            (Some(peer), true) => DialOpts::peer_id(peer).addresses(vec![place]).allocate_new_port().build(),
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wire {
    Tcp,
    Quic,
}

fn socket(place: &Multiaddr) -> Option<(SocketAddr, Wire)> {
    let parts: Vec<Protocol<'_>> = place.iter().collect();
    let ip = |part: &Protocol<'_>| match part {
        Protocol::Ip4(ip) => Some(IpAddr::V4(*ip)),
        Protocol::Ip6(ip) => Some(IpAddr::V6(*ip)),
        _ => None,
    };
    match parts.as_slice() {
        [host, Protocol::Tcp(port)] => Some((SocketAddr::new(ip(host)?, *port), Wire::Tcp)),
        [host, Protocol::Udp(port), Protocol::QuicV1] => {
            Some((SocketAddr::new(ip(host)?, *port), Wire::Quic))
        }
        _ => None,
    }
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
    fn refuses_the_rest() {
        for text in [
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
