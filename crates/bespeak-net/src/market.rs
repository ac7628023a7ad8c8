//! The market swarm: its behaviours, and the reason for each setting.

use std::collections::HashMap;
use std::time::Duration;

use libp2p::allow_block_list::{self, BlockedPeers};
use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::gossipsub::{
    self, ConfigBuilder, IdentTopic, MessageAuthenticity, MessageId, PeerScoreParams, PeerScoreThresholds,
    TopicScoreParams, ValidationMode, WhitelistSubscriptionFilter,
};
use libp2p::identity::Keypair;
use libp2p::request_response::ProtocolSupport;
use libp2p::swarm::NetworkBehaviour;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::{PeerId, identify, mdns, memory_connection_limits, ping, relay};
use sha2::{Digest, Sha256};

use crate::catch_up::{CatchUp, catch_up};
use crate::config::{Limits, MAX_MESSAGE, NetConfig};
use crate::drop::{Drops, drops};
use crate::hosted::{Hosted, hosted};
use crate::reach::{Found, found};
use crate::swarm::identity;

/// How long a message that was published or heard is known, and not published again. gossipsub's usual minute, twice:
/// a copy may come late from a crowded peer.
pub const DUPLICATE_CACHE: Duration = Duration::from_secs(120);

/// How often gossipsub mends its meshes and offers what it heard. Half the usual second, so that a message crosses a
/// crowded meeting point in one beat.
pub(crate) const HEARTBEAT: Duration = Duration::from_millis(500);

/// Heartbeats a message is kept for forwarding: a verdict may take 12 s.
const HISTORY: usize = 24;

/// Heartbeats a message is offered to peers outside the mesh. A meeting point with 100 peers offers to half of those
/// outside its mesh each time, so twelve rounds miss one in 4,000.
const HISTORY_GOSSIP: usize = 12;

/// Below this a peer is heard no more, and the driver cuts it off: two or three rejected messages.
pub(crate) const GRAYLIST: f64 = -60.0;

/// The largest gossip RPC, in bytes. libp2p counts what has already arrived of the next one too, and a stream that
/// goes over is dead for good, so this is four times our own bound on a message.
const MAX_RPC: usize = 4 * MAX_MESSAGE;

/// Ids in one offer or request: of 32 bytes each, they stay below `MAX_CONTROL`.
const MAX_IDS: usize = 1200;

/// Control part of one RPC, in bytes; below `MAX_RPC` by the largest read ahead.
const MAX_CONTROL: usize = 48 * 1024;

/// Messages queued for a slow peer. Wild guess: 2 MiB of usual messages, 32 MiB of the largest.
const QUEUE: usize = 2048;

/// The market keeps its connections: meshes are made of them, and a meeting point's overflow would lose its only one.
/// Idle strangers are dealt with by the roster, silent ends by ping.
pub(crate) const NEVER_IDLE: Duration = Duration::MAX;

pub(crate) type Gossip = gossipsub::Behaviour<gossipsub::IdentityTransform, WhitelistSubscriptionFilter>;

#[derive(NetworkBehaviour)]
pub(crate) struct Market {
    pub(crate) connections: connection_limits::Behaviour,
    pub(crate) memory: memory_connection_limits::Behaviour,
    pub(crate) blocked: allow_block_list::Behaviour<BlockedPeers>,
    pub(crate) gossip: Gossip,
    pub(crate) identify: identify::Behaviour,
    pub(crate) ping: ping::Behaviour,
    pub(crate) drops: Drops,
    pub(crate) catch_up: CatchUp,
    pub(crate) circuits: relay::client::Behaviour,
    pub(crate) found: Toggle<Found>,
    pub(crate) hosted: Toggle<Hosted>,
    pub(crate) lan: Toggle<mdns::tokio::Behaviour>,
}

/// How often a peer is pinged, and how long it may take to answer: whoever is gone is noticed within a minute and a half.
/// Wild guess; each ping of each connection costs about 300 bytes, and a node at rest does little else.
const PING: Duration = Duration::from_secs(60);
const PING_WAIT: Duration = Duration::from_secs(30);

/// What identify says of this node: nothing but the network.
pub(crate) fn protocol_version(network: &str) -> String {
    format!("/bespeak/1/{network}")
}

/// What identify says of a swarm that only asks: no peer of the market, and no stranger either.
pub(crate) fn client_version(network: &str) -> String {
    format!("{}/asks", protocol_version(network))
}

pub(crate) fn market(
    config: &NetConfig,
    key: &Keypair,
    circuits: relay::client::Behaviour,
) -> Result<Market, String> {
    let peer = key.public().to_peer_id();
    // A customer's market swarm asks no drops: what she leaves there goes from identities of its own.
    let drops_side = if config.be_found { ProtocolSupport::Full } else { ProtocolSupport::Inbound };
    Ok(Market {
        connections: connection_limits::Behaviour::new(connection_bounds(&config.limits)),
        memory: memory_connection_limits::Behaviour::with_max_bytes(config.limits.memory),
        blocked: allow_block_list::Behaviour::default(),
        gossip: gossip(&config.topics)?,
        identify: identity(protocol_version(&config.network), key.public(), config.hide_listen_addresses),
        ping: ping::Behaviour::new(ping::Config::new().with_interval(PING).with_timeout(PING_WAIT)),
        drops: drops(drops_side),
        catch_up: catch_up(config.answers_catch_up),
        circuits,
        found: config.be_found.then(|| found(config, key)).into(),
        hosted: config.hosting.as_ref().map(|hosting| hosted(peer, hosting)).into(),
        lan: lan(config.lan, peer)?.into(),
    })
}

fn lan(wanted: bool, peer: PeerId) -> Result<Option<mdns::tokio::Behaviour>, String> {
    let behaviour = || mdns::tokio::Behaviour::new(mdns::Config::default(), peer);
    wanted.then(behaviour).transpose().map_err(|error| format!("the local network: {error}"))
}

fn connection_bounds(limits: &Limits) -> ConnectionLimits {
    ConnectionLimits::default()
        .with_max_established_incoming(Some(limits.connections_in))
        .with_max_established_outgoing(Some(limits.connections_out))
        .with_max_established_per_peer(Some(limits.connections_per_peer))
        .with_max_pending_incoming(Some(limits.handshakes_in))
        .with_max_pending_outgoing(Some(limits.connections_out))
}

/// Gossip that follows `topics`, and lets no peer name another: an unknown topic is dropped as it is read.
fn gossip(topics: &[String]) -> Result<Gossip, String> {
    let config = gossip_config().build().map_err(|e| e.to_string())?;
    let topics: Vec<IdentTopic> = topics.iter().map(IdentTopic::new).collect();
    let allowed = WhitelistSubscriptionFilter(topics.iter().map(IdentTopic::hash).collect());
    let mut gossip = Gossip::new_with_subscription_filter(MessageAuthenticity::Anonymous, config, allowed)?;
    gossip.with_peer_score(scoring(&topics), thresholds())?;
    for topic in &topics {
        gossip.subscribe(topic).map_err(|e| e.to_string())?;
    }
    Ok(gossip)
}

fn gossip_config() -> ConfigBuilder {
    let mut config = ConfigBuilder::default();
    config
        // No author and no sequence number: the signature is inside, and verified once, not with every copy.
        .validation_mode(ValidationMode::Anonymous)
        .message_id_fn(message_id)
        .validate_messages()
        // Publishing to everybody gains nothing and names the origin (measured, `reliability.md`).
        .flood_publish(false)
        // Keeps delivery at 99.9 % with two thirds of silent peers (measured, `reliability.md`). These four belong
        // together.
        .mesh_n(8)
        .mesh_n_low(6)
        .mesh_n_high(12)
        .mesh_outbound_min(3)
        .gossip_lazy(12)
        .gossip_factor(0.5)
        .heartbeat_interval(HEARTBEAT)
        .heartbeat_initial_delay(HEARTBEAT)
        .history_length(HISTORY)
        .history_gossip(HISTORY_GOSSIP)
        // One offer for each topic at each heartbeat: the usual 10 would silence the rest of our topics.
        .max_ihave_messages_heartbeat(512)
        .max_control_messages_sent(MAX_IDS)
        .max_control_message_size(MAX_CONTROL)
        .max_transmit_size(MAX_RPC)
        .connection_handler_queue_len(QUEUE)
        .duplicate_cache_time(DUPLICATE_CACHE);
    config
}

/// SHA-256 of topic and bytes. The topic belongs to it: else somebody could send a good message on a wrong topic
/// first, and the copy on the right one would be taken for heard.
fn message_id(message: &gossipsub::Message) -> MessageId {
    let topic = message.topic.as_str();
    let length = (topic.len() as u64).to_be_bytes();
    let digest =
        Sha256::new().chain_update(length).chain_update(topic).chain_update(&message.data).finalize();
    MessageId::new(&digest)
}

fn scoring(topics: &[IdentTopic]) -> PeerScoreParams {
    let topics: HashMap<_, _> = topics.iter().map(|topic| (topic.hash(), topic_scoring())).collect();
    PeerScoreParams {
        topics,
        topic_score_cap: 40.0,
        app_specific_weight: 1.0,
        // Many honest nodes share an address: loopback, NAT, a relay's house.
        ip_colocation_factor_weight: 0.0,
        // P7, misbehaviour of the protocol. Three slips are free, since honest grafts and prunes cross. Wild guess.
        behaviour_penalty_weight: -10.0,
        behaviour_penalty_threshold: 3.0,
        behaviour_penalty_decay: gossipsub::score_parameter_decay(Duration::from_secs(60)),
        ..PeerScoreParams::default()
    }
}

fn topic_scoring() -> TopicScoreParams {
    TopicScoreParams {
        topic_weight: 1.0,
        // P1 and P2 earn at most 1.5 a topic: with 25 topics less than three rejected messages cost.
        time_in_mesh_weight: 0.05,
        time_in_mesh_quantum: Duration::from_secs(1),
        time_in_mesh_cap: 10.0,
        first_message_deliveries_weight: 0.2,
        first_message_deliveries_cap: 5.0,
        first_message_deliveries_decay: gossipsub::score_parameter_decay(Duration::from_secs(600)),
        // P3 and P3b punish the honest on a quiet topic.
        mesh_message_deliveries_weight: 0.0,
        mesh_failure_penalty_weight: 0.0,
        // P4 counts squared: −20, −80, −180. Only what is provably wrong is rejected.
        invalid_message_deliveries_weight: -20.0,
        invalid_message_deliveries_decay: gossipsub::score_parameter_decay(Duration::from_secs(600)),
        ..TopicScoreParams::default()
    }
}

/// One rejected message silences offers from a newcomer, two end the acquaintance.
fn thresholds() -> PeerScoreThresholds {
    PeerScoreThresholds {
        gossip_threshold: -10.0,
        publish_threshold: -30.0,
        graylist_threshold: GRAYLIST,
        accept_px_threshold: 10.0,
        opportunistic_graft_threshold: 1.0,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn mesh_numbers_hold_together() {
        // gossipsub itself checks them only for topics with a size of their own.
        let config = gossip_config().build().unwrap();
        let (low, d, high, out) =
            (config.mesh_n_low(), config.mesh_n(), config.mesh_n_high(), config.mesh_outbound_min());
        assert_eq!((low, d, high, out), (6, 8, 12, 3));
        assert!(out <= low && low <= d && d <= high && 2 * out <= d);
        assert_eq!(config.gossip_lazy(), 12);
    }

    #[test]
    fn settings_are_ours_not_the_usual() {
        let config = gossip_config().build().unwrap();
        assert!(!config.flood_publish());
        assert!(config.validate_messages());
        assert!(matches!(config.validation_mode(), ValidationMode::Anonymous));
        assert!(config.max_transmit_size() > MAX_MESSAGE + 8 * 1024);
        const { assert!(MAX_IDS * 36 < MAX_CONTROL && MAX_CONTROL + 8 * 1024 < MAX_RPC) };
    }

    #[test]
    fn three_rejections_outweigh_all_that_25_topics_can_earn() {
        let topic = topic_scoring();
        let earned = topic.time_in_mesh_weight * topic.time_in_mesh_cap
            + topic.first_message_deliveries_weight * topic.first_message_deliveries_cap;
        let cost = |n: f64| topic.invalid_message_deliveries_weight * n * n;
        assert!(25.0 * earned + cost(3.0) < GRAYLIST);
        assert!(cost(2.0) < GRAYLIST);
    }

    #[test]
    fn scoring_is_accepted_and_ids_depend_on_topic_and_bytes() {
        assert!(gossip(&["/bespeak/1/t/a".to_owned()]).is_ok());
        let id = |topic: &str, data: &[u8]| {
            let topic = IdentTopic::new(topic).hash();
            message_id(&gossipsub::Message {
                source: None,
                data: data.to_vec(),
                sequence_number: None,
                topic,
            })
        };
        assert_eq!(id("a", b"x").0.len(), 32);
        assert_eq!(id("a", b"x"), id("a", b"x"));
        assert_ne!(id("a", b"x"), id("b", b"x"));
        assert_ne!(id("a", b"bx"), id("ab", b"x"));
    }
}
