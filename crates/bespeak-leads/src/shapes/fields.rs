//! The fields of our own that a CRM's record has beside its usual ones: they carry the terms wherever the record goes.

use bespeak_identity::RecordId;

use crate::lead::{Field, Lead};

/// A field of our own. It must be made in the CRM before the first lead comes (`docs/leads.md` says how).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnField {
    /// The subject: what records are found by. Unique.
    Subject,
    /// What happened last.
    Kind,
    /// The id of the agreement.
    Terms,
    /// For what the record may be used.
    Purposes,
    /// The last day on which it may be kept.
    RetainUntil,
    /// The conversation.
    Thread,
    /// The order.
    Order,
    /// The customer's key in this relation.
    Customer,
}

/// All of them.
pub const FIELDS: [OwnField; 8] = [
    OwnField::Subject,
    OwnField::Kind,
    OwnField::Terms,
    OwnField::Purposes,
    OwnField::RetainUntil,
    OwnField::Thread,
    OwnField::Order,
    OwnField::Customer,
];

impl OwnField {
    /// What it is called, between what a CRM puts in front of or behind the names of such fields.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subject => "bespeak_subject",
            Self::Kind => "bespeak_kind",
            Self::Terms => "bespeak_terms",
            Self::Purposes => "bespeak_purposes",
            Self::RetainUntil => "bespeak_retain_until",
            Self::Thread => "bespeak_thread",
            Self::Order => "bespeak_order",
            Self::Customer => "bespeak_customer",
        }
    }

    /// What stands in it for a lead; nothing where the lead does not say.
    pub fn of(self, lead: &Lead) -> Option<String> {
        match self {
            Self::Subject => Some(lead.subject()),
            Self::Kind => Some(lead.kind().to_string()),
            Self::Terms => Some(lead.cover().terms().to_string()),
            Self::Purposes => {
                let purposes = lead.cover().purposes().iter().map(|purpose| purpose.iri());
                Some(purposes.collect::<Vec<_>>().join(" "))
            }
            Self::RetainUntil => Some(lead.cover().retain_until().date().to_string()),
            Self::Thread => text_of(lead.about().thread.as_ref()),
            Self::Order => text_of(lead.about().order.as_ref()),
            Self::Customer => lead.person().get(Field::Customer).map(str::to_owned),
        }
    }
}

fn text_of<T>(id: Option<&RecordId<T>>) -> Option<String> {
    id.map(ToString::to_string)
}
