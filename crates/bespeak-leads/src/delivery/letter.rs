//! A lead on its way to one target.

use bespeak_model::time::Time;
use serde::{Deserialize, Serialize};

use super::{Kept, Why};
use crate::{config::Name, lead::Lead, outcome::Fault};

/// A lead on its way to one target, or given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Where to.
    pub target: Name,
    /// Its number there: they are sent in this order within a subject.
    pub seq: u64,
    /// What.
    pub lead: Lead,
    /// When it was added, or sent again by hand.
    pub since: Time,
    /// Attempts that failed.
    pub attempts: u32,
    /// When it is tried next.
    pub next_at: Time,
    /// Why the last attempt failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// That it was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub death: Option<Death>,
}

/// That a letter was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Death {
    /// When.
    pub at: Time,
    /// Why.
    pub why: Why,
}

impl Letter {
    pub(super) fn new(target: Name, seq: u64, lead: Lead, now: Time) -> Self {
        Self { target, seq, lead, since: now, attempts: 0, next_at: now, fault: None, death: None }
    }

    pub(super) fn kept(&self) -> Kept {
        Kept::Letter(Box::new(self.clone()))
    }
}
