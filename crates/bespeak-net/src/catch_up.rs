//! How a question about what was said before, and its answer, travel between two peers of the market:
//! `/bespeak/catch-up/1`, framed as the drops are.

use std::time::Duration;

use libp2p::request_response::{self, ProtocolSupport};
use libp2p::swarm::StreamProtocol;

use crate::drop::{DropCodec, MAX_REPLY};

/// Name of the protocol on the wire.
pub const CATCH_UP_PROTOCOL: &str = "/bespeak/catch-up/1";

/// Largest question, in bytes: the protocol's (48 KiB of ranges and their words).
const MAX_QUESTION: usize = 49 * 1024;

/// How long an answer is waited for. Wild guess: a comparison takes milliseconds, a slow line seconds.
const WAIT: Duration = Duration::from_secs(20);

/// Streams at once on one connection. A peer asks one thing after the other; wild guess for those that overlap.
const STREAMS: usize = 4;

pub(crate) type CatchUp = request_response::Behaviour<DropCodec>;

/// Whoever has nothing to say to others only asks.
pub(crate) fn catch_up(answers: bool) -> CatchUp {
    let side = if answers { ProtocolSupport::Full } else { ProtocolSupport::Outbound };
    let config =
        request_response::Config::default().with_request_timeout(WAIT).with_max_concurrent_streams(STREAMS);
    let codec = DropCodec { max_request: MAX_QUESTION, max_reply: MAX_REPLY };
    request_response::Behaviour::with_codec(codec, [(StreamProtocol::new(CATCH_UP_PROTOCOL), side)], config)
}
