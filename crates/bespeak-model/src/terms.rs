//! Agreements that a customer proffers: ids of the IEEE 7012 roster (W3C DPV's extension,
//! <https://w3id.org/dpv/standards/ieee/7012>).

use serde::{Deserialize, Serialize};

/// One agreement of the roster, named and never quoted: the text belongs to its publisher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum TermsId {
    /// Service delivery only: data serves this service and nothing else.
    SdBase,
    /// Service delivery, and the person may take her data elsewhere.
    SdBaseDp,
    /// Personal data contribution for training AI.
    PdcAi,
    /// Personal data contribution for the public good.
    PdcGood,
    /// Personal data contribution for intentcasting.
    PdcIntent,
}

/// A terms id that is not on the roster.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not on the roster of agreements: use one of SD-BASE, SD-BASE-DP, PDC-AI, PDC-GOOD, PDC-INTENT"
)]
pub struct TermsError(String);

impl TermsId {
    /// All ids known to this version.
    pub const ALL: [Self; 5] = [Self::SdBase, Self::SdBaseDp, Self::PdcAi, Self::PdcGood, Self::PdcIntent];

    /// The id as the roster writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SdBase => "SD-BASE",
            Self::SdBaseDp => "SD-BASE-DP",
            Self::PdcAi => "PDC-AI",
            Self::PdcGood => "PDC-GOOD",
            Self::PdcIntent => "PDC-INTENT",
        }
    }
}

impl std::fmt::Display for TermsId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for TermsId {
    type Err = TermsError;

    fn from_str(text: &str) -> Result<Self, TermsError> {
        Self::ALL
            .into_iter()
            .find(|id| id.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| TermsError(text.chars().take(40).collect()))
    }
}

impl TryFrom<String> for TermsId {
    type Error = TermsError;

    fn try_from(text: String) -> Result<Self, TermsError> {
        // On the wire there is one spelling, so that equal terms are equal bytes.
        Self::ALL.into_iter().find(|id| id.as_str() == text).ok_or(TermsError(text))
    }
}

impl From<TermsId> for String {
    fn from(id: TermsId) -> Self {
        id.as_str().to_owned()
    }
}
