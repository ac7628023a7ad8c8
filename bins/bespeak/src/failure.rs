//! How a command fails: one sentence for a person, one document for a program, one code for a script.

use bespeak_api::client::ClientError;
use bespeak_api::problem::Problem;

use crate::print;

/// Something was asked for and not granted, or did not work.
pub(crate) const FAILED: u8 = 1;
/// The words of the command cannot be understood; clap ends with the same.
pub(crate) const USAGE: u8 = 2;
/// No node runs on the home.
pub(crate) const NOT_RUNNING: u8 = 3;
/// A person was asked and did not say yes.
pub(crate) const NEEDS_CONFIRMATION: u8 = 4;

/// The statuses by which the API says that it could not read what was asked. Source: RFC 9110.
const UNREADABLE: [u16; 2] = [400, 415];

/// Why a command ends without success.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The node said no.
    Refused(Box<Problem>),
    /// What there was to say has been said.
    Told {
        /// How the program ends.
        code: u8,
    },
    /// Anything else, in one sentence.
    Said {
        /// How the program ends.
        code: u8,
        /// What is wrong and what to do.
        sentence: String,
    },
}

impl Failure {
    pub(crate) fn said(code: u8, sentence: impl Into<String>) -> Self {
        Self::Said { code, sentence: sentence.into() }
    }

    /// Something did not work.
    pub(crate) fn failed(sentence: impl std::fmt::Display) -> Self {
        Self::said(FAILED, sentence.to_string())
    }

    /// The words cannot be understood.
    pub(crate) fn usage(sentence: impl std::fmt::Display) -> Self {
        Self::said(USAGE, sentence.to_string())
    }

    /// How the program ends.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Refused(problem) if UNREADABLE.contains(&problem.status) => USAGE,
            Self::Refused(_) => FAILED,
            Self::Said { code, .. } | Self::Told { code } => *code,
        }
    }

    /// The same, with a sentence before it that says what else was tried.
    pub(crate) fn after(self, before: &str) -> Self {
        match self {
            Self::Refused(mut problem) => {
                problem.detail = format!("{before} {}", problem.detail);
                Self::Refused(problem)
            }
            Self::Said { code, sentence } => Self::Said { code, sentence: format!("{before} {sentence}") },
            Self::Told { code } => Self::Said { code, sentence: before.to_owned() },
        }
    }

    fn sentence(&self) -> &str {
        match self {
            Self::Refused(problem) => &problem.detail,
            Self::Said { sentence, .. } => sentence,
            Self::Told { .. } => "",
        }
    }

    /// Shows it: the sentence on standard error, and with `--json` a document on standard output.
    pub(crate) fn show(&self, json: bool) {
        if matches!(self, Self::Told { .. }) {
            return;
        }
        let sentence = self.sentence();
        let end = if sentence.ends_with(['.', '?', '!']) { "" } else { "." };
        print::error(&format!("bespeak: {sentence}{end}"));
        if json {
            print::json(&self.document());
        }
    }

    /// Problem Details (RFC 9457), with the exit code in `exit`; `status` and `code` only where a node refused.
    pub(crate) fn document(&self) -> serde_json::Value {
        match self {
            Self::Refused(problem) => {
                let mut document = serde_json::to_value(problem).unwrap_or_default();
                if let Some(fields) = document.as_object_mut() {
                    fields.insert("exit".to_owned(), self.code().into());
                }
                document
            }
            Self::Told { code } => serde_json::json!({ "exit": code }),
            Self::Said { code, sentence } => serde_json::json!({
                "type": "about:blank",
                "title": match *code {
                    USAGE => "Usage",
                    NOT_RUNNING => "No node running",
                    NEEDS_CONFIRMATION => "Not confirmed",
                    _ => "Failed",
                },
                "detail": sentence,
                "exit": code,
            }),
        }
    }
}

/// A refusal stays one; a node that is not there is explained by the session.
impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Refused(problem) => Self::Refused(problem),
            ClientError::NotRunning => {
                Self::said(NOT_RUNNING, "No node is running; start it with `bespeak run`.")
            }
            ClientError::Broken(_) => Self::failed(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_names_the_exit_code() {
        let problem: Result<Problem, _> = serde_json::from_value(serde_json::json!({
            "type": "about:blank", "title": "Bad Request", "status": 400, "detail": "No.",
        }));
        let refused = problem.map(|problem| Failure::Refused(Box::new(problem)));
        assert!(refused.is_ok_and(|refused| refused.document()["exit"] == 2));
        for code in [FAILED, USAGE, NOT_RUNNING, NEEDS_CONFIRMATION] {
            let failure = Failure::said(code, "No.");
            assert_eq!((failure.code(), &failure.document()["exit"]), (code, &code.into()));
        }
    }
}
