//! Starting the wires, on the same ports as last time where they are free.

use std::{cmp::Reverse, collections::BTreeMap};

use bespeak_net::{Net, NetConfig, NetEvent, Scope, StartError};
use tokio::sync::mpsc;

/// The port that was bound for each `--listen` whose port was 0.
pub(crate) type Ports = BTreeMap<String, u16>;

/// Running wires, and the ports to remember.
pub(crate) struct Wires {
    pub(crate) net: Net,
    pub(crate) events: mpsc::Receiver<NetEvent>,
    pub(crate) ports: Ports,
}

/// Starts the wires; addresses with port 0 get the port they had last time, or another if that is taken.
///
/// # Errors
/// As [`Net::start`].
pub(crate) async fn start(mut config: NetConfig, remembered: &Ports) -> Result<Wires, StartError> {
    let asked = config.listen.clone();
    config.listen = asked.iter().map(|text| with_remembered_port(text, remembered)).collect();
    loop {
        match Net::start(config.clone()).await {
            Ok((net, events)) => {
                let ports = bound_ports(&asked, &net.listen_addresses());
                return Ok(Wires { net, events, ports });
            }
            Err(StartError::AddressInUse { address }) => {
                // Only ports that were not asked for give way, each once: this ends.
                let pairs = config.listen.iter_mut().zip(&asked);
                let Some((tried, text)) =
                    pairs.into_iter().find(|(tried, text)| **tried == address && tried != text)
                else {
                    return Err(StartError::AddressInUse { address });
                };
                tracing::info!(target: "bespeak::node", %address, "remembered_port_is_taken");
                tried.clone_from(text);
            }
            Err(error) => return Err(error),
        }
    }
}

fn with_remembered_port(text: &str, remembered: &Ports) -> String {
    match (Place::read(text), remembered.get(text)) {
        (Some(place), Some(port)) if place.port == 0 => place.with_port(*port),
        _ => text.to_owned(),
    }
}

/// What to remember: a port that was only taken by somebody else is tried again next time.
pub(crate) fn merged(remembered: &Ports, bound: &Ports) -> Ports {
    let mut all = bound.clone();
    all.extend(remembered.clone());
    all
}

fn bound_ports(asked: &[String], bound: &[String]) -> Ports {
    let bound: Vec<Place<'_>> = bound.iter().filter_map(|text| Place::read(text)).collect();
    let fixed = |port: u16| asked.iter().filter_map(|text| Place::read(text)).any(|place| place.port == port);
    let find = |text: &String| {
        let place = Place::read(text).filter(|place| place.port == 0)?;
        let found = bound.iter().find(|other| place.covers(other) && !fixed(other.port))?;
        Some((text.clone(), found.port))
    };
    asked.iter().filter_map(find).collect()
}

/// The parts of `/ip4/HOST/tcp/PORT…` and its like that matter here.
struct Place<'a> {
    text: &'a str,
    family: &'a str,
    host: &'a str,
    wire: &'a str,
    port: u16,
}

impl<'a> Place<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.split('/').skip(1);
        let (family, host, wire) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { text, family, host, wire, port: parts.next()?.parse().ok()? })
    }

    fn with_port(&self, port: u16) -> String {
        let parts = self.text.split('/').enumerate();
        let parts: Vec<String> =
            parts.map(|(index, part)| if index == 4 { port.to_string() } else { part.to_owned() }).collect();
        parts.join("/")
    }

    fn covers(&self, other: &Self) -> bool {
        let any = matches!(self.host, "0.0.0.0" | "::");
        self.family == other.family && self.wire == other.wire && (any || self.host == other.host)
    }
}

/// An address without the identity of who is there.
pub(crate) fn without_peer(address: &str) -> &str {
    address.split_once("/p2p/").map_or(address, |(place, _)| place)
}

/// The identity an address names: that of whoever is at its end.
pub(crate) fn peer_of(address: &str) -> Option<&str> {
    address.rsplit_once("/p2p/").map(|(_, peer)| peer).filter(|peer| !peer.is_empty() && !peer.contains('/'))
}

/// Whether a relay stands between.
pub(crate) fn is_circuit(address: &str) -> bool {
    address.contains("/p2p-circuit")
}

/// The addresses by which others should reach this node: those that go furthest first, at most `most`.
pub(crate) fn furthest_first(mut addresses: Vec<String>, most: usize) -> Vec<String> {
    addresses.sort_by_key(|address| Reverse(Scope::of(address)));
    addresses.dedup();
    addresses.truncate(most);
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn finds_which_port_each_address_got() {
        let asked = texts(&["/ip4/0.0.0.0/tcp/0", "/ip4/127.0.0.1/udp/0/quic-v1", "/ip4/0.0.0.0/tcp/4000"]);
        let bound = texts(&[
            "/ip4/127.0.0.1/tcp/4000/p2p/12D3",
            "/ip4/10.0.0.2/tcp/4111/p2p/12D3",
            "/ip4/127.0.0.1/udp/4222/quic-v1/p2p/12D3",
        ]);
        let ports = bound_ports(&asked, &bound);
        assert_eq!(ports.get("/ip4/0.0.0.0/tcp/0"), Some(&4111));
        assert_eq!(ports.get("/ip4/127.0.0.1/udp/0/quic-v1"), Some(&4222));
        assert_eq!(ports.len(), 2);
        assert_eq!(with_remembered_port(&asked[1], &ports), "/ip4/127.0.0.1/udp/4222/quic-v1");
        assert_eq!(with_remembered_port(&asked[2], &ports), asked[2]);
    }

    #[test]
    fn a_port_that_was_only_taken_is_remembered() {
        let ports = |pairs: &[(&str, u16)]| -> Ports {
            pairs.iter().map(|(text, port)| ((*text).to_owned(), *port)).collect()
        };
        let (old, new) = (ports(&[("tcp", 4111), ("udp", 4222)]), ports(&[("tcp", 5000), ("ip6", 4333)]));
        assert_eq!(merged(&old, &new), ports(&[("tcp", 4111), ("udp", 4222), ("ip6", 4333)]));
    }

    #[test]
    fn what_reaches_further_comes_first() {
        let sorted = furthest_first(
            texts(&["/ip4/127.0.0.1/tcp/1", "/ip6/::1/tcp/1", "/ip4/10.0.0.2/tcp/1", "/ip6/fe80::1/tcp/1"]),
            3,
        );
        assert_eq!(sorted, texts(&["/ip4/10.0.0.2/tcp/1", "/ip6/fe80::1/tcp/1", "/ip4/127.0.0.1/tcp/1"]));
    }

    #[test]
    fn an_address_and_who_is_there_are_told_apart() {
        assert_eq!(without_peer("/ip4/1.2.3.4/tcp/1/p2p/12D3"), "/ip4/1.2.3.4/tcp/1");
        assert_eq!(peer_of("/ip4/1.2.3.4/tcp/1/p2p/12D3"), Some("12D3"));
        assert_eq!(peer_of("/ip4/1.2.3.4/tcp/1"), None);
        assert_eq!(peer_of("/ip4/1.2.3.4/tcp/1/p2p/12D3/p2p-circuit/p2p/12D4"), Some("12D4"));
        assert_eq!(peer_of("/ip4/1.2.3.4/tcp/1/p2p/12D3/p2p-circuit"), None);
    }
}
