//! What the owner may want to know of the delivery. Ids only: nothing of a lead's content.

use bespeak_model::time::Time;
use serde::{Deserialize, Serialize};

use crate::{config::Name, lead::LeadId, outcome::Fault};

/// Why a letter was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its last attempt failed.
    Attempts,
    /// Its target wants no more.
    Gone,
    /// Too many waited behind it.
    Full,
}

/// What the owner may want to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Told {
    /// A lead arrived.
    Delivered {
        /// Where.
        target: Name,
        /// Which.
        lead: LeadId,
        /// At which attempt, from 1.
        attempt: u32,
    },
    /// An attempt failed; there will be another.
    Failed {
        /// Where.
        target: Name,
        /// Which.
        lead: LeadId,
        /// Which attempt, from 1.
        attempt: u32,
        /// Why.
        fault: Fault,
        /// When it is tried again, at the earliest.
        next_at: Time,
    },
    /// A lead was given up; it can be sent again by hand.
    Dead {
        /// Where.
        target: Name,
        /// Which.
        lead: LeadId,
        /// Why.
        why: Why,
    },
    /// A lead's day was over before it arrived.
    Expired {
        /// Where.
        target: Name,
        /// Which.
        lead: LeadId,
    },
    /// A lead is left out because the customer asked that it be deleted.
    Superseded {
        /// Where.
        target: Name,
        /// Which.
        lead: LeadId,
    },
    /// A dead letter had to make room for later ones.
    Lost {
        /// Where.
        target: Name,
        /// Which.
        lead: LeadId,
    },
    /// A lead was left out: its target wants no more, or is no target any more.
    Skipped {
        /// Where.
        target: Name,
        /// Which.
        lead: LeadId,
    },
    /// Nothing has arrived at a target for a day.
    TargetFailing {
        /// Which.
        target: Name,
        /// Since when.
        since: Time,
    },
    /// A target that was told as failing takes leads again.
    TargetWell {
        /// Which.
        target: Name,
    },
    /// A target wants no more (410): it is off until its owner sets it anew.
    TargetGone {
        /// Which.
        target: Name,
    },
}
