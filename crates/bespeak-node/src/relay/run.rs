//! The relay's loop: what is forwarded, what is let go in time, and what happens while the disk refuses.

use std::time::Duration;

use bespeak_model::queue::QueueId;
use bespeak_net::{Net, NetEvent, ReplyToken, Verdict};
use bespeak_protocol::{
    drop::{DropReply, Host, Quotas},
    market,
};
use bespeak_store::Change;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, MissedTickBehavior, interval},
};

use super::{mailbox::Mailbox, market::Market, metrics::Metrics, parked::Parked, rates::AllRates};
use crate::{
    catch_up::{Answers, CatchUp, Told},
    clock::now,
    commit::Committer,
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
    pub(super) quotas: Quotas,
    pub(super) rates: AllRates,
    pub(super) metrics: Metrics,
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
            self.metrics.holds(&self.host);
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
                if !self.rates.gossips(&from, now()) {
                    self.metrics.judged(market::Verdict::Ignore);
                    return self.net.judge(token, Verdict::Ignore);
                }
                let verdict = self.hear(&topic, &bytes, &from).await;
                self.metrics.judged(verdict);
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
        self.metrics.questions.inc();
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

    pub(super) async fn offended(&mut self, peer: &str) {
        if self.offences.note(peer) {
            self.metrics.cut_off.inc();
            tracing::warn!(target: "bespeak::relay", peer, "peer_cut_off");
            self.net.block(peer).await;
        }
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
        self.metrics.stands(self.parked.count(), self.ill.is_some());
    }

    async fn expire(&mut self) {
        if self.ill.is_some() {
            return;
        }
        let (mail, queues) = self.host.expire(now());
        self.metrics.expired.inc_by(mail.len() as u64);
        self.metrics.closed.inc_by(queues.len() as u64);
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

    /// The disk refused: what was queued has not happened, so the host goes back to what is kept, and hands that out.
    async fn fall_ill(&mut self) {
        let (number, why) = self.committer.ended.borrow_and_update().clone();
        self.ill = Some(Ill::new(&mut self.failures, number, why));
        if let Some(host) = self.recalled().await {
            self.host = host;
        }
    }

    async fn start_again(&mut self) {
        match (self.recalled().await, self.ill.take()) {
            (Some(host), Some(ill)) => {
                self.host = host;
                self.life = ill.number;
            }
            (None, Some(mut ill)) => {
                ill.later(&mut self.failures);
                self.ill = Some(ill);
            }
            (_, None) => {}
        }
    }

    async fn recalled(&self) -> Option<Host> {
        let host = self.mailbox.recall(Host::new(self.net.peer(), now(), self.quotas)).await;
        host.inspect_err(|error| tracing::error!(target: "bespeak::relay", %error, "start_from_store_failed"))
            .ok()
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
