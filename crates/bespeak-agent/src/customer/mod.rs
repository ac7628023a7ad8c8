//! The customer's role: casts intentions, compares offers, orders.

mod act;
mod cast;
mod export;
mod lapse;
mod left;
mod mail;
mod order;
mod recall;
mod receipt;
mod resume;
mod see;

use std::collections::{BTreeMap, BTreeSet};

use bespeak_identity::{Entropy, Purpose, RecordId, Seed, Side, SignKey, Signed};
use bespeak_model::{
    intention::{Intention, Withdrawal},
    network::Network,
    order::Order,
    queue::QueueId,
    reason::RefusalCode,
    time::Time,
};
use bespeak_protocol::{deal::guard, market::Gate, thread::ThreadId};

use crate::{
    command::{Command, CustomerCommand, EitherCommand, Placement, Reply},
    conversations::{self, Conversations},
    document::Kept,
    notice::Notice,
    output::{Input, Outputs, Refusal, Watched},
    relation::Relation,
};

/// How long before its end an intention's owner is told, in seconds. Source: wild guess.
const SOON: u64 = 3600;

/// A customer.
///
/// An intention of hers goes `cast → answered → negotiating → awarded → fulfilled`, or ends `withdrawn`, `expired` or
/// `superseded`; where it stands is computed from its offers and orders and stored nowhere.
#[derive(Debug)]
pub struct Customer {
    seed: Seed,
    network: Network,
    entropy: Entropy,
    gate: Gate,
    own: BTreeMap<RecordId<Intention>, Own>,
    queues: BTreeMap<QueueId, RecordId<Intention>>,
    relations: Conversations,
    threads_by_queue: BTreeMap<QueueId, ThreadId>,
    placement: Option<Placement>,
    /// Orders whose vendor let the offer's time run out, as far as she was told.
    lapsed: BTreeSet<RecordId<Order>>,
    wake_at: Option<Time>,
    started: bool,
}

/// One of her intentions.
#[derive(Debug)]
struct Own {
    record: Signed<Intention>,
    withdrawal: Option<Signed<Withdrawal>>,
    superseded_by: Option<RecordId<Intention>>,
    told: u8,
}

impl Customer {
    /// A customer with nothing to remember. `entropy` seeds all her randomness and must be new in each life.
    pub fn new(seed: Seed, network: Network, entropy: [u8; 32]) -> Self {
        Self {
            seed,
            gate: Gate::new(network.clone()),
            network,
            entropy: Entropy::from_seed(entropy),
            own: BTreeMap::new(),
            queues: BTreeMap::new(),
            relations: BTreeMap::new(),
            threads_by_queue: BTreeMap::new(),
            placement: None,
            lapsed: BTreeSet::new(),
            wake_at: None,
            started: false,
        }
    }

    /// Takes in what happened and says what is to be done.
    pub fn handle(&mut self, input: Input, now: Time) -> Outputs {
        let mut out = Outputs::default();
        match input {
            Input::Recall(document) => {
                self.recall(document);
                return out;
            }
            Input::Wake => self.wake(now, &mut out),
            Input::Gossip { topic, bytes } => {
                // The market is loud and touches nothing of hers: none of it is looked at for its sake.
                out.judge = Some(self.gate.judge(&topic, &bytes, now));
                out.wake_at = self.wake_at;
                return out;
            }
            Input::Mail { queue, envelope } => self.mail(queue, &envelope, now, &mut out),
            Input::Posted { thread, held, to } => {
                // Her posts are repeated until they are confirmed: what a host says of them is for her to see.
                if let Some(relation) = self.relations.get_mut(&thread) {
                    relation.was_posted(held, to, &mut out);
                }
            }
            Input::Restored => self.restored(now, &mut out),
            Input::Reachable(placement) => self.placement = Some(placement),
            Input::Command(command) => {
                let kept = out.keep.len();
                let reply = self.command(command, now, &mut out);
                debug_assert!(reply.is_ok() || out.keep.len() == kept, "a refused wish leaves no trace");
                out.reply = Some(reply);
            }
        }
        self.finish(now, &mut out);
        out
    }

    fn command(&mut self, command: Command, now: Time, out: &mut Outputs) -> Result<Reply, Refusal> {
        match command {
            Command::Customer(command) => self.customer_command(command, now, out),
            Command::Either(command) => self.either_command(command, now, out),
            Command::Vendor(_) => {
                Err(Refusal::new(RefusalCode::NotParty, "only a vendor does that; this home is a customer's"))
            }
        }
    }

    fn customer_command(
        &mut self,
        command: CustomerCommand,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        match command {
            CustomerCommand::Want(wish) => self.want(*wish, now, out).map(Reply::Cast),
            CustomerCommand::Withdraw { intention, reason } => self.withdraw(intention, reason, now, out),
            CustomerCommand::Renew { intention, placement } => self.renew(intention, &placement, now, out),
            CustomerCommand::Counter { offer, total, text } => self.counter(offer, total, text, now, out),
            CustomerCommand::Decline { offer, reason } => self.decline(offer, reason, now, out),
            CustomerCommand::Accept { offer, choose, anyway, placement } => {
                self.accept(offer, &choose, anyway, &placement, now, out)
            }
            CustomerCommand::Reveal { thread, on } => self.reveal(thread, on, out),
            CustomerCommand::Paid { order, proof } => self.paid(order, proof, now, out),
            CustomerCommand::Received { order, lines } => self.received(order, lines, now, out),
        }
    }

    fn either_command(
        &mut self,
        command: EitherCommand,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let thread = conversations::thread_of_command(&self.relations, &command)?;
        // Where she has said nothing yet, nobody is told that she reads: it would introduce her.
        if matches!(command, EitherCommand::Read { .. }) && self.relation(thread)?.introduction.is_none() {
            return Ok(Reply::Done);
        }
        if let EitherCommand::Complete { order } = &command
            && guard::can_sign_by_completing(self.deal(*order)?.1, Side::Customer).is_ok()
        {
            return self.sign_receipt(*order, now, out);
        }
        match self.relation(thread)?.either(command)? {
            Some(body) => self.say(thread, body, now, out),
            None => Ok(Reply::Done),
        }
    }

    /// Everything that follows from a change, until nothing more does: then what is to be sent, and when to wake.
    fn finish(&mut self, now: Time, out: &mut Outputs) {
        self.countersign(now, out);
        self.close_awarded(now, out);
        self.ask_again(now, out);
        self.note_lapsed(now, out);
        for relation in self.relations.values_mut() {
            relation.flush(now, &mut self.entropy, out);
        }
        self.wake_at = self.next_wake(now);
        out.wake_at = self.wake_at;
    }

    fn wake(&mut self, now: Time, out: &mut Outputs) {
        if !self.started {
            self.started = true;
            for relation in self.relations.values_mut() {
                relation.look_back();
                relation.refold();
            }
            self.announce_again(now, out);
        }
        let ends: Vec<_> = self
            .own
            .values()
            .filter(|own| own.withdrawal.is_none() && own.superseded_by.is_none())
            .map(|own| (own.record.id(), own.record.expires_at, own.told))
            .collect();
        for (intention, expires_at, told) in ends {
            let stage = if expires_at <= now { 2 } else { u8::from(expires_at <= now.saturating_add(SOON)) };
            if stage > told {
                self.tell_end(intention, stage, out);
            }
        }
    }

    fn tell_end(&mut self, intention: RecordId<Intention>, stage: u8, out: &mut Outputs) {
        if let Some(own) = self.own.get_mut(&intention) {
            own.told = stage;
        }
        out.keep.push(Kept::Told { intention, stage });
        out.tell.push(if stage == 1 {
            Notice::IntentionExpiresSoon { intention }
        } else {
            Notice::IntentionExpired { intention }
        });
    }

    fn next_wake(&self, now: Time) -> Option<Time> {
        let ends = self.own.values().filter(|own| own.withdrawal.is_none()).flat_map(|own| {
            let end = own.record.expires_at;
            [end.saturating_sub(SOON), end].into_iter().filter(move |time| *time > now)
        });
        let asks = self.relations.values().any(|relation| relation.wanted && relation.must_ask(now));
        let asks = asks.then(|| now.saturating_add(1));
        self.relations
            .values()
            .filter_map(Relation::wake_at)
            .chain(ends)
            .chain(asks)
            .chain(self.next_lapse(now))
            .min()
    }

    /// The queues that wait at somebody's host. Those of live intentions, and of conversations that were answered.
    pub fn watched(&self, now: Time) -> Vec<Watched> {
        let open = self.own.values().filter(|own| own.is_live(now)).flat_map(|own| {
            let key = self.queue_key(&own.record);
            let transport = self.transport(&key);
            own.record.drops.iter().map(move |drop| Watched {
                queue: drop.queue,
                key: key.clone(),
                hosts: drop.hosts.to_vec(),
                transport,
                eager: true,
            })
        });
        let met = self.relations.values().filter(|relation| relation.is_watched(now));
        open.chain(met.flat_map(|relation| relation.watched(None))).collect()
    }

    /// The transport identity from which she calls the vendor of the conversation whose mail comes to this queue.
    pub fn caller_of(&self, queue: &QueueId) -> Option<[u8; 32]> {
        let thread = self.threads_by_queue.get(queue)?;
        self.relations.get(thread).map(|relation| relation.transport)
    }

    /// Whether mail to this queue is hers.
    pub fn owns(&self, queue: &QueueId) -> bool {
        self.queues.contains_key(queue) || self.threads_by_queue.contains_key(queue)
    }

    fn queue_key(&self, intention: &Signed<Intention>) -> SignKey {
        self.seed.sign_key(Purpose::IntentionQueue(&intention.nonce))
    }

    /// One transport identity for each queue, so that no two can be joined by whoever carries them.
    fn transport(&self, queue: &SignKey) -> [u8; 32] {
        *self.seed.derive(Purpose::Transport(queue.public().as_bytes()))
    }
}

impl Own {
    fn is_live(&self, now: Time) -> bool {
        self.withdrawal.is_none() && self.record.expires_at > now
    }
}
