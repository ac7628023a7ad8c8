//! What the owner sees of rules.

use bespeak_agent::command::{DraftLine, OfferDraft};
use bespeak_identity::RecordId;
use bespeak_match::{Standing, Told, explain};
use bespeak_model::{
    intention::{Intention, Title},
    money::Money,
    offer::Sku,
};
use serde::{Deserialize, Serialize};

use super::{Decision, Outcome, RuleBook};

/// Most rules that are told of one intention. Source: wild guess, more than a person reads.
const MOST_TOLD: usize = 50;

/// The rule book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesView {
    /// As its owner wrote it.
    pub toml: String,
    /// How many rules there are.
    pub rules: usize,
    /// What its owner should know, though it may be meant so.
    pub findings: Vec<String>,
}

/// What is decided about one intention, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionView {
    /// Which.
    pub intention: RecordId<Intention>,
    /// What it asks for.
    pub title: Title,
    /// What is done: `offer`, `approve` (a person must), `tell` (a person decides), `nothing`, or `unanswered`.
    pub outcome: String,
    /// The rule that decided; none where the settings did, or no rule is about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// How it came to that.
    pub why: Vec<String>,
    /// What would be offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<OfferedView>,
    /// Each rule, in the order in which they count; the first 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleTold>,
}

/// What would be offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedView {
    /// What it comes to.
    pub total: Money,
    /// Whether it could be ordered as it stands.
    pub firm: bool,
    /// The articles.
    pub lines: Vec<ArticleView>,
}

/// One article of an offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleView {
    /// For which line, from 1.
    pub line: u8,
    /// Its number.
    pub sku: Option<Sku>,
    /// What it is called.
    pub name: Title,
    /// The price of one.
    pub unit_price: Money,
}

/// Whether an intention meets a rule, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleTold {
    /// What it is called.
    pub name: String,
    /// Whether it meets it.
    pub met: bool,
    /// A sentence for each condition.
    pub why: Vec<String>,
}

impl RulesView {
    pub(crate) fn of(book: &RuleBook) -> Self {
        let (toml, findings) = (book.text().to_owned(), book.findings().to_vec());
        Self { toml, rules: book.rules().len(), findings }
    }
}

impl DecisionView {
    /// What was decided about this intention.
    pub(crate) fn of(
        book: &RuleBook,
        id: RecordId<Intention>,
        wish: &Intention,
        decision: &Decision,
    ) -> Self {
        let offered = |draft: &OfferDraft, total: &Money| {
            let lines = draft.lines.iter().map(ArticleView::of).collect();
            Some(OfferedView { total: *total, firm: draft.firm, lines })
        };
        let (outcome, offered) = match &decision.outcome {
            Outcome::Offer(draft, total) => ("offer", offered(draft, total)),
            Outcome::Approve(draft, total) => ("approve", offered(draft, total)),
            Outcome::Tell => ("tell", None),
            Outcome::Nothing => ("nothing", None),
            Outcome::Unanswered => ("unanswered", None),
        };
        let rule = decision.rule.and_then(|at| book.rules().get(at)).map(|rule| rule.name.to_string());
        let (title, why) = (wish.title.clone(), decision.why.clone());
        Self { intention: id, title, outcome: outcome.to_owned(), rule, why, offered, rules: Vec::new() }
    }

    /// The same, with what each rule says of it.
    pub(crate) fn told(mut self, book: &RuleBook, wish: &Intention) -> Self {
        let told = book.rules().iter().take(MOST_TOLD).map(|rule| {
            let grounds = explain(&rule.when, wish, Standing::Stranger);
            RuleTold {
                name: rule.name.to_string(),
                met: grounds.iter().all(|ground| ground.told != Told::Misses),
                why: grounds.iter().map(ToString::to_string).collect(),
            }
        });
        self.rules = told.collect();
        self
    }
}

impl ArticleView {
    fn of(line: &DraftLine) -> Self {
        let DraftLine { line, name, sku, unit_price, .. } = line;
        Self { line: line + 1, sku: sku.clone(), name: name.clone(), unit_price: *unit_price }
    }
}
