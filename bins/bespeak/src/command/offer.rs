//! `bespeak offer`: answering an intention.

use bespeak_api::client::segment;
use bespeak_api::request::{MakeOffer, Nothing};
use bespeak_api::said::{Amount, Said};
use bespeak_api::words::{Money, Prose, Span};
use clap::{Args, Subcommand};

use super::items::Items;
use crate::failure::Failure;
use crate::render;
use crate::session::Session;

/// Answer an intention with an offer.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "Examples:
  bespeak offer b2rxk3rybk3 --sku BIKE-28-RED
  bespeak offer b2rxk3rybk3 --sku BIKE-28-RED --price 149EUR --valid 12h --text 'Serviced last week'
  bespeak offer b2rxk3rybk3 --line 'Refurbished frame=80EUR' --line 'Wheels=60 EUR' --prepaid
  bespeak offer withdraw cjuql3bm2tw
  bespeak offer pass b2rxk3rybk3

The first item answers the first line of the intention, and so on; further ones are alternatives.
Offering again revises the offer that is there.")]
pub(crate) struct Offer {
    #[command(subcommand)]
    other: Option<Other>,
    /// The intention's id, or the beginning of it
    #[arg(required = true)]
    intention: Option<String>,
    #[command(flatten)]
    items: Items,
    /// What delivery costs
    #[arg(long, value_name = "MONEY")]
    delivery: Option<Money>,
    /// How long it stands: 30m, 12h, 3d
    #[arg(long, value_name = "SPAN", default_value = "3d")]
    valid: Span,
    /// A first word only, which cannot be ordered as it stands
    #[arg(long)]
    indicative: bool,
    /// Nothing is handed over before the money is there
    #[arg(long)]
    prepaid: bool,
    /// A word to the customer
    #[arg(long)]
    text: Option<Prose>,
}

/// What else is done with offers.
#[derive(Debug, Subcommand)]
enum Other {
    /// Take an offer back, until an order for it has come
    #[command(after_help = "Examples:\n  bespeak offer withdraw cjuql3bm2tw")]
    Withdraw {
        /// The offer's id, or the beginning of it
        offer: String,
    },
    /// Say that no more offers will follow for an intention
    #[command(after_help = "Examples:\n  bespeak offer pass b2rxk3rybk3")]
    Pass {
        /// The intention's id, or the beginning of it
        intention: String,
    },
}

pub(crate) async fn run(asked: Offer, session: &Session) -> Result<(), Failure> {
    match asked.other {
        Some(Other::Withdraw { offer }) => {
            let path = format!("/v1/offers/{}/withdraw", segment(&offer));
            session.done(&session.post(&path, &Nothing {}).await?, "Withdrawn.")
        }
        Some(Other::Pass { intention }) => {
            let path = format!("/v1/intentions/{}/pass", segment(&intention));
            session.done(&session.post(&path, &Nothing {}).await?, "Passed; the customer is told.")
        }
        None => make(asked, session).await,
    }
}

async fn make(asked: Offer, session: &Session) -> Result<(), Failure> {
    let request = MakeOffer {
        intention: asked.intention.unwrap_or_default(),
        items: asked.items.0,
        valid: Some(Said(asked.valid)),
        indicative: asked.indicative,
        prepaid: asked.prepaid,
        delivery: asked.delivery.map(Amount),
        text: asked.text.map(Said),
    };
    let made = session.post("/v1/offers", &request).await?;
    session.show(&made, |made| Ok(format!("Offered as {}.", render::short(render::word(made, "offer")))))
}

#[cfg(test)]
impl Offer {
    /// What is offered.
    pub(crate) fn into_items(self) -> Items {
        self.items
    }
}
