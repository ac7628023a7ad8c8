//! Under which terms a lead may be kept, for what, and until when.

use std::{fmt, str::FromStr};

use bespeak_model::{
    terms::TermsId,
    time::{Span, Time},
};
use serde::{Deserialize, Serialize};

use super::Field;

/// Where the agreements' ids are told. Source: W3C DPV, extension for IEEE 7012.
pub const ROSTER: &str = "https://w3id.org/dpv/standards/ieee/7012#";

/// For what a lead may be used. Source: the roster names an agreement's purpose in its definition; where DPV has a term
/// for that purpose it stands here, and where it has none, the agreement itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Purpose {
    /// To answer the wish, and to come to an agreement.
    Agreement,
    /// To deliver what was ordered, and nothing else.
    ServiceDelivery,
    /// To match wishes with goods.
    IntentCasting,
    /// To train and run AI.
    AiTraining,
    /// The good of the public.
    PublicBenefit,
}

/// A text that is no purpose.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no purpose that is known here")]
pub struct UnknownPurpose(String);

impl Purpose {
    const ALL: [Self; 5] =
        [Self::Agreement, Self::ServiceDelivery, Self::IntentCasting, Self::AiTraining, Self::PublicBenefit];

    /// Its address in the vocabulary.
    pub const fn iri(self) -> &'static str {
        match self {
            Self::Agreement => "https://w3id.org/dpv#EstablishContractualAgreement",
            Self::ServiceDelivery => "https://w3id.org/dpv/standards/ieee/7012#ServiceDelivery",
            Self::IntentCasting => "https://w3id.org/dpv/standards/ieee/7012#PDC-INTENT",
            Self::AiTraining => "https://w3id.org/dpv/standards/ieee/7012#PDC-AI",
            Self::PublicBenefit => "https://w3id.org/dpv#PublicBenefit",
        }
    }

    /// What an accepted agreement is for.
    pub const fn of(terms: TermsId) -> Self {
        match terms {
            TermsId::SdBase | TermsId::SdBaseDp => Self::ServiceDelivery,
            TermsId::PdcAi => Self::AiTraining,
            TermsId::PdcGood => Self::PublicBenefit,
            TermsId::PdcIntent => Self::IntentCasting,
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.iri())
    }
}

impl FromStr for Purpose {
    type Err = UnknownPurpose;

    fn from_str(text: &str) -> Result<Self, UnknownPurpose> {
        let found = Self::ALL.into_iter().find(|purpose| purpose.iri() == text);
        found.ok_or_else(|| UnknownPurpose(text.chars().take(80).collect()))
    }
}

impl TryFrom<String> for Purpose {
    type Error = UnknownPurpose;

    fn try_from(text: String) -> Result<Self, UnknownPurpose> {
        text.parse()
    }
}

impl From<Purpose> for &'static str {
    fn from(purpose: Purpose) -> Self {
        purpose.iri()
    }
}

/// The terms of a lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    terms: TermsId,
    accepted: bool,
    purposes: Vec<Purpose>,
    retain_until: Time,
}

impl Cover {
    /// Terms that the customer proffered and both have not accepted yet. Nothing about a person goes out, and what was said
    /// on the market is forgotten when the market forgets it.
    pub fn proffered(terms: TermsId, forgotten_at: Time) -> Self {
        Self { terms, accepted: false, purposes: vec![Purpose::Agreement], retain_until: forgotten_at }
    }

    /// Terms that both signed, in force since the order was placed; kept for so long after `last`, the last thing that
    /// happened.
    pub fn accepted_by_both(terms: TermsId, last: Time, keep: Span) -> Self {
        let retain_until = last.saturating_add(keep.seconds());
        Self { terms, accepted: true, purposes: vec![Purpose::of(terms)], retain_until }
    }

    /// Which agreement.
    pub fn terms(&self) -> TermsId {
        self.terms
    }

    /// Whether both accepted it.
    pub fn accepted(&self) -> bool {
        self.accepted
    }

    /// For what the lead may be used.
    pub fn purposes(&self) -> &[Purpose] {
        &self.purposes
    }

    /// The last second at which it may be kept.
    pub fn retain_until(&self) -> Time {
        self.retain_until
    }

    /// Whether something of a person may go out. Before both accepted: nothing. Service delivery needs to know whom to
    /// deliver to; a contribution of data for another purpose needs nobody's name, only what tells one relation from another.
    pub fn allows(&self, field: Field) -> bool {
        self.accepted && (self.delivers() || field == Field::Customer)
    }

    /// Whether what she said may go out: there can be anything of a person in it.
    pub fn allows_words(&self) -> bool {
        self.accepted && self.delivers()
    }

    fn delivers(&self) -> bool {
        matches!(self.terms, TermsId::SdBase | TermsId::SdBaseDp)
    }
}
