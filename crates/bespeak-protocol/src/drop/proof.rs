//! Proof that a queue is one's own.

use bespeak_identity::{PublicKey, SignKey, drisl};
use bespeak_model::queue::QueueId;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// A signature by the queue's key over what is asked, and of which host: it serves at no other host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Proof(ByteBuf);

/// What a proof is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand<'a> {
    /// Fetching what came after an id.
    Get {
        /// The id.
        after: u64,
    },
    /// Deleting these.
    Ack {
        /// Their ids.
        ids: &'a [u64],
    },
}

#[derive(Serialize)]
struct Statement<'a> {
    purpose: &'static str,
    host: &'a str,
    ids: &'a [u64],
}

impl Errand<'_> {
    fn statement(&self, host: &str) -> Option<Vec<u8>> {
        let (purpose, after);
        let ids = match self {
            Self::Get { after: id } => {
                (purpose, after) = ("bespeak/1/drop/get", [*id]);
                &after[..]
            }
            Self::Ack { ids } => {
                purpose = "bespeak/1/drop/ack";
                ids
            }
        };
        drisl::to_vec(&Statement { purpose, host, ids }).ok()
    }
}

impl Proof {
    /// Proves an errand at a host, named by its PeerId, with the queue's key.
    pub fn new(key: &SignKey, host: &str, errand: &Errand<'_>) -> Self {
        let statement = errand.statement(host).unwrap_or_default();
        Self(ByteBuf::from(key.sign(&statement).to_vec()))
    }

    /// Whether the holder of the queue's key wants this errand done at this host.
    pub fn holds(&self, queue: &QueueId, host: &str, errand: &Errand<'_>) -> bool {
        let key = PublicKey::from_bytes(queue.as_bytes());
        let signature = <[u8; 64]>::try_from(self.0.as_slice());
        match (key, signature, errand.statement(host)) {
            (Ok(key), Ok(signature), Some(statement)) => key.verify(&statement, &signature),
            _ => false,
        }
    }
}
