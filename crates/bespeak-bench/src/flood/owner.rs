//! A customer who is away: her letter box, opened before the flood and emptied after it.

use bespeak_identity::SignKey;
use bespeak_model::queue::QueueId;
use bespeak_net::Net;
use bespeak_protocol::drop::{DropReply, DropRequest, Errand, Proof};

use super::{FloodError, ask, identity};

pub(super) struct Owner {
    number: usize,
    key: SignKey,
}

impl Owner {
    pub(super) fn new(number: usize) -> Self {
        let mut secret = [0x5a; 32];
        secret[..8].copy_from_slice(&(number as u64).to_be_bytes());
        Self { number, key: SignKey::from_bytes(&secret) }
    }

    pub(super) fn queue(&self) -> QueueId {
        QueueId::from_bytes(*self.key.public().as_bytes())
    }

    async fn get(&self, net: &Net, host: &[String], after: u64) -> Result<DropReply, FloodError> {
        let name = host.first().and_then(|address| address.rsplit_once("/p2p/")).map_or("", |(_, name)| name);
        let proof = Proof::new(&self.key, name, &Errand::Get { after });
        let get = DropRequest::Get { queue: self.queue(), after, wait: 0, proof };
        ask(net, &identity(b"owner.", self.number, 0), host, &get).await
    }

    pub(super) async fn open(&self, net: &Net, host: &[String]) -> Result<(), FloodError> {
        match self.get(net, host, 0).await? {
            DropReply::Mail { items } if items.is_empty() => Ok(()),
            other => Err(FloodError(format!("a letter box is not opened: {other:?}"))),
        }
    }

    /// All that is in her box.
    pub(super) async fn fetch(&self, net: &Net, host: &[String]) -> Result<Vec<Vec<u8>>, FloodError> {
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            match self.get(net, host, after).await? {
                DropReply::Mail { items } if items.is_empty() => return Ok(all),
                DropReply::Mail { items } => {
                    after = items.last().map_or(after, |item| item.id);
                    all.extend(items.into_iter().map(|item| item.envelope.into_vec()));
                }
                other => return Err(FloodError(format!("mail is not handed out: {other:?}"))),
            }
        }
    }
}
