//! Where mail for this node is left.

use std::time::Duration;

use bespeak_agent::{command::Placement, output::Refusal};
use bespeak_model::{queue::MAX_HOST_ADDRESSES, reason::RefusalCode};
use bespeak_net::Net;
use tokio::{sync::mpsc::WeakSender, time::sleep};

use crate::{
    answer::own_placement,
    home::Role,
    relays::{Choice, Relays},
    run::Ask,
    wires::{furthest_first, without_peer},
};

/// Pause before it is asked again where mail can be left. Source: wild guess; each question waits for peers itself.
const AGAIN: Duration = Duration::from_secs(5);

/// What it takes to say where mail for a node is left.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) role: Role,
    pub(crate) net: Net,
    pub(crate) relays: Relays,
}

impl Place {
    /// For a customer at a relay, if one of the peers is one, else here; for a vendor here.
    pub(crate) async fn find(&self) -> Result<Placement, Refusal> {
        if self.role != Role::Customer {
            return Ok(own_placement(&self.net));
        }
        match self.relays.choose().await {
            Choice::Relay(address) => Ok(Placement::at(vec![address])),
            // Without her PeerId, which is another at each start: the address alone outlives a restart.
            Choice::None => {
                let places =
                    self.net.listen_addresses().iter().map(|text| without_peer(text).to_owned()).collect();
                Ok(Placement::at(furthest_first(places, MAX_HOST_ADDRESSES)))
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

    /// Tells the loop, as soon as it is known, for as long as the node runs.
    pub(crate) async fn tell(self, asks: WeakSender<Ask>) {
        while asks.strong_count() > 0 {
            if let Ok(placement) = self.find().await {
                if let Some(asks) = asks.upgrade() {
                    // A loop that has ended needs no place.
                    let _ = asks.send(Ask::Reachable(placement)).await;
                }
                return;
            }
            sleep(AGAIN).await;
        }
    }
}
