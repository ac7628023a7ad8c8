//! The vendor's role: hears intentions, makes offers, fills orders.

mod deal;
mod export;
mod hear;
mod mandate;
mod offer;
mod recall;
mod resume;
mod see;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use bespeak_identity::{Entropy, Purpose, RecordId, Seed, SignKey};
use bespeak_model::{
    bounded::Bounded,
    card::{Name, VendorCard},
    intention::Intention,
    network::Network,
    queue::QueueId,
    reason::RefusalCode,
    terms::TermsId,
    time::Time,
};
use bespeak_policy::auto::AutoSettings;
use bespeak_protocol::{
    channel::envelope::{Sealing, unwrap},
    market::{Gate, Table},
    thread::ThreadId,
};

use crate::{
    command::{Command, EitherCommand, Placement, Reply, VendorCommand},
    conversations::{self, Conversations},
    document::Kept,
    output::{Input, Outputs, Refusal, Watched},
    relation::Relation,
};
use mandate::Mandates;

/// Most envelopes sent in one step, each with a document or two to keep. Source: a tenth of what a store takes at once
/// (10,000 changes): what is left is sent in the next step, at once.
const SENT_AT_ONCE: usize = 1_000;

/// A vendor.
#[derive(Debug)]
pub struct Vendor {
    seed: Seed,
    key: SignKey,
    network: Network,
    name: Name,
    entropy: Entropy,
    gate: Gate,
    market: Table,
    relations: Conversations,
    threads: BTreeMap<RecordId<Intention>, ThreadId>,
    threads_by_queue: BTreeMap<QueueId, ThreadId>,
    auto: AutoSettings,
    mandates: Mandates,
    placement: Option<Placement>,
    most_unanswered: usize,
    wake_at: Option<Time>,
    started: bool,
}

impl Vendor {
    /// A vendor with nothing to remember. `entropy` seeds all its randomness and must be new in each life.
    pub fn new(seed: Seed, network: Network, name: Name, entropy: [u8; 32]) -> Self {
        Self {
            key: seed.sign_key(Purpose::Party),
            seed,
            gate: Gate::new(network.clone()),
            network,
            name,
            entropy: Entropy::from_seed(entropy),
            market: Table::default(),
            relations: BTreeMap::new(),
            threads: BTreeMap::new(),
            threads_by_queue: BTreeMap::new(),
            auto: AutoSettings::default(),
            mandates: Mandates::default(),
            placement: None,
            most_unanswered: offer::MAX_UNANSWERED,
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
                // The market is loud and touches no conversation: none of them is looked at for its sake.
                self.gossip(&topic, &bytes, now, &mut out);
                out.wake_at = self.wake_at;
                return out;
            }
            Input::Mail { queue, envelope } => self.mail(queue, &envelope, now, &mut out),
            Input::Posted { thread, held, to } => {
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
            Command::Vendor(command) => self.vendor_command(command, now, out),
            Command::Either(command) => self.either_command(command, now, out),
            Command::Customer(_) => {
                Err(Refusal::new(RefusalCode::NotParty, "only a customer does that; this home is a vendor's"))
            }
        }
    }

    fn vendor_command(
        &mut self,
        command: VendorCommand,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        match command {
            VendorCommand::Offer(draft) => self.offer(*draft, now, out).map(Reply::Offered),
            VendorCommand::WithdrawOffer { offer } => self.withdraw(offer, now, out),
            VendorCommand::Pass { intention } => self.pass(intention, now, out),
            VendorCommand::AcceptOrder { order } => self.accept(order, now, out),
            VendorCommand::RejectOrder { order, reason } => self.reject(order, reason, now, out),
            VendorCommand::RequestPayment { order, instructions } => {
                self.request_payment(order, instructions, now, out)
            }
            VendorCommand::PaymentReceived { order, amount } => {
                self.payment_received(order, amount, now, out)
            }
            VendorCommand::PaymentFailed { order, detail } => self.payment_failed(order, detail, now, out),
            VendorCommand::Fulfil { order, lines, event, note } => {
                self.fulfil(order, lines, event, note, now, out)
            }
            VendorCommand::Auto(settings) => {
                settings
                    .check()
                    .map_err(|error| Refusal::new(RefusalCode::NotAllowedByState, error.to_string()))?;
                out.keep.push(Kept::Auto(settings.clone()));
                self.auto = settings;
                Ok(Reply::Done)
            }
        }
    }

    fn either_command(
        &mut self,
        command: EitherCommand,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let thread = conversations::thread_of_command(&self.relations, &command)?;
        match self.relation(thread)?.either(command)? {
            Some(body) => self.say(thread, body, now, out),
            None => Ok(Reply::Done),
        }
    }

    fn finish(&mut self, now: Time, out: &mut Outputs) {
        self.answer_ends(now, out);
        self.issue_receipts(now, out);
        self.ask_again(now, out);
        for relation in self.relations.values_mut() {
            if out.send.len() >= SENT_AT_ONCE {
                break;
            }
            relation.flush(now, &mut self.entropy, out);
        }
        let more = (out.send.len() >= SENT_AT_ONCE).then_some(now);
        let expiry = self.market.next_end();
        self.wake_at = self.relations.values().filter_map(Relation::wake_at).chain(expiry).chain(more).min();
        out.wake_at = self.wake_at;
    }

    fn wake(&mut self, now: Time, out: &mut Outputs) {
        if !self.started {
            self.started = true;
            for relation in self.relations.values_mut() {
                relation.look_back();
                relation.refold();
            }
        }
        self.forget_expired(now, out);
    }

    fn mail(&mut self, queue: QueueId, envelope: &[u8], now: Time, out: &mut Outputs) {
        let thread = self.threads_by_queue.get(&queue);
        let Some(relation) = thread.and_then(|thread| self.relations.get_mut(thread)) else {
            return;
        };
        match unwrap(envelope) {
            Ok((Sealing::Ratchet, sealed)) => {
                relation.receive(sealed, now, out);
                let thread = relation.thread;
                self.answer_counter(thread, now, out);
            }
            Ok((Sealing::Resumption, sealed)) => {
                relation.resume(sealed, &self.seed.seal_key(Purpose::PartySeal), out);
            }
            Ok((Sealing::Opening, _)) | Err(_) => {}
        }
    }

    /// The queues of its conversations at hosts other than its own node, which speaks under the party's key.
    pub fn watched(&self, now: Time) -> Vec<Watched> {
        let own = self.key.public().peer_id();
        let open = self.relations.values().filter(|relation| relation.is_watched(now));
        open.flat_map(|relation| relation.watched(Some(&own))).collect()
    }

    /// Whether mail to this queue is for this vendor.
    pub fn owns(&self, queue: &QueueId) -> bool {
        self.thread_of(queue).is_some()
    }

    /// The conversation whose mail comes to this queue, if it is this vendor's.
    pub fn thread_of(&self, queue: &QueueId) -> Option<ThreadId> {
        self.threads_by_queue.get(queue).copied()
    }

    fn adopt(&mut self, relation: Relation) {
        self.threads.insert(relation.facts.intention.id(), relation.thread);
        self.threads_by_queue.insert(relation.queue_id(), relation.thread);
        self.relations.insert(relation.thread, relation);
    }

    fn card(&mut self, now: Time) -> VendorCard {
        VendorCard {
            iss: self.key.public(),
            nonce: self.entropy.nonce(),
            net: self.network.clone(),
            name: self.name.clone(),
            categories: Bounded::default(),
            terms: Bounded::from(TermsId::ALL),
            seal: self.seed.seal_key(Purpose::PartySeal).public(),
            at: now,
        }
    }
}
