//! Where a vendor's leads go: the targets, as TOML or JSON.

use std::{fmt, str::FromStr};

use bespeak_model::time::{Span, TimeError};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    address::{self, AddressError},
    lead::{Kind, Lead},
    secret::{Hidden, Secret},
};

#[cfg(test)]
mod tests;

/// Most targets. Source: wild guess; each has a queue of its own.
pub const MAX_TARGETS: usize = 16;
/// Most secrets of one target. Source: wild guess; two overlap while one is replaced, and both kinds may be wanted.
pub const MAX_SECRETS: usize = 4;
/// Longest name of a target. Source: wild guess; it stands in commands and paths.
const MAX_NAME: usize = 40;
/// Longest plain setting. Source: wild guess; names of databases and stages are short.
const MAX_WORD: usize = 100;
/// How long a lead may be kept after the last thing that happened, where nothing else is said. Source: wild guess; the
/// time in which goods are returned and complained of, and no law of any one country.
const KEEP: u64 = 90 * 86_400;

/// What a target is called: letters, digits, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// A text that no target can be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no name of a target: 1 to {MAX_NAME} small letters, digits, - and _")]
pub struct NameError(String);

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        let fits = (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(plain);
        if fits { Ok(Self(text.to_owned())) } else { Err(NameError(text.chars().take(MAX_NAME).collect())) }
    }
}

impl TryFrom<String> for Name {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

/// In which form a target takes leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// A CloudEvent in Standard Webhooks headers.
    #[default]
    CloudEvents,
    /// HubSpot: contacts and deals.
    HubSpot,
    /// Odoo: leads.
    Odoo,
    /// SuiteCRM: leads.
    SuiteCrm,
}

/// What HubSpot calls the stages of a deal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stages {
    /// A wish, an offer.
    pub open: String,
    /// An order that both are bound by.
    pub agreed: String,
    /// An order that is done.
    pub won: String,
    /// Declined, withdrawn, called off.
    pub lost: String,
}

impl Default for Stages {
    /// Source: the internal names of the stages every new account has (HubSpot, "CRM API | Deals").
    fn default() -> Self {
        let [open, agreed, won, lost] =
            ["appointmentscheduled", "contractsent", "closedwon", "closedlost"].map(str::to_owned);
        Self { open, agreed, won, lost }
    }
}

/// A program's own account at SuiteCRM, with which it gets a token (OAuth 2.0, client credentials).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: Hidden,
}

/// One place where leads go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// What it is called.
    pub name: Name,
    /// Where it is: the whole address of a webhook; of a CRM the beginning, up to where its API begins.
    pub url: String,
    /// In which form it takes leads.
    #[serde(default)]
    pub shape: Shape,
    /// What signs webhooks to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Secret>,
    /// Which leads it gets; all where none is named. What a customer corrects or deletes it gets in any case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Kind>,
    /// The whole `Authorization` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Hidden>,
    /// SuiteCRM: the account, where there is no `auth`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Client>,
    /// Odoo: the database, where one server has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// HubSpot: the pipeline of deals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<String>,
    /// HubSpot: the stages of deals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stages: Option<Stages>,
    /// Whether what customers say goes there too, where their terms allow it.
    #[serde(default)]
    pub text: bool,
    /// Whether data may go there in the clear: only over a network that is the vendor's own.
    #[serde(default)]
    pub allow_http: bool,
}

/// What is wrong with a target or the list of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// No TOML, an unknown key, a value of the wrong kind.
    #[error("{0}")]
    Form(String),
    /// An address that nothing is sent to.
    #[error("target {name}: {why}")]
    Address {
        /// Whose.
        name: Name,
        /// Why.
        why: AddressError,
    },
    /// Something that its shape needs.
    #[error("target {name}: shape {shape:?} needs {what}")]
    Missing {
        /// Whose.
        name: Name,
        /// Which shape.
        shape: Shape,
        /// What.
        what: &'static str,
    },
    /// Something that its shape does nothing with.
    #[error("target {name}: {what} means nothing for shape {shape:?}")]
    Idle {
        /// Whose.
        name: Name,
        /// Which shape.
        shape: Shape,
        /// What.
        what: &'static str,
    },
    /// Too many of something, or too long.
    #[error("target {name}: {what}")]
    Bound {
        /// Whose.
        name: Name,
        /// What.
        what: &'static str,
    },
    /// Two of one name.
    #[error("two targets are called {0}")]
    Twice(Name),
    /// More than can be.
    #[error("there are at most {MAX_TARGETS} targets")]
    TooMany,
}

impl Target {
    /// Checks what can be checked before anything is sent.
    ///
    /// # Errors
    /// The first thing that is wrong, in a sentence.
    pub fn check(&self) -> Result<(), ConfigError> {
        let name = || self.name.clone();
        self.address().map_err(|why| ConfigError::Address { name: name(), why })?;
        if self.secrets.len() > MAX_SECRETS {
            return Err(ConfigError::Bound { name: name(), what: "there are at most 4 secrets" });
        }
        let stages = self.stages.iter().flat_map(|stages| {
            let Stages { open, agreed, won, lost } = stages;
            [open, agreed, won, lost]
        });
        let client = self.client.iter().map(|client| &client.id);
        let mut words = self.database.iter().chain(&self.pipeline).chain(stages).chain(client);
        if !words.all(|word| is_word(word)) {
            let what = "database, pipeline, stages and client have 1 to 100 printable characters of ASCII";
            return Err(ConfigError::Bound { name: name(), what });
        }
        self.fits_its_shape()
    }

    fn fits_its_shape(&self) -> Result<(), ConfigError> {
        let shape = self.shape;
        let idle = [
            (shape != Shape::CloudEvents && !self.secrets.is_empty(), "secrets"),
            (shape != Shape::SuiteCrm && self.client.is_some(), "client"),
            (shape == Shape::SuiteCrm && self.client.is_some() && self.auth.is_some(), "auth beside client"),
            (shape != Shape::Odoo && self.database.is_some(), "database"),
            (shape != Shape::HubSpot && self.pipeline.is_some(), "pipeline"),
            (shape != Shape::HubSpot && self.stages.is_some(), "stages"),
        ];
        if let Some((_, what)) = idle.into_iter().find(|(idle, _)| *idle) {
            return Err(ConfigError::Idle { name: self.name.clone(), shape, what });
        }
        let missing = match shape {
            Shape::CloudEvents if self.secrets.is_empty() && self.auth.is_none() => {
                Some("a secret or auth: a receiver must know who speaks")
            }
            Shape::HubSpot | Shape::Odoo if self.auth.is_none() => Some("auth, such as \"Bearer …\""),
            Shape::SuiteCrm if self.auth.is_none() && self.client.is_none() => Some("client or auth"),
            _ => None,
        };
        missing.map_or(Ok(()), |what| Err(ConfigError::Missing { name: self.name.clone(), shape, what }))
    }

    /// Where it is.
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn address(&self) -> Result<Url, AddressError> {
        address::read(&self.url, self.allow_http)
    }

    /// Whether a lead is for it. What a customer corrects or deletes must reach every place that may have her data.
    pub fn wants(&self, lead: &Lead) -> bool {
        let always = matches!(lead.kind(), Kind::CustomerCorrected | Kind::CustomerDeleted | Kind::Test);
        always || self.events.is_empty() || self.events.contains(&lead.kind())
    }

    /// What can be shown of it: everything but what opens doors.
    pub fn shown(&self) -> Shown<'_> {
        let Self { name, url, shape, events, database, pipeline, stages, text, allow_http, .. } = self;
        Shown {
            name,
            url,
            shape: *shape,
            events,
            secrets: self.secrets.iter().map(Secret::public).collect(),
            auth: self.auth.is_some(),
            client: self.client.as_ref().map(|client| client.id.as_str()),
            database: database.as_deref(),
            pipeline: pipeline.as_deref(),
            stages: stages.as_ref(),
            text: *text,
            allow_http: *allow_http,
        }
    }
}

fn is_word(word: &str) -> bool {
    (1..=MAX_WORD).contains(&word.len()) && word.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// A target without what opens doors.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown<'a> {
    /// What it is called.
    pub name: &'a Name,
    /// Where it is.
    pub url: &'a str,
    /// In which form it takes leads.
    pub shape: Shape,
    /// Which leads it gets.
    pub events: &'a [Kind],
    /// For each secret the public key with which receivers verify, or nothing where both share it.
    pub secrets: Vec<Option<String>>,
    /// Whether it has an `Authorization` header.
    pub auth: bool,
    /// The id of its account.
    pub client: Option<&'a str>,
    /// Its database.
    pub database: Option<&'a str>,
    /// Its pipeline.
    pub pipeline: Option<&'a str>,
    /// Its stages.
    pub stages: Option<&'a Stages>,
    /// Whether what customers say goes there.
    pub text: bool,
    /// Whether data may go there in the clear.
    pub allow_http: bool,
}

/// All targets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    /// How long a lead may be kept after the last thing that happened.
    #[serde(default)]
    pub keep: Keep,
    /// The targets.
    #[serde(default, rename = "target", skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
}

impl Targets {
    /// Reads and checks a file of targets.
    ///
    /// # Errors
    /// The first thing that is wrong, in a sentence. No secret is in it.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        // The reader's own message quotes the line, and a secret may stand on it.
        let read: Self = toml::from_str(text).map_err(|error| ConfigError::Form(told(text, &error)))?;
        read.check()?;
        Ok(read)
    }

    /// Checks all of them, each and together.
    ///
    /// # Errors
    /// The first thing that is wrong, in a sentence.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.targets.len() > MAX_TARGETS {
            return Err(ConfigError::TooMany);
        }
        for (index, target) in self.targets.iter().enumerate() {
            target.check()?;
            if self.targets.iter().take(index).any(|earlier| earlier.name == target.name) {
                return Err(ConfigError::Twice(target.name.clone()));
            }
        }
        Ok(())
    }

    /// The target of a name.
    pub fn get(&self, name: &Name) -> Option<&Target> {
        self.targets.iter().find(|target| target.name == *name)
    }
}

fn told(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    format!("line {}: {}", before.matches('\n').count() + 1, unquoted(error.message()))
}

/// What a reader of TOML or JSON says, without the values it quotes: one of them may be a secret.
pub fn unquoted(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    for (index, part) in message.split('"').enumerate() {
        // Every second part stands in quotes; the last may be open.
        out.push_str(if index % 2 == 0 { part } else { "…" });
    }
    out
}

/// How long a lead may be kept after the last thing that happened: `90d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Keep(pub Span);

impl Default for Keep {
    fn default() -> Self {
        Self(Span::from_seconds(KEEP).unwrap_or(Span::MAX))
    }
}

impl TryFrom<String> for Keep {
    type Error = TimeError;

    fn try_from(text: String) -> Result<Self, TimeError> {
        text.parse().map(Self)
    }
}

impl From<Keep> for String {
    fn from(keep: Keep) -> Self {
        keep.0.to_string()
    }
}
