//! The floor: a libp2p node with every behaviour that one of ours may have, but for those that reach no further than its
//! own network (UPnP, mDNS). It knows one peer and says nothing.

use std::{io::Write, time::Duration};

use futures::StreamExt;
use libp2p::{
    Multiaddr, Swarm, SwarmBuilder, autonat, dcutr, gossipsub, identify, noise, ping, relay, rendezvous,
    request_response::{self, ProtocolSupport},
    swarm::{NetworkBehaviour, SwarmEvent},
    tcp, yamux,
};

use crate::{
    delivery::MeasureError,
    idle::clients::{gossip, introduction},
    mail::raw::PROTOCOL,
    market::LISTEN,
    plain::Plain,
};

/// gossipsub polls its heartbeat only when something else wakes it; half a beat. Source: as in our nodes.
const TICK: Duration = Duration::from_millis(500);

#[derive(NetworkBehaviour)]
struct Everything {
    gossip: gossipsub::Behaviour,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    relay: relay::client::Behaviour,
    dcutr: dcutr::Behaviour,
    autonat: autonat::v2::client::Behaviour,
    rendezvous: rendezvous::client::Behaviour,
    requests: request_response::Behaviour<Plain>,
}

fn swarm() -> Result<Swarm<Everything>, MeasureError> {
    let gossip = gossip()?;
    let built = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .map_err(MeasureError::set_up)?
        .with_quic()
        .with_relay_client(noise::Config::new, yamux::Config::default)
        .map_err(MeasureError::set_up)?
        .with_behaviour(|key, relay| Everything {
            gossip,
            identify: introduction(key),
            ping: ping::Behaviour::default(),
            relay,
            dcutr: dcutr::Behaviour::new(key.public().to_peer_id()),
            autonat: autonat::v2::client::Behaviour::default(),
            rendezvous: rendezvous::client::Behaviour::new(key.clone()),
            requests: request_response::Behaviour::with_codec(
                Plain,
                [(PROTOCOL, ProtocolSupport::Full)],
                request_response::Config::default(),
            ),
        })
        .map_err(MeasureError::set_up)?
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::MAX))
        .build();
    Ok(built)
}

/// Connects with a peer, says so on a line, and rests for ever; for a process that does nothing else.
///
/// # Errors
/// When it cannot be made, or there is nobody.
pub async fn rest(peer: &str) -> Result<(), MeasureError> {
    let mut swarm = swarm()?;
    let peer: Multiaddr = peer.parse().map_err(MeasureError::set_up)?;
    swarm.listen_on(LISTEN.parse().map_err(MeasureError::set_up)?).map_err(MeasureError::set_up)?;
    swarm.dial(peer).map_err(MeasureError::set_up)?;
    let mut ticker = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            event = swarm.select_next_some() => match event {
                SwarmEvent::ConnectionEstablished { .. } => {
                    writeln!(std::io::stdout(), "{{}}").map_err(MeasureError::set_up)?;
                }
                SwarmEvent::OutgoingConnectionError { error, .. } => return Err(MeasureError::set_up(error)),
                _ => {}
            },
            _ = ticker.tick() => {}
        }
    }
}
