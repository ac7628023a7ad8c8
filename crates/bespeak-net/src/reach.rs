//! Being found: tests of one's own addresses, direct connections through address translators, ports of the router, and a
//! place on relays' lists.

use libp2p::identity::Keypair;
use libp2p::swarm::NetworkBehaviour;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::{autonat, dcutr, rendezvous, upnp};

use crate::config::NetConfig;
use crate::driver::Driver;
use crate::event::short;

/// What helps a node be found that wants to be.
#[derive(NetworkBehaviour)]
pub(crate) struct Found {
    pub(crate) punch: Toggle<dcutr::Behaviour>,
    pub(crate) probe: autonat::v2::client::Behaviour,
    pub(crate) ports: Toggle<upnp::tokio::Behaviour>,
    pub(crate) lists: rendezvous::client::Behaviour,
}

/// A relay is where everybody can reach it: nothing is to be got through for it.
pub(crate) fn found(config: &NetConfig, key: &Keypair) -> Found {
    let is_relay = config.hosting.is_some();
    Found {
        punch: (!is_relay).then(|| dcutr::Behaviour::new(key.public().to_peer_id())).into(),
        probe: autonat::v2::client::Behaviour::default(),
        ports: config.upnp.then(upnp::tokio::Behaviour::default).into(),
        lists: rendezvous::client::Behaviour::new(key.clone()),
    }
}

impl Driver {
    pub(crate) fn found(&mut self, event: FoundEvent) {
        match event {
            FoundEvent::Punch(dcutr::Event { remote_peer_id, result }) => {
                let peer = remote_peer_id.to_string();
                match result {
                    Ok(_) => tracing::info!(peer = short(&peer), "direct connection"),
                    // Whoever did not agree to it does not speak the protocol: that is the usual case.
                    Err(error) => tracing::debug!(peer = short(&peer), %error, "no direct connection"),
                }
            }
            FoundEvent::Probe(event) => {
                let through = event.result.is_ok();
                tracing::debug!(address = %event.tested_addr, through, "address tried");
                self.standing.tried(&event.tested_addr, through);
                self.show_standing();
                if through {
                    self.register_anew();
                }
            }
            FoundEvent::Ports(event) => self.ports(event),
            FoundEvent::Lists(event) => self.listed(event),
        }
    }

    /// What the router says of a port.
    fn ports(&mut self, event: upnp::Event) {
        tracing::info!(?event, "router");
        match event {
            upnp::Event::NewExternalAddr { external_addr, .. } => {
                self.standing.tried(&external_addr, true);
                self.register_anew();
            }
            upnp::Event::ExpiredExternalAddr { external_addr, .. } => {
                self.standing.tried(&external_addr, false);
            }
            upnp::Event::GatewayNotFound | upnp::Event::NonRoutableGateway => {}
        }
        self.show_standing();
    }
}
