//! Whom this node meets, in words for its owner: a node that is alone or on another network says so.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use bespeak_net::NetEvent;

/// Addresses and strangers remembered. Source: wild guess; configured peers are few, and one stranger is enough to
/// explain.
const MAX_REMEMBERED: usize = 64;

/// What went wrong with peers of late.
#[derive(Debug, Default)]
pub(crate) struct Meeting(Mutex<Troubles>);

#[derive(Debug, Default)]
struct Troubles {
    /// By configured address.
    unreachable: BTreeMap<String, String>,
    /// The last peer that belongs elsewhere, and where.
    elsewhere: Option<Option<String>>,
}

impl Meeting {
    /// Notes what the wires say of peers.
    pub(crate) fn note(&self, event: &NetEvent) {
        let mut troubles = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            NetEvent::Connected { address, .. } => {
                troubles.unreachable.retain(|known, _| !same_place(known, address));
                troubles.elsewhere = None;
            }
            NetEvent::OtherNetwork { network, .. } => troubles.elsewhere = Some(network.clone()),
            NetEvent::Unreachable { address, reason } => {
                let known = troubles.unreachable.contains_key(address);
                if known || troubles.unreachable.len() < MAX_REMEMBERED {
                    troubles.unreachable.insert(address.clone(), reason.clone());
                }
            }
            _ => {}
        }
    }

    /// How things stand, in a sentence.
    pub(crate) fn in_words(&self, connected: usize, configured: usize, network: &str) -> String {
        let troubles = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (connected, &troubles.elsewhere, troubles.unreachable.iter().next()) {
            (1, _, None) => "Connected to 1 peer.".to_owned(),
            (1.., _, None) => format!("Connected to {connected} peers."),
            (1.., _, Some((address, reason))) => {
                format!("Connected to {connected} of the peers; {address} cannot be reached: {reason}.")
            }
            (0, Some(Some(other)), _) => {
                format!(
                    "This node is alone: the peer it met belongs to the network {other:?}, this one to {network:?}."
                )
            }
            (0, Some(None), _) => {
                "This node is alone: what answered at a peer's address is no Bespeak node.".to_owned()
            }
            (0, None, Some((address, reason))) => {
                format!("This node is alone: {address} cannot be reached: {reason}. It will be tried again.")
            }
            (0, None, None) if configured == 0 => {
                "This node is alone: it knows no peer. Start it with --relay and the address of one."
                    .to_owned()
            }
            (0, None, None) => "This node is alone so far: its peers are being dialled.".to_owned(),
        }
    }
}

fn same_place(one: &str, other: &str) -> bool {
    crate::wires::without_peer(one) == crate::wires::without_peer(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unreachable(address: &str) -> NetEvent {
        NetEvent::Unreachable { address: address.to_owned(), reason: "refused".to_owned() }
    }

    #[test]
    fn case_28_says_why_it_is_alone() {
        let meeting = Meeting::default();
        assert!(meeting.in_words(0, 0, "main").contains("--relay"));
        assert!(meeting.in_words(0, 1, "main").contains("being dialled"));
        meeting.note(&unreachable("/ip4/1.2.3.4/tcp/1"));
        assert!(meeting.in_words(0, 1, "main").contains("/ip4/1.2.3.4/tcp/1 cannot be reached: refused"));
        let network = Some("test".to_owned());
        meeting.note(&NetEvent::OtherNetwork { peer: "12D3".to_owned(), network });
        assert!(meeting.in_words(0, 1, "main").contains("\"test\""));
        let address = "/ip4/1.2.3.4/tcp/1/p2p/12D3".to_owned();
        meeting.note(&NetEvent::Connected { peer: "12D3".to_owned(), address });
        assert_eq!(meeting.in_words(1, 1, "main"), "Connected to 1 peer.");
    }

    #[test]
    fn memory_is_bounded() {
        let meeting = Meeting::default();
        (0..500).for_each(|port| meeting.note(&unreachable(&format!("/ip4/1.2.3.4/tcp/{port}"))));
        assert_eq!(meeting.0.lock().map(|troubles| troubles.unreachable.len()).ok(), Some(MAX_REMEMBERED));
    }
}
