//! What a connected peer is asked, over the connection there is: nobody is dialled for it.

use std::collections::HashMap;

use libp2p::PeerId;
use libp2p::request_response::{self, OutboundFailure, OutboundRequestId};
use tokio::sync::oneshot;

use crate::drop::DropCodec;
use crate::error::PeerError;

pub(crate) type Answered = oneshot::Sender<Result<Vec<u8>, PeerError>>;

/// Questions of one protocol that are under way.
#[derive(Debug, Default)]
pub(crate) struct Asked(HashMap<OutboundRequestId, Answered>);

impl Asked {
    /// Asks a peer that is connected: of any other the swarm would make a connection.
    pub(crate) fn ask(
        &mut self,
        wires: &mut request_response::Behaviour<DropCodec>,
        peer: &PeerId,
        question: Vec<u8>,
        done: Answered,
    ) {
        self.0.insert(wires.send_request(peer, question), done);
    }

    pub(crate) fn answered(&mut self, id: OutboundRequestId, answer: Vec<u8>) {
        self.end(id, Ok(answer));
    }

    pub(crate) fn failed(&mut self, id: OutboundRequestId, failure: &OutboundFailure) {
        let error = match failure {
            OutboundFailure::UnsupportedProtocols => PeerError::Unsupported,
            OutboundFailure::DialFailure | OutboundFailure::ConnectionClosed => PeerError::NotConnected,
            OutboundFailure::Timeout => PeerError::TimedOut,
            OutboundFailure::Io(error) => PeerError::Refused(error.to_string()),
        };
        self.end(id, Err(error));
    }

    fn end(&mut self, id: OutboundRequestId, result: Result<Vec<u8>, PeerError>) {
        if let Some(done) = self.0.remove(&id) {
            // Whoever asked may have stopped waiting.
            let _ = done.send(result);
        }
    }
}
