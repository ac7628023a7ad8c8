//! How a question about what was said before, and its answer, travel between two peers of the market:
//! `/bespeak/catch-up/1`, framed as the drops are.

use std::collections::HashMap;
use std::time::Duration;

use libp2p::PeerId;
use libp2p::request_response::{self, OutboundFailure, OutboundRequestId, ProtocolSupport};
use libp2p::swarm::StreamProtocol;
use tokio::sync::oneshot;

use crate::drop::{DropCodec, MAX_REPLY};
use crate::error::CatchUpError;

/// Name of the protocol on the wire.
pub const CATCH_UP_PROTOCOL: &str = "/bespeak/catch-up/1";

/// Largest question, in bytes: the protocol's (48 KiB of ranges and their words).
const MAX_QUESTION: usize = 49 * 1024;

/// How long an answer is waited for. Wild guess: a comparison takes milliseconds, a slow line seconds.
const WAIT: Duration = Duration::from_secs(20);

/// Streams at once on one connection. A peer asks one thing after the other; wild guess for those that overlap.
const STREAMS: usize = 4;

pub(crate) type CatchUp = request_response::Behaviour<DropCodec>;
pub(crate) type Answered = oneshot::Sender<Result<Vec<u8>, CatchUpError>>;

/// Whoever has nothing to say to others only asks.
pub(crate) fn catch_up(answers: bool) -> CatchUp {
    let side = if answers { ProtocolSupport::Full } else { ProtocolSupport::Outbound };
    let config =
        request_response::Config::default().with_request_timeout(WAIT).with_max_concurrent_streams(STREAMS);
    let codec = DropCodec { max_request: MAX_QUESTION, max_reply: MAX_REPLY };
    request_response::Behaviour::with_codec(codec, [(StreamProtocol::new(CATCH_UP_PROTOCOL), side)], config)
}

/// Questions of ours that are under way.
#[derive(Debug, Default)]
pub(crate) struct Asked(HashMap<OutboundRequestId, Answered>);

impl Asked {
    /// Asks a peer that is connected.
    pub(crate) fn ask(&mut self, wires: &mut CatchUp, peer: &PeerId, question: Vec<u8>, done: Answered) {
        self.0.insert(wires.send_request(peer, question), done);
    }

    pub(crate) fn answered(&mut self, id: OutboundRequestId, answer: Vec<u8>) {
        self.end(id, Ok(answer));
    }

    pub(crate) fn failed(&mut self, id: OutboundRequestId, failure: &OutboundFailure) {
        let error = match failure {
            OutboundFailure::UnsupportedProtocols => CatchUpError::Unsupported,
            OutboundFailure::DialFailure | OutboundFailure::ConnectionClosed => CatchUpError::NotConnected,
            OutboundFailure::Timeout => CatchUpError::TimedOut,
            OutboundFailure::Io(error) => CatchUpError::Refused(error.to_string()),
        };
        self.end(id, Err(error));
    }

    fn end(&mut self, id: OutboundRequestId, result: Result<Vec<u8>, CatchUpError>) {
        if let Some(done) = self.0.remove(&id) {
            // Whoever asked may have stopped waiting.
            let _ = done.send(result);
        }
    }
}
