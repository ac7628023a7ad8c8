//! What every swarm of this crate has in common: transports, and bounds of a connection.

use std::time::Duration;

use hickory_resolver::config::{ResolverConfig, ResolverOpts};
use libp2p::identity::{Keypair, PublicKey};
use libp2p::relay::client::Behaviour as Circuits;
use libp2p::swarm::{NetworkBehaviour, Swarm};
use libp2p::{SwarmBuilder, identify, noise, tcp, yamux};

use crate::error::StartError;

/// Longest wait for a connection with handshakes, ours or theirs: QUIC's own bound in libp2p.
pub(crate) const DIAL_TIMEOUT: Duration = Duration::from_secs(5);

/// Streams at once on one connection. Wild guess: drops take 32, gossip two, identify, ping and circuits the rest.
const STREAMS: u32 = 128;

/// Flow-control windows of QUIC, in bytes: sixteen full replies, or gossip RPCs, on their way on a stream, four times
/// that on a connection. Wild guess.
const STREAM_WINDOW: u32 = 1024 * 1024 + 4096;
const CONNECTION_WINDOW: u32 = 4 * STREAM_WINDOW;

fn muxer() -> yamux::Config {
    let mut config = yamux::Config::default();
    config.set_max_num_streams(STREAMS as usize);
    config
}

/// Where names are looked up: as the system says, or nowhere. Never at somebody whom nobody chose.
pub(crate) fn names() -> (ResolverConfig, ResolverOpts) {
    let nowhere = || (ResolverConfig::from_parts(None, Vec::new(), Vec::new()), ResolverOpts::default());
    hickory_resolver::system_conf::read_system_conf().unwrap_or_else(|error| {
        tracing::debug!(%error, "names cannot be looked up here");
        nowhere()
    })
}

/// What a swarm says of itself: one name for all of this software, and no address unless it is to be found. Addresses that
/// others claim for themselves are never dialled.
pub(crate) fn identity(version: String, key: PublicKey, hidden: bool) -> identify::Behaviour {
    let config = identify::Config::new(version, key)
        .with_agent_version("bespeak".to_owned())
        .with_hide_listen_addrs(hidden)
        .with_cache_size(0);
    identify::Behaviour::new(config)
}

/// A swarm with our transports, circuits among them, that keeps an idle connection for `idle`.
pub(crate) fn swarm<B: NetworkBehaviour>(
    key: Keypair,
    behaviour: impl FnOnce(Circuits) -> Result<B, String>,
    idle: Duration,
) -> Result<Swarm<B>, StartError> {
    let setup = |reason: String| StartError::Setup { reason };
    let (resolver, options) = names();
    let swarm = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, muxer)
        .map_err(|e| setup(e.to_string()))?
        .with_quic_config(|mut config| {
            config.max_concurrent_stream_limit = STREAMS;
            config.max_stream_data = STREAM_WINDOW;
            config.max_connection_data = CONNECTION_WINDOW;
            config
        })
        .with_dns_config(resolver, options)
        .with_relay_client(noise::Config::new, muxer)
        .map_err(|e| setup(e.to_string()))?
        .with_behaviour(|_, circuits| behaviour(circuits).map_err(Into::into))
        .map_err(|e| setup(e.to_string()))?
        .with_swarm_config(|config| config.with_idle_connection_timeout(idle))
        .with_connection_timeout(DIAL_TIMEOUT)
        .build();
    Ok(swarm)
}
