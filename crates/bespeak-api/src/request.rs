//! What can be asked of the API, as JSON. Unknown fields are refused, so that a misspelt one is not passed over.

mod backup;
mod order;
mod rules;
mod vendor;

use bespeak_model::attribute::Condition;
use bespeak_model::category::{self, Slug};
use bespeak_model::gtin::Gtin;
use bespeak_model::intention::{GoodsCondition, Prose, Title};
use bespeak_model::place::Place;
use bespeak_model::quantity::Quantity;
use bespeak_model::reason::{Reason, WithdrawalReason};
use bespeak_model::terms::TermsId;
use bespeak_model::time::{Date, Lifetime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use backup::Backup;
pub use order::{Arrived, Cancel, Failed, Fulfil, FulfilLine, Paid, Received, RequestPayment};
pub use rules::{Approve, SetRules, TestRules, TryRules};
pub use vendor::{AutoChange, MakeOffer, OfferedItem, Percent};

use crate::said::{Amount, Said};

/// Cast an intention.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Want {
    /// The wish in one breath, up to 200 bytes.
    #[schema(value_type = String, example = "Used city bicycle, 28 inch")]
    pub title: Said<Title>,
    /// More about it, up to 2,000 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub text: Option<Said<Prose>>,
    /// What kind of thing: a slug such as `vehicles.bicycles`. Guessed from the title when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "vehicles.bicycles")]
    pub category: Option<Said<Category>>,
    /// What is wanted, up to 20 lines; one of the title when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<WantLine>,
    /// What must hold of every line: `colour=red`, `weight<=25kg`, `year>=2020`; up to 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, example = json!(["weight<=25kg"]))]
    pub attributes: Vec<Said<Condition>>,
    /// What it may cost at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "100 EUR")]
    pub min: Option<Amount>,
    /// What it may cost at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "250 EUR")]
    pub max: Option<Amount>,
    /// In which state: `new`, `refurbished` or `used`; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub condition: Option<GoodsCondition>,
    /// Where: a country and up to four characters of a geohash, `DE-u33d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "DE-u33d")]
    pub near: Option<Said<Place>>,
    /// The last day on which it is of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "2026-12-24")]
    pub need_by: Option<Said<Date>>,
    /// How long it is heard: `1d`, `3d`, `7d` (when absent) or `30d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "7d")]
    pub live: Option<Said<Lifetime>>,
    /// The agreements offered, best liked first; SD-BASE when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub terms: Vec<Said<TermsId>>,
}

/// One line of a wish.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantLine {
    /// What it is called, up to 200 bytes.
    #[schema(value_type = String, example = "Inner tube 28 inch")]
    pub name: Said<Title>,
    /// How many or how much: `2x`, `1.5 kg`; one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "2x")]
    pub quantity: Option<Said<Quantity>>,
    /// The number under its bar code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "6291041500213")]
    pub gtin: Option<Said<Gtin>>,
}

impl std::str::FromStr for WantLine {
    type Err = bespeak_model::text::TextError;

    /// Reads `2x NAME`, `1.5 kg NAME` or `NAME`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (quantity, name) = Quantity::leading(text);
        Ok(Self { name: Said(name.parse()?), quantity: Some(Said(quantity)), gtin: None })
    }
}

/// A category of the tree, as a person writes it: a slug, or a foreign id such as `google:499713`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category(pub Slug);

impl std::str::FromStr for Category {
    type Err = category::UnknownCategory;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        category::parse(text).map(Self)
    }
}

impl std::fmt::Display for Category {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Take an intention back.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawIntention {
    /// Why: `fulfilled`, `changed_mind` (when absent), `expired`, `duplicate` or `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "changed_mind")]
    pub reason: Option<Said<WithdrawalReason>>,
}

/// Answer an offer with a price of one's own.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Counter {
    /// What one would pay in all.
    #[schema(value_type = String, example = "180 EUR")]
    pub total: Amount,
    /// A word to the vendor, up to 2,000 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub text: Option<Said<Prose>>,
}

/// Decline an offer, or reject an order.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Because {
    /// Why, from the one list of reasons: `price`, `shipping_cost`, `chose_other`, `out_of_stock`, …, `other`.
    #[schema(value_type = String, example = "price")]
    pub reason: Said<Reason>,
}

/// Order what is offered.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// Articles, by their SKU, to take in place of the lines they are alternatives for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub choose: Vec<Said<bespeak_model::offer::Sku>>,
    /// Also where an earlier order has the goods, when its vendor did not answer before its offer's time ran out. That order
    /// is cancelled; if its vendor has accepted it meanwhile, both bind.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anyway: bool,
}

/// Say something.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Say {
    /// What, up to 4,000 bytes.
    #[schema(value_type = String, example = "Is the frame 56 cm?")]
    pub text: Said<bespeak_agent::command::ChatText>,
}

/// Let the vendor see the address of this node, or no longer.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reveal {
    /// From now on, or no longer.
    pub on: bool,
}

/// Nothing to add: an empty object, or an empty body.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}
