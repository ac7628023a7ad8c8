//! The one loop: it owns the agent, hands it everything that happens, and has carried out what the agent wants.

use std::{sync::Arc, time::Duration};

use bespeak_agent::{
    Agent,
    command::{Command, Placement, Reply, VendorCommand},
    output::{Input, Outputs, Refusal},
};
use bespeak_identity::RecordId;
use bespeak_model::{
    intention::Intention,
    reason::{Reason, RefusalCode},
    time::Time,
};
use bespeak_net::{Net, NetEvent};
use bespeak_protocol::{market::Verdict, rate::Rates};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};

use crate::{
    answer::Answerer,
    back::Back,
    bulletin::Bulletin,
    callers::Callers,
    catch_up::{Answers, CatchUp, Told},
    clock::now,
    commit::{Committer, NotKept, Work},
    follow::Follow,
    life::{Failures, Ill, Life},
    meeting::Meeting,
    offences::Offences,
    once::Once,
    outbound::{Carriers, Outbound},
    postmen::Postmen,
    shelf::Shelf,
    stock,
};

mod heard;

/// Longest sleep between two looks at the clock. Source: wild guess; a clock that jumps, or a machine that slept, is
/// noticed after this long.
const LOOK: Duration = Duration::from_secs(30);
/// Shortest pause between two wake-ups, so that an agent that asks for the past cannot keep the loop busy. Source:
/// wild guess; times are whole seconds anyway.
const BREATH: Duration = Duration::from_millis(50);
/// How long changes of the watched queues gather before postmen are sent. Source: wild guess.
const GATHER: Duration = Duration::from_millis(20);

/// A question about the agent, put on the loop; what comes back tells the answer.
pub(crate) type Read = Box<dyn FnOnce(&Agent, Time) -> Tell + Send>;
/// Tells an answer to whoever asked.
pub(crate) type Tell = Box<dyn FnOnce() + Send>;

/// What the handle asks of the loop.
pub(crate) enum Ask {
    /// A wish of the owner.
    Command { command: Command, once: Option<Once>, reply: oneshot::Sender<Result<Reply, Refusal>> },
    /// A look at the agent.
    Read(Read),
    /// Whether the node is well: it answers, and its disk takes what is to be kept.
    Health(oneshot::Sender<Result<(), Refusal>>),
    /// Where mail for this node can be left.
    Reachable(Placement),
    /// The catalogue changed: look again at what could not be answered.
    GoodsChanged,
    /// End; told when everything is kept and closed.
    Stop(oneshot::Sender<()>),
}

/// What a step came to.
pub(crate) struct Stepped {
    /// What the agent thinks of a market message.
    pub(crate) verdict: Option<Verdict>,
    /// Whether anything is to be kept: what was heard was new, and meant for this node.
    pub(crate) keeps: bool,
}

/// Everything the loop holds.
pub(crate) struct Run {
    pub(crate) life: Life,
    pub(crate) shelf: Shelf,
    pub(crate) net: Net,
    pub(crate) committer: Committer,
    pub(crate) outbound: Outbound,
    pub(crate) carriers: Carriers,
    pub(crate) callers: Callers,
    /// The peers that are noted for the next start.
    pub(crate) anchored: Vec<String>,
    pub(crate) postmen: Postmen,
    pub(crate) bulletin: Bulletin,
    pub(crate) meeting: Arc<Meeting>,
    pub(crate) answerer: Option<Answerer>,
    pub(crate) offences: Offences,
    pub(crate) gossip_rates: Rates,
    pub(crate) catch_up: CatchUp,
    pub(crate) answers: Answers,
    pub(crate) ill: Option<Ill>,
    pub(crate) placement: Option<Placement>,
    pub(crate) failures: Failures,
    pub(crate) wake_at: Option<Time>,
    pub(crate) woken: Instant,
    pub(crate) sync_at: Option<Instant>,
}

/// The ways by which things reach the loop.
pub(crate) struct Doors {
    pub(crate) asks: mpsc::Receiver<Ask>,
    pub(crate) events: mpsc::Receiver<NetEvent>,
    pub(crate) back: mpsc::UnboundedReceiver<Back>,
    pub(crate) caught: mpsc::UnboundedReceiver<Told>,
}

impl Run {
    /// Runs until it is told to stop, nobody holds a handle any more, or the wires or the store are gone.
    pub(crate) async fn run(mut self, mut doors: Doors) {
        self.sync_postmen();
        self.step(Input::Wake, Follow::Nothing).await;
        self.sweep();
        let stopped = loop {
            let next_look = self.next_look();
            tokio::select! {
                ask = doors.asks.recv() => match ask {
                    Some(Ask::Stop(done)) => break Some(done),
                    None => break None,
                    Some(ask) => self.asked(ask).await,
                },
                event = doors.events.recv() => match event {
                    Some(event) => self.heard(event).await,
                    None => break lost("wires"),
                },
                Some(back) = doors.back.recv() => self.came_back(back).await,
                Some(told) = doors.caught.recv() => self.caught_up(told).await,
                ended = self.committer.ended.changed() => match ended {
                    Ok(()) => self.fall_ill().await,
                    Err(_) => break lost("store"),
                },
                () = sleep_until(next_look) => self.look().await,
            }
            self.accept_by_rule().await;
        };
        self.stop().await;
        if let Some(done) = stopped {
            // Whoever asked may have gone.
            let _ = done.send(());
        }
    }

    async fn stop(mut self) {
        self.postmen.call_back();
        self.committer.drain().await;
        self.carriers.stop();
        self.net.shutdown().await;
        self.bulletin.close();
        self.shelf.store().clone().close().await;
    }

    async fn asked(&mut self, ask: Ask) {
        match ask {
            Ask::Read(read) => self.read(read).await,
            Ask::Health(tell) => {
                // Whoever asked may have gone.
                let _ = tell.send(self.ill.as_ref().map_or(Ok(()), |ill| Err(ill.refusal())));
            }
            Ask::Reachable(placement) => {
                self.placement = Some(placement);
                self.say_where().await;
            }
            Ask::GoodsChanged => self.sweep(),
            Ask::Command { command, once, reply } => self.command(command, once, reply).await,
            Ask::Stop(_) => {}
        }
    }

    /// What is seen is kept: a crash must not take back what somebody was shown. While the disk refuses, the agent is
    /// what is kept, and nothing is waited for.
    async fn read(&mut self, read: Read) {
        let tell = read(&self.life.agent, now());
        if self.ill.is_some() {
            return tell();
        }
        // Told even if what went before was refused: it is taken back at once, and the asker would see nothing at all.
        let then = Box::new(move |_| tell());
        self.committer.push(Work { life: self.life.number, changes: Ok(Vec::new()), then }).await;
    }

    async fn command(
        &mut self,
        command: Command,
        once: Option<Once>,
        reply: oneshot::Sender<Result<Reply, Refusal>>,
    ) {
        let refused = self.ill.as_ref().map(|ill| ill.refusal()).or_else(|| self.out_of_stock(&command));
        if let Some(refusal) = refused {
            // Whoever asked may have gone.
            let _ = reply.send(Err(refusal));
            return;
        }
        let may_answer_more = matches!(command, Command::Vendor(VendorCommand::Auto(_)));
        self.step(Input::Command(command), Follow::Answer { asker: reply, once }).await;
        if may_answer_more {
            self.sweep();
        }
    }

    /// Accepts the orders that a rule accepts, where the goods are there, and refuses them where they are not.
    async fn accept_by_rule(&mut self) {
        let changed = self.answerer.as_mut().is_some_and(Answerer::take_orders_changed);
        if !changed || self.ill.is_some() {
            return;
        }
        for order in self.life.agent.accepted_by_rule(now()) {
            let accept = Command::Vendor(VendorCommand::AcceptOrder { order });
            let command = match self.out_of_stock(&accept) {
                None => accept,
                Some(_) => Command::Vendor(VendorCommand::RejectOrder { order, reason: Reason::OutOfStock }),
            };
            self.step(Input::Command(command), Follow::Nothing).await;
        }
    }

    fn out_of_stock(&self, command: &Command) -> Option<Refusal> {
        let Command::Vendor(VendorCommand::AcceptOrder { order }) = command else { return None };
        let goods = self.answerer.as_ref()?.goods();
        stock::shortage(&self.life.agent, goods, *order)
    }

    async fn came_back(&mut self, back: Back) {
        match back {
            Back::Mail { queue, envelope, done } if self.ill.is_none() => {
                self.step(Input::Mail { queue, envelope }, Follow::Mailed(done)).await;
            }
            // The postman hears that it was not kept, and comes again.
            Back::Mail { .. } => {}
            Back::Posted { thread, held, to } if self.ill.is_none() => {
                self.step(Input::Posted { thread, held, to }, Follow::Nothing).await;
            }
            Back::Posted { .. } => {}
            Back::Drafted { draft } => {
                if let Some(draft) = draft.filter(|_| self.ill.is_none()) {
                    let offer = Command::Vendor(VendorCommand::Offer(draft));
                    self.step(Input::Command(offer), Follow::Nothing).await;
                }
                self.answer_next(true);
            }
        }
    }

    /// Tells the agent, and queues what it wants behind what it wants kept.
    pub(crate) async fn step(&mut self, input: Input, follow: Follow) -> Stepped {
        let offered = offered(&input);
        let outputs = self.life.agent.handle(input, now());
        if let Some(at) = outputs.wake_at {
            self.wake_at = Some(self.wake_at.map_or(at, |known| known.min(at)));
        }
        if let Some(answerer) = &mut self.answerer {
            answerer.note(&outputs.tell);
            answerer.offered(offered);
        }
        let stepped = Stepped { verdict: outputs.judge, keeps: !outputs.keep.is_empty() };
        let follow = follow.at_once(&self.net, &outputs);
        if !outputs.publish.is_empty() || !outputs.send.is_empty() {
            self.sync_postmen();
        } else if stepped.keeps && self.sync_at.is_none() {
            self.sync_at = Some(Instant::now() + GATHER);
        }
        if !(is_empty(&outputs) && matches!(follow, Follow::Nothing)) {
            let work = self.work(outputs, follow);
            self.committer.push(work).await;
        }
        self.answer_next(false);
        stepped
    }

    fn work(&mut self, outputs: Outputs, follow: Follow) -> Work {
        let Outputs { keep, forget, publish, send, tell, reply, .. } = outputs;
        let next_event = &mut self.life.next_event;
        let kept: Result<Vec<_>, _> = keep.iter().map(|kept| self.shelf.keep(kept, next_event)).collect();
        let mut changes = kept.map_err(|error| NotKept::new(error.to_string()));
        if let Ok(changes) = &mut changes {
            changes.extend(forget.iter().filter_map(|slot| self.shelf.forget(slot)));
            if let (Some(once), Some(Ok(reply))) = (follow.once(), &reply) {
                changes.extend(self.life.keys.keep(&self.shelf, once, reply, now()));
            }
        }
        let (net, outbound, bulletin) = (self.net.clone(), self.outbound.clone(), self.bulletin.clone());
        let opening = if publish.is_empty() && send.is_empty() { Vec::new() } else { self.postmen.opening() };
        let then = move |kept: Result<(), NotKept>| match kept {
            Ok(()) => {
                outbound.take(publish, send, &opening);
                bulletin.tell(tell);
                follow.well(&net, reply);
            }
            Err(why) => follow.badly(&net, &why),
        };
        Work { life: self.life.number, changes, then: Box::new(then) }
    }

    pub(crate) fn sync_postmen(&mut self) {
        self.sync_at = None;
        self.postmen.sync(self.life.agent.watched(now()));
    }

    fn next_look(&self) -> Instant {
        let here = Instant::now();
        let wake = self.wake_at.filter(|_| self.ill.is_none()).map(|at| {
            let wait = Duration::from_secs(at.seconds_since(now()));
            (here + wait).max(self.woken + BREATH)
        });
        let keeps_market = self.ill.is_none() && self.life.agent.market().is_some();
        let catch_up = if keeps_market { self.catch_up.next_look() } else { None };
        let times = [wake, catch_up, self.sync_at, self.ill.as_ref().map(|ill| ill.until), Some(here + LOOK)];
        times.into_iter().flatten().min().unwrap_or(here + LOOK)
    }

    async fn look(&mut self) {
        if self.sync_at.is_some_and(|at| at <= Instant::now()) {
            self.sync_postmen();
        }
        if self.ill.as_ref().is_some_and(|ill| ill.until <= Instant::now()) {
            self.recover().await;
        }
        if let Some(table) = self.life.agent.market().filter(|_| self.ill.is_none()) {
            self.catch_up.look(&self.net, table, now());
        }
        self.note_anchors().await;
        if self.ill.is_none() && self.wake_at.is_some_and(|at| at <= now()) {
            self.wake_at = None;
            self.woken = Instant::now();
            self.step(Input::Wake, Follow::Nothing).await;
        }
    }

    /// Notes with whom the next start begins. What cannot be kept now is noted later.
    async fn note_anchors(&mut self) {
        let anchors = self.net.anchors();
        if self.ill.is_some() || anchors.is_empty() || anchors == self.anchored {
            return;
        }
        let changes = Ok(vec![self.shelf.keep_anchors(&anchors)]);
        self.anchored = anchors;
        self.committer.push(Work { life: self.life.number, changes, then: Box::new(|_| {}) }).await;
    }

    /// Tells the agent where it can be reached; in each of its lives anew.
    async fn say_where(&mut self) {
        if let Some(placement) = self.placement.clone().filter(|_| self.ill.is_none()) {
            self.step(Input::Reachable(placement), Follow::Nothing).await;
        }
    }

    /// The disk refused: what was queued has not happened, so the agent goes back to what is kept.
    async fn fall_ill(&mut self) {
        let (number, why) = self.committer.ended.borrow_and_update().clone();
        self.ill = Some(Ill::new(&mut self.failures, number, why));
        self.start_again().await;
    }

    async fn recover(&mut self) {
        if self.ill.as_ref().is_some_and(|ill| ill.number != self.life.number) {
            self.start_again().await;
        }
        if self.ill.as_ref().is_some_and(|ill| ill.number == self.life.number) {
            self.ill = None;
            self.step(Input::Wake, Follow::Nothing).await;
            self.say_where().await;
            self.sync_postmen();
            self.sweep();
        }
    }

    async fn start_again(&mut self) {
        let Some(ill) = &mut self.ill else { return };
        match self.life.again(&self.shelf, ill.number).await {
            Ok(()) => self.wake_at = None,
            Err(error) => {
                tracing::error!(target: "bespeak::node", %error, "start_from_store_failed");
                ill.later(&mut self.failures);
            }
        }
    }

    /// Looks at every intention that was heard and not answered.
    fn sweep(&mut self) {
        if let Some(answerer) = &mut self.answerer {
            answerer.sweep(&self.life.agent, now());
        }
        self.answer_next(false);
    }

    fn answer_next(&mut self, done: bool) {
        if let Some(answerer) = &mut self.answerer {
            answerer.next(&self.life.agent, &self.net, done);
        }
    }
}

/// The intention that a wish of the owner's, or a rule, makes an offer for.
fn offered(input: &Input) -> Option<RecordId<Intention>> {
    match input {
        Input::Command(Command::Vendor(VendorCommand::Offer(draft))) => Some(draft.intention),
        _ => None,
    }
}

fn is_empty(outputs: &Outputs) -> bool {
    let quiet = outputs.keep.is_empty() && outputs.forget.is_empty() && outputs.tell.is_empty();
    quiet && outputs.publish.is_empty() && outputs.send.is_empty()
}

/// A task that the loop cannot do without is gone, and nobody asked it to end: the loop ends too, so that it is noticed.
pub(crate) fn lost<T>(what: &str) -> Option<T> {
    tracing::error!(target: "bespeak::node", what, "lost");
    None
}

/// What a handle says when its loop has ended.
pub(crate) fn stopped() -> Refusal {
    Refusal::new(RefusalCode::Internal, "the node is stopping")
}
