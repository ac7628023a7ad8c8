//! Who asks, as far as a relay tells askers apart: by identity, which is free, and by network, which is not.

use bespeak_model::queue::QueueId;
use bespeak_protocol::drop::Sender;
use sha2::{Digest, Sha256};

/// The network from which an address comes: the /24 of an IPv4 address, the /64 of an IPv6 address, which is what one
/// household or machine has of its own; the relay for whoever comes by way of one.
pub(super) fn place_of(address: &str) -> String {
    let mut parts = address.split('/').skip(1);
    while let Some(kind) = parts.next() {
        let value = parts.next().unwrap_or_default();
        let place = match kind {
            "ip4" => value.rsplit_once('.').map(|(net, _)| net.to_owned()),
            "ip6" => value.parse::<std::net::Ipv6Addr>().ok().map(|ip| format!("{:016x}", ip.to_bits() >> 64)),
            "p2p" => Some(value.to_owned()),
            _ => None,
        };
        if let Some(place) = place {
            return place;
        }
    }
    String::new()
}

/// The tags of a sender in one queue. They are another in each queue, so that who keeps them learns nothing that joins
/// two.
pub(super) fn sender(queue: &QueueId, peer: &str, place: &str) -> Sender {
    Sender { place: tag(queue, place), peer: tag(queue, peer) }
}

fn tag(queue: &QueueId, name: &str) -> u64 {
    let digest = Sha256::new().chain_update(queue.as_bytes()).chain_update(name).finalize();
    digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_network_or_a_relay() {
        for (address, place) in [
            ("/ip4/192.0.2.77/tcp/4001", "192.0.2"),
            ("/ip4/192.0.2.1/udp/9/quic-v1/p2p/12D3KooWx", "192.0.2"),
            ("/ip6/2001:db8:1:2:3:4:5:6/tcp/4001", "20010db800010002"),
            ("/ip6/2001:db8:1:2::9/udp/4001/quic-v1", "20010db800010002"),
            ("/ip4/198.51.100.4/tcp/1/p2p/12D3KooWrelay/p2p-circuit/p2p/12D3KooWx", "198.51.100"),
            ("/p2p/12D3KooWrelay/p2p-circuit/p2p/12D3KooWx", "12D3KooWrelay"),
            ("/memory/7", ""),
            ("", ""),
        ] {
            assert_eq!(place_of(address), place, "{address}");
        }
    }

    #[test]
    fn tags_tell_senders_apart_and_join_no_queues() {
        let (one, other) = (QueueId::from_bytes([1; 32]), QueueId::from_bytes([2; 32]));
        assert_eq!(sender(&one, "a", "net"), sender(&one, "a", "net"));
        assert_ne!(sender(&one, "a", "net").peer, sender(&one, "b", "net").peer);
        assert_eq!(sender(&one, "a", "net").place, sender(&one, "b", "net").place);
        assert_ne!(sender(&one, "a", "net").peer, sender(&other, "a", "net").peer);
    }
}
