//! `bespeak order`: from both sides.

use bespeak_api::client::segment;
use bespeak_api::request::{
    Arrived, Because, Cancel, Failed, Fulfil, FulfilLine, Nothing, Paid, Received, RequestPayment,
};
use bespeak_api::said::{Amount, Number, Said};
use bespeak_api::words::view::OrderView;
use bespeak_api::words::{Decimal, FulfilmentKind, Money, Note, PaymentInstruction, Reason};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::ask;
use crate::failure::Failure;
use crate::render;
use crate::session::{Session, odd};

/// Orders.
#[derive(Debug, Subcommand)]
pub(crate) enum Order {
    /// All of them
    #[command(after_help = "Examples:\n  bespeak order list")]
    List,
    /// One of them, with everything that happened
    #[command(after_help = "Examples:\n  bespeak order show mv5cjuql3bm")]
    Show(Which),
    /// Accept it (vendor): from now on it binds both
    #[command(
        after_help = "Examples:\n  bespeak order accept mv5cjuql3bm\n  bespeak order accept mv5cjuql3bm --yes"
    )]
    Accept {
        #[command(flatten)]
        which: Which,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Refuse it (vendor)
    #[command(after_help = "Examples:\n  bespeak order reject mv5cjuql3bm --reason out_of_stock")]
    Reject {
        #[command(flatten)]
        which: Which,
        /// Why: out_of_stock, not_serviceable, price, …, other
        #[arg(long, value_name = "CODE")]
        reason: Reason,
    },
    /// Cancel it: alone before it is accepted, by request after; or agree to the other side's request
    #[command(after_help = "Examples:\n  bespeak order cancel mv5cjuql3bm --reason changed_mind")]
    Cancel {
        #[command(flatten)]
        which: Which,
        /// Why: changed_mind, details_wrong, no_response, …, other
        #[arg(long, value_name = "CODE", default_value = "other")]
        reason: Reason,
    },
    /// Refuse the other side's request to cancel
    #[command(after_help = "Examples:\n  bespeak order refuse-cancel mv5cjuql3bm")]
    RefuseCancel(Which),
    /// What is said about money
    #[command(flatten)]
    Payment(Payment),
    /// Report what happened to goods (vendor)
    Fulfil(Fulfilled),
    /// Say that goods are in your hands (customer)
    Received(Arrival),
    /// Say that it is done; the receipt follows
    #[command(after_help = "Examples:\n  bespeak order complete mv5cjuql3bm")]
    Complete(Which),
}

/// What is said about money.
#[derive(Debug, Subcommand)]
pub(crate) enum Payment {
    /// Ask for the money (vendor)
    #[command(after_help = "Examples:
  bespeak order request-payment mv5cjuql3bm --payto payto://iban/DE75512108001245126199?amount=EUR:19.99
  bespeak order request-payment mv5cjuql3bm --payto payto://iban/DE75512108001245126199 --payto https://pay.example/31")]
    #[command(name = "request-payment")]
    Request {
        #[command(flatten)]
        which: Which,
        /// A way to pay: payto, bitcoin, lightning, taler or https; repeat for more
        #[arg(long, value_name = "URI", required = true)]
        payto: Vec<PaymentInstruction>,
    },
    /// Say that the money is on its way (customer)
    #[command(
        after_help = "Examples:\n  bespeak order paid mv5cjuql3bm\n  bespeak order paid mv5cjuql3bm --proof 'Transfer of 3 May, reference 4711'"
    )]
    #[command(name = "paid")]
    Sent {
        #[command(flatten)]
        which: Which,
        /// How the vendor can tell
        #[arg(long, value_name = "TEXT")]
        proof: Option<Note>,
    },
    /// Say that the money came (vendor)
    #[command(
        after_help = "Examples:\n  bespeak order payment-received mv5cjuql3bm\n  bespeak order payment-received mv5cjuql3bm --amount 19.99EUR"
    )]
    #[command(name = "payment-received")]
    Received {
        #[command(flatten)]
        which: Which,
        /// How much, when it is not what was asked for
        #[arg(long, value_name = "MONEY")]
        amount: Option<Money>,
    },
    /// Say that a payment did not work (vendor)
    #[command(
        after_help = "Examples:\n  bespeak order payment-failed mv5cjuql3bm --detail 'Returned by your bank'"
    )]
    #[command(name = "payment-failed")]
    Failed {
        #[command(flatten)]
        which: Which,
        /// What went wrong
        #[arg(long, value_name = "TEXT")]
        detail: Option<Note>,
    },
}

/// Which order.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The order's id, or the beginning of it
    #[arg(value_name = "ORDER")]
    id: String,
}

/// Report what happened to goods.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak order fulfil mv5cjuql3bm
  bespeak order fulfil mv5cjuql3bm --event shipped --note 'Parcel 00340434'
  bespeak order fulfil mv5cjuql3bm --line 1 --quantity 2 --line 2 --quantity 0.5

Without --line: of `shipped` all that was not handed over yet, of any other event what is under way, or, when nothing is,
all that has not arrived.")]
pub(crate) struct Fulfilled {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    lines: Lines,
    /// What happened: shipped, in_transit, ready_for_pickup, delivery_failed, returned_to_sender, delivered
    #[arg(long, value_name = "EVENT", default_value = "delivered")]
    event: FulfilmentKind,
    /// A word about it
    #[arg(long, value_name = "TEXT")]
    note: Option<Note>,
}

/// Say that goods are in one's hands.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak order received mv5cjuql3bm
  bespeak order received mv5cjuql3bm --line 1 --quantity 2

Without --line, all that is left.")]
pub(crate) struct Arrival {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    lines: Lines,
}

/// Lines of an order, and how much of each.
#[derive(Debug, Args)]
pub(crate) struct Lines {
    /// A line of the order, from 1; repeat for more
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    line: Vec<u8>,
    /// How much of that line, in its own unit: 2 pieces, 0.5 of 1.5 kg; one for each --line
    #[arg(long, value_name = "Q", value_parser = quantity)]
    quantity: Vec<Decimal>,
}

fn quantity(text: &str) -> Result<Decimal, String> {
    let number: Decimal = text.parse().map_err(|error| format!("{error}"))?;
    if number.steps() > 0 { Ok(number) } else { Err("a quantity is more than nothing".to_owned()) }
}

impl Lines {
    fn pairs(self) -> Result<Vec<FulfilLine>, Failure> {
        if self.line.len() != self.quantity.len() {
            return Err(Failure::usage("Name one --quantity for each --line."));
        }
        let pairs = self.line.into_iter().zip(self.quantity);
        Ok(pairs.map(|(line, quantity)| FulfilLine { line, quantity: Number(quantity) }).collect())
    }
}

pub(crate) async fn run(asked: Order, session: &Session) -> Result<(), Failure> {
    match asked {
        Order::List => {
            let orders = session.get("/v1/orders").await?;
            session.show(&orders, render::orders)
        }
        Order::Show(which) => {
            let order = session.get(&path(&which)).await?;
            session.show(&order, render::order)
        }
        Order::Accept { which, yes } => accept(&which, yes, session).await,
        Order::Reject { which, reason } => {
            act(&which, "reject", &Because { reason: Said(reason) }, "Rejected.", session).await
        }
        Order::Cancel { which, reason } => {
            let request = Cancel { reason: Some(Said(reason)) };
            let sentence = "Cancelled, or asked for: `bespeak order show` says which.";
            act(&which, "cancel", &request, sentence, session).await
        }
        Order::RefuseCancel(which) => {
            act(&which, "refuse-cancel", &Nothing {}, "Refused; the order stands.", session).await
        }
        Order::Fulfil(asked) => fulfil(asked, session).await,
        Order::Received(asked) => received(asked, session).await,
        Order::Complete(which) => {
            act(&which, "complete", &Nothing {}, "Done; the receipt follows once both have signed.", session)
                .await
        }
        Order::Payment(asked) => pay(asked, session).await,
    }
}

/// What is said about money.
async fn pay(asked: Payment, session: &Session) -> Result<(), Failure> {
    match asked {
        Payment::Request { which, payto } => {
            let request = RequestPayment { payto: payto.into_iter().map(Said).collect() };
            act(&which, "request-payment", &request, "The customer is asked for the money.", session).await
        }
        Payment::Sent { which, proof } => {
            let request = Paid { proof: proof.map(Said) };
            act(&which, "paid", &request, "The vendor is told that the money is on its way.", session).await
        }
        Payment::Received { which, amount } => {
            let request = Received { amount: amount.map(Amount) };
            act(&which, "payment-received", &request, "The customer is told that the money came.", session)
                .await
        }
        Payment::Failed { which, detail } => {
            let request = Failed { detail: detail.map(Said) };
            act(&which, "payment-failed", &request, "The customer is told that it did not work.", session)
                .await
        }
    }
}

fn path(which: &Which) -> String {
    format!("/v1/orders/{}", segment(&which.id))
}

async fn act(
    which: &Which,
    what: &str,
    request: &impl Serialize,
    sentence: &str,
    session: &Session,
) -> Result<(), Failure> {
    let done = session.post(&format!("{}/{what}", path(which)), request).await?;
    session.done(&done, sentence)
}

async fn accept(which: &Which, yes: bool, session: &Session) -> Result<(), Failure> {
    if !yes && ask::someone_is_there(session) {
        let order: OrderView = serde_json::from_value(session.get(&path(which)).await?).map_err(odd)?;
        ask::confirm(&format!(
            "Accept the order {} for {}?",
            render::short(&order.order.to_string()),
            order.total
        ))?;
    }
    act(which, "accept", &Nothing {}, "Accepted: the order binds both.", session).await
}

async fn fulfil(asked: Fulfilled, session: &Session) -> Result<(), Failure> {
    let (event, note) = (Some(asked.event), asked.note.map(Said));
    let request = Fulfil { lines: asked.lines.pairs()?, event, note };
    act(&asked.which, "fulfil", &request, "The customer is told.", session).await
}

async fn received(asked: Arrival, session: &Session) -> Result<(), Failure> {
    let request = Arrived { lines: asked.lines.pairs()? };
    act(&asked.which, "received", &request, "The vendor is told.", session).await
}
