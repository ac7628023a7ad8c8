//! The floor: gossipsub swarms that do nothing else, in the same star.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use futures::StreamExt;
use libp2p::{
    Multiaddr, Swarm, SwarmBuilder,
    gossipsub::{self, IdentTopic, MessageAuthenticity, MessageId, ValidationMode},
    noise,
    swarm::SwarmEvent,
    tcp, yamux,
};
use tokio::sync::mpsc;

use super::{MeasureError, RAW_MESSAGE};
use crate::{
    figures::Durations,
    market::{PATIENCE, PAUSE},
};

const TOPIC: &str = "raw";
/// The number of messages that warm up and are not measured.
const WARM: u64 = u64::MAX;
/// How long one such message may take before the next. Source: wild guess; half of gossipsub's heartbeat, in which
/// meshes form.
const WARM_PAUSE: Duration = Duration::from_millis(500);

/// What a listener had, and when.
struct Heard {
    listener: usize,
    salt: u64,
    number: u64,
    at: Instant,
}

fn swarm() -> Result<Swarm<gossipsub::Behaviour>, MeasureError> {
    let config = gossipsub::ConfigBuilder::default()
        .validation_mode(ValidationMode::Anonymous)
        .flood_publish(false)
        .message_id_fn(|message: &gossipsub::Message| {
            MessageId::from(message.data.get(..16).unwrap_or_default())
        })
        .build()
        .map_err(MeasureError::set_up)?;
    let behaviour =
        gossipsub::Behaviour::new(MessageAuthenticity::Anonymous, config).map_err(MeasureError::set_up)?;
    let built = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .map_err(MeasureError::set_up)?
        .with_behaviour(|_| behaviour)
        .map_err(MeasureError::set_up)?
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(600)))
        .build();
    Ok(built)
}

/// Publishes messages at one swarm and measures when each other one has each.
///
/// # Errors
/// When a swarm cannot be made, or not everything arrives.
pub async fn measure(count: usize, messages: usize) -> Result<Durations, MeasureError> {
    let topic = IdentTopic::new(TOPIC);
    let mut centre = swarm()?;
    centre.behaviour_mut().subscribe(&topic).map_err(MeasureError::set_up)?;
    centre
        .listen_on(Multiaddr::from(std::net::Ipv4Addr::LOCALHOST).with(libp2p::multiaddr::Protocol::Tcp(0)))
        .map_err(MeasureError::set_up)?;
    let address = loop {
        if let SwarmEvent::NewListenAddr { address, .. } = centre.select_next_some().await {
            break address;
        }
    };
    let (heard, hearing) = mpsc::unbounded_channel();
    let mut tasks = vec![tokio::spawn(run(centre, None, None))];
    for number in 0..count {
        let mut listener = swarm()?;
        listener.behaviour_mut().subscribe(&topic).map_err(MeasureError::set_up)?;
        listener.dial(address.clone()).map_err(MeasureError::set_up)?;
        tasks.push(tokio::spawn(run(listener, None, Some((number, heard.clone())))));
    }
    let mut publisher = swarm()?;
    publisher.behaviour_mut().subscribe(&topic).map_err(MeasureError::set_up)?;
    publisher.dial(address).map_err(MeasureError::set_up)?;
    let (publish, publishing) = mpsc::unbounded_channel();
    tasks.push(tokio::spawn(run(publisher, Some(publishing), None)));
    let measured = publish_all(count, messages, &publish, hearing).await;
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    measured
}

async fn run(
    mut swarm: Swarm<gossipsub::Behaviour>,
    mut publishing: Option<mpsc::UnboundedReceiver<Vec<u8>>>,
    heard: Option<(usize, mpsc::UnboundedSender<Heard>)>,
) {
    // A quiet gossipsub polls its heartbeat only when something else wakes it.
    let mut ticker = tokio::time::interval(Duration::from_millis(100));
    loop {
        let next = async {
            match &mut publishing {
                Some(publishing) => publishing.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            event = swarm.select_next_some() => {
                if let SwarmEvent::Behaviour(gossipsub::Event::Message { message, .. }) = event
                    && let (Some((listener, heard)), Some((salt, number))) = (&heard, read(&message.data))
                {
                    let _ = heard.send(Heard { listener: *listener, salt, number, at: Instant::now() });
                }
            }
            Some(bytes) = next => {
                let _ = swarm.behaviour_mut().publish(IdentTopic::new(TOPIC), bytes);
            }
            _ = ticker.tick() => {}
        }
    }
}

/// The salt and the number of a message.
fn read(bytes: &[u8]) -> Option<(u64, u64)> {
    let (salt, rest) = bytes.split_first_chunk::<8>()?;
    let (number, _) = rest.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*salt), u64::from_be_bytes(*number)))
}

fn message(salt: u64, number: u64) -> Vec<u8> {
    let mut bytes = [salt.to_be_bytes(), number.to_be_bytes()].concat();
    bytes.resize(RAW_MESSAGE, 0);
    bytes
}

async fn publish_all(
    count: usize,
    messages: usize,
    publish: &mpsc::UnboundedSender<Vec<u8>>,
    mut hearing: mpsc::UnboundedReceiver<Heard>,
) -> Result<Durations, MeasureError> {
    warm_up(count, publish, &mut hearing).await?;
    let mut started = Vec::with_capacity(messages);
    for number in 0..messages as u64 {
        started.push(Instant::now());
        publish.send(message(0, number)).map_err(MeasureError::set_up)?;
        tokio::time::sleep(PAUSE).await;
    }
    let expected = messages * count;
    let mut all = Vec::with_capacity(expected);
    let end = Instant::now() + PATIENCE;
    while all.len() < expected {
        let left = end.saturating_duration_since(Instant::now());
        let Ok(Some(Heard { number, at, .. })) = tokio::time::timeout(left, hearing.recv()).await else {
            return Err(MeasureError::Lost { arrived: all.len(), expected, seconds: PATIENCE.as_secs() });
        };
        let begun = usize::try_from(number).ok().and_then(|number| started.get(number));
        all.extend(begun.map(|begun| at.duration_since(*begun)));
    }
    Ok(Durations::new(all))
}

/// Publishes until one message has come through to everybody.
async fn warm_up(
    count: usize,
    publish: &mpsc::UnboundedSender<Vec<u8>>,
    hearing: &mut mpsc::UnboundedReceiver<Heard>,
) -> Result<(), MeasureError> {
    let end = Instant::now() + PATIENCE;
    for said in 1.. {
        publish.send(message(said, WARM)).map_err(MeasureError::set_up)?;
        let pause = tokio::time::sleep(WARM_PAUSE);
        tokio::pin!(pause);
        let mut had_it = BTreeSet::new();
        loop {
            tokio::select! {
                // A message of before that comes late says nothing of who hears this one.
                Some(Heard { listener, salt, .. }) = hearing.recv() => {
                    if salt == said {
                        had_it.insert(listener);
                    }
                }
                () = &mut pause => break,
            }
        }
        if had_it.len() == count {
            return Ok(());
        }
        if Instant::now() > end {
            break;
        }
    }
    Err(MeasureError::SetUp("the swarms do not find each other".to_owned()))
}
