//! Clients of a relay, each a swarm of its own: it connects, asks to be reachable through the relay, and does nothing more.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bespeak_model::{category::roots, network::Network};
use bespeak_protocol::market::topic_of;
use futures::StreamExt;
use libp2p::{
    Multiaddr, Swarm, SwarmBuilder,
    core::transport::ListenerId,
    gossipsub::{self, IdentTopic, MessageAuthenticity, ValidationMode},
    identify,
    identity::Keypair,
    multiaddr::Protocol,
    noise, ping, relay,
    swarm::{NetworkBehaviour, SwarmEvent, behaviour::toggle::Toggle},
    tcp, yamux,
};
use tokio::task::JoinSet;

use crate::{
    delivery::MeasureError,
    market::{GLANCE, NETWORK},
};

/// Clients that connect at once. Source: below the handshakes that a relay does at once.
const AT_ONCE: usize = 50;
/// How long all of them may take. Source: wild guess; far above what they need.
const CONNECTING: Duration = Duration::from_secs(120);

/// How the clients stand with the relay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stand {
    /// Connected.
    pub connected: usize,
    /// May be reached through the relay.
    pub reserved: usize,
    /// May not.
    pub refused: usize,
    /// Connected once, and no more.
    pub gone: usize,
}

impl Stand {
    /// Those of whom it is known whether they may be reached.
    fn decided(&self) -> usize {
        self.reserved + self.refused
    }
}

/// All of them; they are gone when this is dropped.
pub struct Clients {
    stand: Arc<Mutex<Stand>>,
    _tasks: JoinSet<()>,
}

impl Clients {
    /// Connects so many, some at once.
    ///
    /// # Errors
    /// When one cannot be made, or the relay takes them too slowly.
    pub async fn connect(address: &str, many: usize, follow: bool) -> Result<Self, MeasureError> {
        let address: Multiaddr = address.parse().map_err(MeasureError::set_up)?;
        let stand = Arc::new(Mutex::new(Stand::default()));
        let (mut tasks, begun) = (JoinSet::new(), Instant::now());
        for number in 0..many {
            let mut client = swarm(follow)?;
            let through = address.clone().with(Protocol::P2pCircuit);
            let listener = client.listen_on(through).map_err(MeasureError::set_up)?;
            tasks.spawn(run(client, listener, Arc::clone(&stand)));
            let due = if number + 1 == many { many } else { (number + 1).saturating_sub(AT_ONCE) };
            while look(&stand).decided() < due {
                if begun.elapsed() > CONNECTING {
                    let stand = look(&stand);
                    return Err(MeasureError::SetUp(format!("the relay is too slow: {stand:?} of {many}")));
                }
                tokio::time::sleep(GLANCE).await;
            }
        }
        Ok(Self { stand, _tasks: tasks })
    }

    /// How they stand now.
    pub fn stand(&self) -> Stand {
        look(&self.stand)
    }
}

fn look(stand: &Mutex<Stand>) -> Stand {
    *stand.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(NetworkBehaviour)]
struct Client {
    relay: relay::client::Behaviour,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    gossip: Toggle<gossipsub::Behaviour>,
}

fn swarm(follow: bool) -> Result<Swarm<Client>, MeasureError> {
    let gossip = if follow { Some(gossip()?) } else { None };
    let built = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .map_err(MeasureError::set_up)?
        .with_relay_client(noise::Config::new, yamux::Config::default)
        .map_err(MeasureError::set_up)?
        .with_behaviour(|key, relay| Client {
            relay,
            identify: introduction(key),
            ping: ping::Behaviour::default(),
            gossip: gossip.into(),
        })
        .map_err(MeasureError::set_up)?
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::MAX))
        .build();
    Ok(built)
}

/// Says to peers of which network it is, as our nodes do.
pub(crate) fn introduction(key: &Keypair) -> identify::Behaviour {
    identify::Behaviour::new(identify::Config::new(format!("/bespeak/1/{NETWORK}"), key.public()))
}

/// Gossip that follows every topic.
pub(crate) fn gossip() -> Result<gossipsub::Behaviour, MeasureError> {
    let config = gossipsub::ConfigBuilder::default()
        .validation_mode(ValidationMode::Anonymous)
        .build()
        .map_err(MeasureError::set_up)?;
    let mut gossip =
        gossipsub::Behaviour::new(MessageAuthenticity::Anonymous, config).map_err(MeasureError::set_up)?;
    let network: Network = NETWORK.parse().map_err(MeasureError::set_up)?;
    for root in roots() {
        gossip.subscribe(&IdentTopic::new(topic_of(&network, &root))).map_err(MeasureError::set_up)?;
    }
    Ok(gossip)
}

async fn run(mut client: Swarm<Client>, listener: ListenerId, stand: Arc<Mutex<Stand>>) {
    let change = |change: fn(&mut Stand)| change(&mut stand.lock().unwrap_or_else(PoisonError::into_inner));
    let mut decided = false;
    loop {
        match client.select_next_some().await {
            SwarmEvent::ConnectionEstablished { .. } => change(|stand| stand.connected += 1),
            SwarmEvent::ConnectionClosed { .. } => change(|stand| {
                stand.connected -= 1;
                stand.gone += 1;
            }),
            SwarmEvent::Behaviour(ClientEvent::Relay(relay::client::Event::ReservationReqAccepted {
                renewal: false,
                ..
            })) => {
                decided = true;
                change(|stand| stand.reserved += 1);
            }
            SwarmEvent::ListenerClosed { listener_id, .. } if listener_id == listener && !decided => {
                decided = true;
                change(|stand| stand.refused += 1);
            }
            _ => {}
        }
    }
}
