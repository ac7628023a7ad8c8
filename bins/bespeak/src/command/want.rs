//! `bespeak want`: casting an intention.

use bespeak_api::request::{self, Category, WantLine};
use bespeak_api::said::{Amount, Said};
use bespeak_api::words::{Condition, Date, GoodsCondition, Lifetime, Money, Place, Prose, TermsId, Title};
use clap::Args;
use serde_json::Value;

use crate::failure::Failure;
use crate::render;
use crate::session::Session;

/// Cast an intention.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak want 'City bicycle, 28 inch'
  bespeak want 'Laptop for travelling' --category computers.laptops --attr 'weight<=1.3kg' --attr 'memory>=16GB' --max 1500EUR
  bespeak want 'Office move' --line '12x desk lamp' --line '12x office chair' --need-by 2027-01-15 --near DE-u33d --live 30d
  bespeak want 'Espresso machine' --category home --min 100EUR --max '499.50 EUR' --condition used --terms PDC-INTENT --json

What it asks: a title, and as much more as helps vendors. Nothing in it says who you are.")]
pub(crate) struct Want {
    /// The wish in one breath
    title: Title,
    /// More about it
    #[arg(long)]
    text: Option<Prose>,
    /// What kind of thing, such as vehicles.bicycles [default: guessed from the title]
    #[arg(long, value_name = "SLUG")]
    category: Option<Category>,
    /// One of several things wanted, with how many: '2x NAME', '1.5 kg NAME'; repeat for more
    #[arg(long = "line", value_name = "[QUANTITY] NAME")]
    lines: Vec<WantLine>,
    /// What must hold of it: colour=red, weight<=25kg, year>=2020; repeat for more
    #[arg(long = "attr", value_name = "CONDITION")]
    attributes: Vec<Condition>,
    /// What it may cost at least
    #[arg(long, value_name = "MONEY")]
    min: Option<Money>,
    /// What it may cost at most
    #[arg(long, value_name = "MONEY")]
    max: Option<Money>,
    /// new, refurbished or used [default: any]
    #[arg(long, value_name = "STATE")]
    condition: Option<GoodsCondition>,
    /// Where, blurred: a country and up to four characters of a geohash
    #[arg(long, value_name = "CC[-GEOHASH]")]
    near: Option<Place>,
    /// The last day on which it is of use
    #[arg(long, value_name = "DATE")]
    need_by: Option<Date>,
    /// How long it is heard
    #[arg(long, value_name = "1d|3d|7d|30d", default_value = "7d")]
    live: Lifetime,
    /// An agreement you offer, best liked first; repeat for more [default: SD-BASE]
    #[arg(long, value_name = "ID")]
    terms: Vec<TermsId>,
}

pub(crate) async fn run(asked: Want, session: &Session) -> Result<(), Failure> {
    let cast = session.post("/v1/intentions", &request_of(asked)).await?;
    session.show(&cast, |cast| Ok(said(cast)))
}

fn request_of(asked: Want) -> request::Want {
    request::Want {
        title: Said(asked.title),
        text: asked.text.map(Said),
        category: asked.category.map(Said),
        lines: asked.lines,
        attributes: asked.attributes.into_iter().map(Said).collect(),
        min: asked.min.map(Amount),
        max: asked.max.map(Amount),
        condition: asked.condition,
        near: asked.near.map(Said),
        need_by: asked.need_by.map(Said),
        live: Some(Said(asked.live)),
        terms: asked.terms.into_iter().map(Said).collect(),
    }
}

/// An intention that was cast, in words.
pub(super) fn said(cast: &Value) -> String {
    let id = render::short(render::word(cast, "intention"));
    format!(
        "Cast as {id} in {}; it is heard until {}.\nOffers come to: bespeak offers {id} --watch",
        render::word(cast, "category"),
        render::moment(render::word(cast, "expires_at")),
    )
}
