//! What a lead is: one fact of a trade, the terms under which it may be kept, and no more of a person than they allow.

use std::{fmt, str::FromStr};

use bespeak_identity::{PublicKey, RecordId};
use bespeak_model::{
    intention::{Intention, Title},
    offer::Offer,
    order::Order,
    time::Time,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

mod cover;
mod fact;
mod person;
#[cfg(test)]
mod tests;

pub use cover::{Cover, Purpose, ROSTER, UnknownPurpose};
pub use fact::{Fact, Item, Kind, Side, UnknownKind, Wish};
pub use person::{Detail, Field, Person};

/// The version of a lead's form.
pub const VERSION: u8 = 1;

/// Bytes of the hash that names a lead. Source: 192 bits, as the secrets of Standard Webhooks have at the least; chance
/// does not make two alike.
const ID_BYTES: usize = 24;

/// The name of a fact: the same fact has the same name however often it is told, so that a receiver can leave out what it
/// has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LeadId(String);

/// A text that names no lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a lead's id is `lead_` and 48 hexadecimal digits")]
pub struct LeadIdError;

impl LeadId {
    /// What every id begins with. There is no full stop in an id: it would confuse what is signed (Standard Webhooks).
    pub const PREFIX: &'static str = "lead_";

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LeadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for LeadId {
    type Err = LeadIdError;

    fn from_str(text: &str) -> Result<Self, LeadIdError> {
        let digits = text.strip_prefix(Self::PREFIX).ok_or(LeadIdError)?;
        let hex = digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        if hex && digits.len() == 2 * ID_BYTES { Ok(Self(text.to_owned())) } else { Err(LeadIdError) }
    }
}

impl TryFrom<String> for LeadId {
    type Error = LeadIdError;

    fn try_from(text: String) -> Result<Self, LeadIdError> {
        text.parse()
    }
}

impl From<LeadId> for String {
    fn from(id: LeadId) -> Self {
        id.0
    }
}

/// What a lead is about. The intention is there in all of them: it is the subject by which a receiver puts facts together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The wish.
    pub intention: RecordId<Intention>,
    /// The wish in one breath, as it was said on the market.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Title>,
    /// The conversation, named by the first offer in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<RecordId<Offer>>,
    /// The offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<RecordId<Offer>>,
    /// The order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<RecordId<Order>>,
}

impl About {
    /// A wish that nothing came of yet.
    pub const fn intention(intention: RecordId<Intention>) -> Self {
        Self { intention, title: None, thread: None, offer: None, order: None }
    }
}

/// What is known when a lead is made. Not all of it may be in the lead.
#[derive(Clone, Debug)]
pub struct Draft {
    /// When it happened.
    pub at: Time,
    /// Whose lead it is.
    pub vendor: PublicKey,
    /// What it is about.
    pub about: About,
    /// Under which terms.
    pub cover: Cover,
    /// What happened.
    pub fact: Fact,
    /// What is known of the customer.
    pub person: Person,
    /// What tells this fact from others of its kind about the same, where there can be several: the id of a message, of a
    /// change of data. Empty where there is only one.
    pub mark: String,
}

/// One fact of a trade on its way to the vendor's other systems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lead {
    v: u8,
    id: LeadId,
    at: Time,
    vendor: PublicKey,
    about: About,
    cover: Cover,
    fact: Fact,
    #[serde(default, skip_serializing_if = "Person::is_empty")]
    person: Person,
}

impl Lead {
    /// Makes a lead, and leaves out of it what its terms do not allow.
    pub fn new(draft: Draft) -> Self {
        let id = name_of(&draft);
        let Draft { at, vendor, mut about, cover, fact, person, .. } = draft;
        let deleted = fact.kind() == Kind::CustomerDeleted;
        if deleted {
            about.title = None;
        }
        let person = person.only(|field| !deleted && cover.allows(field));
        let fact = if cover.allows_words() { fact } else { fact.without_words() };
        Self { v: VERSION, id, at, vendor, about, cover, fact, person }
    }

    /// Its name.
    pub fn id(&self) -> &LeadId {
        &self.id
    }

    /// When it happened.
    pub fn at(&self) -> Time {
        self.at
    }

    /// Whose lead it is.
    pub fn vendor(&self) -> PublicKey {
        self.vendor
    }

    /// What it is about.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Under which terms.
    pub fn cover(&self) -> &Cover {
        &self.cover
    }

    /// What happened.
    pub fn fact(&self) -> &Fact {
        &self.fact
    }

    /// Of which kind that is.
    pub fn kind(&self) -> Kind {
        self.fact.kind()
    }

    /// What its terms let out of the customer.
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// What a receiver puts facts together by: the same for every fact of one matter.
    pub fn subject(&self) -> String {
        self.about.intention.to_string()
    }

    /// Whether it must not be kept any more, and so not be sent. What asks for a deletion never lapses.
    pub fn lapsed(&self, now: Time) -> bool {
        self.kind() != Kind::CustomerDeleted && now > self.cover.retain_until()
    }

    /// The same without what somebody said.
    pub fn without_words(&self) -> Self {
        Self { fact: self.fact.clone().without_words(), ..self.clone() }
    }
}

/// Hashes what makes a fact this fact. Each part has its length in front, so that no two run into each other; the time is
/// left out, for a fact that is told again is the same.
fn name_of(draft: &Draft) -> LeadId {
    let mut hash = Sha256::new_with_prefix(b"bespeak/lead/1");
    let mut put = |part: &[u8]| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    put(draft.fact.kind().as_str().as_bytes());
    put(draft.vendor.as_bytes());
    put(draft.about.intention.as_digest());
    put(draft.about.thread.as_ref().map_or(&[], |id| id.as_digest()));
    put(draft.about.offer.as_ref().map_or(&[], |id| id.as_digest()));
    put(draft.about.order.as_ref().map_or(&[], |id| id.as_digest()));
    put(draft.mark.as_bytes());
    let digits: String = hash.finalize().iter().take(ID_BYTES).map(|byte| format!("{byte:02x}")).collect();
    LeadId(format!("{}{digits}", LeadId::PREFIX))
}
