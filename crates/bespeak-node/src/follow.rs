//! What the node does after a step, beside what the agent wants: each thing that happened may be waiting for an answer.

use bespeak_agent::{
    command::Reply,
    output::{Outputs, Refusal},
};
use bespeak_model::reason::RefusalCode;
use bespeak_net::{GossipToken, Net, ReplyToken, Verdict};
use bespeak_protocol::{
    drop::{DropReply, limits},
    market,
};
use tokio::sync::oneshot;

use crate::{commit::NotKept, once::Once};

/// Who waits for the end of a step.
pub(crate) enum Follow {
    /// Nobody.
    Nothing,
    /// The wires, for a verdict.
    Judge(GossipToken),
    /// A peer that left an envelope here.
    Stored(ReplyToken),
    /// A postman.
    Mailed(oneshot::Sender<bool>),
    /// The owner, who may have asked under a key.
    Answer { asker: oneshot::Sender<Result<Reply, Refusal>>, once: Option<Once> },
}

impl Follow {
    /// The key under which something is asked.
    pub(crate) fn once(&self) -> Option<&Once> {
        if let Self::Answer { once, .. } = self { once.as_ref() } else { None }
    }

    /// A message that is not forwarded needs no wait for the disk.
    pub(crate) fn at_once(self, net: &Net, outputs: &Outputs) -> Self {
        match (self, outputs.judge) {
            (Self::Judge(token), None | Some(market::Verdict::Ignore)) => net.judge(token, Verdict::Ignore),
            (Self::Judge(token), Some(market::Verdict::Reject)) => net.judge(token, Verdict::Reject),
            (other, _) => return other,
        }
        Self::Nothing
    }

    /// Everything is kept: answers, and forwards a message that holds. Whoever waited may have gone.
    pub(crate) fn well(self, net: &Net, reply: Option<Result<Reply, Refusal>>) {
        match self {
            Self::Nothing => {}
            Self::Judge(token) => net.judge(token, Verdict::Accept),
            Self::Stored(token) => answer(net, token, &DropReply::Stored {}),
            Self::Mailed(done) => drop(done.send(true)),
            Self::Answer { asker, .. } => {
                let reply = reply.unwrap_or_else(|| Err(internal("the wish was not understood")));
                drop(asker.send(reply));
            }
        }
    }

    /// It is not kept, so it has not happened.
    pub(crate) fn badly(self, net: &Net, why: &NotKept) {
        match self {
            Self::Nothing => {}
            Self::Judge(token) => net.judge(token, Verdict::Ignore),
            Self::Stored(token) => answer(net, token, &DropReply::Refused { code: RefusalCode::Internal }),
            Self::Mailed(done) => drop(done.send(false)),
            Self::Answer { asker, .. } => drop(asker.send(Err(why.refusal()))),
        }
    }
}

fn internal(detail: &str) -> Refusal {
    Refusal::new(RefusalCode::Internal, detail)
}

/// The wires and the words on them have the same bounds.
const _: () = assert!(
    bespeak_net::MAX_REPLY == limits::MAX_REPLY
        && bespeak_net::MAX_REQUEST == limits::MAX_REQUEST
        && bespeak_net::MAX_MESSAGE == market::limits::MAX_MESSAGE
);

/// Answers a request to this node's drops.
pub(crate) fn answer(net: &Net, token: ReplyToken, reply: &DropReply) {
    match reply.to_bytes() {
        Ok(bytes) => {
            if let Err(error) = net.reply(token, bytes) {
                tracing::error!(target: "bespeak::node", %error, "reply_not_sent");
            }
        }
        Err(error) => tracing::error!(target: "bespeak::node", %error, "reply_out_of_bounds"),
    }
}
