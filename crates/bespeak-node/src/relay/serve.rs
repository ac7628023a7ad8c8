//! What is done for each request to the drops of a relay.

use bespeak_identity::drisl;
use bespeak_model::{queue::QueueId, reason::RefusalCode};
use bespeak_net::{Net, ReplyToken};
use bespeak_protocol::drop::{DropReply, DropRequest, HostStep, Sender};
use bespeak_store::Change;
use sha2::{Digest, Sha256};

use super::{
    mailbox::Mailbox,
    run::Run,
    sender::{place_of, sender},
};
use crate::{
    clock::now,
    commit::{NotKept, Work},
    follow::answer,
};

/// Nobody in particular: of those who ask for mail none is told from another.
const ASKER: Sender = Sender { place: 0, peer: 0 };

impl Run {
    pub(super) async fn requested(&mut self, peer: &str, bytes: &[u8], reply: ReplyToken) {
        match DropRequest::from_bytes(bytes) {
            Ok(request) => {
                let place = place_of(reply.address());
                match self.admit(peer, &place, &request) {
                    Ok(()) => self.serve(peer, &place, request, reply).await,
                    Err(code) => self.refuse(&request, reply, code),
                }
            }
            Err(_) => {
                // Words of a later version are well formed; bytes that are not canonical come from no honest node.
                if drisl::check(bytes).is_err() {
                    self.offended(peer).await;
                }
                self.metrics.refuse(RefusalCode::UnsupportedVersion);
                refuse(&self.net, reply, RefusalCode::UnsupportedVersion);
            }
        }
    }

    /// What is cheap to ask comes first: mail for nobody costs a look into a map, mail beyond its sender's rate two more.
    /// Only then is an envelope hashed and compared, and only what is new and fits goes to the disk. Opening queue after
    /// queue is bounded in the same way. While the disk refuses, what is held is handed out all the same; nothing comes in
    /// and nothing is deleted.
    fn admit(&mut self, peer: &str, place: &str, request: &DropRequest) -> Result<(), RefusalCode> {
        use DropRequest::{About, Ack, Get, Put};
        let (now, ill) = (now(), self.ill.is_some());
        match request {
            Put { queue, .. } if !self.host.knows(queue) => Err(RefusalCode::NotFound),
            Put { .. } if ill => Err(RefusalCode::Internal),
            Put { .. } if !self.rates.puts(peer, place, now) => Err(RefusalCode::RateLimited),
            Get { queue, .. } if self.host.knows(queue) => Ok(()),
            Get { .. } if !self.rates.opens(peer, place, now) => Err(RefusalCode::RateLimited),
            Get { .. } | Ack { .. } if ill => Err(RefusalCode::Internal),
            About {} | Put { .. } | Get { .. } | Ack { .. } => Ok(()),
        }
    }

    fn refuse(&self, request: &DropRequest, reply: ReplyToken, code: RefusalCode) {
        if matches!(request, DropRequest::Put { .. }) {
            self.metrics.refuse_mail(code);
        } else {
            self.metrics.refuse(code);
        }
        refuse(&self.net, reply, code);
    }

    async fn serve(&mut self, peer: &str, place: &str, request: DropRequest, reply: ReplyToken) {
        let (digest, from) = match &request {
            DropRequest::Put { queue, envelope, .. } => {
                (Sha256::digest(envelope.as_slice()).into(), sender(queue, peer, place))
            }
            _ => ([0; 32], ASKER),
        };
        let step = self.host.handle(&request, digest, from, now());
        self.take(step, Vec::new(), request, reply).await;
    }

    /// Does what the host wants for a request, behind what was already to be kept for it.
    async fn take(
        &mut self,
        step: HostStep,
        mut changes: Vec<Change>,
        request: DropRequest,
        reply: ReplyToken,
    ) {
        match step {
            HostStep::Open { queue, closed, then } => {
                self.metrics.opened.inc();
                self.metrics.closed.inc_by(closed.len() as u64);
                changes.extend(closed.iter().map(Mailbox::close));
                changes.push(Mailbox::open(&queue));
                Box::pin(self.take(*then, changes, request, reply)).await;
            }
            HostStep::Reply(DropReply::Refused { code }) => self.refuse(&request, reply, code),
            HostStep::Reply(said) => {
                if matches!(said, DropReply::Stored {}) {
                    self.metrics.repeated.inc();
                }
                self.after(changes, reply, said).await;
            }
            HostStep::Keep { mail, gone } => {
                self.metrics.displaced.inc_by(gone.len() as u64);
                changes.extend(gone.iter().flat_map(|(queue, id)| Mailbox::delete(queue, *id)));
                if let DropRequest::Put { envelope, .. } = request {
                    changes.extend(Mailbox::keep(&mail, envelope.into_vec()));
                }
                let (bytes, metrics) = (mail.bytes as u64, self.metrics.clone());
                let net = self.net.clone();
                self.push(changes, move |kept| match kept {
                    Ok(()) => {
                        metrics.accepted.inc();
                        metrics.accepted_bytes.inc_by(bytes);
                        answer(&net, reply, &DropReply::Stored {});
                    }
                    Err(_) => {
                        metrics.refuse_mail(RefusalCode::Internal);
                        refuse(&net, reply, RefusalCode::Internal);
                    }
                })
                .await;
                self.arrived(&mail.queue).await;
            }
            HostStep::Delete { queue, ids } => {
                self.metrics.acknowledged.inc_by(ids.len() as u64);
                changes.extend(ids.iter().flat_map(|id| Mailbox::delete(&queue, *id)));
                self.after(changes, reply, DropReply::Done {}).await;
            }
            HostStep::Read { queue, ids } => self.read(changes, queue, ids, reply).await,
            HostStep::Wait { queue, seconds } => {
                if !changes.is_empty() {
                    self.keep(changes).await;
                }
                if let Some(gone) = self.parked.park(queue, request, reply, seconds) {
                    answer(&self.net, gone, &DropReply::Mail { items: Vec::new() });
                }
            }
        }
    }

    /// Answers once the changes are kept.
    async fn after(&mut self, changes: Vec<Change>, reply: ReplyToken, said: DropReply) {
        if changes.is_empty() && self.ill.is_some() {
            return answer(&self.net, reply, &said);
        }
        let (net, metrics) = (self.net.clone(), self.metrics.clone());
        self.push(changes, move |kept| match kept {
            Ok(()) => answer(&net, reply, &said),
            Err(_) => {
                metrics.refuse(RefusalCode::Internal);
                refuse(&net, reply, RefusalCode::Internal);
            }
        })
        .await;
    }

    /// Answers with mail, once the mail itself is kept: it may be on its way to the disk. While the disk refuses, all that
    /// the host knows of is on it.
    async fn read(&mut self, changes: Vec<Change>, queue: QueueId, ids: Vec<u64>, reply: ReplyToken) {
        let (net, mailbox, losses) = (self.net.clone(), self.mailbox.clone(), self.lost.clone());
        let metrics = self.metrics.clone();
        let hand_out = move |kept: Result<(), NotKept>| {
            if kept.is_err() {
                metrics.refuse(RefusalCode::Internal);
                return refuse(&net, reply, RefusalCode::Internal);
            }
            tokio::task::spawn_blocking(move || {
                let (items, lost) = mailbox.read(&queue, &ids);
                metrics.delivered.inc_by(items.len() as u64);
                answer(&net, reply, &DropReply::Mail { items });
                if !lost.is_empty() {
                    // The loop may have ended; then the next reader finds them again.
                    let _ = losses.send((queue, lost));
                }
            });
        };
        if self.ill.is_some() && changes.is_empty() {
            hand_out(Ok(()));
        } else {
            self.push(changes, hand_out).await;
        }
    }

    /// What cannot be read is not held either: else its owner would be told of it again and again.
    pub(super) async fn lose(&mut self, queue: &QueueId, ids: &[u64]) {
        if self.ill.is_some() {
            return;
        }
        let gone = self.host.remove(queue, ids);
        if !gone.is_empty() {
            self.metrics.lost.inc_by(gone.len() as u64);
            tracing::error!(target: "bespeak::relay", ?queue, ids = ?gone, "envelopes_lost");
            self.keep(gone.iter().flat_map(|id| Mailbox::delete(queue, *id)).collect()).await;
        }
    }

    pub(super) async fn keep(&mut self, changes: Vec<Change>) {
        self.push(changes, |_| {}).await;
    }

    async fn push(&mut self, changes: Vec<Change>, then: impl FnOnce(Result<(), NotKept>) + Send + 'static) {
        let metrics = self.metrics.clone();
        let counted = move |kept: Result<(), NotKept>| {
            if kept.is_ok() { &metrics.commits } else { &metrics.failures }.inc();
            then(kept);
        };
        self.committer.push(Work { life: self.life, changes: Ok(changes), then: Box::new(counted) }).await;
    }

    /// Mail came: whoever waits for it asks again.
    async fn arrived(&mut self, queue: &QueueId) {
        for waiting in self.parked.take(queue) {
            let step = self.host.handle(&waiting.request, [0; 32], ASKER, now());
            // A request that waits is a get, and mail that just came is read: this goes no deeper.
            Box::pin(self.take(step, Vec::new(), waiting.request, waiting.reply)).await;
        }
    }
}

fn refuse(net: &Net, reply: ReplyToken, code: RefusalCode) {
    answer(net, reply, &DropReply::Refused { code });
}
