//! One peer, asked about every topic in turn.

use std::time::Duration;

use bespeak_net::{Net, PeerError};
use bespeak_protocol::market::{
    Digest,
    catch_up::{CatchUpReply, CatchUpRequest, Pull, PullError, Step},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

/// How long one peer is asked. Source: wild guess; what it has beyond that comes the next time.
const PATIENCE: Duration = Duration::from_secs(120);

/// What comes of asking.
pub(crate) enum Told {
    /// Records to be judged; told when that is done.
    Heard { peer: String, topic: String, items: Vec<(Digest, Vec<u8>)>, done: oneshot::Sender<()> },
    /// The peer was asked everything, or broke off.
    Over { peer: String, end: End },
}

/// How asking ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// All was asked, or enough.
    Done,
    /// The peer went away, or would not.
    Broken,
    /// It answers no such questions.
    Mute,
    /// It answered as no honest peer does.
    Offence,
}

pub(super) async fn run(
    net: Net,
    peer: String,
    pulls: Vec<(Pull, CatchUpRequest)>,
    told: mpsc::UnboundedSender<Told>,
) {
    let asking = async {
        for (pull, first) in pulls {
            if let Err(end) = ask(&net, &peer, pull, first, &told).await {
                return end;
            }
        }
        End::Done
    };
    let end = timeout(PATIENCE, asking).await.unwrap_or(End::Done);
    tracing::debug!(target: "bespeak::node", peer, ?end, "caught_up");
    // The loop may have ended.
    let _ = told.send(Told::Over { peer, end });
}

async fn ask(
    net: &Net,
    peer: &str,
    mut pull: Pull,
    first: CatchUpRequest,
    told: &mpsc::UnboundedSender<Told>,
) -> Result<(), End> {
    let mut next = Some(first);
    while let Some(request) = next {
        let question = request.to_bytes().map_err(|_| End::Broken)?;
        let answer = net.catch_up(peer, question).await.map_err(|error| match error {
            PeerError::Unsupported => End::Mute,
            _ => End::Broken,
        })?;
        let reply = CatchUpReply::from_bytes(&answer).map_err(|_| End::Offence)?;
        next = match pull.answered(reply) {
            Ok(Step::Ask(next)) => Some(next),
            Ok(Step::Hear { items, next }) => {
                let (done, judged) = oneshot::channel();
                let heard =
                    Told::Heard { peer: peer.to_owned(), topic: pull.topic().to_owned(), items, done };
                told.send(heard).map_err(|_| End::Broken)?;
                judged.await.map_err(|_| End::Broken)?;
                next
            }
            Ok(Step::Over) => None,
            Err(PullError::Refused(_)) => return Err(End::Broken),
            Err(_) => return Err(End::Offence),
        };
    }
    Ok(())
}
