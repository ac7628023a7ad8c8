//! Requests to whoever is connected already: nobody is dialled for them.

use std::collections::HashMap;

use libp2p::PeerId;
use libp2p::request_response::{OutboundFailure, OutboundRequestId};
use tokio::sync::oneshot;

use crate::driver::Driver;
use crate::error::SendError;

pub(crate) type Replied = oneshot::Sender<Result<Vec<u8>, SendError>>;

/// Requests of this kind that are under way.
#[derive(Debug, Default)]
pub(crate) struct Sent(HashMap<OutboundRequestId, Replied>);

impl Sent {
    pub(crate) fn answered(&mut self, id: OutboundRequestId, result: Result<Vec<u8>, SendError>) {
        if let Some(done) = self.0.remove(&id) {
            // Whoever asked may have stopped waiting.
            let _ = done.send(result);
        }
    }

    pub(crate) fn failed(&mut self, id: OutboundRequestId, failure: &OutboundFailure) {
        let error = match failure {
            OutboundFailure::DialFailure | OutboundFailure::ConnectionClosed => SendError::NotConnected,
            OutboundFailure::Timeout => SendError::TimedOut,
            OutboundFailure::UnsupportedProtocols => {
                SendError::Refused("it takes no requests".to_owned())
            }
            OutboundFailure::Io(error) => SendError::Refused(error.to_string()),
        };
        self.answered(id, Err(error));
    }
}

impl Driver {
    pub(crate) fn send(&mut self, peer: PeerId, request: Vec<u8>, done: Replied) {
        // Without this look the swarm would dial.
        if !self.be_found || !self.swarm.is_connected(&peer) {
            let _ = done.send(Err(SendError::NotConnected));
            return;
        }
        let id = self.swarm.behaviour_mut().drops.send_request(&peer, request);
        self.sent.0.insert(id, done);
    }
}
