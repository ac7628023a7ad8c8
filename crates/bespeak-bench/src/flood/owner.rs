//! A customer who is away: her letter box, opened before the flood and emptied after it.

use bespeak_model::queue::QueueId;
use bespeak_net::Net;
use bespeak_protocol::drop::DropReply;

use super::identity;
use crate::{
    delivery::MeasureError,
    letter_box::{self, LetterBox},
};

pub(super) struct Owner {
    number: usize,
    letter_box: LetterBox,
}

impl Owner {
    pub(super) fn new(number: usize) -> Self {
        let mut secret = [0x5a; 32];
        secret[..8].copy_from_slice(&(number as u64).to_be_bytes());
        Self { number, letter_box: LetterBox::new(&secret) }
    }

    pub(super) fn queue(&self) -> QueueId {
        self.letter_box.queue()
    }

    async fn get(&self, net: &Net, host: &[String], after: u64) -> Result<DropReply, MeasureError> {
        let get = self.letter_box.get(letter_box::name(host).unwrap_or_default(), after, 0);
        letter_box::ask(net, &identity(b"owner.", self.number, 0), host, &get).await
    }

    pub(super) async fn open(&self, net: &Net, host: &[String]) -> Result<(), MeasureError> {
        match self.get(net, host, 0).await? {
            DropReply::Mail { items } if items.is_empty() => Ok(()),
            other => Err(MeasureError::SetUp(format!("a letter box is not opened: {other:?}"))),
        }
    }

    /// All that is in her box.
    pub(super) async fn fetch(&self, net: &Net, host: &[String]) -> Result<Vec<Vec<u8>>, MeasureError> {
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            match self.get(net, host, after).await? {
                DropReply::Mail { items } if items.is_empty() => return Ok(all),
                DropReply::Mail { items } => {
                    after = items.last().map_or(after, |item| item.id);
                    all.extend(items.into_iter().map(|item| item.envelope.into_vec()));
                }
                other => return Err(MeasureError::SetUp(format!("mail is not handed out: {other:?}"))),
            }
        }
    }
}
