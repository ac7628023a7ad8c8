//! A letter box at a relay, as its owner and those who write to her ask for it.

use bespeak_identity::SignKey;
use bespeak_model::queue::QueueId;
use bespeak_net::{Net, TransportIdentity};
use bespeak_protocol::drop::{DropReply, DropRequest, Errand, Proof};
use serde_bytes::ByteBuf;

use crate::delivery::MeasureError;

/// A letter box, with the key to it.
pub struct LetterBox {
    key: SignKey,
}

impl LetterBox {
    /// The one that this secret opens.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self { key: SignKey::from_bytes(secret) }
    }

    /// Under which mail is left in it.
    pub fn queue(&self) -> QueueId {
        QueueId::from_bytes(*self.key.public().as_bytes())
    }

    /// Asks a relay of this name for what came after an envelope, and waits for it so many seconds.
    pub fn get(&self, relay: &str, after: u64, wait: u16) -> DropRequest {
        let proof = Proof::new(&self.key, relay, &Errand::Get { after });
        DropRequest::Get { queue: self.queue(), after, wait, proof }
    }

    /// Has a relay of this name delete what was fetched.
    pub fn ack(&self, relay: &str, ids: Vec<u64>) -> DropRequest {
        let proof = Proof::new(&self.key, relay, &Errand::Ack { ids: &ids });
        DropRequest::Ack { queue: self.queue(), ids, proof }
    }
}

/// Leaves an envelope in somebody's box.
pub fn put(queue: QueueId, envelope: Vec<u8>) -> DropRequest {
    DropRequest::Put { queue, envelope: ByteBuf::from(envelope), stamp: None }
}

/// The name of a relay, in the first of its addresses.
pub fn name(addresses: &[String]) -> Option<&str> {
    addresses.first()?.rsplit_once("/p2p/").map(|(_, name)| name)
}

/// Asks a relay at these addresses, as whoever has this identity.
///
/// # Errors
/// When it cannot be reached, or its answer cannot be read.
pub async fn ask(
    net: &Net,
    identity: &TransportIdentity,
    addresses: &[String],
    request: &DropRequest,
) -> Result<DropReply, MeasureError> {
    let request = request.to_bytes().map_err(MeasureError::set_up)?;
    let reply = net.request(identity, addresses, request).await.map_err(MeasureError::set_up)?;
    DropReply::from_bytes(&reply).map_err(MeasureError::set_up)
}
