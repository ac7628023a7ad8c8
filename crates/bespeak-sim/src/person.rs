//! A node: an agent that may be down, and what it kept.

use std::collections::BTreeSet;

use bespeak_agent::{
    Agent, Counts, Input,
    command::Placement,
    view::{IntentionView, MessageView, OfferView, OrderView, ReceiptView},
};
use bespeak_identity::{Purpose, RecordId, Seed, Side};
use bespeak_model::{network::Network, queue::QueueId, time::Time};
use bespeak_protocol::{channel::message::Message, thread::ThreadId};

use crate::{dice::Dice, goods, memory::Memory};

/// When every world begins, in seconds. Source: any moment would do; this one is in 2026.
pub const DAWN: u64 = 1_790_000_000;

/// A customer's or a vendor's node.
#[derive(Debug)]
pub struct Person {
    /// What it does.
    pub side: Side,
    /// The agent, while the node is up.
    pub agent: Option<Agent>,
    /// What it kept.
    pub memory: Memory,
    /// How many lives it has begun.
    pub life: u32,
    /// By how many seconds its clock is ahead; below zero, behind.
    pub skew: i64,
    /// Where mail for it is left.
    pub placement: Placement,
    /// Its own address.
    pub address: String,
    /// The queues that it watches, each with the relay that holds it.
    pub watched: BTreeSet<(QueueId, usize)>,
    /// Whether it was woken in this life.
    pub woken: bool,
    /// When it is to be woken, by the world's clock in milliseconds.
    pub wake: Option<u64>,
    seed: [u8; 32],
    root: [u8; 32],
}

/// Everything that an agent shows, and how far its conversations are.
#[derive(Debug, PartialEq)]
pub struct Looks {
    intentions: Vec<IntentionView>,
    offers: Vec<OfferView>,
    orders: Vec<OrderView>,
    receipts: Vec<ReceiptView>,
    talk: Vec<Option<Vec<MessageView>>>,
    logs: Vec<(ThreadId, Vec<RecordId<Message>>, u64)>,
    counts: Counts,
}

impl Person {
    /// A node that was never up.
    pub fn new(side: Side, address: String, placement: Placement, dice: &mut Dice) -> Self {
        let seed = dice.bytes();
        Self {
            side,
            agent: None,
            memory: Memory::default(),
            life: 0,
            skew: 0,
            placement,
            address,
            watched: BTreeSet::new(),
            woken: false,
            wake: None,
            seed,
            root: *Seed::from_entropy(seed).sign_key(Purpose::Party).public().as_bytes(),
        }
    }

    /// The root secret, as bytes that may never leave.
    pub fn secret(&self) -> [u8; 32] {
        self.seed
    }

    /// The root key's public half.
    pub fn root(&self) -> [u8; 32] {
        self.root
    }

    /// The time on its clock.
    pub fn now(&self, clock: u64) -> Time {
        let seconds = (DAWN + clock / 1000).saturating_add_signed(self.skew);
        Time::from_unix(seconds).unwrap_or(Time::MAX)
    }

    /// When its clock will show this time, in the world's milliseconds.
    pub fn moment(&self, time: Time) -> u64 {
        let seconds = time.unix().saturating_add_signed(-self.skew).saturating_sub(DAWN);
        seconds.saturating_mul(1000)
    }

    /// The agent made again from what was kept, before its first wake.
    pub fn made_again(&self, dice: &mut Dice) -> Agent {
        let seed = Seed::from_entropy(self.seed);
        let mut agent = match self.side {
            Side::Customer => Agent::customer(seed, Network::main(), dice.bytes()),
            Side::Vendor => Agent::vendor(
                seed,
                Network::main(),
                goods::text(&format!("Vendor of {}", self.address)),
                dice.bytes(),
            ),
        };
        for kept in self.memory.recall(dice) {
            let _ = agent.handle(Input::Recall(kept), Time::EPOCH);
        }
        agent
    }
}

impl Looks {
    /// Where two differ, in words: the first lines of the one that the other does not have.
    pub fn difference(&self, other: &Self) -> String {
        let (mine, theirs) = (format!("{self:#?}"), format!("{other:#?}"));
        let lines = mine.lines().zip(theirs.lines()).enumerate();
        let mut differing = lines
            .filter(|(_, (a, b))| a != b)
            .map(|(number, (a, b))| format!("line {number}: {} became {}", a.trim(), b.trim()));
        differing.next().unwrap_or_else(|| "one is longer".to_owned())
    }
}

/// What is under way only its node knows while it runs: after a start it is kept, until it is sent again.
fn known(mut talk: Vec<MessageView>) -> Vec<MessageView> {
    for message in talk.iter_mut().filter(|message| message.delivery.as_deref() == Some("sent")) {
        message.delivery = Some("kept".to_owned());
    }
    talk
}

/// How an agent looks at a moment. A vendor's intentions that ended unanswered are left out: it forgets them when it is
/// next woken, and no promise says when that is.
pub fn looks(agent: &Agent, now: Time) -> Looks {
    let inside = agent.conversations();
    let ended =
        |view: &IntentionView| view.offers == 0 && matches!(view.state.as_str(), "expired" | "withdrawn");
    let vendor = matches!(agent, Agent::Vendor(_));
    let heads = |inside: &bespeak_agent::inspect::Inside<'_>| {
        let sides = [Side::Customer, Side::Vendor];
        let all = sides.iter().flat_map(|side| inside.log.after(*side, 0)).map(|entry| entry.message.id());
        (inside.thread, all.collect(), inside.confirmed)
    };
    Looks {
        intentions: agent.intentions(now).into_iter().filter(|view| !(vendor && ended(view))).collect(),
        offers: agent.offers(None, now),
        orders: agent.orders(),
        receipts: agent.receipts(),
        talk: inside.iter().map(|inside| agent.messages(inside.thread).map(known)).collect(),
        logs: inside.iter().map(heads).collect(),
        counts: Counts { intentions_live: 0, ..agent.counts(now) },
    }
}
