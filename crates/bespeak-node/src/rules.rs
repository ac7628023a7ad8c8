//! Standing rules: which intentions a vendor answers without a person, and how. What its owner wrote is kept as it was
//! written; `docs/rules.md` says what can be written.

mod book;
mod decide;
mod desk;
mod keep;
mod view;

pub(crate) use book::RuleBook;
pub use book::{MAX_RULES, MAX_TEXT, RulesError};
pub(crate) use decide::{Case, Decision, Outcome, decide};
pub(crate) use desk::Desk;
pub(crate) use keep::{keep, recall};
pub use view::{ArticleView, DecisionView, OfferedView, RuleTold, RulesView};
