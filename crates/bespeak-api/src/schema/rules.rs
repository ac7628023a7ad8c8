//! The shapes of standing rules.

use serde::Serialize;
use utoipa::ToSchema;

use super::Money;

/// The rule book.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rules {
    /// As its owner wrote it.
    pub toml: String,
    /// How many rules there are.
    pub rules: u64,
    /// What its owner should know, though it may be meant so.
    pub findings: Vec<String>,
}

/// What is decided about one intention, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct Decision {
    /// Which.
    pub intention: String,
    /// What it asks for.
    pub title: String,
    /// `offer`, `approve` (a person must), `tell` (a person decides), `nothing` or `unanswered`.
    pub outcome: String,
    /// The rule that decided.
    pub rule: Option<String>,
    /// How it came to that.
    pub why: Vec<String>,
    /// What would be offered.
    pub offered: Option<Offered>,
    /// What each rule says of it; the first 50, and only where one intention was asked about.
    pub rules: Option<Vec<RuleTold>>,
}

/// What would be offered.
#[derive(Debug, Serialize, ToSchema)]
pub struct Offered {
    /// What it comes to.
    pub total: Money,
    /// Whether it could be ordered as it stands.
    pub firm: bool,
    /// The articles.
    pub lines: Vec<Article>,
}

/// One article of an offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Article {
    /// For which line, from 1.
    pub line: u8,
    /// Its number.
    pub sku: Option<String>,
    /// What it is called.
    pub name: String,
    /// The price of one.
    pub unit_price: Money,
}

/// Whether an intention meets a rule, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleTold {
    /// What it is called.
    pub name: String,
    /// Whether it meets it.
    pub met: bool,
    /// A sentence for each condition.
    pub why: Vec<String>,
}
