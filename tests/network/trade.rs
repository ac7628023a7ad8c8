//! A whole trade through the command line, cut into steps: what one side does, and how the other sees that it arrived.

use serde_json::Value;

use super::{
    node::{PATIENCE, Party, until},
    process::text,
};

/// Which side does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Customer,
    Vendor,
}

impl Side {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Customer => Self::Vendor,
            Self::Vendor => Self::Customer,
        }
    }
}

/// What is known of a deal so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deal {
    /// The title of the wish, by which it is told from others.
    title: String,
    intention: String,
    offer: String,
    order: String,
    /// Where the two talk, once there is an offer.
    pub(crate) thread: String,
}

impl Deal {
    pub(crate) fn new(title: &str) -> Self {
        Self { title: title.to_owned(), ..Self::default() }
    }

    /// Looks up where the two talk, which both call the same.
    pub(crate) fn find_thread(&mut self, party: &Party) {
        let offers = party.list(&["offers", &self.intention]);
        let mut of = offers.iter().filter(|item| item["offer"] == self.offer.as_str());
        self.thread = text(of.next().expect("the offer is on the list"), "thread");
    }
}

/// One step.
pub(crate) struct Step {
    /// What it is about.
    pub(crate) what: &'static str,
    /// Who does it.
    pub(crate) who: Side,
    act: fn(&mut Deal, &Party),
    arrived: fn(&Deal, &Party) -> bool,
}

impl Step {
    /// Does it.
    pub(crate) fn act(&self, deal: &mut Deal, actor: &Party) {
        (self.act)(deal, actor);
    }

    /// Whether the other side sees it.
    pub(crate) fn arrived(&self, deal: &Deal, other: &Party) -> bool {
        (self.arrived)(deal, other)
    }
}

/// The whole way.
pub(crate) const STEPS: &[Step] = &[
    Step { what: "a wish", who: Side::Customer, act: want, arrived: is_heard },
    Step { what: "an offer", who: Side::Vendor, act: offer, arrived: is_offered },
    Step { what: "an order", who: Side::Customer, act: accept, arrived: is_ordered },
    Step { what: "its acceptance", who: Side::Vendor, act: accept_order, arrived: is_accepted },
    Step { what: "a request for money", who: Side::Vendor, act: request_payment, arrived: is_requested },
    Step { what: "word of a payment", who: Side::Customer, act: pay, arrived: is_paid },
    Step { what: "its confirmation", who: Side::Vendor, act: confirm_payment, arrived: is_confirmed },
    Step { what: "the goods", who: Side::Vendor, act: fulfil, arrived: is_fulfilled },
    Step { what: "the completion", who: Side::Customer, act: complete, arrived: is_completed },
];

/// A customer with her vendor, both running.
#[derive(Clone, Copy)]
pub(crate) struct Pair<'a> {
    pub(crate) customer: &'a Party,
    pub(crate) vendor: &'a Party,
}

impl<'a> Pair<'a> {
    pub(crate) fn side(self, side: Side) -> &'a Party {
        match side {
            Side::Customer => self.customer,
            Side::Vendor => self.vendor,
        }
    }

    /// Takes one step, and waits until the other side sees it.
    pub(crate) fn take(self, step: &Step, deal: &mut Deal) {
        step.act(deal, self.side(step.who));
        let what = format!("{} between {} and {}", step.what, self.customer.name, self.vendor.name);
        let other = self.side(step.who.other());
        until(&what, PATIENCE, || step.arrived(deal, other).then_some(()));
    }

    /// The whole trade, until both hold the receipt.
    pub(crate) fn trade(self, title: &str) -> Deal {
        let mut deal = Deal::new(title);
        for step in STEPS {
            self.take(step, &mut deal);
        }
        self.both_hold_the_receipt(&deal);
        deal
    }

    pub(crate) fn both_hold_the_receipt(self, deal: &Deal) {
        for party in [self.customer, self.vendor] {
            let what = format!("the receipt of {}", party.name);
            until(&what, PATIENCE, || has_receipt(deal, party).then_some(()));
        }
    }

    /// Something is said, and heard; the words must be new.
    pub(crate) fn say(self, side: Side, deal: &Deal, words: &str) {
        self.side(side).ask(&["say", &deal.thread, words]);
        let listener = self.side(side.other());
        let what = format!("{words:?} from {} to {}", self.side(side).name, listener.name);
        until(&what, PATIENCE, || was_heard(deal, listener, words).then_some(()));
    }
}

/// Whether somebody heard these words from the other.
pub(crate) fn was_heard(deal: &Deal, listener: &Party, words: &str) -> bool {
    let heard = |item: &Value| item["text"] == words && item["from"] == "them";
    listener.list(&["messages", &deal.thread]).iter().any(heard)
}

/// Whether a party holds the receipt, with both signatures verified.
pub(crate) fn has_receipt(deal: &Deal, party: &Party) -> bool {
    let of = |item: &Value| item["order"] == deal.order.as_str() && item["verified"] == true;
    party.list(&["receipt", "list"]).iter().any(of)
}

/// Casts a wish for a chair, and says what it is called.
pub(crate) fn cast(customer: &Party, title: &str) -> String {
    let words = [
        "want",
        title,
        "--category",
        "furniture.chairs",
        "--max",
        "100EUR",
        "--near",
        "DE-u33d",
        "--live",
        "7d",
    ];
    text(&customer.ask(&words), "intention")
}

fn want(deal: &mut Deal, customer: &Party) {
    deal.intention = cast(customer, &deal.title);
}

fn is_heard(deal: &Deal, vendor: &Party) -> bool {
    vendor.list(&["inbox"]).iter().any(|item| item["intention"] == deal.intention.as_str())
}

fn offer(deal: &mut Deal, vendor: &Party) {
    deal.offer = text(&vendor.ask(&["offer", &deal.intention, "--sku", "W-1"]), "offer");
}

fn is_offered(deal: &Deal, customer: &Party) -> bool {
    let offers = customer.list(&["offers", &deal.intention]);
    offers.iter().any(|item| item["offer"] == deal.offer.as_str())
}

fn accept(deal: &mut Deal, customer: &Party) {
    let placed = customer.ask(&["accept", &deal.offer]);
    (deal.order, deal.thread) = (text(&placed, "order"), text(&placed, "thread"));
}

fn is_ordered(deal: &Deal, vendor: &Party) -> bool {
    vendor.list(&["order", "list"]).iter().any(|item| item["order"] == deal.order.as_str())
}

fn accept_order(deal: &mut Deal, vendor: &Party) {
    vendor.ask(&["order", "accept", &deal.order]);
}

fn order(deal: &Deal, party: &Party) -> Value {
    party.ask(&["order", "show", &deal.order])
}

fn is_accepted(deal: &Deal, customer: &Party) -> bool {
    order(deal, customer)["phase"] == "accepted"
}

fn request_payment(deal: &mut Deal, vendor: &Party) {
    let way = "payto://iban/DE75512108001245126199?amount=EUR:80";
    vendor.ask(&["order", "request-payment", &deal.order, "--payto", way]);
}

fn is_requested(deal: &Deal, customer: &Party) -> bool {
    order(deal, customer)["payment"] == "requested"
}

fn pay(deal: &mut Deal, customer: &Party) {
    customer.ask(&["order", "paid", &deal.order]);
}

fn is_paid(deal: &Deal, vendor: &Party) -> bool {
    order(deal, vendor)["payment"] == "sent"
}

fn confirm_payment(deal: &mut Deal, vendor: &Party) {
    vendor.ask(&["order", "payment-received", &deal.order]);
}

fn is_confirmed(deal: &Deal, customer: &Party) -> bool {
    order(deal, customer)["payment"] == "received"
}

fn fulfil(deal: &mut Deal, vendor: &Party) {
    vendor.ask(&["order", "fulfil", &deal.order]);
}

fn is_fulfilled(deal: &Deal, customer: &Party) -> bool {
    order(deal, customer)["lines"][0]["fulfilled"] == 1
}

fn complete(deal: &mut Deal, customer: &Party) {
    customer.ask(&["order", "complete", &deal.order]);
}

fn is_completed(deal: &Deal, vendor: &Party) -> bool {
    order(deal, vendor)["phase"] == "completed"
}
