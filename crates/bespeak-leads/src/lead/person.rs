//! What is told of a customer. All of it is private: it prints nothing.

use std::collections::BTreeMap;

use bespeak_model::text::{Private, Text};
use serde::{Deserialize, Serialize};

/// One thing that is known of a customer. Source of the length: wild guess; longer than any name or line of an address.
pub type Detail = Private<Text<200>>;

/// Which thing that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Her key in this relation; she has another in every other.
    Customer,
    /// What she is called.
    Name,
    /// Where she gets mail.
    Email,
    /// Where she is called.
    Phone,
    /// Street and number.
    Street,
    /// The code of the place.
    Postcode,
    /// The place.
    City,
    /// The region.
    Region,
    /// The country, by its two letters.
    Country,
}

impl Field {
    /// All of them, as they stand in a table.
    pub const ALL: [Self; 9] = [
        Self::Customer,
        Self::Name,
        Self::Email,
        Self::Phone,
        Self::Street,
        Self::Postcode,
        Self::City,
        Self::Region,
        Self::Country,
    ];

    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Street => "street",
            Self::Postcode => "postcode",
            Self::City => "city",
            Self::Region => "region",
            Self::Country => "country",
        }
    }
}

/// What is known of a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Person(BTreeMap<Field, Detail>);

impl Person {
    /// The same, and this besides.
    #[must_use]
    pub fn with(mut self, field: Field, detail: impl Into<Detail>) -> Self {
        self.0.insert(field, detail.into());
        self
    }

    /// One thing of her, given away to be sent.
    pub fn get(&self, field: Field) -> Option<&str> {
        self.0.get(&field).map(|detail| detail.expose().as_str())
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Only those that `may` go.
    pub(super) fn only(mut self, may: impl Fn(Field) -> bool) -> Self {
        self.0.retain(|field, _| may(*field));
        self
    }
}
