//! Which way leads to a host of somebody's mail.
//!
//! A customer's node dials relays that it chose itself, and nobody else: whatever a vendor names could be the vendor's own
//! machine, and a call shows where the caller is. Every other host is reached through a circuit over one of her relays,
//! until she lets the other side see her address.

use bespeak_model::queue::Drop;
use bespeak_net::{RelayInfo, Scope};

use crate::wires::{is_circuit, peer_of};

/// Circuits that are tried for one host. Source: wild guess; a relay that holds none for it says so at once.
const CIRCUITS: usize = 3;

/// The addresses at which to try a host, best first; none where there is no way that shows nothing of the caller. `direct`
/// says that the caller may be seen.
pub(crate) fn ways(place: &Drop, relays: &[RelayInfo], direct: bool) -> Vec<String> {
    let given = || place.hosts.iter().map(|host| host.as_str().to_owned());
    let Some(host) = given().find_map(|address| peer_of(&address).map(str::to_owned)) else {
        // A customer's own node, which she named herself.
        return if direct { given().collect() } else { Vec::new() };
    };
    // Never at the address that was given: it could lead to somebody who only wants to see who calls.
    let own = || relays.iter().filter(|relay| relay.named);
    if let Some(own) = own().find(|relay| relay.peer == host) {
        return vec![own.address.clone()];
    }
    let circuits = own()
        .filter(|relay| relay.connected)
        .map(|relay| format!("{}/p2p-circuit/p2p/{host}", relay.address))
        .take(CIRCUITS);
    if !direct {
        return circuits.collect();
    }
    let (far, near): (Vec<String>, Vec<String>) = given()
        .filter(|address| !is_circuit(address))
        .partition(|address| Scope::of(address) == Scope::World);
    let theirs = given().filter(|address| is_circuit(address));
    let mut ways: Vec<String> = Vec::new();
    // One that may be out of date must not use up the time of all.
    let mut far = far.into_iter();
    for way in far.next().into_iter().chain(circuits).chain(far).chain(theirs).chain(near) {
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use bespeak_model::{bounded::Bounded, queue::QueueId};

    use super::*;

    const OWN: &str = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";
    const VENDOR: &str = "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";

    fn place(addresses: &[String]) -> Drop {
        let hosts = addresses.iter().map(|address| address.clone().try_into().unwrap()).collect();
        Drop { queue: QueueId::from_bytes([1; 32]), hosts: Bounded::new(hosts).unwrap() }
    }

    fn relay(connected: bool) -> RelayInfo {
        RelayInfo {
            peer: OWN.to_owned(),
            address: format!("/ip4/203.0.113.1/tcp/1/p2p/{OWN}"),
            named: true,
            connected,
            reserved: false,
            round_trip: None,
        }
    }

    fn given() -> Vec<String> {
        let circuit = format!("/ip4/203.0.113.7/tcp/1/p2p/{OWN}/p2p-circuit/p2p/{VENDOR}");
        vec![
            format!("/ip4/192.168.1.9/tcp/1/p2p/{VENDOR}"),
            circuit,
            format!("/ip4/198.51.100.9/tcp/1/p2p/{VENDOR}"),
        ]
    }

    #[test]
    fn unseen_every_way_goes_through_a_relay_of_ones_own() {
        let through = format!("/ip4/203.0.113.1/tcp/1/p2p/{OWN}/p2p-circuit/p2p/{VENDOR}");
        assert_eq!(ways(&place(&given()), &[relay(true)], false), [through]);
        assert!(ways(&place(&given()), &[relay(false)], false).is_empty(), "rather none than a direct one");
        assert!(ways(&place(&given()), &[], false).is_empty());
        let found = RelayInfo { named: false, ..relay(true) };
        assert!(
            ways(&place(&given()), &[found], false).is_empty(),
            "a relay that nobody here chose may be a vendor's"
        );
        assert!(ways(&place(&["/ip4/198.51.100.9/tcp/1".to_owned()]), &[relay(true)], false).is_empty());
    }

    #[test]
    fn a_relay_of_ones_own_is_called_where_one_knows_it() {
        let lie = vec![format!("/ip4/198.51.100.66/tcp/1/p2p/{OWN}")];
        for direct in [false, true] {
            let known = format!("/ip4/203.0.113.1/tcp/1/p2p/{OWN}");
            assert_eq!(ways(&place(&lie), &[relay(true)], direct), [known]);
        }
    }

    #[test]
    fn seen_what_reaches_far_comes_first_and_the_house_last() {
        let ways = ways(&place(&given()), &[relay(true)], true);
        assert!(ways[0].starts_with("/ip4/198.51.100.9"), "{ways:?}");
        assert!(ways[1].starts_with("/ip4/203.0.113.1"), "{ways:?}");
        assert!(ways[3].starts_with("/ip4/192.168.1.9"), "{ways:?}");
        assert_eq!(ways.len(), 4);
    }
}
