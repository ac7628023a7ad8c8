//! The wires: libp2p over QUIC and TCP, carrying bytes and verdicts.
//!
//! What lives here: the market swarm (gossip on a fixed list of topics, forwarded only after the node's verdict),
//! the answering side of drops, the small dial-only swarms from which drops are asked (one for each transport
//! identity, so that no two of them can be joined), redialling of known peers, the ways to be found by others
//! (circuits, tried addresses, relays' lists), what a relay does for others, and every limit on connections, sizes
//! and waiting.
//! What may not: any knowledge of intentions, offers or keys of records. Bytes come in, a verdict goes out. No type
//! of libp2p leaves this crate: peers and addresses are text.
//!
//! Start reading at [`Net`], then [`NetEvent`]; `driver.rs` is the one task that owns the market swarm, `market.rs`
//! holds its settings and the reason for each, `client.rs` is a swarm that only asks. How a node is reached is in
//! `reach.rs`, `reservations.rs`, `lists.rs` and `standing.rs`; what a relay is for others in `hosted.rs`; whom a node
//! calls in `book.rs` and `roster.rs`.

mod address;
mod asked;
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
mod hosted;
mod lists;
mod market;
mod net;
mod peers;
mod publish;
mod reach;
mod reservations;
mod roster;
mod standing;
mod swarm;
mod view;

pub use address::Scope;
pub use book::neighbourhood;
pub use bootstrap::{BUILT_IN, BootstrapError, from_dns};
pub use catch_up::CATCH_UP_PROTOCOL;
pub use config::{Hosting, Limits, MAX_MESSAGE, MarketIdentity, NetConfig, TransportIdentity};
pub use drop::{DROP_PROTOCOL, MAX_REPLY, MAX_REQUEST, REQUEST_TIMEOUT};
pub use error::{DialError, PeerError, PublishError, ReplyError, RequestError, StartError, Tried};
pub use event::{
    Carried, GossipToken, NetEvent, PeerInfo, Reach, RelayInfo, ReplyToken, Standing, Translation, Verdict,
};
pub use market::DUPLICATE_CACHE;
pub use net::Net;
