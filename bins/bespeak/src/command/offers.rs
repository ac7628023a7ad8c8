//! What is done with offers that are there.

use std::collections::HashMap;

use bespeak_api::client::segment;
use bespeak_api::request::{self, Because};
use bespeak_api::said::{Amount, Said};
use bespeak_api::words::view::OfferView;
use bespeak_api::words::{Money, Prose, Reason, Sku};
use clap::Args;
use serde_json::Value;

use crate::ask;
use crate::failure::{Failure, NOT_RUNNING};
use crate::render;
use crate::session::{Session, odd};

/// Offers you got, or made.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak offers
  bespeak offers b2rxk3rybk3
  bespeak offers b2rxk3rybk3 --watch --json")]
pub(crate) struct Offers {
    /// Only offers for this intention
    intention: Option<String>,
    /// Go on, and show each offer that comes or changes
    #[arg(long)]
    watch: bool,
}

/// Answer an offer with a price of your own.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak counter cjuql3bm2tw --total 180EUR
  bespeak counter cjuql3bm2tw --total '179.50 EUR' --text 'Without the lock'")]
pub(crate) struct Counter {
    /// The offer's id, or the beginning of it
    offer: String,
    /// What you would pay in all
    #[arg(long, value_name = "MONEY")]
    total: Money,
    /// A word to the vendor
    #[arg(long)]
    text: Option<Prose>,
}

/// Say no to an offer.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak decline cjuql3bm2tw --reason price
  bespeak decline cjuql3bm2tw --reason chose_other")]
pub(crate) struct Decline {
    /// The offer's id, or the beginning of it
    offer: String,
    /// Why: price, shipping_cost, shipping_speed, product_fit, trust, chose_other, …, other
    #[arg(long, value_name = "CODE")]
    reason: Reason,
}

/// Order what is offered.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak accept cjuql3bm2tw
  bespeak accept cjuql3bm2tw --choose BIKE-28-RED --yes")]
pub(crate) struct Accept {
    /// The offer's id, or the beginning of it
    offer: String,
    /// An alternative to take in place of its line, by its SKU; repeat for more
    #[arg(long, value_name = "SKU")]
    choose: Vec<Sku>,
    /// Also where an earlier order has the goods, when its vendor did not answer before its offer's time ran out. That
    /// order is cancelled; if its vendor has accepted it meanwhile, both bind
    #[arg(long)]
    anyway: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

pub(crate) async fn list(asked: &Offers, session: &Session) -> Result<(), Failure> {
    let path = match &asked.intention {
        Some(id) => format!("/v1/offers?intention={}", segment(id)),
        None => "/v1/offers".to_owned(),
    };
    if asked.watch {
        return watch(&path, session).await;
    }
    let offers = session.get(&path).await?;
    session.show(&offers, render::offers)
}

/// Shows the offers there are, and each that comes or changes: one line of JSON each with `--json`.
async fn watch(path: &str, session: &Session) -> Result<(), Failure> {
    // First the events, then the list: nothing falls between.
    let mut events = session.events().await?;
    let mut shown: HashMap<String, Value> = HashMap::new();
    loop {
        let Value::Array(offers) = session.get(path).await? else { return Ok(()) };
        for offer in offers {
            let id = render::word(&offer, "offer").to_owned();
            if shown.get(&id) != Some(&offer) {
                session.show(&offer, render::offer_line)?;
                shown.insert(id, offer);
            }
        }
        loop {
            let Some(event) = events.next().await? else { return Err(ended(session)) };
            if matches!(render::word(&event.data, "kind"), "offer_changed" | "order_changed") {
                break;
            }
        }
    }
}

/// The node that was watched is gone.
pub(super) fn ended(session: &Session) -> Failure {
    let with = session.with_home();
    Failure::said(NOT_RUNNING, format!("The node has ended; start it again with `bespeak run{with}`."))
}

pub(crate) async fn counter(asked: Counter, session: &Session) -> Result<(), Failure> {
    let request = request::Counter { total: Amount(asked.total), text: asked.text.map(Said) };
    let done = session.post(&format!("/v1/offers/{}/counter", segment(&asked.offer)), &request).await?;
    session.done(&done, &format!("The vendor is asked for {}; a revised offer may follow.", asked.total))
}

pub(crate) async fn decline(asked: Decline, session: &Session) -> Result<(), Failure> {
    let request = Because { reason: Said(asked.reason) };
    let done = session.post(&format!("/v1/offers/{}/decline", segment(&asked.offer)), &request).await?;
    session.done(&done, "Declined.")
}

pub(crate) async fn accept(asked: Accept, session: &Session) -> Result<(), Failure> {
    let path = format!("/v1/offers/{}", segment(&asked.offer));
    if !asked.yes && ask::someone_is_there(session) {
        let offer = serde_json::from_value(session.get(&path).await?).map_err(odd)?;
        ask::confirm(&question(&offer, &asked.choose))?;
    }
    let choose = asked.choose.into_iter().map(Said).collect();
    let request = request::Accept { choose, anyway: asked.anyway };
    let ordered = session.post(&format!("{path}/accept"), &request).await?;
    session.show(&ordered, |ordered| {
        let order = render::short(render::word(ordered, "order"));
        Ok(format!("Ordered as {order}. It binds once the vendor accepts: bespeak order show {order}"))
    })
}

fn question(offer: &OfferView, choose: &[Sku]) -> String {
    if !choose.is_empty() {
        let chosen: Vec<_> = choose.iter().map(Sku::as_str).collect();
        return format!(
            "Order from {}, with {} in place of its lines?",
            offer.vendor.name,
            chosen.join(", ")
        );
    }
    let lines: Vec<_> =
        offer.lines.iter().map(|line| format!("{} {}", line.quantity_text, line.name)).collect();
    format!("Order {} from {} for {}?", lines.join(", "), offer.vendor.name, offer.total)
}
