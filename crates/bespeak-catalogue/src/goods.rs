//! Goods: one article of the vendor's, as it is kept and searched.

use bespeak_model::attribute::Attribute;
use bespeak_model::category::Slug;
use bespeak_model::gtin::Gtin;
use bespeak_model::intention::{GoodsCondition, Prose};
use bespeak_model::money::Money;
use bespeak_model::text::Text;
use bespeak_model::time::Time;
use serde::{Deserialize, Serialize};

/// The most attributes of one article; importers leave out the rest. Source: measured, 97 of 100 articles of
/// a catalogue of 19,406 have fewer.
pub const MAX_ATTRIBUTES: usize = 64;
/// The most bar codes of one article; importers leave out the rest. Source: measured, the most met is 127.
pub const MAX_GTINS: usize = 128;

/// The vendor's own number of an article.
pub type Sku = Text<64>;

/// The name of a feed: the file or the address from which goods come again and again.
pub type Feed = Text<200>;

/// One article that a vendor has to offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goods {
    /// The vendor's own number; one article each.
    pub sku: Sku,
    /// What it is called.
    pub title: Text<200>,
    /// What there is to say of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Prose>,
    /// Whose make it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<Text<80>>,
    /// The numbers under its bar codes, up to [`MAX_GTINS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gtins: Vec<Gtin>,
    /// The price of one; never negative. Goods without a price are found and shown, but not offered by rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// Where it stands in the tree of categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Slug>,
    /// What else is said of it, up to [`MAX_ATTRIBUTES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// The state they are in, if it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<GoodsCondition>,
    /// How many there are; `None` where they are not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<u64>,
    /// Where to read more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Text<500>>,
    /// The feed they came from last, where it has a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<Feed>,
    /// When this was last heard from the vendor's own books.
    pub updated: Time,
}

impl Goods {
    /// Is this the same article with the same facts, whenever they were heard?
    pub fn says_the_same(&self, other: &Self) -> bool {
        let Self {
            sku,
            title,
            description,
            brand,
            gtins,
            price,
            category,
            attributes,
            condition,
            available,
            link,
            feed,
            updated: _,
        } = self;
        (sku, title, description, brand, gtins)
            == (&other.sku, &other.title, &other.description, &other.brand, &other.gtins)
            && (price, category, attributes) == (&other.price, &other.category, &other.attributes)
            && (condition, available) == (&other.condition, &other.available)
            && (link, feed) == (&other.link, &other.feed)
    }

    /// Can some be sold, as far as is known?
    pub fn is_available(&self) -> bool {
        self.available != Some(0)
    }
}
