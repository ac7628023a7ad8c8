//! What a vendor can ask.

use bespeak_model::intention::{Prose, Title};
use bespeak_model::offer::Sku;
use bespeak_model::place::Place;
use bespeak_model::time::Span;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::said::{Amount, Said};

/// Answer an intention, or revise the answer already given.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeOffer {
    /// Which intention: its id or a prefix that fits only it.
    #[schema(example = "bafyreib2rxk3rybk3aobmv5cjuql3bm2twh4jo5uxgf5kpqcsgz7soitae")]
    pub intention: String,
    /// What is offered, one for each line of the intention in its order; at least one.
    pub items: Vec<OfferedItem>,
    /// How long it stands: `30m`, `12h`, `3d` (when absent), up to a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "3d")]
    pub valid: Option<Said<Span>>,
    /// Whether it is a first word only, which cannot be ordered as it stands.
    #[serde(default)]
    pub indicative: bool,
    /// Whether nothing is handed over before the money is there.
    #[serde(default)]
    pub prepaid: bool,
    /// What delivery costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "4.90 EUR")]
    pub delivery: Option<Amount>,
    /// A word to the customer, up to 2,000 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub text: Option<Said<Prose>>,
}

/// One thing that is offered: goods of the catalogue by their `sku`, or anything else by its `name`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferedItem {
    /// Goods of the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub sku: Option<Said<Sku>>,
    /// Something that is not in the catalogue; then `price` must be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub name: Option<Said<Title>>,
    /// The price of one; the catalogue's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "149 EUR")]
    pub price: Option<Amount>,
}

/// Change how intentions are answered without a person. What is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AutoChange {
    /// Whether intentions are answered at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<bool>,
    /// What is added to list prices, in percent; may be negative: `5%`, `-10%`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "5%")]
    pub margin: Option<Said<Percent>>,
    /// The highest price at which to offer by rule; null for none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "2000 EUR")]
    pub limit: Option<Option<Amount>>,
    /// How long such offers stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "3d")]
    pub valid: Option<Said<Span>>,
    /// Where goods are sold by rule: a country, an area, and how far around it. Intentions from elsewhere are left to a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "DE-u33d+100km")]
    pub near: Option<Said<Place>>,
    /// Sell everywhere again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everywhere: bool,
}

/// A field that is there, be it null: only one that is absent changes nothing.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Whole percent. What is a sensible margin is the vendor's policy's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percent(pub i16);

/// Text that is no percentage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a margin; write whole percent, such as 5% or -10%")]
pub struct NotPercent(String);

impl std::str::FromStr for Percent {
    type Err = NotPercent;

    fn from_str(text: &str) -> Result<Self, NotPercent> {
        let number = text.trim().trim_end_matches('%').trim_end();
        number.parse().map(Self).map_err(|_| NotPercent(text.chars().take(40).collect()))
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}%", self.0)
    }
}
