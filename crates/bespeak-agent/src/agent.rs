//! Either role behind one handle, for whoever runs it.

use bespeak_identity::{PublicKey, RecordId, Seed, Signed};
use bespeak_model::{
    card::Name, intention::Intention, money::Currency, network::Network, order::Order, queue::QueueId,
    receipt::Receipt, time::Time,
};
use bespeak_policy::{auto::AutoSettings, limits::Spent};
use bespeak_protocol::{market::Table, thread::ThreadId};

use crate::{
    customer::Customer,
    output::{Input, Outputs, Watched},
    taken::Taken,
    vendor::Vendor,
    view::{IntentionView, MessageView, OfferView, OrderView, ReceiptView},
};

/// A customer or a vendor.
#[derive(Debug)]
pub enum Agent {
    /// A customer.
    Customer(Box<Customer>),
    /// A vendor.
    Vendor(Box<Vendor>),
}

/// How much is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Intentions that are live: one's own, or heard.
    pub intentions_live: usize,
    /// Offers that stand.
    pub offers_open: usize,
    /// Orders that wait, or bind and are not done.
    pub orders_open: usize,
}

macro_rules! both {
    ($self:ident, $role:ident => $call:expr) => {
        match $self {
            Self::Customer($role) => $call,
            Self::Vendor($role) => $call,
        }
    };
}

impl Agent {
    /// A customer with nothing to remember; `entropy` must be new in each life.
    pub fn customer(seed: Seed, network: Network, entropy: [u8; 32]) -> Self {
        Self::Customer(Box::new(Customer::new(seed, network, entropy)))
    }

    /// A vendor with nothing to remember; `entropy` must be new in each life.
    pub fn vendor(seed: Seed, network: Network, name: Name, entropy: [u8; 32]) -> Self {
        Self::Vendor(Box::new(Vendor::new(seed, network, name, entropy)))
    }

    /// Takes in what happened and says what is to be done.
    pub fn handle(&mut self, input: Input, now: Time) -> Outputs {
        both!(self, role => role.handle(input, now))
    }

    /// One's own queues at their hosts; a vendor's own node is left out, a customer's is named without an identity.
    pub fn watched(&self, now: Time) -> Vec<Watched> {
        both!(self, role => role.watched(now))
    }

    /// Whether mail to this queue is for this agent.
    pub fn owns(&self, queue: &QueueId) -> bool {
        both!(self, role => role.owns(queue))
    }

    /// The public key of this home.
    pub fn party(&self) -> PublicKey {
        both!(self, role => role.party())
    }

    /// Intentions: one's own, or those that were heard and live or were answered.
    pub fn intentions(&self, now: Time) -> Vec<IntentionView> {
        both!(self, role => role.intentions(now))
    }

    /// One of them.
    pub fn intention(&self, id: RecordId<Intention>, now: Time) -> Option<IntentionView> {
        both!(self, role => role.intention(id, now))
    }

    /// Offers, received or made; of one intention, or all.
    pub fn offers(&self, intention: Option<RecordId<Intention>>, now: Time) -> Vec<OfferView> {
        both!(self, role => role.offers(intention, now))
    }

    /// The talk of a conversation.
    pub fn messages(&self, thread: ThreadId) -> Option<Vec<MessageView>> {
        both!(self, role => role.messages(thread))
    }

    /// All orders, the newest last.
    pub fn orders(&self) -> Vec<OrderView> {
        both!(self, role => role.orders())
    }

    /// One order.
    pub fn order(&self, id: RecordId<Order>) -> Option<OrderView> {
        both!(self, role => role.order(id))
    }

    /// All receipts that bear both signatures.
    pub fn receipts(&self) -> Vec<ReceiptView> {
        both!(self, role => role.receipts())
    }

    /// One receipt.
    pub fn receipt(&self, id: RecordId<Receipt>) -> Option<ReceiptView> {
        both!(self, role => role.receipt(id))
    }

    /// The bytes of a record this agent holds, by its id.
    pub fn record(&self, id: &str) -> Option<Vec<u8>> {
        both!(self, role => role.record(id))
    }

    /// Every id this agent knows, with what it names.
    pub fn ids(&self) -> Vec<(&'static str, String)> {
        both!(self, role => role.ids())
    }

    /// How much is open.
    pub fn counts(&self, now: Time) -> Counts {
        both!(self, role => role.counts(now))
    }

    /// Vendor: the standing rule.
    pub fn auto(&self) -> Option<&AutoSettings> {
        match self {
            Self::Customer(_) => None,
            Self::Vendor(vendor) => Some(vendor.auto()),
        }
    }

    /// Vendor: an intention that was heard and lives.
    pub fn wish(&self, id: RecordId<Intention>) -> Option<&Signed<Intention>> {
        match self {
            Self::Customer(_) => None,
            Self::Vendor(vendor) => vendor.wish(id),
        }
    }

    /// What it has of the market; a customer keeps nobody else's.
    pub fn market(&self) -> Option<&Table> {
        match self {
            Self::Customer(_) => None,
            Self::Vendor(vendor) => Some(vendor.market()),
        }
    }

    /// Vendor: what orders, but for one, take from the stock, and what is held of it for offers in other conversations.
    pub fn taken(&self, but: Option<RecordId<Order>>, now: Time) -> Taken {
        let mut taken = Taken::default();
        let orders = self.orders();
        orders.iter().filter(|order| Some(order.order) != but).for_each(|order| taken.add_order(order));
        if let Self::Vendor(vendor) = self {
            vendor.hold(&mut taken, but, now);
        }
        taken
    }

    /// Vendor: how much was offered by rule within the last day; totals are of those in this currency.
    pub fn spent(&self, currency: Option<Currency>, now: Time) -> Spent {
        match self {
            Self::Customer(_) => Spent::default(),
            Self::Vendor(vendor) => vendor.spent(currency, now),
        }
    }

    /// Vendor: orders that wait and that a rule accepts, if the goods are there.
    pub fn accepted_by_rule(&self, now: Time) -> Vec<RecordId<Order>> {
        match self {
            Self::Customer(_) => Vec::new(),
            Self::Vendor(vendor) => vendor.accepted_by_rule(now),
        }
    }
}
