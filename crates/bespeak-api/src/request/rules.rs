//! What a vendor can ask of standing rules.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Another rule book in place of the one before.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetRules {
    /// The rules as TOML, as `docs/rules.md` tells; an empty text leaves the settings of `/v1/auto` alone to decide.
    #[schema(example = "[[rule]]\nname = \"bicycles\"\nwhen = { categories = [\"vehicles.bicycles\"] }\n")]
    pub toml: String,
}

/// What rules say of one intention; nothing is done.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestRules {
    /// Which intention: its id or a prefix that fits only it.
    pub intention: String,
    /// Other rules than those that hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub toml: Option<String>,
}

/// What rules would have done about the last intentions; nothing is done.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryRules {
    /// About how many, up to 10,000; 100 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<usize>,
    /// Other rules than those that hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub toml: Option<String>,
}

/// Offer what a rule would offer and a person must approve.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// Which intention: its id or a prefix that fits only it.
    pub intention: String,
}
