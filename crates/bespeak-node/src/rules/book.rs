//! The rule book: what the owner wrote, read once, and looked up quickly.

use bespeak_match::{Rule, Rules, Scratch, TooMany, Wish};
use bespeak_policy::{
    answer::{Answer, AnswerError},
    limits::Limits,
    mandate::RuleName,
};
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::clock;

/// The longest rule book, in bytes. Source: wild guess; 200,000 rules of 300 bytes.
pub const MAX_TEXT: usize = 64 << 20;
/// Most rules of one vendor. Source: performance.md of the design asks for so many.
pub const MAX_RULES: usize = 1_000_000;

/// What is done about an intention that meets a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Then {
    /// Answered from the catalogue.
    #[default]
    Offer,
    /// Left to a person.
    Tell,
    /// Nothing: it is not for this vendor.
    Nothing,
}

/// One rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StandingRule {
    /// What its owner calls it.
    pub(crate) name: RuleName,
    /// Which intentions it is about.
    #[serde(default)]
    pub(crate) when: Rule,
    /// What is done.
    #[serde(default)]
    pub(crate) then: Then,
    /// How it is answered; only where it is.
    #[serde(default)]
    pub(crate) offer: Option<Answer>,
}

/// What can be written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    limits: Limits,
    #[serde(default, rename = "rule")]
    rules: Vec<StandingRule>,
}

/// Why a rule book cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// Longer than [`MAX_TEXT`].
    #[error("the rules are longer than {MAX_TEXT} bytes")]
    TooLong,
    /// More than [`MAX_RULES`].
    #[error("there are more than {MAX_RULES} rules")]
    TooMany,
    /// Not TOML, or a word that rules do not have.
    #[error("the rules cannot be read: {0}")]
    Unreadable(String),
    /// A rule that makes no sense.
    #[error("rule {number}, “{name}”: {why}")]
    Rule {
        /// Its place in the book, from 1.
        number: usize,
        /// Its name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// A time zone that is not known here.
    #[error("limits.zone: there is no time zone “{0}”; write one such as Europe/Berlin")]
    Zone(String),
    /// A limit that is not above zero.
    #[error("limits.total_a_day is above zero")]
    Total,
}

/// A vendor's rules, in the order in which they count.
pub(crate) struct RuleBook {
    text: String,
    pub(crate) limits: Limits,
    zone: TimeZone,
    rules: Vec<StandingRule>,
    index: Rules,
    findings: Vec<String>,
    /// What was kept cannot be read: nothing is offered until its owner writes it anew.
    silent: bool,
}

impl Default for RuleBook {
    fn default() -> Self {
        Self {
            text: String::new(),
            limits: Limits::default(),
            zone: TimeZone::system(),
            rules: Vec::new(),
            index: Rules::new(),
            findings: Vec::new(),
            silent: false,
        }
    }
}

impl RuleBook {
    /// Reads what its owner wrote.
    ///
    /// # Errors
    /// What cannot be read, or cannot be meant.
    pub(crate) fn read(text: String) -> Result<Self, RulesError> {
        if text.len() > MAX_TEXT {
            return Err(RulesError::TooLong);
        }
        let written = toml::from_str(&text).map_err(|error| RulesError::Unreadable(error.to_string()))?;
        let Written { limits, rules } = written;
        if rules.len() > MAX_RULES {
            return Err(RulesError::TooMany);
        }
        if limits.total_a_day.is_some_and(|total| total.amount() <= 0) {
            return Err(RulesError::Total);
        }
        let zone = match &limits.zone {
            Some(name) => TimeZone::get(name).map_err(|_| RulesError::Zone(name.clone()))?,
            None => TimeZone::system(),
        };
        let mut findings = Vec::new();
        for (at, rule) in rules.iter().enumerate() {
            let wrong = |why: String| RulesError::Rule { number: at + 1, name: rule.name.to_string(), why };
            rule.check(&mut findings).map_err(wrong)?;
        }
        let unreached =
            rules.iter().position(|rule| rule.when.matches_everything()).filter(|at| at + 1 < rules.len());
        findings.extend(
            unreached.map(|at| {
                format!("every intention meets rule {}, so those after it count for nothing", at + 1)
            }),
        );
        let index =
            Rules::build(rules.iter().map(|rule| &rule.when)).map_err(|TooMany| RulesError::TooMany)?;
        Ok(Self { text, limits, zone, rules, index, findings, silent: false })
    }

    /// One that offers nothing, where what was kept cannot be read.
    pub(crate) fn silent() -> Self {
        let findings =
            vec!["the rules that were kept cannot be read: nothing is offered; set them anew".to_owned()];
        Self { findings, silent: true, ..Self::default() }
    }

    /// As its owner wrote it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What its owner should know, though it may be meant so.
    pub(crate) fn findings(&self) -> &[String] {
        &self.findings
    }

    pub(crate) fn rules(&self) -> &[StandingRule] {
        &self.rules
    }

    /// Whether nothing is written: then the settings alone decide.
    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty() && !self.silent
    }

    /// The places of the rules that a wish meets, in the order in which they count.
    pub(crate) fn met(&self, wish: &Wish) -> Vec<usize> {
        let mut scratch = Scratch::new();
        let mut met: Vec<usize> = self
            .index
            .matching(wish, &mut scratch)
            .iter()
            .filter_map(|id| usize::try_from(id.0).ok())
            .collect();
        met.sort_unstable();
        met
    }

    /// How many minutes its quiet hours still last; none outside of them.
    pub(crate) fn quiet(&self) -> Option<u16> {
        self.limits.quiet?.left(clock::minute_of_day(&self.zone))
    }
}

impl StandingRule {
    fn check(&self, findings: &mut Vec<String>) -> Result<(), String> {
        for finding in self.when.check() {
            if finding.is_fault() {
                return Err(finding.to_string());
            }
            findings.push(format!("“{}”: {finding}", self.name));
        }
        if self.offer.is_some() && self.then != Then::Offer {
            return Err("it makes no offer, so it cannot say how".to_owned());
        }
        self.offer.as_ref().map_or(Ok(()), Answer::check).map_err(|error: AnswerError| error.to_string())
    }
}

#[cfg(test)]
mod tests;
