//! The wires: libp2p over QUIC and TCP, carrying bytes and verdicts.
//!
//! What lives here: the market swarm (gossip on a fixed list of topics, forwarded only after the node's verdict),
//! the answering side of drops, the small dial-only swarms from which drops are asked (one for each transport
//! identity, so that no two of them can be joined), redialling of known peers, and every limit on connections,
//! sizes and waiting.
//! What may not: any knowledge of intentions, offers or keys of records. Bytes come in, a verdict goes out. No type
//! of libp2p leaves this crate: peers and addresses are text.
//!
//! Start reading at [`Net`], then [`NetEvent`]; `driver.rs` is the one task that owns the market swarm, `market.rs`
//! holds its settings and the reason for each, `client.rs` is a swarm that only asks.

mod address;
mod book;
mod bootstrap;
mod catch_up;
mod client;
mod clients;
mod command;
mod config;
mod driver;
mod drop;
mod error;
mod event;
mod heard;
mod lists;
mod market;
mod net;
mod peers;
mod publish;
mod reach;
mod roster;
mod standing;
mod straight;
mod swarm;
mod view;

pub use catch_up::CATCH_UP_PROTOCOL;
pub use config::{Hosting, Limits, MAX_MESSAGE, MarketIdentity, NetConfig, TransportIdentity};
pub use drop::{DROP_PROTOCOL, MAX_REPLY, MAX_REQUEST, REQUEST_TIMEOUT};
pub use error::{CatchUpError, DialError, PublishError, ReplyError, RequestError, SendError, StartError, Tried};
pub use bootstrap::{BUILT_IN, BootstrapError, from_dns};
pub use event::{
    Carried, GossipToken, NetEvent, PeerInfo, Reach, RelayInfo, ReplyToken, Standing, Translation, Verdict,
};
pub use market::DUPLICATE_CACHE;
pub use net::Net;
