//! What an owner asks of the node: every wish of the command line and the API is one of these.

use bespeak_identity::RecordId;
use bespeak_model::{
    attribute::Condition,
    category::Slug,
    fulfilment::{FulfilmentKind, LineSteps},
    gtin::Gtin,
    intention::{Budget, GoodsCondition, Intention, Prose, Title},
    money::Money,
    offer::{Offer, PaymentRule, Sku},
    order::Order,
    payment::PaymentInstruction,
    place::Place,
    quantity::Quantity,
    reason::{Reason, WithdrawalReason},
    terms::TermsId,
    text::Text,
    time::{Date, Lifetime, Span},
};
use bespeak_policy::{auto::AutoSettings, mandate::Mandate};
use bespeak_protocol::{deal::Note, thread::ThreadId};

pub use crate::placement::Placement;

/// A line of conversation.
pub type ChatText = Text<4000, true>;

/// A wish of the owner.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Only a customer can do it.
    Customer(CustomerCommand),
    /// Only a vendor can do it.
    Vendor(VendorCommand),
    /// Either can do it.
    Either(EitherCommand),
}

/// What a customer does.
#[derive(Clone, Debug, PartialEq)]
pub enum CustomerCommand {
    /// Cast an intention.
    Want(Box<Wish>),
    /// Take an intention back.
    Withdraw {
        /// Which.
        intention: RecordId<Intention>,
        /// Why.
        reason: WithdrawalReason,
    },
    /// Cast the same wish again under fresh keys; the old intention is superseded.
    Renew {
        /// Which.
        intention: RecordId<Intention>,
        /// Where its offers are to be left.
        placement: Placement,
    },
    /// Answer an offer with a price of one's own.
    Counter {
        /// Which.
        offer: RecordId<Offer>,
        /// What the customer would pay in all.
        total: Money,
        /// A word to the vendor.
        text: Option<Prose>,
    },
    /// Say no.
    Decline {
        /// Which.
        offer: RecordId<Offer>,
        /// Why.
        reason: Reason,
    },
    /// Order what is offered.
    Accept {
        /// Which.
        offer: RecordId<Offer>,
        /// Articles to take in place of the lines they are alternatives for.
        choose: Vec<Sku>,
        /// Also where an earlier order has the goods, when its vendor did not answer before its offer's time ran out. That
        /// order is cancelled; if its vendor has accepted it meanwhile, both bind.
        anyway: bool,
        /// Where the vendor's answers are to be left.
        placement: Placement,
    },
    /// Let the vendor of a conversation see the address of this node, or no longer: envelopes may go straight to it.
    Reveal {
        /// In which conversation.
        thread: ThreadId,
        /// From now on, or no longer.
        on: bool,
    },
    /// Say that the money is on its way.
    Paid {
        /// For which order.
        order: RecordId<Order>,
        /// How the vendor can tell.
        proof: Option<Note>,
    },
    /// Say that goods are in one's hands.
    Received {
        /// Of which order.
        order: RecordId<Order>,
        /// Which lines and how many steps; empty means all that is left.
        lines: Vec<LineSteps>,
    },
}

/// What a customer wants, before it is an intention.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// The wish in one breath.
    pub title: Title,
    /// More about it.
    pub text: Option<Prose>,
    /// What kind of thing it is.
    pub category: Slug,
    /// What is wanted; empty means one of the title.
    pub lines: Vec<WishLine>,
    /// What must hold of every line.
    pub conditions: Vec<Condition>,
    /// What it may cost.
    pub budget: Option<Budget>,
    /// In which state.
    pub condition: Option<GoodsCondition>,
    /// Where.
    pub place: Option<Place>,
    /// By when.
    pub needed_by: Option<Date>,
    /// How long it is to be heard.
    pub lifetime: Lifetime,
    /// The agreements offered, best liked first; empty means SD-BASE.
    pub terms: Vec<TermsId>,
    /// Where offers are to be left.
    pub placement: Placement,
}

impl Wish {
    /// One of something, and no more said of it.
    pub fn new(title: Title, category: Slug, placement: Placement) -> Self {
        Self {
            title,
            text: None,
            category,
            lines: Vec::new(),
            conditions: Vec::new(),
            budget: None,
            condition: None,
            place: None,
            needed_by: None,
            lifetime: Lifetime::default(),
            terms: Vec::new(),
            placement,
        }
    }
}

/// One line of a wish.
#[derive(Clone, Debug, PartialEq)]
pub struct WishLine {
    /// What it is called.
    pub name: Title,
    /// How many or how much.
    pub quantity: Quantity,
    /// The very article.
    pub gtin: Option<Gtin>,
}

/// What a vendor does.
#[derive(Clone, Debug, PartialEq)]
pub enum VendorCommand {
    /// Answer an intention, or revise the answer already given.
    Offer(Box<OfferDraft>),
    /// Take an offer back, until an order for it has come.
    WithdrawOffer {
        /// Which.
        offer: RecordId<Offer>,
    },
    /// Say that no more will follow.
    Pass {
        /// To which intention.
        intention: RecordId<Intention>,
    },
    /// Accept an order: this is the moment it binds.
    AcceptOrder {
        /// Which.
        order: RecordId<Order>,
    },
    /// Refuse an order.
    RejectOrder {
        /// Which.
        order: RecordId<Order>,
        /// Why.
        reason: Reason,
    },
    /// Ask for the money.
    RequestPayment {
        /// For which order.
        order: RecordId<Order>,
        /// The ways to pay.
        instructions: Vec<PaymentInstruction>,
    },
    /// Say that the money came.
    PaymentReceived {
        /// For which order.
        order: RecordId<Order>,
        /// How much, when it is not what was asked for.
        amount: Option<Money>,
    },
    /// Say that a payment did not work.
    PaymentFailed {
        /// For which order.
        order: RecordId<Order>,
        /// What went wrong.
        detail: Option<Note>,
    },
    /// Report what happened to goods.
    Fulfil {
        /// For which order.
        order: RecordId<Order>,
        /// Which lines and how many steps; empty means what is under way, or all that has not arrived; of `shipped` all
        /// that was not handed over.
        lines: Vec<LineSteps>,
        /// What happened.
        event: FulfilmentKind,
        /// A word about it.
        note: Option<Note>,
    },
    /// Change how intentions are answered without a person.
    Auto(AutoSettings),
}

/// An offer, before it is signed.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferDraft {
    /// Which intention.
    pub intention: RecordId<Intention>,
    /// What is offered.
    pub lines: Vec<DraftLine>,
    /// Other choices.
    pub alternatives: Vec<DraftLine>,
    /// What delivery costs.
    pub delivery: Option<Money>,
    /// How long it stands.
    pub valid: Span,
    /// Whether it can be ordered as it stands.
    pub firm: bool,
    /// When money is due.
    pub payment: PaymentRule,
    /// A word to the customer.
    pub text: Option<Prose>,
    /// Where the customer's answers are to be left: this node's own addresses.
    pub placement: Placement,
    /// Which of the intention's terms are accepted; its first when absent.
    pub terms: Option<TermsId>,
    /// The day by which it would be there.
    pub deliver_by: Option<Date>,
    /// Made by rule, and what the rule allows from then on: such an offer never replaces one that is there.
    pub mandate: Option<Mandate>,
}

/// One line of an offer, before it is signed.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftLine {
    /// Which line of the intention, from 0.
    pub line: u8,
    /// What it is called.
    pub name: Title,
    /// The vendor's own name of it.
    pub sku: Option<Sku>,
    /// How many; the wanted quantity when absent.
    pub quantity: Option<Quantity>,
    /// The price of one.
    pub unit_price: Money,
}

/// What either party does.
#[derive(Clone, Debug, PartialEq)]
pub enum EitherCommand {
    /// Say something.
    Say {
        /// In which conversation.
        thread: ThreadId,
        /// What.
        text: ChatText,
    },
    /// Say that everything up to now was read.
    Read {
        /// In which conversation.
        thread: ThreadId,
    },
    /// Cancel: alone before acceptance, by request after it; also agrees to the other side's request.
    Cancel {
        /// Which.
        order: RecordId<Order>,
        /// Why.
        reason: Reason,
    },
    /// Refuse the other side's request to cancel.
    RefuseCancel {
        /// Which.
        order: RecordId<Order>,
    },
    /// Say that the order is done; a customer's word also signs the receipt that waits for it.
    Complete {
        /// Which.
        order: RecordId<Order>,
    },
}

/// What came of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// An intention was cast.
    Cast(RecordId<Intention>),
    /// An offer was made.
    Offered(RecordId<Offer>),
    /// An order was placed.
    Ordered {
        /// Which.
        order: RecordId<Order>,
        /// In which conversation.
        thread: ThreadId,
    },
    /// It was done.
    Done,
}
