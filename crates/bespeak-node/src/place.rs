//! Where mail for this node is left.

use std::time::Duration;

use bespeak_agent::{command::Placement, output::Refusal};
use bespeak_model::{queue::MAX_HOST_ADDRESSES, reason::RefusalCode};
use bespeak_net::{Net, Reach};
use tokio::{sync::mpsc::WeakSender, time::sleep};

use crate::{
    home::Role,
    relays::{Choice, HOSTS, Relays},
    run::Ask,
    wires::{furthest_first, without_peer},
};

/// Pause before it is asked again where mail can be left: as long as nobody knows, and later, when a relay may have come
/// or gone. Source: wild guess; each question waits for peers itself.
const AGAIN: Duration = Duration::from_secs(5);
const NOW_AND_THEN: Duration = Duration::from_secs(30);

/// What it takes to say where mail for a node is left.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) role: Role,
    pub(crate) net: Net,
    pub(crate) relays: Relays,
    /// Its owner lets vendors see its address.
    pub(crate) revealed: bool,
}

impl Place {
    /// For a customer at relays; here only where there is none and she lets her address be seen. For a vendor here, and at
    /// relays for when nobody gets through.
    pub(crate) async fn find(&self) -> Result<Placement, Refusal> {
        if self.role != Role::Customer {
            return Ok(of_vendor(&self.net));
        }
        match self.relays.choose().await {
            Choice::Relays(addresses) => {
                Ok(Placement { hosts: addresses.into_iter().map(|address| vec![address]).collect() })
            }
            // Without her PeerId, which is another at each start: the address alone outlives a restart.
            Choice::None if self.revealed => {
                let places =
                    self.net.listen_addresses().iter().map(|text| without_peer(text).to_owned()).collect();
                Ok(Placement::at(furthest_first(places, MAX_HOST_ADDRESSES)))
            }
            Choice::None => {
                let detail = "no relay is known that would hold the answers, and without one your own address would be \
                              public; start the node with `--relay` and the address of one, or with `--reveal` if vendors \
                              may see where you are";
                Err(Refusal::new(RefusalCode::NotAllowedByState, detail))
            }
            Choice::Unknown(address) => {
                let detail = format!(
                    "the peer {address} has not answered yet, and it may be the relay behind which your own address \
                     stays private; try again when it can be reached, or run the node without it"
                );
                Err(Refusal::new(RefusalCode::NotAllowedByState, detail))
            }
        }
    }

    /// Tells the loop, as soon as it is known, and again when relays come and go, for as long as the node runs.
    pub(crate) async fn tell(self, asks: WeakSender<Ask>) {
        let mut told = None;
        while asks.strong_count() > 0 {
            if let Ok(placement) = self.find().await
                && told.as_ref() != Some(&placement)
            {
                told = Some(placement.clone());
                if let Some(asks) = asks.upgrade() {
                    // A loop that has ended needs no place.
                    let _ = asks.send(Ask::Reachable(placement)).await;
                }
            }
            sleep(if told.is_some() { NOW_AND_THEN } else { AGAIN }).await;
        }
    }
}

/// A vendor's own node, at its addresses and through the relays that hold circuits for it; and its queues at relays.
pub(crate) fn of_vendor(net: &Net) -> Placement {
    let (relays, standing, own) = (net.relays(), net.standing(), net.peer());
    let external = standing.external.iter().map(|address| format!("{address}/p2p/{own}"));
    // Whom its owner chose: whoever else says that it is a relay may lose what is left there.
    let relays: Vec<_> = relays.into_iter().filter(|relay| relay.named).collect();
    let reserved = relays.iter().filter(|relay| relay.reserved);
    let circuits: Vec<String> =
        reserved.map(|relay| format!("{}/p2p-circuit/p2p/{own}", relay.address)).collect();
    let here = furthest_first(net.listen_addresses(), MAX_HOST_ADDRESSES);
    // What nobody gets through to comes last.
    let ways: Vec<String> = match standing.reach {
        Reach::Private => circuits.into_iter().chain(here).collect(),
        Reach::Public | Reach::Unknown => external.chain(here).chain(circuits).collect(),
    };
    let mut node: Vec<String> = Vec::new();
    for way in ways {
        if node.len() < MAX_HOST_ADDRESSES && !node.contains(&way) {
            node.push(way);
        }
    }
    let held = relays.into_iter().map(|relay| vec![relay.address]).take(HOSTS);
    Placement { hosts: std::iter::once(node).chain(held).collect() }
}
