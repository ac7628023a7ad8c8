//! What the wires tell the node, and the tokens with which it answers.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use libp2p::PeerId;
use libp2p::gossipsub::MessageId;
use libp2p::request_response::ResponseChannel;
use tokio::sync::mpsc;

/// What the node thinks of a gossip message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Good: forward it.
    Accept,
    /// Provably wrong: do not forward, and hold it against the peer that sent it.
    Reject,
    /// Not now, not here: do not forward, hold nothing against anybody.
    Ignore,
}

/// Stands for one gossip message until [`crate::Net::judge`] is given its verdict. A verdict later than about ten
/// seconds forwards nothing. Dropped unjudged, the message is not forwarded.
pub struct GossipToken {
    pub(crate) id: MessageId,
    pub(crate) from: PeerId,
    /// Counts what the peer has awaiting a verdict.
    pub(crate) _held: Arc<()>,
}

impl fmt::Debug for GossipToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GossipToken({})", short(&self.id.to_string()))
    }
}

/// Stands for one request until [`crate::Net::reply`] answers it, within 60 s of its arrival. Dropped unanswered, the
/// asker sees a refusal.
pub struct ReplyToken {
    pub(crate) channel: ResponseChannel<Vec<u8>>,
    pub(crate) door: Door,
    /// Where the asker is.
    pub(crate) address: String,
    /// Counts requests that await a reply: all, and those of the peer.
    pub(crate) _held: [Arc<()>; 2],
}

/// Where a request came in, and its reply goes out.
#[derive(Debug, Clone)]
pub(crate) enum Door {
    Drops,
    CatchUp,
    /// A swarm that otherwise only asks: whom it is connected with may answer it so.
    Client(mpsc::UnboundedSender<(ResponseChannel<Vec<u8>>, Vec<u8>)>),
}

impl ReplyToken {
    /// Whether the asker is still there to be answered.
    pub fn is_open(&self) -> bool {
        self.channel.is_open()
    }

    /// The address from which the asker came, or at which it was dialled; empty when it has gone.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl fmt::Debug for ReplyToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_open() { "ReplyToken(open)" } else { "ReplyToken(gone)" })
    }
}

/// What happens on the wires, in order. Peers and addresses are text: a PeerId (`12D3Koo…`), a multiaddr.
#[derive(Debug)]
pub enum NetEvent {
    /// A message of at most [`crate::MAX_MESSAGE`] bytes, to be judged soon: nothing is forwarded before.
    Gossip {
        /// One of the topics followed.
        topic: String,
        /// As received, unread.
        bytes: Vec<u8>,
        /// The neighbour that passed it on, not its author.
        from: String,
        /// To judge it with.
        token: GossipToken,
    },
    /// A request of at most [`crate::MAX_REQUEST`] bytes to this node's drops.
    Request {
        /// The asker's transport identity, most often used for nothing else.
        peer: String,
        /// As received, unread.
        request: Vec<u8>,
        /// To answer it with.
        reply: ReplyToken,
    },
    /// A request of at most [`crate::MAX_REQUEST`] bytes that came over a connection which this node made for a
    /// [`crate::TransportIdentity`]: from the other end of a conversation, straight.
    Straight {
        /// The PeerId of that identity of ours ([`crate::Net::peer_of`]).
        identity: String,
        /// Who is at the other end.
        peer: String,
        /// As received, unread.
        request: Vec<u8>,
        /// To answer it with.
        reply: ReplyToken,
    },
    /// A peer asks what was said before.
    CatchUp {
        /// The asker, a peer of the market.
        peer: String,
        /// As received, unread.
        question: Vec<u8>,
        /// To answer it with.
        reply: ReplyToken,
    },
    /// A peer of this network is there: connected, and it said which network it belongs to. Swarms that only ask
    /// drops never show up here.
    Connected {
        /// Who.
        peer: String,
        /// The address it was dialled at, or from which it came.
        address: String,
    },
    /// The last connection to such a peer is gone.
    Disconnected {
        /// Who.
        peer: String,
    },
    /// This node can now be reached there. Those of the start are told too.
    Listening {
        /// With `/p2p/…`.
        address: String,
    },
    /// A peer follows a topic of ours.
    Subscribed {
        /// Who.
        peer: String,
        /// Which.
        topic: String,
    },
    /// A peer belongs to another network, or is no Bespeak node, and was cut off.
    OtherNetwork {
        /// Who.
        peer: String,
        /// The name it gave, if it is one.
        network: Option<String>,
    },
    /// A known peer could not be reached; it will be tried again.
    Unreachable {
        /// As configured.
        address: String,
        /// What happened.
        reason: String,
    },
}

/// One connected peer of this network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerInfo {
    /// Its PeerId.
    pub peer: String,
    /// The address it was dialled at, or from which it came.
    pub address: String,
    /// When it connected.
    pub since: SystemTime,
    /// How many of our topics it follows.
    pub topics: usize,
    /// This node dialled it.
    pub outbound: bool,
    /// All connections with it go through a relay.
    pub relayed: bool,
    /// It carries circuits for others and holds their mail.
    pub relay: bool,
    /// The last round trip of a ping.
    pub round_trip: Option<Duration>,
}

/// A relay that was dialled and met since the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayInfo {
    /// Its PeerId.
    pub peer: String,
    /// The address at which it was dialled, with `/p2p/…`.
    pub address: String,
    /// Whether it is among the peers that were named ([`crate::NetConfig::peers`]). Whoever else says that it is a relay was
    /// chosen by nobody here.
    pub named: bool,
    /// Whether it is connected now.
    pub connected: bool,
    /// Whether others can reach this node through it now.
    pub reserved: bool,
    /// The last round trip of a ping.
    pub round_trip: Option<Duration>,
}

/// Whether others can dial this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Nobody has tried yet.
    #[default]
    Unknown,
    /// A relay has dialled it, at an address of its own.
    Public,
    /// Relays have tried every address and got through at none.
    Private,
}

/// What lies between this node and others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Translation {
    /// Nobody has said yet.
    #[default]
    Unknown,
    /// Others see the address this node has.
    None,
    /// Others see another address; of which kind the translator is cannot be told.
    Present,
    /// Others see another address, all of them the same: a full or a restricted cone.
    Stable,
    /// Each sees another: symmetric.
    PerDestination,
}

/// How this node stands toward the network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Whether others can dial it.
    pub reach: Reach,
    /// What lies between.
    pub translation: Translation,
    /// Addresses of its own at which others got through, or which it was told to announce.
    pub external: Vec<String>,
}

/// What a relay carries for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Carried {
    /// Nodes that are reached through it now.
    pub reservations: u64,
    /// Circuits now.
    pub circuits: u64,
    /// Circuits since the start.
    pub circuits_total: u64,
    /// Circuits it refused since the start: no reservation, or over a bound.
    pub circuits_refused_total: u64,
    /// Reservations it refused since the start.
    pub reservations_refused_total: u64,
}

/// The last characters of an id: enough to tell ids apart in a log.
pub(crate) fn short(id: &str) -> &str {
    id.len().checked_sub(8).and_then(|from| id.get(from..)).unwrap_or(id)
}
