//! `bespeak auto`: answering without a person.

use bespeak_api::request::{AutoChange, Percent};
use bespeak_api::said::{Amount, Said};
use bespeak_api::words::{Money, Place, Span};
use clap::{Args, ValueEnum};

use crate::failure::Failure;
use crate::render;
use crate::session::Session;

/// Answer matching intentions from the catalogue without a person.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak auto
  bespeak auto on --margin 5% --limit 2000EUR
  bespeak auto on --margin=-10% --valid 12h
  bespeak auto on --no-limit
  bespeak auto off

Without on or off it shows how it is set.")]
pub(crate) struct Auto {
    /// Whether to answer
    switch: Option<Switch>,
    /// What to add to list prices, in whole percent
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    margin: Option<Percent>,
    /// The highest total to offer
    #[arg(long, value_name = "MONEY")]
    limit: Option<Money>,
    /// Offer at any total again
    #[arg(long, conflicts_with = "limit")]
    no_limit: bool,
    /// How long such offers stand
    #[arg(long, value_name = "SPAN")]
    valid: Option<Span>,
    /// Where to sell, such as DE, DE-u33d or DE-u33d+100km; intentions from elsewhere are left to a person
    #[arg(long, value_name = "PLACE", conflicts_with = "everywhere")]
    near: Option<Place>,
    /// Sell everywhere again
    #[arg(long)]
    everywhere: bool,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Switch {
    /// Answer
    On,
    /// Do not answer
    Off,
}

pub(crate) async fn run(asked: &Auto, session: &Session) -> Result<(), Failure> {
    let change = AutoChange {
        on: asked.switch.map(|switch| switch == Switch::On),
        margin: asked.margin.map(Said),
        limit: if asked.no_limit { Some(None) } else { asked.limit.map(Amount).map(Some) },
        valid: asked.valid.map(Said),
        near: asked.near.map(Said),
        everywhere: asked.everywhere,
    };
    let nothing = change == AutoChange::default();
    let settings =
        if nothing { session.get("/v1/auto").await? } else { session.put("/v1/auto", &change).await? };
    let rules = session.get("/v1/rules").await?;
    session.show(&settings, |settings| render::auto(settings, &rules))
}
