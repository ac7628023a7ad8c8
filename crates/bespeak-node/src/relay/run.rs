//! The relay's loop: what is forwarded, and what is done for each request to its drops.

use std::time::Duration;

use bespeak_identity::drisl;
use bespeak_model::{queue::QueueId, reason::RefusalCode};
use bespeak_net::{Net, NetEvent, ReplyToken, Verdict};
use bespeak_protocol::{
    drop::{DropReply, DropRequest, Host, HostStep},
    market,
    rate::Rates,
};
use bespeak_store::Change;
use sha2::{Digest, Sha256};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, MissedTickBehavior, interval},
};

use super::{mailbox::Mailbox, market::Market, parked::Parked};
use crate::{
    catch_up::{Answers, CatchUp, Told},
    clock::now,
    commit::{Committer, NotKept, Work},
    follow::answer,
    life::{Failures, Ill},
    offences::Offences,
};

/// How often waiting requests are looked at. Source: wild guess; a wait ends at most this late.
const TICK: Duration = Duration::from_millis(500);
/// How often expired mail is looked for. Source: wild guess; mail lives for weeks.
const SWEEP: Duration = Duration::from_secs(600);
/// Envelopes deleted with one sync. Source: wild guess; far below what the store takes.
const SWEPT_AT_ONCE: usize = 1_000;

/// Everything the loop holds.
pub(super) struct Run {
    pub(super) net: Net,
    pub(super) market: Market,
    pub(super) catch_up: CatchUp,
    pub(super) answers: Answers,
    pub(super) host: Host,
    pub(super) mailbox: Mailbox,
    pub(super) committer: Committer,
    pub(super) parked: Parked,
    pub(super) offences: Offences,
    pub(super) life: u64,
    pub(super) ill: Option<Ill>,
    pub(super) failures: Failures,
    pub(super) gossip_rates: Rates,
    pub(super) opening_rates: Rates,
    /// Mail that turned out to be unreadable.
    pub(super) lost: mpsc::UnboundedSender<Lost>,
}

/// A queue, and which of its envelopes are lost.
pub(super) type Lost = (QueueId, Vec<u64>);

/// The ways by which things reach the loop.
pub(super) struct Doors {
    pub(super) events: mpsc::Receiver<NetEvent>,
    pub(super) lost: mpsc::UnboundedReceiver<Lost>,
    pub(super) caught: mpsc::UnboundedReceiver<Told>,
    pub(super) stop: mpsc::Receiver<oneshot::Sender<()>>,
}

impl Run {
    /// Runs until it is told to stop, its handle is dropped, or the wires or the store are gone.
    pub(super) async fn run(mut self, mut doors: Doors) {
        let (mut tick, mut sweep) = (interval(TICK), interval(SWEEP));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stopped = loop {
            tokio::select! {
                done = doors.stop.recv() => break done,
                event = doors.events.recv() => match event {
                    Some(event) => self.heard(event).await,
                    None => break gone("wires"),
                },
                Some((queue, ids)) = doors.lost.recv() => self.lose(&queue, &ids).await,
                Some(told) = doors.caught.recv() => self.caught_up(told).await,
                ended = self.committer.ended.changed() => match ended {
                    Ok(()) => self.fall_ill().await,
                    Err(_) => break gone("store"),
                },
                _ = tick.tick() => self.look().await,
                _ = sweep.tick() => self.expire().await,
            }
        };
        self.committer.drain().await;
        self.net.shutdown().await;
        self.mailbox.store().clone().close().await;
        if let Some(done) = stopped {
            // Whoever asked may have gone.
            let _ = done.send(());
        }
    }

    async fn heard(&mut self, event: NetEvent) {
        match event {
            NetEvent::Gossip { topic, bytes, from, token } => {
                if !self.gossip_rates.allows(&from, now()) {
                    return self.net.judge(token, Verdict::Ignore);
                }
                let verdict = self.hear(&topic, &bytes, &from).await;
                self.net.judge(token, verdict_of(verdict));
            }
            NetEvent::Request { peer, request, reply } => self.requested(&peer, &request, reply).await,
            NetEvent::CatchUp { peer, question, reply } => self.asked_before(&peer, &question, reply).await,
            NetEvent::Connected { peer, .. } => self.catch_up.joined(&peer),
            NetEvent::Disconnected { peer } => self.catch_up.left(&peer),
            _ => {}
        }
    }

    /// Judges what was said, and keeps it for those who are away. What cannot be kept is forwarded all the same: this
    /// node promised nobody to keep it.
    async fn hear(&mut self, topic: &str, bytes: &[u8], from: &str) -> market::Verdict {
        let (verdict, changes) = self.market.hear(topic, bytes, now());
        if !changes.is_empty() && self.ill.is_none() {
            self.keep(changes).await;
        }
        if verdict == market::Verdict::Reject {
            self.offended(from).await;
        }
        verdict
    }

    async fn asked_before(&mut self, peer: &str, question: &[u8], reply: ReplyToken) {
        if !self.answers.answer(&self.net, self.market.table(), (peer, question), reply, now()) {
            self.offended(peer).await;
        }
    }

    /// What a peer said of before is judged as if it were said now, but not forwarded: others ask for themselves.
    async fn caught_up(&mut self, told: Told) {
        match told {
            Told::Heard { peer, topic, items, done } => {
                for (digest, bytes) in items {
                    let verdict = self.hear(&topic, &bytes, &peer).await;
                    self.catch_up.judged(&topic, digest, Some(verdict));
                }
                // The asking task may have given up.
                let _ = done.send(());
            }
            Told::Over { peer, end } => {
                if self.catch_up.over(&peer, end) {
                    self.offended(&peer).await;
                }
            }
        }
    }

    async fn offended(&mut self, peer: &str) {
        if self.offences.note(peer) {
            tracing::warn!(target: "bespeak::relay", peer, "peer_cut_off");
            self.net.block(peer).await;
        }
    }

    async fn requested(&mut self, peer: &str, bytes: &[u8], reply: ReplyToken) {
        match DropRequest::from_bytes(bytes) {
            Ok(request) if self.may_ask(peer, &request) => self.serve(request, reply).await,
            Ok(_) => refuse(&self.net, reply, RefusalCode::RateLimited),
            Err(_) => {
                // Words of a later version are well formed; bytes that are not canonical come from no honest node.
                if drisl::check(bytes).is_err() {
                    self.offended(peer).await;
                }
                refuse(&self.net, reply, RefusalCode::UnsupportedVersion);
            }
        }
    }

    /// One peer cannot open queue after queue.
    fn may_ask(&mut self, peer: &str, request: &DropRequest) -> bool {
        match request {
            DropRequest::Get { queue, .. } if !self.host.knows(queue) => {
                self.opening_rates.allows(peer, now())
            }
            _ => true,
        }
    }

    async fn serve(&mut self, request: DropRequest, reply: ReplyToken) {
        if self.ill.is_some() && !matches!(request, DropRequest::About {}) {
            return refuse(&self.net, reply, RefusalCode::Internal);
        }
        let digest = match &request {
            DropRequest::Put { envelope, .. } => Sha256::digest(envelope.as_slice()).into(),
            _ => [0; 32],
        };
        let step = self.host.handle(&request, digest, now());
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
                changes.extend(closed.iter().map(Mailbox::close));
                changes.push(Mailbox::open(&queue));
                Box::pin(self.take(*then, changes, request, reply)).await;
            }
            HostStep::Reply(said) => self.after(changes, reply, said).await,
            HostStep::Keep(stored) => {
                if let DropRequest::Put { envelope, .. } = request {
                    changes.extend(Mailbox::keep(&stored, envelope.into_vec()));
                }
                self.after(changes, reply, DropReply::Stored {}).await;
                self.arrived(&stored.queue).await;
            }
            HostStep::Delete { queue, ids } => {
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
        let net = self.net.clone();
        self.push(changes, move |kept| match kept {
            Ok(()) => answer(&net, reply, &said),
            Err(_) => refuse(&net, reply, RefusalCode::Internal),
        })
        .await;
    }

    /// Answers with mail, once the mail itself is kept: it may be on its way to the disk.
    async fn read(&mut self, changes: Vec<Change>, queue: QueueId, ids: Vec<u64>, reply: ReplyToken) {
        let (net, mailbox, losses) = (self.net.clone(), self.mailbox.clone(), self.lost.clone());
        self.push(changes, move |kept| {
            if kept.is_err() {
                return refuse(&net, reply, RefusalCode::Internal);
            }
            tokio::task::spawn_blocking(move || {
                let (items, lost) = mailbox.read(&queue, &ids);
                answer(&net, reply, &DropReply::Mail { items });
                if !lost.is_empty() {
                    // The loop may have ended; then the next reader finds them again.
                    let _ = losses.send((queue, lost));
                }
            });
        })
        .await;
    }

    /// What cannot be read is not held either: else its owner would be told of it again and again.
    async fn lose(&mut self, queue: &QueueId, ids: &[u64]) {
        let gone = self.host.remove(queue, ids);
        if self.ill.is_none() && !gone.is_empty() {
            tracing::error!(target: "bespeak::relay", ?queue, ids = ?gone, "envelopes_lost");
            self.keep(gone.iter().flat_map(|id| Mailbox::delete(queue, *id)).collect()).await;
        }
    }

    async fn keep(&mut self, changes: Vec<Change>) {
        self.push(changes, |_| {}).await;
    }

    async fn push(&mut self, changes: Vec<Change>, then: impl FnOnce(Result<(), NotKept>) + Send + 'static) {
        self.committer.push(Work { life: self.life, changes: Ok(changes), then: Box::new(then) }).await;
    }

    /// Mail came: whoever waits for it asks again.
    async fn arrived(&mut self, queue: &QueueId) {
        for waiting in self.parked.take(queue) {
            self.serve_again(waiting.request, waiting.reply).await;
        }
    }

    async fn serve_again(&mut self, request: DropRequest, reply: ReplyToken) {
        let step = self.host.handle(&request, [0; 32], now());
        // A request that waits is a get, and mail that just came is read: this goes no deeper.
        Box::pin(self.take(step, Vec::new(), request, reply)).await;
    }

    async fn look(&mut self) {
        if self.ill.is_none() {
            self.catch_up.look(&self.net, self.market.table(), now());
        }
        for reply in self.parked.over() {
            answer(&self.net, reply, &DropReply::Mail { items: Vec::new() });
        }
        if self.ill.as_ref().is_some_and(|ill| ill.until <= Instant::now()) {
            self.start_again().await;
        }
    }

    async fn expire(&mut self) {
        if self.ill.is_some() {
            return;
        }
        let (mail, queues) = self.host.expire(now());
        let deleted = mail.iter().flat_map(|(queue, id)| Mailbox::delete(queue, *id));
        let changes: Vec<Change> = deleted.chain(queues.iter().map(Mailbox::close)).collect();
        for changes in changes.chunks(SWEPT_AT_ONCE) {
            self.keep(changes.to_vec()).await;
        }
        loop {
            let ended = self.market.forget_ended(now());
            if ended.is_empty() {
                break;
            }
            self.keep(ended).await;
        }
    }

    /// The disk refused: what was queued has not happened, so the host goes back to what is kept.
    async fn fall_ill(&mut self) {
        let (number, why) = self.committer.ended.borrow_and_update().clone();
        self.ill = Some(Ill::new(&mut self.failures, number, why));
    }

    async fn start_again(&mut self) {
        let Some(ill) = &mut self.ill else { return };
        match self.mailbox.recall(Host::new(self.net.peer(), now())).await {
            Ok(host) => {
                self.host = host;
                self.life = ill.number;
                self.ill = None;
            }
            Err(error) => {
                tracing::error!(target: "bespeak::relay", %error, "start_from_store_failed");
                ill.later(&mut self.failures);
            }
        }
    }
}

/// A task that the relay cannot do without is gone, and nobody asked it to end: it ends too, so that it is noticed.
fn gone<T>(what: &str) -> Option<T> {
    tracing::error!(target: "bespeak::relay", what, "lost");
    None
}

fn verdict_of(verdict: market::Verdict) -> Verdict {
    match verdict {
        market::Verdict::Accept => Verdict::Accept,
        market::Verdict::Ignore => Verdict::Ignore,
        market::Verdict::Reject => Verdict::Reject,
    }
}

fn refuse(net: &Net, reply: ReplyToken, code: RefusalCode) {
    answer(net, reply, &DropReply::Refused { code });
}
