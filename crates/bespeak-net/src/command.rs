//! What the handle asks of the driver.

use libp2p::PeerId;
use tokio::sync::oneshot;

use crate::address::Address;
use crate::asked::Answered;
use crate::error::{DialError, PublishError};
use crate::event::{GossipToken, ReplyToken, Verdict};

#[derive(Debug)]
pub(crate) enum Command {
    Publish { topic: String, bytes: Vec<u8>, done: oneshot::Sender<Result<(), PublishError>> },
    Dial { address: Address, text: String, done: oneshot::Sender<Result<String, DialError>> },
    Meet { address: Address, text: String },
    CatchUp { peer: PeerId, question: Vec<u8>, done: Answered },
    Send { peer: PeerId, request: Vec<u8>, done: Answered },
    Disconnect { peer: PeerId },
    Block { peer: PeerId },
    Shutdown { done: oneshot::Sender<()> },
}

/// Answers to tokens travel apart from commands and never wait: there are no more of them than tokens handed out,
/// and those are bounded.
#[derive(Debug)]
pub(crate) enum Answer {
    Judge { token: GossipToken, verdict: Verdict },
    Reply { token: ReplyToken, bytes: Vec<u8> },
}
