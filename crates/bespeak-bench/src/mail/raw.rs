//! The floor on the wire: request-response swarms that do nothing else. A request of as many bytes, a short answer.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use futures::StreamExt;
use libp2p::{
    Multiaddr, PeerId, StreamProtocol, Swarm, SwarmBuilder,
    multiaddr::Protocol,
    noise,
    request_response::{self, Message, OutboundRequestId, ProtocolSupport},
    swarm::SwarmEvent,
    tcp, yamux,
};
use tokio::{task::JoinSet, time::timeout};

use super::{CONNECTIONS, Done};
use crate::{delivery::MeasureError, figures::Durations, market::PATIENCE, plain::Plain};

/// The name under which it is spoken.
pub(crate) const PROTOCOL: StreamProtocol = StreamProtocol::new("/raw/1");
/// An answer. Source: about as long as the word that an envelope is kept.
const ANSWER: &[u8] = b"stored";

type Plainly = Swarm<request_response::Behaviour<Plain>>;

fn swarm(side: ProtocolSupport) -> Result<Plainly, MeasureError> {
    let built = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .map_err(MeasureError::set_up)?
        .with_behaviour(|_| {
            request_response::Behaviour::with_codec(
                Plain,
                [(PROTOCOL, side)],
                request_response::Config::default().with_request_timeout(PATIENCE),
            )
        })
        .map_err(MeasureError::set_up)?
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(600)))
        .build();
    Ok(built)
}

/// Asks so many times, `flight` at a time over all connections.
///
/// # Errors
/// When a swarm cannot be made, or something is not answered.
pub async fn ask(bytes: usize, flight: usize, requests: usize) -> Result<Done, MeasureError> {
    let mut host = swarm(ProtocolSupport::Inbound)?;
    let place = Multiaddr::from(std::net::Ipv4Addr::LOCALHOST).with(Protocol::Tcp(0));
    host.listen_on(place).map_err(MeasureError::set_up)?;
    let address = loop {
        if let SwarmEvent::NewListenAddr { address, .. } = host.select_next_some().await {
            break address;
        }
    };
    let peer = *host.local_peer_id();
    let answering = tokio::spawn(answer(host));
    let clients = CONNECTIONS.min(flight);
    let mut asking = JoinSet::new();
    let mut connected = Vec::new();
    for _ in 0..clients {
        connected.push(connect(&address).await?);
    }
    let start = Instant::now();
    for client in connected {
        asking.spawn(ask_all(client, peer, bytes, flight / clients, requests / clients));
    }
    let mut took = Vec::with_capacity(requests);
    while let Some(asked) = asking.join_next().await {
        took.extend(asked.map_err(MeasureError::set_up)??);
    }
    let in_all = start.elapsed();
    answering.abort();
    Ok(Done { took: Durations::new(took), in_all })
}

async fn connect(address: &Multiaddr) -> Result<Plainly, MeasureError> {
    let mut client = swarm(ProtocolSupport::Outbound)?;
    client.dial(address.clone()).map_err(MeasureError::set_up)?;
    loop {
        match client.select_next_some().await {
            SwarmEvent::ConnectionEstablished { .. } => return Ok(client),
            SwarmEvent::OutgoingConnectionError { error, .. } => return Err(MeasureError::set_up(error)),
            _ => {}
        }
    }
}

async fn answer(mut host: Plainly) {
    loop {
        if let SwarmEvent::Behaviour(request_response::Event::Message {
            message: Message::Request { channel, .. },
            ..
        }) = host.select_next_some().await
        {
            // Whoever asked has gone when the measurement is over.
            let _ = host.behaviour_mut().send_response(channel, ANSWER.to_vec());
        }
    }
}

async fn ask_all(
    mut client: Plainly,
    peer: PeerId,
    bytes: usize,
    flight: usize,
    requests: usize,
) -> Result<Vec<Duration>, MeasureError> {
    let mut under_way: HashMap<OutboundRequestId, Instant> = HashMap::new();
    let (mut begun, mut took) = (0, Vec::with_capacity(requests));
    while took.len() < requests {
        while under_way.len() < flight && begun < requests {
            let at = Instant::now();
            under_way.insert(client.behaviour_mut().send_request(&peer, vec![7; bytes]), at);
            begun += 1;
        }
        let next = timeout(PATIENCE, client.select_next_some()).await;
        match next.map_err(MeasureError::set_up)? {
            SwarmEvent::Behaviour(request_response::Event::Message {
                message: Message::Response { request_id, .. },
                ..
            }) => took.extend(under_way.remove(&request_id).map(|at| at.elapsed())),
            SwarmEvent::Behaviour(request_response::Event::OutboundFailure { error, .. }) => {
                return Err(MeasureError::set_up(error));
            }
            _ => {}
        }
    }
    Ok(took)
}
